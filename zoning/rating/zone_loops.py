"""The compiled loops that rate zones from rows and settle the cells of a block; see :mod:`zoning.rating.row_kernel`."""

# ruff: noqa: C901, PLR0912, PLR0917, PLW3301  compiled functions take arguments by position; one cell's story stays whole

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from zoning.rating.row_tables import RowTables
from zoning.rules.kernel_tables import ROLE_BEFORE, ROLE_COMPETES, KernelTables

RANKS = 65_535
"""Rank of the best cell of a class: a key is class << 16 | rank."""

UNKNOWN = -2
"""In place of a zone's row: the cell is SD."""

WORST_KEY = 1 << 16
"""Key of a crop none of whose variants is open: N with the lowest score."""

LANES = 16
"""Land-use types of one row."""

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint16]

_ALL = np.uint16(0xFFFF)
_SHUT, _SD = -1, 0
_LEAST, _SUM, _UNRANKED = True, False, False


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
    z: int, chosen: npt.NDArray[np.int64], count: int, ranked: bool, x: Bytes, rows: RowTables, words: Words,
    sums: Words,
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
            if ranked:
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
def rate_zone(
    z: int, chosen: npt.NDArray[np.int64], count: int, gates: npt.NDArray[np.uint32], gaps: Bytes, ranked: bool,
    x: Bytes, rows: RowTables, tables: KernelTables, words: Words, sums: Words, key_out: npt.NDArray[np.int32],
    lane_out: npt.NDArray[np.int16], known: Bytes,
) -> None:  # fmt: skip
    """Key and lane of the crop that speaks for zone ``z`` in the chosen cells; ``known`` marks where a type was rated.

    A key is class << 16 | rank, so that the larger is the better; 0 is SD.
    """
    rows_of_zone(z, chosen, count, ranked, x, rows, words, sums)
    if ranked:
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
                known[i] |= key != _SD
                opened = (gates[i] & needs[t]) == needs[t] and (gates[i] & forbids[t]) == 0
                if opened and key > best:
                    best, best_lane = key, base + lane
        key_out[i] = top if lone else second
        lane_out[i] = top_lane if lone else second_lane


@compiled()
def settle_cell(
    i: int, gates: int, sure: bool, tables: KernelTables, keys: npt.NDArray[np.int32],
) -> tuple[int, int, bool]:  # fmt: skip
    """Row of the zone that takes a cell (−1 none), row of the runner-up (−1 none), and whether it is SD."""
    winner, second, winner_class, second_class, winner_before = -1, -1, 0, 0, False
    unknown = False
    for z in range(tables.zone_number.size):
        role = tables.zone_role[z]
        need, forbid = tables.zone_masks[z, 2], tables.zone_masks[z, 3]
        if role > ROLE_COMPETES or (gates & need) != need or (gates & forbid) != 0:
            continue
        cls = keys[z, i] >> 16
        unknown |= cls == 0 and not winner_before
        if cls == 0 or cls < tables.zone_minimum[z]:
            continue
        if winner < 0 or (cls > winner_class and not winner_before):
            second, second_class = winner, winner_class
            winner, winner_class = z, cls
            winner_before = role == ROLE_BEFORE
        elif second < 0 or cls > second_class:
            second, second_class = z, cls
    return winner, second, unknown or not sure


@compiled()
def settle_block(
    count: int, like: npt.NDArray[np.int64], gates: npt.NDArray[np.uint32], gaps: Bytes, left: Bytes, ranked: bool,
    x: Bytes, rows: RowTables, tables: KernelTables, words: Words, sums: Words, chosen: npt.NDArray[np.int64],
    keys: npt.NDArray[np.int32], lanes: npt.NDArray[np.int16], known: Bytes, winner: npt.NDArray[np.int16],
    second: npt.NDArray[np.int16],
) -> None:  # fmt: skip
    """Find winner and runner-up of gathered cells that are like no other: zone rows, −1 none, −2 SD."""
    zones = tables.zone_number.size
    known[:count] = 0
    for z in range(zones):
        if tables.zone_role[z] <= ROLE_COMPETES:
            need, forbid = tables.zone_masks[z, 2], tables.zone_masks[z, 3]
            asked = 0
            for i in range(count):
                chosen[asked] = i
                asked += like[i] == i and (gates[i] & need) == need and (gates[i] & forbid) == 0
            rate_zone(
                z, chosen, asked, gates, gaps, ranked, x, rows, tables, words, sums, keys[z], lanes[z], known
            )  # fmt: skip
    # A cell is SD where no land-use type at all can be rated: asked only where something is missing.
    for z in range(zones):
        asked = 0
        for i in range(count):
            chosen[asked] = i
            asked += like[i] == i and gaps[i] != 0 and known[i] == 0
        if asked > 0:
            rate_zone(
                z, chosen, asked, gates, gaps, _UNRANKED, x, rows, tables, words, sums, keys[zones], lanes[zones], known
            )  # fmt: skip
    for i in range(count):
        if like[i] != i:
            continue
        winner[i], second[i], unknown = settle_cell(i, gates[i], gaps[i] == 0 or known[i] != 0, tables, keys)
        if unknown:
            winner[i], second[i] = UNKNOWN, -1
    for z in range(zones):
        if tables.zone_role[z] > ROLE_COMPETES:
            need, forbid = tables.zone_masks[z, 0], tables.zone_masks[z, 1]
            asked = 0
            for i in range(count):
                if like[i] == i and winner[i] == -1 and left[i] == tables.zone_number[z]:
                    winner[i], keys[z, i], lanes[z, i] = z, WORST_KEY, -1
                    chosen[asked] = i
                    asked += (gates[i] & need) == need and (gates[i] & forbid) == 0
            rate_zone(
                z, chosen, asked, gates, gaps, ranked, x, rows, tables, words, sums, keys[z], lanes[z], known
            )  # fmt: skip
            for a in range(asked):
                winner[chosen[a]] = UNKNOWN if keys[z, chosen[a]] >> 16 == 0 else z
