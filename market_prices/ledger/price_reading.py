"""Asking the book: the last price of each series, and all prices of some, as they were known at a date.

A question is composed once for each kind of selection, because composing one takes longer than answering it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import KEY_COLUMNS, batch, observation, quality_flag, series
from market_prices.readings.price_columns import SeriesColumns

FACTS = ("date", "time", "low", "price", "high", "offered", "availability", "sale", "origin", "flags", "line")
"""What an observation says, besides its series."""
_KINDS = {
    "series_id": "int64",
    "date": "datetime64[D]",
    "revision": "int64",
    "withdrawn": "bool",
    "line": "int64",
    "batch_id": "int64",
    **dict.fromkeys(("low", "price", "high", "offered"), "float64"),
}
"""Kind of the columns that are not texts."""
_PLAIN = ("date", "withdrawn")
"""Read as the driver gives them, with no object made for each."""
_ASKED_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which series, and as known when."""

    equal: Mapping[str, str] = field(default_factory=dict)
    """Column of the series key and the value it must have."""
    markets: tuple[str, ...] = ()
    """Any of these markets; empty is all."""
    numbers: tuple[int, ...] = ()
    """Any of these series, by number; empty is all."""
    without: tuple[str, ...] = ()
    """None of these markets."""
    as_of: dt.date | None = None
    """Only what was recorded by the end of this day (UTC)."""
    start: dt.date | None = None
    """Only prices dated from this day on; a last price is one even where it is older."""
    end: dt.date | None = None
    """Only prices dated up to this day: the last price is then the last one of that day."""

    def shape(self) -> Shape:
        """Return what is asked, without the values."""
        return Shape(
            equal=tuple(self.equal),
            markets=bool(self.markets),
            numbers=bool(self.numbers),
            without=bool(self.without),
            known=known_before(self.as_of) is not None,
            start=self.start is not None,
            end=self.end is not None,
        )

    def given(self) -> dict[str, Any]:
        """Return the values, by name of the parameter of a question."""
        lists = {"markets": self.markets, "numbers": self.numbers, "without": self.without}
        days = {"known": known_before(self.as_of), "start": self.start, "end": self.end}
        told: dict[str, Any] = {name: list(each) for name, each in lists.items() if each}
        told |= {name: each for name, each in days.items() if each is not None}
        return told | {f"equal_{name}": value for name, value in self.equal.items()}


class Shape(NamedTuple):
    """Which parts of a selection narrow it."""

    equal: tuple[str, ...]
    markets: bool
    numbers: bool
    without: bool
    known: bool
    start: bool
    end: bool


def series_conditions(shape: Shape) -> list[sa.ColumnElement[bool]]:
    """Return what the table of series must say; the values are parameters (:meth:`Selection.given`)."""
    conditions: list[sa.ColumnElement[bool]] = [
        series.c[name] == sa.bindparam(f"equal_{name}", type_=series.c[name].type) for name in shape.equal
    ]
    if shape.numbers:
        conditions.append(series.c.id.in_(sa.bindparam("numbers", expanding=True)))
    if shape.markets:
        conditions.append(series.c.market.in_(sa.bindparam("markets", expanding=True)))
    if shape.without:
        conditions.append(series.c.market.not_in(sa.bindparam("without", expanding=True)))
    return conditions


def known_before(as_of: dt.date | None) -> dt.datetime | None:
    """Return the moment (UTC) before which something was recorded if it was known by the end of a day."""
    if as_of is None or as_of == dt.date.max:
        return None
    return dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())


def known(told: sa.FromClause, shape: Shape) -> list[sa.ColumnElement[bool]]:
    """Say that a record had been written by the moment asked for."""
    if not shape.known:
        return []
    limit = sa.bindparam("known", type_=batch.c.recorded_at.type)
    return [told.c.batch_id.in_(sa.select(batch.c.id).where(batch.c.recorded_at < limit))]


def holds(told: sa.FromClause, shape: Shape) -> list[sa.ColumnElement[bool]]:
    """Say that a record is known, is not withdrawn, and no later known record of its day takes its place."""
    later = observation.alias("later")
    replaced = sa.exists().where(
        later.c.series_id == told.c.series_id,
        later.c.date == told.c.date,
        later.c.time == told.c.time,
        later.c.revision > told.c.revision,
        *known(later, shape),
    )
    return [~told.c.withdrawn, ~replaced, *known(told, shape)]


def series_columns(connection: sa.Connection, wanted: Selection, names: tuple[str, ...] = FACTS) -> list[SeriesColumns]:
    """Return every series of a selection with some facts of every observation that holds, by date and time.

    A series without observations in the span asked for is left out. The order is that of the series key.

    Parameters
    ----------
    names
        Which of :data:`FACTS`, of ``batch_id`` and of ``line``; ``date`` and ``time`` are always there.
    """
    shape, given = wanted.shape(), wanted.given()
    keys = [tuple(each) for each in connection.execute(_series_statement(shape), given)]
    if not keys:
        return []
    narrow = shape._replace(equal=(), markets=False, without=False, numbers=False)
    told = _read(connection, narrow, given, [each[0] for each in keys], names)
    return [
        SeriesColumns(
            number=number,
            key=dict(zip(KEY_COLUMNS, key, strict=True)),
            marked=bool(marked),
            facts=told[number],
        )
        for number, marked, *key in keys
        if number in told
    ]


def _read(
    connection: sa.Connection, shape: Shape, given: Mapping[str, Any], numbers: list[int], names: tuple[str, ...]
) -> dict[int, dict[str, np.ndarray]]:
    """Return the facts of each series; later records of a slot take the place of earlier ones."""
    read = ("date", "time", "revision", "withdrawn", *(each for each in names if each not in {"date", "time"}))
    parts: list[Any] = []
    for start in range(0, len(numbers), _ASKED_AT_ONCE):
        part = numbers[start : start + _ASKED_AT_ONCE]
        asked = {"number": part[0]} if len(part) == 1 else {"numbers": part}
        query = _facts_statement(shape, read, one=len(part) == 1)
        # As the driver gives them: every column is of a kind that needs no conversion, and there are thousands of rows.
        parts += connection.execute(query, {**given, **asked}).cursor.fetchall()
    if not parts:
        return {}
    told = dict(zip(("series_id", *read), map(_column, ("series_id", *read), zip(*parts, strict=True)), strict=True))
    del parts
    kept = ~told.pop("withdrawn")
    if told.pop("revision").any():
        same = [told[name][1:] == told[name][:-1] for name in ("series_id", "date", "time")]
        kept[:-1] &= ~np.logical_and.reduce(same)
    if not kept.all():
        told = {name: each[kept] for name, each in told.items()}
    owner = told.pop("series_id")
    ends = np.flatnonzero(np.diff(owner, append=owner[-1:] + 1)) + 1 if len(owner) else np.zeros(0, dtype=np.int64)
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    return {
        int(owner[first]): {name: each[first:end] for name, each in told.items()}
        for first, end in zip(starts.tolist(), ends.tolist(), strict=True)
    }


def _column(name: str, values: tuple[Any, ...]) -> np.ndarray:
    kind = _KINDS.get(name)
    if kind is None:
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return column
    return np.array(values, dtype=kind)


@lru_cache(maxsize=64)
def _series_statement(shape: Shape) -> sa.Select[Any]:
    """Ask for the series of a selection, and whether any has a flag."""
    marked = sa.exists().where(quality_flag.c.series_id == series.c.id).label("marked")
    chosen = (series.c.id, marked, *(series.c[name] for name in KEY_COLUMNS))
    order = (*(series.c[name] for name in KEY_COLUMNS), series.c.id)
    return sa.select(*chosen).where(*series_conditions(shape)).order_by(*order)


@lru_cache(maxsize=64)
def _facts_statement(shape: Shape, names: tuple[str, ...], *, one: bool) -> sa.Select[Any]:
    """Ask for records in the order of the index that holds all of them, so that nothing is sorted or looked up."""
    told = observation
    of = (
        told.c.series_id == sa.bindparam("number")
        if one
        else told.c.series_id.in_(sa.bindparam("numbers", expanding=True))
    )
    dated = [told.c.date >= sa.bindparam("start", type_=told.c.date.type)] if shape.start else []
    dated += [told.c.date <= sa.bindparam("end", type_=told.c.date.type)] if shape.end else []
    chosen = [sa.type_coerce(told.c[name], sa.String) if name in _PLAIN else told.c[name] for name in names]
    order = (told.c.series_id, told.c.date, told.c.time, told.c.revision)
    return sa.select(told.c.series_id, *chosen).where(of, *dated, *known(told, shape)).order_by(*order)


def series_frame(connection: sa.Connection, wanted: Selection) -> pd.DataFrame:
    """Return every observation that holds, ordered by series, date and time.

    Columns: the series key, :data:`FACTS`, ``series_id``, ``author``, ``recorded_at``, ``batch``.
    """
    return columns_frame(connection, series_columns(connection, wanted, (*FACTS, "batch_id")))


def columns_frame(connection: sa.Connection, found: Sequence[SeriesColumns]) -> pd.DataFrame:
    """Return some series under one another, as :func:`series_frame` does."""
    sizes = [len(each) for each in found]
    columns: dict[str, Any] = {"series_id": np.repeat(np.array([each.number for each in found], dtype=np.int64), sizes)}
    for name in KEY_COLUMNS:
        kind = float if name == "quantity" else object
        columns[name] = np.repeat(np.array([each.key[name] for each in found], dtype=kind), sizes)
    for name in FACTS:
        parts = [each.facts[name] for each in found]
        column = np.concatenate(parts) if parts else np.zeros(0, dtype=_KINDS.get(name, object))
        columns[name] = column.astype(object) if name == "date" else column
    number = np.concatenate([each.facts["batch_id"] for each in found]) if found else np.zeros(0, dtype=np.int64)
    which, place = np.unique(number, return_inverse=True)
    told = entries(connection, which.tolist())
    authors = np.array([told[each][0] for each in which.tolist()], dtype=object)
    moments = np.array([told[each][1] for each in which.tolist()], dtype="datetime64[us]")
    return pd.DataFrame({**columns, "author": authors[place], "recorded_at": moments[place], "batch": number})


def entries(connection: sa.Connection, numbers: list[int]) -> dict[int, tuple[str, dt.datetime]]:
    """Return who recorded some batches, and when."""
    if not numbers:
        return {}
    query = sa.select(batch.c.id, batch.c.author, batch.c.recorded_at)
    if len(numbers) <= _ASKED_AT_ONCE:
        query = query.where(batch.c.id.in_(sa.bindparam("entries", expanding=True)))
    return {each[0]: (each[1], each[2]) for each in connection.execute(query, {"entries": numbers})}
