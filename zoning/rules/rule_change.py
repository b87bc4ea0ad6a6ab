"""A change of the rules that somebody wants to try: limits, weights, order, gates, exclusions; nothing else moves."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gis.messages import translator
from zoning.rules.crop_library import Crop
from zoning.rules.gates import Gate
from zoning.rules.limits import CLASS_CODES, S1, S3, Limits, Side
from zoning.rules.ruleset import Ruleset
from zoning.zoning_errors import RulesError

_ = translator("zoning")

RESTRICTION = "restriction"
"""What a category of protected area may do instead of making a zone."""

_PARTS = ("order", "minimum", "gates", "ungated", "weights", "limits", "protected", "legal_forest_slope")
_SIDES, _PLACES = ("low", "high"), ("s3", "s2", "s1")

Numbers = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """What changes in a ruleset and its crops; an empty part changes nothing.

    Examples
    --------
    >>> RuleChange.of({"minimum": {"VID": "S2"}, "limits": {"tomate": {"temperature": {"low.s1": 19}}}}).minimum
    {'VID': 3}
    """

    order: tuple[str, ...] = ()
    """Competing zones, first served first; all of them."""
    minimum: Mapping[str, int] = field(default_factory=dict)
    """Zone to the worst class it claims land with, S3 to S1."""
    gates: Mapping[str, Numbers] = field(default_factory=dict)
    """Gate to the characteristics whose limit moves, in their own unit."""
    ungated: tuple[str, ...] = ()
    """Gates that no zone asks any more."""
    weights: Numbers = field(default_factory=dict)
    """Factor to weight."""
    limits: Mapping[str, Mapping[str, Numbers]] = field(default_factory=dict)
    """Crop to factor to class limits: ``low.s1``, ``high.s3`` and so on."""
    protected: Mapping[str, str] = field(default_factory=dict)
    """Category of protected area to the zone it makes, ``restriction``, or empty for nothing."""
    legal_forest_slope: float | None = None
    """Slope, %, above which land is forest by law."""

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> RuleChange:
        """Read a change from plain values, such as those of a JSON document; classes are names (``S2``).

        Raises
        ------
        RulesError
            A part is unknown or has the wrong shape.
        """
        strangers = sorted(set(content) - set(_PARTS))
        if strangers:
            raise _unknown(_("parte"), strangers[0], _PARTS)
        try:
            minimum = {str(zone): CLASS_CODES[str(name)] for zone, name in content.get("minimum", {}).items()}
            slope = content.get("legal_forest_slope")
            return cls(
                order=tuple(str(code) for code in content.get("order", ())),
                minimum=minimum,
                gates={str(gate): _numbers(limits) for gate, limits in content.get("gates", {}).items()},
                ungated=tuple(str(gate) for gate in content.get("ungated", ())),
                weights=_numbers(content.get("weights", {})),
                limits={
                    str(crop): {str(name): _numbers(places) for name, places in factors.items()}
                    for crop, factors in content.get("limits", {}).items()
                },
                protected={str(name): str(zone) for name, zone in content.get("protected", {}).items()},
                legal_forest_slope=None if slope is None else _number(slope),
            )
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise RulesError(
                _("Un cambio de reglas que no se entiende: {reason}").format(reason=error),
                expected=_("Se esperaba por ejemplo {example}").format(
                    example='{"gates": {"near_people": {"distance_road": 3000}}}'
                ),
            ) from error

    def apply(self, ruleset: Ruleset, crops: Mapping[str, Crop]) -> tuple[Ruleset, Mapping[str, Crop]]:
        """Return rules and crops with the change.

        Raises
        ------
        RulesError
            The change names something that is not there, or the limits are no longer limits.
        """
        codes = {zone.code for zone in ruleset.zones}
        _require(_("zona"), self.minimum, codes)
        names = {gate.name for gate in ruleset.gates}
        _require(_("acceso"), [*self.gates, *self.ungated], names)
        _require(_("zona"), [zone for zone in self.protected.values() if zone and zone != RESTRICTION], codes)
        if self.order and sorted(self.order) != sorted(ruleset.order):
            raise RulesError(
                _("El orden {order}").format(order=", ".join(self.order)),
                expected=_("Se esperaban las mismas zonas: {codes}").format(codes=", ".join(ruleset.order)),
            )
        for zone, code in self.minimum.items():
            if not S3 <= code <= S1:
                raise RulesError(
                    _("La clase mínima de {zone}").format(zone=zone), expected=_("Se esperaba S3, S2 o S1")
                )
        asked = set(self.ungated)
        zones = tuple(
            replace(
                zone,
                minimum=self.minimum.get(zone.code, zone.minimum),
                gates=tuple(name for name in zone.gates if name.removeprefix("!") not in asked),
                competition_gates=tuple(name for name in zone.competition_gates if name.removeprefix("!") not in asked),
            )
            for zone in ruleset.zones
        )
        protected = {**ruleset.cover.protected, **self.protected}
        slope = self.legal_forest_slope
        cover = replace(
            ruleset.cover,
            protected={name: zone for name, zone in protected.items() if zone},
            legal_forest_slope=ruleset.cover.legal_forest_slope if slope is None else slope,
        )
        changed = replace(
            ruleset,
            zones=zones,
            order=self.order or ruleset.order,
            gates=tuple(_gate(gate, self.gates.get(gate.name, {})) for gate in ruleset.gates),
            weights={**ruleset.weights, **self.weights},
            cover=cover,
        )
        return changed, self._crops(crops)

    def _crops(self, crops: Mapping[str, Crop]) -> Mapping[str, Crop]:
        _require(_("cultivo"), self.limits, crops)
        return {name: _crop(crop, self.limits.get(name, {})) for name, crop in crops.items()}


def _number(value: Any) -> float:  # noqa: ANN401  whatever a document holds
    number = float(value)
    if isinstance(value, bool) or not math.isfinite(number):
        raise RulesError(
            _("El cambio da «{value}» por número").format(value=value), expected=_("Se esperaba un número finito")
        )
    return number


def _numbers(content: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): _number(value) for name, value in content.items()}


def _require(kind: str, names: Collection[str] | Mapping[str, Any], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise _unknown(kind, name, known)


def _unknown(kind: str, name: str, known: Collection[str]) -> RulesError:
    return RulesError(
        _("El cambio nombra algo que no hay ({kind}): «{name}»").format(kind=kind, name=name),
        expected=_("Se esperaba una de: {names}").format(names=", ".join(sorted(known))),
    )


def _gate(gate: Gate, limits: Numbers) -> Gate:
    _require(_("condición de {gate}").format(gate=gate.name), limits, [c.characteristic.name for c in gate.conditions])
    conditions = []
    for condition in gate.conditions:
        limit = limits.get(condition.characteristic.name)
        if limit is None:
            conditions.append(condition)
        elif condition.at_most is not None:
            conditions.append(replace(condition, at_most=limit))
        else:
            conditions.append(replace(condition, at_least=limit))
    return replace(gate, conditions=tuple(conditions))


def _crop(crop: Crop, factors: Mapping[str, Numbers]) -> Crop:
    if not factors:
        return crop
    rated = {name: factor for name, factor in crop.factors.items() if factor.requirement is not None}
    _require(_("factor de {crop}").format(crop=crop.id), factors, rated)
    changed = dict(crop.factors)
    for name, places in factors.items():
        factor, requirement = rated[name], rated[name].requirement
        if requirement is not None:
            moved = replace(requirement, limits=_limits(requirement.limits, places))
            changed[name] = replace(factor, candidates={**factor.candidates, factor.use: moved})
    return replace(crop, factors=changed)


def _limits(limits: Limits, places: Numbers) -> Limits:
    known = {f"{side}.{place}" for side in _SIDES for place in _PLACES if getattr(limits, side) is not None}
    _require(_("límite"), places, known)
    sides: dict[str, Side | None] = {}
    for name in _SIDES:
        side: Side | None = getattr(limits, name)
        own = {place: places[f"{name}.{place}"] for place in _PLACES if f"{name}.{place}" in places}
        if side is not None and own:
            s3 = own.get("s3", None if side.open else side.s3)
            moved = Side.from_classes(s3, own.get("s2", side.s2), own.get("s1", side.s1), step=side.step)
            side = replace(moved, strict=side.strict)
        sides[name] = side
    return Limits(low=sides["low"], high=sides["high"])
