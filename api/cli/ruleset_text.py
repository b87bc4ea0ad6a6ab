"""A ruleset as a document and as tables: zones, conditions, managements, factors, numbers, assumptions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from api.cli import output
from gis.messages import Figure, translator

if TYPE_CHECKING:
    from zoning.rules.compiled_rules import CompiledRules
    from zoning.rules.gates import Condition
    from zoning.rules.ruleset import Ruleset
    from zoning.rules.zone_rules import Zone

_ = translator("api")


def ruleset_document(ready: CompiledRules) -> dict[str, Any]:
    """Return what a ruleset says, as JSON holds it."""
    rules = ready.ruleset
    return {
        "title": rules.title,
        "hash": rules.hash,
        "territories": list(rules.territories),
        "climate": {"source": rules.climate, "alternative": rules.climate_alternative or None},
        "zones": [_zone(rules, zone) for zone in rules.zones_by_order],
        "overlays": [
            {"code": each.code, "name": each.name, "chain": each.chain, "factors": [one.name for one in each.factors]}
            for each in rules.overlays
        ],
        "gates": [
            {
                "name": gate.name,
                "title": gate.title,
                "conditions": [_condition(each) for each in gate.conditions],
                "municipalities": list(gate.municipalities),
                "source": gate.source,
            }
            for gate in rules.gates
        ],
        "managements": [
            {"name": each.name, "title": each.title, "water": each.water, "gates": list(each.gates)}
            for each in rules.managements.values()
        ],
        "factors": {
            "required": list(rules.required),
            "optional": list(rules.optional),
            "ignored": list(rules.ignored),
        },
        "weights": dict(rules.weights),
        "consistency_ratio": rules.consistency_ratio,
        "scale": rules.map.scale,
        "minimum_mapping_unit_ha": rules.map.minimum_mapping_unit_ha(rules.map.scale),
        "scenarios": {name: each.title for name, each in rules.scenarios.items()},
        "crops": sorted({each.crop for each in ready.land_use_types}),
        "land_use_types": len(ready.land_use_types),
        "assumptions": list(rules.assumptions),
    }


def _zone(rules: Ruleset, zone: Zone) -> dict[str, Any]:
    from zoning.rules.limits import CLASS_NAMES  # noqa: PLC0415  commands load what they use

    place = rules.order.index(zone.code) + 1 if zone.code in rules.order else None
    return {
        "zone": zone.code,
        "name": zone.name,
        "chain": zone.chain or None,
        "role": zone.role,
        "order": place,
        "basket": [list(group) for group in zone.basket],
        "minimum_class": CLASS_NAMES[zone.minimum] if zone.rated else None,
        "gates": [*zone.gates, *zone.competition_gates],
        "source": zone.source,
    }


def _condition(each: Condition) -> dict[str, Any]:
    return {
        "characteristic": each.characteristic.key,
        "title": each.characteristic.title,
        "unit": each.characteristic.unit,
        "at_most": each.at_most,
        "at_least": each.at_least,
        "missing_passes": each.missing_passes,
    }


def ruleset_text(document: dict[str, Any]) -> str:
    """Return the document as tables."""
    factors, weights = document["factors"], document["weights"]
    listed = ", ".join(f"{name} {Figure(weight):.3g}" for name, weight in weights.items())
    lines = (
        _("{title}: válido ({hash})").format(title=document["title"], hash=document["hash"][:12]),
        _(
            "Clima: {source}; escala 1:{scale}, unidad mínima {area} ha; {count} tipos de uso de {crops} cultivos"
        ).format(
            source=document["climate"]["source"],
            scale=document["scale"],
            area=f"{Figure(document['minimum_mapping_unit_ha']):g}",
            count=document["land_use_types"],
            crops=len(document["crops"]),
        ),
        "",
        _zones(document["zones"]),
        "",
        _gates(document["gates"]),
        "",
        _("Factores obligatorios: {names}").format(names=_listed(factors["required"])),
        _("Opcionales (sin su capa se califica sin ellos): {names}").format(names=_listed(factors["optional"])),
        _("Sin capa todavía, no se leen: {names}").format(names=_listed(factors["ignored"])),
        _("Pesos: {weights}").format(weights=listed) if listed else _("Pesos: todos iguales"),
        _("Capas superpuestas: {names}").format(names=_listed(one["name"] for one in document["overlays"])),
        _("Escenarios: {names}").format(names=_listed(document["scenarios"])),
        "",
        _("{count} reglas sin fuente (supuesto):").format(count=len(document["assumptions"])),
        *(f"  {line}" for line in document["assumptions"]),
    )
    return "\n".join(lines)


def _zones(zones: list[dict[str, Any]]) -> str:
    roles = {
        "before": _("antes"),
        "competes": _("compite"),
        "residual": _("lo que queda"),
        "decided": _("por ley o cobertura"),
    }
    rows = [
        (
            one["zone"],
            one["name"],
            roles.get(one["role"], one["role"]),
            one["order"] or "",
            one["minimum_class"] or "",
            ", ".join("/".join(group) for group in one["basket"]),
            ", ".join(one["gates"]),
        )
        for one in zones
    ]
    heads = ["", _("zona"), _("cómo"), _("turno"), _("clase mínima"), _("canasta"), _("condiciones")]
    return output.table(rows, heads)


def _gates(gates: list[dict[str, Any]]) -> str:
    rows = [
        (
            one["name"],
            "; ".join(_said(each) for each in one["conditions"]) or _listed(one["municipalities"]),
            one["source"],
        )
        for one in gates
    ]
    return output.table(rows, [_("condición"), _("se cumple con"), _("fuente")])


def _said(each: dict[str, Any]) -> str:
    parts = []
    if each["at_least"] is not None:
        parts.append(_("desde {limit} {unit}").format(limit=f"{Figure(each['at_least']):g}", unit=each["unit"]))
    if each["at_most"] is not None:
        parts.append(_("hasta {limit} {unit}").format(limit=f"{Figure(each['at_most']):g}", unit=each["unit"]))
    return f"{each['title']} {' '.join(parts)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "—"
