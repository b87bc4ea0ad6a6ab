"""Reading a ``ruleset.toml``: every table checked, every refusal with line and key."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from gis.messages import translator
from zoning.rules.characteristic import QUANTITIES, Characteristic, parse_months
from zoning.rules.crop_library import read_limits
from zoning.rules.gates import Condition, Gate
from zoning.rules.land_use_types import WATERS
from zoning.rules.limits import CLASS_CODES, N
from zoning.rules.rules_toml import RulesFile, Table, content_hash
from zoning.rules.ruleset import Management, Ruleset, Window
from zoning.rules.ruleset_checks import check_ruleset
from zoning.rules.ruleset_sections import (
    assumptions,
    read_calendar,
    read_cover,
    read_frost,
    read_map,
    read_overlay,
)
from zoning.rules.scenarios import check_scenario, read_scenario
from zoning.rules.starter import starter_text
from zoning.rules.uncertainty_rules import read_uncertainty
from zoning.rules.weight_rules import read_weights
from zoning.rules.zone_rules import DECIDED, Zone
from zoning.zoning_errors import RulesError

_ = translator("zoning")

__all__ = ["FORMAT", "load_ruleset", "parse_ruleset", "schema_text", "starter_text"]

FORMAT = 1
"""Version of the file's shape."""


def schema_text() -> str:
    """Return the JSON Schema of a ``ruleset.toml``.

    Examples
    --------
    >>> "ruleset.toml" in schema_text()
    True
    """
    return files("zoning").joinpath("data", "ruleset.schema.json").read_text(encoding="utf-8")


def load_ruleset(path: Path | None = None) -> Ruleset:
    """Read a ruleset from a file, or the starter that comes with the program.

    Raises
    ------
    RulesError
        If the file is missing or no ruleset: the message names file, line and key.

    Examples
    --------
    >>> load_ruleset().order
    ('HOR', 'VID', 'FRU', 'ANU')
    """
    if path is None:
        return parse_ruleset(starter_text(), name="ruleset.toml")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        absent = isinstance(error, FileNotFoundError)
        raise RulesError(
            (_("No existe {path}") if absent else _("No se puede leer {path}")).format(path=path),
            expected=_("Se esperaba un archivo de texto UTF-8"),
            remedy=_("«valles init» escribe uno de partida"),
        ) from error
    return parse_ruleset(text, name=path.name)


def parse_ruleset(text: str, *, name: str = "ruleset.toml") -> Ruleset:
    """Read a ruleset from its text.

    Raises
    ------
    RulesError
        As :func:`load_ruleset`.
    """
    file = RulesFile(name=name, text=text)
    root = file.root()
    if root.number("format") != FORMAT:
        raise root.refusal(
            _("formato {found:g}").format(found=root.number("format")),
            key="format",
            expected=_("Se esperaba {format}").format(format=FORMAT),
        )
    factors, climate, competition = root.table("factors"), root.table("climate"), root.table("competition")
    weights, judgement = read_weights(root.table("weights"))
    caps = factors.table("caps")
    ruleset = Ruleset(
        title=root.text("title"),
        territories=root.texts("territories", ()),
        climate=climate.text("source"),
        climate_alternative=climate.text("alternative", ""),
        zones=tuple(sorted((_zone(code, each) for code, each in root.tables("zones")), key=lambda zone: zone.number)),
        order=competition.texts("order"),
        gates=tuple(_gate(key, each) for key, each in root.tables("gates")),
        managements={key: _management(key, each) for key, each in root.tables("managements")},
        windows=_windows(root.table("windows")),
        required=_quantities(factors, "required"),
        optional=_quantities(factors, "optional"),
        ignored=_quantities(factors, "ignored"),
        caps={key: _class(caps, _known(caps, key, key)) for key in caps.data},
        weights=weights,
        consistency_ratio=judgement.consistency_ratio if judgement else None,
        frost=read_frost(root.table("frost")),
        calendar=read_calendar(root.table("calendar")),
        map=read_map(root.table("map")),
        cover=read_cover(root.table("cover")),
        spread=read_uncertainty(root),
        scenarios={key: read_scenario(key, each) for key, each in root.tables("scenarios")},
        overlays=tuple(read_overlay(code, each) for code, each in root.tables("overlays")),
        assumptions=assumptions(root.data),
        hash=content_hash(root.data),
        file=file,
    )
    for table in (root, factors, climate, competition, caps):
        table.close()
    check_ruleset(ruleset, root)
    gates = {gate.name for gate in ruleset.gates}
    for key, table in root.tables("scenarios"):
        check_scenario(ruleset.scenarios[key], table, gates=gates, categories=set(ruleset.cover.protected))
    return ruleset


def _quantities(table: Table, key: str) -> tuple[str, ...]:
    return tuple(_known(table, key, name) for name in table.texts(key))


def _known(table: Table, key: str, name: str) -> str:
    if name not in QUANTITIES:
        raise table.unknown(name, QUANTITIES, key=key, found=_("capa desconocida «{name}»").format(name=name))
    return name


def _class(table: Table, key: str, default: str | None = None) -> int:
    name = table.text(key, default)
    if name not in CLASS_CODES or CLASS_CODES[name] < N:
        raise table.refusal(_("clase «{name}»").format(name=name), key=key, expected=_("Se esperaba S1, S2, S3 o N"))
    return CLASS_CODES[name]


def _zone(code: str, table: Table) -> Zone:
    zone = Zone(
        code=code,
        number=table.integer("number"),
        name=table.text("name"),
        chain=table.text("chain", ""),
        colour=table.text("colour"),
        role=table.text("role", DECIDED),
        basket=_basket(table),
        waters=table.texts("waters", ()),
        managements=table.texts("managements", ()),
        minimum=_class(table, "minimum", "N"),
        speaker=table.integer("speaker", 2),
        gates=table.texts("gates", ()),
        competition_gates=table.texts("competition_gates", ()),
        source=table.source(),
    )
    table.close()
    return zone


def _basket(table: Table) -> tuple[tuple[str, ...], ...]:
    """Read the crops of a zone: ids, or lists of ids that count as one crop."""
    groups = []
    for each in table.items("basket", ()):
        group = [each] if isinstance(each, str) else each
        if not (isinstance(group, list) and group and all(isinstance(crop, str) and crop for crop in group)):
            raise table.refusal(
                _("«{value}» no es un cultivo de la canasta").format(value=each),
                key="basket",
                expected=_("Se esperaban nombres de cultivos, o entre corchetes los que cuentan como uno"),
                remedy=_('Escriba por ejemplo basket = ["durazno", ["ciruelo_jp", "ciruelo_eu"]]'),
            )
        groups.append(tuple(group))
    return tuple(groups)


def _gate(name: str, table: Table) -> Gate:
    conditions = []
    for row in table.rows("conditions"):
        try:
            characteristic = Characteristic(_known(row, "characteristic", row.text("characteristic")))
        except RulesError as error:
            if error.found.startswith(row.file.name):
                raise
            raise row.refusal(
                error.found,
                key="characteristic",
                expected=_("Se esperaba una que no dependa de los meses del cultivo"),
            ) from error
        if row.text("unit") != characteristic.unit:
            raise row.refusal(
                _("unidad «{unit}» para «{name}»").format(unit=row.text("unit"), name=characteristic.name),
                key="unit",
                expected=_("Se esperaba «{unit}»").format(unit=characteristic.unit),
            )
        conditions.append(
            Condition(
                characteristic=characteristic,
                at_most=_limit(row, "at_most", characteristic),
                at_least=_limit(row, "at_least", characteristic),
                missing_passes=row.flag("missing_passes", default=True),
            )
        )
        row.close()
    gate = Gate(
        name=name,
        title=table.text("title"),
        conditions=tuple(conditions),
        municipalities=table.texts("municipalities", ()),
        source=table.source(),
    )
    table.close()
    return gate


def _limit(row: Table, key: str, characteristic: Characteristic) -> float | None:
    return row.number_in(key, *characteristic.quantity.span) if key in row.data else None


def _management(name: str, table: Table) -> Management:
    slope = table.table("slope")
    if slope.text("unit") != QUANTITIES["slope"].unit:
        raise slope.refusal(_("unidad «{unit}»").format(unit=slope.text("unit")), key="unit", expected="%")
    management = Management(
        name=name,
        title=table.text("title"),
        water=_one_of(table, "water", WATERS),
        slope_factor=table.text("slope_factor"),
        slope=read_limits(slope, QUANTITIES["slope"]),
        gates=table.texts("gates", ()),
        source=table.source(),
    )
    slope.close()
    table.close()
    return management


def _one_of(table: Table, key: str, allowed: tuple[str, ...]) -> str:
    value = table.text(key)
    if value not in allowed:
        raise table.refusal(
            _("el valor «{value}»").format(value=value),
            key=key,
            expected=_("Se esperaba uno de: {allowed}").format(allowed=", ".join(allowed)),
        )
    return value


def _windows(table: Table) -> Mapping[str, tuple[Window, ...]]:
    windows: dict[str, tuple[Window, ...]] = {}
    for crop in table.data:
        rows: list[Window] = []
        for row in table.rows(crop):
            water = _one_of(row, "water", (*WATERS, "both"))
            try:
                months = parse_months(row.text("months"))
            except RulesError as error:
                raise row.refusal(error.found, key="months", expected=error.expected) from error
            waters = WATERS if water == "both" else (water,)
            rows += [Window(water=each, months=months, source=row.source()) for each in waters]
            row.close()
        windows[crop] = tuple(rows)
    return windows
