"""From prices as recorded to one price a month, every month between the first and the last, gaps as NaN."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd


def monthly_median(dates: Iterable[object], prices: Iterable[float | None]) -> pd.Series:
    """Return the median price of each month.

    Parameters
    ----------
    dates
        (n,) days of the prices, in any order.
    prices
        (n,) prices, any currency per unit; ``None`` or NaN where there was none.

    Returns
    -------
    pandas.Series
        float64 in the unit of ``prices``, by month (PeriodIndex); a month without a price is NaN, never 0.

    Examples
    --------
    >>> monthly_median(["2026-01-05", "2026-01-20", "2026-03-02"], [4.0, 6.0, 7.0]).tolist()
    [5.0, nan, 7.0]
    """
    months = pd.PeriodIndex(pd.to_datetime(pd.Series(list(dates), dtype=object)), freq="M")
    values = pd.Series(np.array(list(prices), dtype=float), index=months)
    if values.empty:
        return values
    whole = pd.period_range(months.min(), months.max(), freq="M")
    return values.groupby(level=0).median().reindex(whole)


def monthly_words(dates: Iterable[object], words: Iterable[str], months: pd.PeriodIndex) -> pd.Series:
    """Return the distinct words said in each month, in order, with blanks between; empty where none was.

    Parameters
    ----------
    dates, words
        (n,) days, and words with blanks between.
    months
        (m,) months to answer for.
    """
    said: dict[pd.Period, set[str]] = {}
    for date, told in zip(dates, words, strict=True):
        if told:
            said.setdefault(pd.Period(str(date), freq="M"), set()).update(told.split())
    spoken = [" ".join(sorted(said.get(each, ()))) for each in months] if said else [""] * len(months)
    return pd.Series(spoken, index=months, dtype=object)
