"""A change of rules as text: plain values to send again, and the lines to put into a workspace's own rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gis.messages import translator
from zoning.rules.crop_library import Crop, Requirement
from zoning.rules.gates import Condition, Gate
from zoning.rules.limits import CLASS_NAMES, Side
from zoning.rules.rule_change import RuleChange
from zoning.rules.ruleset import Ruleset
from zoning.rules.zone_rules import Zone

_ = translator("zoning")

RULESET_FILE = "ruleset.toml"
"""Where most of a change belongs."""


def plain_content(change: RuleChange) -> dict[str, Any]:
    """Return a change as :meth:`~zoning.rules.rule_change.RuleChange.of` reads it; parts that change nothing stay away.

    Examples
    --------
    >>> plain_content(RuleChange.of({"minimum": {"VID": "S2"}, "gates": {}}))
    {'minimum': {'VID': 'S2'}}
    """
    content: dict[str, Any] = {
        "order": list(change.order),
        "minimum": {zone: CLASS_NAMES[code] for zone, code in change.minimum.items()},
        "gates": {gate: dict(limits) for gate, limits in change.gates.items() if limits},
        "ungated": list(change.ungated),
        "weights": dict(change.weights),
        "limits": {
            crop: {factor: dict(places) for factor, places in factors.items() if places}
            for crop, factors in change.limits.items()
        },
        "protected": dict(change.protected),
    }
    kept = {name: value for name, value in content.items() if value}
    return kept | ({} if change.legal_forest_slope is None else {"legal_forest_slope": change.legal_forest_slope})


def change_files(change: RuleChange, ruleset: Ruleset, crops: Mapping[str, Crop]) -> dict[str, str]:
    """Return what a change puts in place of what stands in the files of a workspace.

    Parameters
    ----------
    change
        What changes.
    ruleset, crops
        Rules and crops without the change.

    Returns
    -------
    dict
        Name of the file in the workspace to TOML whose keys stand in place of those of the file; a table that is not
        named stays.

    Raises
    ------
    zoning.zoning_errors.ChangeError
        The change does not fit the rules.
    """
    changed, changed_crops = change.apply(ruleset, crops)
    files = {RULESET_FILE: "\n\n".join(_ruleset_lines(change, ruleset, changed))}
    for name in sorted(change.limits):
        files[f"crops/{name}.toml"] = "\n\n".join(_crop_lines(change, changed_crops[name], crops[name]))
    return {name: text for name, text in files.items() if text}


def change_text(change: RuleChange, ruleset: Ruleset, crops: Mapping[str, Crop], *, study: str) -> str:
    """Return :func:`change_files` as one text for a person who edits the files.

    Raises
    ------
    zoning.zoning_errors.ChangeError
        The change does not fit the rules.
    """
    parts = [_("# Ensayo sobre el estudio «{study}»: no se ha guardado nada.").format(study=study)]
    for name, text in change_files(change, ruleset, crops).items():
        where = _("# ==== {file}: ponga estas claves en lugar de las que tiene").format(file=name)
        whole = _("# Si el espacio de trabajo no tiene ese archivo, copie antes entero el que trae el programa.")
        parts.append("\n".join([where, *([] if name == RULESET_FILE else [whole]), text]))
    parts.append(_("# Después: valles ruleset check y valles zone"))
    return "\n\n".join(parts) + "\n"


def _ruleset_lines(change: RuleChange, before: Ruleset, changed: Ruleset) -> Iterable[str]:
    if change.order:
        yield f"[competition]\norder = {_value(list(changed.order))}"
    for zone, own in zip(changed.zones, before.zones, strict=True):
        lines = _zone_lines(zone, own, change)
        if lines:
            yield "\n".join([f"[zones.{zone.code}]", *lines])
    for gate in changed.gates:
        if change.gates.get(gate.name):
            yield "\n".join([f"[gates.{_key(gate.name)}]", *_gate_lines(gate)])
    if change.weights:
        yield "\n".join(["[weights]", *(f"{_key(name)} = {_value(weight)}" for name, weight in change.weights.items())])
    cover = [f"protected = {_value(dict(changed.cover.protected))}"] if change.protected else []
    if change.legal_forest_slope is not None:
        cover.append(f"legal_forest_slope = {_value(changed.cover.legal_forest_slope)}")
    if cover:
        yield "\n".join(["[cover]", *cover])


def _zone_lines(zone: Zone, before: Zone, change: RuleChange) -> list[str]:
    lines = [f"minimum = {_value(CLASS_NAMES[zone.minimum])}"] if zone.code in change.minimum else []
    for name in ("gates", "competition_gates"):
        asked = getattr(zone, name)
        if asked != getattr(before, name):
            lines.append(f"{name} = {_value(list(asked))}")
    return lines


def _gate_lines(gate: Gate) -> Iterable[str]:
    yield "conditions = ["
    yield from (f"  {_value(_condition(condition))}," for condition in gate.conditions)
    yield "]"


def _condition(condition: Condition) -> dict[str, Any]:
    limits = {"at_most": condition.at_most, "at_least": condition.at_least}
    told: dict[str, Any] = {"characteristic": condition.characteristic.key}
    told |= {name: value for name, value in limits.items() if value is not None}
    told |= {"unit": condition.characteristic.unit}
    return told | ({} if condition.missing_passes else {"missing_passes": False})


def _crop_lines(change: RuleChange, changed: Crop, before: Crop) -> Iterable[str]:
    for name in sorted(change.limits[changed.id]):
        factor, own = changed.factors[name], before.factors[name].requirement
        if factor.requirement is None or own is None:
            continue
        lines = [f"[factor.{_key(name)}.{_key(factor.use)}]"]
        if any(side is not None and side.strict for side in (own.limits.low, own.limits.high)):
            lines.append(_("# Quite la línea trapezoid: la reemplazan low y high."))
        yield "\n".join([*lines, *_side_lines(factor.requirement)])


def _side_lines(requirement: Requirement) -> Iterable[str]:
    for name in ("low", "high"):
        side: Side | None = getattr(requirement.limits, name)
        if side is not None:
            s3 = {} if side.open else {"s3": side.s3}
            step = {"step": True} if side.step else {}
            yield f"{name} = {_value({**s3, 's2': side.s2, 's1': side.s1, **step})}"


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def _value(value: Any) -> str:  # noqa: ANN401  plain values of a TOML file
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return np.format_float_positional(value, trim="-") if value % 1 else f"{value:.0f}"
    return json.dumps(value, ensure_ascii=False)
