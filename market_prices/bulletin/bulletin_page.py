"""The bulletin on one page of paper, to be printed in black and white and hung up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from itertools import groupby
from typing import Any

from gis.messages import Figure, current_language, translator
from market_prices.bulletin.alert_level import level_name
from market_prices.bulletin.bulletin_records import BulletinData, BulletinLine
from market_prices.bulletin.bulletin_text import headlines
from market_prices.bulletin.bulletin_words import (
    amount,
    day_words,
    nothing_words,
    percent,
    place_words,
    product_words,
    section_words,
    week_words,
)

_ = translator("market_prices")

ROWS_MOST = 36
"""Prices that fit on the page."""
LINES_MOST = 50
"""Prices and headings of markets that fit on it."""
ROOMY_MOST = 16
"""Up to so many prices are written larger."""
_STALE_NAMED = 24
_LONGEST = {"product": 30, "market": 32, "unit": 20}
_LOUD = ("alert", "crisis")


def bulletin_pdf(bulletin: BulletinData, *, picture: bool = False) -> bytes:
    """Return the page: A4 upright, the fonts of typst itself, the same bytes for the same bulletin.

    Parameters
    ----------
    bulletin
        What it says.
    picture
        PNG instead of PDF, to be looked at.
    """
    import typst  # noqa: PLC0415  only who prints needs it

    template = files("market_prices").joinpath("data", "bulletin.typ").read_bytes()
    return typst.compile(
        template,
        format="png" if picture else "pdf",
        ppi=110.0,
        ignore_system_fonts=True,
        sys_inputs={"page": json.dumps(page_content(bulletin), ensure_ascii=False, allow_nan=False)},
    )


def page_content(bulletin: BulletinData) -> dict[str, Any]:
    """Return everything that stands on the page, in words."""
    shown = _chosen(bulletin)
    more = len(bulletin.lines) - len(shown)
    return {
        "language": current_language(),
        "title": _("Boletín de precios"),
        "place": place_words(bulletin),
        "week": week_words(bulletin),
        "roomy": len(shown) <= ROOMY_MOST,
        "demo": _("DATOS DE DEMOSTRACIÓN: precios simulados, no sirven para decidir") if bulletin.demo else "",
        "headlines": headlines(bulletin) or ([] if bulletin.lines else [nothing_words(bulletin)]),
        "heads": [
            *(_("Producto"), _("Precio, Bs"), _("por"), _("Bs/kg"), _("semana"), _("mes"), _("año")),
            *(_("alerta"), _("edad, días"), _("26 semanas")),
        ],
        "sections": [
            {"title": section_words(kind, bulletin), "groups": [_group(each) for each in _by_market(lines)]}
            for kind, lines in ((kind, list(lines)) for kind, lines in groupby(shown, key=lambda each: each.kind))
        ],
        "more": _("Y más en la página y en el CSV: {count}.").format(count=more) if more else "",
        "notes": _notes(bulletin),
        "sources": _("Fuentes: {names}").format(names="; ".join(bulletin.attributions))
        if bulletin.attributions
        else "",
    }


def _chosen(bulletin: BulletinData) -> list[BulletinLine]:
    """Return the lines that fit: of each kind and market those that moved most give way last."""
    order = {"observed": 0, "reference": 1, "estimated": 2}
    ranked = sorted(
        bulletin.lines, key=lambda each: (order[each.kind], -abs(each.change_week or 0.0), each.product_name)
    )
    kept: set[int] = set()
    groups: set[tuple[str, str, str]] = set()
    for line in ranked:
        group = (line.kind, line.market, line.level)
        if len(kept) < ROWS_MOST and len(kept) + len(groups | {group}) < LINES_MOST:
            kept.add(id(line))
            groups.add(group)
    return [each for each in bulletin.lines if id(each) in kept]


def _by_market(lines: Sequence[BulletinLine]) -> Iterable[list[BulletinLine]]:
    for __, group in groupby(lines, key=lambda each: (each.market, each.level)):
        yield list(group)


def _group(lines: Sequence[BulletinLine]) -> dict[str, Any]:
    first = lines[0]
    return {"title": f"{first.market_name}, {first.level_name}", "rows": [_row(each) for each in lines]}


def _row(line: BulletinLine) -> dict[str, Any]:
    price = amount(line.price) if line.currency == "BOB" else f"{amount(line.price)} {line.currency}"
    return {
        "product": _cut(product_words(line), "product") + (" (?)" if line.doubtful else ""),
        "cells": [
            price,
            _cut(line.unit_name, "unit"),
            "–" if line.price_per_kg is None else amount(line.price_per_kg),
            *(_change(each) for each in (line.change_week, line.change_month, line.change_year)),
            _alarm(line),
            f"{line.age_days}",
        ],
        "loud": line.alert.level in _LOUD,
        "chart": _chart(line.history),
    }


def _alarm(line: BulletinLine) -> str:
    return _("por revisar") if line.doubtful else level_name(line.alert.level)


def _change(change: float | None) -> str:
    if change is None:
        return "–"
    arrow = "▲ " if change >= 1.0 else "▼ " if change <= -1.0 else ""
    return f"{arrow}{percent(change)}"


def _cut(text: str, what: str) -> str:
    most = _LONGEST[what]
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _chart(history: Sequence[float | None]) -> list[list[list[float]]]:
    """Return the strokes of a small chart in a unit square, y downwards; a week without a price breaks the line."""
    known = [each for each in history if each is not None]
    if not known:
        return []
    low, height = min(known), max(known) - min(known)
    strokes: list[list[list[float]]] = [[]]
    for week, price in enumerate(history):
        if price is None:
            strokes.append([])
            continue
        y = 0.5 if height <= 0 else 1.0 - (price - low) / height
        strokes[-1].append([round(week / max(len(history) - 1, 1), 4), round(y, 4)])
    return [each for each in strokes if each]


def _notes(bulletin: BulletinData) -> list[str]:
    notes = []
    if bulletin.national:
        names = ", ".join(
            f"{each.product_name} ({level_name(each.alert.level)}, ALPS {Figure(each.alert.value or 0.0):.1f})"
            if each.alert.basis.startswith("alps")
            else f"{each.product_name} ({level_name(each.alert.level)})"
            for each in bulletin.national
        )
        notes.append(_("Índice nacional de precios, fuera de lo normal: {names}.").format(names=names))
    if bulletin.stale:
        newest = sorted(bulletin.stale, key=lambda each: (each.age_days, each.product_name))
        names = "; ".join(f"{each.product_name}, {day_words(each.date)}" for each in newest[:_STALE_NAMED])
        rest = len(newest) - _STALE_NAMED
        more = _(" y {count} más").format(count=rest) if rest > 0 else ""
        notes.append(
            _("Sin precio de los últimos 60 días (último conocido): {names}{more}.").format(names=names, more=more)
        )
    left_out = sum(each.left_out for each in bulletin.lines)
    if left_out or bulletin.doubtful:
        notes.append(
            _("Parecen errores y están por revisar: {count}; no entran en las medianas, o llevan (?).").format(
                count=left_out + len(bulletin.doubtful)
            )
        )
    notes.append(
        _(
            "Precio: mediana de los siete días hasta la fecha, o hasta el último precio, cuya edad se dice. "
            "Cambios: frente a 1, 4 y 52 semanas antes. Alerta: ALPS o IFPA de la misma serie. "
            "– o sin dato: no se sabe, no es cero."
        )
    )
    return notes
