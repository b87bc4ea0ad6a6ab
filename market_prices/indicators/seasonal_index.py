"""The seasonal index: which months are dear and which are cheap, by the ratio to the centred moving average."""

from __future__ import annotations

import numpy as np
import pandas as pd

MINIMUM_MONTHS = 36
"""Three years of prices."""
_MONTHS = 12
COLUMNS = ("index", "minimum", "low", "high", "maximum", "years")


def centred_average(prices: pd.Series) -> pd.Series:
    """Return CMA_t = [½P_{t−6} + P_{t−5} + … + P_{t+5} + ½P_{t+6}] / 12, NaN where one of the thirteen is missing.

    Parameters
    ----------
    prices
        Prices by month (complete PeriodIndex, NaN in gaps); the answer has their unit.
    """
    weights = np.array([0.5, *[1.0] * (_MONTHS - 1), 0.5]) / _MONTHS
    values = prices.to_numpy(dtype=float)
    found = np.full(len(values), np.nan)
    if len(values) > _MONTHS:
        half = _MONTHS // 2
        found[half:-half] = np.lib.stride_tricks.sliding_window_view(values, _MONTHS + 1) @ weights
    return pd.Series(found, index=prices.index)


def seasonal_index(prices: pd.Series) -> pd.DataFrame:
    """Return the seasonal index of each calendar month with its spread over the years.

    R = P / CMA; S_m = median of R in month m; index = 12·S_m / ΣS · 100, so that the twelve average 100.

    Parameters
    ----------
    prices
        Prices by month (complete PeriodIndex, NaN in gaps); real ones, or inflation is taken for season.

    Returns
    -------
    pandas.DataFrame
        Twelve rows by month (1–12): ``index``; ``minimum``, ``low`` (first quartile), ``high`` (third quartile) and
        ``maximum`` of R on the same scale, all with 100 as the year's average; ``years``: how many R the month has. No
        figures with fewer than :data:`MINIMUM_MONTHS` prices or with a month that has no R.
    """
    ratios = prices / centred_average(prices)
    by_month = ratios.groupby(np.asarray(pd.PeriodIndex(prices.index).month))
    months = pd.RangeIndex(1, _MONTHS + 1, name="month")
    years = by_month.count().reindex(months).fillna(0).astype("int64")
    medians = by_month.median().reindex(months)
    if int(prices.notna().sum()) < MINIMUM_MONTHS or bool(medians.isna().any()):
        empty = {name: pd.Series(np.nan, index=months) for name in COLUMNS[:-1]}
        return pd.DataFrame({**empty, "years": years})
    scale = 100.0 * _MONTHS / float(medians.sum())
    parts = {
        "index": medians,
        "minimum": by_month.min(),
        "low": by_month.quantile(0.25),
        "high": by_month.quantile(0.75),
        "maximum": by_month.max(),
    }
    return pd.DataFrame({**{name: scale * part.reindex(months) for name, part in parts.items()}, "years": years})
