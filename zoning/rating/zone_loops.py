"""The compiled loops that rank the crops of a zone from rows; see :mod:`zoning.rating.row_kernel`."""

# ruff: noqa: PLR0917, PLW3301  compiled functions take arguments by position

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from zoning.rating.row_tables import RowTables
from zoning.rules.kernel_tables import KernelTables

RANKS = 65_535
"""Rank of the best cell of a class: a key is class << 16 | rank."""

WORST_KEY = 1 << 16
"""Key of a crop none of whose variants is open: N with the lowest score."""

LANES = 16
"""Land-use types of one row."""

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint16]

_ALL = np.uint16(0xFFFF)
_SHUT, _SD = -1, 0
_LEAST, _SUM = True, False


@compiled()
def take_rows(
    table: Words, row: npt.NDArray[np.int32], band: npt.NDArray[np.int32], start: int, stop: int, i: int, x: Bytes,
    least: bool, out: Words,
) -> None:  # fmt: skip
    """Smallest word, or sum of the words, of each of the sixteen lanes of a group in cell ``i``."""
    for k in range(LANES):
        out[k] = _ALL if least else np.uint16(0)
    for c in range(start, stop, 8):
        r0 = table[np.uint64(row[c] + x[np.uint64(band[c]), i])]
        r1 = table[np.uint64(row[c + 1] + x[np.uint64(band[c + 1]), i])]
        r2 = table[np.uint64(row[c + 2] + x[np.uint64(band[c + 2]), i])]
        r3 = table[np.uint64(row[c + 3] + x[np.uint64(band[c + 3]), i])]
        r4 = table[np.uint64(row[c + 4] + x[np.uint64(band[c + 4]), i])]
        r5 = table[np.uint64(row[c + 5] + x[np.uint64(band[c + 5]), i])]
        r6 = table[np.uint64(row[c + 6] + x[np.uint64(band[c + 6]), i])]
        r7 = table[np.uint64(row[c + 7] + x[np.uint64(band[c + 7]), i])]
        if least:
            for k in range(LANES):
                low, high = min(min(r0[k], r1[k]), min(r2[k], r3[k])), min(min(r4[k], r5[k]), min(r6[k], r7[k]))
                out[k] = min(out[k], min(low, high))
        else:
            for k in range(LANES):
                out[k] += ((r0[k] + r1[k]) + (r2[k] + r3[k])) + ((r4[k] + r5[k]) + (r6[k] + r7[k]))


@compiled()
def rows_of_zone(
    z: int, chosen: npt.NDArray[np.int64], count: int, x: Bytes, rows: RowTables, words: Words, sums: Words,
) -> None:  # fmt: skip
    """Rating and rank of every lane of zone ``z`` in the chosen cells, shapes (count, lanes)."""
    rating, rank, row, band, starts = rows.rating, rows.rank, rows.group_row, rows.group_band, rows.group_start
    first_group, last_group = rows.zone_group[z], rows.zone_group[z + 1]
    for a in range(count):
        for group in range(first_group, last_group):
            place = (group - first_group) * LANES
            start, stop = starts[group], starts[group + 1]
            least, total = words[a, place : place + LANES], sums[a, place : place + LANES]
            take_rows(rating, row, band, start, stop, chosen[a], x, _LEAST, least)
            take_rows(rank, row, band, start, stop, chosen[a], x, _SUM, total)


@compiled()
def renormalise(
    z: int, chosen: npt.NDArray[np.int64], count: int, gaps: Bytes, x: Bytes, rows: RowTables, tables: KernelTables,
    sums: Words,
) -> None:  # fmt: skip
    """Divide the ranks of cells with missing values by the weight of what is known."""
    base = rows.zone_group[z] * LANES
    for a in range(count):
        if gaps[chosen[a]] == 0:
            continue
        for lane in range(rows.zone_lanes[z]):
            t = rows.lane_type[base + lane]
            lost = np.float32(0)
            for j in range(tables.type_start[t], tables.type_start[t + 1]):
                column = tables.curve_column[tables.factor_curve[j]]
                if x[rows.column_band[column], chosen[a]] == 0:
                    lost += tables.factor_weight[j]
            known = max(np.float64(1.0 - lost), 1e-6)
            sums[a, lane] = min(int(sums[a, lane] / known), RANKS)


@compiled()
def rank_zone(
    z: int, chosen: npt.NDArray[np.int64], count: int, gates: npt.NDArray[np.uint32], gaps: Bytes, x: Bytes,
    rows: RowTables, tables: KernelTables, words: Words, sums: Words, key_out: npt.NDArray[np.int32],
    lane_out: npt.NDArray[np.int16],
) -> None:  # fmt: skip
    """Key and lane of the crop that speaks for zone ``z`` in the chosen cells.

    A key is class << 16 | rank, so that the larger is the better; 0 is SD.
    """
    rows_of_zone(z, chosen, count, x, rows, words, sums)
    renormalise(z, chosen, count, gaps, x, rows, tables, sums)
    base, lanes, lone = rows.zone_group[z] * LANES, rows.zone_lanes[z], tables.zone_speaks[z] == 1
    lane_type, lane_opens = rows.lane_type, rows.lane_opens
    needs, forbids = tables.type_need, tables.type_forbid
    for a in range(count):
        i = chosen[a]
        top, second, best = -2, -2, _SHUT
        top_lane, second_lane, best_lane = -1, -1, -1
        for lane in range(lanes + 1):
            if lane == lanes or (lane > 0 and lane_opens[base + lane] != 0):
                value = WORST_KEY if best == _SHUT else best
                if value > top:
                    second, second_lane, top, top_lane = top, top_lane, value, best_lane
                elif value > second:
                    second, second_lane = value, best_lane
                best, best_lane = _SHUT, -1
            if lane < lanes:
                t = lane_type[base + lane]
                word = int(words[a, lane])
                key = ((word >> 14) + 1) << 16 | (RANKS - int(sums[a, lane]))
                key = key if word >> 4 != 0 else _SD
                opened = (gates[i] & needs[t]) == needs[t] and (gates[i] & forbids[t]) == 0
                if opened and key > best:
                    best, best_lane = key, base + lane
        key_out[i] = top if lone else second
        lane_out[i] = top_lane if lone else second_lane
