"""Forecasts keep their promises: closed forms are met, the future moves nothing, intervals hold what they say."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_prices.forecasting.autoregression import arima_forecasts
from market_prices.forecasting.conformal_bands import FEWEST, calibrate, conformal_quantiles, usual_change
from market_prices.forecasting.exponential_smoothing import ets_forecasts
from market_prices.forecasting.price_forecast import COLUMNS, UNITS, forecast_rows, judge
from market_prices.forecasting.price_panel import HORIZONS, TRAINING, PricePanel
from market_prices.forecasting.rolling_origin import MEAN, RollingOrigin, seasonal_naive
from market_prices.forecasting.theta_line import theta_forecasts

SEASON = 0.25 * np.cos(2.0 * np.pi * np.arange(12) / 12.0)
MODELS = {"ets": ets_forecasts, "theta": theta_forecasts, "arima": arima_forecasts}
NO_SEASON = pd.Series(dtype=float)


def _series(logs: object, start: str = "2015-01") -> pd.Series:
    values = np.exp(np.asarray(logs, dtype=float))
    return pd.Series(values, index=pd.period_range(start, periods=len(values), freq="M"))


def _walk(seed: int, months: int = 96, step: float = 0.05) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).normal(0.0, step, months)) + 2.0


def _seasonal(seed: int, months: int = 96, noise: float = 0.02) -> np.ndarray:
    errors = np.random.default_rng(seed).normal(0.0, noise, months)
    return 2.0 + SEASON[np.arange(months) % 12] + errors


def _now(prices: pd.Series) -> pd.Period:
    return pd.PeriodIndex(prices.index)[-1]


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_a_price_that_never_moves_is_forecast_to_stay(model: object) -> None:
    found = model(PricePanel.of({1: _series(np.full(60, 1.5))}))  # type: ignore[operator]
    assert np.allclose(found[0, TRAINING + 10 :], 1.5)
    assert np.isnan(found[0, :TRAINING]).all()


def test_a_season_without_noise_is_followed() -> None:
    panel = PricePanel.of({1: _series(_seasonal(1, noise=0.0))})
    test = RollingOrigin(panel)
    assert np.allclose(test.forecasts["theta"][0, 60:-3], panel.outcomes[0, 60:-3], atol=0.02)
    for name in (*MODELS, MEAN):  # a first season is believed by seven tenths, a coefficient is pulled to zero
        assert np.nanmean(test.errors(name)[0, 60:]) < 0.8 * np.nanmean(test.errors("naive")[0, 60:]), name
    assert test.mase(MEAN)[0, -1] < 0.5 * test.mase("naive")[0, -1]
    assert np.allclose(seasonal_naive(panel)[0, 40:-3], panel.outcomes[0, 40:-3])


def test_theta_adds_half_the_slope_to_a_straight_line() -> None:
    panel = PricePanel.of({1: _series(0.02 * np.arange(60))})
    found = theta_forecasts(panel)[0, -1]
    assert found == pytest.approx([59 * 0.02 + 0.01 * (1 + step) for step in range(HORIZONS)], abs=1e-9)


def test_an_autoregressive_change_is_recovered() -> None:
    generator = np.random.default_rng(4)
    changes = np.zeros(400)
    for month in range(1, 400):
        changes[month] = 0.6 * changes[month - 1] + generator.normal(0, 0.02)
    panel = PricePanel.of({1: _series(np.cumsum(changes))})
    found = arima_forecasts(panel)[0, -1] - panel.logs[0, -1]
    assert found[0] == pytest.approx(0.6 * changes[-1], abs=0.01)
    assert found[1] - found[0] == pytest.approx(0.36 * changes[-1], abs=0.012)


@given(st.integers(0, 10_000), st.integers(40, 90))
@settings(max_examples=15, deadline=None)
def test_nothing_that_comes_later_moves_a_forecast_or_its_gate(seed: int, cut: int) -> None:
    logs = _seasonal(seed, noise=0.08)
    logs[np.random.default_rng(seed).random(96) < 0.08] = np.nan
    logs[[0, cut - 1]] = 2.0
    whole, early = (RollingOrigin(PricePanel.of({1: _series(each)})) for each in (logs, logs[:cut]))
    for name in whole.forecasts:
        assert np.allclose(whole.forecasts[name][:, :cut], early.forecasts[name], equal_nan=True, atol=1e-9), name
    assert (whole.passes[:, :cut] == early.passes).all()
    assert np.allclose(usual_change(whole.panel)[:, :cut], usual_change(early.panel))


@given(st.integers(0, 10_000), st.floats(0.01, 1e4))
@settings(max_examples=10, deadline=None)
def test_the_unit_of_a_price_changes_no_forecast(seed: int, factor: float) -> None:
    prices = _series(_seasonal(seed))
    one, other = (judge(each, now=_now(prices)) for each in (prices, factor * prices))
    assert one.silence == other.silence
    assert np.allclose(forecast_rows(other, {}, NO_SEASON)["price"], factor * forecast_rows(one, {}, NO_SEASON)["price"], rtol=1e-4)  # fmt: skip  # noqa: E501


def test_a_series_does_not_depend_on_its_neighbours() -> None:
    logs = {1: _series(_walk(1)), 2: _series(_seasonal(2), "2013-03"), 3: _series(_walk(3, 50), "2018-02")}
    panel = PricePanel.of(logs)
    alone = PricePanel.of({2: logs[2]})
    place = slice(panel.first[1], panel.first[1] + 96)
    for name, found in RollingOrigin(panel).forecasts.items():
        assert np.allclose(found[1, place], RollingOrigin(alone).forecasts[name][0], equal_nan=True), name


def test_a_seasonal_price_passes_and_a_random_walk_is_silent() -> None:
    seasonal = judge(_series(_seasonal(5)), now=pd.Period("2022-12", freq="M"))
    assert (seasonal.silence, seasonal.reason) == ("", "")
    rows = forecast_rows(seasonal, {}, NO_SEASON)
    assert rows["method"].unique().tolist() == [MEAN]
    truth = np.exp(2.0 + SEASON[:3])
    last = np.exp(2.0 + SEASON[11])
    assert np.abs(rows["price"] - truth).mean() < 0.5 * np.abs(last - truth).mean()
    assert rows["mase"].iloc[0] < rows["mase_naive"].iloc[0]
    silent = [judge(_series(_walk(seed)), now=pd.Period("2022-12", freq="M")).silence for seed in range(30)]
    assert silent.count("not_better") >= 27


def test_silence_repeats_the_last_price_and_says_so() -> None:
    prices = _series(_walk(3))
    found = judge(prices, now=_now(prices))
    assert found.reason.startswith("No hay nada mejor que el último precio")
    rows = forecast_rows(found, {}, pd.Series(np.arange(1.0, 13.0), index=range(1, 13)))
    assert rows["price"].tolist() == pytest.approx([prices.iloc[-1]] * 3, abs=1e-6)
    assert rows["season_index"].tolist() == [1.0, 2.0, 3.0]
    assert rows["season_index_last"].unique().tolist() == [12.0]
    assert [each.isoformat() for each in rows["date"]] == ["2023-01-01", "2023-02-01", "2023-03-01"]
    assert list(rows.columns) == list(COLUMNS)
    assert set(UNITS) <= set(COLUMNS)


@pytest.mark.parametrize(
    ("silence", "months", "late", "gap", "estimated"),
    [
        ("short", 35, 0, 1, False),
        ("old", 96, 3, 1, False),
        ("sparse", 96, 0, 2, False),
        ("estimated", 96, 0, 1, True),
        ("", 96, 2, 1, False),
    ],
)
def test_the_gate_says_what_fails(silence: str, months: int, late: int, gap: int, *, estimated: bool) -> None:
    logs = _seasonal(5, months)
    logs[1:-1:gap] = np.nan if gap > 1 else logs[1:-1:gap]
    prices = _series(logs)
    found = judge(prices, now=_now(prices) + late, estimated=estimated)
    assert found.silence == silence
    assert bool(found.reason) == bool(silence)
    rows = forecast_rows(found, {}, NO_SEASON)
    assert len(rows) == (1 if silence in {"old", "estimated"} else 3)
    assert rows["low80"].isna().all()
    if silence in {"old", "estimated"}:
        assert rows["price"].isna().all()
        assert rows["date"].tolist() == [None]


def test_a_price_that_never_moved_is_no_forecast() -> None:
    found = judge(_series(np.full(60, 1.5)), now=pd.Period("2019-12", freq="M"))
    assert found.silence == "not_better"
    assert "no cambió" in found.reason


@given(st.integers(20, 400), st.sampled_from([0.05, 0.2]), st.integers(0, 1_000))
@settings(max_examples=20, deadline=None)
def test_conformal_quantiles_leave_out_no_more_than_they_may(count: int, miss: float, seed: int) -> None:
    errors = np.random.default_rng(seed).normal(size=count)
    low, high = conformal_quantiles(errors, miss)
    outside = float(np.mean((errors < low) | (errors > high)))
    assert outside <= miss
    assert low <= np.median(errors) <= high


def test_intervals_cover_what_they_say_on_prices_calm_and_then_not() -> None:
    generator = np.random.default_rng(11)
    prices = {}
    for number in range(60):
        size = np.where(np.arange(132) < 80, 0.02, 0.06) * generator.uniform(0.4, 2.0)
        prices[number] = _series(np.cumsum(size * generator.standard_t(4, 132)) + 2.0)
    bands = calibrate(RollingOrigin(PricePanel.of(prices)))
    for (level, ahead), one in bands.items():
        limits = (76.0, 84.0) if level == 80 else (92.0, 98.0)
        assert limits[0] <= one.silent.percent <= limits[1], (level, ahead)
        assert one.silent.outcomes > 3_000
        low, high = one.around(math.log(10.0), 0.05)
        assert low < 10.0 < high
    assert bands[95, 1].around(0.0, 0.05)[0] < bands[80, 1].around(0.0, 0.05)[0]


def test_too_few_errors_give_no_interval_and_it_is_said() -> None:
    prices = _series(_walk(2, 110))
    bands = calibrate(RollingOrigin(PricePanel.of({1: prices})))
    rows = forecast_rows(judge(prices, now=_now(prices)), bands, NO_SEASON)
    assert rows[["low80", "high80"]].notna().all(axis=None)
    assert rows[["low95", "high95"]].isna().all(axis=None)
    assert rows["interval_note"].iloc[0].endswith(f"hacen falta {FEWEST[95]}.")
    assert "95 %" in rows["interval_note"].iloc[0]
    assert calibrate(RollingOrigin(PricePanel.of({}))) == {}
