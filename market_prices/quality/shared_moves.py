"""Whether others moved too: the same product elsewhere, other products of the market, and the roads.

A shock is shared, or falls in days with road blocks; a slip of the pen is alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from market_prices.quality.neighbourhood import Expectation
from market_prices.quality.price_table import PriceTable
from market_prices.quality.quality_rules import QualityRules

_FEWEST_OTHERS = 3


def shared_move(
    table: PriceTable, seen: Expectation, rules: QualityRules, *, wanted: np.ndarray, past_only: bool
) -> np.ndarray:
    """Return how far others moved the same way as each wanted price, a logarithm with its sign.

    Parameters
    ----------
    table, seen
        Prices and what was expected of each.
    rules
        Thresholds.
    wanted
        (n,) bool: prices for which the answer is needed; 0 elsewhere.
    past_only
        Only others of the same day or before.

    Returns
    -------
    numpy.ndarray
        (n,) the larger of two medians: of the same product in other series, and, looking back, of other products of the
        market. Of each other the price of the nearest day counts.
    """
    moved = np.zeros(len(table))
    lots = [(table.product, table.series, 1), (table.market, table.product, _FEWEST_OTHERS)]
    for groups, others, fewest in lots[: 1 if past_only else 2]:
        lot = Lot(table, groups)
        for at in np.flatnonzero(wanted):
            near = lot.near(int(at), rules.shock_peer_days, past_only=past_only)
            near = near[(others[near] != others[at]) & ~np.isnan(seen.away[near])]
            if len(near) == 0:
                continue
            each = _nearest(seen.away[near], others[near], np.abs(table.day[near] - table.day[at]))
            if len(each) < fewest:
                continue
            middle = float(np.median(each)) * np.sign(seen.away[at])
            moved[at] = max(moved[at], middle)
    return np.asarray(moved * np.sign(np.nan_to_num(seen.away)), dtype=float)


def _nearest(away: np.ndarray, others: np.ndarray, apart: np.ndarray) -> list[float]:
    """Return the deviation of each other on its day nearest to the price; the median where there are several."""
    found = []
    for one in np.unique(others):
        own = others == one
        found.append(float(np.median(away[own & (apart == apart[own].min())])))
    return found


class Lot:
    """The prices of each group in the order of their days."""

    def __init__(self, table: PriceTable, groups: np.ndarray) -> None:
        self.order = np.lexsort((table.day, groups))
        self.days = table.day
        self.groups = groups
        self.sorted_groups = groups[self.order]
        self.sorted_days = table.day[self.order]

    def near(self, at: int, days: int, *, past_only: bool) -> np.ndarray:
        """Return the prices of the group of one that lie within some days of it, itself among them."""
        first, last = np.searchsorted(self.sorted_groups, [self.groups[at], self.groups[at] + 1])
        there = self.sorted_days[first:last]
        low = np.searchsorted(there, self.days[at] - days, side="left")
        high = np.searchsorted(there, self.days[at] + (0 if past_only else days), side="right")
        return np.asarray(self.order[first + low : first + high])


def blocked_days(table: PriceTable, blocks: Mapping[int, float], rules: QualityRules) -> np.ndarray:
    """Return (n,) the most road blocks in a day up to each price and some days before; 0 where none is known.

    Parameters
    ----------
    table
        Prices.
    blocks
        Road blocks of a day, by days since 1970-01-01.
    rules
        Thresholds.
    """
    most: dict[int, float] = {}
    for day, number in blocks.items():
        for later in range(day, day + rules.shock_blocks_days + 1):
            most[later] = max(most.get(later, 0.0), number)
    days, back = np.unique(table.day, return_inverse=True)
    return np.array([most.get(int(each), 0.0) for each in days], dtype=float)[back]
