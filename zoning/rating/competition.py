"""Zones in plain numpy: baskets, gates and the class-first competition. The reference that the kernel is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoning.rating.reference import RatingBook, TypeRating, rate_factors
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.kernel_tables import masks
from zoning.rules.limits import NR, S1, S2, S3, SD, N
from zoning.rules.zone_rules import BEFORE, COMPETES, RESIDUAL

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint32]

SHUT, UNKNOWN = -2.0, -1.0
"""Scores below every rating: no variant's gates are open; all open ones are SD."""

_BAND_ENDS = (0.0, np.float32(0.40), np.float32(0.60), np.float32(0.85))


@dataclass(frozen=True, kw_only=True)
class ZoneRating:
    """How each cell does for one zone."""

    cls: Codes
    """Class of the speaking crop; N where a gate is shut, SD where unknown."""
    score: Floats
    """Its score; 0 where shut, −1 where unknown."""
    land_use_type: Indices
    """Its best variant; −1 where shut."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What each cell becomes."""

    zone: Codes
    cls: Codes
    score: Floats
    land_use_type: Indices
    runner_up: Codes
    runner_up_class: Codes
    margin: Floats


def open_gates(bits: Bits, gates: Sequence[str], rules: CompiledRules) -> npt.NDArray[np.bool_]:
    """Where all of ``gates`` hold (``!name`` must be shut), shape of ``bits``."""
    need, forbid = masks(gates, {name: bit for bit, name in enumerate(rules.gate_names)})
    allowed: npt.NDArray[np.bool_] = ((bits & np.uint32(need)) == need) & ((bits & np.uint32(forbid)) == 0)
    return allowed


def class_of(score: Floats) -> Codes:
    """Class code of scores; SD below 0."""
    s = np.asarray(score, dtype=np.float32)
    return np.select([s < 0, s >= _BAND_ENDS[3], s >= _BAND_ENDS[2], s >= _BAND_ENDS[1]], [SD, S1, S2, S3], N).astype(
        np.uint8
    )


def rate_zone(place: int, ratings: Sequence[TypeRating], bits: Bits, rules: CompiledRules) -> ZoneRating:
    """Rate rated zone number ``place``: its second-best crop, each crop by its best open variant."""
    zone = rules.rated_zones[place]
    crop_scores, crop_types = [], []
    for variants in rules.baskets[place]:
        best, which = np.full(bits.shape, SHUT), np.full(bits.shape, -1, dtype=np.int64)
        for index in variants:
            score = np.where(np.isnan(ratings[index].score), UNKNOWN, ratings[index].score)
            wins = open_gates(bits, rules.land_use_types[index].gates, rules) & (score > best)
            best, which = np.where(wins, score, best), np.where(wins, index, which)
        crop_scores.append(np.where(best == SHUT, 0.0, best))
        crop_types.append(which)
    scores, types = np.stack(crop_scores), np.stack(crop_types)
    order = np.argsort(-scores, axis=0, kind="stable")[zone.speaks - 1][None]
    score = np.take_along_axis(scores, order, axis=0)[0]
    which = np.take_along_axis(types, order, axis=0)[0]
    unlocked = open_gates(bits, zone.gates, rules)
    score = np.where(unlocked, score, 0.0)
    return ZoneRating(cls=class_of(score), score=score, land_use_type=np.where(unlocked, which, -1))


def settle(
    ratings: Sequence[TypeRating], zones: Sequence[ZoneRating], bits: Bits, residual: Codes, rules: CompiledRules
) -> Settled:
    """Give every cell its zone; see :func:`zoning.rating.kernel.classify_block` for the order."""
    shape = bits.shape
    best = {"class": np.zeros(shape, np.uint8), "row": np.full(shape, -1), "before": np.zeros(shape, bool)}
    second = {"class": np.zeros(shape, np.uint8), "row": np.full(shape, -1)}
    unknown = np.zeros(shape, bool)
    for row, (zone, rated) in enumerate(zip(rules.rated_zones, zones, strict=True)):
        if zone.role not in (BEFORE, COMPETES):
            continue
        may = open_gates(bits, (*zone.gates, *zone.competition_gates), rules)
        unknown |= may & (rated.cls == SD) & ~best["before"]
        claims = may & (rated.cls != SD) & (rated.cls >= zone.minimum)
        wins = claims & ((best["row"] < 0) | ((rated.cls > best["class"]) & ~best["before"]))
        next_best = claims & ~wins & ((second["row"] < 0) | (rated.cls > second["class"]))
        for key, value in (("class", rated.cls), ("row", np.full(shape, row))):
            second[key] = np.where(wins, best[key], np.where(next_best, value, second[key]))
            best[key] = np.where(wins, value, best[key])
        best["before"] |= wins & (zone.role == BEFORE)
    unknown |= np.all([each.cls == SD for each in ratings], axis=0)
    winner = best["row"].copy()
    for row, zone in enumerate(rules.rated_zones):
        if zone.role == RESIDUAL:
            takes = (best["row"] < 0) & (residual == zone.number)
            unknown |= takes & (zones[row].cls == SD)
            winner = np.where(takes, row, winner)
    second_row = np.where(winner == best["row"], second["row"], -1)
    zone_of = np.where(unknown, rules.zone("SD").number, residual).astype(np.uint8)
    return _gather(zones, rules, winner=np.where(unknown, -1, winner), second=second_row, zone_of=zone_of)


def _gather(
    zones: Sequence[ZoneRating], rules: CompiledRules, *, winner: Indices, second: Indices, zone_of: Codes
) -> Settled:
    """Collect the figures of winner and runner-up; ``zone_of`` is the zone of cells without a rated winner."""
    won = winner >= 0
    followed = won & (second >= 0)
    cells = np.arange(winner.size)
    scores, types = np.stack([each.score for each in zones]), np.stack([each.land_use_type for each in zones])
    numbers = np.array([zone.number for zone in rules.rated_zones], dtype=np.uint8)
    score = np.where(won, scores[winner, cells], np.nan)
    other = np.where(followed, scores[second, cells], np.nan)
    unrated = np.where(zone_of == rules.zone("SD").number, SD, NR)
    return Settled(
        zone=np.where(won, numbers[winner], zone_of).astype(np.uint8),
        cls=np.where(won, class_of(np.nan_to_num(score)), unrated).astype(np.uint8),
        score=score,
        land_use_type=np.where(won, types[winner, cells], -1),
        runner_up=np.where(followed, numbers[second], 0).astype(np.uint8),
        runner_up_class=np.where(followed, class_of(np.nan_to_num(other)), NR).astype(np.uint8),
        margin=score - other,
    )


def rate_types(values: Mapping[str, npt.ArrayLike], rules: CompiledRules) -> list[TypeRating]:
    """Rate every land-use type of the rules; ``values`` maps characteristic keys to arrays of one shape."""
    book: RatingBook = {}
    return [rate_factors(values, each.factors, book=book) for each in rules.land_use_types]


def compete(
    values: Mapping[str, npt.ArrayLike], bits: Bits, residual: Codes, rules: CompiledRules
) -> tuple[list[TypeRating], list[ZoneRating], Settled]:
    """Rate and settle cells that nothing has decided, shape (N,) each."""
    ratings = rate_types(values, rules)
    zones = [rate_zone(place, ratings, bits, rules) for place in range(len(rules.rated_zones))]
    return ratings, zones, settle(ratings, zones, bits, residual, rules)
