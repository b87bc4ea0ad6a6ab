"""The compiled loops that find the class of a zone from words; see :mod:`zoning.rating.word_tables`.

Each step stands here twice, for sixty-four cells at a time and for one; the bytes they write are the same.
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

Bytes = npt.NDArray[np.uint8]

FIRST, USED, GOES_ON = 3, 4, 5
"""Columns of the masks of a group: first lanes of crops, lanes in use, whether its crop goes on in the next group."""

ROWS, OPEN = 6, 4
"""Rows of planes that a group takes: four classes, open lanes, and crops with an open lane."""

_ALL, _NONE, _ONE, _TWO, _FOUR, _TOP = (np.uint8(number) for number in (255, 0, 1, 2, 4, 128))
_SPREAD = np.uint32(0x01010101)
_LOW = np.uint32(255)


@compiled()
def wide_runs(line: Bytes, runs: Bytes, x: Bytes, band: int) -> None:
    """Write the run of every code of ``line`` (1, cells) to row ``band`` of ``x``; the cells are a multiple of 64."""
    a, b, c, d = load(runs, band, 0), load(runs, band, 64), load(runs, band, 128), load(runs, band, 192)
    top = spread(_TOP)
    for place in range(0, line.shape[1], BYTES):
        codes = load(line, 0, place)
        store(x, band, place, choose(both(codes, top), look_up_two(c, codes, d), look_up_two(a, codes, b)))


@compiled()
def plain_runs(line: Bytes, runs: Bytes, x: Bytes, band: int) -> None:
    """Write the same, cell by cell."""
    table, target = runs[band], x[band]
    for j in range(line.shape[1]):
        target[j] = table[line[0, j]]


@compiled()
def wide_planes(group: int, start: int, x: Bytes, words: WordTables, row: int, planes: Bytes) -> None:
    """And the words of a group in 256 cells from ``start``: rows ``row`` to ``row + 3`` of ``planes``, N first."""
    tables = words.planes
    a0 = a1 = a2 = a3 = spread(words.group_masks[group, USED])
    b0 = b1 = b2 = b3 = c0 = c1 = c2 = c3 = d0 = d1 = d2 = d3 = a0
    for entry in range(words.group_start[group], words.group_start[group + 1]):
        band, table = words.entry_band[entry], entry * 4
        i0, i1 = load(x, band, start), load(x, band, start + 64)
        i2, i3 = load(x, band, start + 128), load(x, band, start + 192)
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
def wide_crops(bits: Any, masks: Bytes) -> Any:  # noqa: ANN401  wide bytes
    """Bring the bits of each crop's lanes together in its first lane."""
    bits = either(bits, both(shift(bits, spread(_ONE)), spread(masks[0])))
    bits = either(bits, both(shift(bits, spread(_TWO)), spread(masks[1])))
    bits = either(bits, both(shift(bits, spread(_FOUR)), spread(masks[2])))
    return both(bits, spread(masks[FIRST]))


@compiled()
def wide_open(
    group: int, start: int, holds: Bytes, words: WordTables, row: int, planes: Bytes,
) -> None:  # fmt: skip
    """Write the open lanes of a group in 256 cells to row ``row`` of ``planes``, and the crops with one to the next."""
    masks, lanes = words.group_masks[group], words.group_lanes[group]
    for part in range(0, CHUNK, BYTES):
        opened = spread(_NONE)
        for condition in range(lanes.size):
            if lanes[condition] != 0:
                opened = either(opened, both(load(holds, condition, start + part), spread(lanes[condition])))
        store(planes, row, part, opened)
        store(planes, row + 1, part, wide_crops(opened, masks))


@compiled()
def wide_level(level: int, part: int, speaks: int, groups: int, first: int, words: WordTables, planes: Bytes) -> Any:  # noqa: ANN401  wide bytes
    """Return 1 for each of 64 cells where as many crops as speak reach a class, 0 elsewhere."""
    none, every = spread(_NONE), spread(_ALL)
    once = twice = carried = carried_open = none
    for each in range(groups):
        masks, row = words.group_masks[first + each], each * ROWS
        bits = wide_crops(both(load(planes, row + level, part), load(planes, row + OPEN, part)), masks)
        bits, opened = either(bits, carried), either(load(planes, row + OPEN + 1, part), carried_open)
        if masks[GOES_ON] != 0:
            carried, carried_open = bits, opened
        else:
            carried = carried_open = none
            if level == 0:
                bits = either(bits, differ(opened, spread(masks[FIRST])))
            several = choose(both(bits, add(bits, every)), every, none)
            twice = either(twice, either(several, choose(bits, once, none)))
            once = choose(bits, every, once)
    return both(once if speaks == 1 else twice, spread(_ONE))


@compiled()
def wide_zone(
    z: int, start: int, speaks: int, x: Bytes, holds: Bytes, words: WordTables, planes: Bytes, cls: Bytes, known: Bytes,
) -> None:  # fmt: skip
    """Write the class of zone ``z`` in 256 cells from ``start``; ``known`` is set where a land-use type was rated."""
    first = words.zone_group[z]
    groups = words.zone_group[z + 1] - first
    for each in range(groups):
        wide_planes(first + each, start, x, words, each * ROWS, planes)
        wide_open(first + each, start, holds, words, each * ROWS + OPEN, planes)
    for part in range(0, CHUNK, BYTES):
        rated, found = load(known, 0, start + part), spread(_NONE)
        for each in range(groups):
            rated = either(rated, load(planes, each * ROWS, part))
        for level in range(4):
            found = add(found, wide_level(level, part, speaks, groups, first, words, planes))
        store(known, 0, start + part, rated)
        store(cls, z, start + part, found)


@compiled()
def plain_crops(bits: np.uint32, masks: Bytes) -> np.uint32:
    """Bring the bits of each crop's lanes together in its first lane, in all four bytes of a word."""
    word = np.uint32(bits)
    word |= (word >> np.uint32(1)) & (np.uint32(masks[0]) * _SPREAD)
    word |= (word >> np.uint32(2)) & (np.uint32(masks[1]) * _SPREAD)
    word |= (word >> np.uint32(4)) & (np.uint32(masks[2]) * _SPREAD)
    return word & (np.uint32(masks[FIRST]) * _SPREAD)


@compiled()
def plain_cell(z: int, j: int, speaks: int, x: Bytes, holds: Bytes, words: WordTables, known: Bytes) -> int:
    """Class of zone ``z`` in cell ``j``; ``known`` is set where a land-use type was rated."""
    carried = carried_open = np.uint32(0)
    crops = np.zeros(4, dtype=np.int64)
    for group in range(words.zone_group[z], words.zone_group[z + 1]):
        masks, lanes = words.group_masks[group], words.group_lanes[group]
        word = np.uint32(masks[USED]) * _SPREAD
        for entry in range(words.group_start[group], words.group_start[group + 1]):
            word &= words.words[entry, x[words.entry_band[entry], j]]
        known[0, j] |= np.uint8(word & _LOW)
        opened = np.uint32(0)
        for condition in range(lanes.size):
            opened |= np.uint32(lanes[condition] & holds[condition, j])
        opened *= _SPREAD
        bits, opened = plain_crops(word & opened, masks) | carried, plain_crops(opened, masks) | carried_open
        carried = carried_open = np.uint32(0)
        if masks[GOES_ON] != 0:
            carried, carried_open = bits, opened
        else:
            bits |= (opened & _LOW) ^ np.uint32(masks[FIRST])
            for level in range(4):
                here = (bits >> np.uint32(8 * level)) & _LOW
                crops[level] += int(here != 0) + int((here & (here - np.uint32(1))) != 0)
    return int(crops[0] >= speaks) + int(crops[1] >= speaks) + int(crops[2] >= speaks) + int(crops[3] >= speaks)


@compiled()
def plain_zone(
    z: int, start: int, speaks: int, x: Bytes, holds: Bytes, words: WordTables, cls: Bytes, known: Bytes,
) -> None:  # fmt: skip
    """Write the same as :func:`wide_zone`, cell by cell."""
    for j in range(start, start + CHUNK):
        cls[z, j] = plain_cell(z, j, speaks, x, holds, words, known)
