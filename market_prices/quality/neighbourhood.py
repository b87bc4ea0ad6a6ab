"""What a price was expected to be from its own series: the median of its neighbours, and how restless they are.

The logarithm of a price less the median of its neighbours is its deviation; what counts is the part of it that neither
of the nearest prices shares, so that a price on the way up or down, or on a new level, is not far from everything. The
scale is the larger of two median absolute deviations, that of the changes of the series and that of the neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from market_prices.quality.price_table import PriceTable
from market_prices.quality.quality_rules import QualityRules

NORMAL = 1.4826
"""Median absolute deviation to standard deviation of a normal distribution."""


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """(n,) arrays, one figure a price."""

    middle: np.ndarray
    """Median of the neighbours, logarithm; NaN where there are too few."""
    away: np.ndarray
    """Deviation from the median, logarithm; NaN likewise."""
    alone: np.ndarray
    """The part of ``away`` that no nearest price shares, with its sign; 0 where one does."""
    scale: np.ndarray
    """Robust standard deviation that is usual here, logarithm."""
    both_sides: np.ndarray
    """bool: prices before and after were known."""
    count: np.ndarray
    """Number of neighbours."""


def expectation(table: PriceTable, rules: QualityRules, *, past_only: bool) -> Expectation:
    """Return what each price was expected to be.

    Parameters
    ----------
    table
        Prices.
    rules
        Thresholds.
    past_only
        Nothing after a price is looked at, as on the day it was written down.
    """
    back = _sides(table, rules, [-step for step in range(1, rules.neighbourhood_past + 1)])
    if past_only:
        nothing = np.full((len(table), 0), np.nan)
        return _joined(table, rules, back, nothing, _past_scale(table, rules))
    side = rules.neighbourhood_each_side
    ahead = _sides(table, rules, list(range(1, rules.neighbourhood_past + 1)))
    # At the ends of a series there is one side only, and it is looked at as far as the past is at entry.
    more_back, more_ahead = np.isnan(ahead[:, 0]), np.isnan(back[:, 0])
    back[~more_back, side:] = np.nan
    ahead[~more_ahead, side:] = np.nan
    return _joined(table, rules, back, ahead, _whole_scale(table))


def _sides(table: PriceTable, rules: QualityRules, steps: list[int]) -> np.ndarray:
    columns = []
    for step in steps:
        near = np.abs(table.shifted(table.day.astype(float), step) - table.day) <= rules.neighbourhood_window_days
        columns.append(np.where(near, table.shifted(table.log, step), np.nan))
    return np.column_stack(columns)


def _joined(
    table: PriceTable, rules: QualityRules, back: np.ndarray, ahead: np.ndarray, scale: np.ndarray
) -> Expectation:
    around = np.column_stack([back, ahead])
    count = (~np.isnan(around)).sum(axis=1)
    middle = row_median(around)
    middle[count < rules.neighbourhood_fewest] = np.nan
    local = NORMAL * row_median(np.abs(around - middle[:, None]))
    away = table.log - middle
    sign = np.sign(away)
    alone = np.abs(away)
    nearest = [back[:, 0], *([ahead[:, 0]] if ahead.shape[1] else [])]
    for each in nearest:
        alone = np.where(np.isnan(each), alone, np.minimum(alone, np.maximum(sign * (table.log - each), 0.0)))
    usual = np.fmax(np.fmax(scale, local), rules.scale_floor)
    return Expectation(
        middle=middle,
        away=away,
        alone=sign * alone,
        scale=np.minimum(usual, rules.scale_ceiling),
        both_sides=~np.isnan(back[:, 0]) & ~np.isnan(ahead[:, 0]) if ahead.shape[1] else np.zeros(len(table), bool),
        count=count,
    )


def row_median(values: np.ndarray) -> np.ndarray:
    """Return the median of each row without its NaN; NaN where a row holds nothing else.

    Examples
    --------
    >>> row_median(np.array([[3.0, np.nan, 1.0], [np.nan, np.nan, np.nan]])).tolist()
    [2.0, nan]
    """
    ordered = np.sort(values, axis=1)  # NaN last
    count = (~np.isnan(values)).sum(axis=1)
    rows = np.arange(len(values))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, max(values.shape[1] - 1, 0))
    return np.asarray((ordered[rows, low] + ordered[rows, high]) / 2.0, dtype=float)


def _changes(table: PriceTable) -> pd.Series:
    return pd.Series(np.abs(table.log - table.shifted(table.log, -1)))


def _whole_scale(table: PriceTable) -> np.ndarray:
    return np.asarray(NORMAL * _changes(table).groupby(table.series).transform("median").to_numpy(dtype=float))


def _past_scale(table: PriceTable, rules: QualityRules) -> np.ndarray:
    """Return the scale of the changes before each price; its own change is not among them."""
    changes = _changes(table).groupby(table.series, sort=False)
    rolled = changes.rolling(rules.scale_past_changes, min_periods=rules.neighbourhood_fewest).median()
    values = rolled.reset_index(level=0, drop=True).sort_index().to_numpy(dtype=float)
    return NORMAL * table.shifted(values, -1)
