"""How much a monthly price changed, and how much it usually moves."""

from __future__ import annotations

import numpy as np
import pandas as pd

VOLATILITY_MONTHS = 12
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
