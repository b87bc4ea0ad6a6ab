"""The rules as rows: what each code of each characteristic means for sixteen land-use types at once.

``rating[row, lane]`` is ``rating << 4 | slot``: the smallest over a lane's characteristics gives class and limiting
factor of its land-use type, for sixteen lanes in one instruction. ``rank[row, lane]`` is the weighted logarithm of the
rating in fixed point, so that a sum of rows ranks inside the class. New limits, weights, gates or exclusions are a new
table; the codes stay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.rating.code_ratings import CODES, SMALLEST, code_samples, rating_words
from zoning.rating.land_tables import land_tables
from zoning.rating.word_tables import WordTables, word_tables
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.kernel_tables import KernelTables
from zoning.zoning_errors import RulesError

_ = translator("zoning")

Floats = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint16]

LANES = 16
"""Land-use types of one row; more take further rows."""

MOST_FACTORS = 16
"""Rated factors that one land-use type may have: the slot is four bits."""

NEUTRAL = 0xFFFF
"""Rating of what does not concern a lane, or of an optional value that is missing."""

RANK_STEPS = 7_000
"""Steps of a rank in one unit of the natural logarithm: the smallest rating counted, 1e-4, stays within 16 bits."""

STRIDE = 8
"""Rows taken together: the characteristics of a group are filled up to a multiple with neutral rows."""


class RowTables(NamedTuple):
    """One compiled ruleset as the row kernel reads it; ranges ``a[i]:a[i + 1]`` index the next array."""

    rating: Words
    """Shape (rows, 16): ``rating << 4 | slot``; 0 is SD."""
    rank: Words
    """Shape (rows, 16): − weight · ln rating, in steps of 1/7000."""
    group_start: npt.NDArray[np.int32]
    """Shape (groups + 1,): range of each group's characteristics."""
    group_band: npt.NDArray[np.int32]
    """Row of the codes of each of them."""
    group_row: npt.NDArray[np.int32]
    """Its row of code 0 in ``rating``."""
    zone_group: npt.NDArray[np.int32]
    """Shape (zones + 1,): range of each rated zone's groups; a group serves one zone."""
    zone_lanes: npt.NDArray[np.int32]
    """Lanes in use of each rated zone, shape (zones,)."""
    lane_type: npt.NDArray[np.int16]
    """Land-use type of each lane, shape (groups · 16,); −1 where unused."""
    lane_opens: npt.NDArray[np.uint8]
    """1 where a lane begins another crop of the basket."""
    column_band: npt.NDArray[np.int32]
    """Row of the codes of each characteristic of the rules; one past the last where there is none."""
    read_band: npt.NDArray[np.int32]
    """Rows of codes that rate, each once."""
    mu: Floats
    """Rating of each code of each curve, shape (curves, 256); 2 where missing."""
    gate_band: npt.NDArray[np.int32]
    """Rows of codes that gates compare."""
    gate_open: npt.NDArray[np.uint32]
    """Shape (compared characteristics, 256): gates that a code leaves open."""
    gate_planes: npt.NDArray[np.uint8]
    """Their bytes, the lowest first, shape (4 · compared characteristics, 256)."""
    municipality_open: npt.NDArray[np.uint32]
    """Gates that may be open in each municipality, shape (256,)."""
    scenario_open: npt.NDArray[np.uint32]
    """Gates that a scenario opens nowhere and where it brings irrigation, shape (2,)."""
    protected: npt.NDArray[np.uint8]
    """Zone number that each set of categories of protected areas makes, shape (256,); 0 none."""
    built: npt.NDArray[np.uint8]
    """Zone number of nothing, water, town and both, shape (4,)."""
    cover: npt.NDArray[np.uint8]
    """Zone number that each land-cover class makes, 0 none, shape (256,)."""
    residual: npt.NDArray[np.uint8]
    """Zone number of what no zone takes, by land-cover class, shape (256,)."""
    steep: npt.NDArray[np.uint8]
    """1 for the codes of a slope that is forest by law, shape (256,)."""
    slope_band: npt.NDArray[np.int32]
    """Row of the codes of the slope, shape (1,); empty where it decides nothing."""
    numbers: npt.NDArray[np.uint8]
    """Numbers of the zones SD, FOR and URB."""
    words: WordTables
    """The same ruleset by classes alone."""


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Which land-use type stands in which lane, and which characteristics each group of sixteen lanes reads."""

    lane_type: list[int]
    """Land-use type of each lane, sixteen a group; −1 where unused."""
    lane_opens: list[int]
    """1 where a lane begins another crop of the basket, else 0."""
    zone_group: list[int]
    """Where the groups of each rated zone begin, and where the last ends."""
    zone_lanes: list[int]
    """Lanes in use of each rated zone."""

    @classmethod
    def of(cls, rules: CompiledRules) -> Groups:
        """Give every variant of every basket crop a lane, zone by zone in the order of preference."""
        types: list[int] = []
        opens: list[int] = []
        ends, counts = [0], []
        for basket in rules.baskets:
            own = [index for crop in basket for index in crop]
            opens += [int(place == 0) for crop in basket for place in range(len(crop))]
            types += own
            counts.append(len(own))
            empty = -len(own) % LANES
            types += [-1] * empty
            opens += [1] * empty
            ends.append(len(types) // LANES)
        return cls(lane_type=types, lane_opens=opens, zone_group=ends, zone_lanes=counts)

    @classmethod
    def none(cls) -> Groups:
        """Give nobody a lane."""
        return cls(lane_type=[], lane_opens=[], zone_group=[0], zone_lanes=[])

    def lanes(self, group: int) -> list[int]:
        """Land-use types of a group's lanes."""
        return self.lane_type[group * LANES : (group + 1) * LANES]


def build_rows(
    rules: CompiledRules,
    cuts: Mapping[str, Floats],
    *,
    municipalities: Sequence[str],
    categories: Sequence[str] = (),
    opened: Collection[str] = (),
    ranked: bool = True,
) -> RowTables:
    """Turn compiled rules into rows for codes with the given cut points.

    Parameters
    ----------
    rules
        Compiled rules.
    cuts
        Characteristic key to the cut points its codes were made with: those of every class limit must be among them.
        The kernel's codes stand in the order of these keys; one that is absent is missing everywhere.
    municipalities
        Six-digit codes; number 1 is the first.
    categories
        Categories of protected areas; bit *i* of a cell's set is the *i*-th.
    opened
        Gates that a scenario opens where it brings irrigation.
    ranked
        Whether ratings and ranks are wanted, for score and reasons; without them the rows zone by class alone.

    Raises
    ------
    RulesError
        If a land-use type has more than sixteen rated factors.
    """
    tables, groups = rules.tables, Groups.of(rules)
    factors = int(np.diff(tables.type_start).max(initial=0))
    if factors > MOST_FACTORS:
        raise RulesError(
            _("Un tipo de uso con {count} factores").format(count=factors),
            expected=_("Se esperaban a lo sumo {most}").format(most=MOST_FACTORS),
        )
    samples = code_samples(rules, cuts, samples=2)
    low, high = samples[0], samples[-1]
    lone = [_number(rules, code) for code in ("SD", "FOR", "URB")]
    grouped = _group_rows(rules, groups if ranked else Groups.none(), (low, high), list(cuts))
    column_band = np.array([_band(list(cuts), each.key) for each in rules.characteristics], dtype=np.int32)
    return RowTables(
        **grouped,
        column_band=column_band,
        read_band=np.unique(column_band[column_band < len(cuts)]),
        zone_group=np.array(groups.zone_group, dtype=np.int32),
        zone_lanes=np.array(groups.zone_lanes, dtype=np.int32),
        lane_type=np.array(groups.lane_type, dtype=np.int16),
        lane_opens=np.array(groups.lane_opens, dtype=np.uint8),
        mu=((low.astype(np.float64) + high) / 2).astype(np.float32),
        numbers=np.array(lone, dtype=np.uint8),
        words=word_tables(rules, cuts, samples),
        **land_tables(rules, cuts, municipalities=municipalities, categories=categories, opened=opened),
    )


def _band(keys: Sequence[str], key: str) -> int:
    return keys.index(key) if key in keys else len(keys)


def _number(rules: CompiledRules, code: str) -> int:
    return next((zone.number for zone in rules.zones if zone.code == code), 0)


def _group_rows(
    rules: CompiledRules, groups: Groups, ratings: tuple[Floats, Floats], keys: Sequence[str]
) -> dict[str, Any]:
    """Fill the rows of every group; row 0 is neutral."""
    tables = rules.tables
    words = rating_words((ratings[0].astype(np.float64) + ratings[1]) / 2)
    low, high = (np.log(np.clip(each.astype(np.float64), SMALLEST, 1.0)) for each in ratings)
    logs: npt.NDArray[np.float64] = -(low + high) / 2
    missing_band = len(keys)
    rating, rank = [np.full((1, LANES), NEUTRAL)], [np.zeros((1, LANES))]
    start, band, row = [0], [], []
    for group in range(groups.zone_group[-1]):
        lanes = [(lane, kind) for lane, kind in enumerate(groups.lanes(group)) if kind >= 0]
        columns = sorted({int(tables.curve_column[each]) for _lane, kind in lanes for each in _curves(tables, kind)})
        for column in columns:
            band.append(_band(keys, rules.characteristics[column].key))
            row.append(1 + CODES * (len(rating) - 1))
            block, weighed = np.full((CODES, LANES), NEUTRAL), np.zeros((CODES, LANES))
            for lane, kind in lanes:
                _fill(block[:, lane], weighed[:, lane], tables, kind, column, words, logs)
            rating.append(block)
            rank.append(weighed)
        filled = -len(columns) % STRIDE
        band += [missing_band] * filled
        row += [0] * filled
        start.append(len(band))
    return {
        "rating": np.concatenate(rating).astype(np.uint16),
        "rank": np.rint(np.concatenate(rank) * RANK_STEPS).astype(np.uint16),
        "group_start": np.array(start, dtype=np.int32),
        "group_band": np.array(band, dtype=np.int32),
        "group_row": np.array(row, dtype=np.int32),
    }


def _curves(tables: KernelTables, kind: int) -> list[int]:
    return [int(each) for each in tables.factor_curve[tables.type_start[kind] : tables.type_start[kind + 1]]]


def _fill(  # noqa: PLR0917  one lane of one block
    rating: npt.NDArray[np.int64],
    rank: npt.NDArray[np.float64],
    tables: KernelTables,
    kind: int,
    column: int,
    words: Words,
    logs: npt.NDArray[np.float64],
) -> None:
    """Write what the codes of one characteristic mean for one land-use type."""
    first = int(tables.type_start[kind])
    for slot, curve in enumerate(_curves(tables, kind)):
        if tables.curve_column[curve] != column:
            continue
        known = words[curve] > 0
        known[0] = False
        rating[known] = np.minimum(rating[known], words[curve][known] | slot)
        rank[known] += float(tables.factor_weight[first + slot]) * logs[curve][known]
        if tables.factor_required[first + slot]:
            rating[0] = 0
