"""The compiled loops that zone cells by class alone; see :mod:`zoning.rating.row_kernel` for what goes in and out.

A block is looked at row by row of what is known of its cells, sixty-four at a time. A zone is rated in a chunk of cells
where it may claim one of them, or is asked.
"""

# ruff: noqa: C901, PLR0912, PLR0917  compiled functions take arguments by position; the story of a block stays whole

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from gis.wide_bytes import BYTES, above, both, choose, differ, either, equal, load, look_up_two, some, spread, store
from zoning.rating.aligned_bytes import aligned_bytes
from zoning.rating.place_loops import decide_cells, find_gaps, look_up_gates, place_gates, unit_of
from zoning.rating.row_tables import RowTables
from zoning.rating.word_loops import CHUNK, ROWS, plain_runs, rate_chunk, wide_runs
from zoning.rating.word_tables import WordTables
from zoning.rules.kernel_tables import ROLE_BEFORE, ROLE_COMPETES, KernelTables

BLOCK = 1024
"""Cells looked at together: a multiple of the chunk."""

CHUNKS = BLOCK // CHUNK

ZONE, CLASS, NEXT, NEXT_CLASS, BEFORE, UNKNOWN, FREE, INSIDE, MAY, LEFT, KNOWN = range(11)
"""Rows of what is known of a block's cells: zone that took it, its class, runner-up and its class; 255 where it was
decided before the competition, is SD, takes part, lies inside, is asked now; zone of what is left; not 0 where some
land-use type could be rated."""

KEPT = 11
"""Rows in all."""

Bytes = npt.NDArray[np.uint8]

_ALL, _NONE, _SHUT = np.uint8(255), np.uint8(0), np.uint8(1)
_UNRATED = 5
_IRRIGATED = 4


@compiled()
def wide_gates(
    start: int, codes: Bytes, gate_band: npt.NDArray[np.int32], gate_planes: Bytes, count: int, gates: Bytes
) -> None:
    """Leave open the gates of a block that the codes leave open: ``count`` rows of ``gates``, eight each."""
    top = spread(np.uint8(128))
    for b in range(gate_band.size):
        for byte in range(count):
            row = b * 4 + byte
            low, next_low = load(gate_planes, row, 0), load(gate_planes, row, 64)
            high, next_high = load(gate_planes, row, 128), load(gate_planes, row, 192)
            for part in range(0, BLOCK, BYTES):
                line = load(codes, gate_band[b], start + part)
                above_half = look_up_two(high, line, next_high)
                opens = choose(both(line, top), above_half, look_up_two(low, line, next_low))
                store(gates, byte, part, both(load(gates, byte, part), opens))


@compiled()
def split_gates(words: npt.NDArray[np.uint32], count: int, gates: Bytes) -> None:
    """Write the lowest bytes of words to ``count`` rows."""
    for byte in range(count):
        line = gates[byte]
        for j in range(words.size):
            line[j] = np.uint8(words[j] >> np.uint32(8 * byte))


@compiled()
def open_gates(
    start: int, n: int, codes: Bytes, places: Bytes, wide: bool, rows: RowTables, words: npt.NDArray[np.uint32],
    gates: Bytes,
) -> None:  # fmt: skip
    """Write the open gates of a block to rows of ``gates``; ``words`` holds those that its places may open."""
    count = rows.words.gate_bytes
    if not wide or start + BLOCK > codes.shape[1]:
        look_up_gates(start, n, codes, places, rows, words)
        split_gates(words, count, gates)
        return
    split_gates(words, count, gates)
    wide_gates(start, codes, rows.gate_band, rows.gate_planes, count, gates)
    if rows.scenario_open[1] != 0:
        for byte in range(count):
            opened = np.uint8(rows.scenario_open[1] >> np.uint32(8 * byte))
            for j in range(n):
                gates[byte, j] |= opened if places[2, start + j] & _IRRIGATED else _NONE


@compiled()
def hold_condition(need: int, forbid: int, count: int, gates: Bytes, condition: int, holds: Bytes) -> None:
    """Write 255 to a row of ``holds`` where the gates of a cell are open and shut as they should, else 0."""
    for part in range(0, BLOCK, BYTES):
        found = spread(_ALL)
        for byte in range(count):
            wanted, asked = np.uint8(need >> (8 * byte)), np.uint8((need | forbid) >> (8 * byte))
            if asked != 0:
                found = both(found, equal(both(load(gates, byte, part), spread(asked)), spread(wanted)))
        store(holds, condition, part, found)


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
    z: int, row: int, start: int, speaks: int, wide: bool, codes: Bytes, words: WordTables, x: Bytes, brought: Bytes,
    ready: Bytes, holds: Bytes, planes: Bytes, cls: Bytes, kept: Bytes,
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
                if whole:
                    wide_runs(line, words.runs, x, band)
                else:
                    plain_runs(line, words.runs, x, band)
        rate_chunk(z, chunk * CHUNK, speaks, wide, x, holds, words, planes, cls, kept, KNOWN)


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
def write_block(start: int, n: int, fixed: Bytes, kept: Bytes, unknown_zone: int, bytes_out: Bytes) -> None:
    """Write what became of the cells of a block."""
    for j in range(n):
        cell = start + j
        if kept[FREE, j] == 0:
            bytes_out[0, cell] = fixed[j] & kept[INSIDE, j]
        elif kept[UNKNOWN, j] != 0:
            bytes_out[0, cell], bytes_out[1, cell] = unknown_zone, 0
        elif kept[ZONE, j] == 0:
            bytes_out[0, cell] = kept[LEFT, j]
        else:
            bytes_out[0, cell], bytes_out[1, cell] = kept[ZONE, j], kept[CLASS, j]
            if kept[NEXT, j] != 0:
                bytes_out[2, cell], bytes_out[3, cell] = kept[NEXT, j], kept[NEXT_CLASS, j]


@compiled()
def count_cells(start: int, n: int, places: Bytes, bytes_out: Bytes, counts: npt.NDArray[np.int64]) -> None:
    """Count the cells of a block by municipality, zone and class."""
    unit, zone, cls, run = np.int64(0), 0, 0, 0
    for j in range(start, start + n):
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
    opened, gaps = np.zeros(BLOCK, dtype=np.uint32), np.zeros((1, BLOCK), dtype=np.uint8)
    gates = aligned_bytes(4, BLOCK)
    fixed, kept = np.zeros(BLOCK, dtype=np.uint8), aligned_bytes(KEPT, BLOCK)
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
        decide_cells(start, n, codes, places, rows, fixed)
        kept[:], brought[:bands], ready[:] = 0, 0, 0
        brought[bands] = 1
        for j in range(n):
            inside = unit_of(places, start + j) != 0
            kept[INSIDE, j] = _ALL if inside else _NONE
            kept[FREE, j] = _ALL if inside and fixed[j] == 0 else _NONE
            kept[LEFT, j] = rows.residual[places[3, start + j]]
        for condition in range(words.need.size):
            need, forbid = words.need[condition], words.forbid[condition]
            hold_condition(need, forbid, words.gate_bytes, gates, condition, holds)
        for z in range(zones):
            if tables.zone_role[z] <= ROLE_COMPETES:
                ask_cells(0, holds, words.zone_claim[z], kept)
                rate_asked(z, MAY, start, speaks[z], wide, codes, words, x, brought, ready, holds, planes, cls, kept)
                first = tables.zone_role[z] == ROLE_BEFORE
                claim_cells(z, number[z], tables.zone_minimum[z], first, cls, kept)
        # A cell is SD where no land-use type at all can be rated: asked only where something is missing.
        if ask_unknown(gaps, kept):
            for z in range(zones):
                rate_asked(z, MAY, start, speaks[z], wide, codes, words, x, brought, ready, holds, planes, cls, kept)
            for j in range(n):
                kept[UNKNOWN, j] |= kept[MAY, j] if kept[KNOWN, j] == 0 else _NONE
        for z in range(zones):
            if tables.zone_role[z] > ROLE_COMPETES:
                ask_cells(number[z], holds, 0, kept)
                rate_asked(z, MAY, start, speaks[z], wide, codes, words, x, brought, ready, holds, planes, cls, kept)
                take_rest(z, number[z], holds, words.zone_open[z], cls, kept)
        write_block(start, n, fixed, kept, rows.numbers[0], bytes_out)
        for row in range(wanted.size):
            z = wanted[row]
            rate_asked(z, INSIDE, start, speaks[z], wide, codes, words, x, brought, ready, holds, planes, cls, kept)
            own, target = holds[words.zone_open[z]], aptitudes[row, start : start + n]
            for j in range(n):
                if kept[INSIDE, j] != 0:
                    target[j] = cls[z, j] if own[j] != 0 else _SHUT
        count_cells(start, n, places, bytes_out, counts)
