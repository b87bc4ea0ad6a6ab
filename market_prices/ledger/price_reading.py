"""Asking the book: the last price of each series, and all prices of some, as they were known at a date.

A question is composed once for each kind of selection, because composing one takes longer than answering it.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import KEY_COLUMNS, UNUSUAL, UNUSUAL_SERIES, batch, observation, quality_flag, series
from market_prices.readings.price_columns import SeriesColumns

FACTS = ("date", "time", "low", "price", "high", "offered", "availability", "sale", "origin", "flags", "line")
"""What an observation says, besides its series."""
_KINDS = {
    "series_id": "int64",
    "date": "datetime64[D]",
    "line": "int64",
    "batch_id": "int64",
    **dict.fromkeys(("low", "price", "high", "offered"), "float64"),
}
"""Kind of the columns that are not texts."""
_PACKED = "packed"
"""Column of what hardly any record says, in one text."""
_ASKED_AT_ONCE = 500
_LOT = 128
"""Rows fetched at once."""


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
    narrow = shape._replace(equal=(), markets=False, without=False, numbers=False)
    told: dict[int, dict[str, np.ndarray]] = {}
    for unusual in (False, True):
        numbers = [each[0] for each in keys if bool(each[2]) is unusual]
        for start in range(0, len(numbers), _ASKED_AT_ONCE):
            part = numbers[start : start + _ASKED_AT_ONCE]
            told |= _read(connection, _Asked(narrow, names, one=len(part) == 1, unusual=unusual), given, part)
    return [
        SeriesColumns(
            number=number,
            key=dict(zip(KEY_COLUMNS, key, strict=True)),
            marked=bool(marked),
            facts=told[number],
        )
        for number, marked, _unusual, *key in keys
        if number in told
    ]


class _Asked(NamedTuple):
    """What is asked of records."""

    shape: Shape
    names: tuple[str, ...]
    one: bool
    """Of one series."""
    unusual: bool
    """Some may be withdrawn, take the place of others, have a flag or an hour."""


def _read(
    connection: sa.Connection, asked: _Asked, given: Mapping[str, Any], numbers: list[int]
) -> dict[int, dict[str, np.ndarray]]:
    """Return the facts of each series; later records of a slot take the place of earlier ones."""
    query, names = _facts_statement(asked)
    told: list[list[Any]] = [[] for _name in names]
    cursor = connection.execute(query, {**given, "number": numbers[0], "numbers": numbers}).cursor
    # As the driver gives them: every column is of a kind that needs no conversion. And in small lots: thousands of rows
    # alive at once call the collector of garbage, which stops everything.
    while rows := cursor.fetchmany(_LOT):
        for values, column in zip(told, zip(*rows, strict=True), strict=True):
            values.extend(column)
    size = len(told[0])
    facts = {name: _column(name, values) for name, values in zip(names, told, strict=True)}
    unusual = facts.pop(_PACKED, None)
    facts |= {name: np.full(size, "", dtype=object) for name in ("time", "flags") if name in {"time", *asked.names}}
    owner = np.full(size, numbers[0]) if asked.one else facts["series_id"]
    if unusual is not None:
        facts = _held({**facts, "series_id": owner}, unusual)
        owner = facts["series_id"]
    facts.pop("series_id", None)
    starts = np.flatnonzero(np.diff(owner, prepend=-1)).tolist()
    return {
        int(owner[first]): {name: each[first:end] for name, each in facts.items()}
        for first, end in zip(starts, [*starts, len(owner)][1:], strict=True)
    }


def _held(facts: dict[str, np.ndarray], unusual: np.ndarray) -> dict[str, np.ndarray]:
    """Put in what few records say (:func:`_packed`), and leave out those withdrawn or replaced by the next."""
    revised = np.zeros(len(unusual), dtype=bool)
    kept = ~revised
    for at in np.flatnonzero(unusual):
        facts["time"][at], revision, withdrawn, flags = unusual[at].split("/", maxsplit=3)
        revised[at], kept[at] = revision != "0", withdrawn == "0"
        if "flags" in facts:
            facts["flags"][at] = flags
    if revised.any():
        kept[:-1] &= ~np.logical_and.reduce(
            [facts[name][1:] == facts[name][:-1] for name in ("series_id", "date", "time")]
        )
    return facts if kept.all() else {name: each[kept] for name, each in facts.items()}


def _column(name: str, values: list[Any]) -> np.ndarray:
    kind = _KINDS.get(name)
    if kind is None:
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return column
    return np.array(values, dtype=kind)


@functools.lru_cache(maxsize=64)
def _series_statement(shape: Shape) -> sa.Select[Any]:
    """Ask for the series of a selection, whether each has a flag, and whether it has an unusual record."""
    marked = sa.exists().where(quality_flag.c.series_id == series.c.id).label("marked")
    unusual = sa.exists().where(series.c.id == UNUSUAL_SERIES, UNUSUAL).label("unusual")
    chosen = (series.c.id, marked, unusual, *(series.c[name] for name in KEY_COLUMNS))
    order = (*(series.c[name] for name in KEY_COLUMNS), series.c.id)
    return sa.select(*chosen).where(*series_conditions(shape)).order_by(*order)


@functools.lru_cache(maxsize=64)
def _facts_statement(asked: _Asked) -> tuple[sa.Select[Any], list[str]]:
    """Ask for records in the order of the index that holds all of them, so that nothing is sorted or looked up."""
    told, shape = observation, asked.shape
    of = (
        told.c.series_id == sa.bindparam("number")
        if asked.one
        else told.c.series_id.in_(sa.bindparam("numbers", expanding=True))
    )
    dated = [told.c.date >= sa.bindparam("start", type_=told.c.date.type)] if shape.start else []
    dated += [told.c.date <= sa.bindparam("end", type_=told.c.date.type)] if shape.end else []
    plain = [told.c[name] for name in asked.names if name not in {"date", "time", "flags"}]
    chosen: list[sa.ColumnElement[Any]] = [sa.type_coerce(told.c.date, sa.String).label("date"), *plain]
    chosen += [] if asked.one else [told.c.series_id]
    chosen += [_packed().label(_PACKED)] if asked.unusual else []
    order = (told.c.series_id, told.c.date, told.c.time, told.c.revision)
    query = sa.select(*chosen).where(of, *dated, *known(told, shape)).order_by(*order)
    return query, [each.name for each in query.selected_columns]


def _packed() -> sa.ColumnElement[Any]:
    """Put hour, revision, withdrawal and flags into one text, missing for a usual record: each column costs time."""
    told, between = observation, sa.literal_column("'/'", sa.String)
    withdrawn = sa.case((told.c.withdrawn, "1"), else_="0")
    parts = (told.c.time, between, sa.cast(told.c.revision, sa.String), between, withdrawn, between, told.c.flags)
    return sa.case((UNUSUAL, functools.reduce(operator.add, parts)))


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
