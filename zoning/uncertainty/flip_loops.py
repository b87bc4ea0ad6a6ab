"""The compiled loops of the draws: count the zones of every cell, and say which factor changed a zone.

A change has one factor. Where the cell's zone of the map was shut by a condition, the characteristic of that condition;
else, where the land-use type that spoke for it fell to a lower class, the factor that now limits it; else, where the
new zone was shut or of a lower class before, what had held that one back; else what limits the old one now.
"""

# ruff: noqa: PLR0917  compiled functions take arguments by position

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from zoning.rating.kernel_loops import class_of
from zoning.rules.kernel_tables import KernelTables
from zoning.uncertainty.drawn_loops import Drawn, value_of

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Shorts = npt.NDArray[np.int16]
Bits = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

_ZERO, _ONE = np.float32(0), np.float32(1)
_B3, _B2, _B1 = np.float32(0.40), np.float32(0.60), np.float32(0.85)


class Mapped(NamedTuple):
    """What the map says of a block of cells."""

    zone: Bytes
    """Zone number, (N,)."""
    cls: Bytes
    """Class code, (N,)."""
    land_use_type: Shorts
    """Speaking land-use type, −1 for none, (N,)."""


class Side(NamedTuple):
    """A block of cells before, or in one draw."""

    decided: Bytes
    """Zone fixed before the competition, 0 for none, (N,)."""
    gates: Bits
    """Open gates, (N,)."""
    drawn: Drawn
    """Characteristics."""
    tables: KernelTables
    """Rules as arrays."""


class Names(NamedTuple):
    """Numbers of the factors that may be named."""

    column: Shorts
    """Factor of each characteristic, (C,)."""
    gate: Shorts
    """Factor of each gate that a draw may move, −1 for the others, (32,)."""
    slope: int
    """Factor of what the law decides by slope, −1 for none."""
    row: Shorts
    """Row of each zone number among the rated zones, −1 for none, (256,)."""
    place: Bytes
    """Place of each zone number in the counts, (256,)."""


class Counts(NamedTuple):
    """What is added up over the draws."""

    zones: npt.NDArray[np.uint16]
    """Draws in each zone, (N, zones)."""
    factors: npt.NDArray[np.uint16]
    """Changed draws by factor, (N, factors)."""
    score: npt.NDArray[np.float64]
    """Draws with the zone of the map and a score, sum and sum of squares of the scores, (N, 3)."""


@compiled()
def weakest(t: int, i: int, drawn: Drawn, tables: KernelTables) -> tuple[int, np.float32]:
    """Column and rating of the factor that limits land-use type ``t`` in cell ``i``; −1 where nothing is known."""
    column, lowest = -1, np.float32(9)
    for j in range(tables.type_start[t], tables.type_start[t + 1]):
        k = tables.factor_curve[j]
        x = value_of(tables.curve_column[k], i, drawn)
        if np.isnan(x):
            continue
        rating = np.float32(9)
        for s in range(tables.curve_sides[k]):
            row = tables.curve_side[k, s]
            y = row[0] * x
            if y >= row[3]:
                mu = min(_B1 + (y - row[3]) * row[7], _ONE)
            elif y >= row[2]:
                mu = max(_B1 - (row[3] - y) * row[6], _B2)
            elif y >= row[1]:
                mu = max(_B2 - (row[2] - y) * row[5], _B3)
            else:
                mu = min(max(_B3 - (row[1] - y) * row[4], _ZERO), np.float32(0.399999))
            rating = min(rating, mu)
        rating = max(rating, tables.curve_floor[k])
        if rating < lowest:
            column, lowest = tables.curve_column[k], rating
    return column, lowest


@compiled()
def shut_by(row: int, t: int, gates: int, tables: KernelTables, names: Names) -> int:
    """Factor of the first condition that shuts a rated zone for its land-use type; −1 where none does."""
    need, forbid = tables.zone_masks[row, 2], tables.zone_masks[row, 3]
    if t >= 0:
        need |= tables.type_need[t]
        forbid |= tables.type_forbid[t]
    wrong = (need & ~gates) | (forbid & gates)
    for bit in range(names.gate.size):
        if (wrong >> np.uint32(bit)) & np.uint32(1) and names.gate[bit] >= 0:
            return int(names.gate[bit])
    return -1


@compiled()
def count_zones(
    mapped: Mapped, like: npt.NDArray[np.int32], zone: Bytes, names: Names, counts: Counts, order: Places,
) -> int:  # fmt: skip
    """Count the zone of every cell; list those that keep it at the start of ``order``, the others from its end."""
    kept, changed = 0, like.size
    for i in range(like.size):
        now = zone[like[i]]
        counts.zones[i, names.place[now]] += 1
        if now == mapped.zone[i]:
            order[kept] = i
            kept += 1
        else:
            changed -= 1
            order[changed] = i
    return kept


@compiled()
def what_shut(
    cells: Places, zone: Bytes, mapped: Mapped, before: Side, now: Side, names: Names, counts: Counts, fallen: Shorts,
) -> None:  # fmt: skip
    """Put the changes of cells, to the given zones, down to what befell the old zone, as far as that tells them.

    Where it does not, ``fallen`` is −1 or the factor that now limits the old zone, else −2.
    """
    for j in range(cells.size):
        i = cells[j]
        fallen[j] = -2
        if before.decided[i] != now.decided[i]:
            if names.slope >= 0:
                counts.factors[i, names.slope] += 1
            continue
        old, told, factor = names.row[mapped.zone[i]], mapped.land_use_type[i], -1
        if old >= 0 and told >= 0:
            shut = shut_by(old, told, now.gates[i], now.tables, names)
            if shut >= 0:
                counts.factors[i, shut] += 1
                continue
            column, rating = weakest(told, i, now.drawn, now.tables)
            if column >= 0:
                factor = int(names.column[column])
                if class_of(float(rating)) < mapped.cls[i]:
                    counts.factors[i, factor] += 1
                    continue
        if names.row[zone[j]] >= 0:
            fallen[j] = factor
        elif factor >= 0:
            counts.factors[i, factor] += 1


@compiled()
def what_held(
    row: int, cells: Places, cls: Bytes, speaks: Shorts, fallen: Shorts, before: Side, names: Names, counts: Counts,
) -> None:  # fmt: skip
    """Put the remaining changes of cells, all to the rated zone ``row``, down to what had held that zone back."""
    for j in range(cells.size):
        i, factor = cells[j], int(fallen[j])
        if speaks[j] >= 0:
            shut = shut_by(row, speaks[j], before.gates[i], before.tables, names)
            if shut >= 0:
                factor = shut
            else:
                held, rating = weakest(speaks[j], i, before.drawn, before.tables)
                if held >= 0 and (class_of(float(rating)) < cls[j] or factor < 0):
                    factor = int(names.column[held])
        if factor >= 0:
            counts.factors[i, factor] += 1


@compiled()
def add_scores(cells: Places, score: Floats, counts: Counts) -> None:
    """Add the scores of cells that keep their zone."""
    for j in range(cells.size):
        if not np.isnan(score[j]):
            value = np.float64(score[j])
            counts.score[cells[j], 0] += 1
            counts.score[cells[j], 1] += value
            counts.score[cells[j], 2] += value * value
