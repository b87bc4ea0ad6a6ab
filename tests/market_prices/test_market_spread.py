"""Markets side by side: the lag is the one put in, gaps and unlike things are never compared, roads stand beside."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import VallesError
from market_prices import Book
from market_prices.facets.book_spread import SPREAD_COLUMNS, TRANSMISSION_COLUMNS
from market_prices.indicators.market_spread import (
    FEWEST_CHANGES,
    period_frequency,
    period_medians,
    spread_table,
    transmission,
)

EPOCH = dt.date(1970, 1, 1).toordinal()
MONDAY = dt.date(2025, 1, 6)


def _prices(changes: np.ndarray, start: str = "2015-01") -> pd.Series:
    return pd.Series(np.exp(2.0 + np.cumsum(changes)), index=pd.period_range(start, periods=len(changes), freq="M"))


@given(st.integers(-3, 3), st.integers(0, 1_000))
@settings(max_examples=25, deadline=None)
def test_the_lag_that_was_put_in_is_found(lag: int, seed: int) -> None:
    shocks = np.random.default_rng(seed).normal(0, 0.1, 106)
    noise = np.random.default_rng(seed + 1).normal(0, 0.02, 100)
    first, second = _prices(shocks[3:103]), _prices(shocks[3 - lag : 103 - lag] + noise)
    found = transmission(first, second, 3)
    assert found.lag == lag
    assert found.correlation > 0.9
    assert found.significant
    turned = transmission(second, first, 3)
    assert (turned.lag, turned.changes) == (-lag, found.changes)


def test_markets_that_know_nothing_of_each_other_are_seldom_called_linked() -> None:
    linked = 0
    for seed in range(60):
        one, other = (np.random.default_rng([seed, side]).normal(0, 0.1, 80) for side in (0, 1))
        linked += transmission(_prices(one), _prices(other), 3).significant
    assert linked <= 7


def test_too_few_changes_or_none_tell_no_lag() -> None:
    short = _prices(np.random.default_rng(1).normal(0, 0.1, FEWEST_CHANGES - 1))
    found = transmission(short, short, 3)
    assert (found.lag, found.significant) == (None, False)
    assert math.isnan(found.correlation)
    flat = _prices(np.zeros(60))
    assert transmission(flat, _prices(np.random.default_rng(1).normal(0, 0.1, 60)), 3).lag is None


def test_a_gap_stays_a_gap_and_a_day_outside_the_calendar_is_not_an_open_road() -> None:
    first = pd.Series([4.0, np.nan, 5.0], index=pd.period_range("2026-04", periods=3, freq="M"))
    second = pd.Series([6.0, 7.0, 8.0, 9.0], index=pd.period_range("2026-03", periods=4, freq="M"))
    roads = {dt.date(2026, 6, 6).toordinal() - EPOCH: 83.0, dt.date(2026, 6, 7).toordinal() - EPOCH: 79.0}
    table = spread_table(first, second, roads)
    assert table["spread"].to_numpy() == pytest.approx([3.0, np.nan, 4.0], nan_ok=True)
    assert table["spread_pct"].to_numpy() == pytest.approx([75.0, np.nan, 80.0], nan_ok=True)
    assert table["road_blocks"].to_numpy() == pytest.approx([np.nan, np.nan, 83.0], nan_ok=True)
    assert table["road_days"].tolist() == [0, 0, 2]
    assert spread_table(first, second.shift(12, freq="M"), {}).empty


def test_prices_that_come_often_are_compared_by_week() -> None:
    days = pd.Series([MONDAY + dt.timedelta(days=2 * step) for step in range(20)])
    assert period_frequency(days) == "weekly"
    assert period_frequency(pd.Series([dt.date(2025, month, 15) for month in range(1, 13)])) == "monthly"
    weeks = period_medians(pd.Series([MONDAY, MONDAY + dt.timedelta(days=14)]), pd.Series([3.0, 5.0]), "weekly")
    assert weeks.to_numpy() == pytest.approx([3.0, np.nan, 5.0], nan_ok=True)


@pytest.fixture
def two_markets(book: Book, written: Callable[..., Path]) -> Book:
    """Return a book with forty weeks of one product in two markets and units, and one price at another level."""
    generator = np.random.default_rng(8)
    moves = np.cumsum(generator.normal(0, 0.1, 41))
    lines = ["fecha,mercado,producto,unidad,precio,nivel"]
    for week in range(40):
        day = MONDAY + dt.timedelta(days=7 * week)
        lines.append(f"{day},santa_cruz,papa,arroba,{46 * math.exp(moves[week + 1]):.2f},mayorista")
        lines.append(f"{day},cochabamba,papa,kg,{4 * math.exp(moves[week]):.2f},mayorista")
    lines.append(f"{MONDAY},oruro,papa,kg,9,minorista")
    assert book.import_file(written(*lines)).rejected == 0
    return book


def test_units_meet_in_the_kilogram_and_levels_never_meet(two_markets: Book) -> None:
    rows = two_markets.spread("papa", "santa_cruz", other="cochabamba")
    assert list(rows.columns) == list(SPREAD_COLUMNS)
    assert set(rows["per"]) == {"kg"}
    assert len(rows) == 40
    assert (rows["market_a"].unique().tolist(), rows["market_b"].unique().tolist()) == (["santa_cruz"], ["cochabamba"])
    assert rows["spread"].to_numpy() == pytest.approx(rows["price_b"] - rows["price_a"], abs=1e-5)
    assert rows["price_a"].between(0.5, 40).all()
    assert set(rows["road_state"]) == {"unknown"}
    assert two_markets.spread("papa", "oruro").empty
    assert set(two_markets.spread("papa")["market_b"]) == {"santa_cruz"}
    assert {"price_a", "spread", "road_blocks", "age_days"} <= set(rows.attrs["units"])


def test_the_market_that_moves_first_is_named(two_markets: Book) -> None:
    (row,) = (row for _, row in two_markets.transmission("papa", "santa_cruz").iterrows())
    assert (row["frequency"], row["lag"]) == ("weekly", 1)
    assert row["correlation"] > 0.9
    assert row["significant"]
    assert row["age_days"] == (two_markets.today - row["last_date"]).days
    assert list(two_markets.transmission("papa").columns) == list(TRANSMISSION_COLUMNS)
    assert set(two_markets.transmission("papa").attrs["units"]) >= {"lag", "correlation", "p_value"}


def test_roads_are_those_known_on_that_day(two_markets: Book, written: Callable[..., Path]) -> None:
    calendar = written("fecha,bloqueos", "2025-01-08,83", "2025-01-15,2", name="bloqueos.csv")
    two_markets.check_quality("papa", road_blocks=calendar)
    rows = two_markets.spread("papa", "santa_cruz")
    assert rows["road_state"].tolist()[:3] == ["blocked", "open", "unknown"]
    assert rows["road_blocks"].tolist()[:2] == [83.0, 2.0]
    assert two_markets.spread("papa", as_of="2026-11-21").empty


def test_what_is_unknown_is_refused(two_markets: Book) -> None:
    with pytest.raises(VallesError, match="Frecuencia"):
        two_markets.spread("papa", frequency="yearly")
    with pytest.raises(VallesError, match="mercado"):
        two_markets.spread("papa", "atlantida")
