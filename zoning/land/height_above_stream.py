"""Height of every cell above the stream its water reaches, computed once for a set of layers and kept beside them."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gis.grid import Grid
from gis.rasters.cog import write_cog
from gis.rasters.raster import Raster
from gis.rasters.raster_reader import RasterReader
from gis.rasters.warp import warp
from gis.relief.drainage import height_above_drainage
from layers.provenance import read_standing
from layers.workspace import Workspace
from zoning.land.distances import feature_mask

MOST_CELLS = 12_000_000
"""Beyond this the flow is followed on coarser cells, so that memory stays flat."""


def height_grid(grid: Grid) -> Grid:
    """Return the grid on which the flow is followed: that of the run, or the next coarser one that fits in memory."""
    return grid.coarser(max(math.ceil(math.sqrt(grid.size / MOST_CELLS)), 1))


def height_file(workspace: Workspace, grid: Grid) -> Path:
    """Return where the heights for these layers and this grid are kept; the file may not exist yet."""
    records = read_standing(workspace.layers_dir)
    made_of = [records[name].prepared_sha256 for name in ("elevation", "streams") if name in records]
    frame = (grid.left, grid.top, grid.cell, grid.rows, grid.cols)
    key = hashlib.sha256(repr((made_of, frame)).encode()).hexdigest()[:16]
    return workspace.root / ".cache" / f"height_above_stream-{key}.tif"


def prepare_height(workspace: Workspace, grid: Grid) -> Path:
    """Compute the heights unless they are kept already, and return their file (m, NaN where no stream is reached).

    Raises
    ------
    gis.errors.MissingError
        Elevation or streams have not been prepared.
    gis.errors.StorageError
        The workspace cannot be written.
    """
    path = height_file(workspace, grid)
    if not path.is_file():
        coarse = height_grid(grid)
        elevation = warp(workspace.layer("elevation"), coarse, unit="m", method="average")
        heights = height_above_drainage(elevation, feature_mask(workspace, "distance_stream", coarse))
        write_cog(path, Raster.of(heights.filled(), unit="m", grid=coarse), names=["height_above_stream"])
    return path


class HeightAboveStream:
    """Kept heights read at the cells of a run; close it when done.

    Parameters
    ----------
    path
        From :func:`prepare_height`.
    grid
        Grid of the run.
    """

    def __init__(self, path: Path, grid: Grid) -> None:
        self.grid = grid
        self._reader = RasterReader(path)
        self._factor = round(self._reader.grid.cell / grid.cell)

    def close(self) -> None:
        """Close the file in all threads."""
        self._reader.close()

    def rows(self, start: int, stop: int) -> npt.NDArray[np.float32]:
        """Return whole rows, m, NaN where no stream is reached, shape (stop − start, cols).

        Raises
        ------
        gis.errors.VallesError
            The rows do not exist or the file turns out damaged.
        """
        first = start // self._factor
        coarse: npt.NDArray[np.float32] = self._reader.read(first, (stop - 1) // self._factor + 1)[0]
        rows = np.arange(start, stop) // self._factor - first
        return coarse[np.ix_(rows, np.arange(self.grid.cols) // self._factor)]
