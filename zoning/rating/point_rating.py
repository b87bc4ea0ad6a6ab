"""One point in full: every land-use type, every factor with value, limits and source, every zone, and the outcome."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from zoning.rating.competition import Settled, ZoneRating, compete, open_gates
from zoning.rating.reference import TypeRating, rate_factor
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.land_use_types import Factor, LandUseType
from zoning.rules.limits import NR, SD


@dataclass(frozen=True, kw_only=True)
class PointFactor:
    """One factor at one point."""

    factor: Factor
    """Name, characteristic, unit, limits, source; whether required or flagged."""
    value: float
    """In the factor's unit; NaN where missing."""
    cls: int
    """Class code; SD where missing, 255 (not rated) where flagged."""
    score: float
    """Rating 0–1; NaN where missing or flagged."""
    next_limit: float | None
    """Value at which the next better class begins; ``None`` in S1, where missing, flagged, or at the cap."""


@dataclass(frozen=True, kw_only=True)
class PointLandUse:
    """One land-use type at one point."""

    land_use_type: LandUseType
    index: int
    """Index in ``rules.land_use_types``."""
    cls: int
    """Class by its factors, gates apart."""
    score: float
    """0–1; NaN where SD."""
    factors: tuple[PointFactor, ...]
    limiting: str | None
    """Name of the factor with the lowest rating."""
    second_limiting: str | None
    shut_gates: tuple[str, ...]
    """Names of the gates it needs and that are shut here; empty means it may be used."""


@dataclass(frozen=True, kw_only=True)
class PointZone:
    """One rated zone at one point."""

    zone: str
    """Code."""
    cls: int
    """Class of the speaking crop; N where a gate is shut."""
    score: float
    """0–1; 0 where shut; NaN where SD."""
    land_use_type: int
    """Index of the speaking crop's best variant; −1 where shut."""
    shut_gates: tuple[str, ...]
    """Gates of its aptitude that do not hold here; ``!name`` is open but must be shut."""
    shut_competition_gates: tuple[str, ...]
    """Gates of its claim that do not hold here."""
    claims: bool
    """Whether it could take the cell: all gates and the minimum class."""


@dataclass(frozen=True, kw_only=True)
class PointRating:
    """Everything about one point."""

    zone: str
    """Code of the zone here."""
    cls: int
    """Its class; 255 where not rated."""
    score: float
    """NaN where not rated."""
    land_use_type: int
    """Index of the land-use type that speaks; −1 where none."""
    limiting: str | None
    """Characteristic key that limits it."""
    second_limiting: str | None
    runner_up: str | None
    """Code of the runner-up."""
    runner_up_class: int
    margin: float
    """NaN where there is no runner-up."""
    decided: bool
    """The zone was fixed by precedence, not by rating."""
    land_use_types: tuple[PointLandUse, ...]
    zones: tuple[PointZone, ...]


def rate_point(
    rules: CompiledRules,
    values: Mapping[str, float],
    gates: Iterable[str] | int,
    *,
    decided: int = 0,
    residual: int = 0,
) -> PointRating:
    """Rate one point and keep every step.

    Parameters
    ----------
    rules
        Compiled ruleset.
    values
        Characteristic key (``temp_mean@09-01``) to value in its unit; absent or NaN is missing.
    gates
        Names of the open gates, or their bits as one number.
    decided
        Zone number fixed by precedence, 0 where zones compete.
    residual
        Zone number that takes the cell if no zone does; 0 means the ruleset's zone of unknown cover.
    """
    word = gates if isinstance(gates, int) else sum(1 << rules.gate_names.index(name) for name in set(gates))
    bits = np.array([word], dtype=np.uint32)
    arrays = {key: np.array([value], dtype=np.float32) for key, value in values.items()}
    arrays |= {each.key: np.array([np.nan], np.float32) for each in rules.characteristics if each.key not in arrays}
    rest = residual or rules.zone(rules.ruleset.cover.unknown_zone).number
    ratings, zones, settled = compete(arrays, bits, np.array([rest], dtype=np.uint8), rules)
    book: dict[Factor, PointFactor] = {}
    types = tuple(_land_use(index, rating, arrays, bits, rules, book=book) for index, rating in enumerate(ratings))
    rated = tuple(_zone(place, each, bits, rules) for place, each in enumerate(zones))
    return _outcome(rules, settled, types, rated, decided=decided)


def _outcome(
    rules: CompiledRules,
    settled: Settled,
    types: tuple[PointLandUse, ...],
    zones: tuple[PointZone, ...],
    *,
    decided: int,
) -> PointRating:
    if decided:
        return PointRating(
            zone=rules.zone(decided).code,
            cls=NR,
            score=math.nan,
            land_use_type=-1,
            limiting=None,
            second_limiting=None,
            runner_up=None,
            runner_up_class=NR,
            margin=math.nan,
            decided=True,
            land_use_types=types,
            zones=zones,
        )
    index = int(settled.land_use_type[0])
    speaker = types[index] if index >= 0 else None
    runner_up = int(settled.runner_up[0])
    return PointRating(
        zone=rules.zone(int(settled.zone[0])).code,
        cls=int(settled.cls[0]),
        score=float(settled.score[0]),
        land_use_type=index,
        limiting=_key(speaker, speaker.limiting) if speaker else None,
        second_limiting=_key(speaker, speaker.second_limiting) if speaker else None,
        runner_up=rules.zone(runner_up).code if runner_up else None,
        runner_up_class=int(settled.runner_up_class[0]),
        margin=float(settled.margin[0]),
        decided=False,
        land_use_types=types,
        zones=zones,
    )


def _key(land_use: PointLandUse, name: str | None) -> str | None:
    return land_use.land_use_type.factor(name).characteristic.key if name else None


def _land_use(
    index: int,
    rating: TypeRating,
    arrays: Mapping[str, np.ndarray[tuple[int], np.dtype[np.float32]]],
    bits: np.ndarray[tuple[int], np.dtype[np.uint32]],
    rules: CompiledRules,
    *,
    book: dict[Factor, PointFactor],
) -> PointLandUse:
    each = rules.land_use_types[index]
    for factor in each.factors:
        if factor not in book:
            book[factor] = _factor(factor, arrays)
    limiting, second = int(rating.limiting[0]), int(rating.second_limiting[0])
    return PointLandUse(
        land_use_type=each,
        index=index,
        cls=int(rating.cls[0]),
        score=float(rating.score[0]),
        factors=tuple(book[factor] for factor in each.factors),
        limiting=each.factors[limiting].name if limiting >= 0 else None,
        second_limiting=each.factors[second].name if second >= 0 else None,
        shut_gates=_shut(each.gates, bits, rules),
    )


def _factor(factor: Factor, arrays: Mapping[str, np.ndarray[tuple[int], np.dtype[np.float32]]]) -> PointFactor:
    found = arrays.get(factor.characteristic.key)
    return rate_one(factor, float(found[0]) if found is not None else math.nan)


def rate_one(factor: Factor, value: float) -> PointFactor:
    """Rate one factor at one value in its unit, NaN where missing."""
    if factor.flagged:
        return PointFactor(factor=factor, value=value, cls=NR, score=math.nan, next_limit=None)
    rating = rate_factor([value], factor)
    cls = int(rating.cls[0])
    return PointFactor(
        factor=factor,
        value=value,
        cls=cls,
        score=float(rating.mu[0]),
        next_limit=None if cls == SD else factor.limits.next_class_at(value, cls),
    )


def _zone(
    place: int, rated: ZoneRating, bits: np.ndarray[tuple[int], np.dtype[np.uint32]], rules: CompiledRules
) -> PointZone:
    zone = rules.rated_zones[place]
    cls = int(rated.cls[0])
    shut = _shut(zone.gates, bits, rules)
    further = _shut(zone.competition_gates, bits, rules)
    return PointZone(
        zone=zone.code,
        cls=cls,
        score=float(rated.score[0]) if cls != SD else math.nan,
        land_use_type=int(rated.land_use_type[0]),
        shut_gates=shut,
        shut_competition_gates=further,
        claims=zone.claims(cls) and not shut and not further and zone.role in ("before", "competes"),
    )


def _shut(
    gates: Iterable[str], bits: np.ndarray[tuple[int], np.dtype[np.uint32]], rules: CompiledRules
) -> tuple[str, ...]:
    return tuple(gate for gate in gates if not open_gates(bits, (gate,), rules)[0])
