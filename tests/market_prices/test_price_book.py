"""The book keeps what it was told, refuses what cannot be, and says how old each figure is."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market_prices import Book, ObservationError, PriceFileError, UnknownNameError, records

TODAY = dt.date(2026, 11, 22)


def test_a_price_added_is_the_latest_price_with_its_age(book: Book) -> None:
    told = book.add("Tomate", "Samaipata", price=60, unit="caja", date="20/11/2026", level="en finca", author="Ana")
    assert told.figure["market"] == "samaipata"
    assert told.figure["kind"] == "observed"
    assert told.flags == ()
    row = book.latest("tomate", "samaipata").iloc[0]
    assert (row["price"], row["age_days"], row["level"], row["author"]) == (60.0, 2, "farm_gate", "Ana")
    assert row["age_text"] == "de hace 2 días"
    assert not row["stale"]


def test_a_correction_is_a_new_record_and_the_past_can_be_read_again(book_target: Path | str) -> None:
    moment = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
    with Book.open(book_target, clock=lambda: moment) as book:
        book.add("papa", "mairana", price=50, unit="arroba", date="2026-10-30")
        with pytest.raises(ObservationError, match="Ya hay otro precio de ese día"):
            book.add("papa", "mairana", price=55, unit="arroba", date="2026-10-30")
        moment = dt.datetime(2026, 11, 5, 12, tzinfo=dt.UTC)
        again = book.add("papa", "mairana", price=55, unit="arroba", date="2026-10-30", correction=True)
        assert "revision" in again.flags
        assert book.summary().observations == 2
        assert book.latest("papa", "mairana")["price"].tolist() == [55.0]
        assert book.latest("papa", "mairana", as_of="2026-11-04")["price"].tolist() == [50.0]
        assert book.series("papa", "mairana", as_of=dt.date(2026, 11, 4))["price"].tolist() == [50.0]
        assert book.latest("papa", "mairana", as_of="2026-10-31").empty
        assert len(book.latest("papa", "mairana", as_of="9999-12-31")) == 1
        assert book.latest("papa", "mairana", as_of="2026-11-04")["age_days"].tolist() == [5]


def test_the_same_price_twice_is_refused_as_already_there(book: Book) -> None:
    book.add("papa", "mairana", price=50, unit="arroba")
    with pytest.raises(ObservationError, match="ya está registrado"):
        book.add("papa", "mairana", price=50, unit="arroba")
    assert book.summary().observations == 1


def test_a_correction_can_be_taken_back(book: Book) -> None:
    for price in (50, 55, 50):
        book.add("papa", "mairana", price=price, unit="arroba", date="2026-10-30", correction=True)
    assert book.latest("papa", "mairana")["price"].tolist() == [50.0]
    with pytest.raises(ObservationError, match="ya está registrado"):
        book.add("papa", "mairana", price=50, unit="arroba", date="2026-10-30", correction=True)
    with pytest.raises(ObservationError, match="otro precio"):
        book.add("papa", "mairana", price=55, unit="arroba", date="2026-10-30")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"price": 0}, "mayor que cero"),
        ({"price": -3}, "mayor que cero"),
        ({"price": None}, "falta el precio"),
        ({"price": float("inf")}, "no es un número"),
        ({"price": 1e9}, "imposible por grande"),
        ({"date": "2027-03-01"}, "todavía no ha llegado"),
        ({"date": "31/02/2026"}, "no se entiende"),
        ({"date": "1492-10-12"}, "imposible"),
        ({"low": 70.0}, "no están en orden"),
        ({"quantity": 0}, "cantidad"),
        ({"availability": "NA"}, "NC o NA"),
        ({"level": "al paso"}, "Nivel de precio desconocido"),
        ({"time": "25:00"}, "Hora que no se entiende"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(book: Book, change: dict[str, object], message: str) -> None:
    parts: dict[str, object] = {"price": 60, "unit": "kg", "date": "2026-11-01"} | change
    with pytest.raises(ObservationError, match=message):
        book.add("tomate", "samaipata", **parts)  # type: ignore[arg-type]
    assert book.summary().observations == 0


@pytest.mark.parametrize(
    ("product", "market", "unit", "near"),
    [
        ("tomte", "samaipata", "kg", "tomate"),
        ("tomate", "samaypata", "kg", "samaipata"),
        ("tomate", "samaipata", "aroba", "arroba"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_ones(
    book: Book, product: str, market: str, unit: str, near: str
) -> None:
    with pytest.raises(UnknownNameError, match=near):
        book.add(product, market, price=5, unit=unit)


def test_absence_is_recorded_without_a_price_and_never_as_zero(book: Book) -> None:
    book.add("tomate", "samaipata", price=8, unit="kg", date="2026-11-01")
    book.add("tomate", "samaipata", price=None, unit="kg", date="2026-11-08", availability="no hubo")
    series = book.series("tomate", "samaipata")
    assert series["availability"].tolist() == ["", "NA"]
    assert np.isnan(series["price"].iloc[1])
    assert book.latest("tomate", "samaipata")["date"].tolist() == [dt.date(2026, 11, 1)]


def test_a_jump_against_the_last_price_is_flagged_and_kept(book: Book) -> None:
    book.add("tomate", "samaipata", price=8, unit="kg", date="2026-11-01")
    told = book.add("tomate", "samaipata", price=80, unit="kg", date="2026-11-08")
    assert told.flags == ("jump",)
    assert "8" in told.reason
    assert len(book.series("tomate", "samaipata")) == 2
    assert book.rejected(status="flagged")["code"].tolist() == ["jump"]


def test_units_of_one_product_stay_apart_and_unknown_weights_are_said(book: Book) -> None:
    for unit, price in (("caja", 60), ("kg", 4), ("3 libras", 7), ("chipa", 3)):
        book.add("tomate", "samaipata", price=price, unit=unit, date="2026-11-01")
    latest = book.latest("tomate", "samaipata").set_index("unit")
    assert len(latest) == 4
    assert np.isnan(latest.loc["caja", "price_per_kg"])
    assert "no se conoce el peso" in latest.loc["caja", "kg_note"]
    assert latest.loc["libra", "price_per_kg"] == pytest.approx(7 / (3 * 0.46), abs=1e-4)
    assert "no se convierte" in latest.loc["chipa", "kg_note"]
    book.add("tomate", "santa_cruz", price=60, unit="caja", date="2026-11-01")
    book.add("tomate", "cochabamba", price=69, unit="caja", date="2026-11-01")
    weights = book.latest("tomate", unit="caja").set_index("market")["price_per_kg"]
    assert weights["santa_cruz"] == 3.0
    assert weights["cochabamba"] == 3.0


@pytest.mark.parametrize(
    ("days", "stale", "text"),
    [(0, False, "de hoy"), (1, False, "de ayer"), (60, False, "de hace 60 días"), (61, True, "no es un precio actual")],
)
def test_a_price_past_sixty_days_is_never_called_current(book: Book, days: int, stale: bool, text: str) -> None:
    book.add("papa", "comarapa", price=50, unit="arroba", date=TODAY - dt.timedelta(days=days))
    row = book.latest("papa").iloc[0]
    assert (row["age_days"], row["stale"]) == (days, stale)
    assert text in row["age_text"]
    if stale:
        assert "hoy" not in row["age_text"]


def test_gaps_are_rows_without_a_price(book: Book) -> None:
    for date, price in (("2026-09-07", 10), ("2026-09-09", 14), ("2026-09-29", 11)):
        book.add("papa", "comarapa", price=price, unit="kg", date=date)
    weekly = book.series("papa", "comarapa", frequency="weekly")
    assert weekly["count"].tolist() == [2, 0, 0, 1]
    assert weekly["date"].tolist()[0] == dt.date(2026, 9, 7)
    assert weekly["price"].iloc[0] == 12.0
    assert weekly["price"].isna().tolist() == [False, True, True, False]
    assert book.series("papa", "comarapa")["gap_days"].fillna(-1).tolist() == [-1.0, 2.0, 20.0]
    assert book.series("papa", "comarapa").attrs["units"]["price_per_kg"] == "currency per kilogram"
    with pytest.raises(ObservationError, match="Frecuencia"):
        book.series("papa", "comarapa", frequency="diaria")


def test_the_previous_price_and_the_change_are_of_the_same_series(book: Book) -> None:
    book.add("papa", "comarapa", price=40, unit="arroba", date="2026-11-01")
    book.add("papa", "comarapa", price=50, unit="arroba", date="2026-11-08")
    book.add("papa", "comarapa", price=4, unit="kg", date="2026-11-09")
    latest = book.latest("papa", "comarapa").set_index("unit")
    assert latest.loc["arroba", ["previous_price", "change", "change_pct"]].tolist() == [40.0, 10.0, 25.0]
    assert np.isnan(latest.loc["kg", "change"])


def test_the_same_book_exports_the_same_bytes(book: Book, tmp_path: Path) -> None:
    for n in range(5):
        book.add("papa", "comarapa", price=40 + n, unit="arroba", date=TODAY - dt.timedelta(days=n))
    for suffix in ("csv", "json", "parquet"):
        first = book.export(tmp_path / f"a.{suffix}").read_bytes()
        assert first == book.export(tmp_path / f"b.{suffix}").read_bytes()
    rows = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert len(rows) == 5
    assert rows[0]["low"] is None
    assert pd.read_parquet(tmp_path / "a.parquet")["price"].tolist() == [44.0, 43.0, 42.0, 41.0, 40.0]
    with pytest.raises(PriceFileError, match="exportar"):
        book.export(tmp_path / "a.docx")


def test_an_export_read_back_adds_nothing(book: Book, tmp_path: Path) -> None:
    book.add("papa", "comarapa", price=40.125, unit="3 libras", date="2026-11-01", low=39, variety="imilla")
    book.add("tomate", "santa_cruz", price=60, unit="caja", date="2026-11-02")
    report = book.import_file(book.export(tmp_path / "libro.csv"))
    assert (report.duplicates, report.rows) == (2, 2)


def test_records_are_json(book: Book) -> None:
    book.add("papa", "comarapa", price=40, unit="carga", date="2026-11-01")
    row = json.loads(json.dumps(records(book.latest())))[0]
    assert row["price_per_kg"] is None
    assert row["previous_date"] is None
    assert row["date"] == "2026-11-01"


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(
        st.tuples(st.integers(0, 6), st.integers(1, 400).map(lambda cents: cents / 4)), min_size=1, max_size=8
    )
)
def test_the_last_word_on_a_day_holds_and_none_is_lost(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, float]]
) -> None:
    with Book.open(tmp_path_factory.mktemp("b") / "b.db", today=TODAY) as book:
        said: dict[int, list[float]] = {}
        for day, price in told:
            if price in said.get(day, []):
                continue
            book.add("papa", "mairana", price=price, unit="kg", date=TODAY - dt.timedelta(days=day), correction=True)
            said.setdefault(day, []).append(price)
        series = book.series("papa", "mairana")
        held = {(TODAY - each).days: price for each, price in zip(series["date"], series["price"], strict=True)}
        assert held == {day: prices[-1] for day, prices in said.items()}
        assert book.summary().observations == sum(map(len, said.values()))


def test_a_dry_run_leaves_nothing(book: Book, written: Callable[..., Path]) -> None:
    path = written("fecha;mercado;producto;unidad;precio", "5/8/2026;Mairana;papa;arroba;52,50")
    assert book.import_file(path, dry_run=True).accepted == 1
    assert book.summary().observations == 0
    assert book.import_file(path).accepted == 1
