"""A market day typed in a form: rehearsed with every doubt told, then recorded whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gis.messages import translator
from market_prices.book_tables import batch, observation
from market_prices.facets.book_quality import BookQuality
from market_prices.intake.intake_rows import IntakeRows
from market_prices.intake.typed_day import MOST_ROWS, typed_day
from market_prices.ledger.book_engine import writing
from market_prices.ledger.book_writer import record
from market_prices.price_errors import ObservationError
from market_prices.quality.quality_check import check_new
from market_prices.readings.figures import json_ready

_ = translator("market_prices")

NEW, SAME, DOUBTFUL, REJECTED = "new", "same", "doubtful", "rejected"
"""What becomes of a typed row: recorded, there already, recorded once it is confirmed, or refused."""
_TOLD = ("date", "product", "variety", "market", "level", "unit", "quantity", "low", "price", "high", "availability")


@dataclass(frozen=True, kw_only=True)
class DayLine:
    """One typed row and what becomes of it."""

    line: int
    """Its number in the form."""
    status: str
    """``new``, ``same``, ``doubtful`` or ``rejected``."""
    reason: str
    """Why it is doubted or refused, in words; else empty."""
    figure: Mapping[str, Any]
    """The row as it was understood, with ``product_name`` and ``unit_name``; figures are ``None`` where not told."""


@dataclass(frozen=True, kw_only=True)
class DayReport:
    """What became of a form."""

    lines: tuple[DayLine, ...]
    written: bool
    """Whether it was recorded; then it was recorded whole."""
    batch: int | None
    """Number of the record in the book; ``None`` if nothing was written."""

    def of(self, status: str) -> tuple[DayLine, ...]:
        """Return the rows of one state."""
        return tuple(each for each in self.lines if each.status == status)


class BookDay(BookQuality):
    """Recording what was typed; ``Book`` adds opening and files."""

    def record_day(
        self,
        market: str,
        rows: Sequence[tuple[int, Mapping[str, str]]],
        *,
        author: str,
        confirmed: Collection[int] = (),
        corrects_others: bool = False,
        dry_run: bool = False,
    ) -> DayReport:
        """Record typed rows of one market in one transaction: all of them, or none while one is refused or doubted.

        Parameters
        ----------
        market
            Where they were seen.
        rows
            Number of each in its form, and its cells as typed: ``product``, ``unit``, ``price``, ``low``, ``date`` …
        author, corrects_others
            Who saw them, and whether he may change what another author recorded of the same day.
        confirmed
            Numbers of the rows that the author confirms although they are doubted.
        dry_run
            Only say what would become of them.

        Raises
        ------
        UnknownNameError
            No such market.
        ObservationError
            There is no row, or there are too many.
        BookError
            The book refuses; it stays as it was.
        """
        if not 0 < len(rows) <= MOST_ROWS:
            raise ObservationError(
                _("El formulario trae {count} filas").format(count=len(rows)),
                expected=_("De 1 a {most}: al menos un producto con su precio").format(most=MOST_ROWS),
            )
        place = self.vocabulary.market(market).id
        given = [(number, {**row, "market": place}) for number, row in rows]
        read = typed_day(given, self.vocabulary, self.today)
        if (told := read.rows) is None:
            return DayReport(lines=(), written=False, batch=None)
        with writing(self._engine) as connection:
            now = self._clock().astimezone(dt.UTC).replace(tzinfo=None)
            done = record(connection, read, author=author, now=now)
            slots = [] if done.batch is None else _slots(connection, done.batch)
            stored = {int(each.line) for each in slots}
            if not corrects_others:
                _refuse_foreign(connection, told, slots, author)
            if done.batch is not None and stored:
                self._doubt(connection, told, slots, done.batch, now)
            lines = self._lines(told, stored)
            waiting = [each for each in lines if each.status == DOUBTFUL and each.line not in set(confirmed)]
            keep = not dry_run and not waiting and not any(each.status == REJECTED for each in lines)
            transaction = connection.get_transaction()
            if not keep and transaction is not None:
                transaction.rollback()
        return DayReport(lines=lines, written=keep, batch=done.batch if keep else None)

    def _doubt(
        self, connection: sa.Connection, rows: IntakeRows, slots: Sequence[Any], number: int, now: dt.datetime
    ) -> None:
        """Judge the rows by the prices before them, and put what was found on each."""
        good = rows.frame[rows.good]
        if good.empty:
            return
        first = dt.date.fromisoformat(min(good["date"]))
        found = check_new(connection, number, sorted(good["product"].unique()), first, self.vocabulary, now=now)
        at = {(each.series_id, each.date, each.time): int(each.line) for each in slots}
        for each in found:
            line = at.get((each["series_id"], each["date"], each["time"]))
            rows.flag(rows.lines == line, str(each["kind"]), each["note"])

    def _lines(self, rows: IntakeRows, stored: Collection[int]) -> tuple[DayLine, ...]:
        names = {each.id: each.name for each in self.vocabulary.all_products}
        seen = []
        for position, row in enumerate(rows.frame[list(_TOLD)].to_dict("records")):
            line, reason = int(rows.lines[position]), str(rows.notes[position])
            if not rows.good[position]:
                status, reason = REJECTED, str(rows.reason[position])
            elif line not in stored:
                status, reason = SAME, ""
            else:
                status = DOUBTFUL if rows.flags[position] else NEW
            figure = {str(name): json_ready(value) for name, value in row.items()}
            figure["product_name"] = names.get(row["product"], row["product"])
            figure["unit_name"] = self.vocabulary.measures.label(row["unit"], row["quantity"]) if row["unit"] else ""
            seen.append(DayLine(line=line, status=status, reason=reason, figure=figure))
        return tuple(seen)


def _slots(connection: sa.Connection, number: int) -> Sequence[Any]:
    """Return where each row of a batch was recorded: series, date, time, revision and its line."""
    told = observation.c
    query = sa.select(told.series_id, told.date, told.time, told.revision, told.line)
    return connection.execute(query.where(told.batch_id == number)).all()


def _refuse_foreign(connection: sa.Connection, rows: IntakeRows, slots: Sequence[Any], author: str) -> None:
    """Refuse rows that change what another author recorded of the same day."""
    for each in slots:
        if not each.revision:
            continue
        same = [observation.c[name] == getattr(each, name) for name in ("series_id", "date", "time")]
        query = sa.select(batch.c.author).join(observation, observation.c.batch_id == batch.c.id)
        before = connection.execute(query.where(*same, observation.c.revision == each.revision - 1)).scalar_one()
        if before != author:
            where = rows.lines == each.line
            old = str(rows.notes[where][0])
            rows.reject(
                where,
                "author",
                _("{note}; lo anotó {author}: pida a un responsable que lo corrija").format(note=old, author=before),
            )
