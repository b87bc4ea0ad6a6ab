"""What of a study's rules somebody may change to see the map answer: limits, classes, gates, order and exclusions.

Each number comes with the values to which it may be moved without reading a layer again: those at which the codes of a
stack made for the study's rules begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from gis.errors import InputError
from gis.messages import translator
from zoning.comparison.option_records import (
    ChangeOptions,
    ConditionOption,
    CropOption,
    FactorOption,
    GateOption,
    LimitOption,
)
from zoning.land.scenario_land import reopen_changes
from zoning.rating.interval_codes import Floats, cut_points
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.crop_library import Crop
from zoning.rules.land_use_types import Factor, LandUseType
from zoning.rules.limits import CLASS_CODES, CLASS_NAMES, Limits, Side
from zoning.rules.ruleset_file import parse_ruleset
from zoning.rules.type_builder import SLOPE
from zoning.rules.zone_rules import Zone
from zoning.study.run_job import compile_for, workspace_ruleset
from zoning.study.study import Study

_ = translator("zoning")

MOST_DIGITS = 5
"""Significant digits of a value that is offered."""

_SIDES, _PLACES = ("low", "high"), ("s1", "s2", "s3")


def options_of(study: Study) -> ChangeOptions:
    """Return what may be tried on a study, from its own rules.

    Raises
    ------
    gis.errors.VallesError
        The layers or the crops are no longer those of the study.
    """
    rules, crops = study_rules(study)
    return change_options(rules, crops)


def study_rules(study: Study) -> tuple[CompiledRules, Mapping[str, Crop]]:
    """Return the rules that a study was made with, compiled for its layers, and the crop library.

    Raises
    ------
    gis.errors.VallesError
        The layers or the crops are no longer those of the study.
    """
    folder = study.workspace.root
    watched = (study.folder / "manifest.json", folder / "layers" / "provenance.json")
    files = (*watched, *sorted(folder.glob("crops/*.toml")))
    return _study_rules(study, tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files))


@lru_cache(maxsize=4)
def _study_rules(study: Study, stamps: tuple[int, ...]) -> tuple[CompiledRules, Mapping[str, Crop]]:  # noqa: ARG001
    """Compile once; ``stamps`` make it new when a file changes."""
    manifest, workspace = study.manifest, study.workspace
    text = str(manifest.get("ruleset") or "")
    ruleset = parse_ruleset(text) if text else workspace_ruleset(workspace)[0]
    changes = reopen_changes(workspace, ruleset, manifest.get("scenario"))
    if changes is not None:
        ruleset = changes.rules(ruleset)
    if changes is None and ruleset.hash != manifest["ruleset_hash"]:
        raise InputError(
            _("Las reglas han cambiado desde que se hizo el estudio «{name}»").format(name=study.name),
            remedy=_("Haga el estudio otra vez con valles zone --name {name}").format(name=study.name),
        )
    rules, _inventory, crops = compile_for(
        workspace, ruleset, climate=str(manifest["climate"]), crops_hash=str(manifest["crops_hash"])
    )
    return rules, crops


def change_options(rules: CompiledRules, crops: Mapping[str, Crop]) -> ChangeOptions:
    """Return what of some rules may be changed and would be seen.

    Parameters
    ----------
    rules
        Compiled for the layers that are there: what is flagged or absent is not offered.
    crops
        Library that the rules were compiled with.
    """
    cuts = cut_points(rules)
    zones = [zone for zone in rules.rated_zones if CLASS_CODES["S3"] <= zone.minimum <= CLASS_CODES["S1"]]
    slope = rules.ruleset.cover.legal_forest_slope
    named = {each.name for each in rules.inputs}
    offered = [_crop(rules, crops[name], cuts) for name in _speakers(rules)]
    return ChangeOptions(
        crops=tuple(each for each in offered if each.factors),
        gates=tuple(_gates(rules, cuts)),
        minimum={zone.code: CLASS_NAMES[zone.minimum] for zone in zones},
        order=rules.ruleset.order,
        protected=dict(rules.ruleset.cover.protected),
        legal_forest_slope=(
            LimitOption(name="legal_forest_slope", value=slope, stops=stops([cuts[SLOPE]], above=True))
            if SLOPE in cuts and SLOPE in rules.available
            else None
        ),
        flagged=tuple(sorted(rules.flagged & named)),
        absent=rules.absent,
    )


def stops(cuts: Sequence[Floats], *, above: bool) -> tuple[float, ...]:
    """Return the short numbers at which every list of cut points begins a code.

    Parameters
    ----------
    cuts
        Rising float32 cut points, a list for each characteristic that the number is compared with.
    above
        Whether the code begins just above the number, as for what passes up to it.

    Examples
    --------
    >>> stops([np.array([1.5, 2.0, 2.3333], dtype=np.float32), np.array([2.0], dtype=np.float32)], above=False)
    (2.0,)
    """
    if not cuts:
        return ()
    return tuple(sorted(set.intersection(*(_short(each, above=above) for each in cuts))))


def _short(cuts: Floats, *, above: bool) -> set[float]:
    values = np.nextafter(cuts, np.float32(-np.inf)) if above else cuts
    texts = (np.format_float_positional(value, unique=True, trim="-") for value in values)
    return {float(text) for text in texts if len(text.replace(".", "").lstrip("-0")) <= MOST_DIGITS}


def _speakers(rules: CompiledRules) -> list[str]:
    """Return the crops of all baskets by their id."""
    return sorted({crop for zone in rules.zones for group in zone.basket for crop in group})


def _crop(rules: CompiledRules, crop: Crop, cuts: Mapping[str, Floats]) -> CropOption:
    used: dict[str, list[Factor]] = {}
    for kind in rules.land_use_types:
        if kind.crop != crop.id:
            continue
        for factor in kind.factors:
            name = _changeable(rules, crop, kind, factor)
            if name and not factor.flagged and factor.characteristic.key in cuts and _given(rules, factor):
                used.setdefault(name, []).append(factor)
    options = []
    for name, factors in used.items():
        requirement = crop.factors[name].requirement
        limits = () if requirement is None else tuple(_limits(requirement.limits, factors, cuts))
        if requirement is not None and limits:
            options.append(
                FactorOption(
                    factor=name,
                    characteristic=requirement.characteristic,
                    unit=requirement.unit,
                    source=requirement.source,
                    limits=limits,
                )
            )
    zones = tuple(zone.code for zone in rules.zones if any(crop.id in group for group in zone.basket))
    return CropOption(crop=crop.id, name=crop.name, zones=zones, factors=tuple(options))


def _changeable(rules: CompiledRules, crop: Crop, kind: LandUseType, factor: Factor) -> str:
    """Return the name under which the crop's file holds a factor; empty where the ruleset or frost decides it."""
    name = rules.ruleset.managements[kind.management].slope_factor if factor.name == SLOPE else factor.name
    own = crop.factors.get(name)
    return name if own is not None and own.requirement is not None else ""


def _given(rules: CompiledRules, factor: Factor) -> bool:
    return bool({factor.characteristic.name, factor.characteristic.key} & rules.available)


def _limits(own: Limits, factors: Sequence[Factor], cuts: Mapping[str, Floats]) -> Iterable[LimitOption]:
    """Return the limits of a crop's factor that show somewhere, with the values that keep them limits."""
    for name in _SIDES:
        side: Side | None = getattr(own, name)
        keys = sorted({each.characteristic.key for each in factors if getattr(each.limits, name) is not None})
        if side is None or not keys:
            continue
        cap = max(factor.cap for factor in factors)
        # A limit that a cap keeps from showing cannot be moved, and stays the neighbour of those that can.
        fixed = [getattr(side, place) for place in _PLACES if CLASS_CODES[place.upper()] <= cap]
        for place in _PLACES:
            value = float(getattr(side, place))
            if not np.isfinite(value) or CLASS_CODES[place.upper()] <= cap:
                continue
            ends = [*fixed, *(_hidden_end(own, name, factors) if place == "s1" else ())]
            free = stops([cuts[key] for key in keys], above=_above(side, place))
            kept = (stop for stop in free if all(stop != end and (stop > end) == (value > end) for end in ends))
            yield LimitOption(name=f"{name}.{place}", value=_plain(value), stops=tuple(kept))


def _hidden_end(own: Limits, name: str, factors: Sequence[Factor]) -> Iterable[float]:
    """Return where S1 ends on the other side, where that side shows nowhere: irrigation drops the least rain."""
    other = "high" if name == "low" else "low"
    side: Side | None = getattr(own, other)
    if side is not None and not any(getattr(each.limits, other) for each in factors):
        yield side.s1


def _above(side: Side, place: str) -> bool:
    """Whether the code of the better class ends at a limit: on an upper side, or where the limit itself is still N."""
    return side.rising == (side.strict and place == "s3")


def _plain(value: float) -> float:
    """Return a number without what binary arithmetic left behind it."""
    return float(f"{value:.9g}")


def _gates(rules: CompiledRules, cuts: Mapping[str, Floats]) -> Iterable[GateOption]:
    shut = {(note.gate, note.characteristic) for note in rules.gate_notes}
    managed = {name for kind in rules.land_use_types for name in kind.gates}
    for gate in rules.gates:
        zones = tuple(zone.code for zone in rules.zones if gate.name in _asked(zone))
        if not zones and gate.name not in managed:
            continue
        conditions = []
        for condition in gate.conditions:
            key = condition.characteristic.key
            if (gate.name, key) in shut or key not in cuts:
                continue
            at_most = condition.at_most is not None
            value = condition.at_most if condition.at_most is not None else condition.at_least
            if value is None:
                continue
            limit = LimitOption(
                name="at_most" if at_most else "at_least",
                value=_plain(value),
                stops=stops([cuts[key]], above=at_most),
            )
            conditions.append(
                ConditionOption(
                    characteristic=condition.characteristic.name, unit=condition.characteristic.unit, limit=limit
                )
            )
        if conditions or (zones and gate.municipalities):
            yield GateOption(gate=gate.name, title=gate.title, zones=zones, conditions=tuple(conditions))


def _asked(zone: Zone) -> set[str]:
    return {name.removeprefix("!") for name in (*zone.gates, *zone.competition_gates)}
