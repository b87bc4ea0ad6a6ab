"""Each month's alert as it was first reckoned, beside what it is taken for now that more months are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from market_prices.indicators.alps import alps, alps_classes
from market_prices.indicators.indicator_table import DECIMALS

UNITS = {"alps_first": "standard deviations", "alps_real_first": "standard deviations"}
"""Unit of each figure that :func:`with_first_values` adds."""
COLUMNS = (*UNITS, "alps_first_class", "alps_real_first_class", "alps_changed", "alps_real_changed")
"""Columns that :func:`with_first_values` adds."""
_SERIES = ["product", "market", "variety", "level", "unit", "quantity", "package", "source"]


def with_first_values(found: pd.DataFrame) -> pd.DataFrame:
    """Return indicators with the ALPS of each month as reckoned at its end, from the months up to it alone.

    The fit of ALPS is over the whole series, so that every new month moves the figures of those before; what was said
    when the month ended is the vintage. A price index only scales real prices, which leaves ALPS as it is: the vintage
    of real prices needs no index of its own. IFPA looks back only and never moves: it has no vintage.

    Parameters
    ----------
    found
        What ``Book.indicators`` returns.

    Returns
    -------
    pandas.DataFrame
        The same rows with the columns of :data:`COLUMNS`: the first figures and their classes (NaN and ``None`` where
        the series was too short then), and whether the class is another today; units in ``attrs["units"]``.
    """
    first = {name: np.full(len(found), np.nan) for name in UNITS}
    for places in found.groupby(_SERIES, sort=False, dropna=False).indices.values():
        months = pd.PeriodIndex(pd.to_datetime(found["date"].iloc[places]), freq="M")
        for name, price in zip(UNITS, ("price", "real_price"), strict=True):
            prices = pd.Series(found[price].to_numpy(dtype=float)[places], index=months)
            first[name][places] = first_alps(prices)
    added = {name: np.round(values, DECIMALS) for name, values in first.items()}
    classes = {f"{name}_class": alps_classes(values) for name, values in added.items()}
    changed = {
        f"{name.removesuffix('_first')}_changed": [
            was is not None and was != now
            for was, now in zip(classes[f"{name}_class"], found[f"{name.removesuffix('_first')}_class"], strict=True)
        ]
        for name in UNITS
    }
    told = found.assign(**added, **classes, **changed)
    told.attrs["units"] = {**found.attrs.get("units", {}), **UNITS}
    return told


def first_alps(prices: pd.Series) -> np.ndarray:
    """Return the ALPS of each month reckoned from the months up to it.

    Parameters
    ----------
    prices
        Prices by month (complete PeriodIndex, NaN in gaps), currency per quantity of unit.

    Returns
    -------
    numpy.ndarray
        (months,) standard deviations; NaN where there is no price, or too few up to there.
    """
    known = prices.notna().to_numpy()
    return np.array(
        [alps(prices.iloc[: month + 1]).iloc[-1] if known[month] else np.nan for month in range(len(prices))]
    )
