"""Every number of the rules moved by a hair: a map that jumps then is a defect, not a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from zoning.rules.crop_library import Crop
from zoning.rules.gates import Gate
from zoning.rules.limits import Limits, Side
from zoning.rules.ruleset import Ruleset
from zoning.rules.type_builder import FROST, SLOPE, SLOPE_FACTORS
from zoning.sensitivity.setting import Setting

Owner = TypeVar("Owner")

PLACES = ("zero", "s3", "s2", "s1", "full")
"""Numbers of one side of a limit: the three class limits, and where the score begins and ends."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """What becomes of a number: ``number · (1 + relative) + absolute``."""

    relative: float = 0.0
    absolute: float = 0.0

    def __call__(self, number: float) -> float:
        """Return the number shifted."""
        return number * (1.0 + self.relative) + self.absolute


@dataclass(frozen=True, kw_only=True)
class Number:
    """The place of one number, or of several that move together; an empty part is any."""

    owner: str = ""
    """``crop``, ``gate``, ``management``, ``frost``, ``weight`` or ``cover``."""
    name: str = ""
    """Crop, gate, management or factor it belongs to."""
    part: str = ""
    """Factor of the crop, characteristic of the gate, or ``at_most``, ``s3`` and so on."""
    side: str = ""
    """``low`` or ``high``."""
    place: str = ""
    """One of :data:`PLACES`."""

    def holds(self, **where: str) -> bool:
        """Whether a number stands at this place."""
        return all(not getattr(self, key) or getattr(self, key) == value for key, value in where.items())


def class_limits(setting: Setting) -> Iterator[Number]:
    """Iterate over every class limit in use in the crop files, the managements and the gates of a setting, singly."""
    crops = {crop for zone in setting.ruleset.zones for group in zone.basket for crop in group}
    for name in sorted(crops):
        for key, factor in setting.crops[name].factors.items():
            if factor.requirement is not None:
                yield from _sides("crop", name, key, factor.requirement.limits)
    for name, management in sorted(setting.ruleset.managements.items()):
        yield from _sides("management", name, "slope", management.slope)
    for gate in setting.ruleset.gates:
        for condition in gate.conditions:
            yield Number(owner="gate", name=gate.name, part=condition.characteristic.name)
    yield from (Number(owner="frost", part=part) for part in ("offset", "s3", "s2", "s1"))
    yield Number(owner="cover")


def _sides(owner: str, name: str, part: str, limits: Limits) -> Iterator[Number]:
    for side, numbers in (("low", limits.low), ("high", limits.high)):
        if numbers is not None:
            yield from (Number(owner=owner, name=name, part=part, side=side, place=place) for place in PLACES)


def shifted(setting: Setting, shift: Shift, where: Number | None = None) -> Setting:
    """Return a setting with its numbers shifted.

    Parameters
    ----------
    setting
        Rules and crops.
    shift
        What becomes of a number.
    where
        Which numbers; ``None`` is every limit and every weight at once.
    """
    chosen = where or Number()
    return replace(
        setting,
        ruleset=_ruleset(setting.ruleset, shift, chosen, setting),
        crops={name: _crop(crop, shift, chosen) for name, crop in setting.crops.items()},
    )


def _ruleset(ruleset: Ruleset, shift: Shift, chosen: Number, setting: Setting) -> Ruleset:
    frost, cover, weights = ruleset.frost, ruleset.cover, dict(ruleset.weights)
    if chosen.holds(owner="frost"):
        margins = zip(("s3", "s2", "s1"), frost.margins, strict=True)
        s3, s2, s1 = (shift(value) if chosen.holds(part=part) else value for part, value in margins)
        offset = shift(frost.offset) if chosen.holds(part="offset") else frost.offset
        frost = replace(frost, margins=(s3, s2, s1), offset=offset)
    if chosen.holds(owner="cover"):
        cover = replace(cover, legal_forest_slope=shift(cover.legal_forest_slope))
    if chosen.holds(owner="weight"):
        rated = {key for crop in setting.crops.values() for key in crop.factors if not key.startswith(SLOPE_FACTORS)}
        factors = rated | {SLOPE, FROST}
        for name in sorted(factors):
            if chosen.holds(name=name):
                weights[name] = shift(weights.get(name, 1.0))
    managements = {
        name: replace(each, slope=_limits(each.slope, shift, chosen)) if chosen.holds(name=name) else each
        for name, each in ruleset.managements.items()
    }
    return replace(
        ruleset,
        frost=frost,
        cover=cover,
        weights=weights,
        managements=managements if chosen.holds(owner="management") else ruleset.managements,
        gates=tuple(_gate(gate, shift, chosen) for gate in ruleset.gates),
    )


def _gate(gate: Gate, shift: Shift, chosen: Number) -> Gate:
    if not chosen.holds(owner="gate", name=gate.name):
        return gate
    conditions = tuple(
        replace(each, at_most=_maybe(each.at_most, shift), at_least=_maybe(each.at_least, shift))
        if chosen.holds(part=each.characteristic.name)
        else each
        for each in gate.conditions
    )
    return replace(gate, conditions=conditions)


def _maybe(number: float | None, shift: Shift) -> float | None:
    return None if number is None else shift(number)


def _crop(crop: Crop, shift: Shift, chosen: Number) -> Crop:
    if not chosen.holds(owner="crop", name=crop.id):
        return crop
    factors = {}
    for key, factor in crop.factors.items():
        factors[key] = factor
        if factor.requirement is not None and chosen.holds(part=key):
            limits = _limits(factor.requirement.limits, shift, chosen)
            candidates = {**factor.candidates, factor.use: replace(factor.requirement, limits=limits)}
            factors[key] = replace(factor, candidates=candidates)
    return replace(crop, factors=factors)


def _limits(limits: Limits, shift: Shift, chosen: Number) -> Limits:
    low, high = limits.low, limits.high
    if low is not None and chosen.holds(side="low"):
        low = _side(low, shift, chosen)
    if high is not None and chosen.holds(side="high"):
        high = _side(high, shift, chosen)
    return Limits(low=low, high=high)


def _side(side: Side, shift: Shift, chosen: Number) -> Side:
    zero, s3, s2, s1, full = (
        shift(number) if chosen.holds(place=place) else number
        for place, number in zip(PLACES, side.breakpoints, strict=True)
    )
    return replace(side, zero=zero, s3=s3, s2=s2, s1=s1, full=full)
