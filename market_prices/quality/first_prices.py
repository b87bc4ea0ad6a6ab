"""The first prices of a series, which have no past of their own, beside what the same product fetches elsewhere.

A price without enough neighbours is compared with the last price of every other series of its product that can be told
in the same measure: per kilogram where both weights are known, else per the same unit and package. Markets and levels
of sale differ, so what counts is how far it lies outside the whole range of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.messages import Figure, translator
from market_prices.quality.error_detection import COLUMNS
from market_prices.quality.neighbourhood import expectation
from market_prices.quality.price_table import PriceTable
from market_prices.quality.quality_rules import QualityRules
from market_prices.quality.shared_moves import Lot, blocked_days
from market_prices.readings.figures import with_names
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

ELSEWHERE = "elsewhere"
"""Kind of the flag."""
_ZEROS = (1, 2, 3, -1, -2, -3)


@dataclass(frozen=True, kw_only=True)
class _Comparable:
    """What makes prices of one product comparable."""

    measure: np.ndarray
    """(n,) int: prices with the same number are per the same measure and in the same currency."""
    log: np.ndarray
    """(n,) float: natural logarithm of the price per that measure."""
    label: np.ndarray
    """(n,) str: the measure, for a reader."""


def find_first_errors(
    table: PriceTable,
    rules: QualityRules,
    vocabulary: Vocabulary,
    *,
    past_only: bool = False,
    blocks: Mapping[int, float] | None = None,
    wanted: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return the prices without neighbours that lie far from the same product's prices elsewhere.

    Parameters
    ----------
    table
        Prices of all series that may be compared; price indexes are not among them.
    rules
        Thresholds.
    vocabulary
        Weights of units, and the names of markets.
    past_only
        Only what was known on the day of each price.
    blocks
        Road blocks of a day, by days since 1970-01-01; while supply is cut, markets may drift further apart.
    wanted
        (n,) bool: prices for which the answer is needed; all when omitted.

    Returns
    -------
    pandas.DataFrame
        The columns of ``find_errors``: ``kind`` is :data:`ELSEWHERE`; ``expected`` is the nearest price elsewhere, in
        the unit of the price; ``detail`` tells it as it was seen there; ``count`` is the number of series compared.
    """
    seen = expectation(table, rules, past_only=past_only)
    asked = np.isnan(seen.middle) if wanted is None else np.isnan(seen.middle) & wanted
    if not asked.any():
        return pd.DataFrame(columns=list(COLUMNS))
    alike = _comparable(table, vocabulary)
    roads = blocked_days(table, blocks or {}, rules)
    lot = Lot(table, table.product)
    names = {each.id: each.name for each in vocabulary.all_markets}
    rows = []
    for at in np.flatnonzero(asked):
        others = _others(table, alike, lot, int(at), rules=rules, past_only=past_only)
        found = _judged(table, alike, int(at), others, rules=rules, roads=float(roads[at]), names=names)
        if found is not None:
            rows.append(found)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _judged(
    table: PriceTable,
    alike: _Comparable,
    at: int,
    others: np.ndarray,
    *,
    rules: QualityRules,
    roads: float,
    names: Mapping[str, str],
) -> tuple[object, ...] | None:
    if len(others) == 0:
        return None
    outside, nearest = _outside(float(alike.log[at]), alike.log[others], others)
    cut = roads >= rules.shock_blocks
    if abs(outside) < np.log(rules.first_factor_error if cut else rules.first_factor):
        return None
    price, factor = float(table.price[at]), float(np.exp(outside))
    return (
        at,
        ELSEWHERE,
        "error" if abs(outside) >= np.log(rules.first_factor_error) else "doubtful",
        price / factor,
        factor,
        len(others),
        _meant(price, float(alike.log[at]), alike.log[others], rules),
        _told(table, alike, nearest, names),
        1.0,
        roads,
        ELSEWHERE,
    )


def _comparable(table: PriceTable, vocabulary: Vocabulary) -> _Comparable:
    frame = with_names(table.frame, vocabulary)
    per_kg = frame["price_per_kg"].to_numpy(dtype=float)
    weighed = np.isfinite(per_kg) & (per_kg > 0)
    quantity = frame["quantity"].to_numpy(dtype=float)
    keys = [
        (currency, "kg", "") if known else (currency, unit, package)
        for currency, unit, package, known in zip(
            frame["currency"], frame["unit"], frame["package"], weighed, strict=True
        )
    ]
    labels = {unit: vocabulary.measures.label(unit, 1.0) for _money, unit, _package in keys}
    return _Comparable(
        measure=pd.factorize(pd.Series(keys, dtype=object))[0],
        log=np.log(np.where(weighed, per_kg, table.price / quantity)),
        label=np.array([labels[unit] for _money, unit, _package in keys], dtype=object),
    )


def _others(
    table: PriceTable, alike: _Comparable, lot: Lot, at: int, *, rules: QualityRules, past_only: bool
) -> np.ndarray:
    """Return the price nearest in time of every comparable other series: of those with a recent one if there is any.

    Estimated prices are nobody's.
    """
    fresh = rules.health_stale_days
    near = lot.near(at, int(rules.first_days), past_only=past_only)
    kind = table.frame["kind"].to_numpy(dtype=object)
    near = near[
        (table.series[near] != table.series[at])
        & (alike.measure[near] == alike.measure[at])
        & (kind[near] != "estimated")
    ]
    apart = np.abs(table.day[near] - table.day[at])
    if (recent := apart <= fresh).any():
        near, apart = near[recent], apart[recent]
    ordered = near[np.lexsort((apart, table.series[near]))]
    _series, first = np.unique(table.series[ordered], return_index=True)
    return np.asarray(ordered[first], dtype=np.int64)


def _outside(log: float, others: np.ndarray, where: np.ndarray) -> tuple[float, int]:
    """Return how far a price lies outside the range of the others (logarithm, 0 inside), and the nearest of them."""
    if log > others.max():
        return log - float(others.max()), int(where[others.argmax()])
    if log < others.min():
        return log - float(others.min()), int(where[others.argmin()])
    return 0.0, int(where[np.abs(others - log).argmin()])


def _meant(price: float, log: float, others: np.ndarray, rules: QualityRules) -> float:
    """Return the price with its point moved so that it lies among the others; NaN where no place of it does."""
    low, high = others.min() - rules.error_tolerance, others.max() + rules.error_tolerance
    for zeros in _ZEROS:
        if low <= log - zeros * np.log(10.0) <= high:
            return float(price / 10.0**zeros)
    return float("nan")


def _told(table: PriceTable, alike: _Comparable, at: int, names: Mapping[str, str]) -> str:
    row = table.frame.iloc[at]
    money = _("Bs") if row["currency"] == "BOB" else str(row["currency"])
    return _("{market}: {price} {money}/{unit} el {date}").format(
        market=names.get(str(row["market"]), row["market"]),
        price=f"{Figure(float(np.exp(alike.log[at]))):.2f}",
        money=money,
        unit=alike.label[at],
        date=row["date"].isoformat(),
    )
