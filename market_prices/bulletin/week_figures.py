"""The medians of weeks that end on any day, and how they changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEEK_DAYS = 7
STEPS = {"week": 7, "month": 28, "year": 364}
"""Days back to the week that a change is reckoned from: whole weeks, so that the same weekdays meet."""
_DECIMALS = 4


@dataclass(frozen=True, kw_only=True)
class WeekFigures:
    """One week of a series."""

    basis: str
    """``week``: the seven days to the day asked for; ``last``: those to the last price."""
    price: float
    """Median, currency per quantity of unit."""
    low: float
    high: float
    count: int
    last: dt.date
    """Day of the last price in it."""
    changes: dict[str, float | None]
    """Per name of :data:`STEPS` the change since that week, %; ``None`` where it has no price."""
    history: tuple[float | None, ...]
    """Medians of the weeks to the day asked for, the oldest first."""


def week_figures(days: NDArray[np.int64], prices: NDArray[np.float64], day: dt.date, weeks: int) -> WeekFigures | None:
    """Return the last week of a series up to a day; ``None`` where there is no price.

    Parameters
    ----------
    days
        (n,) proleptic ordinals of the prices.
    prices
        (n,) currency per quantity of unit; NaN counts as no price.
    day
        End of the week.
    weeks
        Weeks of history.

    Examples
    --------
    >>> start = dt.date(2026, 8, 11).toordinal()
    >>> found = week_figures(np.arange(start, start + 14), np.repeat([10.0, 12.0], 7), dt.date(2026, 8, 24), 3)
    >>> found.price, found.changes["week"], found.changes["year"], found.history
    (12.0, 20.0, None, (None, 10.0, 12.0))
    """
    end = day.toordinal()
    told = ~np.isnan(prices) & (days <= end)
    if not told.any():
        return None
    days, prices = days[told], prices[told]
    basis = "week" if days.max() > end - WEEK_DAYS else "last"
    close = end if basis == "week" else int(days.max())
    here = _week(days, prices, close)
    price = float(np.median(here))
    changes = {name: _change(price, _week(days, prices, close - step)) for name, step in STEPS.items()}
    each = [_week(days, prices, end - WEEK_DAYS * back) for back in reversed(range(weeks))]
    return WeekFigures(
        basis=basis,
        price=round(price, _DECIMALS),
        low=float(here.min()),
        high=float(here.max()),
        count=len(here),
        last=dt.date.fromordinal(int(days.max())),
        changes=changes,
        history=tuple(round(float(np.median(one)), _DECIMALS) if len(one) else None for one in each),
    )


def _week(days: NDArray[np.int64], prices: NDArray[np.float64], end: int) -> NDArray[np.float64]:
    return np.asarray(prices[(days > end - WEEK_DAYS) & (days <= end)])


def _change(price: float, before: NDArray[np.float64]) -> float | None:
    if not len(before) or float(np.median(before)) <= 0:
        return None
    return round(100.0 * (price / float(np.median(before)) - 1.0), 1)
