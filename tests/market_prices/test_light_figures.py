"""The quick way to the last prices says the same as the table."""

from __future__ import annotations

import datetime as dt

import pytest

from market_prices import Book, records


def _fill(book: Book) -> None:
    for day, price in ((1, 40.0), (8, 44.5), (15, 41.25)):
        book.add("papa", "comarapa", price=price, unit="arroba", date=dt.date(2026, 11, day), low=price - 1)
    book.add("tomate", "santa_cruz", price=60, unit="caja", date="2026-07-02", level="minorista", author="Ana")
    book.add("lechuga", "comarapa", price=9, unit="canasta", date="2026-11-20")
    book.add("papa", "comarapa", price=42, unit="arroba", date="2026-11-15", correction=True)


@pytest.mark.parametrize(
    "asked",
    [{}, {"product": "papa"}, {"market": "comarapa"}, {"unit": "caja"}, {"level": "retail"}, {"as_of": "2026-11-21"}],
)
def test_rows_and_table_of_the_last_prices_are_the_same(book: Book, asked: dict[str, str]) -> None:
    _fill(book)
    assert book.latest_records(**asked) == records(book.latest(**asked))


def test_a_suspected_price_says_so_the_quick_way_too(book: Book) -> None:
    for day in range(1, 15):
        book.add("papa", "comarapa", price=40 + day % 3, unit="arroba", date=dt.date(2026, 11, day))
    book.add("papa", "comarapa", price=400, unit="arroba", date="2026-11-15")
    told = book.latest_records("papa", "comarapa")
    assert told == records(book.latest("papa", "comarapa"))
    assert told[0]["flags"]
