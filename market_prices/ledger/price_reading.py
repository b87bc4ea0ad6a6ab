"""Asking the book: the last price of each series, and all prices of some, as they were known at a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import KEY_COLUMNS, batch, observation, series

FACTS = ("date", "time", "low", "price", "high", "offered", "availability", "sale", "origin", "flags", "line")
"""What an observation says, besides its series."""


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


def latest_frame(connection: sa.Connection, wanted: Selection) -> pd.DataFrame:
    """Return the last priced observation of each series, one row per series, with the price before it.

    Columns: the series key, :data:`FACTS`, ``series_id``, ``author``, ``recorded_at``, ``previous_date``,
    ``previous_price``.
    """
    query, chosen = _latest_query(wanted)
    return _frame(connection, query, chosen)


def latest_rows(connection: sa.Connection, wanted: Selection) -> list[dict[str, Any]]:
    """Return what :func:`latest_frame` does as plain rows, quicker where there are few."""
    if wanted.as_of is not None or wanted.end is not None or wanted.markets or wanted.numbers:
        query, chosen = _latest_query(wanted)
        found = connection.execute(query)
        names = [each.name for each in chosen]
    else:
        query, names = _latest_statement(tuple(wanted.equal), without=bool(wanted.without))
        given = {f"equal_{name}": value for name, value in wanted.equal.items()}
        found = connection.execute(query, given | ({"without": wanted.without} if wanted.without else {}))
    return [dict(zip(names, each, strict=True)) for each in found]


@lru_cache(maxsize=64)
def _latest_statement(equal: tuple[str, ...], *, without: bool) -> tuple[sa.Select[Any], list[str]]:
    """Return the question for a kind of selection, composed once: composing takes longer than answering."""
    shape: Any = Selection(equal={name: sa.bindparam(f"equal_{name}") for name in equal})  # type: ignore[misc]
    query, chosen = _latest_query(shape)
    if without:
        query = query.where(series.c.market.not_in(sa.bindparam("without", expanding=True)))
    return query, [each.name for each in chosen]


def _latest_query(wanted: Selection) -> tuple[sa.Select[Any], list[Any]]:
    last, before = observation.alias("last"), observation.alias("before")
    entry = batch.alias("entry")
    chosen = [
        series.c.id.label("series_id"),
        *(series.c[name] for name in KEY_COLUMNS),
        *(last.c[name] for name in FACTS),
        entry.c.author,
        entry.c.recorded_at,
        before.c.date.label("previous_date"),
        before.c.price.label("previous_price"),
    ]
    source = (
        series.join(last, last.c.id == _nth(wanted, 0))
        .join(entry, entry.c.id == last.c.batch_id)
        .outerjoin(before, before.c.id == _nth(wanted, 1))
    )
    query = sa.select(*chosen).select_from(source).where(*_series_conditions(wanted))
    order = (*(series.c[name] for name in ("product", "market", "level", "variety", "unit")), series.c.id)
    return query.order_by(*order), chosen


def series_frame(connection: sa.Connection, wanted: Selection) -> pd.DataFrame:
    """Return every observation that holds, ordered by series, date and time.

    Columns: the series key, :data:`FACTS`, ``series_id``, ``author``, ``recorded_at``, ``batch``.
    """
    told = observation.alias("told")
    entry = batch.alias("entry")
    chosen = [
        series.c.id.label("series_id"),
        *(series.c[name] for name in KEY_COLUMNS),
        *(told.c[name] for name in FACTS),
        entry.c.author,
        entry.c.recorded_at,
        entry.c.id.label("batch"),
    ]
    conditions = [*_series_conditions(wanted), *_holds(told, wanted)]
    if wanted.start is not None:
        conditions.append(told.c.date >= wanted.start)
    if wanted.end is not None:
        conditions.append(told.c.date <= wanted.end)
    source = series.join(told, told.c.series_id == series.c.id).join(entry, entry.c.id == told.c.batch_id)
    query = sa.select(*chosen).select_from(source).where(*conditions)
    order = [*(series.c[name] for name in KEY_COLUMNS), told.c.date, told.c.time]
    return _frame(connection, query.order_by(*order), chosen)


def _frame(connection: sa.Connection, query: sa.Select[Any], chosen: list[Any]) -> pd.DataFrame:
    found = connection.execute(query).all()
    return pd.DataFrame([tuple(each) for each in found], columns=[each.name for each in chosen])


def _series_conditions(wanted: Selection) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [series.c[name] == value for name, value in wanted.equal.items()]
    if wanted.numbers:
        conditions.append(series.c.id.in_(wanted.numbers))
    if wanted.markets:
        conditions.append(series.c.market.in_(wanted.markets))
    if wanted.without:
        conditions.append(series.c.market.not_in(wanted.without))
    return conditions


def known_before(as_of: dt.date | None) -> dt.datetime | None:
    """Return the moment (UTC) before which something was recorded if it was known by the end of a day."""
    if as_of is None or as_of == dt.date.max:
        return None
    return dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())


def _known(told: sa.FromClause, wanted: Selection) -> list[sa.ColumnElement[bool]]:
    limit = known_before(wanted.as_of)
    if limit is None:
        return []
    return [told.c.batch_id.in_(sa.select(batch.c.id).where(batch.c.recorded_at < limit))]


def _holds(told: sa.FromClause, wanted: Selection) -> list[sa.ColumnElement[bool]]:
    """Say that a record is known, is not withdrawn, and no later known record of its day takes its place."""
    later = observation.alias("later")
    replaced = sa.exists().where(
        later.c.series_id == told.c.series_id,
        later.c.date == told.c.date,
        later.c.time == told.c.time,
        later.c.revision > told.c.revision,
        *_known(later, wanted),
    )
    return [~told.c.withdrawn, ~replaced, *_known(told, wanted)]


def _nth(wanted: Selection, offset: int) -> sa.ScalarSelect[int]:
    """Return the id of the last priced record of the series at hand, or of the one ``offset`` before it."""
    told = observation.alias(f"told{offset}")
    dated = [told.c.date <= wanted.end] if wanted.end is not None else []
    return (
        sa.select(told.c.id)
        .where(told.c.series_id == series.c.id, told.c.price.is_not(None), *dated, *_holds(told, wanted))
        .order_by(told.c.date.desc(), told.c.time.desc(), told.c.revision.desc())
        .limit(1)
        .offset(offset)
        .correlate(series)
        .scalar_subquery()
    )
