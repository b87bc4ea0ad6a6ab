"""Smooth random fields with a fixed seed: the same place has the same value on every grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

SEED = 20_250_701
"""Seed of everything random in the demonstration territory."""
_LATTICE = 64


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
