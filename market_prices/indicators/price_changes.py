"""How much a monthly price changed, and how much it usually moves."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

VOLATILITY_MONTHS = 12
_FIRST_MONDAY = pd.Timestamp(1970, 1, 5)
WEEK_UNIT = "%, last week of the month against the week before it"
MINIMUM_CHANGES = 6
"""With fewer changes in the window there is no figure."""


def change_percent(prices: pd.Series, months: int) -> pd.Series:
    """Return the change since ``months`` before, 100·(P_t / P_{t−m} − 1), %; NaN where either price is missing.

    Examples
    --------
    >>> change_percent(pd.Series([4.0, 5.0, np.nan]), 1).tolist()
    [nan, 25.0, nan]
    """
    return 100.0 * (prices / prices.shift(months) - 1.0)


def volatility_percent(prices: pd.Series) -> pd.Series:
    """Return the standard deviation (ddof 1) of the monthly log changes of the twelve months up to each month, %.

    Parameters
    ----------
    prices
        Prices by month (complete PeriodIndex, NaN in gaps).

    Returns
    -------
    pandas.Series
        100·sd(ln P_t − ln P_{t−1}), % per month; NaN with fewer than :data:`MINIMUM_CHANGES` changes in the
        window; nothing later than the month itself is used.
    """
    logs = np.log(prices.to_numpy(dtype=float))
    changes = np.full(len(logs), np.nan)
    changes[1:] = np.diff(logs)
    padded = np.concatenate([np.full(VOLATILITY_MONTHS - 1, np.nan), changes])
    found = np.full(len(logs), np.nan)
    if len(logs):
        windows = np.lib.stride_tricks.sliding_window_view(padded, VOLATILITY_MONTHS)
        enough = (~np.isnan(windows)).sum(axis=1) >= MINIMUM_CHANGES
        found[enough] = 100.0 * np.nanstd(windows[enough], axis=1, ddof=1)
    return pd.Series(found, index=prices.index)


def _week_number(days: pd.DatetimeIndex) -> np.ndarray:
    """Return (n,) weeks since the first Monday of 1970."""
    return np.asarray((days - _FIRST_MONDAY).days) // 7


def weekly_change_percent(dates: Iterable[object], prices: pd.Series, months: pd.PeriodIndex) -> np.ndarray:
    """Return the change of the median price from one week to the next in the last priced week of each month, %.

    Parameters
    ----------
    dates, prices
        (n,) days and prices, in any order.
    months
        (m,) months to answer for; a week belongs to the month of its Monday.

    Returns
    -------
    numpy.ndarray
        (m,) NaN where the week before the last priced one has no price, as in monthly series.

    Examples
    --------
    >>> days = ["2026-06-02", "2026-06-09", "2026-06-11", "2026-08-04"]
    >>> weekly_change_percent(days, pd.Series([4.0, 5.0, 7.0, 6.0]), pd.period_range("2026-06", "2026-08", freq="M"))
    array([50., nan, nan])
    """
    nothing = np.full(len(months), np.nan)
    values = np.asarray(prices, dtype=float)
    priced = ~np.isnan(values)
    if int(priced.sum()) <= len(months):
        return nothing
    days = pd.DatetimeIndex(pd.to_datetime(pd.Series(list(dates), dtype=object)))[priced]
    weeks = pd.Series(values[priced]).groupby(_week_number(days)).median()
    change = 100.0 * (weeks / weeks.reindex(weeks.index - 1).to_numpy() - 1.0)
    mondays = pd.DatetimeIndex(_FIRST_MONDAY + pd.to_timedelta(7 * change.index.to_numpy(), unit="D")).to_period("M")
    last = pd.Series(change.to_numpy(), index=mondays).groupby(level=0).tail(1)
    return np.asarray(last.reindex(months).round(6), dtype=float)
