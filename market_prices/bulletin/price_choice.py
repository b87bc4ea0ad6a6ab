"""Which of the prices of a book speak for a place: its own, and beside them those of its reference markets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa

from market_prices.bulletin.alert_level import Alert, alert_of
from market_prices.ledger.index_items_kept import words_for
from market_prices.ledger.pooled_prices import medians_by_month
from market_prices.ledger.price_reading import Selection
from market_prices.quality.price_marks import marked_latest, marked_series
from market_prices.readings.figures import latest_figures
from market_prices.readings.monthly_series import DEFLATED
from market_prices.readings.price_cards import current_series
from market_prices.vocabulary.market_words import kind_name
from market_prices.vocabulary.vocabulary import Vocabulary

SUSPECTED = "suspected_error"
"""Word on a price that looks like an error and on which nobody has decided."""
_KINDS = {"observed": 0, "reference": 1, "estimated": 2}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """From when a book is looked at."""

    day: dt.date
    """Only prices dated up to here; ages count to here."""
    as_of: dt.date | None = None
    """Only what had been recorded by the end of this day (UTC); ``None``: all."""
    first: dt.date | None = None
    """Only last prices dated from here on; ``None``: all."""


def last_prices(
    connection: sa.Connection, vocabulary: Vocabulary, markets: Sequence[str], moment: Moment
) -> pd.DataFrame:
    """Return the last price of each series of some markets at a moment.

    Returns
    -------
    pandas.DataFrame
        The columns of ``Book.latest`` and ``series_id``.
    """
    wanted = Selection(markets=tuple(markets), as_of=moment.as_of, end=moment.day)
    found = marked_latest(connection, wanted)
    if moment.first is not None:
        found = found[[each >= moment.first for each in found["date"]]].reset_index(drop=True)
    figures = latest_figures(found, words_for(connection, found, vocabulary), moment.day)
    return figures.assign(series_id=found["series_id"].to_numpy())


def rows_of(
    latest: pd.DataFrame, own: Collection[str], references: Sequence[str], vocabulary: Vocabulary, *, both: bool
) -> pd.DataFrame:
    """Return the rows that speak for a place, by kind, market and product.

    Parameters
    ----------
    latest
        As :func:`last_prices` returns it.
    own
        Ids of the local markets of the place.
    references
        Ids of its reference markets, the first first.
    vocabulary
        Which products are grown in the territory.
    both
        Reference prices also of products with a price of their own that is not stale.
    """
    local = {each.id for each in vocabulary.all_products if each.local}
    mine = current_series(latest[latest["market"].isin(list(own))], single=False)
    fresh = set(mine.loc[~mine["stale"].astype(bool), "product"])
    wanted = (local | set(mine["product"])) - (set() if both else fresh)
    theirs = latest[latest["market"].isin(list(references)) & latest["product"].isin(wanted)]
    theirs = current_series(theirs, single=True)
    theirs = theirs.assign(kind=["estimated" if each == "estimated" else "reference" for each in theirs["kind"]])
    parts = [each for each in (mine, theirs) if len(each)]
    rows = pd.concat(parts) if parts else latest.iloc[:0]
    rank = {market: number for number, market in enumerate(references, start=1)}
    ordered = rows.assign(
        kind_name=rows["kind"].map(kind_name),
        by_kind=rows["kind"].map(_KINDS),
        by_market=[rank.get(each, 0) for each in rows["market"]],
    )
    order = ["by_kind", "by_market", "market", "product_name", "product", "variety", "level", "unit", "series_id"]
    return ordered.sort_values(order, kind="stable", ignore_index=True).drop(columns=["by_kind", "by_market"])


def alerts_of(
    connection: sa.Connection, numbers: Collection[int], index: pd.Series, moment: Moment
) -> Mapping[int, Alert]:
    """Return the alert of each of some series, from all their months; prices that look like errors are left out.

    Parameters
    ----------
    connection
        To the book.
    numbers
        Numbers of the series.
    index
        General consumer price index by month, as known at the moment; may be empty.
    moment
        From when.
    """
    if not numbers:
        return {}
    wanted = Selection(numbers=tuple(sorted(numbers)), as_of=moment.as_of, end=moment.day)
    found = marked_series(connection, wanted)
    doubtful = np.array([SUSPECTED in str(each).split() for each in found["flags"]], dtype=bool)
    found = found[found["price"].notna() & ~doubtful]
    if found.empty:
        return {}
    currency = found.groupby("series_id")["currency"].first()
    last = found.groupby("series_id")["date"].max()
    alerts = {}
    for number, told in medians_by_month(found).items():
        months = pd.PeriodIndex(told.index)
        prices = told.reindex(pd.period_range(months.min(), months.max(), freq="M"))
        deflator = index if currency[number] in DEFLATED else index.iloc[:0]
        alerts[number] = alert_of(prices, deflator, last=last[number], day=moment.day)
    return alerts
