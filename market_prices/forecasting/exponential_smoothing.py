"""Exponential smoothing (ETS) of log prices: level, damped trend, season; parameters from a grid, anew at each month.

The filter runs once over the series for every point of the grid. What was best by Akaike's criterion on the one-step
errors up to a month gives the forecast from that month, so that a whole rolling back-test costs one pass and no
forecast knows anything later. Source: Hyndman, Koehler, Ord and Snyder (2008), *Forecasting with exponential
smoothing*, additive errors.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from market_prices.forecasting.price_panel import HORIZONS, TRAINING, YEAR, PricePanel

LEVELS = (0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0)
TRENDS = ((0.0, 0.0), (0.05, 0.9), (0.2, 0.9), (0.1, 0.98))
"""Share of the level's correction that the trend takes, and its damping; the first is no trend."""
SEASONS = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.1))
"""Whether there is a season, and how fast it is corrected."""
_SEASON_COST, _SEASON_KEPT = 6.0, 0.7
"""Parameters a season counts for, and the share of its first estimate that is believed."""
_FEWEST_ERRORS = 6
_SMALLEST = 1e-10


class _Grid:
    """The parameters of every variant, (g,) each."""

    def __init__(self) -> None:
        rows = [(a, a * b, damp, season, g * (1 - a)) for a, (b, damp), (season, g) in product(LEVELS, TRENDS, SEASONS)]
        self.level, self.trend, self.damp, self.season, self.turn = np.array(rows).T
        cost = 1.0 + 2.0 * (self.damp > 0) + _SEASON_COST * self.season + (self.turn > 0)
        self.penalty = 2.0 * cost


def ets_forecasts(panel: PricePanel) -> np.ndarray:
    """Return the log price forecast from each month: (s, t, h), NaN where no forecast may start.

    Parameters
    ----------
    panel
        Log prices; gaps leave the state as it was.
    """
    grid = _Grid()
    count, length = panel.logs.shape
    rows, shape = np.arange(count), (count, len(grid.level))
    level, trend = np.full(shape, np.nan), np.zeros(shape)
    season = np.zeros((*shape, YEAR))
    squares, errors = np.zeros(shape), np.zeros(count)
    found = np.full((count, length, HORIZONS), np.nan)
    for now in range(length):
        for one in np.flatnonzero(panel.age[:, now] == TRAINING):
            season[one] = grid.season[:, None] * _first_season(panel, int(one), now)
            level[one] -= season[one][:, panel.calendar[now - 1]]
        prices, month = panel.logs[:, now], panel.calendar[now]
        begins = np.isnan(level[:, 0]) & ~np.isnan(prices)
        level[begins] = prices[begins, None]
        error = np.nan_to_num(prices[:, None] - (level + grid.damp * trend + season[:, :, month]))
        error[begins] = 0.0
        grown = panel.age[:, now] >= TRAINING
        judged = grown & ~np.isnan(prices)
        squares[judged] += error[judged] ** 2
        errors += judged
        level = level + grid.damp * trend + grid.level * error
        trend = grid.damp * trend + grid.trend * error
        season[:, :, month] += grid.turn * error * grown[:, None]
        ready = judged & (errors >= _FEWEST_ERRORS)
        if not ready.any():
            continue
        many = np.maximum(errors, 1.0)[:, None]
        best = np.argmin(many * np.log(np.maximum(squares / many, _SMALLEST)) + grid.penalty, axis=1)
        ahead = np.zeros(count)
        for step in range(HORIZONS):
            ahead = ahead + grid.damp[best] ** (step + 1) * trend[rows, best]
            told = level[rows, best] + ahead + season[rows, best, (month + step + 1) % YEAR]
            found[ready, now, step] = told[ready]
    return found


def _first_season(panel: PricePanel, one: int, now: int) -> np.ndarray:
    """Return (12,) the season of the months before ``now``: means of what a straight line leaves, shrunk."""
    window = slice(panel.first[one], now)
    logs, months = panel.logs[one, window], panel.calendar[window]
    known = ~np.isnan(logs)
    time = np.arange(len(logs), dtype=float)
    line = np.polynomial.polynomial.polyfit(time[known], logs[known], 1) if known.sum() > 1 else np.zeros(2)
    rest = logs - np.polynomial.polynomial.polyval(time, line)
    means = np.array([rest[known & (months == each)].mean() if (known & (months == each)).any() else 0.0
                      for each in range(YEAR)])  # fmt: skip
    return np.asarray(_SEASON_KEPT * (means - means.mean()))
