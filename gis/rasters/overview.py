"""A whole raster read coarsely, from the overviews that its file carries."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling

from gis.grid import Grid
from gis.rasters.raster import open_raster, raster_errors


@dataclass(frozen=True, eq=False, kw_only=True)
class CoarseView:
    """A raster seen from afar."""

    values: NDArray[np.float32]
    """NaN where missing, shape (bands, rows, cols)."""
    left: float
    """x of the left edge, m."""
    top: float
    """y of the top edge, m."""
    width: float
    """From the left to the right edge, m."""
    height: float
    """From the top to the bottom edge, m."""

    def at_cells(self, grid: Grid, row: NDArray[np.int32], col: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the values under the centres of cells of another grid in the same projection.

        Parameters
        ----------
        grid
            Whose cells.
        row, col
            Cells, each of shape (cells,).

        Returns
        -------
        numpy.ndarray
            float32 (bands, cells), NaN where missing or outside.
        """
        _bands, rows, cols = self.values.shape
        down = np.floor((self.top - grid.ys[row]) / self.height * rows).astype(np.int64)
        along = np.floor((grid.xs[col] - self.left) / self.width * cols).astype(np.int64)
        inside = (down >= 0) & (down < rows) & (along >= 0) & (along < cols)
        found: NDArray[np.float32] = self.values[:, np.clip(down, 0, rows - 1), np.clip(along, 0, cols - 1)]
        found[:, ~inside] = np.nan
        return found


def coarse_view(path: Path | str, cell_m: float, *, classes: bool = False) -> CoarseView:
    """Read a whole raster at about the cell wanted, each value the average of what lies under it.

    Parameters
    ----------
    path
        A raster in a projection in metres.
    cell_m
        Cell wanted, m; the file's own where that is coarser.
    classes
        Whether the cells are codes, of which the most frequent one is taken instead.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.InputError
        It is damaged.
    """
    file = Path(path)
    with open_raster(file) as source, raster_errors(file):
        factor = max(1.0, cell_m / float(source.res[0]))
        shape = (source.count, math.ceil(source.height / factor), math.ceil(source.width / factor))
        raw = source.read(out_shape=shape, masked=True, resampling=Resampling.mode if classes else Resampling.average)
        values = np.ma.filled(raw.astype(np.float32), np.float32(np.nan))
        for band, (scale, offset) in enumerate(zip(source.scales, source.offsets, strict=True)):
            if (scale, offset) != (1.0, 0.0):
                values[band] = values[band] * np.float32(scale) + np.float32(offset)
        bounds = source.bounds
    return CoarseView(
        values=values,
        left=float(bounds.left),
        top=float(bounds.top),
        width=float(bounds.right - bounds.left),
        height=float(bounds.top - bounds.bottom),
    )
