"""Intervals around a forecast, learnt from the errors of all series of a source: split-conformal, pooled, adaptive.

An error is divided by how much its series had been moving; the signed quantiles of these scaled errors, of one horizon,
of the last three years and of series about as lively, are the interval. The share that must miss is then steered by how
many did miss (adaptive conformal inference, Gibbs and Candès 2021), because prices are calm for years and then are not.
At each month only outcomes of that month and before are used; the coverage told is measured on forecasts made so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from market_prices.forecasting.price_panel import HORIZONS, PricePanel
from market_prices.forecasting.rolling_origin import RollingOrigin

LEVELS = (80, 95)
"""Nominal coverage, %."""
MEMORY = 0.8
"""Weight of the month before in the mean size of the changes, the scale of the errors."""
SMALLEST_SCALE = 0.002
"""Least size of a usual change, log units: prices that stand still do move one day."""
WINDOW = 36
"""Months of errors that count while they hold :data:`PLENTY` of them; else all."""
PLENTY = 400
LIVELINESS = (0.01, 0.03)
"""Usual changes, log units, that part calm series from moving ones and these from lively ones."""
STEERING = 0.05
"""How far the share of misses is moved by what one month missed."""
_FULL_MONTH = 30
"""Outcomes of a month from which it steers with its whole weight."""
FEWEST = {80: 40, 95: 160}
"""Errors without which there is no interval of a level."""
_NARROWEST, _WIDEST = 0.005, 0.5
"""Bounds of the steered share of misses."""
_ROUNDING = 1e-9


def usual_change(panel: PricePanel) -> np.ndarray:
    """Return (s, t) the exponentially weighted mean size of the changes up to each month, log units; gaps add nothing.

    Parameters
    ----------
    panel
        Log prices.
    """
    changes = np.abs(np.diff(panel.carried, axis=1, prepend=np.nan))
    changes[np.isnan(panel.logs)] = np.nan
    total, weight = np.zeros(len(changes)), np.zeros(len(changes))
    found = np.full(changes.shape, SMALLEST_SCALE)
    for now in range(changes.shape[1]):
        known = ~np.isnan(changes[:, now])
        total[known] = MEMORY * total[known] + changes[known, now]
        weight[known] = MEMORY * weight[known] + 1.0
        found[:, now] = np.maximum(total / np.maximum(weight, 1.0), SMALLEST_SCALE)
    return found


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many forecasts an interval held that was made before their outcome was known."""

    held: int
    outcomes: int

    @property
    def percent(self) -> float:
        """Share held, %; NaN without outcomes."""
        return 100.0 * self.held / self.outcomes if self.outcomes else math.nan


@dataclass(frozen=True, kw_only=True)
class Bands:
    """The intervals of one level and horizon at the end of a panel."""

    low: tuple[float, ...]
    """Lower end by liveliness, in usual changes of the series above the forecast; NaN where errors are too few."""
    high: tuple[float, ...]
    """Upper end, likewise."""
    errors: int
    """Scaled errors of any liveliness whose outcome is known."""
    spoken: Coverage
    """Of the forecasts that the gate let speak."""
    silent: Coverage
    """Of those that repeat the last price."""

    def around(self, log_price: float, change: float) -> tuple[float, float]:
        """Return the interval of a price, in its money.

        Parameters
        ----------
        log_price
            Forecast, natural logarithm.
        change
            Usual change of the series, log units.
        """
        group = int(np.digitize(change, LIVELINESS))
        return math.exp(log_price + change * self.low[group]), math.exp(log_price + change * self.high[group])


def conformal_quantiles(errors: np.ndarray, miss: float) -> tuple[float, float]:
    """Return the interval that misses a share ``miss`` of what is exchangeable with ``errors``, half on each side.

    Parameters
    ----------
    errors
        (n,) scaled errors, n > 0.
    miss
        Share, between 0 and 1.

    Examples
    --------
    >>> conformal_quantiles(np.arange(1.0, 20.0), 0.2)
    (2.0, 18.0)
    """
    ordered, many = np.sort(errors), len(errors)
    lower = max(math.floor((many + 1) * miss / 2.0 + _ROUNDING), 1)
    upper = min(math.ceil((many + 1) * (1.0 - miss / 2.0) - _ROUNDING), many)
    return float(ordered[lower - 1]), float(ordered[upper - 1])


def calibrate(test: RollingOrigin) -> dict[tuple[int, int], Bands]:
    """Return the intervals of each level and horizon (1–3), with the coverage measured on the way; none of no series.

    Parameters
    ----------
    test
        The back-test of all series of a source.
    """
    if not test.panel.keys:
        return {}
    change = usual_change(test.panel)
    scaled = (test.panel.outcomes - test.said) / change[..., None]
    groups = np.digitize(change, LIVELINESS)
    return {
        (level, ahead): _judged(scaled[..., ahead - 1], groups, test.passes, level=level, ahead=ahead)
        for level in LEVELS
        for ahead in range(1, HORIZONS + 1)
    }


def _judged(scaled: np.ndarray, groups: np.ndarray, passes: np.ndarray, *, level: int, ahead: int) -> Bands:
    """Make an interval at every month from what is known by then, and judge each by what came."""
    months = scaled.shape[1]
    made = np.full((len(LIVELINESS) + 1, 2, months), np.nan)
    for group in range(len(made)):
        made[group] = _walk(scaled, groups == group, level=level, ahead=ahead)
    low, high = (made[groups, side, np.arange(months)[None, :]] for side in (0, 1))
    outcome = ~np.isnan(scaled) & ~np.isnan(low)
    held = outcome & (scaled >= low) & (scaled <= high)
    last = made[:, :, -1] if months else np.full((len(made), 2), np.nan)
    return Bands(
        low=tuple(last[:, 0].tolist()),
        high=tuple(last[:, 1].tolist()),
        errors=int((~np.isnan(scaled)).sum()),
        spoken=Coverage(held=int((held & passes).sum()), outcomes=int((outcome & passes).sum())),
        silent=Coverage(held=int((held & ~passes).sum()), outcomes=int((outcome & ~passes).sum())),
    )


def _walk(scaled: np.ndarray, member: np.ndarray, *, level: int, ahead: int) -> np.ndarray:
    """Go through the months, each time making the (2, t) interval of a group and later steering by it."""
    target = 1.0 - level / 100.0
    miss, made = target, np.full((2, scaled.shape[1]), np.nan)
    own = np.where(member, scaled, np.nan)
    for now in range(ahead, scaled.shape[1]):
        judged = now - ahead
        outcomes = own[~np.isnan(own[:, judged]), judged]
        if len(outcomes) and not np.isnan(made[0, judged]):
            missed = float(np.mean((outcomes < made[0, judged]) | (outcomes > made[1, judged])))
            steer = STEERING * min(len(outcomes) / _FULL_MONTH, 1.0)
            miss = min(max(miss + steer * (target - missed), _NARROWEST), _WIDEST)
        pool = _pool(own[:, : judged + 1], FEWEST[level])
        if len(pool) < FEWEST[level]:
            pool = _pool(scaled[:, : judged + 1], FEWEST[level])
        if len(pool) >= FEWEST[level]:
            made[:, now] = conformal_quantiles(pool, miss)
    return made


def _pool(known: np.ndarray, fewest: int) -> np.ndarray:
    """Return the errors of the last :data:`WINDOW` months if they are plenty, else all."""
    recent = known[:, -WINDOW:]
    found = recent[~np.isnan(recent)]
    return np.asarray(found if len(found) >= max(PLENTY, fewest) else known[~np.isnan(known)])
