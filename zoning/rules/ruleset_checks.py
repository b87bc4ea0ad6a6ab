"""What must hold between the tables of a ruleset: names that exist, numbers that are free, waters that fit."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from gis.messages import translator
from layers.preparation.protected_categories import CATEGORIES
from zoning.rules.gates import MAX_GATES
from zoning.rules.limits import N
from zoning.rules.name_hints import meant, one_of
from zoning.rules.rules_toml import Table
from zoning.rules.ruleset import Ruleset
from zoning.rules.shown_values import short
from zoning.rules.zone_rules import BEFORE, COMPETES, RESIDUAL, ROLES, Zone

_ = translator("zoning")

RESTRICTION = "restriction"
"""What a protected category makes when it leaves the zone as it is."""

NO_DATA = "SD"
"""Code of the zone every ruleset must have."""

MAX_NUMBER = 254
"""Largest zone number; 0 is outside and 255 is reserved."""


def check_ruleset(ruleset: Ruleset, root: Table) -> None:
    """Refuse a ruleset whose parts do not fit.

    Raises
    ------
    RulesError
        Naming the file, the key and what was expected.
    """
    if len(ruleset.gates) > MAX_GATES:
        raise root.refusal(
            _("{count} accesos").format(count=len(ruleset.gates)),
            key="gates",
            expected=_("Se esperaban a lo sumo {limit}").format(limit=MAX_GATES),
        )
    _check_gates(ruleset, root)
    _check_numbers(ruleset, root)
    for zone in ruleset.zones:
        table = _named(root, "zones", zone.code)
        _check_zone(ruleset, zone, table)
        if zone.minimum != N:
            check_minimum(ruleset.zones, zone.code, table, key="minimum")
    check_order(ruleset.zones, ruleset.order, root.table("competition"))
    _check_cover(ruleset, root.table("cover"))
    _check_factors(ruleset, root.table("factors"))


def _named(root: Table, *path: str) -> Table:
    table = root
    for key in path:
        table = table.table(key)
    return table


def _check_gates(ruleset: Ruleset, root: Table) -> None:
    for gate in ruleset.gates:
        table = _named(root, "gates", gate.name)
        if not gate.conditions and not gate.municipalities:
            raise table.refusal(_("un acceso sin condiciones ni municipios"))
        for condition in gate.conditions:
            if condition.at_most is None and condition.at_least is None:
                raise table.refusal(
                    _("la condición sobre «{name}» no tiene límite").format(name=condition.characteristic.name),
                    key="conditions",
                    expected=_("Se esperaba at_most o at_least"),
                )
        wrong = [code for code in gate.municipalities if not re.fullmatch(r"\d{6}", code)]
        if wrong:
            raise table.refusal(
                _("código de municipio «{code}»").format(code=wrong[0]),
                key="municipalities",
                expected=_("Se esperaban seis cifras, como 071302"),
            )


def _check_numbers(ruleset: Ruleset, root: Table) -> None:
    seen: dict[int, str] = {}
    for zone in ruleset.zones:
        table = _named(root, "zones", zone.code)
        if not 1 <= zone.number <= MAX_NUMBER or zone.number in seen:
            raise table.refusal(
                _("el número {number}").format(number=zone.number),
                key="number",
                expected=_("Se esperaba un número libre entre 1 y {limit}").format(limit=MAX_NUMBER),
            )
        seen[zone.number] = zone.code
    if NO_DATA not in seen.values():
        raise root.refusal(_("falta la zona SD"), key="zones", expected=_("Se esperaba [zones.SD]"))


def _check_zone(ruleset: Ruleset, zone: Zone, table: Table) -> None:
    if zone.role not in ROLES:
        raise table.refusal(
            _("el papel «{role}»").format(role=zone.role),
            key="role",
            expected=_("Se esperaba uno de: {roles}").format(roles=", ".join(ROLES)),
        )
    if zone.role in (BEFORE, COMPETES) and not zone.basket:
        raise table.refusal(
            _("canasta vacía"), key="basket", expected=_("Se esperaba al menos un cultivo para una zona que compite")
        )
    crops = [crop for group in zone.basket for crop in group]
    if len(set(crops)) != len(crops):
        raise table.refusal(
            _("un cultivo repetido en la canasta"), key="basket", expected=_("Se esperaba cada cultivo una sola vez")
        )
    if not 1 <= zone.speaker <= 2:  # noqa: PLR2004  best or second-best
        raise table.refusal(_("speaker {value}").format(value=zone.speaker), key="speaker", expected="1, 2")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", zone.colour):
        raise table.refusal(_("el color «{value}»").format(value=zone.colour), key="colour", expected="#rrggbb")
    _check_zone_names(ruleset, zone, table)


def _check_zone_names(ruleset: Ruleset, zone: Zone, table: Table) -> None:
    known = {gate.name for gate in ruleset.gates}
    asked = {*zone.gates, *zone.competition_gates}
    both = sorted(name for name in asked if f"!{name}" in asked)
    if both:
        raise table.refusal(
            _("pide a la vez «{name}» y que no se cumpla").format(name=both[0]),
            key="competition_gates" if "competition_gates" in table.data else "gates",
            expected=_("Se esperaba una de las dos; con ambas la zona no entra en ninguna celda"),
        )
    for key, names in (("gates", zone.gates), ("competition_gates", zone.competition_gates)):
        for name in names:
            if name.removeprefix("!") not in known:
                raise table.unknown(name.removeprefix("!"), known, key=key)
    for name in zone.managements:
        if name not in ruleset.managements:
            raise table.unknown(name, ruleset.managements, key="managements")
        if ruleset.managements[name].water not in zone.waters:
            raise table.refusal(
                _("la manera «{name}» no va con las aguas de la zona").format(name=name), key="managements"
            )


def check_order(zones: Iterable[Zone], order: Sequence[str], table: Table) -> None:
    """Refuse an order that does not name each competing zone once.

    Parameters
    ----------
    zones
        All zones.
    order
        Their codes, first served first.
    table
        Where ``order`` stands.

    Raises
    ------
    RulesError
        A zone is named twice, does not compete, is not there, or is left out.
    """
    roles = {zone.code: zone.role for zone in zones}
    competing = [code for code, role in roles.items() if role == COMPETES]
    expected = _("Se esperaba cada zona que compite una vez: {zones}").format(zones=", ".join(sorted(competing)))
    for place, code in enumerate(order):
        if code not in roles:
            raise table.unknown(code, competing, key="order")
        if code not in competing:
            found = _("la zona {zone} no compite y no entra en el orden").format(zone=code)
            raise table.refusal(found, key="order", expected=expected)
        if code in order[:place]:
            found = _("la zona {zone} está dos veces en el orden").format(zone=code)
            raise table.refusal(found, key="order", expected=expected)
    missing = sorted(set(competing) - set(order))
    if missing:
        found = _("el orden {order}, sin {zone}").format(order=", ".join(order) or "—", zone=missing[0])
        raise table.refusal(found, key="order", expected=expected)


def check_minimum(zones: Iterable[Zone], code: str, table: Table, *, key: str) -> None:
    """Refuse a minimum class of a zone that claims no land by its class.

    Parameters
    ----------
    zones
        All zones.
    code
        Of the zone whose minimum class is stated.
    table, key
        Where it stands.

    Raises
    ------
    RulesError
        The zone is not there, or takes what is left, or legal layers decide it.
    """
    claiming = {zone.code: zone.role in (BEFORE, COMPETES) for zone in zones}
    if code not in claiming:
        raise table.unknown(code, (each for each, claims in claiming.items() if claims), key=key)
    if not claiming[code]:
        raise table.refusal(
            _("la zona {zone} no compite y no tiene clase mínima").format(zone=code),
            key=key,
            expected=_("Se esperaba una de las que reclaman tierra: {zones}").format(
                zones=", ".join(sorted(each for each in claiming if claiming[each]))
            ),
        )


def check_protected(made: Mapping[str, str], zones: Iterable[Zone], own: Collection[str], table: Table) -> None:
    """Refuse a category of protected area that no layer holds, and a zone that is not there.

    Parameters
    ----------
    made
        Category to the zone it makes, :data:`RESTRICTION`, or empty for nothing.
    zones
        All zones.
    own
        Categories beside those of the layers, such as that of a scenario's new areas.
    table
        Where they stand.

    Raises
    ------
    RulesError
        Naming the category.
    """
    codes = [RESTRICTION, *(zone.code for zone in zones)]
    for category, code in made.items():
        if category not in CATEGORIES and category not in own:
            found = _("categoría de área protegida desconocida «{name}»").format(name=short(category))
            raise table.unknown(category, {*CATEGORIES, *own}, key=category, found=found)
        if code and code not in codes:
            raise table.unknown(code, codes, key=category)


def _check_cover(ruleset: Ruleset, table: Table) -> None:
    codes = {zone.code: zone for zone in ruleset.zones}
    own = {each.protected_category for each in ruleset.scenarios.values()}
    for category, code in ruleset.cover.protected.items():
        if not code:
            raise table.table("protected").unknown(code, [RESTRICTION, *codes], key=category)
    check_protected(ruleset.cover.protected, ruleset.zones, own, table.table("protected"))
    for key in ("forest_zone", "open_zone", "unknown_zone"):
        code = getattr(ruleset.cover, key)
        if code not in codes or codes[code].role != RESIDUAL:
            raise table.refusal(
                _("«{code}» no es una zona residual").format(code=code),
                key=key,
                expected=", ".join(sorted(zone.code for zone in ruleset.zones if zone.role == RESIDUAL)),
            )


def _check_factors(ruleset: Ruleset, table: Table) -> None:
    lists = (ruleset.required, ruleset.optional, ruleset.ignored)
    names = [name for each in lists for name in each]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise table.refusal(
            _("«{name}» está en más de una lista").format(name=twice[0]), expected=_("Se esperaba en una sola")
        )
    gates = [gate.name for gate in ruleset.gates]
    for management in ruleset.managements.values():
        unknown = set(management.gates) - set(gates)
        if unknown:
            raise ruleset.refusal(
                meant(_("nombre desconocido «{name}»").format(name=min(unknown)), min(unknown), gates),
                "managements",
                management.name,
                "gates",
                expected=one_of(gates),
            )
