"""Indicators are what their formulas say: shift, scale and the future move them only as they should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_prices.indicators.alps import alps
from market_prices.indicators.ifpa import compound_growth, ifpa, seasonal_anomaly
from market_prices.indicators.indicator_table import indicator_table, season_table
from market_prices.indicators.monthly_prices import monthly_median, monthly_words
from market_prices.indicators.price_changes import change_percent, volatility_percent
from market_prices.indicators.price_deflator import price_index, real_prices
from market_prices.indicators.seasonal_index import centred_average, seasonal_index

SEASON = 1.0 + 0.3 * np.cos(2.0 * np.pi * np.arange(12) / 12.0)


def _months(count: int, start: str = "2015-01") -> pd.PeriodIndex:
    return pd.period_range(start, periods=count, freq="M")


def _series(values: object, start: str = "2015-01") -> pd.Series:
    figures = np.asarray(values, dtype=float)
    return pd.Series(figures, index=_months(len(figures), start))


def _market(seed: int, count: int = 72, gaps: float = 0.05) -> pd.Series:
    generator = np.random.default_rng(seed)
    wander = np.exp(np.cumsum(generator.normal(0, 0.05, count)))
    prices = 10.0 * SEASON[np.arange(count) % 12] * wander
    prices[generator.random(count) < gaps] = np.nan
    return _series(prices)


seeds = st.integers(0, 10_000)
factors = st.floats(1e-3, 1e4)


def test_a_month_is_its_median_and_a_gap_is_a_gap() -> None:
    found = monthly_median(["2026-03-30", "2026-01-05", "2026-01-06", "2026-01-30"], [9.0, 4.0, 40.0, 5.0])
    assert found.to_numpy() == pytest.approx([5.0, np.nan, 9.0], nan_ok=True)
    assert [str(each) for each in found.index] == ["2026-01", "2026-02", "2026-03"]
    assert monthly_median([], []).empty


def test_what_was_said_of_a_price_stays_with_its_month() -> None:
    told = monthly_words(["2026-01-05", "2026-01-20", "2026-03-01"], ["b a", "a", ""], _months(3, "2026-01"))
    assert told.tolist() == ["a b", "", ""]


@given(seeds, factors)
@settings(max_examples=40, deadline=None)
def test_the_unit_of_a_price_changes_no_alert(seed: int, factor: float) -> None:
    prices = _market(seed)
    for measure in (alps, ifpa, volatility_percent):
        assert np.allclose(measure(prices), measure(factor * prices), rtol=1e-6, atol=1e-6, equal_nan=True)


@given(seeds, st.floats(-0.1, 0.1), st.lists(st.floats(-2, 2), min_size=12, max_size=12))
@settings(max_examples=40, deadline=None)
def test_trend_and_season_explain_themselves(seed: int, slope: float, season: list[float]) -> None:
    noise = np.random.default_rng(seed).normal(0, 1.0, 72)
    plain = _series(30.0 + noise)
    explained = plain + slope * np.arange(72) + np.array(season)[np.arange(72) % 12]
    assert np.allclose(alps(plain), alps(explained), atol=1e-6)
    assert np.std(alps(plain), ddof=1) == pytest.approx(1.0)
    assert np.mean(alps(plain)) == pytest.approx(0.0, abs=1e-9)


def test_a_spike_is_a_crisis_and_nothing_is_said_of_a_short_or_flat_series() -> None:
    generator = np.random.default_rng(3)
    values = 10.0 + generator.normal(0, 0.2, 60)
    values[40] = 20.0
    assert alps(_series(values)).iloc[40] > 5
    assert alps(_series(values[:35])).isna().all()
    assert alps(_series(np.full(60, 4.5))).isna().all()
    assert ifpa(_series(np.full(60, 4.5))).isna().all()


@given(seeds, st.integers(37, 71))
@settings(max_examples=40, deadline=None)
def test_ifpa_and_volatility_use_nothing_later(seed: int, cut: int) -> None:
    prices = _market(seed, gaps=0.0)
    for measure in (ifpa, volatility_percent):
        whole = measure(prices).iloc[:cut].to_numpy()
        assert np.allclose(whole, measure(prices.iloc[:cut]).to_numpy(), equal_nan=True)
    assert not np.allclose(alps(prices).iloc[:cut], alps(prices.iloc[:cut]))


def test_growth_beside_its_own_month_follows_the_formula_by_hand() -> None:
    growth = _series(np.nan * np.zeros(48))
    growth.iloc[[5, 17, 29, 41]] = [0.01, 0.02, 0.06, 0.03]
    found = seasonal_anomaly(growth, 2015)
    x, w = np.array([0.01, 0.02, 0.06, 0.03]), np.array([1.0, 2.0, 3.0, 4.0])
    mean = (w * x).sum() / w.sum()
    spread = np.sqrt((w * (x - mean) ** 2).sum() / (w.sum() * 3 / 4))
    assert found.iloc[41] == pytest.approx((0.03 - mean) / spread)
    assert found.notna().sum() == 2
    assert compound_growth(_series([1.0, 2.0, 3.0, 8.0]), 3).iloc[3] == pytest.approx(1.0)


def test_change_is_since_the_same_span_before() -> None:
    assert change_percent(_series([10.0] * 12 + [12.5]), 12).iloc[12] == pytest.approx(25.0)
    assert volatility_percent(_series([10.0, 11.0] * 10)).iloc[-1] == pytest.approx(
        100 * np.std([np.log(1.1), -np.log(1.1)] * 6, ddof=1)
    )


def test_a_season_without_noise_is_found_exactly() -> None:
    found = seasonal_index(_series(5.0 * np.tile(SEASON, 6)))
    assert np.allclose(found["index"], 100.0 * SEASON)
    assert np.allclose(found["maximum"], found["minimum"])
    assert found["years"].tolist() == [5] * 12
    assert np.allclose(centred_average(_series(np.arange(30.0))).iloc[6:-6], np.arange(6.0, 24.0))


@given(seeds, factors)
@settings(max_examples=30, deadline=None)
def test_twelve_seasonal_indexes_average_one_hundred(seed: int, factor: float) -> None:
    prices = _market(seed, gaps=0.02)
    found = seasonal_index(prices)
    if found["index"].isna().any():
        return
    assert found["index"].mean() == pytest.approx(100.0)
    assert np.allclose(found["index"], seasonal_index(factor * prices)["index"])
    ordered = found[["minimum", "low", "index", "high", "maximum"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= -1e-9).all()


def test_less_than_three_years_have_no_season() -> None:
    found = season_table(_series(np.tile(SEASON, 3)[:35]), _series([]))
    assert found["index"].isna().all()
    assert set(found["flags"]) == {"short_series"}
    assert set(season_table(_series(np.tile(SEASON, 3)), _series([]))["basis"]) == {"nominal"}


def test_prices_that_rise_with_the_index_stay_where_they_are() -> None:
    index = _series(100.0 * 1.01 ** np.arange(48))
    real, carried = real_prices(2.0 * index, index)
    assert np.allclose(real, 2.0 * index.iloc[-1])
    assert not carried.any()


@given(seeds, factors)
@settings(max_examples=30, deadline=None)
def test_the_base_of_the_index_changes_no_real_price(seed: int, factor: float) -> None:
    prices, index = _market(seed), _series(100.0 * 1.01 ** np.arange(72))
    assert np.allclose(real_prices(prices, index)[0], real_prices(prices, factor * index)[0], equal_nan=True)


def test_a_missing_index_is_carried_forward_and_said() -> None:
    index = _series([100.0, np.nan, 110.0], "2015-02")
    table = indicator_table(_series([1.0] * 6), index, pd.Series([""] * 6, index=_months(6)))
    assert table["real_price"].to_numpy() == pytest.approx([np.nan, 1.1, 1.1, 1.0, 1.0, 1.0], nan_ok=True)
    words = [set(each.split()) - {"short_series"} for each in table["flags"]]
    assert words == [{"no_cpi"}, set(), {"cpi_carried"}, set(), {"cpi_carried"}, {"cpi_carried"}]
    assert set(table["base"]) == {"2015-04"}


def test_monthly_changes_lengthen_the_index_and_never_overrule_it() -> None:
    levels = _series([100.0, 101.0], "2026-01")
    growth = pd.Series(
        [105.0, 102.0, 99.0, 101.0], index=pd.PeriodIndex(["2026-02", "2026-03", "2026-04", "2026-06"], freq="M")
    )
    found = price_index(levels, growth)
    assert found.to_numpy() == pytest.approx([100.0, 101.0, 103.02, 101.9898, np.nan, np.nan], nan_ok=True)
    assert price_index(_series([]), growth).empty
