"""What is wrong with a series as a whole: a new unit under the old label, standing still, gaps, silence."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from market_prices.quality.error_patterns import unit_of_level
from market_prices.quality.neighbourhood import row_median
from market_prices.quality.price_table import PriceTable
from market_prices.quality.quality_rules import QualityRules

COLUMNS = ("row", "kind", "severity", "expected", "factor", "count", "suggested", "detail")
"""Columns of the tables below; what does not apply is NaN or empty. ``row`` is the first price concerned."""
_EPOCH = dt.date(1970, 1, 1).toordinal()
_QUARTERS = 25, 75
_FEWEST_PRODUCTS = 3
_SHARED_PART = 0.5


def find_level_changes(table: PriceTable, rules: QualityRules) -> pd.DataFrame:
    """Return the prices from which a series goes on at another level, alone in its product.

    Both sides must be quiet, the step sharp, and no other series of the product may step the same way at that time:
    inflation and shocks are shared. ``expected`` is the median before, ``factor`` after / before.
    """
    side = rules.level_each_side
    before = np.column_stack([table.shifted(table.log, -step) for step in range(1, side + 1)])
    after = np.column_stack([table.log, *(table.shifted(table.log, step) for step in range(1, side))])
    whole = ~np.isnan(before).any(axis=1) & ~np.isnan(after).any(axis=1)
    step = np.where(whole, row_median(after) - row_median(before), 0.0)
    far = np.abs(step) >= np.log(rules.level_factor)
    rows = []
    for at in np.flatnonzero(far):
        if not _quiet(before[at], rules) or not _quiet(after[at], rules) or not _largest(step, table, int(at), side):
            continue
        if _shared(step, table, int(at), rules):
            continue
        size = float(step[at])
        detail = unit_of_level(size, str(table.frame["unit"].iloc[at]), rules)
        level = float(np.exp(np.median(before[at])))
        rows.append((int(at), "unit_change", "doubtful", level, float(np.exp(size)), side, np.nan, detail))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _quiet(side: np.ndarray, rules: QualityRules) -> bool:
    low, high = np.percentile(side, _QUARTERS)
    return bool(high - low <= rules.level_spread)


def _largest(step: np.ndarray, table: PriceTable, at: int, side: int) -> bool:
    """Say whether the step into this price is the sharpest of its surroundings: one change, one flag."""
    first, last = max(at - side, 1), min(at + side + 1, len(table))
    inside = np.arange(first, last)
    inside = inside[(table.series[inside] == table.series[at]) & (np.sign(step[inside]) == np.sign(step[at]))]
    jumps = np.abs(table.log[inside] - table.log[inside - 1])
    return int(inside[int(np.argmax(jumps))]) == at


def _shared(step: np.ndarray, table: PriceTable, at: int, rules: QualityRules) -> bool:
    """Say whether the product elsewhere, or most other products of the market, step the same way at that time."""
    near = np.abs(table.day - table.day[at]) <= 3 * rules.shock_peer_days
    elsewhere = near & (table.product == table.product[at]) & (table.series != table.series[at])
    market = near & (table.market == table.market[at]) & (table.product != table.product[at])
    sides = [elsewhere]
    if len(np.unique(table.product[market])) >= _FEWEST_PRODUCTS:
        sides.append(market)
    sign = np.sign(step[at])
    # Each series by its own largest step, so that the days on which nothing happens do not speak.
    largest = [pd.Series(step[side] * sign).groupby(table.series[side]).max().to_numpy(dtype=float) for side in sides]
    return any(len(each) > 0 and bool(np.median(each) >= _SHARED_PART * abs(step[at])) for each in largest)


def find_stuck(table: PriceTable, rules: QualityRules) -> pd.DataFrame:
    """Return the last price of each series that stands still: nearly all its life, or lately against its habit.

    ``factor`` is the share of prices equal to the one before; ``count`` the equal prices in a row at the end.
    """
    rows = []
    for first, last in series_ends(table):
        equal = np.diff(table.log[first : last + 1]) == 0.0
        if len(equal) + 1 < rules.health_stuck_least:
            continue
        share = float(equal.mean())
        moves = np.flatnonzero(~equal)
        run = len(equal) - (int(moves[-1]) + 1 if len(moves) else 0) + 1
        lately = run >= rules.health_stuck_run and run >= rules.health_stuck_run * (1.0 + 10.0 * share)
        if share >= rules.health_stuck_share or lately:
            rows.append((last, "stuck", "notice", float(table.price[last]), share, run, np.nan, ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def find_gaps(table: PriceTable, rules: QualityRules) -> pd.DataFrame:
    """Return the first price after each gap; ``count`` is its length in days, ``factor`` how many usual steps."""
    days = table.day - table.shifted(table.day.astype(float), -1)
    days[days == 0] = np.nan  # several prices of one day are one step
    usual = pd.Series(days).groupby(table.series).transform("median").to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        gaps = np.flatnonzero((days >= rules.health_gap_days) & (days >= rules.health_gap_factor * usual))
    rows = [(int(at), "gap", "notice", np.nan, float(days[at] / usual[at]), int(days[at]), np.nan, "") for at in gaps]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def find_stale(table: PriceTable, rules: QualityRules, today: dt.date) -> pd.DataFrame:
    """Return the last price of each series that fell silent; ``count`` is its age in days at ``today``."""
    rows = []
    for _first, last in series_ends(table):
        age = today.toordinal() - _EPOCH - int(table.day[last])
        if age > rules.health_stale_days:
            rows.append((last, "stale", "notice", np.nan, np.nan, age, np.nan, ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def series_ends(table: PriceTable) -> list[tuple[int, int]]:
    """Return the first and last place of each series in the table."""
    if not len(table):
        return []
    starts = np.flatnonzero(np.r_[True, table.series[1:] != table.series[:-1]])
    return list(zip(starts.tolist(), [*(starts[1:] - 1).tolist(), len(table) - 1], strict=True))
