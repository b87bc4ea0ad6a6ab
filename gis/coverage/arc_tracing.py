"""Kernel: trace the borders between unlike cells as arcs from junction to junction.

A corner of the raster is a vertex where two or more of its four cell sides divide unlike cells, and a junction where
three or four do. An arc runs along cell sides between two junctions, or is a loop that meets none. Each cell side
belongs to exactly one arc, so two neighbours share their border by construction.
"""

# ruff: noqa: PLR0917  compiled kernels are called by position

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

Codes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]

RIGHT, UP, LEFT, DOWN = 0, 1, 2, 3
PASSAGE, JUNCTION, CROSSING = 2, 3, 4
"""Borders that meet at a corner: two of an arc that passes, three or four at a junction."""
WALKED = 4
"""Added to the number of borders of a corner that an arc has passed."""


@compiled()
def border_side(codes: Codes, row: int, col: int, way: int) -> bool:
    """Say whether the cell side that leaves corner (row, col) in direction ``way`` divides unlike cells."""
    if way == RIGHT:
        return bool(codes[row - 1, col] != codes[row, col])
    if way == UP:
        return bool(codes[row - 1, col - 1] != codes[row - 1, col])
    if way == LEFT:
        return bool(codes[row - 1, col - 1] != codes[row, col - 1])
    return bool(codes[row, col - 1] != codes[row, col])


@compiled()
def _degree(codes: Codes, row: int, col: int) -> int:
    degree = 0
    for way in range(4):
        degree += border_side(codes, row, col, way)
    return degree


@compiled()
def _sides(codes: Codes, row: int, col: int, way: int) -> tuple[int, int]:
    """Return the codes to the left and right of the side that leaves corner (row, col) in direction ``way``."""
    if way == RIGHT:
        return codes[row - 1, col], codes[row, col]
    if way == UP:
        return codes[row - 1, col - 1], codes[row - 1, col]
    if way == LEFT:
        return codes[row, col - 1], codes[row - 1, col - 1]
    return codes[row, col], codes[row, col - 1]


@compiled()
def measure_borders(codes: Codes, degree: Codes) -> tuple[int, int]:
    """Fill ``degree`` of each corner; return the number of border sides and of arc ends at junctions."""
    rows, cols = codes.shape
    sides = 0
    ends = 0
    for row in range(1, rows):
        for col in range(1, cols):
            here = codes[row, col]
            if codes[row - 1, col] == here and codes[row, col - 1] == here and codes[row - 1, col - 1] == here:
                continue
            count = _degree(codes, row, col)
            degree[row, col] = count
            sides += count
            if count >= JUNCTION:
                ends += count
    return sides // 2, ends


@compiled()
def _is_junction(count: int) -> bool:
    return count in (JUNCTION, CROSSING)


@compiled()
def _walk(codes: Codes, degree: Codes, xs: Ints, ys: Ints, at: int, way: int) -> int:
    """Follow a border from vertex ``at - 1`` in direction ``way`` to a junction or back; return the next free place.

    Corners passed on the way are marked in ``degree`` by adding ``WALKED``.
    """
    row, col = ys[at - 1], xs[at - 1]
    start_row, start_col = row, col
    while True:
        if way == RIGHT:
            col += 1
        elif way == UP:
            row -= 1
        elif way == LEFT:
            col -= 1
        else:
            row += 1
        ys[at], xs[at] = row, col
        at += 1
        if _is_junction(degree[row, col]) or (row == start_row and col == start_col):
            return at
        degree[row, col] += WALKED
        back = (way + 2) % 4
        for turn in range(4):
            if turn != back and border_side(codes, row, col, turn):
                way = turn
                break


@compiled()
def _is_new(degree: Codes, row: int, col: int, way: int) -> bool:
    """Say whether the arc that leaves junction (row, col) in direction ``way`` was not walked from its other end."""
    reached = degree[row + (way == DOWN) - (way == UP), col + (way == RIGHT) - (way == LEFT)]
    # A single side between two junctions leaves no mark: it is walked to the right or down.
    return way in (RIGHT, DOWN) if _is_junction(reached) else reached < WALKED


@compiled()
def trace_arcs(codes: Codes, degree: Codes) -> tuple[Ints, Ints, Offsets, Codes, Codes]:
    """Trace every arc once, first those between junctions, then the loops, row by row.

    Parameters
    ----------
    codes
        (rows, cols) with one code all along its rim.
    degree
        (rows, cols) zeros; afterwards non-zero exactly at the corners that lie on a border.

    Returns
    -------
    tuple
        (v,) columns and rows of the vertices, a step of one cell side apart; (a + 1,) start of each arc;
        (a,) codes on its left and on its right, seen along the arc.
    """
    sides, ends = measure_borders(codes, degree)
    most = ends // 2 + sides // 4 + 1
    xs = np.empty(sides + most, dtype=np.int32)
    ys = np.empty(sides + most, dtype=np.int32)
    starts = np.zeros(most + 1, dtype=np.int64)
    left = np.empty(most, dtype=np.uint8)
    right = np.empty(most, dtype=np.uint8)
    arcs = 0
    at = 0
    rows, cols = codes.shape
    for loops in (False, True):
        for row in range(1, rows):
            for col in range(1, cols):
                count = degree[row, col]
                if count == 0 or (count != PASSAGE if loops else not _is_junction(count)):
                    continue
                for way in range(4):
                    if not border_side(codes, row, col, way) or not (loops or _is_new(degree, row, col, way)):
                        continue
                    left[arcs], right[arcs] = _sides(codes, row, col, way)
                    xs[at], ys[at] = col, row
                    at = _walk(codes, degree, xs, ys, at + 1, way)
                    arcs += 1
                    starts[arcs] = at
                    if loops:
                        degree[row, col] += WALKED
                        break
    return xs[:at].copy(), ys[:at].copy(), starts[: arcs + 1].copy(), left[:arcs].copy(), right[:arcs].copy()
