"""The compiled 3 × 3 gradient; imported only by the functions of :mod:`gis.relief.terrain`."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from gis.jit import compiled

_STRAIGHT = 2.0
"""Horn's weight of the row or column through the centre."""


@compiled()
def difference(before: float, here: float, after: float) -> float:
    """Return the slope per cell along three values: central, else one-sided, else NaN."""
    if not math.isnan(before) and not math.isnan(after):
        return (after - before) * 0.5
    if math.isnan(here):
        return math.nan
    if not math.isnan(after):
        return after - here
    return here - before


@compiled()
def lean(first: float, middle: float, last: float) -> float:
    """Return Horn's weighted mean 1:2:1 of three differences, of those that are known."""
    total, weight = 0.0, 0.0
    if not math.isnan(first):
        total += first
        weight += 1.0
    if not math.isnan(middle):
        total += _STRAIGHT * middle
        weight += _STRAIGHT
    if not math.isnan(last):
        total += last
        weight += 1.0
    return total / weight if weight > 0.0 else math.nan


@compiled()
def at(heights: NDArray[np.float32], row: int, col: int) -> float:
    """Return one height, NaN outside the grid."""
    rows, cols = heights.shape
    if row < 0 or col < 0 or row >= rows or col >= cols:
        return math.nan
    return float(heights[row, col])


@compiled(parallel=True)
def gradients(heights: NDArray[np.float32], cell: float, east: NDArray[Any], south: NDArray[Any]) -> None:
    """Fill the rise per metre to the east and to the south, NaN where the centre or a direction is unknown.

    Parameters
    ----------
    heights
        m, NaN where missing, shape (rows, cols).
    cell
        Side of a cell, m.
    east, south
        float32 results, same shape.
    """
    rows, cols = heights.shape
    for row in numba.prange(rows):
        for col in range(cols):
            if math.isnan(heights[row, col]):
                east[row, col] = math.nan
                south[row, col] = math.nan
                continue
            a, b, c = at(heights, row - 1, col - 1), at(heights, row - 1, col), at(heights, row - 1, col + 1)
            d, e, f = at(heights, row, col - 1), at(heights, row, col), at(heights, row, col + 1)
            g, h, i = at(heights, row + 1, col - 1), at(heights, row + 1, col), at(heights, row + 1, col + 1)
            east[row, col] = lean(difference(a, b, c), difference(d, e, f), difference(g, h, i)) / cell
            south[row, col] = lean(difference(a, d, g), difference(b, e, h), difference(c, f, i)) / cell
