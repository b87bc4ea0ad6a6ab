"""The compiled loops that find the class of a zone from words; see :mod:`zoning.rating.word_tables`.

Cells are taken sixty-four at a time. What is looked up stands here twice: in tables of bytes, for processors that do so
in one instruction, and word by word; the bytes are the same.
"""

# ruff: noqa: PLR0917  compiled functions take arguments by position

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from gis.wide_bytes import BYTES, add, both, choose, differ, either, load, look_up_two, shift, spread, store
from zoning.rating.word_tables import WordTables

CHUNK = 4 * BYTES
"""Cells whose class is found together."""

ROWS, OPEN = 6, 4
"""Rows of planes that a group takes: four classes, N first; open lanes; and crops with an open lane."""

FIRST, USED, GOES_ON = 3, 4, 5
"""Columns of the masks of a group: first lanes of crops, lanes in use, whether its crop goes on in the next group."""

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int32]

_ALL, _NONE, _ONE, _TWO, _FOUR, _TOP = (np.uint8(number) for number in (255, 0, 1, 2, 4, 128))
_SPREAD = np.uint32(0x01010101)


@compiled()
def wide_planes(
    used: int, first: int, last: int, start: int, gaps: bool, x: Bytes, entry_band: Integers, tables: Bytes,
    row: int, planes: Bytes,
) -> None:  # fmt: skip
    """And the entries of a group in 256 cells from ``start``: four rows of ``planes`` from ``row``.

    Where none of the cells has a gap every land-use type reaches N, and nothing is looked up for that row.
    """
    a0 = a1 = a2 = a3 = spread(np.uint8(used))
    b0 = b1 = b2 = b3 = c0 = c1 = c2 = c3 = d0 = d1 = d2 = d3 = a0
    for entry in range(first, last):
        band, table = entry_band[entry], entry * 4
        i0, i1 = load(x, band, start), load(x, band, start + 64)
        i2, i3 = load(x, band, start + 128), load(x, band, start + 192)
        if gaps:
            low, high = load(tables, table, 0), load(tables, table, 64)
            a0, a1 = both(a0, look_up_two(low, i0, high)), both(a1, look_up_two(low, i1, high))
            a2, a3 = both(a2, look_up_two(low, i2, high)), both(a3, look_up_two(low, i3, high))
        low, high = load(tables, table + 1, 0), load(tables, table + 1, 64)
        b0, b1 = both(b0, look_up_two(low, i0, high)), both(b1, look_up_two(low, i1, high))
        b2, b3 = both(b2, look_up_two(low, i2, high)), both(b3, look_up_two(low, i3, high))
        low, high = load(tables, table + 2, 0), load(tables, table + 2, 64)
        c0, c1 = both(c0, look_up_two(low, i0, high)), both(c1, look_up_two(low, i1, high))
        c2, c3 = both(c2, look_up_two(low, i2, high)), both(c3, look_up_two(low, i3, high))
        low, high = load(tables, table + 3, 0), load(tables, table + 3, 64)
        d0, d1 = both(d0, look_up_two(low, i0, high)), both(d1, look_up_two(low, i1, high))
        d2, d3 = both(d2, look_up_two(low, i2, high)), both(d3, look_up_two(low, i3, high))
    write_four(planes, row, a0, a1, a2, a3)
    write_four(planes, row + 1, b0, b1, b2, b3)
    write_four(planes, row + 2, c0, c1, c2, c3)
    write_four(planes, row + 3, d0, d1, d2, d3)


@compiled()
def write_four(planes: Bytes, row: int, one: Any, two: Any, three: Any, four: Any) -> None:  # noqa: ANN401  wide bytes
    """Write 256 bytes."""
    store(planes, row, 0, one)
    store(planes, row, 64, two)
    store(planes, row, 128, three)
    store(planes, row, 192, four)


@compiled()
def plain_planes(
    used: int, first: int, last: int, start: int, x: Bytes, entry_band: Integers, tables: npt.NDArray[np.uint32],
    row: int, planes: Bytes,
) -> None:  # fmt: skip
    """Write the same from whole words, four entries at a time: the last ones may be taken twice."""
    found = np.empty(CHUNK, dtype=np.uint32)
    found[:] = np.uint32(used) * _SPREAD
    for entry in range(first, last, 4):
        e0, e1, e2, e3 = entry, min(entry + 1, last - 1), min(entry + 2, last - 1), min(entry + 3, last - 1)
        t0, t1, t2, t3 = tables[e0], tables[e1], tables[e2], tables[e3]
        x0, x1 = x[entry_band[e0], start : start + CHUNK], x[entry_band[e1], start : start + CHUNK]
        x2, x3 = x[entry_band[e2], start : start + CHUNK], x[entry_band[e3], start : start + CHUNK]
        for j in range(CHUNK):
            found[j] &= (t0[x0[j]] & t1[x1[j]]) & (t2[x2[j]] & t3[x3[j]])
    for level in range(4):
        line = planes[row + level]
        for j in range(CHUNK):
            line[j] = np.uint8(found[j] >> np.uint32(8 * level))


@compiled()
def first_lanes(bits: Any, masks: Bytes) -> Any:  # noqa: ANN401  wide bytes
    """Bring the bits of each crop's lanes together in its first lane."""
    if masks[0] != 0:
        bits = either(bits, both(shift(bits, spread(_ONE)), spread(masks[0])))
    if masks[1] != 0:
        bits = either(bits, both(shift(bits, spread(_TWO)), spread(masks[1])))
    if masks[2] != 0:
        bits = either(bits, both(shift(bits, spread(_FOUR)), spread(masks[2])))
    return both(bits, spread(masks[FIRST]))


@compiled()
def open_lanes(masks: Bytes, lanes: Bytes, start: int, holds: Bytes, row: int, planes: Bytes) -> None:
    """Write the open lanes of a group in 256 cells to row ``row`` of ``planes``, and the crops with one to the next."""
    for part in range(0, CHUNK, BYTES):
        opened = spread(_NONE)
        for condition in range(lanes.size):
            if lanes[condition] != 0:
                opened = either(opened, both(load(holds, condition, start + part), spread(lanes[condition])))
        store(planes, row, part, opened)
        store(planes, row + 1, part, first_lanes(opened, masks))


@compiled()
def reached(level: int, part: int, speaks: int, masks: Bytes, planes: Bytes) -> Any:  # noqa: ANN401  wide bytes
    """Return 1 for each of 64 cells where as many crops as speak reach a class, 0 elsewhere."""
    none, every = spread(_NONE), spread(_ALL)
    once = twice = carried = carried_open = none
    for group in range(masks.shape[0]):
        own, row = masks[group], group * ROWS
        bits = first_lanes(both(load(planes, row + level, part), load(planes, row + OPEN, part)), own)
        bits, opened = either(bits, carried), either(load(planes, row + OPEN + 1, part), carried_open)
        if own[GOES_ON] != 0:
            carried, carried_open = bits, opened
        else:
            carried = carried_open = none
            if level == 0:
                bits = either(bits, differ(opened, spread(own[FIRST])))
            several = choose(both(bits, add(bits, every)), every, none)
            twice = either(twice, either(several, choose(bits, once, none)))
            once = choose(bits, every, once)
    return both(once if speaks == 1 else twice, spread(_ONE))


@compiled()
def zone_class(
    z: int, start: int, speaks: int, masks: Bytes, planes: Bytes, cls: Bytes, known: Bytes, row: int,
) -> None:  # fmt: skip
    """Write the class of a zone in 256 cells to row ``z`` of ``cls``; ``row`` of ``known`` is 0 where none is rated."""
    for part in range(0, CHUNK, BYTES):
        rated = load(known, row, start + part)
        for group in range(masks.shape[0]):
            rated = either(rated, load(planes, group * ROWS, part))
        store(known, row, start + part, rated)
        low = add(reached(0, part, speaks, masks, planes), reached(1, part, speaks, masks, planes))
        high = add(reached(2, part, speaks, masks, planes), reached(3, part, speaks, masks, planes))
        store(cls, z, start + part, add(low, high))


@compiled()
def rate_chunk(
    z: int, start: int, speaks: int, wide: bool, gaps: bool, x: Bytes, holds: Bytes, words: WordTables, planes: Bytes,
    cls: Bytes, known: Bytes, row: int,
) -> None:  # fmt: skip
    """Find the class of zone ``z`` in 256 cells from ``start``, some with ``gaps``; rows as of :func:`zone_class`."""
    begin, end = words.zone_group[z], words.zone_group[z + 1]
    masks = words.group_masks[begin:end]
    for group in range(begin, end):
        first, last, used = words.group_start[group], words.group_start[group + 1], words.group_masks[group, USED]
        place = (group - begin) * ROWS
        if wide:
            wide_planes(used, first, last, start, gaps, x, words.entry_band, words.planes, place, planes)
        else:
            plain_planes(used, first, last, start, x, words.entry_band, words.words, place, planes)
        open_lanes(words.group_masks[group], words.group_lanes[group], start, holds, place + OPEN, planes)
    zone_class(z, start, speaks, masks, planes, cls, known, row)
