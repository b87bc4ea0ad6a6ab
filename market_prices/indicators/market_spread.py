"""How far the prices of two markets lie apart, and which of the two moves first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

FREQUENCIES = {"weekly": "W-SUN", "monthly": "M"}
"""Name of a period and pandas' word for it."""
FARTHEST_LAG = {"weekly": 6, "monthly": 3}
"""Periods by which one market may follow the other."""
FEWEST_CHANGES = 24
"""Pairs of changes without which no correlation is told."""
SIGNIFICANT = 0.05
_OFTEN_DAYS = 10.0


@dataclass(frozen=True, kw_only=True)
class Transmission:
    """The lag at which the changes of two markets go together most."""

    lag: int | None
    """Periods by which the second market follows the first; negative: it leads; ``None`` with too few prices."""
    correlation: float
    """Of the changes of the log prices at that lag."""
    changes: int
    """Pairs of changes it was reckoned from."""
    p_value: float
    """Probability of one so strong by chance, two-sided, times the lags that were tried (Bonferroni)."""

    @property
    def significant(self) -> bool:
        """Whether chance explains it badly."""
        return self.lag is not None and self.p_value < SIGNIFICANT


def period_frequency(dates: pd.Series) -> str:
    """Return ``weekly`` where prices come at least every ten days as a rule, else ``monthly``.

    Parameters
    ----------
    dates
        (n,) days of the prices.
    """
    days = np.unique(dates.to_numpy(dtype="datetime64[D]")).astype(np.int64)
    often = len(days) > 1 and float(np.median(np.diff(days))) <= _OFTEN_DAYS
    return "weekly" if often else "monthly"


def period_medians(dates: pd.Series, prices: pd.Series, frequency: str) -> pd.Series:
    """Return the median price of each period from the first to the last, gaps as NaN.

    Parameters
    ----------
    dates, prices
        (n,) days and prices, any order.
    frequency
        ``weekly`` or ``monthly``.
    """
    periods = pd.PeriodIndex(pd.to_datetime(dates), freq=FREQUENCIES[frequency])
    found = pd.Series(prices.to_numpy(dtype=float), index=periods).groupby(level=0).median().dropna()
    if found.empty:
        return found
    return found.reindex(pd.period_range(found.index.min(), found.index.max(), freq=FREQUENCIES[frequency]))


def spread_table(first: pd.Series, second: pd.Series, roads: Mapping[int, float]) -> pd.DataFrame:
    """Return the prices of two markets side by side, period by period, with the roads beside them.

    Parameters
    ----------
    first, second
        Price by period (complete PeriodIndex of one frequency, NaN in gaps), in the same unit.
    roads
        Road blocks in the country by days since 1970-01-01; a day that is absent is not known.

    Returns
    -------
    pandas.DataFrame
        From the first period that both markets reach to the last: ``price_a``, ``price_b``, ``spread`` (b − a),
        ``spread_pct`` (% of a), ``road_blocks`` (most in a day of the period; NaN where no day is known) and
        ``road_days`` (days known).
    """
    if first.empty or second.empty:
        return pd.DataFrame()
    begin, end = max(first.index.min(), second.index.min()), min(first.index.max(), second.index.max())
    if begin > end:
        return pd.DataFrame()
    periods = pd.period_range(begin, end, freq=pd.PeriodIndex(first.index).freq)
    a, b = first.reindex(periods), second.reindex(periods)
    blocks = [_blocks(each, roads) for each in periods]
    return pd.DataFrame(
        {
            "price_a": a,
            "price_b": b,
            "spread": b - a,
            "spread_pct": 100.0 * (b / a - 1.0),
            "road_blocks": [most for most, _days in blocks],
            "road_days": [days for _most, days in blocks],
        },
        index=periods,
    )


def _blocks(period: pd.Period, roads: Mapping[int, float]) -> tuple[float, int]:
    first = period.start_time.toordinal() - pd.Timestamp(1970, 1, 1).toordinal()
    last = period.end_time.toordinal() - pd.Timestamp(1970, 1, 1).toordinal()
    known = [roads[day] for day in range(first, last + 1) if day in roads]
    return (max(known), len(known)) if known else (math.nan, 0)


def transmission(first: pd.Series, second: pd.Series, farthest: int) -> Transmission:
    """Return the lag of the strongest correlation between the changes of two markets, with its significance.

    Parameters
    ----------
    first, second
        Price by period (complete PeriodIndex of one frequency, NaN in gaps).
    farthest
        Periods by which one may follow the other.

    Returns
    -------
    Transmission
        Of equally strong lags the nearest to 0; changes beside a gap are left out. The test takes the changes of a
        market as independent of one another, which holds only roughly.
    """
    from scipy import stats  # noqa: PLC0415  a second to load, for this question alone

    span = pd.period_range(
        min(first.index.min(), second.index.min()), max(first.index.max(), second.index.max()),
        freq=pd.PeriodIndex(first.index).freq,
    )  # fmt: skip
    a, b = (np.diff(np.log(each.reindex(span).to_numpy(dtype=float))) for each in (first, second))
    best = Transmission(lag=None, correlation=math.nan, changes=0, p_value=math.nan)
    for lag in sorted(range(-farthest, farthest + 1), key=lambda each: (abs(each), each)):
        early, late = (a[: len(a) - lag], b[lag:]) if lag >= 0 else (a[-lag:], b[: len(b) + lag])
        known = ~np.isnan(early) & ~np.isnan(late)
        many = int(known.sum())
        if many < FEWEST_CHANGES or np.ptp(early[known]) == 0 or np.ptp(late[known]) == 0:
            best = best if best.lag is not None else Transmission(
                lag=None, correlation=math.nan, changes=max(best.changes, many), p_value=math.nan
            )  # fmt: skip
            continue
        found = stats.pearsonr(early[known], late[known])
        if best.lag is None or abs(found.statistic) > abs(best.correlation) + 1e-12:
            tried = min(float(found.pvalue) * (2 * farthest + 1), 1.0)
            best = Transmission(lag=lag, correlation=float(found.statistic), changes=many, p_value=tried)
    return best
