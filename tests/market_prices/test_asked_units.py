"""A price in the unit asked for: by weights that are known for product and place, else refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gis.errors import VallesError
from market_prices import Book

LINES = (
    "fecha,mercado,producto,unidad,precio,nivel",
    "2026-11-02,santa_cruz,tomate,kg,4,mayorista",
    "2026-11-02,cochabamba,tomate,caja,92,mayorista",
    "2026-11-02,oruro,tomate,caja,92,mayorista",
    "2026-11-02,santa_cruz,choclo,docena,24,minorista",
)


@pytest.fixture
def priced(book: Book, written: Callable[..., Path]) -> Book:
    assert book.import_file(written(*LINES)).rejected == 0
    return book


def test_a_box_weighs_what_it_weighs_there(priced: Book) -> None:
    rows = priced.latest("tomate", in_unit="arroba").set_index("market")
    assert rows.loc["santa_cruz", "asked_price"] == pytest.approx(46.0)
    assert rows.loc["cochabamba", "asked_price"] == pytest.approx(46.0)  # a box of two arrobas
    assert set(rows["asked_unit"]) == {"arroba"}
    assert rows.attrs["units"]["asked_price"] == "currency per asked_unit"
    assert "price" in rows.attrs["units"]


def test_an_unknown_weight_is_told_beside_the_others_and_refused_alone(priced: Book) -> None:
    rows = priced.latest("tomate", in_unit="46 kg").set_index("market")
    assert rows.loc["santa_cruz", "asked_price"] == pytest.approx(184.0)
    assert rows["asked_price"].isna().sum() == (rows["asked_note"] != "").sum() == 1
    with pytest.raises(VallesError, match="No se puede decir ningún precio por docena"):
        priced.latest("tomate", in_unit="docena")


def test_pieces_convert_among_themselves_and_the_own_unit_needs_no_weight(priced: Book) -> None:
    assert priced.latest("choclo", in_unit="ciento")["asked_price"].tolist() == pytest.approx([200.0])
    assert priced.latest("choclo", in_unit="3 docenas")["asked_price"].tolist() == pytest.approx([72.0])
    assert priced.series("tomate", "oruro", in_unit="caja")["asked_price"].tolist() == pytest.approx([92.0])


def test_days_weeks_and_months_are_whole_and_tell_their_changes(book: Book, written: Callable[..., Path]) -> None:
    lines = [f"{day},santa_cruz,papa,kg,{price},mayorista" for day, price in
             (("2025-06-02", 4), ("2026-05-25", 5), ("2026-06-01", 6), ("2026-06-15", 8))]  # fmt: skip
    book.import_file(written(LINES[0], *lines))
    weeks = book.series("papa", "santa_cruz", frequency="weekly").set_index("date")
    assert weeks["count"].tolist().count(1) == 4
    assert len(weeks) == 55
    assert weeks["change_week"].dropna().tolist() == [20.0]
    assert weeks["change_year"].dropna().tolist() == [50.0]
    assert weeks["change_month"].isna().all()
    days = book.series("papa", "santa_cruz", frequency="daily")
    assert len(days) == 379
    assert days["change_week"].dropna().tolist() == [20.0]
    months = book.series("papa", "santa_cruz", frequency="monthly")
    assert months["change_year"].dropna().tolist() == [75.0]
    assert months["change_month"].dropna().tolist() == [40.0]
    assert {"change_week", "change_month", "change_year"} <= set(months.attrs["units"])
