"""The cells of a raster under the pixels of a WebMercator tile, taken as they are stored: nearest, never mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray
from rasterio.windows import Window

from gis.grid import Bounds, Grid
from gis.rasters.handle_pool import HandlePool
from gis.rasters.raster import open_raster, raster_errors
from gis.rasters.raster_place import Place, open_handle
from gis.rasters.raster_reader import RasterReader
from gis.rasters.web_tile import TILE_PIXELS, tile_bounds

STEP = 16
"""Pixels between the places that are projected exactly; those between them are interpolated."""

EXACT_BELOW = 8
"""Zooms below this project every pixel: there sixteen pixels are too long for a straight line."""

_WEB = "EPSG:3857"
_EDGE = 64
"""Places on each side of the grid that say how far it reaches in WebMercator."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TileCells:
    """Which cells lie under the pixels of one tile."""

    level: int
    """Overview that is read: −1 the file itself, 0 its first overview."""
    window: tuple[int, int, int, int]
    """First row, row after the last, first column, column after the last, in cells of that level."""
    pixels: NDArray[np.int32]
    """Pixels of the tile that have a cell, row by row, shape (n,)."""
    cells: NDArray[np.int32]
    """The cell of each in the window, row by row, shape (n,)."""


class TileSampler:
    """Cells of a raster file by tile; any number of threads may ask.

    Where a pixel is at least twice as wide as a cell, the overview whose cells come nearest to it from below is read.

    Parameters
    ----------
    path
        A raster on a grid in metres.

    Raises
    ------
    gis.errors.VallesError
        There is no such file, or it is damaged or not in metres.
    """

    def __init__(self, path: Path | str) -> None:
        with RasterReader(path) as reader:
            self.path, self.grid = reader.path, reader.grid
            self.names = reader.names
        with open_raster(self.path) as source:
            self._factors = tuple(int(each) for each in source.overviews(1))
        self.shapes = tuple(_overview_shape(self.path, level) for level in range(len(self._factors)))
        self.web_bounds = _web_bounds(self.grid)
        self._to_grid = pyproj.Transformer.from_crs(_WEB, self.grid.crs, always_xy=True)
        self._handles = {level: HandlePool(self.path, level=level) for level in range(-1, len(self._factors))}

    def close(self) -> None:
        """Close the file in all threads."""
        for handles in self._handles.values():
            handles.close()

    def cells(self, z: int, x: int, y: int, *, finest: bool = False) -> TileCells | None:
        """Return the cells under a tile; ``None`` where it lies outside.

        Parameters
        ----------
        z, x, y
            The tile.
        finest
            Whether the file itself is read, not an overview, however wide the pixels are.

        Raises
        ------
        gis.errors.InputError
            There is no such tile.
        """
        bounds = tile_bounds(z, x, y)
        if not _touch(bounds, self.web_bounds):
            return None
        return self._find(bounds, exact=z < EXACT_BELOW, finest=finest)

    def places(self, bounds: Bounds, *, exact: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return row and column of every pixel of a tile in cells of the grid, with fractions, shape (256, 256) each.

        Parameters
        ----------
        bounds
            Left, bottom, right, top in WebMercator, m.
        exact
            Project every pixel, not one of sixteen in each direction.
        """
        left, _bottom, right, top = bounds
        pixel = (right - left) / TILE_PIXELS
        places = np.arange(TILE_PIXELS) + 0.5 if exact else np.arange(0, TILE_PIXELS + 1, STEP, dtype=np.float64)
        xs, ys = np.meshgrid(left + places * pixel, top - places * pixel)
        with np.errstate(invalid="ignore"):
            east, north = self._to_grid.transform(xs, ys)
            rows = (self.grid.top - np.asarray(north)) / self.grid.cell
            cols = (np.asarray(east) - self.grid.left) / self.grid.cell
        if exact:
            return rows, cols
        return _between(rows), _between(cols)

    def read(self, tile: TileCells, bands: Sequence[int]) -> NDArray[Any]:
        """Return the stored cells under the pixels of a tile, 0 where there is none, shape (bands, 256 · 256).

        Parameters
        ----------
        tile
            From :meth:`cells`.
        bands
            Bands from 0.

        Raises
        ------
        gis.errors.InputError
            The file turns out damaged.
        """
        row, row_stop, col, col_stop = tile.window
        window = Window(col, row, col_stop - col, row_stop - row)
        with raster_errors(self.path), self._handles[tile.level].lent() as handle:
            stored = handle.read([band + 1 for band in bands], window=window)
        flat = stored.reshape(len(bands), -1)
        whole = len(tile.pixels) == TILE_PIXELS * TILE_PIXELS
        taken = flat.take(tile.cells, axis=1, mode="clip")
        if whole:
            return np.asarray(taken)
        out = np.zeros((len(bands), TILE_PIXELS * TILE_PIXELS), dtype=flat.dtype)
        out[:, tile.pixels] = taken
        return out

    def _find(self, bounds: Bounds, *, exact: bool, finest: bool) -> TileCells | None:
        rows, cols = (each.ravel() for each in self.places(bounds, exact=exact))
        height, width = self.grid.shape
        with np.errstate(invalid="ignore"):
            pixels = np.flatnonzero((rows >= 0) & (rows < height) & (cols >= 0) & (cols < width)).astype(np.int32)
        if not len(pixels):
            return None
        level = -1 if finest else self._level(bounds)
        shape = self.grid.shape if level < 0 else self.shapes[level]
        row = np.minimum((rows[pixels] * (shape[0] / height)).astype(np.int32), shape[0] - 1)
        col = np.minimum((cols[pixels] * (shape[1] / width)).astype(np.int32), shape[1] - 1)
        window = (int(row.min()), int(row.max()) + 1, int(col.min()), int(col.max()) + 1)
        cells = (row - window[0]) * (window[3] - window[2]) + (col - window[2])
        return TileCells(level=level, window=window, pixels=pixels, cells=cells.astype(np.int32))

    def _level(self, bounds: Bounds) -> int:
        """Return the coarsest overview whose cells are no wider than a pixel on the ground."""
        left, bottom, right, top = bounds
        middle = np.clip((bottom + top) / 2, self.web_bounds[1], self.web_bounds[3])
        ground = (right - left) / TILE_PIXELS / np.cosh(middle / _EARTH)
        fit = [level for level, factor in enumerate(self._factors) if factor * self.grid.cell <= ground]
        return max(fit, default=-1)


_EARTH = 6_378_137.0


def _overview_shape(path: Place, level: int) -> tuple[int, int]:
    with raster_errors(path), open_handle(path, overview_level=level) as source:
        return int(source.height), int(source.width)


def _web_bounds(grid: Grid) -> Bounds:
    """Return left, bottom, right, top of a grid in WebMercator, m."""
    to_web = pyproj.Transformer.from_crs(grid.crs, _WEB, always_xy=True)
    left, bottom, right, top = to_web.transform_bounds(*grid.bounds, densify_pts=_EDGE)
    return (float(left), float(bottom), float(right), float(top))


def _touch(one: Bounds, other: Bounds) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _between(lattice: NDArray[np.float64]) -> NDArray[np.float64]:
    """Interpolate from every sixteenth corner of pixels to their centres, shape (17, 17) to (256, 256)."""
    place, share = np.divmod((np.arange(TILE_PIXELS) + 0.5) / STEP, 1.0)
    low = place.astype(np.intp)
    # Slices and weights, not a product of matrices: the threads of a linear algebra library cost more than this.
    lines = lattice[low] + (lattice[low + 1] - lattice[low]) * share[:, None]
    found: NDArray[np.float64] = lines[:, low] + (lines[:, low + 1] - lines[:, low]) * share
    return found
