"""The method by class alone as one writes it in numpy: whole-array comparisons, each curve once, no scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from zoning.rating.competition import open_gates
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.land_use_types import Factor, LandUseType
from zoning.rules.limits import NR, S1, SD, N, comparison_limits
from zoning.rules.zone_rules import BEFORE, COMPETES, RESIDUAL

Classes = np.ndarray
Values = Mapping[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class ClassesSettled:
    """What each cell becomes."""

    zone: Classes
    cls: Classes
    runner_up: Classes
    margin: None = None


def settle_classes(
    values: Values,
    bits: np.ndarray,
    residual: Classes,
    rules: CompiledRules,
    *,
    drawn: dict[object, Classes] | None = None,
) -> ClassesSettled:
    """Zone cells that nothing has decided, shape (N,) each; ``drawn`` are the classes of curves with moved limits."""
    book: dict[object, Classes] = drawn or {}
    types = [_type_class(values, each, book) for each in rules.land_use_types]
    zones = [_zone_class(place, types, bits, rules) for place in range(len(rules.rated_zones))]
    shape = bits.shape
    best, winner, after, second = (np.zeros(shape, np.uint8) for _each in range(4))
    before, unknown = np.zeros(shape, bool), ~np.any(types, axis=0)
    for zone, cls in zip(rules.rated_zones, zones, strict=True):
        if zone.role not in {BEFORE, COMPETES}:
            continue
        may = open_gates(bits, (*zone.gates, *zone.competition_gates), rules)
        unknown |= may & (cls == SD) & ~before
        claims = may & (cls != SD) & (cls >= zone.minimum)
        wins = claims & ((winner == 0) | ((cls > best) & ~before))
        follows = claims & ~wins & ((after == 0) | (cls > second))
        after, second = np.where(follows, zone.number, after), np.where(follows, cls, second)
        after, second = np.where(wins, winner, after), np.where(wins, best, second)
        winner, best = np.where(wins, zone.number, winner), np.where(wins, cls, best)
        if zone.role == BEFORE:
            before |= wins
    for zone, cls in zip(rules.rated_zones, zones, strict=True):
        if zone.role == RESIDUAL:
            takes = (winner == 0) & (residual == zone.number)
            unknown |= takes & (cls == SD)
            winner, best = np.where(takes, zone.number, winner), np.where(takes, cls, best)
    rated = winner > 0
    return ClassesSettled(
        zone=np.where(unknown, rules.zone("SD").number, np.where(rated, winner, residual)).astype(np.uint8),
        cls=np.where(unknown, SD, np.where(rated, best, NR)).astype(np.uint8),
        runner_up=np.where(unknown, 0, after).astype(np.uint8),
    )


def _factor_class(values: Values, factor: Factor, book: dict[object, Classes], cells: int) -> Classes:
    """Return the class of a factor, SD where missing; each curve is compared once."""
    key = (factor.characteristic.key, factor.limits, factor.cap)
    if key not in book:
        x = values.get(factor.characteristic.key)
        found = np.full(cells, SD, np.uint8)
        if x is not None:
            found = np.full(cells, S1, np.uint8)
            for side in (factor.limits.low, factor.limits.high):
                if side is not None:
                    passed = [x >= limit if side.rising else x <= limit for limit in comparison_limits(side)]
                    np.minimum(found, np.add(passed[0], passed[1], dtype=np.uint8) + passed[2] + np.uint8(N), out=found)
            np.maximum(found, factor.cap, out=found)
            found[np.isnan(x)] = SD
        book[key] = found
    return book[key]


def _type_class(values: Values, kind: LandUseType, book: dict[object, Classes]) -> Classes:
    cells = next(iter(values.values())).size
    worst = np.full(cells, S1, np.uint8)
    for factor in kind.factors:
        if not factor.flagged:
            cls = _factor_class(values, factor, book, cells)
            np.minimum(worst, cls if factor.required else np.where(cls == SD, S1, cls), out=worst)
    return worst


def _zone_class(place: int, types: list[Classes], bits: np.ndarray, rules: CompiledRules) -> Classes:
    zone, crops = rules.rated_zones[place], []
    for variants in rules.baskets[place]:
        best, opened = np.zeros(bits.shape, np.uint8), np.zeros(bits.shape, bool)
        for index in variants:
            here = open_gates(bits, rules.land_use_types[index].gates, rules)
            opened |= here
            np.maximum(best, types[index] * here, out=best)
        crops.append(np.where(opened, best, np.uint8(N)))
    found = np.partition(np.stack(crops), len(crops) - zone.speaks, axis=0)[len(crops) - zone.speaks]
    return np.where(open_gates(bits, zone.gates, rules), found, np.uint8(N))
