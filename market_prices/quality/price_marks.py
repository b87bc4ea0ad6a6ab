"""Flags laid beside prices as they are read: confirmed errors left out, the rest marked."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import KEY_COLUMNS
from market_prices.ledger.last_prices import last_records, latest_rows
from market_prices.ledger.price_reading import FACTS, Selection, columns_frame, series_columns
from market_prices.quality.flag_book import live_marks
from market_prices.readings.price_columns import SeriesColumns

COLUMNS = ("series_id", *KEY_COLUMNS, *FACTS, "author", "recorded_at", "previous_date", "previous_price")
"""Columns of the last prices as read."""
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
    return columns_frame(connection, marked_columns(connection, wanted, (*FACTS, "batch_id"), raw=raw))


def marked_columns(
    connection: sa.Connection, wanted: Selection, names: tuple[str, ...], *, raw: bool = False
) -> list[SeriesColumns]:
    """Return what :func:`marked_series` does as columns; ``names`` as in ``series_columns``, ``flags`` among them."""
    found = series_columns(connection, wanted, names)
    flagged = [each.number for each in found if each.marked]
    if not flagged:
        return found
    marks: dict[int, dict[tuple[dt.date, str], tuple[str, bool]]] = {}
    for (number, day, time), mark in live_marks(connection, flagged, as_of=wanted.as_of).items():
        marks.setdefault(number, {})[day, time] = mark
    told = [_with_marks(each, marks[each.number], raw=raw) if each.number in marks else each for each in found]
    return [each for each in told if len(each)]


def _with_marks(
    one: SeriesColumns, marks: Mapping[tuple[dt.date, str], tuple[str, bool]], *, raw: bool
) -> SeriesColumns:
    flags, kept = one.facts["flags"].copy(), np.ones(len(one), dtype=bool)
    days, times = one.facts["date"], one.facts["time"]
    for (day, time), (words, confirmed) in marks.items():
        first, after = (int(np.searchsorted(days, np.datetime64(day), side=side)) for side in ("left", "right"))
        for at in range(first, after):
            if times[at] == time:
                flags[at] = _joined(flags[at], words)
                kept[at] &= raw or not confirmed
    facts = {**one.facts, "flags": flags}
    return dataclasses.replace(one, facts={name: each[kept] for name, each in facts.items()})


def marked_latest(connection: sa.Connection, wanted: Selection) -> pd.DataFrame:
    """Return the last price of each series and the one before it, confirmed errors passed over."""
    rows = marked_latest_rows(connection, wanted)
    return pd.DataFrame([tuple(each[name] for name in COLUMNS) for each in rows], columns=list(COLUMNS))


def marked_latest_rows(connection: sa.Connection, wanted: Selection) -> list[dict[str, Any]]:
    """Return what :func:`marked_latest` does as rows, its columns those of :data:`COLUMNS`."""
    rows = latest_rows(connection, wanted)
    flagged = [each["series_id"] for each in rows if each["marked"]]
    if not flagged:
        return rows
    marks = live_marks(connection, flagged, as_of=wanted.as_of)
    wrong: dict[int, set[dt.date]] = {}
    for (number, day, _time), (_words, confirmed) in marks.items():
        if confirmed:
            wrong.setdefault(number, set()).add(day)
    told = []
    for each in rows:
        days = wrong.get(each["series_id"], set())
        right = _last_right(connection, each, wanted, marks) if {each["date"], each["previous_date"]} & days else each
        if right is not None:
            words, _confirmed = marks.get((right["series_id"], right["date"], right["time"]), ("", False))
            told.append({**right, "flags": _joined(right["flags"], words)} if words else right)
    return told


def _last_right(
    connection: sa.Connection, row: Mapping[str, Any], wanted: Selection, marks: Marks
) -> dict[str, Any] | None:
    """Return the row of one series reckoned from its prices that are no errors; ``None`` where none is left."""
    number = row["series_id"]
    wrong = {slot[1:] for slot, (_words, confirmed) in marks.items() if slot[0] == number and confirmed}
    found = last_records(connection, number, wanted, len(wrong) + 2)
    left = [each for each in found if (each["date"], each["time"]) not in wrong]
    if not left:
        return None
    before = left[1] if len(left) > 1 else {"date": None, "price": None}
    return {**row, **left[0], "previous_date": before["date"], "previous_price": before["price"]}


def recent_prices(
    connection: sa.Connection, numbers: Sequence[int], count: int
) -> dict[int, list[tuple[dt.date, float | None]]]:
    """Return the last ``count`` records of some series, each in order, without those confirmed to be errors."""
    wrong = {slot for slot, (_words, confirmed) in live_marks(connection, numbers).items() if confirmed}
    told = {}
    for number in numbers:
        slots = {slot[1:] for slot in wrong if slot[0] == number}
        found = last_records(connection, number, Selection(), count + len(slots), priced=False)
        left = [(each["date"], each["price"]) for each in found if (each["date"], each["time"]) not in slots]
        told[number] = left[:count][::-1]
    return told


def _joined(said: str, words: str) -> str:
    return " ".join(dict.fromkeys([*said.split(), *words.split()]))
