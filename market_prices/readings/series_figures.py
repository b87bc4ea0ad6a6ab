"""The prices of some series as a reader gets them, as recorded or by period: one reckoning for tables and for JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd

from gis.messages import translator
from market_prices.price_errors import ObservationError
from market_prices.readings.figures import KEY_NAMES, PRICE_COLUMNS, UNITS, json_ready
from market_prices.readings.key_words import KeyWords
from market_prices.readings.price_columns import SeriesColumns
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

RECORDED_COLUMNS = (
    *KEY_NAMES,
    *PRICE_COLUMNS,
    "gap_days",
    "offered",
    "sale",
    "origin",
    "flags",
    "author",
    "recorded_at",
)
"""Columns of prices as recorded, in order."""
CHANGES = ("change_week", "change_month", "change_year")
PERIOD_COLUMNS = (*KEY_NAMES, *PRICE_COLUMNS, "count", *CHANGES, "flags")
"""Columns of prices by period, in order."""
READ_RECORDED = ("low", "price", "high", "offered", "availability", "sale", "origin", "flags", "batch_id")
"""What :func:`as_recorded` needs of the records."""
READ_BY_PERIOD = ("price", "flags")
"""What :func:`by_period` needs of the records."""
_STEPS = {"daily": (7, 30, 365), "weekly": (1, None, 52), "monthly": (None, 1, 12)}
"""Periods in a week, a month and a year; ``None`` where they do not fit."""
_TO_MONDAY = 3
"""Days from the Monday before 1970-01-01, a Thursday."""
_WEEK = 7
_KINDS = {"quantity": "float64", "count": "int64", "recorded_at": "datetime64[us]"} | dict.fromkeys(
    ("low", "price", "high", "price_per_kg", "gap_days", "offered", *CHANGES), "float64"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """The rows of one series."""

    size: int
    same: Mapping[str, Any]
    """Column and the value that all rows have."""
    columns: Mapping[str, np.ndarray]
    """The other columns."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SeriesTable:
    """Rows of figures under one another, series by series."""

    names: tuple[str, ...]
    """Columns, in order."""
    parts: tuple[_Part, ...]

    def frame(self) -> pd.DataFrame:
        """Return the rows as a table; missing is NaN, never 0; units are in ``attrs["units"]``."""
        told = {}
        for name in self.names:
            parts = [np.asarray(_spread(each, name)) for each in self.parts]
            kind = _KINDS.get(name, object)
            told[name] = pd.Series(np.concatenate(parts) if parts else np.zeros(0, dtype=kind), dtype=kind)
        frame = pd.DataFrame(told, columns=list(self.names))
        frame.attrs["units"] = {name: unit for name, unit in UNITS.items() if name in told}
        return frame

    def records(self) -> list[dict[str, Any]]:
        """Return the rows ready for JSON: ``None`` where a figure is missing, ISO dates."""
        told: list[dict[str, Any]] = []
        for part in self.parts:
            common = {name: json_ready(part.same.get(name)) for name in self.names}
            rows = [common.copy() for _row in range(part.size)]
            for name in self.names:
                if name in part.columns:
                    # A column at a time into copies of one row: half the time of a row at a time.
                    for row, value in zip(rows, _told(part.columns[name]), strict=True):
                        row[name] = value
            told += rows
        return told


def _spread(part: _Part, name: str) -> np.ndarray:
    column = part.columns.get(name)
    if column is None:
        return np.full(part.size, part.same[name], dtype=_KINDS.get(name, object))
    return column.astype(object) if column.dtype.kind == "M" and name == "date" else column


def _told(column: np.ndarray) -> Iterable[Any]:
    """Return a column as JSON knows it."""
    if column.dtype.kind == "f":
        missing = np.isnan(column)
        if missing.all():
            return repeat(None, len(column))
        plain = column.astype(object)
        plain[missing] = None
        return list(plain.tolist())
    if column.dtype.kind == "M":
        if column.dtype == "datetime64[D]":
            return list(np.datetime_as_string(column).tolist())
        moments, place = np.unique(column, return_inverse=True)  # few imports, many prices
        return list(np.array([each.isoformat() for each in moments.tolist()], dtype=object)[place].tolist())
    return list(column.tolist())


def as_recorded(
    found: Sequence[SeriesColumns], entries: Mapping[int, tuple[str, dt.datetime]], vocabulary: Vocabulary
) -> SeriesTable:
    """Return the prices of some series with names and, as ``gap_days``, the days since the price before.

    Parameters
    ----------
    found
        With the columns of :data:`READ_RECORDED`.
    entries
        Who recorded a batch, and when.
    vocabulary
        Meaning of the ids.
    """
    words = KeyWords(vocabulary)
    parts = []
    for one in found:
        facts = one.facts
        which, place = np.unique(facts["batch_id"], return_inverse=True)
        told = [entries[number] for number in which.tolist()]
        days = facts["date"].astype(np.int64).astype(float)
        names = ("date", "time", "low", "price", "high", "offered", "availability", "sale", "origin", "flags")
        columns = {
            **{name: facts[name] for name in names},
            "gap_days": np.diff(days, prepend=np.nan),
            "author": np.array([each[0] for each in told], dtype=object)[place],
            "recorded_at": np.array([each[1] for each in told], dtype="datetime64[us]")[place],
        }
        parts.append(_part(one, columns, {}, words))
    return SeriesTable(names=RECORDED_COLUMNS, parts=tuple(parts))


def by_period(found: Sequence[SeriesColumns], vocabulary: Vocabulary, frequency: str) -> SeriesTable:
    """Return the median price of each day, week or month, every one between first and last, gaps as rows without price.

    A week is named by its Monday, a month by its first day. ``change_week``, ``change_month`` and ``change_year`` are
    the change since the period so long before, %; a week has no month before it, nor a month a week.

    Parameters
    ----------
    found
        With the columns of :data:`READ_BY_PERIOD`.
    vocabulary
        Meaning of the ids.
    frequency
        ``daily``, ``weekly`` or ``monthly``.

    Raises
    ------
    ObservationError
        ``frequency`` is none of these.
    """
    steps = _STEPS.get(frequency)
    if steps is None:
        raise ObservationError(
            _("Frecuencia desconocida: «{text}»").format(text=frequency),
            expected=_("daily (diaria), weekly (semanal) o monthly (mensual)"),
        )
    words = KeyWords(vocabulary)
    parts = []
    for one in found:
        periods = _periods(one.facts["date"], frequency)
        first = int(periods[0])
        columns = _summed(periods - first, one.facts["price"], one.facts["flags"])
        columns["date"] = _first_days(first + np.arange(len(columns["price"])), frequency)
        for name, step in zip(CHANGES, steps, strict=True):
            columns[name] = _change(columns["price"], step)
        parts.append(_part(one, columns, {"time": "", "availability": ""}, words))
    return SeriesTable(names=PERIOD_COLUMNS, parts=tuple(parts))


def _periods(days: np.ndarray, frequency: str) -> np.ndarray:
    """Return the number of the period of each day, counted from the one of 1970-01-01."""
    if frequency == "monthly":
        return days.astype("datetime64[M]").astype(np.int64)
    numbers = days.astype(np.int64)
    return np.asarray((numbers + _TO_MONDAY) // _WEEK) if frequency == "weekly" else numbers


def _first_days(periods: np.ndarray, frequency: str) -> np.ndarray:
    """Return the first day of each period, as datetime64[D]."""
    if frequency == "monthly":
        return periods.astype("datetime64[M]").astype("datetime64[D]")
    days = periods * _WEEK - _TO_MONDAY if frequency == "weekly" else periods
    return np.asarray(days).astype("datetime64[D]")


def _summed(periods: np.ndarray, price: np.ndarray, flags: np.ndarray) -> dict[str, np.ndarray]:
    """Return lowest, median and highest price of each period from 0 on, how many there are, and their flags."""
    size = int(periods[-1]) + 1
    low, middle, high = (np.full(size, np.nan) for _name in range(3))
    priced = ~np.isnan(price)
    if priced.any():
        both = np.empty(int(priced.sum()), dtype=complex)  # sorted by the real part, then by the other: one quick sort
        both.real, both.imag = periods[priced], price[priced]
        both.sort()
        where, told = both.real.astype(np.int64), both.imag
        starts = np.flatnonzero(np.diff(where, prepend=-1))
        ends = np.append(starts[1:], len(where)) - 1
        filled = where[starts]
        low[filled], high[filled] = told[starts], told[ends]
        middle[filled] = (told[(starts + ends) // 2] + told[(starts + ends + 1) // 2]) / 2.0
    said = np.full(size, "", dtype=object)
    for at in np.flatnonzero(flags != ""):
        codes = {*said[periods[at]].split(), *flags[at].split()}
        said[periods[at]] = " ".join(sorted(codes))
    count = np.bincount(periods[priced], minlength=size).astype(np.int64)
    return {"low": low, "price": middle, "high": high, "count": count, "flags": said}


def _change(price: np.ndarray, step: int | None) -> np.ndarray:
    """Return the change since so many periods before, % with one decimal."""
    change = np.full(len(price), np.nan)
    if step is not None and step < len(price):
        change[step:] = np.round(100.0 * (price[step:] / price[:-step] - 1.0), 1)
    return change


def _part(one: SeriesColumns, columns: Mapping[str, np.ndarray], same: Mapping[str, Any], words: KeyWords) -> _Part:
    """Return the rows of a series with names, and the price per kilogram where the weight is known."""
    price, quantity = columns["price"], float(one.key["quantity"])
    told, more = dict(columns), dict(same)
    if words.dated(one.key):
        weights = [words.weight(one.key, day) for day in np.datetime_as_string(columns["date"]).tolist()]
        kg = np.array([each.kg for each in weights], dtype=float)
        told["kg_note"] = np.array([each.note for each in weights], dtype=object)
    else:
        weight = words.weight(one.key, "")
        kg = np.array(np.nan if weight.kg is None else weight.kg)
        more["kg_note"] = weight.note
    told["price_per_kg"] = np.round(price / (kg * quantity), 4)
    named = {**one.key, "quantity": quantity, **words.names(one.key), **more}
    return _Part(size=len(price), same=named, columns=told)
