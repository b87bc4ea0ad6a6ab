"""What is said of one series: a forecast of three months where its gate passes, else the last price and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from market_prices.forecasting.conformal_bands import FEWEST, LEVELS, Bands, usual_change
from market_prices.forecasting.forecast_words import OLDEST_MONTHS, interval_text, silence_text
from market_prices.forecasting.price_panel import HORIZONS, PricePanel
from market_prices.forecasting.rolling_origin import (
    MEAN,
    MINIMUM_ERRORS,
    MINIMUM_MONTHS,
    MINIMUM_SHARE,
    RollingOrigin,
)

DECIMALS = 6
"""Figures are rounded so that every computer writes the same ones."""
LAST = "last_price"
"""Method that repeats the last price."""
PRICE = "currency per quantity of unit, median of the month"
UNITS = {
    "last_price": PRICE,
    "months_since": "months between the last price and the present",
    "horizon": "months after the last price",
    "price": PRICE,
    "low80": PRICE,
    "high80": PRICE,
    "low95": PRICE,
    "high95": PRICE,
    "season_index": "100 = average of the year",
    "season_index_last": "100 = average of the year, month of the last price",
    "mase": "mean absolute error / mean absolute change from month to month",
    "mase_naive": "mean absolute error of the last price / mean absolute change from month to month",
    "tests": "forecasts of this series whose outcome is known",
    "coverage80": "% of the forecasts of this source and horizon that the 80 % interval held",
    "coverage95": "% of the forecasts of this source and horizon that the 95 % interval held",
    "coverage_outcomes": "forecasts of this source and horizon behind coverage80",
}
"""Unit of each figure of :func:`forecast_rows`."""
COLUMNS = (
    "last_month", "last_price", "months_since", "date", "horizon", "price", "low80", "high80", "low95", "high95",
    "method", "season_index", "season_index_last", "mase", "mase_naive", "tests", "coverage80", "coverage95",
    "coverage_outcomes", "silence", "reason", "interval_note",
)  # fmt: skip
Calibration = Mapping[tuple[int, int], Bands]
"""Intervals by level and horizon."""


@dataclass(frozen=True, kw_only=True)
class SeriesJudgement:
    """What may be said of a series on a day."""

    silence: str
    """Why no forecast is given, by code; empty where one is."""
    reason: str
    """The same in words."""
    last: pd.Period
    """Month of the last price."""
    price: float
    """Its median, currency per quantity of unit."""
    late: int
    """Months since then."""
    test: RollingOrigin
    """Back-test of the series alone."""

    @property
    def speaks(self) -> bool:
        """Whether there is anything for the coming months, be it the last price."""
        return self.silence not in {"estimated", "old"}


def judge(prices: pd.Series, *, now: pd.Period, estimated: bool = False) -> SeriesJudgement:
    """Say whether a series may be forecast; cheap where it is too old or too short.

    Parameters
    ----------
    prices
        Price by month (complete PeriodIndex, NaN in gaps), at least one.
    now
        Present month.
    estimated
        The series is reckoned, not observed.
    """
    panel = PricePanel.of({0: prices})
    test = RollingOrigin(panel)
    last, late = panel.months[-1], max((now - panel.months[-1]).n, 0)
    months, share = int(panel.priced[0, -1]), float(panel.priced[0, -1] / (panel.age[0, -1] + 1))
    ratio = math.nan
    silence = ""
    if estimated:
        silence = "estimated"
    elif late > OLDEST_MONTHS:
        silence = "old"
    elif months < MINIMUM_MONTHS:
        silence = "short"
    elif share < MINIMUM_SHARE:
        silence = "sparse"
    elif not test.passes[0, -1]:
        mean, naive = float(test.mase(MEAN)[0, -1]), float(test.mase("naive")[0, -1])
        ratio = mean / naive if naive > 0 else math.nan
        silence = "not_better" if test.known_error(MEAN)[1][0, -1] >= MINIMUM_ERRORS else "untested"
    reason = silence_text(silence, months=months, share=share, late=late, ratio=ratio)
    price = float(np.exp(panel.logs[0, -1]))
    return SeriesJudgement(silence=silence, reason=reason, last=last, price=price, late=late, test=test)


def forecast_rows(found: SeriesJudgement, bands: Calibration, season: pd.Series) -> pd.DataFrame:
    """Return the three months to come, or one row without a month where nothing may be said of them.

    Parameters
    ----------
    found
        What :func:`judge` said.
    bands
        Intervals of the source of the series; empty where none are known.
    season
        (12,) seasonal index by month (1–12); NaN or empty where there is none.

    Returns
    -------
    pandas.DataFrame
        The columns of :data:`COLUMNS`; a figure that is not known is NaN.
    """
    tested = found.test.panel.age[0, -1] >= 0 and found.silence in {"", "not_better", "untested"}
    common: dict[str, Any] = {
        "last_month": found.last.start_time.date(),
        "last_price": round(found.price, DECIMALS),
        "months_since": found.late,
        "method": "" if not found.speaks else LAST if found.silence else MEAN,
        "season_index_last": season.get(found.last.month, math.nan),
        "mase": float(found.test.mase(MEAN)[0, -1]) if tested else math.nan,
        "mase_naive": float(found.test.mase("naive")[0, -1]) if tested else math.nan,
        "tests": int(found.test.known_error(MEAN)[1][0, -1]) if tested else 0,
        "silence": found.silence,
        "reason": found.reason,
        "interval_note": "",
    }
    rows = [_month(found, ahead, bands, season) for ahead in range(1, HORIZONS + 1)] if found.speaks else [{}]
    frame = pd.DataFrame([{**common, **row} for row in rows]).reindex(columns=list(COLUMNS))
    frame["horizon"] = frame["horizon"].astype("Int64")
    for name in UNITS:
        if frame[name].dtype != "Int64" and name not in {"months_since", "tests"}:
            frame[name] = frame[name].astype(float).round(DECIMALS)
    return frame.assign(date=pd.Series([row.get("date") for row in rows], dtype=object))


def _month(found: SeriesJudgement, ahead: int, bands: Calibration, season: pd.Series) -> dict[str, Any]:
    """Return the figures of one month to come."""
    month = found.last + ahead
    method = "naive" if found.silence else MEAN
    log_price = math.log(found.price) if found.silence else float(found.test.forecasts[method][0, -1, ahead - 1])
    row: dict[str, Any] = {
        "date": month.start_time.date(),
        "horizon": ahead,
        "price": math.exp(log_price),
        "season_index": season.get(month.month, math.nan),
    }
    if found.silence in {"short", "sparse"}:
        return row
    change = float(usual_change(found.test.panel)[0, -1])
    missing = {}
    for level in LEVELS:
        one = bands.get((level, ahead))
        if one is None:
            missing[level] = (0, FEWEST[level])
            continue
        low, high = one.around(log_price, change)
        if math.isnan(low):
            missing[level] = (one.errors, FEWEST[level])
        measured = one.silent if found.silence else one.spoken
        row |= {f"low{level}": low, f"high{level}": high, f"coverage{level}": measured.percent}
        row |= {"coverage_outcomes": measured.outcomes} if level == LEVELS[0] else {}
    return {**row, "interval_note": interval_text(missing)}
