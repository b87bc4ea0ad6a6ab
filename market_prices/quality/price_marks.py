"""Flags laid beside prices as they are read: confirmed errors left out, the rest marked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import KEY_COLUMNS
from market_prices.ledger.price_reading import Selection, latest_frame, series_frame
from market_prices.quality.flag_book import price_marks

_SLOT = ["series_id", "date", "time"]


def marked_series(connection: sa.Connection, wanted: Selection, *, raw: bool = False) -> pd.DataFrame:
    """Return the prices of a selection with the words of their flags, without those confirmed to be errors.

    Parameters
    ----------
    connection
        To the book.
    wanted
        Which series, as known when.
    raw
        Keep the confirmed errors, marked ``confirmed_error``.
    """
    return _marked(connection, series_frame(connection, wanted), wanted, raw=raw)


def marked_latest(connection: sa.Connection, wanted: Selection) -> pd.DataFrame:
    """Return the last price of each series and the one before it, confirmed errors passed over."""
    found = latest_frame(connection, wanted)
    if found.empty:
        return found
    marks = price_marks(connection, found["series_id"].tolist(), as_of=wanted.as_of)
    if marks.empty:
        return found
    wrong = marks[marks["confirmed"]]
    seen = set(zip(wrong["series_id"], wrong["date"], strict=True))
    redo = [
        bool({(each.series_id, each.date), (each.series_id, each.previous_date)} & seen)
        for each in found.itertuples(index=False)
    ]
    parts = [found[[not each for each in redo]]]
    parts += [_last_of(connection, row, wanted) for row in found[redo].to_dict("records")]
    joined = pd.concat([each for each in parts if len(each)]) if any(len(each) for each in parts) else found.iloc[:0]
    order = {number: at for at, number in enumerate(found["series_id"])}
    joined = joined.sort_values("series_id", key=lambda each: each.map(order), ignore_index=True)
    return _with_words(joined, marks)


def _last_of(connection: sa.Connection, row: Mapping[Any, Any], wanted: Selection) -> pd.DataFrame:
    """Return the row of one series reckoned from its marked prices; empty where none is left."""
    one = dataclasses.replace(wanted, equal={name: row[name] for name in KEY_COLUMNS}, markets=(), without=())
    left = marked_series(connection, one)
    left = left.loc[left["price"].notna() & (left["series_id"] == row["series_id"])]
    before = left.iloc[-2].to_dict() if len(left) > 1 else {"date": None, "price": None}
    told = left.tail(1).assign(previous_date=before["date"], previous_price=before["price"])
    return pd.DataFrame(told[[each for each in row if each in told]])


def _marked(connection: sa.Connection, found: pd.DataFrame, wanted: Selection, *, raw: bool) -> pd.DataFrame:
    if found.empty:
        return found
    marks = price_marks(connection, found["series_id"].unique().tolist(), as_of=wanted.as_of)
    if marks.empty:
        return found
    if not raw:
        wrong = set(marks.loc[marks["confirmed"], _SLOT].itertuples(index=False, name=None))
        kept = [slot not in wrong for slot in found[_SLOT].itertuples(index=False, name=None)]
        found = found[kept].reset_index(drop=True)
    return _with_words(found, marks)


def _with_words(found: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    words = dict(zip(marks[_SLOT].itertuples(index=False, name=None), marks["mark"], strict=True))
    slots = found[_SLOT].itertuples(index=False, name=None)
    said = [
        " ".join(dict.fromkeys([*str(flags).split(), *words.get(slot, "").split()]))
        for slot, flags in zip(slots, found["flags"], strict=True)
    ]
    return found.assign(flags=pd.Series(said, index=found.index, dtype=object))
