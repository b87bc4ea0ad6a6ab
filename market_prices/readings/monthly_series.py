"""The prices of some series month by month with all that is needed to reckon them, and the tables that come of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from market_prices.book_tables import KEY_COLUMNS
from market_prices.indicators.monthly_prices import monthly_median, monthly_words
from market_prices.readings.figures import KEY_NAMES, UNITS, with_names
from market_prices.vocabulary.index_items import NO_CURRENCY
from market_prices.vocabulary.market_words import STALE_DAYS
from market_prices.vocabulary.vocabulary import Vocabulary

DEFLATED = ("BOB", NO_CURRENCY)
"""Currencies that the national price index deflates; prices in others have no real counterpart."""
AGE_COLUMNS = ("last_date", "age_days", "stale")
"""How old the last price of a series is: on every table, after its figures."""


@dataclass(frozen=True, kw_only=True)
class SeriesMonths:
    """One series."""

    number: int
    key: Mapping[str, Any]
    """Columns of the series key."""
    prices: pd.Series
    """Median price by month (complete PeriodIndex, NaN in gaps), currency per quantity of unit."""
    flags: pd.Series
    """Words about the prices of each month."""
    index: pd.Series
    """General price index by month; empty where it does not deflate this series."""
    dates: pd.Series
    """(n,) days of the prices."""
    records: pd.Series
    """(n,) prices as recorded."""

    @property
    def last_date(self) -> dt.date | None:
        """Day of the last price."""
        priced = self.dates[self.records.notna().to_numpy()]
        return None if priced.empty else max(priced)


@dataclass(frozen=True, kw_only=True)
class SeriesSet:
    """The series of a selection."""

    found: pd.DataFrame
    """The prices as read from the book."""
    words: Vocabulary
    each: tuple[SeriesMonths, ...]
    """Those with at least one price."""


def monthly_series(found: pd.DataFrame, words: Vocabulary, index: pd.Series) -> SeriesSet:
    """Put prices as read from the book into months, series by series.

    Parameters
    ----------
    found
        Prices with ``series_id``, the series key, ``date``, ``price`` and ``flags``.
    words
        What to call the ids.
    index
        General price index by month; may be empty.
    """
    each = []
    for number, told in found.groupby("series_id", sort=False):
        prices = monthly_median(told["date"], told["price"])
        if not prices.notna().any():
            continue
        key = {name: told[name].iloc[0] for name in KEY_COLUMNS}
        one = SeriesMonths(
            number=int(str(number)),
            key=key,
            prices=prices,
            flags=monthly_words(told["date"], told["flags"], pd.PeriodIndex(prices.index)),
            index=index if key["currency"] in DEFLATED else index.iloc[:0],
            dates=told["date"],
            records=told["price"].astype(float),
        )
        each.append(one)
    return SeriesSet(found=found, words=words, each=tuple(each))


def joined_tables(
    series: SeriesSet,
    parts: list[pd.DataFrame],
    columns: tuple[str, ...],
    units: Mapping[str, str],
    today: dt.date,
) -> pd.DataFrame:
    """Put the tables of the series under one another, each row with the key, its names and the age of the last price.

    Parameters
    ----------
    series
        What was reckoned.
    parts
        A table for each series, with ``series_id``.
    columns
        Columns of those tables, in order.
    units
        Unit of each figure, put in ``attrs["units"]``.
    today
        Day from which ages count.
    """
    keys = with_names(series.found.drop_duplicates("series_id"), series.words)[["series_id", *KEY_NAMES]]
    last = pd.Series({one.number: one.last_date for one in series.each}, dtype=object)
    ages = {number: max((today - each).days, 0) for number, each in last.items()}
    keys = keys.assign(
        last_date=keys["series_id"].map(last),
        age_days=keys["series_id"].map(ages).astype("Int64"),
        stale=keys["series_id"].map({number: age > STALE_DAYS for number, age in ages.items()}),
    )
    tables = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*columns, "series_id"])
    done = tables.merge(keys, on="series_id", how="left")[[*KEY_NAMES, *columns, *AGE_COLUMNS]]
    done.attrs["units"] = {**units, "quantity": UNITS["quantity"], "age_days": "days"}
    return done
