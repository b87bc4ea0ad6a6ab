"""Kernel: simplify traced arcs within a tolerance without changing which side anything lies on.

Douglas-Peucker, with a second condition: a chord replaces a stretch of border only if no corner of any other border
lies in what the stretch and its chord enclose, the chord itself included. Then no two chords meet except at shared
ends, whatever the order: a chord that crossed another would have to end inside the region that the other one swept,
or the border it replaces would have a corner there. Everything is decided on whole numbers, and each arc on its own.
"""

# ruff: noqa: PLR0917  compiled kernels are called by position

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.uint8]

BORDER, OWN = 1, 2
SHRINK = 4
"""How often the tolerance of an island is halved before its corners are all kept."""


@compiled()
def _farthest(xs: Ints, ys: Ints, first: int, last: int) -> tuple[int, float]:
    """Return the vertex farthest from the chord of ``first`` and ``last``, and its squared distance in cells²."""
    x0, y0 = float(xs[first]), float(ys[first])
    dx, dy = float(xs[last]) - x0, float(ys[last]) - y0
    length = dx * dx + dy * dy
    best = first
    worst = 0.0
    for at in range(first + 1, last):
        px, py = float(xs[at]) - x0, float(ys[at]) - y0
        along = px * dx + py * dy
        if along <= 0.0 or length == 0.0:
            distance = px * px + py * py
        elif along >= length:
            distance = (px - dx) ** 2 + (py - dy) ** 2
        else:
            distance = (px * dy - py * dx) ** 2 / length
        if distance > worst:
            worst = distance
            best = at
    return best, worst


@compiled()
def _foreign_between(state: Flags, major: int, low: float, high: float, by_row: bool) -> bool:
    """Say whether a border corner that is not the stretch's own lies on line ``major`` from ``low`` to ``high``."""
    for minor in range(int(np.ceil(low)), int(np.floor(high)) + 1):
        if (state[major, minor] if by_row else state[minor, major]) == BORDER:
            return True
    return False


@compiled()
def _bucket_sides(
    major: Ints, minor: Ints, first: int, last: int, low: int, width: int
) -> tuple[npt.NDArray[np.int64], Ints]:
    """Sort the stretch's sides that run along the major axis into the slabs they span."""
    starts = np.zeros(width + 2, dtype=np.int64)
    for at in range(first, last):
        if major[at] != major[at + 1]:
            starts[min(major[at], major[at + 1]) - low + 2] += 1
    for slab in range(width + 1):
        starts[slab + 1] += starts[slab]
    values = np.empty(starts[width + 1], dtype=np.int32)
    for at in range(first, last):
        if major[at] != major[at + 1]:
            slab = min(major[at], major[at + 1]) - low + 1
            values[starts[slab]] = minor[at]
            starts[slab] += 1
    return starts, values


@compiled()
def _slab_is_free(
    state: Flags, values: Ints, place: int, chord: npt.NDArray[np.float64], with_chord: bool, by_row: bool
) -> bool:
    """Check the corners of one slab that lie between the stretch and its chord."""
    count = values.size + (1 if with_chord else 0)
    near = np.empty(count)
    far = np.empty(count)
    for at in range(count):
        # The chord takes its turn by its middle; its ends decide which corners it encloses.
        is_chord = at == values.size
        key = chord[0] + chord[1] if is_chord else 2.0 * values[at]
        slot = at
        while slot > 0 and near[slot - 1] + far[slot - 1] > key:
            near[slot], far[slot] = near[slot - 1], far[slot - 1]
            slot -= 1
        near[slot] = chord[0] if is_chord else float(values[at])
        far[slot] = chord[1] if is_chord else float(values[at])
    for at in range(0, count - 1, 2):
        if _foreign_between(state, place, min(near[at], near[at + 1]), max(near[at], near[at + 1]), by_row):
            return False
        if _foreign_between(state, place + 1, min(far[at], far[at + 1]), max(far[at], far[at + 1]), by_row):
            return False
    return True


@compiled()
def _region_is_free(xs: Ints, ys: Ints, state: Flags, first: int, last: int) -> bool:
    """Say whether no foreign border corner lies between the stretch ``first``-``last`` and its chord."""
    by_row = abs(ys[last] - ys[first]) > abs(xs[last] - xs[first])
    major, minor = (ys, xs) if by_row else (xs, ys)
    low = major[first]
    high = low
    for at in range(first, last + 1):
        low = min(low, major[at])
        high = max(high, major[at])
        state[ys[at], xs[at]] = OWN
    width = high - low
    starts, values = _bucket_sides(major, minor, first, last, low, width)
    begin, end = min(major[first], major[last]), max(major[first], major[last])
    rise = float(minor[last] - minor[first])
    run = float(major[last] - major[first])
    chord = np.zeros(2)
    free = True
    for slab in range(width):
        place = low + slab
        with_chord = begin <= place < end
        if with_chord:
            chord[0] = minor[first] + (place - major[first]) * rise / run
            chord[1] = minor[first] + (place + 1 - major[first]) * rise / run
        inside = values[starts[slab] : starts[slab + 1]]
        if not _slab_is_free(state, inside, place, chord, with_chord, by_row):
            free = False
            break
    for at in range(first, last + 1):
        state[ys[at], xs[at]] = BORDER
    return free


@compiled()
def _reduce(xs: Ints, ys: Ints, state: Flags, keep: Flags, first: int, last: int, limit: float) -> None:
    """Mark in ``keep`` the vertices needed between two kept ones; ``limit`` is the squared tolerance in cells²."""
    stack = [(first, last)]
    while len(stack) > 0:
        low, high = stack.pop()
        if high - low < 2:  # noqa: PLR2004  a single side
            continue
        split, worst = _farthest(xs, ys, low, high)
        if worst == 0.0 or (worst <= limit and _region_is_free(xs, ys, state, low, high)):
            continue
        keep[split] = 1
        stack.append((low, split))
        stack.append((split, high))


@compiled()
def _reduce_loop(xs: Ints, ys: Ints, state: Flags, keep: Flags, first: int, last: int, limit: float) -> None:
    """Reduce a closed arc, keeping at least a triangle."""
    far, _distance = _farthest(xs, ys, first, last)
    one, bulge_one = _farthest(xs, ys, first, far)
    two, bulge_two = _farthest(xs, ys, far, last)
    keep[far] = 1
    third = one if bulge_one >= bulge_two else two
    keep[third] = 1
    for low, high in ((first, min(far, third)), (min(far, third), max(far, third)), (max(far, third), last)):
        _reduce(xs, ys, state, keep, low, high, limit)


@compiled()
def _twice_area(xs: Ints, ys: Ints, keep: Flags, first: int, last: int) -> float:
    """Return twice the signed area in cells² of the kept vertices of a closed arc."""
    total = 0.0
    before = first
    for at in range(first + 1, last + 1):
        if keep[at]:
            total += float(xs[before]) * float(ys[at]) - float(xs[at]) * float(ys[before])
            before = at
    return total


@compiled()
def simplify_arcs(
    xs: Ints,
    ys: Ints,
    starts: npt.NDArray[np.int64],
    twins: npt.NDArray[np.bool_],
    state: Flags,
    tolerance: float,
    drift: float,
) -> Flags:
    """Choose the vertices of each arc that stay.

    Parameters
    ----------
    xs, ys, starts
        (v,), (v,), (a + 1,) arcs in steps of one cell side.
    twins
        (a,) whether another arc joins the same two junctions: then a bent one keeps a bend, or both would coincide.
    state
        (rows, cols) 1 at the corners that lie on any border, 0 elsewhere; left as it was.
    tolerance
        Greatest distance of a cell side from the simplified arc, cells.
    drift
        Greatest relative change of the area that a closed arc encloses; where a tolerance changes it more, a finer one
        is used for that arc.

    Returns
    -------
    numpy.ndarray
        (v,) 1 for vertices that stay.
    """
    keep = np.zeros(xs.size, dtype=np.uint8)
    everything = np.ones(xs.size, dtype=np.uint8)
    for arc in range(starts.size - 1):
        first, last = starts[arc], starts[arc + 1] - 1
        keep[first], keep[last] = 1, 1
        limit = tolerance * tolerance
        if xs[first] != xs[last] or ys[first] != ys[last]:
            if twins[arc]:
                bend, worst = _farthest(xs, ys, first, last)
                if worst > 0.0:
                    keep[bend] = 1
                    _reduce(xs, ys, state, keep, first, bend, limit)
                    _reduce(xs, ys, state, keep, bend, last, limit)
                    continue
            _reduce(xs, ys, state, keep, first, last, limit)
            continue
        true_area = _twice_area(xs, ys, everything, first, last)
        for attempt in range(SHRINK + 1):
            keep[first + 1 : last] = 0
            _reduce_loop(xs, ys, state, keep, first, last, limit if attempt < SHRINK else 0.0)
            if abs(_twice_area(xs, ys, keep, first, last) - true_area) <= drift * abs(true_area):
                break
            limit /= 4.0
    return keep
