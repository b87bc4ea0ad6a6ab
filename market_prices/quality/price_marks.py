"""Flags laid beside prices as they are read: confirmed errors left out, the rest marked."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import KEY_COLUMNS, quality_flag
from market_prices.ledger.price_reading import Selection, latest_frame, series_frame
from market_prices.quality.flag_book import live_marks

_MOST_ASKED = 500
"""Series beyond these are not named one by one in a question to the book."""
Marks = Mapping[tuple[int, dt.date, str], tuple[str, bool]]
"""What :func:`live_marks` gives."""


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
    marks = live_marks(connection, found["series_id"].tolist(), as_of=wanted.as_of)
    if not marks:
        return found
    wrong = {(slot[0], slot[1]) for slot, (_words, confirmed) in marks.items() if confirmed}
    if not wrong:
        return _with_words(found, marks)
    days = zip(found["series_id"], found["date"], found["previous_date"], strict=True)
    redo = np.array([bool({(number, last), (number, before)} & wrong) for number, last, before in days], dtype=bool)
    if not redo.any():
        return _with_words(found, marks)
    again = [_last_of(connection, row, wanted) for row in found[redo].to_dict("records")]
    parts = [each for each in (found[~redo], *again) if len(each)]
    joined = pd.concat(parts) if parts else found.iloc[:0]
    order = {number: at for at, number in enumerate(found["series_id"])}
    return _with_words(joined.sort_values("series_id", key=lambda each: each.map(order), ignore_index=True), marks)


def any_flag(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether a flag is about one of the prices of ``rows``, last or before last; else marks change nothing."""
    if len(rows) > _MOST_ASKED:
        return connection.execute(sa.select(quality_flag.c.id).limit(1)).first() is not None
    slots = {(each["series_id"], each[name]) for each in rows for name in ("date", "previous_date")}
    query = sa.select(quality_flag.c.series_id, quality_flag.c.date).where(
        quality_flag.c.series_id.in_([each["series_id"] for each in rows])
    )
    return any(tuple(each) in slots for each in connection.execute(query))


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
    marks = live_marks(connection, found["series_id"].unique().tolist(), as_of=wanted.as_of)
    if not marks:
        return found
    wrong = {slot for slot, (_words, confirmed) in marks.items() if confirmed}
    if wrong and not raw:
        kept = np.array([slot not in wrong for slot in _slots(found)], dtype=bool)
        found = found[kept].reset_index(drop=True)
    return _with_words(found, marks)


def _with_words(found: pd.DataFrame, marks: Marks) -> pd.DataFrame:
    said = found["flags"].to_numpy(dtype=object).copy()
    for at, slot in enumerate(_slots(found)):
        if slot in marks:
            said[at] = " ".join(dict.fromkeys([*str(said[at]).split(), *marks[slot][0].split()]))
    return found.assign(flags=pd.Series(said, index=found.index, dtype=object))


def _slots(found: pd.DataFrame) -> Iterator[tuple[int, dt.date, str]]:
    return zip(found["series_id"].tolist(), found["date"].tolist(), found["time"].tolist(), strict=True)
