"""The compiled flow of water; imported only by :mod:`gis.relief.drainage`.

Sinks are filled by the priority flood of Barnes, Lehman and Mulla (2014), *Priority-flood: an optimal
depression-filling and watershed-labeling algorithm*: cells are taken from the edge inwards, lowest first, ties in the
order of discovery.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.jit import compiled

_DIAGONAL = math.sqrt(2.0)
_DEEPEST = 12_000.0
"""Deeper than any ground, m: keys stay positive."""
_TURN_BITS = 2**32 - 1


@compiled()
def key_of(height: float, turn: int) -> int:
    """Return a number that sorts by height, to the millimetre, and then by the order of discovery."""
    return int((np.int64(round((height + _DEEPEST) * 1000.0)) << 32) | np.int64(turn))


@compiled()
def push(heap: NDArray[np.int64], size: int, key: int) -> int:
    """Put a key on the heap and return the new size."""
    at = size
    while at > 0:
        parent = (at - 1) // 2
        if heap[parent] <= key:
            break
        heap[at] = heap[parent]
        at = parent
    heap[at] = key
    return size + 1


@compiled()
def pop(heap: NDArray[np.int64], size: int) -> int:
    """Move the smallest key to the last place and return the new size."""
    last = size - 1
    first, key = heap[0], heap[last]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= last:
            break
        if child + 1 < last and heap[child + 1] < heap[child]:
            child += 1
        if key <= heap[child]:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = key
    heap[last] = first
    return last


@compiled()
def at_edge(valid: NDArray[np.bool_], row: int, col: int) -> bool:
    """Say whether water can leave the data from a cell: at the edge of the grid or beside a missing cell."""
    rows, cols = valid.shape
    for d_row in range(-1, 2):
        for d_col in range(-1, 2):
            r, c = row + d_row, col + d_col
            if r < 0 or c < 0 or r >= rows or c >= cols or not valid[r, c]:
                return True
    return False


@compiled()
def flood(
    heights: NDArray[np.float32], valid: NDArray[np.bool_], filled: NDArray[np.float32], order: NDArray[np.int64]
) -> tuple[int, NDArray[np.int64]]:
    """Fill sinks and find where every cell drains to.

    Parameters
    ----------
    heights
        m, shape (rows, cols).
    valid
        Cells with a height.
    filled
        Flat result, m: the lowest level at which water leaves.
    order
        Flat result: valid cells, each after the one it drains to.

    Returns
    -------
    int
        Number of valid cells, the length of ``order`` in use.
    numpy.ndarray
        Flat cell number that each cell drains to; itself where water leaves the data.
    """
    rows, cols = heights.shape
    size, count, turn = 0, 0, 0
    down, found = np.full(rows * cols, -1, np.int64), np.empty(rows * cols, np.int64)
    heap = np.empty(rows * cols, np.int64)
    for row in range(rows):
        for col in range(cols):
            here = row * cols + col
            if valid[row, col] and at_edge(valid, row, col):
                filled[here], down[here], found[turn] = heights[row, col], here, here
                size = push(heap, size, key_of(filled[here], turn))
                turn += 1
    while size > 0:
        size = pop(heap, size)
        here = found[heap[size] & _TURN_BITS]
        order[count] = here
        count += 1
        row, col = here // cols, here % cols
        for d_row in range(-1, 2):
            for d_col in range(-1, 2):
                r, c = row + d_row, col + d_col
                if r < 0 or c < 0 or r >= rows or c >= cols or not valid[r, c] or down[r * cols + c] >= 0:
                    continue
                there = r * cols + c
                filled[there], down[there], found[turn] = max(heights[r, c], filled[here]), here, there
                size = push(heap, size, key_of(filled[there], turn))
                turn += 1
    return count, down


@compiled()
def steepest(filled: NDArray[np.float32], shape: tuple[int, int], order: NDArray[Any], down: NDArray[np.int64]) -> None:
    """Turn each cell that has a lower neighbour towards the steepest one; on flats the flood's way stays.

    Cells at the edge of the data turn inwards too where the ground falls that way. A lower neighbour always left the
    flood earlier, so the order still holds.
    """
    rows, cols = shape
    for place in range(order.size):
        here = order[place]
        row, col = here // cols, here % cols
        best = 0.0
        for d_row in range(-1, 2):
            for d_col in range(-1, 2):
                r, c = row + d_row, col + d_col
                if r < 0 or c < 0 or r >= rows or c >= cols or down[r * cols + c] < 0:
                    continue
                fall = float(filled[here] - filled[r * cols + c])
                if d_row != 0 and d_col != 0:
                    fall /= _DIAGONAL
                if fall > best:
                    best, down[here] = fall, r * cols + c


@compiled()
def upstream_cells(order: NDArray[np.int64], down: NDArray[np.int64], cells: NDArray[np.float64]) -> None:
    """Add up how many cells drain through each cell, itself included."""
    for place in range(order.size):
        cells[order[place]] = 1.0
    for place in range(order.size - 1, -1, -1):
        here = order[place]
        if down[here] != here:
            cells[down[here]] += cells[here]


@compiled()
def hand_down_levels(
    order: NDArray[np.int64],
    down: NDArray[np.int64],
    streams: NDArray[np.bool_],
    heights: NDArray[np.float32],
    above: NDArray[np.float32],
) -> None:
    """Fill the height of each cell above the first stream cell downstream of it, NaN where there is none."""
    level = np.full(heights.size, np.float32(math.nan))
    for place in range(order.size):
        cell = order[place]
        level[cell] = heights[cell] if streams[cell] else level[down[cell]]
        above[cell] = heights[cell] - level[cell]


@compiled()
def strahler(order: NDArray[np.int64], down: NDArray[np.int64], channel: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the Strahler order of each channel cell, 0 elsewhere."""
    rank, highest, times = np.zeros(down.size, np.int64), np.zeros(down.size, np.int64), np.zeros(down.size, np.int64)
    for place in range(order.size - 1, -1, -1):
        here = order[place]
        if not channel[here]:
            continue
        rank[here] = max(highest[here] + (1 if times[here] > 1 else 0), 1)
        there = down[here]
        if there == here:
            continue
        if rank[here] > highest[there]:
            highest[there], times[there] = rank[here], 1
        elif rank[here] == highest[there]:
            times[there] += 1
    return rank


@compiled()
def reaches(
    order: NDArray[np.int64], down: NDArray[np.int64], channel: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the cells of every reach from its head to the next junction or mouth, one after another.

    Returns
    -------
    cells : numpy.ndarray
        Flat cell numbers; a junction ends some reaches and begins another.
    owner : numpy.ndarray
        Number of the reach of each.
    """
    donors = np.zeros(down.size, np.int64)
    for place in range(order.size):
        here = order[place]
        if channel[here] and down[here] != here:
            donors[down[here]] += 1
    most = 3 * int(channel.sum()) + 1
    cells, owner = np.empty(most, np.int64), np.empty(most, np.int64)
    count, reach = 0, 0
    for place in range(order.size - 1, -1, -1):
        head = order[place]
        if not channel[head] or donors[head] == 1 or down[head] == head:
            continue
        here = head
        cells[count], owner[count] = here, reach
        count += 1
        while True:
            here = down[here]
            cells[count], owner[count] = here, reach
            count += 1
            if donors[here] != 1 or down[here] == here:
                break
        reach += 1
    return cells[:count], owner[:count]
