"""ARIMA(p, 1, 0)(P, 0, 0)₁₂ of log prices: changes explained by the last two changes and by that of a year before.

Fitted by conditional least squares with a small ridge, anew at each month from sums that grow month by month; the lags
are chosen by the corrected Akaike criterion among :data:`LAG_SETS`, the first of which is the random walk.
"""

from __future__ import annotations

import numpy as np

from market_prices.forecasting.price_panel import HORIZONS, YEAR, PricePanel

LAGS = (1, 2, YEAR)
LAG_SETS: tuple[tuple[int, ...], ...] = ((), (0,), (0, 1), (2,), (0, 2), (0, 1, 2))
"""Positions in :data:`LAGS` of what each variant uses."""
RIDGE = 3.0
"""Months of the mean squared change that pull every coefficient towards zero."""
STABLE = 0.9
"""Largest sum of the coefficients' sizes: well inside stationarity."""
_FEWEST_CHANGES = 12
_SMALLEST = 1e-12


def arima_forecasts(panel: PricePanel) -> np.ndarray:
    """Return the log price forecast from each month: (s, t, h), NaN where no forecast may start.

    Parameters
    ----------
    panel
        Log prices; months beside a gap are left out of the fit, and a gap among the last changes counts as none.
    """
    changes = np.diff(panel.logs, axis=1, prepend=np.nan)
    lagged = np.stack([_lag(changes, each) for each in LAGS], axis=-1)
    usable = ~np.isnan(changes) & ~np.isnan(lagged).any(axis=-1)
    lagged, told = np.where(usable[..., None], lagged, 0.0), np.where(usable, changes, 0.0)
    many, total = np.cumsum(usable, axis=1), np.cumsum(told**2, axis=1)
    mean = total / np.maximum(many, 1)
    best, chosen = np.full(told.shape, np.inf), np.zeros(lagged.shape)
    for lags in LAG_SETS:
        size = len(lags)
        left, weights = total, np.zeros(lagged.shape)
        if lags:
            part = lagged[..., list(lags)]
            products = np.cumsum(part[..., :, None] * part[..., None, :], axis=1)
            crossed = np.cumsum(part * told[..., None], axis=1)
            ridge = (RIDGE * mean + _SMALLEST)[..., None, None] * np.eye(size)
            fit = np.linalg.solve(products + ridge, crossed[..., None])[..., 0]
            left = total - 2.0 * (fit * crossed).sum(axis=-1)
            left = left + np.einsum("stp,stpq,stq->st", fit, products, fit)
            weights[..., list(lags)] = fit
        free = size + 1.0
        score = many * np.log(np.maximum(left / np.maximum(many, 1), _SMALLEST)) + 2.0 * free
        score = score + 2.0 * free * (free + 1.0) / np.maximum(many - free - 1.0, 1.0)
        allowed = (many >= _FEWEST_CHANGES) & (np.abs(weights).sum(axis=-1) <= STABLE)
        better = (allowed & (score < best)) if lags else np.ones(best.shape, dtype=bool)
        best = np.where(better, np.where(many >= _FEWEST_CHANGES, score, np.inf), best)
        chosen = np.where(better[..., None], weights, chosen)
    found = _ahead(panel, chosen)
    found[~panel.origins] = np.nan
    return found


def _lag(values: np.ndarray, months: int) -> np.ndarray:
    found = np.full(values.shape, np.nan)
    found[:, months:] = values[:, :-months]
    return found


def _ahead(panel: PricePanel, weights: np.ndarray) -> np.ndarray:
    """Return (s, t, h) the log prices that the coefficients lead to, step by step."""
    level = panel.carried
    steps = np.nan_to_num(np.diff(level, axis=1, prepend=np.nan))
    last, before = steps, np.nan_to_num(_lag(steps, 1))
    found = np.empty((*level.shape, HORIZONS))
    for step in range(HORIZONS):
        year = np.nan_to_num(_lag(steps, YEAR - 1 - step))
        change = weights[..., 0] * last + weights[..., 1] * before + weights[..., 2] * year
        level = level + change
        last, before = change, last
        found[..., step] = level
    return found
