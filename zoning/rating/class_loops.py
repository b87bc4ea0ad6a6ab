"""The compiled loops that zone cells by class alone; see :mod:`zoning.rating.row_kernel` for what goes in and out.

A block is looked at array by array. A zone is rated in a chunk of cells where it may claim one of them, or is asked.
"""

# ruff: noqa: C901, PLR0912, PLR0917  compiled functions take arguments by position; the story of a block stays whole

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from zoning.rating.place_loops import decide_cells, look_up_gates, unit_of
from zoning.rating.row_tables import RowTables
from zoning.rating.word_loops import CHUNK, ROWS, plain_runs, plain_zone, wide_runs, wide_zone
from zoning.rating.word_tables import WordTables
from zoning.rules.kernel_tables import ROLE_BEFORE, ROLE_COMPETES, ROLE_RESIDUAL, KernelTables

BLOCK = 1024
"""Cells looked at together: a multiple of the chunk."""

CHUNKS = BLOCK // CHUNK

Bytes = npt.NDArray[np.uint8]

_ALL, _NONE, _SHUT = np.uint8(255), np.uint8(0), np.uint8(1)
_ZONE, _CLASS, _NEXT, _NEXT_CLASS, _BEFORE, _UNKNOWN = range(6)
_UNRATED = 5


@compiled()
def hold_conditions(gates: npt.NDArray[np.uint32], words: WordTables, holds: Bytes) -> None:
    """Write 255 to row *c* of ``holds`` where the gates of a cell meet condition *c*, else 0."""
    for condition in range(words.need.size):
        need, forbid, row = words.need[condition], words.forbid[condition], holds[condition]
        for j in range(gates.size):
            row[j] = _ALL if (gates[j] & (need | forbid)) == need else _NONE


@compiled()
def rate_chunks(
    z: int, asked: Bytes, start: int, codes: Bytes, wide: bool, words: WordTables, tables: KernelTables, x: Bytes,
    brought: Bytes, ready: Bytes, holds: Bytes, planes: Bytes, cls: Bytes, known: Bytes,
) -> None:  # fmt: skip
    """Find the class of zone ``z`` in every chunk where ``asked`` is not 0 anywhere, unless it is known already."""
    whole = wide and start + BLOCK <= codes.shape[1]
    for chunk in range(CHUNKS):
        first = chunk * CHUNK
        if ready[z, chunk] != 0 or not asked[first : first + CHUNK].any():
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
        if wide:
            wide_zone(z, first, tables.zone_speaks[z], x, holds, words, planes, cls, known)
        else:
            plain_zone(z, first, tables.zone_speaks[z], x, holds, words, cls, known)


@compiled()
def claim_cells(z: int, may: Bytes, cls: Bytes, tables: KernelTables, won: Bytes) -> None:
    """Let zone ``z`` claim the cells where ``may`` is not 0, after the zones before it."""
    number, minimum = tables.zone_number[z], max(tables.zone_minimum[z], np.uint8(1))
    before = _ALL if tables.zone_role[z] == ROLE_BEFORE else _NONE
    zone, best, after, second = won[_ZONE], won[_CLASS], won[_NEXT], won[_NEXT_CLASS]
    decided, unknown = won[_BEFORE], won[_UNKNOWN]
    for j in range(may.size):
        here = cls[j]
        unknown[j] |= may[j] if here == 0 and decided[j] == 0 else _NONE
        claims = may[j] != 0 and here >= minimum
        wins = claims and (zone[j] == 0 or (here > best[j] and decided[j] == 0))
        follows = claims and not wins and (after[j] == 0 or here > second[j])
        after[j] = zone[j] if wins else (number if follows else after[j])
        second[j] = best[j] if wins else (here if follows else second[j])
        zone[j] = number if wins else zone[j]
        best[j] = here if wins else best[j]
        decided[j] |= before if wins else _NONE


@compiled()
def take_rest(may: Bytes, opened: Bytes, cls: Bytes, number: int, won: Bytes) -> None:
    """Give a residual zone the cells that no zone took."""
    for j in range(may.size):
        if may[j] != 0:
            here = cls[j] if opened[j] != 0 else _SHUT
            won[_UNKNOWN, j] |= _ALL if here == 0 else _NONE
            won[_ZONE, j], won[_CLASS, j] = number, here


@compiled()
def write_block(
    start: int, n: int, fixed: Bytes, left: Bytes, free: Bytes, won: Bytes, unknown_zone: int, bytes_out: Bytes
) -> None:
    """Write what became of the cells of a block."""
    for j in range(n):
        cell = start + j
        if free[j] == 0:
            bytes_out[0, cell] = fixed[j]
        elif won[_UNKNOWN, j] != 0:
            bytes_out[0, cell], bytes_out[1, cell] = unknown_zone, 0
        elif won[_ZONE, j] == 0:
            bytes_out[0, cell] = left[j]
        else:
            bytes_out[0, cell], bytes_out[1, cell] = won[_ZONE, j], won[_CLASS, j]
            if won[_NEXT, j] != 0:
                bytes_out[2, cell], bytes_out[3, cell] = won[_NEXT, j], won[_NEXT_CLASS, j]


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
    words, zones, cells = rows.words, tables.zone_number.size, codes.shape[1]
    gates, gaps = np.zeros(BLOCK, dtype=np.uint32), np.zeros(BLOCK, dtype=np.uint8)
    fixed, left, free = (
        np.zeros(BLOCK, dtype=np.uint8),
        np.zeros(BLOCK, dtype=np.uint8),
        np.zeros(BLOCK, dtype=np.uint8),
    )
    inside, may = np.zeros(BLOCK, dtype=np.uint8), np.zeros(BLOCK, dtype=np.uint8)
    x, brought = np.zeros((codes.shape[0] + 1, BLOCK), dtype=np.uint8), np.zeros(codes.shape[0] + 1, dtype=np.uint8)
    holds, won = np.zeros((words.need.size, BLOCK), dtype=np.uint8), np.zeros((6, BLOCK), dtype=np.uint8)
    cls, known = np.zeros((zones, BLOCK), dtype=np.uint8), np.zeros((1, BLOCK), dtype=np.uint8)
    ready = np.zeros((zones, CHUNKS), dtype=np.uint8)
    planes = np.zeros((np.diff(words.zone_group).max() * ROWS, CHUNK), dtype=np.uint8)
    for start in range(0, cells, BLOCK):
        n = min(BLOCK, cells - start)
        if look_up_gates(start, n, codes, places, rows, gates, gaps) == 0:
            continue
        decide_cells(start, n, codes, places, rows, fixed)
        inside[:], brought[:], ready[:], known[:], won[:] = 0, 0, 0, 0, 0
        brought[codes.shape[0]] = 1
        for j in range(n):
            inside[j] = _ALL if unit_of(places, start + j) != 0 else _NONE
            fixed[j] &= inside[j]
            left[j] = rows.residual[places[3, start + j]]
        for j in range(BLOCK):
            free[j] = inside[j] if fixed[j] == 0 else _NONE
        hold_conditions(gates, words, holds)
        for z in range(zones):
            if tables.zone_role[z] <= ROLE_COMPETES:
                opened = holds[words.zone_claim[z]]
                for j in range(BLOCK):
                    may[j] = free[j] & opened[j]
                rate_chunks(z, may, start, codes, wide, words, tables, x, brought, ready, holds, planes, cls, known)
                claim_cells(z, may, cls[z], tables, won)
        # A cell is SD where no land-use type at all can be rated: asked only where something is missing.
        for j in range(BLOCK):
            may[j] = free[j] if gaps[j] != 0 and known[0, j] == 0 else _NONE
        if may.any():
            for z in range(zones):
                rate_chunks(z, may, start, codes, wide, words, tables, x, brought, ready, holds, planes, cls, known)
            for j in range(BLOCK):
                won[_UNKNOWN, j] |= may[j] if known[0, j] == 0 else _NONE
        for z in range(zones):
            if tables.zone_role[z] == ROLE_RESIDUAL:
                number = tables.zone_number[z]
                for j in range(BLOCK):
                    may[j] = free[j] if won[_ZONE, j] == 0 and left[j] == number else _NONE
                rate_chunks(z, may, start, codes, wide, words, tables, x, brought, ready, holds, planes, cls, known)
                take_rest(may, holds[words.zone_open[z]], cls[z], number, won)
        write_block(start, n, fixed, left, free, won, rows.numbers[0], bytes_out)
        for row in range(wanted.size):
            z = wanted[row]
            rate_chunks(z, inside, start, codes, wide, words, tables, x, brought, ready, holds, planes, cls, known)
            opened, target = holds[words.zone_open[z]], aptitudes[row, start : start + n]
            for j in range(n):
                if inside[j] != 0:
                    target[j] = cls[z, j] if opened[j] != 0 else _SHUT
        count_cells(start, n, places, bytes_out, counts)
