"""Which prices are errors of writing: far from their neighbours, alone, and not shared by others.

A price is called an error (``error``) if the part of its deviation that neither its nearest prices nor others share is
as large as :class:`QualityRules` says for its mark; one that is merely far is worth a look (``doubtful``). Nothing is
changed. Looking back, prices before and after are known; at entry, only those before.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from market_prices.quality.error_patterns import Pattern, pattern
from market_prices.quality.neighbourhood import Expectation, expectation
from market_prices.quality.price_table import PriceTable
from market_prices.quality.quality_rules import QualityRules
from market_prices.quality.shared_moves import blocked_days, shared_move

COLUMNS = ("row", "kind", "severity", "expected", "factor", "count", "suggested", "detail", "shared", "blocks", "known")
"""Columns of :func:`find_errors`."""


def find_errors(
    table: PriceTable, rules: QualityRules, *, past_only: bool = False, blocks: Mapping[int, float] | None = None
) -> pd.DataFrame:
    """Return the prices that look like errors, in the order of the table.

    Parameters
    ----------
    table
        Prices of all series that may be compared.
    rules
        Thresholds.
    past_only
        Judge each price as on the day it was written down, by what came before.
    blocks
        Road blocks of a day, by days since 1970-01-01; without them the roads are taken as open.

    Returns
    -------
    pandas.DataFrame
        ``row`` in the table; ``kind`` (see :class:`Pattern`); ``severity`` (``error`` or ``doubtful``); ``expected``,
        the median of the neighbours, in the unit of the price; ``factor``, price / expected; ``count`` of neighbours;
        ``suggested`` price (NaN where none); ``detail`` of the kind; ``shared`` factor of others; ``blocks``, the most
        road blocks in a day shortly before; ``known``: ``both`` sides or only one (``past``).
    """
    seen = expectation(table, rules, past_only=past_only)
    smallest = min(np.log(rules.error_factor_doubtful), np.log(rules.error_transposed_factor))
    wanted = np.abs(np.nan_to_num(seen.alone)) >= smallest
    shared = shared_move(table, seen, rules, wanted=wanted, past_only=past_only)
    roads = blocked_days(table, blocks or {}, rules)
    rows = []
    for at in np.flatnonzero(wanted):
        found = _judged(table, seen, int(at), shared=float(shared[at]), roads=float(roads[at]), rules=rules)
        if found is not None:
            rows.append(found)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _judged(
    table: PriceTable, seen: Expectation, at: int, *, shared: float, roads: float, rules: QualityRules
) -> tuple[object, ...] | None:
    alone, scale, middle = float(seen.alone[at]), float(seen.scale[at]), float(seen.middle[at])
    own = np.sign(alone) * max(abs(alone) - abs(shared), 0.0)
    price = float(table.price[at])
    row = table.frame.iloc[at]
    others = tuple(float(row[name]) for name in ("quantity", "offered") if name in row and pd.notna(row[name]))
    mark = pattern(price, middle, unit=str(row["unit"]), figures=others, scale=scale, rules=rules)
    least = _least(mark, rising=own > 0, cut=roads >= rules.shock_blocks, both=bool(seen.both_sides[at]), rules=rules)
    size = abs(own)
    if size >= max(np.log(least), rules.scale_deviations * scale):
        severity = "error"
    elif size >= max(np.log(rules.error_factor_doubtful), rules.scale_deviations * scale):
        severity = "doubtful"
    else:
        return None
    expected = float(np.exp(middle))
    suggested = np.nan if mark.suggested is None else mark.suggested
    known = "both" if seen.both_sides[at] else "past"
    return (
        at,
        mark.kind,
        severity,
        expected,
        price / expected,
        int(seen.count[at]),
        suggested,
        mark.detail,
        float(np.exp(shared)),
        roads,
        known,
    )


def _least(mark: Pattern, *, rising: bool, cut: bool, both: bool, rules: QualityRules) -> float:
    """Return the smallest factor of an error with this mark."""
    if mark.kind == "power_of_ten":
        return rules.error_factor_pattern
    if rising and cut:
        return rules.error_factor_blocked
    if mark.kind == "transposed":
        return rules.error_transposed_factor
    if mark.kind == "unit":
        return rules.error_factor_pattern if both else rules.error_factor_entry
    return rules.error_factor_plain if both else rules.error_factor_entry
