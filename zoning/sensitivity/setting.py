"""The rules and sources of a study as one value, and what a variant makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gis.errors import MissingError
from gis.messages import translator
from zoning.rules.characteristic import QUANTITIES, Characteristic
from zoning.rules.crop_library import NOT_RATED, Crop, CropFactor
from zoning.rules.gates import Condition, Gate
from zoning.rules.limits import S1, S3, N
from zoning.rules.ruleset import Ruleset
from zoning.sensitivity.variants import OFF, GateChange, Variant

_ = translator("zoning")

SLOPE = "slope"


class CannotTell(MissingError):  # noqa: N818  no fault of anybody: the table says the reason
    """A variant says nothing about a study for want of something; what was found is the reason, in Spanish."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Everything that may vary."""

    ruleset: Ruleset
    crops: Mapping[str, Crop]
    available: frozenset[str]
    """Names of the characteristics that some layer gives."""
    flagged: frozenset[str]
    """Names that are too coarse to rate or cut with."""
    climate: str
    """Climate source."""
    other_climates: tuple[str, ...] = ()
    """Climate sources that are prepared beside it."""
    elevation_cell_m: float | None = None
    """Cell of the source of the elevation, m; ``None`` where it is not known."""
    slope_cell_m: float = 0.0
    """Cell to which the elevation is averaged before the slope is taken, m; 0 takes the slope of the study."""
    slope_factor: float = 1.0
    """What every slope is multiplied by."""
    forest: str = ""
    """What decides the residual, as in :data:`zoning.sensitivity.variants.FORESTS`."""


def changed(setting: Setting, variant: Variant) -> Setting:
    """Return a setting as a variant has it.

    Raises
    ------
    CannotTell
        Something that the variant needs is not there.
    """
    ruleset = _ruleset(setting, variant)
    found = replace(
        _sources(setting, variant),
        ruleset=ruleset,
        crops=_crops(setting.crops, variant),
        forest=variant.forest or setting.forest,
    )
    if variant.without:
        found = replace(found, available=found.available - frozenset(variant.without))
    return found


def _sources(setting: Setting, variant: Variant) -> Setting:
    if variant.climate:
        if not setting.other_climates:
            raise CannotTell(_("no hay otra fuente de clima preparada"))
        setting = replace(setting, climate=setting.other_climates[0])
    if variant.slope or variant.slope_factor != 1:
        setting = _slope(setting, variant)
    for name in variant.needs:
        if name not in setting.available:
            raise CannotTell(_("falta la capa: {what}").format(what=_said(name)))
        if name in setting.flagged:
            raise CannotTell(_("no tiene resolución para cortar: {what}").format(what=_said(name)))
    return setting


def _slope(setting: Setting, variant: Variant) -> Setting:
    if SLOPE not in setting.available:
        raise CannotTell(_("no hay elevación"))
    flagged, cell = setting.flagged, setting.slope_cell_m
    if variant.slope == "ignored":
        flagged |= {SLOPE}
    elif variant.slope == "counted":
        flagged -= {SLOPE}
    elif variant.slope == "coarse":
        own = setting.elevation_cell_m
        if own is None or own > variant.slope_cell_m / 2:
            raise CannotTell(_("la elevación ya es tan gruesa"))
        cell = variant.slope_cell_m
    return replace(
        setting, flagged=flagged, slope_cell_m=cell, slope_factor=setting.slope_factor * variant.slope_factor
    )


def _ruleset(setting: Setting, variant: Variant) -> Ruleset:
    ruleset = setting.ruleset
    names = {gate.name for gate in ruleset.gates}
    for name in (*variant.gates, *variant.ungated):
        if name not in names:
            raise CannotTell(_("el reglamento no tiene el acceso «{name}»").format(name=name))
    codes = {zone.code for zone in ruleset.zones}
    for zone, managements in variant.managements.items():
        if zone not in codes or not set(managements) <= set(ruleset.managements):
            raise CannotTell(_("el reglamento no tiene la zona «{zone}» o esa manera de trabajar").format(zone=zone))
    gates = tuple(_gate(gate, variant.gates.get(gate.name, {}), setting) for gate in ruleset.gates)
    zones = tuple(
        replace(
            zone,
            gates=_asked(zone.gates, variant.ungated),
            competition_gates=_asked(zone.competition_gates, variant.ungated),
            managements=variant.managements.get(zone.code, zone.managements),
            minimum=_minimum(zone.code, zone.minimum, variant),
        )
        for zone in ruleset.zones
    )
    frost = ruleset.frost
    if variant.frost_offset is not None:
        frost = replace(frost, offset=variant.frost_offset)
    return replace(ruleset, gates=gates, zones=zones, frost=frost)


def _gate(gate: Gate, changes: GateChange, setting: Setting) -> Gate:
    asked = {condition.characteristic.name for condition in gate.conditions}
    for name, new in changes.items():
        if name not in asked:
            raise CannotTell(_("el acceso «{gate}» no pide {what}").format(gate=gate.title, what=_said(name)))
        if isinstance(new, str) and new != OFF and new not in setting.available:
            raise CannotTell(_("falta la capa: {what}").format(what=_said(new)))
    conditions: list[Condition] = []
    for condition in gate.conditions:
        change = changes.get(condition.characteristic.name)
        if isinstance(change, str):
            if change != OFF:
                conditions.append(replace(condition, characteristic=Characteristic(change)))
        else:
            conditions.append(condition if change is None else replace(condition, at_most=change))
    return replace(gate, conditions=tuple(conditions))


def _asked(gates: tuple[str, ...], ungated: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in gates if name.removeprefix("!") not in ungated)


def _minimum(code: str, minimum: int, variant: Variant) -> int:
    if minimum <= N or (variant.minimum_zones and code not in variant.minimum_zones):
        return minimum
    return min(max(minimum + variant.minimum, S3), S1)


def _crops(crops: Mapping[str, Crop], variant: Variant) -> Mapping[str, Crop]:
    if not variant.prefer:
        return crops
    return {
        name: replace(crop, factors={key: _factor(factor, variant) for key, factor in crop.factors.items()})
        for name, crop in crops.items()
    }


def _factor(factor: CropFactor, variant: Variant) -> CropFactor:
    touched = not variant.prefer_factors or factor.name in variant.prefer_factors
    if not touched or factor.use == NOT_RATED or not set(variant.among) <= set(factor.candidates):
        return factor
    for source in variant.prefer:
        if source == NOT_RATED or source in factor.candidates:
            return replace(factor, use=source)
    return factor


def _said(name: str) -> str:
    return QUANTITIES[name].title
