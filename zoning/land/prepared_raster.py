"""A prepared raster read at the cells of a run: as it is on the territory's grid, resampled on any coarser one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.raster import Raster
from gis.rasters.raster_reader import RasterReader
from gis.rasters.warp import Method, warp
from gis.relief.terrain import aspect_degrees, slope_percent

_ = translator("zoning")

Floats = npt.NDArray[np.float32]

ErrorRows = Callable[[int, int, int], Floats]
"""An error of the elevation, m: from a first row of a grid to the one after the last, in cells so many times finer."""


class PreparedRaster:
    """One prepared raster on the grid of a run; reads strips from any thread. Use it as a context.

    Parameters
    ----------
    path
        A raster of the workspace's ``layers`` folder.
    grid
        Grid of the run.
    method
        How several prepared cells become one where the grid is coarser.

    Raises
    ------
    gis.errors.VallesError
        The file is absent, damaged or no metric raster.
    InputError
        The run's cell is finer than the prepared one.
    """

    def __init__(self, path: Path, grid: Grid, *, method: Method = "average") -> None:
        self.path = path
        self.grid = grid
        self.method: Method = method
        self._reader = RasterReader(path)
        self.names = self._reader.names
        self.cell = self._reader.grid.cell
        self.aligned = self._reader.grid.same_as(grid)
        if grid.cell < self.cell * (1 - 1e-9):
            self._reader.close()
            raise InputError(
                _("Se pidió una celda de {wanted:g} m y las capas están preparadas a {cell:g} m.").format(
                    wanted=grid.cell, cell=self.cell
                ),
                expected=_("La celda no puede ser menor que la de las capas."),
                remedy=_("Pida --cell {cell:g} o prepare las capas más finas.").format(cell=self.cell),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file in all threads."""
        self._reader.close()

    def rows(self, start: int, stop: int, bands: Sequence[int] | None = None) -> Floats:
        """Read whole rows of the run's grid.

        Parameters
        ----------
        start, stop
            First row and the one after the last.
        bands
            Bands from 0; ``None`` is all.

        Returns
        -------
        numpy.ndarray
            float32, NaN where missing, shape (bands, stop − start, cols).

        Raises
        ------
        gis.errors.VallesError
            The rows or bands do not exist, or the file turns out damaged.
        """
        if self.aligned:
            return self._reader.read(start, stop, bands)
        return self._warped(self.grid.rows_window(start, stop), bands)

    def cells(self, start: int, stop: int, inside: npt.NDArray[np.bool_]) -> Floats:
        """Read the chosen cells of whole rows.

        Parameters
        ----------
        start, stop
            First row and the one after the last.
        inside
            Cells wanted, shape (stop − start, cols).

        Returns
        -------
        numpy.ndarray
            As of :meth:`rows`, row by row, shape (bands, cells).

        Raises
        ------
        gis.errors.VallesError
            The rows do not exist, or the file turns out damaged.
        """
        if self.aligned:
            return self._reader.read_cells(start, stop, inside)
        return self.rows(start, stop)[:, inside]

    def cell_values(self, row: int, col: int) -> Floats:
        """Read one cell, shape (bands,), with the very values that :meth:`rows` has there.

        Raises
        ------
        gis.errors.VallesError
            The cell does not exist, or the file turns out damaged.
        """
        if self.aligned:
            return self._reader.value_at(row, col)
        return self.rows(row, row + 1)[:, 0, col]

    def _warped(self, grid: Grid, bands: Sequence[int] | None) -> Floats:
        numbers = range(self._reader.bands) if bands is None else bands
        raster = warp(self.path, grid, unit="", method=self.method, bands=[band + 1 for band in numbers])
        values = raster.filled()
        return values[np.newaxis] if values.ndim == 2 else values  # noqa: PLR2004  one band comes flat


def slope_rows(elevation: PreparedRaster, start: int, stop: int, *, error: ErrorRows | None = None) -> Floats:
    """Return the slope of whole rows, %, shape (stop − start, cols).

    On a grid coarser than the prepared elevation it is the median of the slopes inside the cell, so that a cell passes
    a cut where at least half of its area does: the share of a cell under a limit decides, never its mean.

    Parameters
    ----------
    elevation
        One band, m.
    start, stop
        First row and the one after the last.
    error
        Added to the elevation before the slope is taken; ``None`` adds nothing.

    Raises
    ------
    gis.errors.VallesError
        The rows do not exist, or the file turns out damaged.
    """
    grid = elevation.grid
    first, last = max(start - 1, 0), min(stop + 1, grid.rows)
    window = grid.rows_window(first, last)
    inner = slice(start - first, stop - first)
    factor = max(round(grid.cell / elevation.cell), 1)
    if elevation.aligned or factor == 1:
        heights = elevation.rows(first, last)[0]
        if error is not None:
            heights = heights + error(first, last, 1)
        return slope_percent(Raster.of(heights, unit="m", grid=window)).filled()[inner]
    fine = window.finer(factor)
    height = warp(elevation.path, fine, unit="m", method="bilinear")
    if error is not None:
        height = Raster.of(height.filled() + error(first, last, factor), unit="m", grid=fine)
    slope = slope_percent(height).filled()
    blocks = slope.reshape(window.rows, factor, window.cols, factor).transpose(0, 2, 1, 3)
    return _median(blocks.reshape(window.rows, window.cols, factor * factor))[inner]


def aspect_rows(elevation: PreparedRaster, start: int, stop: int) -> Floats:
    """Return the direction the ground of whole rows falls to, degrees from north, shape (stop − start, cols).

    Parameters
    ----------
    elevation
        One band, m.
    start, stop
        First row and the one after the last.

    Raises
    ------
    gis.errors.VallesError
        The rows do not exist, or the file turns out damaged.
    """
    first, last = max(start - 1, 0), min(stop + 1, elevation.grid.rows)
    heights = Raster.of(elevation.rows(first, last)[0], unit="m", grid=elevation.grid.rows_window(first, last))
    return aspect_degrees(heights).filled()[start - first : stop - first]


def _median(blocks: Floats) -> Floats:
    """Return the median of the last axis, of the values that are known; NaN where none is."""
    ordered = np.sort(blocks, axis=-1)
    known = np.count_nonzero(~np.isnan(blocks), axis=-1)
    # The lower of the two middle values: at most half of the cell may lie above a cut that it passes.
    middle = np.maximum(known - 1, 0) // 2
    return np.take_along_axis(ordered, middle[..., np.newaxis], axis=-1)[..., 0]
