"""The first figure of a month is the one that was reckoned at its end, to the last digit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from market_prices import Book
from market_prices.indicators.indicator_vintages import with_first_values

MONTHS = 48


@pytest.fixture
def filled(book: Book, tmp_path: Path) -> Book:
    """Return a book with four years of a price that jumps at the end, and the general price index of those years."""
    generator = np.random.default_rng(5)
    lines = ["fecha,mercado,producto,unidad,precio"]
    index = ["fecha,indice_mensual,variacion_mensual,variacion_acumulada,variacion_12_meses"]
    for step in range(MONTHS):
        day = dt.date(2021 + step // 12, step % 12 + 1, 15)
        price = 5 + np.cos(step / 2) + generator.normal(0, 0.3) + (4 if step >= 44 else 0)
        lines.append(f"{day},santa_cruz,tomate,kg,{price:.2f}")
        index.append(f"{day:%Y-%m}-01,{100 * 1.01**step:.4f},1,1,1")
    for name, rows in (("list.csv", lines), ("index.csv", index)):
        (tmp_path / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
        assert book.import_file(tmp_path / name).rejected == 0
    return book


@pytest.mark.parametrize("month", ["2023-12", "2024-09", "2024-12"])
def test_a_vintage_is_what_the_book_said_when_the_month_ended(filled: Book, month: str) -> None:
    told = with_first_values(filled.indicators("tomate", "santa_cruz"))
    row = told[[str(each)[:7] == month for each in told["date"]]].iloc[0]
    then = filled.indicators("tomate", "santa_cruz", until=f"{month}-28").iloc[-1]
    assert str(then["date"])[:7] == month
    for name in ("alps", "alps_real"):
        assert row[f"{name}_first"] == pytest.approx(then[name], abs=2e-6)
        assert row[f"{name}_first_class"] == then[f"{name}_class"]
    assert row["ifpa"] == pytest.approx(then["ifpa"], nan_ok=True)
    assert row["ifpa_real"] == pytest.approx(then["ifpa_real"], nan_ok=True, abs=2e-6)


def test_the_last_month_is_its_own_vintage_and_short_series_have_none(filled: Book) -> None:
    told = with_first_values(filled.indicators("tomate", "santa_cruz"))
    last = told.iloc[-1]
    assert (last["alps"], last["alps_real"]) == pytest.approx((last["alps_first"], last["alps_real_first"]))
    assert not last["alps_changed"]
    assert told["alps_first"].iloc[:35].isna().all()
    assert not told["alps_changed"].iloc[:35].any()
    assert told["alps_changed"].any()  # a jump of four months looks less and less unusual
    assert told.attrs["units"]["alps_first"] == "standard deviations"
    assert "alps_first" not in filled.indicators("tomate").columns


def test_nothing_has_no_vintage(book: Book) -> None:
    told = with_first_values(book.indicators("papa"))
    assert len(told) == 0
    assert "alps_first" in told.columns
