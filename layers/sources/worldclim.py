"""WorldClim 2.1: monthly normals of 1970–2000 in tiles of 30 degrees.

WorldClim gives the same cells of 30 seconds in two forms: archives of the whole world, of some gigabytes a variable,
and tiles of 30 degrees with a band a month. The tiles are read by window, so that only the place travels.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.errors import MissingError
from gis.messages import translator
from gis.rasters.cog import CogWriter
from gis.rasters.lattice import Lattice
from gis.rasters.native import NativeRaster, filled_window
from layers.catalogue.raster_themes import MONTHS
from layers.mirrors.mirror import MirrorLayer
from layers.sources.expected_raster import GEOGRAPHIC, ExpectedRaster, opened
from layers.sources.pieces import absent_words, piece_entry, piece_path, tile_corners
from layers.sources.product import Place, ProductRecord, Supply, Wanted

_ = translator("layers")

CELL = 1 / 120
TILE_DEG = 30
VARIABLES: tuple[tuple[str, str, str], ...] = (
    ("temperature_mean", "tavg", "degC"),
    ("temperature_min", "tmin", "degC"),
    ("temperature_max", "tmax", "degC"),
    ("precipitation", "prec", "mm/month"),
)
"""Theme, WorldClim's name of the variable, unit."""
LEAST = {"degC": -100.0, "mm/month": 0.0}
"""Below this a cell is a mark of missing, whatever the file declares; in the unit."""
_TILES_A_ROW = 12
_DTYPES = ("float32", "float64", "int16", "int32", "uint16")


def tile_number(lat: int, lon: int) -> int:
    """Return the number of the tile whose south-western corner this is: by rows from the north-west, from 1.

    Examples
    --------
    >>> tile_number(-30, -90), tile_number(0, -90), tile_number(30, -120)
    (40, 28, 15)
    """
    row, col = (90 - lat) // TILE_DEG - 1, (lon + 180) // TILE_DEG
    return row * _TILES_A_ROW + col + 1


@dataclass(frozen=True)
class WorldClim:
    """The adapter of WorldClim 2.1."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:
        """Return the tiles that a place touches, of each variable."""
        return [each for _theme, variable, _unit in VARIABLES for each in self._tiles(place, variable)]

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write twelve bands a variable, degrees Celsius and mm a month.

        Raises
        ------
        gis.errors.InputError
            A file is damaged, or not a tile of this product.
        gis.errors.MissingError
            No tile of a variable is there.
        gis.errors.StorageError
            The disk refuses.
        """
        entries = []
        for theme, variable, unit in VARIABLES:
            path, wanted = piece_path(folder, self.record, theme), self._tiles(place, variable)
            with ExitStack() as stack:
                found = opened(stack, supply, wanted)
                if not found:
                    raise MissingError(
                        _("{product}: ninguna tesela en este lugar").format(product=self.record.title),
                        expected=", ".join(each.name for each in wanted),
                    )
                rasters = [raster for _wanted, raster in found]
                for raster in rasters:
                    self._require(raster)
                window = rasters[0].lattice.over(place.bounds, margin=1)
                values = _monthly(rasters, window, unit)
            names = [f"{theme}_{month:02d}" for month in MONTHS]
            with CogWriter(path, window, names=names, unit=unit, overviews=False) as writer:
                writer.write(values)
            there = {each.name for each, _raster in found}
            told = absent_words([each.name for each in wanted if each.name not in there])
            entries.append(piece_entry(self.record, theme, path, unit=unit, steps=[told]))
        return entries

    def _tiles(self, place: Place, variable: str) -> list[Wanted]:
        wanted = []
        west, south, east, north = place.bounds
        for lat, lon in tile_corners((west - CELL, south - CELL, east + CELL, north + CELL), degrees=TILE_DEG):
            name = f"tile_{tile_number(lat, lon)}_wc2.1_30s_{variable}.tif"
            wanted.append(Wanted(address=f"{self.record.address}{name}", name=name, whole=False, may_be_absent=True))
        return wanted

    def _require(self, raster: NativeRaster) -> None:
        expected = ExpectedRaster(
            product=self.record.title, crs=GEOGRAPHIC, dtypes=_DTYPES, width=CELL, height=CELL, bands=len(MONTHS)
        )
        expected.require(raster)
        if (raster.scale, raster.offset) != (1.0, 0.0):
            expected.refuse(
                raster,
                _("escala {scale:g} y desfase {offset:g}").format(scale=raster.scale, offset=raster.offset),
                expected=_("Valores en grados Celsius y milímetros, sin escala"),
            )


def _monthly(rasters: Sequence[NativeRaster], window: Lattice, unit: str) -> NDArray[np.float32]:
    """Return the twelve months of a window, NaN where missing."""
    out = np.full((len(MONTHS), *window.shape), np.nan, np.float32)
    for raster in rasters:
        fill = np.nan if raster.dtype.startswith("float") else 0
        stored = filled_window([raster], window, bands=MONTHS, fill=fill)
        there = _covered(raster, window)
        values = stored.astype(np.float32)
        missing = ~there | ~np.isfinite(values) | (values < LEAST[unit])
        if raster.nodata is not None:
            missing |= stored == raster.nodata
        out = np.where(missing, out, values)
    return out


def _covered(raster: NativeRaster, window: Lattice) -> NDArray[np.bool_]:
    """Return which cells of a window a raster covers, shape (rows, cols)."""
    row, col = window.place_of(raster.lattice, what=raster.name)
    inside = np.zeros(window.shape, np.bool_)
    inside[max(row, 0) : max(row + raster.lattice.rows, 0), max(col, 0) : max(col + raster.lattice.cols, 0)] = True
    return inside


def product(record: ProductRecord) -> WorldClim:
    """Return the adapter of WorldClim for what the catalogue says about it."""
    return WorldClim(record)
