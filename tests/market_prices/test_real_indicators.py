"""The published files give the published figures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from market_prices import Book

pytestmark = pytest.mark.real_data

FILES = (
    "ine_ipc_producto_nacional",
    "ine_ipc_nacional",
    "ine_ipc_general_2022_2026",
    "wfp_food_prices_bol",
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Book]:
    with Book.open(tmp_path_factory.mktemp("real") / "prices.db") as book:
        for name in FILES:
            done = book.import_file(shared_data / "prices" / f"{name}.csv")
            assert done.rejected == 0
        yield book


def _month(frame: pd.DataFrame, month: str) -> pd.Series:
    (row,) = [row for _, row in frame.iterrows() if row["date"].isoformat()[:7] == month]
    return row


@pytest.mark.parametrize(
    ("product", "month", "alps", "alps_real", "ifpa", "ifpa_real"),
    [
        ("tomate", "2025-11", 3.56, 2.31, 1.45, 1.40),
        ("tomate", "2026-01", 0.59, -0.17, -0.08, -0.40),
        ("papa", "2025-06", 1.33, 0.30, 1.35, 0.97),
    ],
)
def test_the_golden_values_are_reached(
    real: Book, product: str, month: str, *, alps: float, alps_real: float, ifpa: float, ifpa_real: float
) -> None:
    row = _month(real.indicators(product, "nacional"), month)
    assert row["alps"] == pytest.approx(alps, abs=0.01)
    assert row["alps_real"] == pytest.approx(alps_real, abs=0.01)
    assert row["ifpa"] == pytest.approx(ifpa, abs=0.01)
    assert row["ifpa_real"] == pytest.approx(ifpa_real, abs=0.01)


def test_the_alerts_of_the_potato_of_santa_cruz_are_counted(real: Book) -> None:
    rows = real.indicators("papa", "santa_cruz", unit="46 KG")
    assert rows["alps_class"].value_counts().to_dict() == {"normal": 87, "stress": 35, "alert": 14, "crisis": 5}
    assert _month(rows, "2019-11")["alps"] == pytest.approx(1.85, abs=0.01)
    assert _month(rows, "2019-11")["real_price"] > _month(rows, "2019-11")["price"]


def test_all_397_items_are_there_and_every_series_is_reckoned_in_time(real: Book) -> None:
    started = time.process_time()
    table = real.indicators()
    assert time.process_time() - started < 30
    national = table[table["market"] == "nacional"]
    assert national["product"].nunique() == 397 + 2  # and the general index, as level and as monthly change
    assert national.groupby("product")["date"].size().loc[lambda each: each == 97].size == 397
    assert table[table["source"] == "wfp"].drop_duplicates(list(table.columns[:16])).shape[0] == 166
    assert not (national["product_name"] == national["product"]).any()


def test_the_general_index_goes_on_to_the_last_monthly_change(real: Book) -> None:
    rows = real.indicators("tomate", "nacional")
    assert set(rows["base"]) == {"2026-07"}
    assert _month(rows, "2026-01")["real_price"] == pytest.approx(187.63, abs=0.01)


def test_the_season_of_the_potato_is_lowest_after_the_harvest(real: Book) -> None:
    season = real.season("papa", "nacional").set_index("month")
    assert season["index"].mean() == pytest.approx(100.0)
    assert season["index"].idxmin() in {5, 6}
    assert set(season["basis"]) == {"real"}
