"""A market day typed in a form is recorded whole, or not while a row is refused or doubted; on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from market_prices import Book
from market_prices.price_errors import ObservationError

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def book(book_target: Path | str) -> Iterator[Book]:
    """Return a book with last week's tomato of Saipina."""
    with Book.open(book_target, today=TODAY) as made:
        made.add("tomate", "saipina", price=95.0, unit="caja", date="2026-11-15", author="Ana")
        yield made


def row(product: str, price: str = "", unit: str = "caja", **more: str) -> dict[str, str]:
    return {"product": product, "price": price, "unit": unit, "date": "22/11/2026", **more}


def prices(book: Book) -> dict[str, float]:
    latest = book.latest(market="saipina")
    return dict(zip(latest["product"], latest["price"], strict=True))


def test_a_day_is_rehearsed_and_then_recorded_whole(book: Book) -> None:
    rows = [
        (1, row("Tomate", "100", low="90", high="110,50")),
        (4, row("papa", "4,50", "kg")),
        (7, row("vainita", unit="", availability="NA")),
    ]
    told = book.record_day("saipina", rows, author="Ana", dry_run=True)
    assert [each.status for each in told.lines] == ["new"] * 3
    assert told.lines[0].figure["high"] == 110.5
    assert told.lines[1].figure["unit_name"] == "kg"
    assert not told.written
    assert prices(book) == {"tomate": 95.0}
    done = book.record_day("saipina", rows, author="Ana")
    assert done.written
    assert prices(book)["papa"] == 4.5
    again = book.record_day("saipina", rows, author="Ana")
    assert [each.status for each in again.lines] == ["same"] * 3
    assert len(book.series("papa", "saipina")) == 1


def test_one_refused_row_keeps_the_whole_day_back_and_says_why(book: Book) -> None:
    rows = [(1, row("papa", "4,50", "kg")), (2, row("tomate", "cien")), (3, row("tomatillo raro", "5"))]
    told = book.record_day("saipina", rows, author="Ana")
    assert not told.written
    assert {each.line: each.status for each in told.lines} == {1: "new", 2: "rejected", 3: "rejected"}
    assert "no es un número" in told.lines[1].reason
    assert "papa" not in prices(book)
    assert book.rejected().empty


def test_ten_times_last_week_waits_for_a_word(book: Book) -> None:
    rows = [(1, row("tomate", "950")), (2, row("papa", "4,50", "kg"))]
    told = book.record_day("saipina", rows, author="Ana")
    assert not told.written
    (doubt,) = told.of("doubtful")
    assert doubt.line == 1
    assert "95" in doubt.reason
    assert prices(book) == {"tomate": 95.0}
    assert book.record_day("saipina", rows, author="Ana", confirmed=[1]).written
    assert "papa" in prices(book)


def test_a_collector_corrects_what_he_noted_and_nothing_of_others(book: Book) -> None:
    rows = [(1, row("tomate", "96", date="15/11/2026"))]
    foreign = book.record_day("saipina", rows, author="Beto", confirmed=[1])
    assert not foreign.written
    assert "lo anotó Ana" in foreign.lines[0].reason
    assert book.record_day("saipina", rows, author="Ana", confirmed=[1]).written
    assert prices(book)["tomate"] == 96.0
    back = [(1, row("tomate", "95", date="15/11/2026"))]
    assert book.record_day("saipina", back, author="Rosa", confirmed=[1], corrects_others=True).written
    assert prices(book)["tomate"] == 95.0


def test_an_empty_form_is_no_day(book: Book) -> None:
    with pytest.raises(ObservationError):
        book.record_day("saipina", [], author="Ana")
