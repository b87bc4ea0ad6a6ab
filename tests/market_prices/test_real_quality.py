"""The dirt that is really in the published files is found and explained; the blockade of 2026 is no error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from market_prices import Book
from market_prices.ledger.book_engine import book_engine, reading
from market_prices.ledger.price_reading import Selection, series_frame
from market_prices.quality.error_detection import find_errors
from market_prices.quality.error_injection import inject_errors
from market_prices.quality.price_table import price_table
from market_prices.quality.quality_rules import quality_rules
from market_prices.quality.road_calendar import read_road_calendar

pytestmark = pytest.mark.real_data

TODAY = dt.date(2026, 8, 23)
EPOCH = dt.date(1970, 1, 1).toordinal()
BLOCKADE = (dt.date(2026, 5, 1), dt.date(2026, 6, 30))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    target = tmp_path_factory.mktemp("quality") / "prices.db"
    with Book.open(target, today=TODAY) as book:
        for name in ("wfp_food_prices_bol", "ine_ipc_rapido", "ine_diario_diccionario", "ine_diario"):
            book.import_file(shared_data / "prices" / f"{name}.csv")
        calendar = shared_data / "prices" / "abc_transitabilidad_activos_diarios.csv"
        book.check_quality(road_blocks=calendar, author="Ana")
    return target


@pytest.fixture
def book(path: Path) -> Iterator[Book]:
    with Book.open(path, today=TODAY) as opened:
        yield opened


def test_the_potato_with_two_zeros_lost_is_found_and_explained(book: Book) -> None:
    found = book.flags("papa", "cochabamba", severity="error")
    assert found["price"].tolist() == [0.63]
    assert found["date"].tolist() == [dt.date(2017, 9, 15)]
    assert found["suggested"].tolist() == [63.0]
    assert found["note"].iloc[0].startswith("72 veces menor que la mediana de los 8 precios vecinos (45,57 Bs/")
    assert "faltan dos ceros" in found["note"].iloc[0]


def test_the_pound_that_became_another_unit_is_one_flag(book: Book) -> None:
    found = book.flags("papa", "santa_cruz")
    found = found[(found["kind"] == "unit_change") & (found["date"] > dt.date(2020, 1, 1))]
    assert found["date"].tolist() == [dt.date(2020, 9, 15)]
    assert found["price"].tolist() == [5.93]
    assert "otra unidad bajo el mismo nombre" in found["note"].iloc[0]


def test_the_bread_that_never_changes_is_a_series_that_stands_still(book: Book) -> None:
    stuck = book.flags("pan", severity="notice")
    stuck = stuck[stuck["kind"] == "stuck"]
    assert {"oruro", "cobija", "trinidad"} <= set(stuck["market"])
    assert (stuck["factor"] >= 0.95).all()


def test_the_retail_prices_that_stopped_in_2021_are_said_to_be_silent(book: Book) -> None:
    silent = book.flags(severity="notice")
    silent = silent[(silent["kind"] == "stale") & (silent["source"] == "wfp")]
    assert len(silent) == 166
    assert silent["date"].max() < dt.date(2022, 7, 1)


def test_no_price_of_the_blockade_is_called_an_error(book: Book) -> None:
    found = book.flags(status="all")
    inside = found[found["date"].between(*BLOCKADE)]
    assert inside[inside["severity"] == "error"].empty
    assert inside[inside["kind"] == "unit_change"].empty
    tomato = book.series("tomate", "cochabamba", start=BLOCKADE[0], end=BLOCKADE[1])
    assert tomato["price"].max() == 36.45
    assert set(tomato["flags"]) == {""}


@pytest.mark.parametrize("past_only", [False, True])
@pytest.mark.parametrize("known", [True, False])
def test_nor_at_entry_nor_without_the_calendar_and_injected_ones_there_are_found(
    path: Path, shared_data: Path, *, past_only: bool, known: bool
) -> None:
    engine = book_engine(path)
    with reading(engine) as connection:
        clean = series_frame(connection, Selection(equal={"source": "ine"}))
    engine.dispose()
    days = read_road_calendar(shared_data / "prices" / "abc_transitabilidad_activos_diarios.csv") if known else {}
    blocks = {day.toordinal() - EPOCH: number for day, number in days.items()}

    def called(frame: pd.DataFrame) -> set[tuple[int, dt.date]]:
        table = price_table(frame)
        found = find_errors(table, quality_rules(), past_only=past_only, blocks=blocks)
        rows = table.frame.iloc[found.loc[found["severity"] == "error", "row"]]
        return set(zip(rows["series_id"], rows["date"], strict=True))

    assert not {each for each in called(clean) if BLOCKADE[0] <= each[1] <= BLOCKADE[1]}
    inside = clean["date"].between(*BLOCKADE).to_numpy(dtype=bool)
    put = inject_errors(clean[inside].reset_index(drop=True), count=60, seed=77)
    frame = pd.concat([put.frame, clean[~inside]], ignore_index=True)
    large = put.frame.iloc[put.errors.loc[put.errors["factor"] >= 3, "row"]]
    wanted = set(zip(large["series_id"], large["date"], strict=True))
    assert len(called(frame) & wanted) >= 0.9 * len(wanted)


@pytest.mark.parametrize("seed", [101, 202])
@pytest.mark.parametrize("past_only", [False, True])
def test_nine_in_ten_large_errors_are_found_and_nine_in_ten_alarms_are_right(
    path: Path, seed: int, *, past_only: bool
) -> None:
    engine = book_engine(path)
    with reading(engine) as connection:
        clean = series_frame(connection, Selection()).query("price.notna()").reset_index(drop=True)
    engine.dispose()
    put = inject_errors(clean, count=600, seed=seed)
    wrong = np.zeros(len(clean), dtype=bool)
    wrong[put.errors["row"]] = True
    size = np.ones(len(clean))
    size[put.errors["row"]] = put.errors["factor"]
    table = price_table(put.frame.assign(wrong=wrong, size=size))
    found = find_errors(table, quality_rules(), past_only=past_only)
    rows = table.frame.iloc[found.loc[found["severity"] == "error", "row"]]
    large = int((table.frame["wrong"] & (table.frame["size"] >= 3)).sum())
    assert len(put.errors) == 600
    assert (rows["wrong"] & (rows["size"] >= 3)).sum() >= 0.9 * large
    assert rows["wrong"].mean() >= 0.9
