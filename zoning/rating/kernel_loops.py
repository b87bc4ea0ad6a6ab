"""The compiled loops of the block kernel; see :mod:`zoning.rating.kernel` for what goes in and out.

Cells are taken in blocks that stay in the processor's cache. Inside a block every distinct curve is evaluated once
(rating and its logarithm), then every land-use type (smallest rating, weighted mean of logarithms, score), then zones.
"""

# ruff: noqa: C901, PLR0917  compiled functions take arguments by position; one cell's story stays whole

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from zoning.rating.rating_loops import exp_block, finish_curve, log_block, rate_side, score_block, score_type
from zoning.rules.kernel_tables import ROLE_BEFORE, ROLE_COMPETES, KernelTables

BLOCK = 1024
"""Cells per block: curves and scores of a block fit the second-level cache."""

OUTSIDE = 255
"""Value of ``decided`` for a cell outside every municipality."""

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Shorts = npt.NDArray[np.int16]
Words = npt.NDArray[np.uint16]

_ZERO, _ONE, _SHUT_SCORE = np.float32(0), np.float32(1), np.float32(-2)
_B3, _B2, _B1 = np.float32(0.40), np.float32(0.60), np.float32(0.85)
_NAN, _HUGE = np.float32(np.nan), np.float32(9)


@compiled()
def score_zone(
    z: int, scores: Floats, gates: npt.NDArray[np.uint32], tables: KernelTables, work: Floats, ranks: Shorts,
    out: Floats, speaker: Shorts, n: int,
) -> None:  # fmt: skip
    """Score of the crop that speaks for zone ``z``: SD −1, shut 0; ``work``, ``ranks``: scratch of three rows."""
    top, second, crop = work[0], work[1], work[2]
    top_type, second_type, crop_best = ranks[0], ranks[1], ranks[2]
    for i in range(n):
        top[i] = second[i] = _SHUT_SCORE
        top_type[i] = second_type[i] = np.int16(-1)
    for c in range(tables.zone_start[z], tables.zone_start[z + 1]):
        for i in range(n):
            crop[i] = _SHUT_SCORE
            crop_best[i] = np.int16(-1)
        for j in range(tables.crop_start[c], tables.crop_start[c + 1]):
            t = tables.crop_type[j]
            need, forbid = tables.type_need[t], tables.type_forbid[t]
            score = scores[t]
            for i in range(n):
                g = gates[i]
                wins = ((g & need) == need) & ((g & forbid) == 0) & (score[i] > crop[i])
                crop[i] = score[i] if wins else crop[i]
                crop_best[i] = np.int16(t) if wins else crop_best[i]
        for i in range(n):
            value = _ZERO if crop[i] == _SHUT_SCORE else crop[i]
            first = value > top[i]
            third = value > second[i]
            second[i] = top[i] if first else (value if third else second[i])
            second_type[i] = top_type[i] if first else (crop_best[i] if third else second_type[i])
            top[i] = value if first else top[i]
            top_type[i] = crop_best[i] if first else top_type[i]
    lone = tables.zone_speaks[z] == 1
    need, forbid = tables.zone_masks[z, 0], tables.zone_masks[z, 1]
    for i in range(n):
        unlocked = ((gates[i] & need) == need) & ((gates[i] & forbid) == 0)
        value = top[i] if lone else second[i]
        named = top_type[i] if lone else second_type[i]
        out[i] = value if unlocked else _ZERO
        speaker[i] = named if unlocked else np.int16(-1)


@compiled()
def class_of(score: float) -> int:
    """Class code of a score; SD for −1."""
    if score < _ZERO:
        return 0
    if score >= _B1:
        return 4
    if score >= _B2:
        return 3
    return 2 if score >= _B3 else 1


@compiled()
def settle(
    i: int, gates: int, sure: bool, residual: int, scores: Floats, tables: KernelTables, sd: int,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Decide one cell: zone number, row of the rated zone (−1 none), row of the runner-up (−1 none), unknown."""
    winner, second, winner_class, second_class, winner_before = -1, -1, 0, 0, False
    unknown = False
    for z in range(tables.zone_number.size):
        role = tables.zone_role[z]
        if role > ROLE_COMPETES:
            continue
        need, forbid = tables.zone_masks[z, 2], tables.zone_masks[z, 3]
        if (gates & need) != need or (gates & forbid) != 0:
            continue
        cls = class_of(scores[z, i])
        unknown |= cls == 0 and not winner_before
        if cls == 0 or cls < tables.zone_minimum[z]:
            continue
        if winner < 0 or (cls > winner_class and not winner_before):
            second, second_class = winner, winner_class
            winner, winner_class = z, cls
            winner_before = role == ROLE_BEFORE
        elif second < 0 or cls > second_class:
            second, second_class = z, cls
    if unknown or not sure:
        return sd, -1, -1, 1
    if winner >= 0:
        return int(tables.zone_number[winner]), winner, second, 0
    for z in range(tables.zone_number.size):
        if tables.zone_role[z] > ROLE_COMPETES and tables.zone_number[z] == residual:
            if scores[z, i] < _ZERO:
                return sd, -1, -1, 1
            return residual, z, -1, 0
    return residual, -1, -1, 0


@compiled()
def explain(
    t: int, i: int, mu: Floats, tables: KernelTables,
) -> tuple[int, int, int]:  # fmt: skip
    """Columns of the lowest and second lowest rating of land-use type ``t``, and its missing optional groups."""
    lowest, second = _HUGE, _HUGE
    column, other, bits = -1, -1, int(tables.type_absent[t])
    for j in range(tables.type_start[t], tables.type_start[t + 1]):
        k = tables.factor_curve[j]
        value = mu[k, i]
        if value > _ONE:
            bits |= int(tables.factor_bit[j])
        elif value < lowest:
            second, other = lowest, column
            lowest, column = value, tables.curve_column[k]
        elif value < second:
            second, other = value, tables.curve_column[k]
    return column, other, bits


@compiled()
def write_cells(
    n: int, index: npt.NDArray[np.int64], x: Floats, g: npt.NDArray[np.uint32], decided: Bytes, residual: Bytes,
    mu: Floats, sure: Bytes, zone_scores: Floats, speakers: Shorts, tables: KernelTables, sd: int, bytes_out: Bytes,
    shorts_out: Shorts, floats_out: Floats, incomplete: Words,
) -> None:  # fmt: skip
    """Settle every competing cell of a block and write its reasons."""
    for i in range(n):
        cell = index[i]
        if decided[cell] != 0:
            continue
        number, winner, second, unknown = settle(i, g[i], sure[i] != 0, residual[cell], zone_scores, tables, sd)
        bytes_out[0, cell] = number
        if unknown:
            bytes_out[1, cell] = 0
            continue
        if winner < 0:
            continue
        score = zone_scores[winner, i]
        bytes_out[1, cell] = class_of(score)
        floats_out[0, cell] = score
        if second >= 0:
            bytes_out[2, cell] = tables.zone_number[second]
            bytes_out[3, cell] = class_of(zone_scores[second, i])
            floats_out[2, cell] = score - zone_scores[second, i]
        bits = int(tables.zone_absent[winner])
        for j in range(tables.zone_optional_start[winner], tables.zone_optional_start[winner + 1]):
            value = x[tables.zone_optional_column[j], i]
            bits |= int(tables.zone_optional_bit[j]) if np.isnan(value) else 0
        t = speakers[winner, i]
        shorts_out[0, cell] = t
        if t >= 0:
            column, other, gone = explain(t, i, mu, tables)
            shorts_out[1, cell], shorts_out[2, cell] = column, other
            bits |= gone
            if column >= 0:
                floats_out[1, cell] = x[column, i]
        incomplete[cell] = bits


@compiled()
def take_cells(
    start: int, decided: Bytes, gates: npt.NDArray[np.uint32], index: npt.NDArray[np.int64],
    g: npt.NDArray[np.uint32], bytes_out: Bytes, everywhere: bool,
) -> tuple[int, int]:  # fmt: skip
    """Fill the next block: its number of cells and where to go on. Decided cells are written, and taken on demand."""
    n = 0
    while start < decided.size and n < BLOCK:
        fixed = decided[start]
        if fixed not in (0, OUTSIDE):
            bytes_out[0, start] = fixed
        if fixed == 0 or (fixed != OUTSIDE and everywhere):
            index[n] = start
            g[n] = gates[start]
            n += 1
        start += 1
    return n, start


@compiled()
def rate_block(
    x: Floats, tables: KernelTables, mu: Floats, log_mu: Floats, scores: Floats, sure: Bytes, gaps: Bytes,
    lines: Floats, scratch: npt.NDArray[np.int32], n: int,
) -> None:  # fmt: skip
    """Rate every curve, then every land-use type of a block; ``sure`` marks cells that any type could be rated in."""
    worst, mean, share = lines[0], lines[1], lines[2]
    for k in range(tables.curve_column.size):
        column = x[tables.curve_column[k]]
        for s in range(tables.curve_sides[k]):
            rate_side(column, tables.curve_side[k, s], mu[k], n, s == 0)
        gaps[k] = finish_curve(column, tables.curve_floor[k], mu[k], n)
        log_block(mu[k], log_mu[k], scratch, n)
    sure[:] = 0
    for t in range(tables.type_absent.size):
        score_type(t, mu, log_mu, gaps, tables, worst, mean, share, n)
        exp_block(mean, share, scratch, n)
        score = scores[t]
        score_block(worst, share, score, n)
        for i in range(n):
            sure[i] |= score[i] >= _ZERO


@compiled()
def classify_cells(
    values: Floats, gates: npt.NDArray[np.uint32], decided: Bytes, residual: Bytes, tables: KernelTables, sd: int,
    wanted: npt.NDArray[np.int32], bytes_out: Bytes, shorts_out: Shorts, floats_out: Floats, incomplete: Words,
    apt_cls: Bytes, apt_score: Floats, apt_type: Shorts,
) -> None:  # fmt: skip
    """Classify all cells into the given arrays (see :func:`zoning.rating.kernel.classify_block`)."""
    columns, cells = values.shape
    curves, types, zones = tables.curve_column.size, tables.type_absent.size, tables.zone_number.size
    index = np.empty(BLOCK, dtype=np.int64)
    x = np.empty((columns, BLOCK), dtype=np.float32)
    g = np.empty(BLOCK, dtype=np.uint32)
    mu = np.empty((curves, BLOCK), dtype=np.float32)
    log_mu = np.empty((curves, BLOCK), dtype=np.float32)
    gaps = np.empty(curves, dtype=np.uint8)
    scratch = np.empty(BLOCK, dtype=np.int32)
    lines, sure = np.empty((3, BLOCK), dtype=np.float32), np.empty(BLOCK, dtype=np.uint8)
    scores = np.empty((types, BLOCK), dtype=np.float32)
    work, ranks = np.empty((3, BLOCK), dtype=np.float32), np.empty((3, BLOCK), dtype=np.int16)
    zone_scores, speakers = np.empty((zones, BLOCK), dtype=np.float32), np.empty((zones, BLOCK), dtype=np.int16)
    start = 0
    while start < cells:
        n, start = take_cells(start, decided, gates, index, g, bytes_out, wanted.size > 0)
        for c in range(columns):
            source, target = values[c], x[c]
            for i in range(n):
                target[i] = source[index[i]]
        rate_block(x, tables, mu, log_mu, scores, sure, gaps, lines, scratch, n)
        for z in range(zones):
            score_zone(z, scores, g, tables, work, ranks, zone_scores[z], speakers[z], n)
        for row in range(wanted.size):
            z = wanted[row]
            for i in range(n):
                aptness = zone_scores[z, i]
                apt_cls[row, index[i]] = class_of(aptness)
                apt_score[row, index[i]] = _NAN if aptness < _ZERO else aptness
                apt_type[row, index[i]] = speakers[z, i]
        write_cells(
            n, index, x, g, decided, residual, mu, sure, zone_scores, speakers, tables, sd, bytes_out, shorts_out,
            floats_out, incomplete,
        )  # fmt: skip
