"""How wrong a forecast of three months is, against the last price, the same month a year before, and statsmodels.

Every method speaks from the same months of the same series: those where the gate lets ours speak, which no method
chose but ours, on what was known by then. The figure is MASE: absolute errors over the mean change from month to month
of the series, averaged over series, months and horizons. Coverage of the intervals is counted on all months, spoken
and silent, each interval made from outcomes known by its month. Real prices where the development data is present, else
made-up ones.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
import pandas as pd
from contest import Contender, Report, hold, main

from market_prices import Book
from market_prices.forecasting.conformal_bands import calibrate
from market_prices.forecasting.price_panel import HORIZONS, PricePanel
from market_prices.forecasting.rolling_origin import MEAN, MINIMUM_MONTHS, RollingOrigin, seasonal_naive

DATA = Path(os.environ.get("VALLES_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data" / "prices"
FILES = {"wfp": "wfp_food_prices_bol.csv", "ine_ipc": "ine_ipc_producto_nacional.csv"}
SAMPLE = 150
"""Forecasts that statsmodels makes too: three fits of a model each."""
SMALLEST = 1e-9
CALM_MONTHS = 80
NOTES = (
    "months where the gate is silent are left out of MASE for all methods alike: there ours repeats the last price",
    "models and limits were chosen looking at these very series; only the calibration sees no month it is judged on",
    "the errors of one month are alike over series: fewer than the forecasts counted are independent",
)


def panels(*, small: bool) -> dict[str, PricePanel]:
    """Return the long series of each source; made-up ones where the data is absent or the job is the tiny one."""
    if small or not all((DATA / name).is_file() for name in FILES.values()):
        return {"made_up": made_up(12 if small else 80)}
    found = {}
    with tempfile.TemporaryDirectory() as folder, Book.open(Path(folder) / "prices.db") as book:
        for source, name in FILES.items():
            book.import_file(DATA / name)
            rows = book.indicators()
            rows = rows[rows["source"] == source]
            key = list(rows.columns[: list(rows.columns).index("date")])
            series = {
                number: pd.Series(one["price"].to_numpy(), index=pd.PeriodIndex(pd.to_datetime(one["date"]), freq="M"))
                for number, (_key, one) in enumerate(rows.groupby(key, sort=True))
            }
            found[source] = PricePanel.of({n: one for n, one in series.items() if one.notna().sum() >= MINIMUM_MONTHS})
    return found


def made_up(count: int) -> PricePanel:
    """Return random walks with a season, the second half of the months restless."""
    rng = np.random.default_rng(20_260_817)
    months = pd.period_range("2015-01", periods=120, freq="M")
    season = np.cos(2 * np.pi * np.arange(120) / 12)
    size = np.where(np.arange(120) < CALM_MONTHS, 0.02, 0.06)
    made = {}
    for number in range(count):
        walk = np.cumsum(size * rng.standard_t(4, 120))
        made[number] = pd.Series(np.exp(2 + rng.uniform(0, 0.2) * season + walk), index=months)
    return PricePanel.of(made)


def ours(work: dict[str, PricePanel]) -> dict[str, RollingOrigin]:
    """Make every forecast from every month and calibrate."""
    tests = {name: RollingOrigin(panel) for name, panel in work.items()}
    for test in tests.values():
        calibrate(test)
    return tests


def scaled(test: RollingOrigin, forecasts: np.ndarray) -> np.ndarray:
    """Return (s, t, h) absolute errors over the mean change of the series; NaN where our gate is silent."""
    scale = np.maximum(test.step[:, -1], SMALLEST)[:, None, None]
    errors = np.abs(np.exp(forecasts) - np.exp(test.panel.outcomes)) / scale
    return np.asarray(np.where(test.passes[..., None], errors, np.nan))


def statsmodels_mean(test: RollingOrigin, origins: list[tuple[int, int]]) -> np.ndarray:
    """Return (s, t, h) the mean of naive, ETS, Theta and ARIMA of statsmodels at some months, on the log price."""
    from statsmodels.tsa.arima.model import ARIMA  # noqa: PLC0415  a peer that may be absent
    from statsmodels.tsa.forecasting.theta import ThetaModel  # noqa: PLC0415  as above
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: PLC0415  as above

    found = np.full(test.panel.outcomes.shape, np.nan)
    for one, month in origins:
        logs = pd.Series(test.panel.carried[one, test.panel.first[one] : month + 1])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of fits that did not converge: they count as they are
            ets = ExponentialSmoothing(logs, trend="add", damped_trend=True, seasonal="add", seasonal_periods=12)
            told = [
                np.repeat(logs.iloc[-1], HORIZONS),
                ets.fit().forecast(HORIZONS).to_numpy(),
                ThetaModel(logs, period=12, method="additive").fit().forecast(HORIZONS).to_numpy(),
            ]
            try:
                told.append(ARIMA(logs, order=(1, 1, 1)).fit().forecast(HORIZONS).to_numpy())
            except np.linalg.LinAlgError:
                told.append(told[0])  # a fit that broke down: the last price stands in for it
        found[one, month] = np.mean(told, axis=0)
    return found


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest; rounds measure the time of ours only, for its error does not change."""
    work = panels(small=small)
    measured = hold([Contender(name="valles", work=lambda: ours(work))], rounds=rounds)
    tests: dict[str, RollingOrigin] = measured.answers["valles"]
    errors: dict[str, list[float]] = {}
    checks: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for source, test in tests.items():
        methods = {
            "valles": test.forecasts[MEAN],
            "naive": test.forecasts["naive"],
            "seasonal_naive": seasonal_naive(test.panel),
        }
        told = {name: scaled(test, one) for name, one in methods.items()}
        same = ~np.isnan(sum(told.values()))
        for name, one in told.items():
            errors.setdefault(name, []).extend(one[same].tolist())
        every = test.long_enough[..., None] & ~np.isnan(test.errors(MEAN))
        change = np.maximum(test.step[:, -1], SMALLEST)[:, None, None]
        always, naive = (float(np.sum((test.errors(name) / change)[every])) for name in (MEAN, "naive"))
        checks[source] = {
            "series": len(test.panel.keys),
            "forecasts": int(every.sum()),
            "spoken_percent": round(100 * float(same.sum() / max(every.sum(), 1)), 1),
            "mase_spoken": {name: round(float(np.mean(one[same])), 3) for name, one in told.items()}
            if same.any()
            else {},
            "ours_over_naive_if_it_always_spoke": round(always / max(naive, SMALLEST), 3),
            "coverage_percent": _coverage(test),
        }
        checks[source] |= _beside_statsmodels(test, told, same, SAMPLE if not small else 3, reasons)
    mean = {name: float(np.mean(one)) if one else None for name, one in errors.items()}
    return Report(
        benchmark="forecast",
        ours=mean["valles"],
        peer=mean["naive"],
        peer_name="naive",
        better="lower",
        unit="MASE, one to three months",
        peers={name: value for name, value in mean.items() if name != "valles"},
        measured=measured,
        job={"sources": list(tests), "horizons_months": HORIZONS, "made_up": "made_up" in tests},
        checks={**checks, **({"statsmodels": reasons["statsmodels"]} if reasons else {})},
        packages=("valles", "numpy", "pandas", "statsmodels"),
        notes=NOTES,
    )


def _coverage(test: RollingOrigin) -> dict[str, Any]:
    """Return the share of outcomes that the intervals held, %, by level and horizon, spoken, silent and both."""
    told: dict[str, Any] = {}
    for (level, ahead), bands in calibrate(test).items():
        both = 100 * (bands.spoken.held + bands.silent.held) / max(bands.spoken.outcomes + bands.silent.outcomes, 1)
        spoken = round(bands.spoken.percent, 1) if bands.spoken.outcomes else None
        silent = round(bands.silent.percent, 1) if bands.silent.outcomes else None
        told[f"{level}_h{ahead}"] = {"all": round(both, 1), "spoken": spoken, "silent": silent}
    return told


def _beside_statsmodels(
    test: RollingOrigin, told: dict[str, np.ndarray], same: np.ndarray, sample: int, reasons: dict[str, str]
) -> dict[str, Any]:
    """Return MASE of ours and of statsmodels on a sample of the months where ours speaks."""
    absent = Contender(name="statsmodels", work=dict, needs=("statsmodels",)).missing
    places = np.argwhere(same.all(axis=2))
    if absent or not len(places):
        return {} if not absent else reasons.update(statsmodels=absent) or {}
    chosen = np.random.default_rng(1).choice(len(places), size=min(sample, len(places)), replace=False)
    origins = [(int(one), int(month)) for one, month in places[np.sort(chosen)]]
    peer = scaled(test, statsmodels_mean(test, origins))
    known = ~np.isnan(peer)
    sampled = {name: round(float(np.mean(one[known])), 3) for name, one in told.items()}
    return {"mase_sample": {**sampled, "statsmodels": round(float(np.mean(peer[known])), 3), "months": len(origins)}}


if __name__ == "__main__":
    main(__doc__ or "", contest)
