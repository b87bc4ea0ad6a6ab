"""The last prices as plain rows: the columns of the table, without building one, for a page that shows a few."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from market_prices.readings.figures import LATEST_COLUMNS
from market_prices.readings.key_words import KeyWords
from market_prices.vocabulary.market_words import STALE_DAYS, age_text
from market_prices.vocabulary.vocabulary import Vocabulary

_NUMBERS = ("quantity", "low", "price", "high", "offered", "previous_price")
_MOMENTS = ("date", "previous_date", "recorded_at")


def light_figures(rows: Iterable[Mapping[str, Any]], vocabulary: Vocabulary, today: dt.date) -> list[dict[str, Any]]:
    """Return the last prices as ``latest_figures`` of the readings does, ``None`` where nothing is known.

    Parameters
    ----------
    rows
        As :func:`market_prices.quality.price_marks.marked_latest_rows` returns them.
    vocabulary
        Meaning of the ids.
    today
        Day from which ages count.
    """
    words = KeyWords(vocabulary)
    ages: dict[dt.date, tuple[int, str]] = {}
    return [_figures(each, words, ages, today) for each in rows]


def light_records(figures: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the figures ready for JSON, only the columns of the table of last prices."""
    told = []
    for each in figures:
        row = {name: each[name] for name in LATEST_COLUMNS}
        for name in _MOMENTS:
            row[name] = None if row[name] is None else row[name].isoformat()
        told.append(row)
    return told


def _figures(
    row: Mapping[str, Any], words: KeyWords, ages: dict[dt.date, tuple[int, str]], today: dt.date
) -> dict[str, Any]:
    told = {**row, **words.names(row)}
    for name in _NUMBERS:
        told[name] = None if row[name] is None else float(row[name])
    date = row["date"]
    if date not in ages:
        age = max((today - date).days, 0)
        ages[date] = age, age_text(age)
    weight = words.weight(row, date.isoformat())
    price, before = told["price"], told["previous_price"]
    change = None if before is None else round(price - before, 4)
    told["price_per_kg"] = None if weight.kg is None else round(price / (weight.kg * told["quantity"]), 4)
    told["kg_note"] = weight.note
    told["age_days"], told["age_text"] = ages[date]
    told["stale"] = told["age_days"] > STALE_DAYS
    told["change"] = change
    told["change_pct"] = None if change is None else round(100.0 * change / before, 1)
    return told
