"""Flags, decisions and the road-block calendar in the book: only ever added to, read as known at a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import (
    KEY_COLUMNS,
    batch,
    observation,
    quality_decision,
    quality_flag,
    road_block,
    series,
)

REPORTED = "reported"
"""Kind of the flag that a reader raises: it marks nothing until a steward decides."""
ERROR_KINDS = ("power_of_ten", "transposed", "column", "unit", "isolated", "elsewhere", REPORTED)
"""Kinds that are about one price; confirmed, the price is left out."""
MARKS = {"error": "suspected_error", "doubtful": "doubtful_price"}
"""Word put on a price whose flag nobody has decided on, by severity."""
CONFIRMED, DISMISSED, LAPSED, REOPENED = "confirmed", "dismissed", "lapsed", "reopened"
_EPOCH = dt.date(1970, 1, 1).toordinal()
_MOST_ASKED = 500
_SLOT = ("series_id", "date", "time", "revision")


def flags_frame(
    connection: sa.Connection,
    *,
    as_of: dt.date | None = None,
    of: Sequence[int] | None = None,
    severities: Sequence[str] = (),
) -> pd.DataFrame:
    """Return flags as known at a date, with the price each is about and the decision that holds.

    Parameters
    ----------
    connection
        To the book.
    as_of
        Only what had been recorded by the end of this day (UTC).
    of
        Only flags on these series.
    severities
        Only flags of these.

    Returns
    -------
    pandas.DataFrame
        The columns of ``quality_flag`` with ``id`` as ``flag``; the series key, its ``kind`` as ``price_kind``;
        ``price``; ``status`` (``open``, ``confirmed``, ``dismissed``, ``lapsed`` or ``superseded``), ``decided_by``,
        ``reason``, ``decided_at``.
    """
    flag, told = quality_flag, observation
    keys = [series.c[name].label("price_kind" if name == "kind" else name) for name in KEY_COLUMNS]
    query = (
        sa.select(flag, *keys, told.c.price, _superseded(None if as_of is None else _end(as_of)).label("later"))
        .join(series, series.c.id == flag.c.series_id)
        .join(told, sa.and_(*(told.c[name] == flag.c[name] for name in _SLOT)))
        .order_by(flag.c.id)
    )
    if as_of is not None:
        query = query.where(flag.c.recorded_at < _end(as_of))
    if severities:
        query = query.where(flag.c.severity.in_(severities))
    if of is not None and len(of) <= _MOST_ASKED:
        query = query.where(flag.c.series_id.in_([int(each) for each in of]))
    found = [_with_decision(dict(each)) for each in connection.execute(query).mappings()]
    decided = _last_decisions(connection, [each["flag"] for each in found], as_of)
    for each in found:
        last = decided.get(each["flag"])
        if last is not None:
            _decide(each, last)
    columns = [*("flag", "status", "decided_by", "reason", "decided_at"), *(each.name for each in keys), "price"]
    return pd.DataFrame(found, columns=[*columns, *(each.name for each in flag.c if each.name != "id")])


def _with_decision(flag: dict[str, Any]) -> dict[str, Any]:
    flag["flag"] = flag.pop("id")
    flag["status"] = "superseded" if flag.pop("later") else "open"
    return {**flag, "decided_by": "", "reason": "", "decided_at": None}


def _decide(flag: dict[str, Any], last: Mapping[str, Any]) -> None:
    if last["decision"] == REOPENED:
        return
    if flag["status"] == "open":
        flag["status"] = last["decision"]
    flag |= {"reason": last["reason"], "decided_at": last["recorded_at"], "decided_by": last["author"]}


def _superseded(limit: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401  a moment, or a parameter for one
    """Say that a later record of the price was known before some moment; ``None``: now."""
    later = observation.alias("later")
    same = [later.c[name] == quality_flag.c[name] for name in ("series_id", "date", "time")]
    if limit is not None:
        same.append(later.c.batch_id.in_(sa.select(batch.c.id).where(batch.c.recorded_at < limit)))
    return sa.exists().where(*same, later.c.revision > quality_flag.c.revision)


def _last_decisions(
    connection: sa.Connection, flags: Sequence[int], as_of: dt.date | None
) -> dict[int, Mapping[str, Any]]:
    query = sa.select(quality_decision).order_by(quality_decision.c.id)
    if len(flags) <= _MOST_ASKED:
        query = query.where(quality_decision.c.flag_id.in_(flags))
    if as_of is not None:
        query = query.where(quality_decision.c.recorded_at < _end(as_of))
    return {int(each["flag_id"]): dict(each) for each in connection.execute(query).mappings()}


def _end(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(min(day, dt.date.max - dt.timedelta(days=1)) + dt.timedelta(days=1), dt.time())


def live_marks(
    connection: sa.Connection, of: Sequence[int], *, as_of: dt.date | None = None
) -> dict[tuple[int, dt.date, str], tuple[str, bool]]:
    """Return what readers of some series must know of prices with a flag, in one question to the book.

    Returns
    -------
    dict
        By series, date and time: the words to put on the price, and whether a steward confirmed that it is an error.
        Flags that lapsed, were superseded or are mere notices are not among them.
    """
    numbers = [int(each) for each in of] if len(of) <= _MOST_ASKED else None
    given = {"numbers": numbers, "known": None if as_of is None else _end(as_of)}
    query = _marks_statement(known=as_of is not None, named=numbers is not None)
    marks: dict[tuple[int, dt.date, str], tuple[str, bool]] = {}
    for each in connection.execute(query, {name: value for name, value in given.items() if value is not None}):
        if each.decision == LAPSED or (each.kind == REPORTED and each.decision is None):
            continue
        wrong = each.decision == CONFIRMED and each.kind in ERROR_KINDS
        word = _mark(each.kind, each.severity, each.decision, wrong=wrong)
        words, already = marks.get((each.series_id, each.date, each.time), ("", False))
        both = " ".join(sorted({*words.split(), word}))
        marks[each.series_id, each.date, each.time] = (both, already or wrong)
    return marks


@lru_cache
def _marks_statement(*, known: bool, named: bool) -> sa.Select[Any]:
    """Ask for flags and the last decision on each, composed once; ``numbers`` and ``known`` are its parameters."""
    flag, told = quality_flag, quality_decision
    last = sa.select(told.c.decision).where(told.c.flag_id == flag.c.id).order_by(told.c.id.desc()).limit(1)
    limit = sa.bindparam("known", type_=batch.c.recorded_at.type) if known else None
    conditions = [sa.or_(flag.c.severity.in_(list(MARKS)), flag.c.kind == REPORTED), ~_superseded(limit)]
    if limit is not None:
        last = last.where(told.c.recorded_at < limit)
        conditions.append(flag.c.recorded_at < limit)
    if named:
        conditions.append(flag.c.series_id.in_(sa.bindparam("numbers", expanding=True)))
    names = ("series_id", "date", "time", "kind", "severity")
    columns = [*(flag.c[name] for name in names), last.scalar_subquery().label("decision")]
    return sa.select(*columns).where(*conditions).order_by(flag.c.id)


def price_marks(connection: sa.Connection, of: Sequence[int], *, as_of: dt.date | None = None) -> pd.DataFrame:
    """Return :func:`live_marks` as a table: ``series_id``, ``date``, ``time``, ``mark`` and ``confirmed``."""
    told = [(*slot, *mark) for slot, mark in live_marks(connection, of, as_of=as_of).items()]
    return pd.DataFrame(told, columns=["series_id", "date", "time", "mark", "confirmed"])


def _mark(kind: str, severity: str, decision: str | None, *, wrong: bool) -> str:
    if wrong:
        return "confirmed_error"
    if decision == DISMISSED:
        return "checked_price"
    return "unit_change" if kind == "unit_change" else MARKS[severity]


def keep_flags(connection: sa.Connection, rows: Iterable[Mapping[str, Any]], *, author: str, now: dt.datetime) -> int:
    """Write the flags, and return how many; those of ``rows`` must be new."""
    fresh = [{**each, "author": author, "recorded_at": now} for each in rows]
    if fresh:
        connection.execute(sa.insert(quality_flag), fresh)
    return len(fresh)


def keep_decisions(
    connection: sa.Connection, flags: Iterable[int], decision: str, *, author: str, reason: str, now: dt.datetime
) -> int:
    """Write one decision on each of some flags, and return how many."""
    told = {"decision": decision, "author": author, "reason": reason, "recorded_at": now}
    rows = [{"flag_id": int(each), **told} for each in flags]
    if rows:
        connection.execute(sa.insert(quality_decision), rows)
    return len(rows)


def has_flag(connection: sa.Connection, flag: int) -> bool:
    """Say whether there is a flag of this number."""
    return connection.execute(sa.select(quality_flag.c.id).where(quality_flag.c.id == flag)).first() is not None


def revision_of(connection: sa.Connection, series_id: int, date: dt.date, time: str) -> int:
    """Return the number of the record that holds for a price."""
    same = (observation.c.series_id == series_id, observation.c.date == date, observation.c.time == time)
    found = connection.execute(sa.select(sa.func.max(observation.c.revision)).where(*same)).scalar_one()
    return int(found)


def keep_road_blocks(
    connection: sa.Connection, calendar: Mapping[dt.date, float], *, author: str, now: dt.datetime
) -> int:
    """Write the days that are new or changed, and return how many."""
    known = {_EPOCH + day: blocks for day, blocks in road_blocks(connection).items()}
    rows = [
        {"date": day, "blocks": blocks, "author": author, "recorded_at": now}
        for day, blocks in sorted(calendar.items())
        if known.get(day.toordinal()) != blocks
    ]
    if rows:
        connection.execute(sa.insert(road_block), rows)
    return len(rows)


def road_blocks(connection: sa.Connection, *, before: dt.datetime | None = None) -> dict[int, float]:
    """Return the road blocks of each day, by days since 1970-01-01, as recorded before a moment (UTC), or until now."""
    query = sa.select(road_block.c.date, road_block.c.blocks).order_by(road_block.c.id)
    if before is not None:
        query = query.where(road_block.c.recorded_at < before)
    found = connection.execute(query).all()
    return {each.date.toordinal() - _EPOCH: float(each.blocks) for each in found}
