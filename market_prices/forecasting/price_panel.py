"""Monthly prices of many series side by side, so that every model runs over all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

HORIZONS = 3
"""Months ahead, at most."""
YEAR = 12
TRAINING = 24
"""Months of its own that a series gives before its first forecast."""


@dataclass(frozen=True)
class PricePanel:
    """Log prices by series and month."""

    keys: tuple[int, ...]
    """Name of each series, ascending."""
    months: pd.PeriodIndex
    """(t,) every month from the first price of any series to the last."""
    logs: np.ndarray
    """(s, t) natural logarithm of the price; NaN where a month has none."""

    @classmethod
    def of(cls, prices: Mapping[int, pd.Series]) -> PricePanel:
        """Put monthly series under one another.

        Parameters
        ----------
        prices
            Price by month (PeriodIndex, NaN in gaps) of each series; a price that is not positive counts as a gap.
        """
        told = {key: one for key, one in sorted(prices.items()) if one.notna().any()}
        if not told:
            return cls((), pd.PeriodIndex([], freq="M"), np.empty((0, 0)))
        known = [pd.PeriodIndex(one.dropna().index) for one in told.values()]
        months = pd.period_range(min(one.min() for one in known), max(one.max() for one in known), freq="M")
        values = np.array([one.reindex(months).to_numpy(dtype=float) for one in told.values()])
        with np.errstate(invalid="ignore"):
            logs = np.log(np.where(values > 0, values, np.nan))
        return cls(tuple(told), months, logs)

    @cached_property
    def first(self) -> np.ndarray:
        """(s,) position of the first price of each series."""
        return np.asarray((~np.isnan(self.logs)).argmax(axis=1))

    @cached_property
    def age(self) -> np.ndarray:
        """(s, t) months since the first price of the series; negative before it."""
        return np.asarray(np.arange(len(self.months))[None, :] - self.first[:, None])

    @cached_property
    def priced(self) -> np.ndarray:
        """(s, t) months with a price up to and with each month."""
        return np.asarray(np.cumsum(~np.isnan(self.logs), axis=1))

    @cached_property
    def carried(self) -> np.ndarray:
        """(s, t) log prices, the last one carried over gaps."""
        return np.asarray(pd.DataFrame(self.logs).ffill(axis=1).to_numpy())

    @cached_property
    def calendar(self) -> np.ndarray:
        """(t,) calendar month, 0 to 11."""
        return np.asarray(self.months.month) - 1

    @cached_property
    def outcomes(self) -> np.ndarray:
        """(s, t, h) log price that came h + 1 months after each month; NaN where there was none, or not yet."""
        found = np.full((*self.logs.shape, HORIZONS), np.nan)
        for ahead in range(1, HORIZONS + 1):
            found[:, :-ahead, ahead - 1] = self.logs[:, ahead:]
        return found

    @property
    def origins(self) -> np.ndarray:
        """(s, t) months from which a forecast may start: priced, and after :data:`TRAINING` months of the series."""
        return np.asarray(~np.isnan(self.logs) & (self.age >= TRAINING))
