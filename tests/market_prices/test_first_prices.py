"""A first price has no past of its own: it is held beside what the same product fetches elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from market_prices import Book
from market_prices.quality.quality_rules import quality_rules

TODAY = dt.date(2026, 8, 20)


@pytest.fixture
def book(book_target: Path | str) -> Book:
    """Return a book in which potato and tomato have prices in two reference markets."""
    opened = Book.open(book_target, today=TODAY)
    for market, potato, tomato in (("Santa Cruz", 110.0, 5.0), ("Cochabamba", 90.0, 6.0)):
        opened.add("papa", market, price=potato, unit="@", date="2026-08-10")
        opened.add("tomate", market, price=tomato, unit="kg", date="2026-08-10", level="retail")
    return opened


def test_a_first_price_far_from_all_other_markets_is_an_error_that_names_them(book: Book) -> None:
    kept = book.add("papa", "Mairana", price=1234.5, unit="@")
    assert kept.flags == ("suspected_error",)
    assert "Santa Cruz" in kept.reason
    assert "9,57 Bs/kg el 2026-08-10" in kept.reason
    assert "123,45" in kept.reason
    (flag,) = book.flags("papa").to_dict("records")
    assert (flag["kind"], flag["severity"], flag["market"], flag["suggested"]) == (
        "elsewhere",
        "error",
        "mairana",
        123.45,
    )


@pytest.mark.parametrize(
    ("price", "flags"),
    [(2200.0, ("suspected_error",)), (600.0, ("doubtful_price",)), (4.0, ("suspected_error",))],
)
def test_how_far_away_says_how_sure(book: Book, price: float, flags: tuple[str, ...]) -> None:
    assert book.add("papa", "Comarapa", price=price, unit="@").flags == flags


@pytest.mark.parametrize(
    ("price", "unit", "level"),
    [(30.0, "@", "farm_gate"), (300.0, "@", "retail"), (40.0, "caja", "wholesale")],
)
def test_a_low_farm_gate_a_dear_shop_and_a_measure_of_unknown_weight_are_left_alone(
    book: Book, price: float, unit: str, level: str
) -> None:
    assert book.add("papa", "Comarapa", price=price, unit=unit, level=level).flags == ()


def test_a_blockade_drives_markets_apart_and_a_zero_too_many_is_still_seen(book: Book, tmp_path: Path) -> None:
    calendar = tmp_path / "calendar.csv"
    calendar.write_text("fecha,bloqueos\n2026-08-18,83\n", encoding="utf-8")
    book.check_quality(road_blocks=calendar, author="a")
    assert book.add("tomate", "Mairana", price=36.45, unit="kg", level="retail").flags == ()
    assert book.add("tomate", "Comarapa", price=500.0, unit="kg", level="retail").flags == ("suspected_error",)


def test_a_small_file_is_held_beside_the_others_too(book: Book, written: Callable[..., Path]) -> None:
    file = written("fecha;mercado;producto;unidad;precio", "20/08/2026;mairana;papa;arroba;2.345,00")
    assert book.import_file(file, author="a").rows == 1
    assert book.flags("papa")["kind"].tolist() == ["elsewhere"]


def test_a_look_back_keeps_the_flag_until_the_series_has_prices_of_its_own(book: Book) -> None:
    book.add("papa", "Mairana", price=900.0, unit="@", date="2026-08-12")
    book.check_quality()
    assert book.flags("papa", status="open")["kind"].tolist() == ["elsewhere"]
    for day in (13, 14, 15, 16):
        book.add("papa", "Mairana", price=890.0, unit="@", date=f"2026-08-{day}")
    book.check_quality()
    assert book.flags("papa", "mairana").empty
    assert dt.date(2026, 8, 12) in book.flags("papa", "mairana", status="lapsed")["date"].tolist()


def test_a_confirmed_error_is_left_out_and_no_other_is_held_beside_it(book: Book) -> None:
    book.add("papa", "Mairana", price=1234.5, unit="@")
    book.decide(int(book.flags("papa")["flag"].iloc[0]), "confirmed", author="b", reason="una coma")
    assert book.latest("papa", "Mairana").empty
    assert book.add("papa", "Saipina", price=1300.0, unit="@").flags == ("suspected_error",)


def test_what_is_far_away_is_declared_with_its_source() -> None:
    rules = quality_rules()
    assert rules.first_factor < rules.first_factor_error
    assert "31.125" in rules.sources["first.factor"]
