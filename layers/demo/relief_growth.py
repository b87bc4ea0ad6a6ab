"""The growth of a relief: rivers that cut down to a common profile, and slopes that climb from them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Heights = NDArray[np.float64]
Mask = NDArray[np.bool_]
Cells = NDArray[np.int64]

_DIAGONAL = math.sqrt(2.0)
_AROUND = tuple((row, col) for row in (-1, 0, 1) for col in (-1, 0, 1) if (row, col) != (0, 0))
_CONCAVITY = -0.45


def spread(heights: Heights, base: Mask, cost: Heights, cell: float) -> Heights:
    """Return every cell at its cheapest climb from a neighbour, once nothing changes any more.

    Parameters
    ----------
    heights
        m, infinite where to be found, shape (rows, cols).
    base
        Cells that keep their height.
    cost
        Slope of the climb, m per m, same shape.
    cell
        Side of a cell, m.

    Returns
    -------
    numpy.ndarray
        m, same shape; between two cells that are no base no slope is steeper than the mean of their costs.

    Examples
    --------
    >>> floor = np.array([[True, False, False]])
    >>> spread(np.where(floor, 100.0, np.inf), floor, np.full(floor.shape, 0.1), 300.0)
    array([[100., 130., 160.]])
    """
    rows, cols = heights.shape
    prices = np.pad(cost, 1, mode="edge")
    climbs = [0.5 * cell * math.hypot(*way) * (cost + _shifted(prices, way, rows, cols)) for way in _AROUND]
    framed = np.pad(heights, 1, constant_values=np.inf)
    here, best = framed[1:-1, 1:-1], np.empty_like(heights)
    while True:
        np.copyto(best, here)
        for way, climb in zip(_AROUND, climbs, strict=True):
            np.minimum(best, _shifted(framed, way, rows, cols) + climb, out=best)
        best[base] = heights[base]
        if np.array_equal(best, here):
            return best
        here[...] = best


def receivers(heights: Heights, base: Mask) -> Cells:
    """Return, for each cell, the flat number of its steepest lower neighbour; itself for base cells and pits.

    Parameters
    ----------
    heights
        m, shape (rows, cols).
    base
        Cells that keep their height.

    Examples
    --------
    >>> receivers(np.array([[3.0, 1.0, 2.0]]), np.array([[False, True, False]]))
    array([1, 1, 1])
    """
    rows, cols = heights.shape
    framed = np.pad(heights, 1, constant_values=np.inf)
    down = np.arange(heights.size).reshape(rows, cols)
    own, steepest = down.copy(), np.zeros_like(heights)
    for way in _AROUND:
        fall = (heights - _shifted(framed, way, rows, cols)) / math.hypot(*way)
        better = (fall > steepest) & ~base
        steepest[better] = fall[better]
        down[better] = own[better] + way[0] * cols + way[1]
    return down.ravel()


def grow(heights: Heights, down: Cells, steepness: Heights, steepest: Heights, cell: float) -> Heights:
    """Return the height that each cell's river profile reaches in the long run, from the base cells upward.

    The slope of a reach that drains the area A is ks·A^(−0.45), capped where the hillside takes over: the steady state
    of stream-power incision (Whipple & Tucker 1999), found level by level along the drainage tree.

    Parameters
    ----------
    heights
        m, shape (rows, cols); cells that drain into themselves keep theirs.
    down
        From :func:`receivers`.
    steepness
        ks, m^0.9, same shape as ``heights``.
    steepest
        Slope of the hillsides, m per m, same shape.
    cell
        Side of a cell, m.
    """
    area = upstream(down) * cell**2
    cols = heights.shape[1]
    here = np.arange(down.size)
    straight = (here // cols == down // cols) | (here % cols == down % cols)
    step = np.where(straight, cell, cell * _DIAGONAL)
    rise = np.minimum(steepness.ravel() * area**_CONCAVITY, steepest.ravel()) * step
    grown = heights.ravel().copy()
    for level in _levels(down):
        grown[level] = grown[down[level]] + rise[level]
    return grown.reshape(heights.shape)


def upstream(down: Cells) -> Heights:
    """Return how many cells drain through each, itself included, shape (cells,).

    Parameters
    ----------
    down
        From :func:`receivers`.

    Examples
    --------
    >>> upstream(np.array([1, 1, 1]))
    array([1., 3., 1.])
    """
    cells = np.ones(down.size)
    for level in reversed(_levels(down)):
        np.add.at(cells, down[level], cells[level])
    return cells


def _levels(down: Cells) -> list[Cells]:
    """Return the cells by their steps from the end of their water, nearest first, the ends themselves left out."""
    steps = (down != np.arange(down.size)).astype(np.int64)
    ahead = down
    while True:
        further = steps[ahead]
        if not further.any():
            break
        steps += further
        ahead = ahead[ahead]
    order = np.argsort(steps, kind="stable")
    return np.split(order, np.cumsum(np.bincount(steps))[:-1])[1:]


def _shifted(framed: Heights, way: tuple[int, int], rows: int, cols: int) -> Heights:
    """Return what lies one cell away, of an array with a frame of one cell."""
    return framed[1 + way[0] : 1 + way[0] + rows, 1 + way[1] : 1 + way[1] + cols]
