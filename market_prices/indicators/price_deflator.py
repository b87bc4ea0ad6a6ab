"""The general price index month by month, and prices freed of inflation by it."""

from __future__ import annotations

import numpy as np
import pandas as pd


def price_index(levels: pd.Series, growth: pd.Series | None = None) -> pd.Series:
    """Return the index month by month: as published, and beyond that from the published monthly changes.

    Parameters
    ----------
    levels
        Index by month, any base.
    growth
        Index by month on the base *previous month = 100* (100.5: prices rose by 0.5 %). Used only where the level of a
        month is not published and that of the month before is known.

    Returns
    -------
    pandas.Series
        Every month from the first to the last known; NaN in a gap that cannot be bridged.

    Examples
    --------
    >>> months = pd.period_range("2026-01", periods=3, freq="M")
    >>> price_index(pd.Series([150.0], index=months[:1]), pd.Series([102.0, 100.0], index=months[1:])).tolist()
    [150.0, 153.0, 153.0]
    """
    known = levels.dropna()
    if known.empty:
        return known
    steps = growth.dropna() if growth is not None else known.iloc[:0]
    last = max([known.index.max(), *steps.index[-1:]])
    months = pd.period_range(known.index.min(), last, freq="M")
    values = known.reindex(months).to_numpy(dtype=float, copy=True)
    factors = steps.reindex(months).to_numpy(dtype=float) / 100.0
    for position in range(1, len(values)):
        if np.isnan(values[position]):
            values[position] = values[position - 1] * factors[position]
    return pd.Series(values, index=months)


def real_prices(prices: pd.Series, index: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return prices in the money of the latest month of the index: P_t · CPI_base / CPI_t.

    Parameters
    ----------
    prices
        Prices by month, currency per unit.
    index
        Consumer price index by month, any base, of :func:`price_index`. A month it lacks takes the last one before.

    Returns
    -------
    tuple
        Real prices (currency of the base month per unit; NaN before the first month of the index) and, as booleans,
        the months whose index was carried forward.
    """
    published = index.dropna()
    if published.empty or prices.empty:
        return pd.Series(np.nan, index=prices.index, dtype=float), pd.Series(data=False, index=prices.index)
    first, last = min(prices.index.min(), published.index.min()), max(prices.index.max(), published.index.max())
    carried = published.reindex(pd.period_range(first, last, freq="M")).ffill().reindex(prices.index)
    missing = ~pd.Series(prices.index.isin(published.index), index=prices.index) & carried.notna()
    return prices * float(published.iloc[-1]) / carried, missing
