"""Copernicus DEM GLO-30: elevation in tiles of one degree whose columns thin out towards the poles.

Each tile's cells are centred on whole arc seconds: its corner lies half a cell west and north of the whole degree, and
the row and column of its southern and eastern edge belong to the next tile, so that tiles neither overlap nor leave a
gap. Open sea has no tile, and neither have a few countries: what no tile covers stays missing, it is not taken for
elevation 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.errors import MissingError
from gis.messages import translator
from gis.rasters.cog import CogWriter
from gis.rasters.lattice import Lattice
from gis.rasters.native import NativeRaster, filled_window
from layers.map_layer import Bounds
from layers.mirrors.mirror import MirrorLayer
from layers.sources.expected_raster import GEOGRAPHIC, ExpectedRaster, opened
from layers.sources.pieces import absent_words, corner_name, piece_entry, piece_path, strips, tile_corners
from layers.sources.product import Place, ProductRecord, Supply, Wanted

_ = translator("layers")

THEME = "elevation"
ROW = 1 / 3600
"""Height of a cell, degrees."""
COLUMNS: tuple[tuple[int, int], ...] = ((50, 3600), (60, 2400), (70, 1800), (80, 1200), (85, 720), (90, 360))
"""Latitude up to which tiles have that many columns, degrees; Copernicus DEM Product Handbook, table of the grid."""
AROUND_DEG = 0.02
"""Added around the place, degrees: two cells of the climate, whose mean elevation is taken from here."""
VOID_BELOW_M = -1000.0
"""Lower than any land; the marks of a void (−32 767, −9999) lie below, metres."""


def columns_at(lat: int) -> int:
    """Return the number of columns of the tile whose southern edge lies at ``lat``.

    Examples
    --------
    >>> [columns_at(lat) for lat in (0, 49, 50, -50, -51, 84)]
    [3600, 3600, 2400, 3600, 2400, 720]
    """
    nearest = lat if lat >= 0 else -lat - 1
    return next(count for limit, count in COLUMNS if nearest < limit)


@dataclass(frozen=True)
class CopernicusDem:
    """The adapter of Copernicus DEM GLO-30."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:
        """Return the tiles that a place touches."""
        return [wanted for wanted, _lat, _lon in self._tiles(place)]

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the elevation of a place, with the columns of the tile that has most.

        Raises
        ------
        gis.errors.MissingError
            No tile is there.
        gis.errors.InputError
            A file is damaged, or not a tile of this product.
        gis.errors.StorageError
            The disk refuses.
        """
        tiles = self._tiles(place)
        corners = {wanted.name: (lat, lon) for wanted, lat, lon in tiles}
        path = piece_path(folder, self.record, THEME)
        with ExitStack() as stack:
            found = opened(stack, supply, [wanted for wanted, _lat, _lon in tiles])
            if not found:
                raise MissingError(
                    _("{product}: ninguna tesela en este lugar").format(product=self.record.title),
                    expected=", ".join(wanted.name for wanted, _lat, _lon in tiles),
                    remedy=_("Use otra fuente de elevación, con `layers add` o un espejo"),
                )
            for wanted, raster in found:
                self._require(raster, *corners[wanted.name])
            rasters = [raster for _wanted, raster in found]
            finest = min((each.lattice for each in rasters), key=lambda each: each.width)
            lattice = finest.over(_around(place.bounds))
            with CogWriter(path, lattice, names=("elevation_m",), unit="m", overviews=False) as writer:
                for start, part in strips(lattice):
                    writer.write(_elevation(rasters, part), row=start)
        there = {wanted.name for wanted, _raster in found}
        absent = [wanted.name for wanted, _lat, _lon in tiles if wanted.name not in there]
        return [piece_entry(self.record, THEME, path, unit="m", steps=[absent_words(absent)])]

    def _tiles(self, place: Place) -> list[tuple[Wanted, int, int]]:
        west, south, east, north = _around(place.bounds)
        half = ROW / 2
        tiles = []
        for lat, lon in tile_corners((west + half, south - half, east + half, north - half), degrees=1):
            north_south, east_west = corner_name(lat, lon)
            name = f"Copernicus_DSM_COG_10_{north_south}_00_{east_west}_00_DEM"
            address = f"{self.record.address}{name}/{name}.tif"
            tiles.append((Wanted(address=address, name=f"{name}.tif", whole=False, may_be_absent=True), lat, lon))
        return tiles

    def _require(self, raster: NativeRaster, lat: int, lon: int) -> None:
        columns = columns_at(lat)
        expected = ExpectedRaster(
            product=self.record.title, crs=GEOGRAPHIC, dtypes=("float32",), width=1 / columns, height=ROW
        )
        expected.require(raster)
        place, width = raster.lattice, 1 / columns
        if abs(place.left - (lon - width / 2)) > width / 4 or abs(place.top - (lat + 1 + ROW / 2)) > ROW / 4:
            expected.refuse(
                raster,
                _("esquina en {lon:.6f}, {lat:.6f}").format(lon=place.left, lat=place.top),
                expected=_("Esquina en {lon:.6f}, {lat:.6f}: media celda al oeste y al norte del grado").format(
                    lon=lon - width / 2, lat=lat + 1 + ROW / 2
                ),
            )


def _around(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    return west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG


def _elevation(rasters: Sequence[NativeRaster], part: Lattice) -> NDArray[np.float32]:
    """Return the elevation on ``part``, metres, NaN where there is none, shape (1, rows, cols)."""
    out = np.full((1, *part.shape), np.nan, np.float32)
    for width in sorted({round(each.lattice.width, 12) for each in rasters}):
        group = [each for each in rasters if round(each.lattice.width, 12) == width and each.lattice.meets(part)]
        if not group:
            continue
        native = _native_window(group[0].lattice, part)
        values = _without_voids(filled_window(group, native, fill=np.nan), group[0].nodata)
        if native.cols != part.cols or native.width != part.width:
            values = _along_columns(values, native, part)
        np.copyto(out, values, where=np.isnan(out))
    return out


def _native_window(lattice: Lattice, part: Lattice) -> Lattice:
    """Return the cells of ``lattice`` over ``part``; where they are wider, with a neighbour on each side."""
    if abs(lattice.width / part.width - 1.0) < 1e-9:  # noqa: PLR2004  the same columns
        return part
    over = lattice.over(part.bounds)
    return over.part(0, over.rows, -1, over.cols + 1)


def _without_voids(values: NDArray[Any], nodata: float | None) -> NDArray[np.float32]:
    void = values < VOID_BELOW_M
    if nodata is not None:
        void |= values == nodata
    values[void] = np.nan
    return values


def _along_columns(values: NDArray[np.float32], native: Lattice, part: Lattice) -> NDArray[np.float32]:
    """Read wider columns at the centres of narrower ones, linear between two; the rows are the same."""
    centres = part.left + (np.arange(part.cols) + 0.5) * part.width
    place = np.clip((centres - native.left) / native.width - 0.5, 0, native.cols - 1)
    first = np.minimum(np.floor(place).astype(np.intp), native.cols - 2)
    share = (place - first).astype(np.float32)
    one, two = values[..., first], values[..., first + 1]
    between = one * (1 - share) + two * share
    return np.where(np.isnan(between), np.where(share < 0.5, one, two), between)  # noqa: PLR2004  the nearer of two


def product(record: ProductRecord) -> CopernicusDem:
    """Return the adapter of Copernicus DEM GLO-30 for what the catalogue says about it."""
    return CopernicusDem(record)
