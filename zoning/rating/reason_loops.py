"""The compiled loops that give the reasons of a zoning; see :mod:`zoning.rating.row_kernel` for what goes in and out.

Zone and class of every cell are known by then (:mod:`zoning.rating.class_loops`): only winner and runner-up are ranked.
"""

# ruff: noqa: PLR0917, PLR2004  compiled functions take arguments by position; one cell's story stays whole

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from zoning.rating.place_loops import find_gaps, look_up_gates, place_gates
from zoning.rating.row_tables import RowTables
from zoning.rating.zone_loops import LANES, RANKS, WORST_KEY, rank_zone
from zoning.rules.kernel_tables import ROLE_COMPETES, KernelTables

BLOCK = 1024
"""Cells looked at together."""

PITCH = BLOCK + 64
"""Bytes from one row of gathered codes to the next: rows a whole page apart would fight for the same cache lines."""

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint16]
Floats = npt.NDArray[np.float32]
Shorts = npt.NDArray[np.int16]

_B3, _B2, _B1 = 0.40, 0.60, 0.85
_TOP_N, _TOP_3, _TOP_2 = 0.39999998, 0.59999996, 0.84999996
_STEPS = 7_000.0
_HUGE = np.float32(9)


@compiled()
def score_of(key: int, lane: int) -> float:
    """Score of a key: the geometric mean rescaled into the band of its class."""
    if lane < 0:
        return 0.0
    cls = key >> 16
    mean = math.exp(-(RANKS - (key & RANKS)) / _STEPS)
    if cls == 4:
        return min(max(mean, _B1), 1.0)
    if cls == 3:
        return min(max(_B2 + (mean - _B2) * 0.625, _B2), _TOP_2)
    if cls == 2:
        return min(max(_B3 + (mean - _B3) / 3.0, _B3), _TOP_3)
    return min(max(mean * _B3, 0.0), _TOP_N)


@compiled()
def gather_rated(
    start: int, n: int, codes: Bytes, zoned: Bytes, rows: RowTables, row_of: Shorts, gates: npt.NDArray[np.uint32],
    gaps: Bytes, index: npt.NDArray[np.int64], x: Bytes, winner: Shorts, second: Shorts,
) -> int:  # fmt: skip
    """Bring the rated cells of a block together, with rows of winner and runner-up (−1 none); return how many."""
    count = 0
    for j in range(n):
        if 1 <= zoned[1, start + j] <= 4:
            index[count], gates[count], gaps[count] = j, gates[j], gaps[j]
            winner[count], second[count] = row_of[zoned[0, start + j]], row_of[zoned[2, start + j]]
            count += 1
    for b in range(rows.read_band.size):
        line, target = codes[rows.read_band[b]], x[rows.read_band[b]]
        for i in range(count):
            target[i] = line[start + index[i]]
    return count


@compiled()
def rank_block(
    count: int, gates: npt.NDArray[np.uint32], gaps: Bytes, x: Bytes, rows: RowTables, tables: KernelTables,
    words: Words, sums: Words, chosen: npt.NDArray[np.int64], winner: Shorts, second: Shorts,
    keys: npt.NDArray[np.int32], lanes: Shorts,
) -> None:  # fmt: skip
    """Rank winner and runner-up of gathered cells."""
    for z in range(tables.zone_number.size):
        asked, rest = 0, tables.zone_role[z] > ROLE_COMPETES
        need, forbid = tables.zone_masks[z, 0], tables.zone_masks[z, 1]
        for i in range(count):
            if winner[i] == z or second[i] == z:
                # A residual zone takes its cells even where its own gates are shut.
                if rest and (gates[i] & (need | forbid)) != need:
                    keys[z, i], lanes[z, i] = WORST_KEY, -1
                else:
                    chosen[asked] = i
                    asked += 1
        rank_zone(z, chosen, asked, gates, gaps, x, rows, tables, words, sums, keys[z], lanes[z])


@compiled()
def write_reasons(
    count: int, start: int, index: npt.NDArray[np.int64], winner: Shorts, second: Shorts, x: Bytes, rows: RowTables,
    tables: KernelTables, keys: npt.NDArray[np.int32], lanes: Shorts, shorts_out: Shorts, floats_out: Floats,
    incomplete: Words,
) -> None:  # fmt: skip
    """Write score, margin, speaking type and limiting factors of the rated cells of a block."""
    for i in range(count):
        z, cell = winner[i], start + index[i]
        score = score_of(keys[z, i], lanes[z, i])
        floats_out[0, cell] = score
        if second[i] >= 0:
            floats_out[1, cell] = score - score_of(keys[second[i], i], lanes[second[i], i])
        bits = np.int64(tables.zone_absent[z])
        for j in range(tables.zone_optional_start[z], tables.zone_optional_start[z + 1]):
            gone = x[rows.column_band[tables.zone_optional_column[j]], i] == 0
            bits |= np.int64(tables.zone_optional_bit[j]) if gone else np.int64(0)
        if lanes[z, i] >= 0:
            t = rows.lane_type[lanes[z, i]]
            shorts_out[0, cell] = t
            lowest, next_lowest, column, other = _HUGE, _HUGE, -1, -1
            bits |= np.int64(tables.type_absent[t])
            for j in range(tables.type_start[t], tables.type_start[t + 1]):
                curve = tables.factor_curve[j]
                place = tables.curve_column[curve]
                code = x[rows.column_band[place], i]
                value = rows.mu[curve, code]
                if code == 0:
                    bits |= np.int64(tables.factor_bit[j])
                elif value < lowest:
                    next_lowest, other, lowest, column = lowest, column, value, place
                elif value < next_lowest:
                    next_lowest, other = value, place
            shorts_out[1, cell], shorts_out[2, cell] = column, other
        incomplete[cell] = bits


@compiled()
def explain_cells(
    codes: Bytes, places: Bytes, rows: RowTables, tables: KernelTables, zoned: Bytes, shorts_out: Shorts,
    floats_out: Floats, incomplete: Words,
) -> None:  # fmt: skip
    """Write the reasons of cells whose zone, class and runner-up are ``zoned``."""
    (bands, cells), zones = codes.shape, tables.zone_number.size
    x = np.zeros((bands + 1, PITCH), dtype=np.uint8)
    gates, gaps = np.empty(BLOCK, dtype=np.uint32), np.empty(BLOCK, dtype=np.uint8)
    index, chosen = np.empty(BLOCK, dtype=np.int64), np.empty(BLOCK, dtype=np.int64)
    winner, second = np.empty(BLOCK, dtype=np.int16), np.empty(BLOCK, dtype=np.int16)
    row_of = np.full(256, -1, dtype=np.int16)
    width = 0
    for z in range(zones):
        row_of[tables.zone_number[z]] = z
        width = max(width, (rows.zone_group[z + 1] - rows.zone_group[z]) * LANES)
    words, sums = np.zeros((BLOCK, width), dtype=np.uint16), np.zeros((BLOCK, width), dtype=np.uint16)
    keys, lanes = np.zeros((zones, BLOCK), dtype=np.int32), np.zeros((zones, BLOCK), dtype=np.int16)
    for start in range(0, cells, BLOCK):
        n = min(BLOCK, cells - start)
        if place_gates(start, n, places, rows, gates) == 0:
            continue
        look_up_gates(start, n, codes, places, rows, gates)
        find_gaps(start, n, codes, rows, gaps)
        count = gather_rated(start, n, codes, zoned, rows, row_of, gates, gaps, index, x, winner, second)
        rank_block(count, gates, gaps, x, rows, tables, words, sums, chosen, winner, second, keys, lanes)
        write_reasons(
            count, start, index, winner, second, x, rows, tables, keys, lanes, shorts_out, floats_out, incomplete
        )
