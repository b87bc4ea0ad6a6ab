"""The tables of the method: zones, rules, windows and crops, as the ruleset and the crop files state them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markdown_tables import figure, quoted, table, unit_sign

from zoning import Crop, Ruleset
from zoning.rules.characteristic import QUANTITIES
from zoning.rules.crop_library import NOT_RATED, CropFactor
from zoning.rules.gates import Condition
from zoning.rules.land_use_types import Factor
from zoning.rules.limits import CLASS_NAMES, Limits, Side
from zoning.rules.zone_rules import COMPETES, RESIDUAL, Zone

SUMMARY_FACTORS = ("temperature", "rain", "chill", "ph", "soil_depth")
"""Factors that the short table of crops shows."""
_WATERS = {"rainfed": "secano", "irrigated": "riego"}
_ROLES = {
    "before": "antes de la competencia",
    "competes": "compite",
    "residual": "toma lo que queda",
    "decided": "por ley, cobertura o falta de dato",
}


def zones(rules: Ruleset, crops: Mapping[str, Crop]) -> str:
    """Return the zones of the ruleset, those that compete first and in their order."""
    titles = {gate.name: gate.title for gate in rules.gates}
    place = {code: number for number, code in enumerate(rules.order)}
    ordered = sorted(rules.zones, key=lambda zone: (place.get(zone.code, len(place)), zone.number))
    rows = [
        (
            f"**{zone.code}**",
            zone.name,
            zone.chain or "—",
            f"compite ({place[zone.code] + 1}.º)" if zone.role == COMPETES else _ROLES[zone.role],
            CLASS_NAMES[zone.minimum] if zone.rated and zone.role != RESIDUAL else "—",
        )
        for zone in ordered
    ]
    reasons = [
        (
            f"**{zone.code}**",
            ", ".join(" o ".join(crops[each].name for each in group) for group in zone.basket) or "—",
            _zone_gates(zone, titles),
            zone.source,
        )
        for zone in ordered
    ]
    first = table(("zona", "nombre", "cadena", "cómo se da", "clase mínima"), rows)
    second = table(("zona", "canasta", "condiciones", "fuente"), reasons)
    overlays = [
        (f"**{each.code}**", each.name, each.chain, "; ".join(_overlay_factor(factor) for factor in each.factors))
        for each in rules.overlays
    ]
    shown = table(("capa", "nombre", "cadena", "factores (S3 / S2 / S1)"), overlays)
    return f"{first}\n{second}\nCapas que se superponen y no compiten:\n\n{shown}"


def _zone_gates(zone: Zone, titles: Mapping[str, str]) -> str:
    def said(name: str) -> str:
        return f"sin {titles[name[1:]]}" if name.startswith("!") else titles[name]

    claims = [f"{said(name)} (sólo para ganar la celda)" for name in zone.competition_gates]
    return "; ".join([*(said(name) for name in zone.gates), *claims]) or "—"


def _overlay_factor(factor: Factor) -> str:
    unit = unit_sign(factor.characteristic.unit)
    return f"{factor.characteristic.title} {limits_text(factor.limits)} {unit} ({factor.source})"


def deciding_rules(starter: str) -> str:
    """Return the rules that decide the map, as the head of the starter ruleset numbers them."""
    head = starter.split("\n\n", 1)[0].splitlines()
    numbered = [re.fullmatch(r"#\s+(\d+)\. (.+)", line) for line in head]
    return "".join(f"{match[1]}. {match[2]}\n" for match in numbered if match)


def gates(rules: Ruleset) -> str:
    """Return the accesses and the managements with the numbers that open them."""
    rows = [
        (
            gate.title,
            "; ".join(
                [_condition(each) for each in gate.conditions]
                + ([f"municipios {', '.join(gate.municipalities)}"] if gate.municipalities else [])
            ),
            gate.source,
        )
        for gate in rules.gates
    ]
    titles = {gate.name: gate.title for gate in rules.gates}
    managements = [
        (
            each.title,
            _WATERS[each.water],
            f"{limits_text(each.slope)} %",
            "; ".join(titles[name] for name in each.gates) or "—",
            each.source,
        )
        for each in rules.managements.values()
    ]
    return (
        f"{table(('condición', 'se cumple si', 'fuente'), rows)}\n"
        f"{table(('manejo', 'agua', 'pendiente S3 / S2 / S1', 'condiciones', 'fuente'), managements)}"
    )


def _condition(condition: Condition) -> str:
    unit = unit_sign(condition.characteristic.unit)
    ends = [f"≥ {figure(condition.at_least)} {unit}"] if condition.at_least is not None else []
    ends += [f"≤ {figure(condition.at_most)} {unit}"] if condition.at_most is not None else []
    missing = "" if condition.missing_passes else " (sin dato: no se cumple)"
    return f"{condition.characteristic.title} {' y '.join(ends)}{missing}"


def cover(rules: Ruleset) -> str:
    """Return what legal and cover layers decide, and the other numbers of the ruleset that no zone holds."""
    legal, frost, drawn = rules.cover, rules.frost, rules.map
    made = {"restriction": "la zona queda y se añade la restricción «sin nuevos desmontes»"}
    margins = " / ".join(figure(each) for each in frost.margins)
    spread = " y ".join(figure(each) for each in frost.offset_spread)
    rows = [
        *((f"área protegida `{name}`", made.get(zone, zone), legal.source) for name, zone in legal.protected.items()),
        ("pendiente que es bosque por ley", f"más de {figure(legal.legal_forest_slope)} %", legal.source),
        (
            "lo que ninguna zona toma",
            f"{legal.forest_zone} con bosque, {legal.open_zone} sin él, {legal.unknown_zone} sin capa de cobertura",
            legal.source,
        ),
        (
            "mínima extrema para la helada",
            f"media de las mínimas − {figure(frost.offset)} °C (entre {spread}); S3 / S2 / S1 desde {margins} °C",
            frost.source,
        ),
        (
            "unidad mínima de mapeo",
            f"{figure(drawn.minimum_mapping_unit_ha(drawn.scale))} ha a 1:{drawn.scale}",
            drawn.source,
        ),
        (
            "peor clase que causa un factor de capa gruesa",
            "; ".join(f"{QUANTITIES[name].title}: {CLASS_NAMES[code]}" for name, code in rules.caps.items()),
            "suelos a 5 minutos, unos 9 km",
        ),
        ("conflicto", f"el {figure(100 * drawn.conflict_quantile)} % de los márgenes más chicos", drawn.source),
    ]
    return table(("regla", "número", "fuente"), rows)


def assumptions(rules: Ruleset) -> str:
    """Return every rule that has no source."""
    rows = []
    for line in rules.assumptions:
        place, _, source = line.partition(": ")
        rows.append((f"`{place}`", source))
    return table(("regla", "lo que dice de su fuente"), rows)


def windows(rules: Ruleset, crops: Mapping[str, Crop]) -> str:
    """Return the months every crop stands in the field."""
    rows = [
        (crops[crop].name, _WATERS[window.water], f"{window.months[0]:02d} a {window.months[1]:02d}", window.source)
        for crop in sorted(rules.windows)
        for window in rules.windows[crop]
    ]
    return table(("cultivo", "agua", "meses", "fuente"), rows)


def crop_summary(crops: Mapping[str, Crop]) -> str:
    """Return one row per crop with the limits that decide most."""
    heads = ("cultivo", "nombre científico", "lo mata", "temperatura", "lluvia", "horas de frío", "pH", "profundidad")
    rows = [
        (
            f"{crop.name} (`{crop.id}`)",
            f"*{crop.scientific_name}*",
            f"{figure(crop.killing_temperature)} °C",
            *(_in_use(crop.factors.get(name)) for name in SUMMARY_FACTORS),
        )
        for crop in crops.values()
    ]
    return f"{len(rows)} cultivos.\n\n{table(heads, rows)}"


def _in_use(factor: CropFactor | None) -> str:
    if factor is None or factor.use == NOT_RATED or factor.requirement is None:
        return "—"
    return f"{limits_text(factor.requirement.limits)} {unit_sign(factor.requirement.unit)} ({factor.use})"


def crop_limits(crops: Mapping[str, Crop]) -> str:
    """Return every limit of every crop, the candidates that are not in use too."""
    parts = []
    for crop in crops.values():
        rows = [
            (
                QUANTITIES[each.characteristic].title,
                limits_text(each.limits),
                unit_sign(each.unit),
                f"**{key}**" if key == factor.use else key,
                "; ".join(text for text in (each.cultivar, each.source, each.note) if text),
                factor.reason if factor.use in (key, NOT_RATED) else "",
            )
            for factor in crop.factors.values()
            for key, each in factor.candidates.items()
        ]
        heads = ("característica", "límites S3 / S2 / S1", "unidad", "clave", "fuente", "por qué")
        parts.append(
            f"## {crop.name[0].upper()}{crop.name[1:]}\n\n"
            f"*{crop.scientific_name}* · `{crop.id}` · ciclo de {figure(crop.cycle_days[0])} a "
            f"{figure(crop.cycle_days[1])} días · muere a {figure(crop.killing_temperature)} °C "
            f"({quoted(crop.killing_source)})\n\n{table(heads, rows)}"
        )
    return "\n".join(parts)


def limits_text(limits: Limits) -> str:
    """Return class limits as they are read: S3 / S2 / S1 of the lower side, then of the upper.

    Examples
    --------
    >>> limits_text(Limits(low=Side.from_classes(13, 16, 18), high=Side.from_classes(35, 30, 26)))
    '≥ 13 / 16 / 18 y ≤ 35 / 30 / 26'
    """
    signs = ((limits.low, "≥"), (limits.high, "≤"))
    return " y ".join(f"{sign} {_side(side)}" for side, sign in signs if side is not None)


def _side(side: Side) -> str:
    return " / ".join(["—" if side.open else figure(side.s3), figure(side.s2), figure(side.s1)])
