"""The rolling-origin back-test: what each method would have said at every month, against what came.

At every month only errors whose outcome is already known count, so that gates and calibrations at a month never see a
price that came after it. Shocks stay in the test.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from market_prices.forecasting.autoregression import arima_forecasts
from market_prices.forecasting.exponential_smoothing import ets_forecasts
from market_prices.forecasting.price_panel import HORIZONS, YEAR, PricePanel
from market_prices.forecasting.theta_line import theta_forecasts

CANDIDATES = ("naive", "ets", "theta", "arima")
MEAN = "mean"
LEAST_GAIN = 0.03
"""Share by which the mean's error must lie below the last price's: less than that is luck on half of the series."""
MINIMUM_MONTHS = 36
MINIMUM_SHARE = 0.7
"""Share of the months since the first price that must have one."""
MINIMUM_ERRORS = 24
"""Outcomes, over all horizons, that a back-test needs."""
_SMALLEST = 1e-12


def seasonal_naive(panel: PricePanel) -> np.ndarray:
    """Return (s, t, h) the log price of the same month a year before; a yardstick, no candidate."""
    found = np.full((*panel.logs.shape, HORIZONS), np.nan)
    for step in range(HORIZONS):
        back = YEAR - 1 - step
        found[:, back:, step] = panel.carried[:, :-back]
    return found


@dataclass(frozen=True)
class RollingOrigin:
    """Forecasts from every month of a panel, and how wrong they were."""

    panel: PricePanel

    @cached_property
    def forecasts(self) -> dict[str, np.ndarray]:
        """(s, t, h) log price by method: the candidates and their mean; NaN where none may start."""
        panel = self.panel
        naive = np.repeat(np.where(panel.origins, panel.logs, np.nan)[..., None], HORIZONS, axis=2)
        told = {
            "naive": naive,
            "ets": ets_forecasts(panel),
            "theta": theta_forecasts(panel),
            "arima": arima_forecasts(panel),
        }
        return {**told, MEAN: sum((told[name] for name in CANDIDATES), np.zeros(naive.shape)) / len(CANDIDATES)}

    def errors(self, method: str) -> np.ndarray:
        """Return (s, t, h) absolute errors in the money of the series; NaN without an outcome."""
        return np.asarray(np.abs(np.exp(self.forecasts[method]) - np.exp(self.panel.outcomes)))

    def known_error(self, method: str) -> tuple[np.ndarray, np.ndarray]:
        """Return (s, t) the mean absolute error known at each month, money of the series, and how many errors."""
        errors = np.where(np.isnan(self.errors(MEAN)), np.nan, self.errors(method))  # the same origins for all
        total, many = np.zeros(self.panel.logs.shape), np.zeros(self.panel.logs.shape)
        for ahead in range(1, HORIZONS + 1):
            late = np.full(self.panel.logs.shape, np.nan)
            late[:, ahead:] = errors[:, :-ahead, ahead - 1]
            total += np.cumsum(np.nan_to_num(late), axis=1)
            many += np.cumsum(~np.isnan(late), axis=1)
        return total / np.maximum(many, 1), many

    @cached_property
    def step(self) -> np.ndarray:
        """(s, t) mean absolute change from month to month up to each month, money: the scale of MASE."""
        changes = np.abs(np.diff(np.exp(self.panel.logs), axis=1, prepend=np.nan))
        many = np.cumsum(~np.isnan(changes), axis=1)
        return np.asarray(np.cumsum(np.nan_to_num(changes), axis=1) / np.maximum(many, 1))

    def mase(self, method: str) -> np.ndarray:
        """Return (s, t) the mean absolute scaled error known at each month; NaN without errors or changes."""
        error, many = self.known_error(method)
        known = (many > 0) & (self.step > _SMALLEST)
        return np.where(known, error / np.maximum(self.step, _SMALLEST), np.nan)

    @cached_property
    def passes(self) -> np.ndarray:
        """(s, t) months at which the gate lets a forecast speak; staleness is for who reads."""
        panel = self.panel
        mean, many = self.known_error(MEAN)
        naive, _many = self.known_error("naive")
        better = (naive > _SMALLEST) & (mean <= (1.0 - LEAST_GAIN) * naive) & (many >= MINIMUM_ERRORS)
        return np.asarray(better & self.long_enough & panel.origins)

    @cached_property
    def long_enough(self) -> np.ndarray:
        """(s, t) months at which a series has :data:`MINIMUM_MONTHS` prices and :data:`MINIMUM_SHARE` of its months."""
        priced, age = self.panel.priced, self.panel.age
        return np.asarray((priced >= MINIMUM_MONTHS) & (priced >= MINIMUM_SHARE * (age + 1)))

    @cached_property
    def said(self) -> np.ndarray:
        """(s, t, h) log price that a reader would have been given: the mean where the gate passes, else the last."""
        told = np.where(self.passes[..., None], self.forecasts[MEAN], self.forecasts["naive"])
        return np.asarray(np.where(self.long_enough[..., None], told, np.nan))
