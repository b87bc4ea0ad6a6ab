"""The Theta method on log prices: simple exponential smoothing plus half the slope of the straight line.

Source: Assimakopoulos and Nikolopoulos (2000); in the closed form of Hyndman and Billah (2003). A season is taken out
where an analysis of variance of the ratios to the centred average finds one, with the factors known at that month.
"""

from __future__ import annotations

import numpy as np

from market_prices.forecasting.price_panel import HORIZONS, YEAR, PricePanel

WEIGHTS = np.array((0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0))
"""Smoothing weights that are tried."""
SEASON_TEST = 2.0
"""F ratio (months between, residuals within) from which a season is believed."""
_FEWEST_YEARS, _HALF = 2, YEAR // 2
_SMALLEST = 1e-12


class _Season:
    """The season as known month by month: (s, 12) factors of the log price."""

    def __init__(self, panel: PricePanel) -> None:
        count, length = panel.logs.shape
        self.ratios = np.full((count, length), np.nan)
        if length > YEAR:
            weights = np.array([0.5, *[1.0] * (YEAR - 1), 0.5]) / YEAR
            windows = np.lib.stride_tricks.sliding_window_view(panel.carried, YEAR + 1, axis=1)
            self.ratios[:, _HALF:-_HALF] = panel.logs[:, _HALF:-_HALF] - windows @ weights
        self.calendar = panel.calendar
        self.sums, self.many = np.zeros((count, YEAR)), np.zeros((count, YEAR))
        self.squares = np.zeros(count)

    def learn(self, now: int) -> np.ndarray:
        """Take in the ratio that month ``now`` completes and return the factors; zeros where there is no season."""
        if now >= YEAR:
            ratio, month = self.ratios[:, now - _HALF], self.calendar[now - _HALF]
            known = ~np.isnan(ratio)
            self.sums[known, month] += ratio[known]
            self.many[known, month] += 1
            self.squares[known] += ratio[known] ** 2
        means = self.sums / np.maximum(self.many, 1)
        between = (self.many * means**2).sum(axis=1)
        within = np.maximum(self.squares - between, _SMALLEST) / np.maximum(self.many.sum(axis=1) - YEAR, 1)
        seasonal = (self.many >= _FEWEST_YEARS).all(axis=1) & (between / (YEAR - 1) / within > SEASON_TEST)
        return np.where(seasonal[:, None], means - means.mean(axis=1, keepdims=True), 0.0)


def theta_forecasts(panel: PricePanel) -> np.ndarray:
    """Return the log price forecast from each month: (s, t, h), NaN where no forecast may start.

    Parameters
    ----------
    panel
        Log prices; gaps leave the state as it was.
    """
    count, length = panel.logs.shape
    rows, season = np.arange(count), _Season(panel)
    level = np.full((count, len(WEIGHTS)), np.nan)
    squares, moments = np.zeros(level.shape), np.zeros((5, count))
    found = np.full((count, length, HORIZONS), np.nan)
    for now in range(length):
        factors, month = season.learn(now), panel.calendar[now]
        plain = panel.logs[:, now] - factors[:, month]
        seen = ~np.isnan(plain)
        begins = np.isnan(level[:, 0]) & seen
        level[begins] = plain[begins, None]
        error = np.nan_to_num(plain[:, None] - level)
        squares += np.where((seen & (panel.age[:, now] >= YEAR))[:, None], error**2, 0.0)
        level = level + WEIGHTS * error
        time, told = panel.age[:, now].astype(float), np.nan_to_num(plain)
        moments += np.where(seen, np.array([np.ones(count), time, time**2, told, told * time]), 0.0)
        slope = _slope(moments)
        best = squares.argmin(axis=1)
        weight, ready = WEIGHTS[best], panel.origins[:, now]
        for step in range(HORIZONS):
            drift = slope / 2.0 * (step + (1.0 - (1.0 - weight) ** moments[0]) / weight)
            ahead = level[rows, best] + drift + factors[:, (month + step + 1) % YEAR]
            found[ready, now, step] = ahead[ready]
    return found


def _slope(moments: np.ndarray) -> np.ndarray:
    """Return (s,) the least-squares slope from the sums of 1, t, t², y and t·y."""
    many, time, squares, told, crossed = moments
    spread = many * squares - time**2
    return np.asarray(np.where(spread > 0, (many * crossed - time * told) / np.maximum(spread, 1.0), 0.0))
