"""The last prices as plain rows: the columns of the table, without building one, for a page that shows a few."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from market_prices.readings.figures import LATEST_COLUMNS
from market_prices.readings.key_words import KeyWords
from market_prices.vocabulary.market_words import STALE_DAYS, age_text
from market_prices.vocabulary.vocabulary import Vocabulary

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
    ages: dict[dt.date, tuple[int, str, str]] = {}
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
    row: Mapping[str, Any], words: KeyWords, ages: dict[dt.date, tuple[int, str, str]], today: dt.date
) -> dict[str, Any]:
    date = row["date"]
    if date not in ages:
        age = max((today - date).days, 0)
        ages[date] = age, age_text(age), date.isoformat()
    age, in_words, written = ages[date]
    weight = words.weight(row, written)
    price, before = row["price"], row["previous_price"]
    change = None if before is None else round(price - before, 4)
    told = {**row, **words.names(row)}
    told["price_per_kg"] = None if weight.kg is None else round(price / (weight.kg * row["quantity"]), 4)
    told["kg_note"] = weight.note
    told["age_days"] = age
    told["age_text"] = in_words
    told["stale"] = age > STALE_DAYS
    told["change"] = change
    told["change_pct"] = None if change is None else round(100.0 * change / before, 1)
    return told
