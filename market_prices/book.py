"""The price book: the one door through which prices are written and read.

What the command line and the pages call, exactly::

    Book.open(target, *, today=None, vocabulary=None) -> Book
        target: workspace object, its folder, a book's file, or a database URL; a context manager; book.close()
    book.vocabulary -> Vocabulary        .product(text) .market(text) .municipality_market(code)
    book.products() -> tuple[Product, ...]   .id .name .group .scientific .synonyms .varieties .local
    book.markets() -> tuple[Market, ...]     .id .name .kind .municipality .lon .lat .days .hours .buyers
    book.import_file(path, *, author="", dry_run=False, fix=False) -> ImportReport     fix: a corrected export_rejected
        .accepted .flagged .rejected .duplicates .format .rows .problems (kept rows, at most 20) .as_dict()
    book.add(product, market, *, price, unit, date=None, level="wholesale", quantity=1.0, variety="", package="",
             low=None, high=None, time="", currency="BOB", availability="", sale="", offered=None, origin="",
             source="local", author="", correction=False) -> Recorded     .figure .flags .reason .as_dict()
    book.record_day(market, rows, *, author, confirmed=(), corrects_others=False, dry_run=False) -> DayReport
        rows: (number, cells as typed) of a form; recorded whole, or not while a row is refused or an unconfirmed doubt
    book.add_user(name, role, *, municipalities=()) .users() .issue_token(user) .tokens() .revoke_user() .revoke_token()
        who may write over HTTP and in the pages; role: collector | steward | admin
    book.rejected(*, status="rejected", file=None, as_of=None) -> DataFrame    status: rejected | flagged | fixed | all
        columns batch, file, recorded_at, line, status, code, reason, raw, row, fixed_batch
    book.export_rejected(path, *, file=None) -> Path    CSV to be corrected in place and given back as a fix
    book.latest(product=None, market=None, *, as_of=None, level=None, unit=None, kind=None) -> DataFrame
    book.series(product, market, *, as_of=None, level=None, unit=None, kind=None, variety=None, start=None, end=None,
                frequency=None, raw=False) -> DataFrame      frequency: None | "weekly" | "monthly" (gaps are rows)
        raw: with the prices that a steward confirmed to be errors; everywhere else they are left out
    book.indicators(product=None, market=None, *, as_of=None, until=None, level=None, unit=None, variety=None)
        -> DataFrame    one row per series and month: date, price, real_price, alps, alps_real, ifpa, ifpa_real, a class
        of each (alps_class …), change_month, change_year, change_year_real, volatility, base, flags
    book.season(product=None, market=None, *, as_of=None, until=None, level=None, unit=None, variety=None) -> DataFrame
        twelve rows per series: month, index, minimum, low, high, maximum, years, basis (real | nominal), flags
    book.forecast(product=None, market=None, *, as_of=None, until=None, level=None, unit=None, variety=None)
        -> DataFrame    three rows a series: date, horizon, price, low80 … high95, method (mean | last_price),
        season_index, mase, mase_naive, tests, coverage80, coverage95, silence (code), reason (words): why it is silent
    book.spread(product, market=None, *, other=None, as_of=None, until=None, level=None, variety=None, frequency=None)
        -> DataFrame    a row per pair of markets and period: price_a, price_b, spread, spread_pct, road_blocks, …
    book.transmission(…as spread…) -> DataFrame    a row per pair: lag, correlation, changes, p_value, significant
    book.index_items() -> tuple[Product, ...]   items of price indexes that are no products of the vocabulary
    book.check_quality(product=None, market=None, *, mode="retrospective", road_blocks=None, author="", dry_run=False)
        -> QualityReport    mode: retrospective | entry    .examined .found .new .lapsed .road_days .notes .as_dict()
    book.flags(product=None, market=None, *, status="open", severity=None, as_of=None) -> DataFrame    worst first
        status: open | confirmed | dismissed | lapsed | superseded | all; severity: error | doubtful | notice
    book.decide(flag, decision, *, author, reason) -> None    decision: confirmed (an error) | dismissed (right)
    book.bulletin(municipality=None, *, date=None, as_of=None) -> Bulletin    the seven days to a date; None: the region
        .message() .radio() .csv() .pdf() .as_dict() .write(path) in the language of the context; .data: the figures
    book.price_map(moment) -> DataFrame    last price and alert of each municipality and product
    book.state() -> str    changes whenever something is recorded, flagged or decided
    book.report_wrong(market, product=None, *, text, contact="", date=None, level=None, unit=None, variety=None,
                source=None) -> ReaderReport    a reader's flag of kind ``reported``: it changes nothing until decided
    book.report_card(card, *, text, contact="") -> ReaderReport    the same of a PriceCard
    book.compare(product, municipality, *, quantity=1.0, unit="kg", unit_kg=None, market=None, as_of=None) -> DataFrame
        one row per market, best net first: price_per_kg, loss_per_kg, commission_per_kg, freight_per_kg, net_per_kg,
        net_per_unit, net_total, distance_km, estimated, break_even_km, best, why
    book.export(path, *, product=None, market=None, as_of=None) -> Path   .csv .json .parquet by suffix
    book.municipal(code, *, as_of=None) -> MunicipalPrices         .cards: tuple[PriceCard, ...] .as_dict()
    book.summary() -> BookSummary                                  .observations .series .first .last .demo .as_dict()

    records(frame) -> list[dict]      JSON-ready rows: None for a missing figure, ISO dates
    write_template(path, municipality, *, vocabulary=None, days=1) -> Path    market-day sheet, XLSX
    starter_files() -> dict[str, str]   products.toml, measures.toml, markets.toml for a new workspace
    price_map_layers(book) -> list[MapLayer]          collections ``markets`` and ``prices``
    write_demo_prices(folder, *, today=None) -> tuple[Path, ...]   files for import_file, labelled as demonstration

A row of ``latest`` and ``series`` and a ``PriceCard`` carry: product, product_name, variety, market, market_name, level
(``farm_gate|wholesale|retail``), level_name, unit, quantity, unit_name ("kg", "caja", "quintal de 46 kg"), package,
currency, kind (``observed|reference|estimated``), kind_name, source, source_name, date, time, low, price, high,
availability, price_per_kg (missing where no conversion is known), kg_note (why), flags, and, in ``latest`` and cards,
age_days, age_text, stale (older than 60 days: never today's), previous_date, previous_price, change, change_pct. A card
adds ``primary``: the line to show first; the others are there to compare.
"""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from gis.messages import translator
from market_prices.demo_prices import write_demo_prices
from market_prices.facets.book_access import BookAccess
from market_prices.facets.book_bulletin import BookBulletin
from market_prices.facets.book_day import BookDay
from market_prices.facets.book_forecast import BookForecast
from market_prices.facets.book_reader import BookSummary
from market_prices.facets.book_selling import BookSelling
from market_prices.facets.book_spread import BookSpread
from market_prices.intake.files import ReadFile, read_price_file
from market_prices.intake.import_report import ImportReport
from market_prices.intake.sheet_template import write_template
from market_prices.intake.single_price import Recorded, recorded_from, single_row
from market_prices.ledger.book_engine import book_engine, reading, writing
from market_prices.ledger.book_target import PricesHome, resolve_target
from market_prices.ledger.book_upgrade import bring_up_to_date
from market_prices.ledger.book_writer import known_terms, record
from market_prices.ledger.index_items_kept import known_items
from market_prices.price_errors import ObservationError, PriceFileError
from market_prices.readings.figures import records
from market_prices.vocabulary.vocabulary import Vocabulary
from market_prices.vocabulary.vocabulary_files import starter_files

__all__ = [
    "Book",
    "BookSummary",
    "ImportReport",
    "Recorded",
    "records",
    "starter_files",
    "write_demo_prices",
    "write_template",
]

_ = translator("market_prices")


class Book(BookBulletin, BookForecast, BookSelling, BookSpread, BookAccess, BookDay):
    """An open price book; use :meth:`open`.

    Records are only ever added. Reading methods take ``as_of``: what had been recorded by the end of that day (UTC).
    """

    @classmethod
    def open(
        cls,
        target: PricesHome | Path | str,
        *,
        today: dt.date | None = None,
        vocabulary: Vocabulary | None = None,
        clock: Callable[[], dt.datetime] | None = None,
    ) -> Self:
        """Open a book, making or upgrading it as needed; an older one is copied first (``prices.db.<version>.bak``).

        Parameters
        ----------
        target
            A workspace, its folder, the file of a book, or a database URL.
        today
            Day from which ages count; the present day when omitted.
        vocabulary
            Meaning of the names; the workspace's own, or the package's, when omitted.
        clock
            Gives the present moment with its zone.

        Raises
        ------
        BookError
            The book cannot be opened, or a newer program wrote it.
        gis.errors.MissingError
            The folder is no workspace.
        gis.errors.InputError
            The workspace or its vocabulary is not valid.
        """
        where, known = resolve_target(target)
        moment = clock or _now
        if today is not None:
            fixed = today
            moment = lambda: dt.datetime.combine(fixed, (clock or _now)().timetz())  # noqa: E731  a clock with a set day
        engine = book_engine(where)
        try:
            bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, vocabulary or known, moment)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def import_file(
        self, path: Path | str, *, author: str = "", dry_run: bool = False, fix: bool = False
    ) -> ImportReport:
        """Read a file of prices in any known format and record what is new, whole or not at all.

        Parameters
        ----------
        path
            WFP/HDX, INE daily or its dictionary, INE price index, ENA 2015, market-day sheet (XLSX, ODS), list (CSV).
        author
            Who enters it; by default who filled in the sheet, else the user of the computer.
        dry_run
            Say what would happen and record nothing.
        fix
            The file must be one of :meth:`export_rejected`, corrected in place; the refused rows stay, linked to it.

        Raises
        ------
        PriceFileError
            The file is empty, cut off, of no known format, or no file of corrections where one was promised.
        gis.errors.MissingError
            There is no such file.
        BookError
            The book refuses; it stays as it was.
        """
        with reading(self._engine) as connection:
            terms, items = known_terms(connection), known_items(connection)
        read = read_price_file(Path(path), self.vocabulary, today=self.today, terms=terms, items=items)
        if fix and read.fixes is None:
            raise PriceFileError(
                _("{name} no es un archivo de correcciones: le faltan las columnas fila y motivo").format(
                    name=read.name
                ),
                expected=_("El archivo que escribe `valles prices rejected --out ARCHIVO`, corregido"),
                remedy=_("Escríbalo con esa orden, corrija las celdas y no toque la columna fila"),
            )
        return self._record(read, author=author or read.author or _user(), dry_run=dry_run)

    def add(
        self,
        product: str,
        market: str,
        *,
        price: float | None,
        unit: str,
        date: dt.date | str | None = None,
        level: str = "wholesale",
        quantity: float = 1.0,
        variety: str = "",
        package: str = "",
        low: float | None = None,
        high: float | None = None,
        time: str = "",
        currency: str = "BOB",
        availability: str = "",
        sale: str = "",
        offered: float | None = None,
        origin: str = "",
        source: str = "local",
        author: str = "",
        correction: bool = False,
    ) -> Recorded:
        """Record one price; names may be written as people write them.

        Parameters
        ----------
        product, market, unit
            Any spelling the vocabulary knows; ``unit`` may count (``"3 libras"``).
        price, low, high
            Currency per ``quantity`` of ``unit``; ``price`` is the most common one, ``None`` with ``availability``.
        date
            The day of the price; today when omitted.
        level
            ``farm_gate``, ``wholesale`` or ``retail``, or their Spanish names.
        correction
            Replace what is recorded for that day; without it a different price is refused.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary; the nearest names are given.
        ObservationError
            Price, date or another part is impossible, is already recorded, or contradicts what is.
        BookError
            The book refuses.
        """
        given = {name: value for name, value in locals().items() if name not in {"self", "correction", "author"}}
        rows = single_row(self.vocabulary, today=self.today, **given)
        digest = hashlib.sha256(rows.raw(0).encode()).hexdigest()
        read = ReadFile(name="", sha256=digest, format="add", rows=rows)
        report = self._record(read, author=author or _user(), dry_run=False, replace=correction)
        return recorded_from(rows, report)

    def _record(self, read: ReadFile, *, author: str, dry_run: bool, replace: bool = True) -> ImportReport:
        with writing(self._engine, keep=not dry_run) as connection:
            now = self._clock().astimezone(dt.UTC).replace(tzinfo=None)  # when it is its turn, not when it asked
            report = record(connection, read, author=author, now=now)
            if not replace:
                _refuse_revision(read)
            self._judge_new(connection, read, report, now)
        return report


def _refuse_revision(read: ReadFile) -> None:
    rows = read.rows
    if rows is not None and any("revision" in each.split() for each in rows.flags):
        raise ObservationError(
            _("Ya hay otro precio de ese día: {note}").format(note="; ".join(rows.notes)),
            remedy=_("Si el anterior estaba mal, repita la orden como corrección"),
        )


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return _("desconocido")
