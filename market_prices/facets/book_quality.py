"""The quality of a book: what is flagged, why, and what a steward decides; nothing is deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from gis.messages import translator
from market_prices.facets.book_refusals import day_told
from market_prices.facets.book_reports import BookReports
from market_prices.intake.files import ReadFile
from market_prices.intake.import_report import ImportReport
from market_prices.ledger.book_engine import reading, writing
from market_prices.ledger.index_items_kept import product_meant, words_for
from market_prices.ledger.row_fate import SMALL_FILE
from market_prices.price_errors import ObservationError, UnknownNameError
from market_prices.quality import flag_book
from market_prices.quality.flag_book import REPORTED
from market_prices.quality.flag_words import kind_name, severity_name, status_name
from market_prices.quality.quality_check import MODES, CheckScope, QualityReport, check_book, check_new
from market_prices.quality.reader_reports import reports_of
from market_prices.quality.road_calendar import read_road_calendar
from market_prices.readings.figures import with_names

_ = translator("market_prices")

STATUSES = ("open", "confirmed", "dismissed", "lapsed", "superseded", "all")
"""What a flag may be."""
_FLAG_COLUMNS = (
    "flag",
    "status",
    "status_name",
    "kind",
    "kind_name",
    "severity",
    "severity_name",
    "mode",
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
    "currency",
    "source",
    "date",
    "time",
    "price",
    "factor",
    "expected",
    "suggested",
    "note",
    "author",
    "recorded_at",
    "decided_by",
    "reason",
    "decided_at",
    "contact",
)


class BookQuality(BookReports):
    """Checking and deciding; ``Book`` adds opening and writing prices."""

    def check_quality(
        self,
        product: str | None = None,
        market: str | None = None,
        *,
        mode: str = "retrospective",
        road_blocks: Path | str | None = None,
        author: str = "",
        dry_run: bool = False,
    ) -> QualityReport:
        """Examine the prices that hold and record what looks wrong; no price is changed.

        Parameters
        ----------
        product, market
            Flag only these; all others are looked at, to tell a shock from an error.
        mode
            ``retrospective`` knows the prices before and after each; ``entry`` judges each by those before it.
        road_blocks
            CSV with ``fecha`` and ``bloqueos``: the calendar is kept in the book for later checks.
        author
            Who asks for the check.
        dry_run
            Say what would be found and record nothing.

        Raises
        ------
        UnknownNameError
            Product or market is in no vocabulary.
        ObservationError
            No such mode.
        PriceFileError
            The calendar is none.
        gis.errors.MissingError
            There is no such file.
        BookError
            The book refuses; it stays as it was.
        """
        if mode not in MODES:
            raise ObservationError(
                _("Modo desconocido: «{text}»").format(text=mode),
                expected=_("retrospective (mirando atrás) o entry (al anotar)"),
            )
        scope = CheckScope(
            mode=mode,
            today=self.today,
            product=product_meant(self._engine, product, self.vocabulary)[0] if product else None,
            market=self.vocabulary.market(market).id if market else None,
            indexes=tuple(each.id for each in self.vocabulary.all_markets if each.kind == "index"),
        )
        calendar = read_road_calendar(Path(road_blocks)) if road_blocks else {}
        who = author or _("desconocido")
        with writing(self._engine, keep=not dry_run) as connection:
            now = self._moment()
            flag_book.keep_road_blocks(connection, calendar, author=who, now=now)
            return check_book(connection, scope, self.vocabulary, author=who, now=now)

    def flags(
        self,
        product: str | None = None,
        market: str | None = None,
        *,
        status: str = "open",
        severity: str | None = None,
        as_of: dt.date | str | None = None,
    ) -> pd.DataFrame:
        """Return the flags with their explanation and the decision that holds, worst first.

        A flag of kind ``reported`` tells the readers' words as its note and, for the steward alone, their ``contact``.

        Parameters
        ----------
        product, market
            Any spelling; all when omitted.
        status
            ``open``, ``confirmed``, ``dismissed``, ``lapsed`` (no longer holds), ``superseded`` (the price has been
            corrected) or ``all``.
        severity
            ``error``, ``doubtful`` or ``notice``; all when omitted.
        as_of
            Only flags and decisions recorded by the end of this day (UTC).

        Raises
        ------
        UnknownNameError
            Product or market is in no vocabulary.
        ObservationError
            No such status or severity, or a date that is none.
        BookError
            The book cannot be read.
        """
        _known(status, STATUSES)
        _known(severity or "error", ("error", "doubtful", "notice"))
        wanted = product_meant(self._engine, product, self.vocabulary)[0] if product else None
        place = self.vocabulary.market(market).id if market else None
        with reading(self._engine) as connection:
            found = flag_book.flags_frame(connection, as_of=day_told(as_of), severities=[severity] if severity else [])
            words = words_for(connection, found, self.vocabulary)
            told = reports_of(connection, found.loc[found["kind"] == REPORTED, "flag"].tolist())
        found = _with_reports(found, told)
        for name, value in (("product", wanted), ("market", place), ("status", None if status == "all" else status)):
            found = found[found[name] == value] if value is not None else found
        named = with_names(found.assign(flag_kind=found["kind"], kind=found["price_kind"]), words)
        named = named.assign(
            kind=named["flag_kind"],
            kind_name=named["flag_kind"].map(kind_name),
            severity_name=named["severity"].map(severity_name),
            status_name=named["status"].map(status_name),
            order=named["severity"].map({"error": 0, "doubtful": 1, "notice": 2}),
        )
        return named.sort_values(["order", "flag"], kind="stable", ignore_index=True)[list(_FLAG_COLUMNS)]

    def decide(self, flag: int, decision: str, *, author: str, reason: str) -> None:
        """Record what a steward says of a flag; a later decision takes its place and the earlier one stays.

        Parameters
        ----------
        flag
            Number of the flag.
        decision
            ``confirmed``: the price is an error and is left out of series and indicators. ``dismissed``: it is right.
        author, reason
            Who decides, and why.

        Raises
        ------
        UnknownNameError
            No such flag.
        ObservationError
            No such decision, or it has no author or no reason.
        BookError
            The book refuses.
        """
        _known(decision, (flag_book.CONFIRMED, flag_book.DISMISSED))
        if not author.strip() or not reason.strip():
            raise ObservationError(_("Una decisión necesita autor y motivo"), remedy=_("Diga quién decide y por qué"))
        with writing(self._engine) as connection:
            if not flag_book.has_flag(connection, flag):
                raise UnknownNameError(
                    _("No hay una marca con el número {flag}").format(flag=flag),
                    remedy=_("Vea los números con: valles prices flags"),
                )
            flag_book.keep_decisions(
                connection, [flag], decision, author=author.strip(), reason=reason.strip(), now=self._moment()
            )

    def _judge_new(self, connection: sa.Connection, read: ReadFile, report: ImportReport, now: dt.datetime) -> None:
        """Judge the new prices of a small file by those before them; a large one waits for :meth:`check_quality`."""
        rows = read.rows
        if rows is None or report.batch is None or report.rows > SMALL_FILE or not rows.good.any():
            return
        good = rows.frame[rows.good]
        places = {each.id for each in self.vocabulary.all_markets if each.kind == "index"}
        good = good[~good["market"].isin(places)]
        if good.empty:
            return
        products = sorted(good["product"].unique())
        first = dt.date.fromisoformat(min(good["date"]))
        found = check_new(connection, report.batch, products, first, self.vocabulary, now=now)
        if read.format == "add":
            for each in found:
                rows.flag(rows.good, flag_book.MARKS[each["severity"]], each["note"])


def _with_reports(found: pd.DataFrame, told: Mapping[int, Sequence[tuple[str, str]]]) -> pd.DataFrame:
    """Put the words of all readers behind a flag in its note, and beside it how to reach them."""
    notes, contacts = [], []
    for flag, note in zip(found["flag"].tolist(), found["note"].tolist(), strict=True):
        reports = told.get(flag, ())
        notes.append(" / ".join(words for words, _contact in reports) or note)
        contacts.append("; ".join(dict.fromkeys(contact for _words, contact in reports if contact)))
    return found.assign(
        note=pd.Series(notes, index=found.index, dtype=object),
        contact=pd.Series(contacts, index=found.index, dtype=object),
    )


def _known(text: str, allowed: tuple[str, ...]) -> None:
    if text not in allowed:
        raise ObservationError(_("Valor desconocido: «{text}»").format(text=text), expected=", ".join(allowed))
