"""All indicators of one monthly series side by side, nominal and real, each labelled."""

from __future__ import annotations

import numpy as np
import pandas as pd

from market_prices.indicators.alps import MINIMUM_MONTHS, alps, alps_classes
from market_prices.indicators.ifpa import ifpa, ifpa_classes
from market_prices.indicators.price_changes import change_percent, volatility_percent
from market_prices.indicators.price_deflator import real_prices
from market_prices.indicators.seasonal_index import seasonal_index

DECIMALS = 6
"""Figures are rounded so that every computer writes the same ones."""
UNITS = {
    "price": "currency per quantity of unit, median of the month",
    "real_price": "currency of the base month per quantity of unit",
    "alps": "standard deviations",
    "alps_real": "standard deviations",
    "ifpa": "weighted standard deviations",
    "ifpa_real": "weighted standard deviations",
    "change_month": "%",
    "change_year": "%",
    "change_year_real": "%",
    "volatility": "% per month",
}
"""Unit of each figure of :func:`indicator_table`."""
CLASS_COLUMNS = ("alps_class", "alps_real_class", "ifpa_class", "ifpa_real_class")
COLUMNS = (*UNITS, *CLASS_COLUMNS, "base", "flags")
SEASON_UNITS = dict.fromkeys(("index", "minimum", "low", "high", "maximum"), "100 = average of the year")
"""Unit of each figure of :func:`season_table`."""


def indicator_table(prices: pd.Series, index: pd.Series, flags: pd.Series) -> pd.DataFrame:
    """Return the indicators of a series, one row a month.

    Parameters
    ----------
    prices
        Prices by month (complete PeriodIndex, NaN in gaps).
    index
        General consumer price index by month; empty where none is known, then nothing real has a figure.
    flags
        Words about the prices of each month, blanks between.

    Returns
    -------
    pandas.DataFrame
        By month: the columns of :data:`UNITS`, the classes, ``base`` (month in whose money real prices are, ``None``
        without an index) and ``flags``, to which are added ``no_price`` (a gap), ``no_cpi`` (no index so early, or
        none at all), ``cpi_carried`` (the last index before was used) and ``short_series`` (too few months for ALPS).
    """
    real, carried = real_prices(prices, index)
    known = index.dropna()
    figures = {
        "price": prices,
        "real_price": real,
        "alps": alps(prices),
        "alps_real": alps(real),
        "ifpa": ifpa(prices),
        "ifpa_real": ifpa(real),
        "change_month": change_percent(prices, 1),
        "change_year": change_percent(prices, 12),
        "change_year_real": change_percent(real, 12),
        "volatility": volatility_percent(prices),
    }
    rounded = {name: np.round(values.to_numpy(dtype=float), DECIMALS) for name, values in figures.items()}
    classes = {
        "alps_class": alps_classes(rounded["alps"]),
        "alps_real_class": alps_classes(rounded["alps_real"]),
        "ifpa_class": ifpa_classes(rounded["ifpa"]),
        "ifpa_real_class": ifpa_classes(rounded["ifpa_real"]),
    }
    words = _month_words(flags, prices, real, carried)
    base = np.full(len(prices), str(known.index[-1]) if len(known) else None, dtype=object)
    told = {"base": base, "flags": np.array(words, dtype=object)}
    return pd.DataFrame({**rounded, **classes, **told}, index=prices.index)[list(COLUMNS)]


def _month_words(flags: pd.Series, prices: pd.Series, real: pd.Series, carried: pd.Series) -> list[str]:
    few = int(prices.notna().sum()) < MINIMUM_MONTHS
    codes = ("no_price", "no_cpi", "cpi_carried", "short_series")
    columns = (prices.isna(), prices.notna() & real.isna(), carried, [few] * len(prices))
    return [
        " ".join([*str(said).split(), *(code for code, true in zip(codes, truths, strict=True) if true)])
        for said, *truths in zip(flags, *columns, strict=True)
    ]


def season_table(prices: pd.Series, index: pd.Series) -> pd.DataFrame:
    """Return the seasonal index of a series, twelve rows, from real prices where the price index is known.

    Parameters
    ----------
    prices
        Prices by month (complete PeriodIndex, NaN in gaps).
    index
        General consumer price index by month; may be empty.

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`seasonal_index`, ``basis`` (``real``, or ``nominal`` without a price index, inflation
        included) and ``flags`` (``short_series``: less than three whole years, no figures).
    """
    basis = "real" if len(index.dropna()) else "nominal"
    found = seasonal_index(real_prices(prices, index)[0] if basis == "real" else prices).round(DECIMALS)
    return found.assign(basis=basis, flags="short_series" if found["index"].isna().any() else "")
