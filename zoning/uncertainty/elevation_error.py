"""Realisations of the error of an elevation model: normal, correlated in space, with slope and stream height redone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from gis.grid import Grid
from gis.rasters.cog import write_cog
from gis.rasters.raster import Raster
from gis.rasters.warp import warp
from gis.relief.drainage import height_above_drainage
from layers.workspace import Workspace
from zoning.land.distances import feature_mask
from zoning.land.height_above_stream import height_grid
from zoning.uncertainty.draws import NOISE_STREAM, generator

Floats = npt.NDArray[np.float32]

NODES_PER_LENGTH = 3
"""Nodes of a realisation along one correlation length."""


class ElevationError:
    """Realisations of the elevation error of a territory, kept on nodes and read anywhere between them.

    The error is Gaussian with covariance σ²·exp(−d²/ℓ²): white noise smoothed with a Gaussian of deviation ℓ/2, scaled
    back to σ. Between the nodes, at most ℓ/3 apart, it is bilinear.

    Parameters
    ----------
    grid
        Grid of the study.
    sigma
        Standard deviation of the error, m; 0 makes no realisation.
    length
        Correlation length ℓ, m.
    realisations
        How many.
    seed
        Of the study.
    """

    def __init__(self, grid: Grid, *, sigma: float, length: float, realisations: int, seed: int) -> None:
        self.grid = grid
        self._factor = max(int(length / NODES_PER_LENGTH / grid.cell), 1)
        self.nodes = grid.coarser(self._factor)
        numbers = range(realisations if sigma > 0 else 0)
        self._fields = [self._make(sigma, length, generator(seed, NOISE_STREAM, number)) for number in numbers]

    def __len__(self) -> int:
        return len(self._fields)

    def at(self, number: int, rows: npt.NDArray[np.integer], cols: npt.NDArray[np.integer]) -> Floats:
        """Return one realisation at cells of the study's grid, m, in the common shape of ``rows`` and ``cols``."""
        field = self._fields[number]
        row, down = self._between(rows, self.nodes.rows)
        col, right = self._between(cols, self.nodes.cols)
        upper = field[row, col] * (1 - right) + field[row, col + 1] * right
        lower = field[row + 1, col] * (1 - right) + field[row + 1, col + 1] * right
        found: Floats = (upper * (1 - down) + lower * down).astype(np.float32)
        return found

    def rows(self, number: int, start: int, stop: int, finer: int = 1) -> Floats:
        """Return whole rows of one realisation, m, in cells ``finer`` times smaller than those of the grid."""
        field = self._fields[number]
        row, down = self._between(_middles(start, stop, finer), self.nodes.rows)
        col, right = self._between(_middles(0, self.grid.cols, finer), self.nodes.cols)
        lines = field[row] * (1 - down)[:, np.newaxis] + field[row + 1] * down[:, np.newaxis]
        found: Floats = (lines[:, col] * (1 - right) + lines[:, col + 1] * right).astype(np.float32)
        return found

    def _make(self, sigma: float, length: float, random: np.random.Generator) -> Floats:
        # One node more on each axis, so that every cell has a node on either side.
        shape = (self.nodes.rows + 1, self.nodes.cols + 1)
        width = length / 2.0 / self.nodes.cell
        field = gaussian_filter(random.standard_normal(shape, dtype=np.float32), width, mode="wrap")
        return np.float32(sigma / _kept(width)) * field

    def _between(self, cells: npt.NDArray[Any], nodes: int) -> tuple[npt.NDArray[np.int64], Floats]:
        place = np.maximum((cells + 0.5) / self._factor - 0.5, 0.0)
        first = np.minimum(place.astype(np.int64), nodes - 1)
        return first, (place - first).astype(np.float32)


def write_heights(
    workspace: Workspace, grid: Grid, error: ElevationError, folder: Path, *, numbers: range
) -> list[Path]:
    """Compute the height above the stream on every noisy elevation and keep each in a file of ``folder``.

    Parameters
    ----------
    workspace
        Whose elevation and streams are read.
    grid
        Grid of the study.
    error
        Realisations.
    folder
        Where the files go.
    numbers
        Realisations wanted.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged or the disk refuses.
    """
    coarse = height_grid(grid)
    factor = round(coarse.cell / grid.cell)
    elevation = warp(workspace.layer("elevation"), coarse, unit="m", method="average")
    streams = feature_mask(workspace, "distance_stream", coarse)
    rows, cols = (np.minimum(np.arange(count) * factor + factor // 2, most - 1) for count, most in _axes(coarse, grid))
    written: list[Path] = []
    for number in numbers:
        noisy = elevation.filled() + error.at(number, rows[:, np.newaxis], cols[np.newaxis])
        heights = height_above_drainage(Raster.of(noisy.astype(np.float32), unit="m", grid=coarse), streams)
        path = folder / f"height-{number}.tif"
        write_cog(path, Raster.of(heights.filled(), unit="m", grid=coarse), names=["height_above_stream"])
        written.append(path)
    return written


def _middles(start: int, stop: int, finer: int) -> npt.NDArray[np.float64]:
    """Return where the middles of finer cells lie, counted in whole cells."""
    found: npt.NDArray[np.float64] = start + (np.arange((stop - start) * finer) + 0.5) / finer - 0.5
    return found


def _axes(coarse: Grid, grid: Grid) -> tuple[tuple[int, int], tuple[int, int]]:
    return (coarse.rows, grid.rows), (coarse.cols, grid.cols)


def _kept(width: float) -> float:
    """Return the deviation that white noise of deviation 1 keeps when it is smoothed along both axes."""
    reach = int(4.0 * width + 0.5)
    spike = np.zeros(2 * reach + 1)
    spike[reach] = 1.0
    return float(np.square(gaussian_filter1d(spike, width, mode="constant")).sum())
