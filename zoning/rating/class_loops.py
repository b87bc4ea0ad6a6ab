"""The compiled loops that zone cells by class alone; see :mod:`zoning.rating.row_kernel` for what goes in and out.

A block is looked at row by row of what is known of its cells, sixty-four at a time. A zone is rated in a chunk of cells
where it may claim one of them, or is asked.
"""

# ruff: noqa: C901, PLR0912, PLR0917  compiled functions take arguments by position; the story of a block stays whole

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from gis.wide_bytes import BYTES, above, both, choose, differ, either, equal, load, some, spread, store
from zoning.rating.aligned_bytes import aligned_bytes
from zoning.rating.gate_loops import hold_condition, open_gates
from zoning.rating.place_loops import (
    LOOKED,
    decide_cells,
    find_gaps,
    look_up_row,
    place_gates,
    unit_of,
)
from zoning.rating.row_tables import RowTables
from zoning.rating.word_loops import CHUNK, ROWS, rate_chunk
from zoning.rating.word_tables import WordTables
from zoning.rules.kernel_tables import ROLE_BEFORE, ROLE_COMPETES, KernelTables

BLOCK = 2048
"""Cells looked at together: a multiple of the chunk."""

CHUNKS = BLOCK // CHUNK

ZONE, CLASS, NEXT, NEXT_CLASS, BEFORE, UNKNOWN, FREE, INSIDE, MAY, LEFT, KNOWN, FIXED = range(12)
"""Rows of what is known of a block's cells: zone that took it, its class, runner-up and its class; 255 where it was
decided before the competition, is SD, takes part, lies inside, is asked now; zone of what is left; not 0 where some
land-use type could be rated; zone that needs no rating."""

KEPT = 12
"""Rows in all."""

Bytes = npt.NDArray[np.uint8]

_ALL, _NONE, _SHUT = np.uint8(255), np.uint8(0), np.uint8(1)
_UNRATED = 5
_PLACES = 4


@compiled()
def ask_cells(left: int, holds: Bytes, condition: int, kept: Bytes) -> None:
    """Mark the free cells where a condition holds; or, given its number, those that are left to a residual zone."""
    for part in range(0, BLOCK, BYTES):
        may = load(kept, FREE, part)
        if left == 0:
            may = both(may, load(holds, condition, part))
        else:
            nobody = equal(load(kept, ZONE, part), spread(_NONE))
            may = both(may, both(nobody, equal(load(kept, LEFT, part), spread(np.uint8(left)))))
        store(kept, MAY, part, may)


@compiled()
def any_asked(row: int, first: int, kept: Bytes) -> bool:
    """Whether a row is not 0 anywhere in the chunk from ``first``."""
    found = load(kept, row, first)
    for part in range(BYTES, CHUNK, BYTES):
        found = either(found, load(kept, row, first + part))
    return bool(some(found))


@compiled()
def rate_asked(
    z: int, row: int, start: int, speaks: int, wide: bool, codes: Bytes, gaps: Bytes, words: WordTables, x: Bytes,
    brought: Bytes, ready: Bytes, holds: Bytes, planes: Bytes, cls: Bytes, kept: Bytes,
) -> None:  # fmt: skip
    """Find the class of zone ``z`` in every chunk where ``row`` is not 0 anywhere, unless it is known already."""
    whole = wide and start + BLOCK <= codes.shape[1]
    for chunk in range(CHUNKS):
        if ready[z, chunk] != 0 or not any_asked(row, chunk * CHUNK, kept):
            continue
        ready[z, chunk] = 1
        entries = words.group_start
        for entry in range(entries[words.zone_group[z]], entries[words.zone_group[z + 1]]):
            band = words.entry_band[entry]
            if brought[band] == 0:
                brought[band] = 1
                line = codes[band : band + 1, start : start + BLOCK]
                look_up_row(whole, line, words.runs[band : band + 1], x, band)
        missing = any_asked(0, chunk * CHUNK, gaps)
        rate_chunk(z, chunk * CHUNK, speaks, wide, missing, x, holds, words, planes, cls, kept, KNOWN)


@compiled()
def claim_cells(z: int, number: int, minimum: int, first: bool, cls: Bytes, kept: Bytes) -> None:
    """Let zone ``z`` claim the cells that it may, after the zones before it; ``first``: before the competition."""
    none, own, before = spread(_NONE), spread(np.uint8(number)), spread(_ALL if first else _NONE)
    too_low = spread(np.uint8(max(minimum, 1) - 1))
    for part in range(0, BLOCK, BYTES):
        here, may = load(cls, z, part), load(kept, MAY, part)
        zone, best = load(kept, ZONE, part), load(kept, CLASS, part)
        after, second = load(kept, NEXT, part), load(kept, NEXT_CLASS, part)
        decided = load(kept, BEFORE, part)
        undecided = equal(decided, none)
        sd = both(may, both(equal(here, none), undecided))
        store(kept, UNKNOWN, part, either(load(kept, UNKNOWN, part), sd))
        claims = both(may, above(here, too_low))
        wins = both(claims, either(equal(zone, none), both(above(here, best), undecided)))
        follows = both(differ(claims, wins), either(equal(after, none), above(here, second)))
        store(kept, NEXT, part, choose(wins, zone, choose(follows, own, after)))
        store(kept, NEXT_CLASS, part, choose(wins, best, choose(follows, here, second)))
        store(kept, ZONE, part, choose(wins, own, zone))
        store(kept, CLASS, part, choose(wins, here, best))
        store(kept, BEFORE, part, either(decided, both(wins, before)))


@compiled()
def take_rest(z: int, number: int, holds: Bytes, condition: int, cls: Bytes, kept: Bytes) -> None:
    """Give residual zone ``z`` the cells that no zone took."""
    for part in range(0, BLOCK, BYTES):
        may = load(kept, MAY, part)
        here = choose(load(holds, condition, part), load(cls, z, part), spread(_SHUT))
        sd = both(may, equal(here, spread(_NONE)))
        store(kept, UNKNOWN, part, either(load(kept, UNKNOWN, part), sd))
        store(kept, ZONE, part, choose(may, spread(np.uint8(number)), load(kept, ZONE, part)))
        store(kept, CLASS, part, choose(may, here, load(kept, CLASS, part)))


@compiled()
def ask_unknown(gaps: Bytes, kept: Bytes) -> bool:
    """Mark the free cells with gaps where no land-use type could be rated so far; return whether there is one."""
    found = spread(_NONE)
    for part in range(0, BLOCK, BYTES):
        free, unrated = load(kept, FREE, part), equal(load(kept, KNOWN, part), spread(_NONE))
        may = both(both(free, unrated), choose(load(gaps, 0, part), spread(_ALL), spread(_NONE)))
        store(kept, MAY, part, may)
        found = either(found, may)
    return bool(some(found))


@compiled()
def write_block(start: int, n: int, kept: Bytes, unknown_zone: int, found: Bytes, bytes_out: Bytes) -> None:
    """Write what became of the cells of a block; ``found`` is room for four rows."""
    none, every, unknown = spread(_NONE), spread(_ALL), spread(np.uint8(unknown_zone))
    for part in range(0, BLOCK, BYTES):
        free, gap, zone = load(kept, FREE, part), load(kept, UNKNOWN, part), load(kept, ZONE, part)
        taken = choose(zone, zone, load(kept, LEFT, part))
        store(found, 0, part, choose(free, choose(gap, unknown, taken), load(kept, FIXED, part)))
        rated = both(free, choose(gap, none, choose(zone, every, none)))
        known = choose(both(free, gap), none, every)
        store(found, 1, part, choose(rated, load(kept, CLASS, part), known))
        after = both(rated, load(kept, NEXT, part))
        store(found, 2, part, after)
        store(found, 3, part, choose(after, load(kept, NEXT_CLASS, part), every))
    whole = n // BYTES * BYTES
    for row in range(found.shape[0]):
        for part in range(0, whole, BYTES):
            store(bytes_out, row, start + part, load(found, row, part))
        for j in range(whole, n):
            bytes_out[row, start + j] = found[row, j]


@compiled()
def count_cells(start: int, n: int, places: Bytes, bytes_out: Bytes, counts: npt.NDArray[np.int64]) -> None:
    """Count the cells of a block by municipality, zone and class."""
    unit, zone, cls, run = np.int64(0), 0, 0, 0
    plain = places.shape[0] == _PLACES
    for first in range(start, start + n, BYTES):
        last = min(first + BYTES, start + n)
        if plain and last - first == BYTES:
            other = differ(load(bytes_out, 0, first), spread(np.uint8(zone)))
            other = either(other, differ(load(bytes_out, 1, first), spread(np.uint8(cls))))
            if not some(either(other, differ(load(places, 0, first), spread(np.uint8(unit))))):
                run += BYTES
                continue
        for j in range(first, last):
            here, zone_here, class_here = unit_of(places, j), int(bytes_out[0, j]), int(bytes_out[1, j])
            if here != unit or zone_here != zone or class_here != cls:
                if unit != 0:
                    counts[unit, zone, min(cls, _UNRATED)] += run
                unit, zone, cls, run = here, zone_here, class_here, 0
            run += 1
    if unit != 0:
        counts[unit, zone, min(cls, _UNRATED)] += run


@compiled()
def zone_by_class(
    codes: Bytes, places: Bytes, rows: RowTables, tables: KernelTables, wide: bool, wanted: npt.NDArray[np.int32],
    bytes_out: Bytes, aptitudes: Bytes, counts: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    """Zone all cells by class alone, and write the class of each wanted zone (255 stays outside)."""
    words, zones, (bands, cells) = rows.words, tables.zone_number.size, codes.shape
    speaks, number = tables.zone_speaks, tables.zone_number
    opened, gates, gaps = np.zeros(BLOCK, dtype=np.uint32), aligned_bytes(4, BLOCK), aligned_bytes(1, BLOCK)
    kept, found = aligned_bytes(KEPT, BLOCK), aligned_bytes(4, BLOCK)
    here, looked = aligned_bytes(_PLACES + 2, BLOCK), aligned_bytes(LOOKED, BLOCK)
    x, brought = aligned_bytes(bands + 1, BLOCK), np.zeros(bands + 1, dtype=np.uint8)
    holds, cls = aligned_bytes(words.need.size, BLOCK), aligned_bytes(zones, BLOCK)
    ready = np.zeros((zones, CHUNKS), dtype=np.uint8)
    planes = aligned_bytes(np.diff(words.zone_group).max() * ROWS, CHUNK)
    for start in range(0, cells, BLOCK):
        n = min(BLOCK, cells - start)
        if place_gates(start, n, places, rows, opened) == 0:
            continue
        open_gates(start, n, codes, places, wide, rows, opened, gates)
        find_gaps(start, n, codes, rows, gaps[0])
        kept[:], brought[:bands], ready[:] = 0, 0, 0
        brought[bands] = 1
        decide_cells(start, n, wide, codes, places, rows, here, looked, FIXED, INSIDE, FREE, LEFT, kept)
        for condition in range(words.need.size):
            need, forbid = words.need[condition], words.forbid[condition]
            hold_condition(need, forbid, words.gate_bytes, gates, condition, holds)
        for z in range(zones):
            if tables.zone_role[z] <= ROLE_COMPETES:
                ask_cells(0, holds, words.zone_claim[z], kept)
                rate_asked(
                    z, MAY, start, speaks[z], wide, codes, gaps, words, x, brought, ready, holds, planes, cls, kept
                )
                first = tables.zone_role[z] == ROLE_BEFORE
                claim_cells(z, number[z], tables.zone_minimum[z], first, cls, kept)
        # A cell is SD where no land-use type at all can be rated: asked only where something is missing.
        if ask_unknown(gaps, kept):
            for z in range(zones):
                rate_asked(
                    z, MAY, start, speaks[z], wide, codes, gaps, words, x, brought, ready, holds, planes, cls, kept
                )
            for j in range(n):
                kept[UNKNOWN, j] |= kept[MAY, j] if kept[KNOWN, j] == 0 else _NONE
        for z in range(zones):
            if tables.zone_role[z] > ROLE_COMPETES:
                ask_cells(number[z], holds, 0, kept)
                rate_asked(
                    z, MAY, start, speaks[z], wide, codes, gaps, words, x, brought, ready, holds, planes, cls, kept
                )
                take_rest(z, number[z], holds, words.zone_open[z], cls, kept)
        write_block(start, n, kept, rows.numbers[0], found, bytes_out)
        for row in range(wanted.size):
            z = wanted[row]
            rate_asked(
                z, INSIDE, start, speaks[z], wide, codes, gaps, words, x, brought, ready, holds, planes, cls, kept
            )
            own, target = holds[words.zone_open[z]], aptitudes[row, start : start + n]
            for j in range(n):
                if kept[INSIDE, j] != 0:
                    target[j] = cls[z, j] if own[j] != 0 else _SHUT
        count_cells(start, n, places, bytes_out, counts)
