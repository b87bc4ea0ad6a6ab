"""What may be changed of a study's rules, as records: numbers with today's value and the values that need no layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LimitOption:
    """One number that may be moved."""

    name: str
    """What a change calls it: ``low.s1`` of a crop, ``at_most`` or ``at_least`` of a gate."""
    value: float
    """Today, in the characteristic's unit."""
    stops: tuple[float, ...]
    """Rising values that need no layer, in the characteristic's unit."""


@dataclass(frozen=True, kw_only=True)
class FactorOption:
    """One factor of a crop."""

    factor: str
    """Key in the crop's file."""
    characteristic: str
    """Name of the quantity, without months."""
    unit: str
    """Of its limits."""
    source: str
    """Citation of the limits in use."""
    limits: tuple[LimitOption, ...]
    """Lower side before the upper, S1 before S3."""


@dataclass(frozen=True, kw_only=True)
class CropOption:
    """One crop of a basket."""

    crop: str
    """Library id."""
    name: str
    """Spanish name."""
    zones: tuple[str, ...]
    """Zones it speaks for."""
    factors: tuple[FactorOption, ...]


@dataclass(frozen=True, kw_only=True)
class ConditionOption:
    """One condition of a gate."""

    characteristic: str
    """Name of the quantity."""
    unit: str
    """Of its limit."""
    limit: LimitOption


@dataclass(frozen=True, kw_only=True)
class GateOption:
    """One gate that a zone or a management asks."""

    gate: str
    """Key in the ruleset."""
    title: str
    """What a reader sees when it is shut."""
    zones: tuple[str, ...]
    """Zones that ask it and may do without; a management's own gates are not among them."""
    conditions: tuple[ConditionOption, ...]
    """Those that are applied here."""


@dataclass(frozen=True, kw_only=True)
class ChangeOptions:
    """Everything that may be tried on a study."""

    crops: tuple[CropOption, ...]
    gates: tuple[GateOption, ...]
    minimum: Mapping[str, str]
    """Zone that competes to the worst class it claims land with."""
    order: tuple[str, ...]
    """Competing zones, first served first."""
    protected: Mapping[str, str]
    """Category of protected area to the zone it makes, or ``restriction``."""
    legal_forest_slope: LimitOption | None
    """Slope, %, above which land is forest by law; ``None`` where slope is too coarse to cut."""
    flagged: tuple[str, ...]
    """Characteristics that the rules name and whose resolution carries neither rating nor cut here."""
    absent: tuple[str, ...]
    """Characteristics that the rules name and no layer gives."""
