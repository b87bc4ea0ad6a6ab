"""What a reader gets beside a bare price: names, weight, age, change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from market_prices.vocabulary.market_words import STALE_DAYS, age_text, kind_name, level_name
from market_prices.vocabulary.measures import Sale
from market_prices.vocabulary.vocabulary import Vocabulary

KEY_NAMES = (
    "product",
    "product_name",
    "variety",
    "market",
    "market_name",
    "level",
    "level_name",
    "unit",
    "quantity",
    "unit_name",
    "package",
    "currency",
    "kind",
    "kind_name",
    "source",
    "source_name",
)
"""The series key with its names."""
PRICE_COLUMNS = ("date", "time", "low", "price", "high", "price_per_kg", "kg_note", "availability")
"""Columns of a price."""
_AGE_COLUMNS = ("age_days", "age_text", "stale", "previous_date", "previous_price", "change", "change_pct")
_REST = ("offered", "sale", "origin", "flags", "author", "recorded_at")
LATEST_COLUMNS = (*KEY_NAMES, *PRICE_COLUMNS, *_AGE_COLUMNS, *_REST)
"""Columns of the last prices, in order."""
UNITS = {
    "price": "currency per quantity of unit",
    "low": "currency per quantity of unit",
    "high": "currency per quantity of unit",
    "price_per_kg": "currency per kilogram",
    "quantity": "of the unit, for one price",
    "offered": "units of the series",
    "previous_price": "currency per quantity of unit",
    "change": "currency per quantity of unit",
    "age_days": "days",
    "gap_days": "days",
    "change_pct": "%",
    "change_week": "%",
    "change_month": "%",
    "change_year": "%",
}
"""Unit of each column of figures, put in ``frame.attrs['units']``."""


def with_names(frame: pd.DataFrame, vocabulary: Vocabulary) -> pd.DataFrame:
    """Add what a reader calls each id, and the price per kilogram where the weight is known."""
    named = frame.copy()
    products = {each.id: each.name for each in (*vocabulary.index_items, *vocabulary.all_products)}
    markets = {each.id: each.name for each in vocabulary.all_markets}
    named["product_name"] = _each_once(named["product"], lambda each: products.get(each, each))
    named["market_name"] = _each_once(named["market"], lambda each: markets.get(each, each))
    named["level_name"] = _each_once(named["level"], level_name)
    named["kind_name"] = _each_once(named["kind"], kind_name)
    named["source_name"] = _each_once(named["source"], lambda each: vocabulary.source(each).name)
    sold = zip(named["unit"], named["quantity"], strict=True)
    labels: dict[tuple[str, float], str] = {}
    named["unit_name"] = [
        labels.get(each) or labels.setdefault(each, vocabulary.measures.label(*each)) for each in sold
    ]
    return _with_weight(named, vocabulary)


def _each_once(column: pd.Series, meaning: Callable[[str], str]) -> pd.Series:
    """Return what each value means, asking once for every different one."""
    codes, values = pd.factorize(column)
    return pd.Series(np.array([*map(meaning, values), ""], dtype=object)[codes], index=column.index, dtype=object)


def _with_weight(frame: pd.DataFrame, vocabulary: Vocabulary) -> pd.DataFrame:
    parts = [frame[name] for name in ("product", "variety", "market", "unit", "package", "source", "date")]
    dated = vocabulary.measures.dated
    seen: dict[tuple[Any, ...], tuple[float, str]] = {}
    found = []
    for row in zip(*parts, strict=True):
        product, variety, market, unit, package, source, date = row
        each = row if unit in dated else row[:-1]  # most weights hold on any day
        if each not in seen:
            sale = Sale(product=product, variety=variety, market=market, unit=unit, package=package, source=source)
            weight = vocabulary.measures.weight(sale, _iso(date))
            seen[each] = (np.nan if weight.kg is None else weight.kg, weight.note)
        found.append(seen[each])
    kg = np.array([each[0] for each in found], dtype=float)
    price = frame["price"].astype(float).to_numpy()
    return frame.assign(
        price_per_kg=np.round(price / (kg * frame["quantity"].astype(float).to_numpy()), 4),
        kg_note=pd.Series([each[1] for each in found], index=frame.index, dtype=object),
    )


def latest_figures(frame: pd.DataFrame, vocabulary: Vocabulary, today: dt.date) -> pd.DataFrame:
    """Return the last prices with names, age in days at ``today`` and change since the price before."""
    named = with_names(frame, vocabulary)
    ages = [max((today - each).days, 0) for each in named["date"]]
    previous = named["previous_price"].astype(float)
    change = np.round(named["price"].astype(float) - previous, 4)
    named = named.assign(
        age_days=pd.Series(ages, index=named.index, dtype="int64"),
        age_text=pd.Series([age_text(each) for each in ages], index=named.index, dtype=object),
        stale=pd.Series([each > STALE_DAYS for each in ages], index=named.index, dtype=bool),
        previous_price=previous,
        change=change,
        change_pct=np.round(100.0 * change / previous, 1),
    )
    return _finished(named, LATEST_COLUMNS)


def _finished(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Put columns in order and give figures their type; missing is NaN, never 0."""
    done = frame[list(columns)].copy()
    for name in ("low", "price", "high", "offered"):
        if name in done:
            done[name] = done[name].astype(float)
    done.attrs["units"] = {name: unit for name, unit in UNITS.items() if name in done}
    return done.reset_index(drop=True)


def _iso(date: object) -> str:
    return date.isoformat() if isinstance(date, dt.date) else str(date)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame ready for JSON: ``None`` where a figure is missing, ISO dates.

    Examples
    --------
    >>> records(pd.DataFrame({"date": [dt.date(2026, 8, 5)], "price": [float("nan")], "stale": [np.bool_(True)]}))
    [{'date': '2026-08-05', 'price': None, 'stale': True}]
    """
    names = [str(each) for each in frame.columns]
    columns = [[json_ready(each) for each in frame[name].tolist()] for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def json_ready(value: Any) -> Any:  # noqa: ANN401  a cell may be anything
    """Return a cell as JSON knows it."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, pd.Timestamp | dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value
