"""What must hold between the tables of a ruleset: names that exist, numbers that are free, waters that fit."""

from __future__ import annotations

import re

from gis.messages import translator
from zoning.rules.gates import MAX_GATES
from zoning.rules.rules_toml import Table
from zoning.rules.ruleset import Ruleset
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
        _check_zone(ruleset, zone, _named(root, "zones", zone.code))
    _check_order(ruleset, root.table("competition"))
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
                raise table.refusal(_unknown(name), key=key, expected=", ".join(sorted(known)))
    for name in zone.managements:
        if name not in ruleset.managements:
            raise table.refusal(_unknown(name), key="managements", expected=", ".join(ruleset.managements))
        if ruleset.managements[name].water not in zone.waters:
            raise table.refusal(
                _("la manera «{name}» no va con las aguas de la zona").format(name=name), key="managements"
            )


def _check_order(ruleset: Ruleset, table: Table) -> None:
    competing = sorted(zone.code for zone in ruleset.zones if zone.role == COMPETES)
    if sorted(ruleset.order) != competing:
        raise table.refusal(
            _("el orden {order}").format(order=", ".join(ruleset.order)),
            key="order",
            expected=_("Se esperaba cada zona que compite una vez: {zones}").format(zones=", ".join(competing)),
        )


def _check_cover(ruleset: Ruleset, table: Table) -> None:
    codes = {zone.code: zone for zone in ruleset.zones}
    for category, code in ruleset.cover.protected.items():
        if code != RESTRICTION and code not in codes:
            raise table.table("protected").refusal(_unknown(code), key=category, expected=", ".join(sorted(codes)))
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
    for management in ruleset.managements.values():
        unknown = set(management.gates) - {gate.name for gate in ruleset.gates}
        if unknown:
            raise ruleset.refusal(
                _unknown(min(unknown)),
                "managements",
                management.name,
                "gates",
                expected=_("Se esperaba uno de: {names}").format(names=", ".join(gate.name for gate in ruleset.gates)),
            )


def _unknown(name: str) -> str:
    return _("nombre desconocido «{name}»").format(name=name)
