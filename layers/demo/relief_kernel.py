"""The compiled growth of a relief; imported only by :mod:`layers.demo.relief`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gis.jit import compiled

_DIAGONAL = math.sqrt(2.0)


@compiled()
def receivers(heights: NDArray[np.float64], base: NDArray[np.bool_], down: NDArray[np.int64]) -> None:
    """Fill, for each cell, the flat number of its steepest lower neighbour; itself for base cells and pits."""
    rows, cols = heights.shape
    for row in range(rows):
        for col in range(cols):
            here = row * cols + col
            down[here] = here
            if base[row, col]:
                continue
            steepest = 0.0
            for d_row in range(-1, 2):
                for d_col in range(-1, 2):
                    r, c = row + d_row, col + d_col
                    if (d_row == 0 and d_col == 0) or r < 0 or c < 0 or r >= rows or c >= cols:
                        continue
                    fall = heights[row, col] - heights[r, c]
                    if d_row != 0 and d_col != 0:
                        fall /= _DIAGONAL
                    if fall > steepest:
                        steepest = fall
                        down[here] = r * cols + c


@compiled()
def spread(heights: NDArray[np.float64], base: NDArray[np.bool_], cost: NDArray[np.float64], cell: float) -> None:
    """Bring every cell down to the cheapest climb from a neighbour, by sweeps that stop when nothing changes.

    Parameters
    ----------
    heights
        m, infinite where to be found, changed in place; afterwards no slope is steeper than its cost.
    base
        Cells that keep their height.
    cost
        Slope of the climb, m per m, same shape.
    cell
        Side of a cell, m.
    """
    rows, cols = heights.shape
    changed = True
    while changed:
        changed = False
        for way in range(4):
            for i in range(rows):
                row = i if way < 2 else rows - 1 - i  # noqa: PLR2004  two sweeps from the top, two from the bottom
                for j in range(cols):
                    col = j if way % 2 == 0 else cols - 1 - j
                    if base[row, col]:
                        continue
                    best = heights[row, col]
                    for d_row in range(-1, 2):
                        for d_col in range(-1, 2):
                            r, c = row + d_row, col + d_col
                            if r < 0 or c < 0 or r >= rows or c >= cols:
                                continue
                            step = cell * (_DIAGONAL if d_row != 0 and d_col != 0 else 1.0)
                            best = min(best, heights[r, c] + step * 0.5 * (cost[row, col] + cost[r, c]))
                    if best < heights[row, col]:
                        heights[row, col] = best
                        changed = True


@compiled()
def upstream_first(down: NDArray[np.int64], order: NDArray[np.int64]) -> None:
    """Fill the flat cell numbers so that every cell comes before the one it drains to."""
    donors = np.zeros(down.size, np.int64)
    for here in range(down.size):
        if down[here] != here:
            donors[down[here]] += 1
    last = 0
    for here in range(down.size):
        if donors[here] == 0:
            order[last] = here
            last += 1
    for place in range(down.size):
        there = down[order[place]]
        if there != order[place]:
            donors[there] -= 1
            if donors[there] == 0:
                order[last] = there
                last += 1


@compiled()
def grow(
    heights: NDArray[np.float64],
    order: NDArray[np.int64],
    down: NDArray[np.int64],
    steepness: NDArray[np.float64],
    cell: float,
) -> None:
    """Give each cell the height its river profile reaches in the long run, from the base cells upward.

    The slope of a reach that drains the area A is ks·A^(−0.45), capped at 0.62 where the hillside takes over: the
    steady state of stream-power incision (Whipple & Tucker 1999), solved in one walk along the drainage tree.

    Parameters
    ----------
    heights
        m, changed in place; base cells keep theirs.
    order
        From :func:`upstream_first`.
    down
        From :func:`receivers`.
    steepness
        ks, m^0.9, same shape as ``heights``.
    cell
        Side of a cell, m.
    """
    cols = heights.shape[1]
    flat, ks = heights.ravel(), steepness.ravel()
    area = np.full(flat.size, cell * cell)
    for place in range(order.size):
        here = order[place]
        if down[here] != here:
            area[down[here]] += area[here]
    for place in range(order.size - 1, -1, -1):
        here = order[place]
        there = down[here]
        if there == here:
            continue
        straight = here // cols == there // cols or here % cols == there % cols
        step = cell if straight else cell * _DIAGONAL
        slope = min(ks[here] * area[here] ** -0.45, 0.62)
        flat[here] = flat[there] + slope * step
