"""The last price of each series and the one before it, as they were known at a date."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from market_prices.book_tables import KEY_COLUMNS, batch, observation, quality_flag, series
from market_prices.ledger.price_reading import FACTS, Selection, Shape, holds, series_conditions


def latest_rows(connection: sa.Connection, wanted: Selection) -> list[dict[str, Any]]:
    """Return the last priced observation of each series, one row per series, with the price before it.

    Columns: the series key, :data:`FACTS`, ``series_id``, ``author``, ``recorded_at``, ``previous_date``,
    ``previous_price`` and ``marked``: a flag of the quality check is about one of the two prices.
    """
    query, names = _latest_statement(wanted.shape())
    return [dict(zip(names, each, strict=True)) for each in connection.execute(query, wanted.given()).fetchall()]


@lru_cache(maxsize=64)
def _latest_statement(shape: Shape) -> tuple[sa.Select[Any], list[str]]:
    last, before = observation.alias("last"), observation.alias("before")
    entry, flag = batch.alias("entry"), quality_flag.alias("flag")
    days = flag.c.date == last.c.date, flag.c.date == before.c.date
    chosen = [
        series.c.id.label("series_id"),
        *(series.c[name] for name in KEY_COLUMNS),
        *(last.c[name] for name in FACTS),
        entry.c.author,
        entry.c.recorded_at,
        before.c.date.label("previous_date"),
        before.c.price.label("previous_price"),
        sa.exists().where(flag.c.series_id == series.c.id, sa.or_(*days)).label("marked"),
    ]
    source = (
        series.join(last, last.c.id == _nth(shape, 0))
        .join(entry, entry.c.id == last.c.batch_id)
        .outerjoin(before, before.c.id == _nth(shape, 1))
    )
    query = sa.select(*chosen).select_from(source).where(*series_conditions(shape))
    order = (*(series.c[name] for name in ("product", "market", "level", "variety", "unit")), series.c.id)
    return query.order_by(*order), [each.name for each in chosen]


def last_records(
    connection: sa.Connection, number: int, wanted: Selection, count: int, *, priced: bool = True
) -> list[dict[str, Any]]:
    """Return the last observations of one series that hold, the newest first; all of them or the priced ones.

    Columns: :data:`FACTS`, ``author``, ``recorded_at``.
    """
    query, names = _last_statement(wanted.shape(), priced=priced)
    given = {**wanted.given(), "number": number, "count": count}
    return [dict(zip(names, each, strict=True)) for each in connection.execute(query, given)]


@lru_cache(maxsize=16)
def _last_statement(shape: Shape, *, priced: bool) -> tuple[sa.Select[Any], list[str]]:
    told, entry = observation.alias("told"), batch.alias("entry")
    chosen = [*(told.c[name] for name in FACTS), entry.c.author, entry.c.recorded_at]
    query = (
        sa.select(*chosen)
        .join(entry, entry.c.id == told.c.batch_id)
        .where(told.c.series_id == sa.bindparam("number"), *_holding(told, shape, priced=priced))
        .order_by(told.c.date.desc(), told.c.time.desc(), told.c.revision.desc())
        .limit(sa.bindparam("count", type_=sa.Integer))
    )
    return query, [each.name for each in chosen]


def _holding(told: sa.FromClause, shape: Shape, *, priced: bool) -> list[sa.ColumnElement[bool]]:
    """Say that a record is not after the last day asked for and holds, and that it has a price."""
    dated = [told.c.date <= sa.bindparam("end", type_=told.c.date.type)] if shape.end else []
    return [*([told.c.price.is_not(None)] if priced else []), *dated, *holds(told, shape)]


def _nth(shape: Shape, offset: int) -> sa.ScalarSelect[int]:
    """Return the id of the last priced record of the series at hand, or of the one ``offset`` before it."""
    told = observation.alias(f"told{offset}")
    return (
        sa.select(told.c.id)
        .where(told.c.series_id == series.c.id, *_holding(told, shape, priced=True))
        .order_by(told.c.date.desc(), told.c.time.desc(), told.c.revision.desc())
        .limit(1)
        .offset(offset)
        .correlate(series)
        .scalar_subquery()
    )
