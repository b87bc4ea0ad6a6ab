"""What ``valles validate`` prints for people, from the same document that ``--json`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.cli import output
from gis.messages import Figure, translator

_ = translator("api")

Document = Mapping[str, Any]


def validation_text(document: Document) -> str:
    """Return the readable form of a validation."""
    parts = {"accuracy": _accuracy, "survey": _survey, "presence": _presence, "plan": _plan, "kit": _kit}
    said = [write(document[key]) for key, write in parts.items() if key in document]
    said.append(_("Archivos:") + "".join(f"\n  {file}" for file in document["files"]))
    return "\n\n".join(said)


def _accuracy(found: Document) -> str:
    heads = (
        _("zona o clase"), _("puntos"), _("mapa ha"), _("usuario"), "±", _("productor"), "±", _("estimada ha"), "±",
    )  # fmt: skip
    names = (
        found["by"], "samples", "mapped_area_ha", "users", "se_users", "producers", "se_producers", "area_ha",
        "se_area_ha",
    )  # fmt: skip
    rows = [[row[name] for name in names] for row in found["classes"]]
    left_out = _("{read} puntos leídos, {used} usados, {unanswered} sin observación, {outside} fuera").format(**found)
    lines = [
        _("Exactitud global {overall} ± {error} (un error estándar)").format(
            overall=_number(found["overall"], 3), error=_number(found["se_overall"], 3)
        ),
        output.table(rows, heads),
        left_out,
    ]
    if found["unsampled_ha"]:
        names_ha = ", ".join(f"{name} ({_number(area, 0)} ha)" for name, area in found["unsampled_ha"].items())
        lines.append(_("Sin ningún punto, y por eso fuera de la cuenta: {names}").format(names=names_ha))
    return "\n".join((*lines, *found["remarks"]))


def _survey(found: Document) -> str:
    heads = (_("zona"), "ρ", "n", "p", _("límite"), _("ρ del municipio"))
    rows = [[row[name] for name in ("zone", "rho", "n", "p", "bound", "rho_of_municipality")] for row in found["zones"]]
    verdicts = [f"{row['zone']}: {row['verdict']}" for row in found["zones"]]
    return "\n".join(
        (
            _("Zonas frente a la encuesta: {title}").format(title=found["survey"]),
            output.table(rows, heads),
            *verdicts,
            *found["remarks"],
        )
    )


def _presence(found: Document) -> str:
    names = {
        "farmland": _("campos"),
        "orchard": _("huertos"),
        "vineyard": _("viñedos"),
        "all": _("todo lo mapeado"),
        "anywhere": _("cualquier lugar"),
    }
    rows = [
        (
            names.get(row["kind"], row["kind"]),
            row["hectares"] if row["kind"] != "anywhere" else "",
            *(_percent(row[key]) for key in ("apt", "claimable", "inside")),
            row["lift"],
        )
        for row in (*found["kinds"], found["anywhere"])
    ]
    zones = ", ".join(found["lift_zones"])
    heads = ("", "ha", _("apto %"), _("pasa los cortes %"), _("dentro %"), _("veces el azar"))
    expected = found["expected"]
    verdict = _("cumple") if found["passed"] else _("no cumple")
    lines = [
        _("Presencia: campos, huertos y viñedos mapeados ({source})").format(source=found["source"]),
        output.table(rows, heads),
        _("«dentro» es {zones}, que son {base} % del territorio").format(zones=zones, base=_percent(found["base"])),
        _("Se espera que pase los cortes el {share} % o más, y más de {lift} veces el azar: {verdict}").format(
            share=_percent(expected["claimable"]), lift=_number(expected["lift"], 1), verdict=verdict
        ),
    ]
    if found["stable_ha"] is None:
        lines.append(_("Estabilidad: sin corrida de incertidumbre, no se sabe"))
    else:
        lines.append(_("Con estabilidad de 0,8 o más: {area} ha").format(area=_number(found["stable_ha"], 0)))
    return "\n".join(lines)


def _plan(found: Document) -> str:
    rows = [
        (
            row["plan_class"],
            row["agreement_ha"],
            row["conflict_ha"],
            row["not_comparable_ha"],
            _percent(row["agreement"]),
        )
        for row in found["classes"]
    ]
    heads = (_("clase del plan"), _("coincide ha"), _("conflicto ha"), _("no comparable ha"), _("coincide %"))
    lines = [
        _("Frente al plan: coincide {agrees} ha, conflicto {conflicts} ha, no comparable {other} ha").format(
            agrees=_number(found["agreement_ha"], 0),
            conflicts=_number(found["conflict_ha"], 0),
            other=_number(found["not_comparable_ha"], 0),
        ),
        output.table(rows, heads),
        _("Sin plan: {area} ha").format(area=_number(found["without_plan_ha"], 0)),
    ]
    if found["overlap_ha"] >= 1:
        lines.append(
            _("El plan da {area} ha a más de una clase: cuentan en cada una").format(
                area=_number(found["overlap_ha"], 0)
            )
        )
    return "\n".join(lines)


def _kit(found: Document) -> str:
    shares = ", ".join(f"{zone} {count}" for zone, count in found["by_zone"].items())
    return _("{points} puntos de campo ({wanted} por la fórmula, al menos {minimum} por zona): {shares}").format(
        points=found["points"], wanted=found["wanted"], minimum=found["minimum"], shares=shares
    )


def _percent(share: float | None) -> str | None:
    return None if share is None else _number(share * 100, 1)


def _number(value: float | None, decimals: int) -> str:
    return _("sin dato") if value is None else f"{Figure(value):.{decimals}f}"
