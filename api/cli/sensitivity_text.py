"""The sensitivity table of a study as text: what each single rule or source moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.cli import output
from gis.messages import Figure, translator

_ = translator("api")


def sensitivity_text(found: Mapping[str, Any] | None) -> str:
    """Return the table of a study's document as text, what moves most first; empty for a study without one."""
    from zoning.sensitivity.sensitivity_table import shown_first  # noqa: PLC0415  commands load what they use

    if not found:
        return ""
    heads = (_("regla"), _("si se cambia sola"), _("mueve %"), "±", "ha", _("sobre todo"))
    rows = [
        (
            row["rule"],
            row["title"],
            _percent(row["moved_share"]),
            _percent(row["standard_error"]),
            row["moved_ha"],
            _change(row),
        )
        for row in shown_first(found["variants"])
    ]
    note = _("Medido en {cells} celdas, una de cada {step} filas y columnas, antes de unir celdas en polígonos").format(
        cells=found["cells"], step=found["step"]
    )
    return "\n".join([_("Qué parte del territorio mueve cada regla o fuente"), output.table(rows, heads), note])


def _change(row: Mapping[str, Any]) -> str:
    if row["reason"]:
        return _("sin dato: {reason}").format(reason=row["reason"])
    if not row["main_change"]:
        return _("nada")
    said = _("{change} {share} %").format(
        change=row["main_change"].replace(">", " → "), share=_percent(row["main_change_share"])
    )
    return said + (_(" (frente a {variant})").format(variant=row["against"]) if row["against"] else "")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{Figure(share * 100):.1f}"
