"""SoilGrids 2.0: soil properties of 250 m by depth, in the interrupted Goode Homolosine projection.

Every property and depth is an index (a VRT of some megabytes) that lists tiles of about 450 × 450 cells. The index is
fetched whole, the tiles that a place touches are read by window. The layers of depth become one value, weighted by
their thickness.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError, NothingHereError
from gis.messages import translator
from gis.rasters.cog import CogWriter
from gis.rasters.homolosine import homolosine_boxes
from gis.rasters.lattice import Lattice
from gis.rasters.mosaic_index import MosaicIndex, MosaicTile, read_mosaic_index
from gis.rasters.native import filled_window
from layers.mirrors.mirror import MirrorLayer
from layers.sources.expected_raster import HOMOLOSINE, ExpectedRaster, opened
from layers.sources.pieces import piece_entry, piece_path
from layers.sources.product import Place, ProductRecord, Supply, Wanted

_ = translator("layers")

THEME = "soil"
CELL_M = 250.0
NODATA = -32768
STATISTIC = "mean"
AROUND_CELLS = 1
"""Cells around the place: values are read between the centres of cells."""


@dataclass(frozen=True, kw_only=True)
class SoilProperty:
    """One property of SoilGrids and the band it becomes."""

    id: str
    """Name in SoilGrids."""
    band: str
    """Name of the band in the catalogue."""
    unit: str
    """Unit of the band."""
    step: float
    """Value of one stored step in ``unit``."""


PROPERTIES: tuple[SoilProperty, ...] = (
    SoilProperty(id="clay", band="clay_pct", unit="%", step=0.1),
    SoilProperty(id="sand", band="sand_pct", unit="%", step=0.1),
    SoilProperty(id="phh2o", band="ph_h2o", unit="pH", step=0.1),
    SoilProperty(id="soc", band="organic_carbon_pct", unit="%", step=0.01),
    SoilProperty(id="cfvo", band="coarse_fragments_pct", unit="%", step=0.1),
)
"""Stored in g/kg, g/kg, pH × 10, dg/kg and cm³/dm³; SoilGrids' frequently asked questions, table of units."""
DEPTHS_CM: tuple[tuple[int, int], ...] = ((0, 5), (5, 15), (15, 30))
"""Layers of depth that make the topsoil that crops are rated by, cm."""


@dataclass(frozen=True)
class SoilGrids:
    """The adapter of SoilGrids 2.0."""

    record: ProductRecord
    properties: tuple[SoilProperty, ...] = PROPERTIES
    depths_cm: tuple[tuple[int, int], ...] = DEPTHS_CM
    """Top and bottom of the layers averaged, cm."""

    def wanted(self, place: Place) -> Sequence[Wanted]:  # noqa: ARG002  an index covers the world
        """Return the indices; the tiles are known when these are read."""
        return [self._index(each, depth) for each in self.properties for depth in self.depths_cm]

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the properties of a place on the product's own cells, averaged over depth.

        Raises
        ------
        gis.errors.InputError
            A file is damaged or not of this product, or no tile lies in the place.
        gis.errors.MissingError
            An index or a tile is absent.
        gis.errors.StorageError
            The disk refuses.
        """
        window = self._window(supply, place)
        bands = [self._topsoil(supply, each, window=window, place=place) for each in self.properties]
        path = piece_path(folder, self.record, THEME)
        values = np.stack(bands)
        if not np.isfinite(values).any():
            raise NothingHereError(_("«{product}» no tiene dato en este lugar").format(product=self.record.title))
        units = [each.unit for each in self.properties]
        names = [each.band for each in self.properties]
        with CogWriter(path, window, names=names, unit=units, overviews=False) as writer:
            writer.write(values)
        steps = (
            _("media de las capas de profundidad {depths} cm, según su espesor").format(
                depths=", ".join(f"{top}–{bottom}" for top, bottom in self.depths_cm)
            ),
        )
        return [piece_entry(self.record, THEME, path, unit="; ".join(units), steps=steps)]

    def _index(self, soil: SoilProperty, depth: tuple[int, int]) -> Wanted:
        name = f"{soil.id}_{depth[0]}-{depth[1]}cm_{STATISTIC}.vrt"
        return Wanted(address=f"{self.record.address}{soil.id}/{name}", name=name, whole=True)

    def _read_index(self, supply: Supply, wanted: Wanted) -> MosaicIndex:
        path = supply.file(wanted)
        if path is None:
            raise InputError(_("{product}: falta {name}").format(product=self.record.title, name=wanted.name))
        index = read_mosaic_index(path)
        lattice, operation = index.lattice, index.lattice.crs.coordinate_operation
        described = operation is not None and HOMOLOSINE in operation.method_name
        if not described or (lattice.width, lattice.height) != (CELL_M, CELL_M):
            raise InputError(
                _("{file} no es el índice de «{product}»: proyección «{crs}», celdas de {width:g} m").format(
                    file=wanted.name, product=self.record.title, crs=lattice.crs.name, width=lattice.width
                ),
                expected=_("Celdas de 250 m en la proyección homolosena interrumpida de Goode"),
                remedy=_("Vuelva a descargarlo, o corrija la dirección del producto en territory.toml (`addresses`)"),
            )
        return index

    def _window(self, supply: Supply, place: Place) -> Lattice:
        """Return the cells over a place; where it lies on both sides of an interruption, with the nothing between."""
        index = self._read_index(supply, self._index(self.properties[0], self.depths_cm[0]))
        boxes = homolosine_boxes(place.bounds)
        whole = (
            min(each[0] for each in boxes),
            min(each[1] for each in boxes),
            max(each[2] for each in boxes),
            max(each[3] for each in boxes),
        )
        return index.lattice.over(whole, margin=AROUND_CELLS)

    def _topsoil(self, supply: Supply, soil: SoilProperty, *, window: Lattice, place: Place) -> NDArray[np.float32]:
        """Return a property averaged over depth, in its unit, NaN where a layer is missing, shape (rows, cols)."""
        total, weight = np.zeros(window.shape, np.float32), np.float32(0.0)
        for depth in self.depths_cm:
            thickness = np.float32(depth[1] - depth[0])
            total += thickness * self._layer(supply, soil, depth, window=window, place=place)
            weight += thickness
        return np.divide(total, weight, dtype=np.float32)

    def _layer(
        self,
        supply: Supply,
        soil: SoilProperty,
        depth: tuple[int, int],
        *,
        window: Lattice,
        place: Place,
    ) -> NDArray[np.float32]:
        """Return one property at one depth in its unit, NaN where missing, shape (rows, cols)."""
        index = self._read_index(supply, self._index(soil, depth))
        parts = [index.lattice.over(box, margin=AROUND_CELLS) for box in homolosine_boxes(place.bounds)]
        tiles = [each for each in index.tiles if not each.coarser and any(each.lattice.meets(part) for part in parts)]
        expected = ExpectedRaster(
            product=self.record.title, crs=HOMOLOSINE, dtypes=("int16",), width=CELL_M, height=CELL_M
        )
        with ExitStack() as stack:
            wanted = [self._tile(soil, depth, each) for each in tiles]
            rasters = [raster for _wanted, raster in opened(stack, supply, wanted)]
            for raster in rasters:
                expected.require(raster)
                if raster.nodata not in {None, NODATA}:
                    expected.refuse(
                        raster, _("«sin dato» = {value}").format(value=raster.nodata), expected=f"«sin dato» = {NODATA}"
                    )
            stored = filled_window(rasters, window, fill=NODATA)[0]
        values: NDArray[np.float32] = stored.astype(np.float32) * np.float32(soil.step)
        values[stored == NODATA] = np.nan
        return values

    def _tile(self, soil: SoilProperty, depth: tuple[int, int], tile: MosaicTile) -> Wanted:
        name = f"{soil.id}_{depth[0]}-{depth[1]}cm_{tile.path.rsplit('/', 1)[-1]}"
        return Wanted(address=f"{self.record.address}{soil.id}/{tile.path}", name=name, whole=False)


def product(record: ProductRecord) -> SoilGrids:
    """Return the adapter of SoilGrids for what the catalogue says about it."""
    return SoilGrids(record)
