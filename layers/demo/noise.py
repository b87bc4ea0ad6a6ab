"""Smooth random fields with a fixed seed: the same place has the same value on every grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from gis.grid import Grid

SEED = 20_250_701
"""Seed of everything random in the demonstration territory."""
_LATTICE = 64
_SPARSE = 4


def generator(name: str) -> np.random.Generator:
    """Return a random generator of its own for each part of the demonstration.

    Parameters
    ----------
    name
        The part; two parts never share random numbers, so that changing one leaves the others alone.
    """
    return np.random.default_rng([SEED, *name.encode()])


def noise(x: NDArray[Any], y: NDArray[Any], *, name: str, wavelength: float, octaves: int = 1) -> NDArray[np.float32]:
    """Return smooth noise of about mean 0 and deviation 1.

    Parameters
    ----------
    x, y
        Places, m; any two shapes that broadcast.
    name
        Which field.
    wavelength
        Distance between independent values of the first octave, m; each further octave halves it and its height.

    Returns
    -------
    numpy.ndarray
        float32, the broadcast shape.
    """
    random = generator(name)
    rows_m, cols_m = np.broadcast_arrays(np.asarray(y), np.asarray(x))
    total, power = np.zeros(rows_m.shape, np.float32), 0.0
    for octave in range(octaves):
        lattice = random.standard_normal((_LATTICE, _LATTICE))
        step, height = wavelength / 2**octave, 0.5**octave
        layer = map_coordinates(lattice, [rows_m / step, cols_m / step], order=3, mode="grid-wrap", output=np.float32)
        total += np.float32(height) * layer
        power += height**2
    total /= np.float32(0.7 * np.sqrt(power))
    return total


def field(grid: Grid, *, name: str, wavelength: float, octaves: int = 1) -> NDArray[np.float32]:
    """Return noise over a grid, found on cells four times as large and read between them.

    Returns
    -------
    numpy.ndarray
        float32, shape (rows, cols).
    """
    sparse = grid.coarser(_SPARSE) if grid.cell * _SPARSE < wavelength / 4 else grid
    values = noise(*np.meshgrid(sparse.xs, sparse.ys), name=name, wavelength=wavelength, octaves=octaves)
    return values if sparse is grid else onto(values, sparse, grid)


def onto(values: NDArray[Any], source: Grid, target: Grid) -> NDArray[np.float32]:
    """Read values of one grid at the centres of another, linearly; beyond the edge the edge's value holds.

    Returns
    -------
    numpy.ndarray
        float32, shape (rows, cols) of the target.
    """
    rows = np.clip((source.top - target.ys) / source.cell - 0.5, 0.0, source.rows - 1.0)
    cols = np.clip((target.xs - source.left) / source.cell - 0.5, 0.0, source.cols - 1.0)
    low_row = np.minimum(rows.astype(np.int64), max(source.rows - 2, 0))
    low_col = np.minimum(cols.astype(np.int64), max(source.cols - 2, 0))
    next_row, next_col = np.minimum(low_row + 1, source.rows - 1), np.minimum(low_col + 1, source.cols - 1)
    down = (rows - low_row).astype(np.float32)[:, np.newaxis]
    across = (cols - low_col).astype(np.float32)
    plain = np.asarray(values, dtype=np.float32)
    between = plain[low_row] * (1 - down) + plain[next_row] * down
    return np.asarray(between[:, low_col] * (1 - across) + between[:, next_col] * across, dtype=np.float32)
