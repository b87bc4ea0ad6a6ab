"""The reasons of a place as text: the sentence, how apt it is for each zone, and every land-use type."""

from __future__ import annotations

from typing import Any

from api.cli import output
from gis.messages import Figure, translator

_ = translator("api")


def stability_text(document: dict[str, Any]) -> str:
    """Return how sure the zone of a place is, as text."""
    if document["stability"] is None:
        return _("Estabilidad: sin dato (valles zone --uncertainty N la da)")
    text = _("Estabilidad {stability:.2f}, entropía {entropy:.2f} bits; la cambia sobre todo: {factor}")
    return text.format(
        stability=Figure(document["stability"]),
        entropy=Figure(document["entropy"]),
        factor=document["flip_factor"] or "—",
    )


def explanation_text(document: dict[str, Any]) -> str:
    """Return the explanation of a place as text; every factor with its limits and source stands in the JSON.

    Parameters
    ----------
    document
        What :meth:`zoning.study.study.Study.explain` returned.
    """
    kinds = [
        (
            one["crop_name"],
            {"irrigated": _("riego"), "rainfed": _("secano")}.get(one["water"], one["water"]),
            one["management_name"],
            one["window"],
            one["class"],
            one["score"],
            _limiting(one),
            _next(one["next_class"]),
        )
        for one in document["land_use_types"]
    ]
    heads = [_("cultivo"), _("agua"), _("manejo"), _("meses"), _("clase"), _("puntaje"), _("lo más bajo")]
    zones = [
        (
            one["zone"],
            one["zone_name"],
            one["class"],
            one["crop_name"] or "",
            ", ".join(_gates(one["shut_gates"], document)),
        )
        for one in document["zones"]
    ]
    return "\n".join(
        (
            str(document["explanation"]),
            stability_text(document),
            "",
            output.table(zones, ["", _("zona"), _("aptitud"), _("habla por ella"), _("condiciones que no se cumplen")]),
            "",
            output.table(kinds, [*heads, _("para la clase siguiente")]),
            "",
            _("Con --json: todos los factores con sus límites y sus fuentes."),
        )
    )


def _limiting(kind: dict[str, Any]) -> str:
    found = next((each for each in kind["factors"] if each["name"] == kind["limiting"]), None)
    return f"{_bare(found['title'])} {_amount(found['value'], found['unit'])}" if found else ""


def _next(lift: dict[str, Any] | None) -> str:
    if lift is None:
        return ""
    changes = [_change(each) for each in lift["changes"]]
    if lift["class"] is None:
        return _("medir {what}").format(what=", ".join(changes))
    return f"{lift['class']}: {'; '.join(changes)}"


def _change(each: dict[str, Any]) -> str:
    if each["limit"] is None:
        return _bare(each["title"])
    words = {
        "at_least": _("{what} desde {limit}"),
        "at_most": _("{what} hasta {limit}"),
        "above": _("{what} de más de {limit}"),
        "below": _("{what} de menos de {limit}"),
    }
    return words[each["direction"]].format(what=_bare(each["title"]), limit=_amount(each["limit"], each["unit"]))


def _gates(names: list[str], document: dict[str, Any]) -> list[str]:
    titles = {each["name"]: each["title"] for each in document["gates"]}
    return [_("no: {title}").format(title=titles[name[1:]]) if name.startswith("!") else titles[name] for name in names]


def _bare(title: str) -> str:
    """Take the article from a title: ``la pendiente`` is ``pendiente`` in a table."""
    article, _space, rest = title.partition(" ")
    return rest if article in {"el", "la", "los", "las"} else title


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return _("sin dato")
    symbol = {"degC": "°C", "degC·d": "°C·d", "pH": "", "clase": ""}.get(unit, unit)
    return f"{Figure(value):.4g} {symbol}".rstrip()
