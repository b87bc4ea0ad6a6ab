"""The compiled loops of the row kernel; see :mod:`zoning.rating.row_kernel` for what goes in and out.

A cell pays only for what it asks: gates are looked up first, and the rows of a zone are taken where it may claim the
cell. Class and zone come from the smallest rating of each lane alone; the sum of the ranks says which crop speaks.
"""

# ruff: noqa: C901, PLR0917, PLR2004  compiled functions take arguments by position; one cell's story stays whole

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from zoning.rating.row_tables import RowTables
from zoning.rating.zone_loops import LANES, RANKS, UNKNOWN, settle_block
from zoning.rules.kernel_tables import ROLE_COMPETES, KernelTables

BLOCK = 1024
"""Cells looked at together."""

PITCH = BLOCK + 64
"""Bytes from one row of gathered codes to the next: rows a whole page apart would fight for the same cache lines."""

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint16]
Floats = npt.NDArray[np.float32]

_B3, _B2, _B1 = 0.40, 0.60, 0.85
_TOP_N, _TOP_3, _TOP_2 = 0.39999998, 0.59999996, 0.84999996
_STEPS = 7_000.0
_HUGE = np.float32(9)
_HIGH = 4


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
def unit_of(places: Bytes, cell: int) -> np.int64:
    """Return the number of the municipality of a cell, 0 outside: one byte, or two where there is a fifth row."""
    low = np.int64(places[0, cell])
    return low if places.shape[0] <= _HIGH else low + (np.int64(places[_HIGH, cell]) << 8)


@compiled()
def look_up_gates(
    start: int, n: int, codes: Bytes, places: Bytes, rows: RowTables, gates: npt.NDArray[np.uint32], gaps: Bytes,
) -> int:  # fmt: skip
    """Find the open gates of ``n`` cells from ``start`` and where a value is missing; return how many lie inside."""
    inside = 0
    for j in range(n):
        unit = unit_of(places, start + j)
        inside += 1 if unit > 0 else 0
        gates[j] = rows.municipality_open[unit]
        gaps[j] = rows.read_band.size < rows.column_band.size
    if inside == 0:
        return 0
    for b in range(rows.gate_band.size):
        line, opens = codes[rows.gate_band[b]][start : start + n], rows.gate_open[b]
        for j in range(n):
            gates[j] &= opens[line[j]]
    for b in range(rows.read_band.size):
        line = codes[rows.read_band[b]][start : start + n]
        for j in range(n):
            gaps[j] |= np.uint8(line[j] == 0)
    for j in range(n):
        gates[j] |= rows.scenario_open[(places[2, start + j] >> 2) & 1]
    return inside


@compiled()
def look_at_cells(
    start: int, n: int, codes: Bytes, places: Bytes, rows: RowTables, tables: KernelTables,
    gates: npt.NDArray[np.uint32], gaps: Bytes, fixed: Bytes, index: npt.NDArray[np.int64], zone_out: Bytes,
    idle: Bytes,
) -> int:  # fmt: skip
    """Decide what needs no rating in ``n`` cells from ``start``; the others are counted and listed in ``index``."""
    if look_up_gates(start, n, codes, places, rows, gates, gaps) == 0:
        return 0
    for j in range(n):
        kept, built = rows.protected[places[1, start + j]], rows.built[places[2, start + j] & 3]
        kept, cover = built if built != 0 else kept, rows.cover[places[3, start + j]]
        fixed[j] = cover if cover != 0 and kept != rows.numbers[2] else kept
    for s in range(rows.slope_band.size):
        line = codes[rows.slope_band[s]]
        for j in range(n):
            if fixed[j] == 0 and rows.steep[line[start + j]] != 0:
                fixed[j] = rows.numbers[1]
    count = 0
    for j in range(n):
        if unit_of(places, start + j) == 0:
            continue
        if fixed[j] != 0:
            zone_out[start + j] = fixed[j]
            continue
        residual = rows.residual[places[3, start + j]]
        asked = gaps[j] != 0 or idle[residual] == 0
        for z in range(tables.zone_number.size):
            need, forbid = tables.zone_masks[z, 2], tables.zone_masks[z, 3]
            asked |= tables.zone_role[z] <= ROLE_COMPETES and (gates[j] & need) == need and (gates[j] & forbid) == 0
        if asked:
            index[count] = j
            count += 1
        else:
            zone_out[start + j] = residual
    return count


@compiled()
def gather_cells(
    count: int, start: int, index: npt.NDArray[np.int64], codes: Bytes, bands: npt.NDArray[np.int32], coarse: Bytes,
    ranked: bool, gates: npt.NDArray[np.uint32], gaps: Bytes, left: Bytes, x: Bytes, differs: Bytes,
    like: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    """Bring the codes of the listed cells together, and find for each the first of its run of equal cells.

    Where only classes are asked, codes of one class count as one: neighbours are then mostly equal.
    """
    for j in range(count):
        gates[j], gaps[j] = gates[index[j]], gaps[index[j]]
        differs[j] = j == 0 or gates[j] != gates[j - 1] or gaps[j] != gaps[j - 1] or left[j] != left[j - 1]
    for b in range(bands.size):
        line, target, same = codes[bands[b]], x[bands[b]], coarse[bands[b]]
        if ranked:
            for j in range(count):
                target[j] = line[start + index[j]]
        else:
            for j in range(count):
                target[j] = same[line[start + index[j]]]
        for j in range(1, count):
            differs[j] |= target[j] ^ target[j - 1]
    for j in range(count):
        like[j] = j if differs[j] != 0 else like[j - 1]


@compiled()
def write_reasons(
    count: int, start: int, index: npt.NDArray[np.int64], like: npt.NDArray[np.int64], winner: npt.NDArray[np.int16],
    second: npt.NDArray[np.int16], x: Bytes, rows: RowTables, tables: KernelTables, keys: npt.NDArray[np.int32],
    lanes: npt.NDArray[np.int16], shorts_out: npt.NDArray[np.int16], floats_out: Floats, incomplete: Words,
) -> None:  # fmt: skip
    """Write score, margin, speaking type and limiting factors of the rated cells of a block."""
    for each in range(count):
        i, cell = like[each], start + index[each]
        z = winner[i]
        if z < 0:
            continue
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
def zone_cells(
    codes: Bytes, places: Bytes, rows: RowTables, tables: KernelTables, ranked: bool, bytes_out: Bytes,
    shorts_out: npt.NDArray[np.int16], floats_out: Floats, incomplete: Words, counts: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    """Zone all cells into the given arrays (see :func:`zoning.rating.row_kernel.zone_rows`)."""
    (bands, cells), zones = codes.shape, tables.zone_number.size
    x = np.zeros((bands + 1, PITCH), dtype=np.uint8)
    gates, gaps = np.empty(BLOCK, dtype=np.uint32), np.empty(BLOCK, dtype=np.uint8)
    left, known = np.empty(BLOCK, dtype=np.uint8), np.empty(BLOCK, dtype=np.uint8)
    index, chosen = np.empty(BLOCK, dtype=np.int64), np.empty(BLOCK + 1, dtype=np.int64)
    like, differs = np.empty(BLOCK, dtype=np.int64), np.empty(BLOCK, dtype=np.uint8)
    winner, second = np.empty(BLOCK, dtype=np.int16), np.empty(BLOCK, dtype=np.int16)
    width = 0
    for z in range(zones):
        width = max(width, (rows.zone_group[z + 1] - rows.zone_group[z]) * LANES)
    words, sums = np.zeros((BLOCK, width), dtype=np.uint16), np.zeros((BLOCK, width), dtype=np.uint16)
    keys, lanes = np.zeros((zones + 1, BLOCK), dtype=np.int32), np.zeros((zones + 1, BLOCK), dtype=np.int16)
    idle = np.ones(256, dtype=np.uint8)
    for z in range(zones):
        if tables.zone_role[z] > ROLE_COMPETES:
            idle[tables.zone_number[z]] = 0
    for start in range(0, cells, BLOCK):
        n = min(BLOCK, cells - start)
        count = look_at_cells(start, n, codes, places, rows, tables, gates, gaps, left, index, bytes_out[0], idle)
        for j in range(count):
            left[j] = rows.residual[places[3, start + index[j]]]
        gather_cells(
            count, start, index, codes, rows.read_band, rows.coarse, ranked, gates, gaps, left, x, differs, like
        )  # fmt: skip
        settle_block(
            count, like, gates, gaps, left, ranked, x, rows, tables, words, sums, chosen, keys, lanes, known, winner,
            second,
        )  # fmt: skip
        for each in range(count):
            j, cell = like[each], start + index[each]
            won = winner[j]
            bytes_out[0, cell] = left[j] if won == -1 else (rows.numbers[0] if won < 0 else tables.zone_number[won])
            if won == UNKNOWN:
                bytes_out[1, cell] = 0
            if won >= 0:
                bytes_out[1, cell] = keys[won, j] >> 16
                if second[j] >= 0:
                    bytes_out[2, cell] = tables.zone_number[second[j]]
                    bytes_out[3, cell] = keys[second[j], j] >> 16
        if ranked:
            write_reasons(
                count, start, index, like, winner, second, x, rows, tables, keys, lanes, shorts_out, floats_out,
                incomplete,
            )  # fmt: skip
        for j in range(start, start + n):
            unit = unit_of(places, j)
            if unit != 0:
                counts[unit, bytes_out[0, j], min(bytes_out[1, j], 5)] += 1
