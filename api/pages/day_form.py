"""The form of a market day: its rows, what was typed in them, and what the book said of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.page_numbers import age, money, written
from gis.messages import translator
from layers.spelling import plain_text
from market_prices.book import Book
from market_prices.facets.book_day import DayLine, DayReport
from market_prices.vocabulary.vocabulary import Market

_ = translator("api")

FREE_ROWS = 4
"""Rows for products that the list lacks."""
FIELDS = ("product", "price", "unit", "low", "high", "quantity", "variety", "offered", "availability")
"""Cells of a row; a row counts when one of :data:`TOLD` is filled in."""
TOLD = ("price", "low", "high", "availability")
_LONGEST = 80


@dataclass(frozen=True, kw_only=True)
class FormRow:
    """One row of the form."""

    number: int
    name: str
    """Name of the product; empty in a row in which one may be written."""
    hint: str
    """Its last price in this market, in words; empty for none."""
    cells: Mapping[str, str]
    """What is typed in each field."""
    status: str
    """What the book said of it: ``new``, ``same``, ``doubtful``, ``rejected`` or empty."""
    reason: str
    understood: str
    """The row as the book reads it, in words."""
    confirmed: bool

    @property
    def open(self) -> bool:
        """Whether more than price and unit is filled in, so that the rest of the row must show."""
        return any(self.cells[name] for name in FIELDS[3:])


@dataclass(frozen=True, kw_only=True)
class DayForm:
    """The whole form."""

    date: str
    level: str
    time: str
    rows: tuple[FormRow, ...]

    def typed(self) -> list[tuple[int, dict[str, str]]]:
        """Return the rows that count, as the book takes them."""
        head = {"date": self.date, "level": self.level, "time": self.time}
        return [
            (each.number, {**head, **each.cells})
            for each in self.rows
            if any(each.cells[name].strip() for name in TOLD) or (not each.name and each.cells["product"].strip())
        ]

    def confirmed(self) -> set[int]:
        """Return the rows that were confirmed although they are doubted."""
        return {each.number for each in self.rows if each.confirmed}

    def of(self, *states: str) -> list[FormRow]:
        """Return the rows of which the book said one of these."""
        return [each for each in self.rows if each.status in states]


def day_form(book: Book, market: Market, given: Mapping[str, str]) -> DayForm:
    """Return the form of a market as it was typed; nothing typed is a fresh one of today.

    Parameters
    ----------
    book
        The price book: its products, and the last prices of this market.
    market
        Market of the municipality.
    given
        Fields of the form: ``fecha``, ``nivel``, ``hora``, and ``<field>-<row>`` of each row.
    """
    rows = []
    known = {str(each["product"]): each for each in book.latest_records(market=market.id)}
    listed = [each for each in book.products() if each.local or each.id in known]
    order = sorted(listed, key=lambda each: (each.id not in known, plain_text(each.name)))  # what was noted here first
    for number, product in enumerate(order, start=1):
        held = known.get(product.id)
        usual = {"product": product.id, "unit": _usual_unit(book, held) if held else ""}
        rows.append(_row(number, product.name, _hint(held) if held else "", usual, given))
    rows += [_row(number, "", "", {}, given) for number in range(len(rows) + 1, len(rows) + 1 + FREE_ROWS)]
    return DayForm(
        date=given.get("fecha", book.today.isoformat())[:_LONGEST],
        level=given.get("nivel", "wholesale")[:_LONGEST],
        time=given.get("hora", "")[:_LONGEST],
        rows=tuple(rows),
    )


def _row(number: int, name: str, hint: str, usual: Mapping[str, str], given: Mapping[str, str]) -> FormRow:
    cells = {field: given.get(f"{field}-{number}", usual.get(field, ""))[:_LONGEST] for field in FIELDS}
    if name:
        cells["product"] = usual["product"]
    return FormRow(
        number=number,
        name=name,
        hint=hint,
        cells=cells,
        status="",
        reason="",
        understood="",
        confirmed=given.get(f"si-{number}") == "1",
    )


def _usual_unit(book: Book, held: Mapping[str, Any]) -> str:
    """Return the measure of the last price as it can be typed again: the one people say, if it is understood."""
    sold = (held["unit"], held["quantity"])
    if book.vocabulary.measures.parse(held["unit_name"]) == sold:
        return str(held["unit_name"])
    return str(sold[0]) if sold[1] == 1 else f"{sold[1]:g} {sold[0]}".replace(".", ",")


def _hint(held: Mapping[str, Any]) -> str:
    """Return the last price in words; empty where there was none."""
    if held["price"] is None:
        return ""
    return _("último: {price} por {unit}, {age}").format(
        price=money(held["price"], held["currency"]), unit=held["unit_name"], age=age(held["age_days"])
    )


def with_answer(form: DayForm, report: DayReport) -> DayForm:
    """Return the form with what the book said of each row."""
    told = {each.line: each for each in report.lines}
    rows = []
    for row in form.rows:
        line = told.get(row.number)
        if line is None:
            rows.append(row)
            continue
        rows.append(
            FormRow(
                number=row.number,
                name=row.name,
                hint=row.hint,
                cells=row.cells,
                status=line.status,
                reason=line.reason,
                understood=_understood(line),
                confirmed=row.confirmed,
            )
        )
    return DayForm(date=form.date, level=form.level, time=form.time, rows=tuple(rows))


def _understood(line: DayLine) -> str:
    """Return a row as the book reads it; empty for one it cannot read."""
    figure = line.figure
    if line.status == "rejected":
        return ""
    if figure["price"] is None:
        return {"NC": _("había, no se tomó el precio"), "NA": _("no había")}.get(figure["availability"], "")
    text = _("{price} por {unit}").format(price=money(figure["price"]), unit=figure["unit_name"])
    ends = [figure[name] for name in ("low", "high")]
    if None in ends:
        return text
    low, high = (money(each) for each in ends)
    return _("{text} (entre {low} y {high})").format(text=text, low=low, high=high)


def written_day(text: str) -> str:
    """Return an ISO date as people read it; other text as it is.

    Examples
    --------
    >>> written_day("2026-11-22"), written_day("mañana")
    ('22/11/2026', 'mañana')
    """
    try:
        return dt.date.fromisoformat(text).strftime("%d/%m/%Y")
    except ValueError:
        return text


def counted(rows: Sequence[FormRow]) -> str:
    """Return how many prices there are, in words."""
    return _("1 precio") if len(rows) == 1 else _("{n} precios").format(n=written(len(rows)))
