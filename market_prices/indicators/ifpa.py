"""IFPA, the indicator of food price anomalies (Sustainable Development Goal 2.c.1): growth out of the ordinary.

Source: FAO, metadata of indicator 2.c.1 (Baquedano 2015, *Developing an indicator of price anomalies as an early
warning tool*): quarterly and yearly compound growth, each beside the same calendar month of earlier years.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from market_prices.indicators.ordered_classes import ordered_classes

QUARTER_WEIGHT = 0.4
"""Weight of the quarterly anomaly; the yearly one has the rest."""
QUARTER = 3
YEAR = 12
MINIMUM_YEARS = 3
"""Two years are always equally far from their mean: no figure."""
_EDGE = 0.5
CLASSES = ("abnormally_low", "moderately_low", "normal", "moderately_high", "abnormally_high")
_FLAT = 1e-9


def compound_growth(prices: pd.Series, months: int) -> pd.Series:
    """Return the compound growth rate per month over some months, (P_t / P_{t−m})^{1/m} − 1.

    Parameters
    ----------
    prices
        Prices by month (complete PeriodIndex, NaN in gaps).
    months
        Span m, months: 3 gives CQGR, 12 gives CAGR.

    Examples
    --------
    >>> months = pd.period_range("2026-01", periods=4, freq="M")
    >>> compound_growth(pd.Series([1.0, 1.0, 1.0, 8.0], index=months), 3).round(6).tolist()
    [nan, nan, nan, 1.0]
    """
    return (prices / prices.shift(months)) ** (1.0 / months) - 1.0


def seasonal_anomaly(growth: pd.Series, first_year: int) -> pd.Series:
    """Return how far each figure lies from those of its calendar month in the years up to its own, in weighted sd.

    With w = year − first year + 1: W̄ = Σwx / Σw, Wsd = √[Σw(x − W̄)² / (Σw (n − 1) / n)], z = (x − W̄) / Wsd. Nothing
    later than the month itself is used.

    Parameters
    ----------
    growth
        Figures by month (complete PeriodIndex, NaN in gaps).
    first_year
        Year of weight 1.

    Returns
    -------
    pandas.Series
        Standard deviations; NaN with fewer than :data:`MINIMUM_YEARS` years or without any spread.
    """
    months = pd.PeriodIndex(growth.index)
    found = np.full(len(months), np.nan)
    if not len(months):
        return pd.Series(found, index=growth.index)
    rows, columns = np.asarray(months.year - months.year.min()), np.asarray(months.month) - 1
    years = int(rows.max()) + 1
    table = np.full((years, YEAR), np.nan)
    table[rows, columns] = growth.to_numpy(dtype=float)
    weights = np.arange(years, dtype=float) + int(months.year.min()) - first_year + 1
    for year in range(MINIMUM_YEARS - 1, years):
        seen = table[: year + 1]
        weight = np.where(np.isnan(seen), 0.0, weights[: year + 1, None])
        count, total = (weight > 0).sum(axis=0), weight.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.nansum(weight * seen, axis=0) / total
            squares = np.nansum(weight * (seen - mean) ** 2, axis=0)
            spread = np.sqrt(squares / (total * (count - 1) / count))
            score = (table[year] - mean) / spread
        score[(count < MINIMUM_YEARS) | ~(spread > _FLAT)] = np.nan
        here = rows == year
        found[here] = score[columns[here]]
    return pd.Series(found, index=growth.index)


def ifpa(prices: pd.Series) -> pd.Series:
    """Return .4·z(CQGR) + .6·z(CAGR), each beside the same month of the years up to its own.

    Parameters
    ----------
    prices
        Prices by month (complete PeriodIndex, NaN in gaps), nominal or real; years weigh from the first one on.

    Returns
    -------
    pandas.Series
        Weighted standard deviations; NaN in the first years and where a price it needs is missing.
    """
    known = prices.dropna()
    if known.empty:
        return pd.Series(np.nan, index=prices.index, dtype=float)
    first = int(pd.PeriodIndex(known.index).year.min())
    quarterly = seasonal_anomaly(compound_growth(prices, QUARTER), first)
    yearly = seasonal_anomaly(compound_growth(prices, YEAR), first)
    return QUARTER_WEIGHT * quarterly + (1.0 - QUARTER_WEIGHT) * yearly


def ifpa_classes(values: npt.ArrayLike) -> np.ndarray:
    """Return the class of each IFPA; ``None`` where there is none.

    From 1 on ``abnormally_high``, from .5 on ``moderately_high``; the low side mirrors it: down from −1
    ``abnormally_low``, down from −.5 ``moderately_low``; ``normal`` between.

    Examples
    --------
    >>> ifpa_classes([-1.0, -0.5, 0.0, 0.5, 1.0, np.nan]).tolist()
    ['abnormally_low', 'moderately_low', 'normal', 'moderately_high', 'abnormally_high', None]
    """
    limits = (float(np.nextafter(-1.0, 0.0)), float(np.nextafter(-_EDGE, 0.0)), _EDGE, 1.0)
    return ordered_classes(values, limits, CLASSES)
