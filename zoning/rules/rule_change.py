"""A change of the rules that somebody wants to try: limits, weights, order, gates, exclusions; nothing else moves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gis.messages import translator
from zoning.rules.characteristic import QUANTITIES
from zoning.rules.crop_library import Crop, Requirement
from zoning.rules.gates import Gate
from zoning.rules.limits import CLASS_CODES, S1, S3, Limits, Side
from zoning.rules.rules_toml import RulesFile, Table
from zoning.rules.ruleset import Ruleset
from zoning.rules.ruleset_checks import RESTRICTION, check_minimum, check_order, check_protected
from zoning.rules.shown_values import shown
from zoning.rules.type_builder import factor_names
from zoning.zoning_errors import ChangeError, LimitsError

_ = translator("zoning")

__all__ = ["EXAMPLE", "RESTRICTION", "RuleChange"]

EXAMPLE = '{"gates": {"near_people": {"distance_road": 3000}}}'
"""A change as it is sent."""

_SLOPE = "legal_forest_slope"
_SIDES, _PLACES = ("low", "high"), ("s3", "s2", "s1")
_CLAIMS = tuple(name for name, code in CLASS_CODES.items() if S3 <= code <= S1)

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
    def of(cls, content: object) -> RuleChange:
        """Read a change from plain values, such as those of a JSON document; classes are names (``S2``).

        Raises
        ------
        ChangeError
            A part is unknown or has the wrong shape: the message names it by its path.
        """
        example = _("Envíe por ejemplo {example}").format(example=EXAMPLE)
        root = _table({}, remedy=example)
        if not isinstance(content, Mapping) or not all(isinstance(name, str) for name in content):
            raise root.refusal(
                _("lo enviado es {value}").format(value=shown(content)),
                expected=_("Se esperaba una tabla de claves y valores"),
            )
        root = replace(root, data=content)
        names = ("minimum", "gates", "weights", "limits", "protected")
        minimum, gates, weights, limits, protected = (_table(root.table(name).data, name) for name in names)
        slope = root.optional_number(_SLOPE)
        change = cls(
            order=root.texts("order", ()),
            minimum={zone: _claim(minimum, zone) for zone in minimum.data},
            gates={gate: _numbers(gates.table(gate)) for gate in gates.data},
            ungated=root.texts("ungated", ()),
            weights={name: weights.weight(name) for name in weights.data},
            limits={crop: {name: _numbers(places) for name, places in limits.tables(crop)} for crop in limits.data},
            protected={name: protected.text(name) for name in protected.data},
            legal_forest_slope=None if slope is None else _table(content).number_in(_SLOPE, *QUANTITIES["slope"].span),
        )
        root.close()
        return change

    def apply(self, ruleset: Ruleset, crops: Mapping[str, Crop]) -> tuple[Ruleset, Mapping[str, Crop]]:
        """Return rules and crops with the change.

        Raises
        ------
        ChangeError
            The change names something that is not there, or the rules would refuse it if it stood in their file; the
            message names the part by its path.
        """
        self._check(ruleset, crops)
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
        return changed, {name: _crop(crop, self.limits.get(name, {})) for name, crop in crops.items()}

    def _check(self, ruleset: Ruleset, crops: Mapping[str, Crop]) -> None:
        """Refuse what the file of rules would be refused for."""
        if self.order:
            check_order(ruleset.zones, self.order, _table({"order": self.order}))
        for zone in self.minimum:
            check_minimum(ruleset.zones, zone, _table(self.minimum, "minimum"), key=zone)
        names = [gate.name for gate in ruleset.gates]
        _require(_table(self.gates, "gates"), names)
        for gate in self.ungated:
            if gate not in names:
                raise _table({}).unknown(gate, names, key="ungated")
        own = {*ruleset.cover.protected, *(each.protected_category for each in ruleset.scenarios.values())}
        check_protected(self.protected, ruleset.zones, own, _table(self.protected, "protected"))
        _require(_table(self.weights, "weights"), factor_names(crops))
        _require(_table(self.limits, "limits"), crops)


def _table(data: Mapping[str, Any], *path: str, remedy: str = "") -> Table:
    """Return a part of a change, to be read or refused as a part of a file of rules is."""
    told = remedy or _("Corrija ese valor, o quítelo del cambio.")
    return Table(file=RulesFile(name=_("En el cambio"), text="", error=ChangeError, remedy=told), data=data, path=path)


def _claim(minimum: Table, zone: str) -> int:
    name = minimum.text(zone)
    if name not in _CLAIMS:
        raise minimum.refusal(
            _("la clase mínima {value}").format(value=shown(name)), key=zone, expected=_("Se esperaba S1, S2 o S3")
        )
    return CLASS_CODES[name]


def _numbers(table: Table) -> dict[str, float]:
    return {name: table.number(name) for name in table.data}


def _require(table: Table, known: Collection[str]) -> None:
    for name in table.data:
        if name not in known:
            raise table.unknown(name, known, key=name)


def _gate(gate: Gate, limits: Numbers) -> Gate:
    table = _table(limits, "gates", gate.name)
    _require(table, [condition.characteristic.name for condition in gate.conditions])
    conditions = []
    for condition in gate.conditions:
        name = condition.characteristic.name
        if name in limits:
            limit, upper = table.number_in(name, *condition.characteristic.quantity.span), condition.at_most is not None
            conditions.append(replace(condition, at_most=limit) if upper else replace(condition, at_least=limit))
        else:
            conditions.append(condition)
    return replace(gate, conditions=tuple(conditions))


def _crop(crop: Crop, factors: Mapping[str, Numbers]) -> Crop:
    if not factors:
        return crop
    rated = {name: factor for name, factor in crop.factors.items() if factor.requirement is not None}
    _require(_table(factors, "limits", crop.id), rated)
    changed = dict(crop.factors)
    for name, places in factors.items():
        factor, requirement = rated[name], rated[name].requirement
        if requirement is not None:
            moved = replace(requirement, limits=_limits(requirement, _table(places, "limits", crop.id, name)))
            changed[name] = replace(factor, candidates={**factor.candidates, factor.use: moved})
    return replace(crop, factors=changed)


def _limits(requirement: Requirement, places: Table) -> Limits:
    limits = requirement.limits
    _require(places, [f"{side}.{place}" for side in _SIDES for place in _PLACES if getattr(limits, side) is not None])
    span = QUANTITIES[requirement.characteristic].span
    moved = {name: places.number_in(name, *span) for name in places.data}
    sides: dict[str, Side | None] = {}
    try:
        for name in _SIDES:
            side: Side | None = getattr(limits, name)
            own = {place: moved[f"{name}.{place}"] for place in _PLACES if f"{name}.{place}" in moved}
            if side is not None and own:
                s3 = own.get("s3", None if side.open else side.s3)
                built = Side.from_classes(s3, own.get("s2", side.s2), own.get("s1", side.s1), step=side.step)
                side = replace(built, strict=side.strict)
            sides[name] = side
        return Limits(low=sides["low"], high=sides["high"])
    except LimitsError as error:
        remedy = _("Deje cada límite entre sus vecinos, o cambie también el vecino.")
        raise places.refusal(error.found, expected=error.expected, remedy=remedy) from error
