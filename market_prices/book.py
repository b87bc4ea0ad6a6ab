"""The price book: the one door through which prices are written and read.

What the command line and the pages call, exactly::

    Book.open(target, *, today=None, vocabulary=None) -> Book      target: workspace object, folder, file or database URL
        a context manager; book.close()
    book.vocabulary -> Vocabulary                                  .product(text) .market(text) .municipality_market(code)
    book.products() -> tuple[Product, ...]                         .id .name .group .scientific .synonyms .varieties .local
    book.markets() -> tuple[Market, ...]                           .id .name .kind .municipality .lon .lat .days .buyers
    book.import_file(path, *, author="", dry_run=False) -> ImportReport   .accepted .flagged .rejected .duplicates .format
                                                                   .rows .problems (Kept rows, at most 20) .as_dict()
    book.add(product, market, *, price, unit, date=None, level="wholesale", quantity=1.0, variety="", package="",
             low=None, high=None, time="", currency="BOB", availability="", sale="", offered=None, origin="",
             source="local", author="", correction=False) -> Recorded     .figure .flags .reason .as_dict()
    book.rejected(*, status="rejected", file=None) -> DataFrame    status: rejected | flagged | all
                                                                   columns batch, file, recorded_at, line, status, code,
                                                                   reason, raw
    book.latest(product=None, market=None, *, as_of=None, level=None, unit=None, kind=None) -> DataFrame
    book.series(product, market, *, as_of=None, level=None, unit=None, kind=None, variety=None, start=None, end=None,
                frequency=None) -> DataFrame                       frequency: None | "weekly" | "monthly" (gaps are rows)
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
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd
import sqlalchemy as sa

from gis.messages import translator
from market_prices.book_engine import book_engine, reading, writing
from market_prices.book_tables import batch, kept_row, observation, series
from market_prices.book_target import PricesHome, resolve_target
from market_prices.book_upgrade import bring_up_to_date
from market_prices.book_writer import known_terms, record
from market_prices.demo_prices import write_demo_prices
from market_prices.figures import by_period, json_ready, latest_figures, records, series_figures
from market_prices.import_report import ImportReport
from market_prices.intake import ReadFile, read_price_file
from market_prices.market_words import level_code
from market_prices.price_cards import MunicipalPrices, municipal_prices
from market_prices.price_errors import ObservationError
from market_prices.price_export import write_export
from market_prices.price_reading import Selection, latest_frame, series_frame
from market_prices.sheet_template import write_template
from market_prices.single_price import Recorded, recorded_from, single_row
from market_prices.vocabulary import Market, Product, Vocabulary
from market_prices.vocabulary_files import starter_files
from market_prices.written_values import parse_date

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

_STATUSES = ("rejected", "flagged", "all")


@dataclass(frozen=True, kw_only=True)
class BookSummary:
    """What a book holds."""

    observations: int
    """Records, every revision counted."""
    series: int
    batches: int
    first: dt.date | None
    """Date of the oldest price."""
    last: dt.date | None
    """Date of the newest price."""
    demo: bool
    """Some prices are simulated: it must be said."""

    def as_dict(self) -> dict[str, Any]:
        """Return the summary ready for JSON."""
        return {name: json_ready(getattr(self, name)) for name in self.__dataclass_fields__}


class Book:
    """An open price book; use :meth:`open`.

    Records are only ever added. Reading methods take ``as_of``: what had been recorded by the end of that day (UTC).
    """

    def __init__(self, engine: sa.Engine, vocabulary: Vocabulary, clock: Callable[[], dt.datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self.vocabulary = vocabulary

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

    @property
    def today(self) -> dt.date:
        """Day from which ages count."""
        return self._clock().astimezone().date() if self._clock().tzinfo is None else self._clock().date()

    def products(self) -> tuple[Product, ...]:
        """Return all products."""
        return self.vocabulary.all_products

    def markets(self) -> tuple[Market, ...]:
        """Return all markets."""
        return self.vocabulary.all_markets

    def import_file(self, path: Path | str, *, author: str = "", dry_run: bool = False) -> ImportReport:
        """Read a file of prices in any known format and record what is new, whole or not at all.

        Parameters
        ----------
        path
            WFP/HDX, INE daily or its dictionary, market-day sheet (XLSX), or a list (CSV).
        author
            Who enters it; by default who filled in the sheet, else the user of the computer.
        dry_run
            Say what would happen and record nothing.

        Raises
        ------
        PriceFileError
            The file is empty, cut off, or of no known format.
        gis.errors.MissingError
            There is no such file.
        BookError
            The book refuses; it stays as it was.
        """
        with reading(self._engine) as connection:
            terms = known_terms(connection)
        read = read_price_file(Path(path), self.vocabulary, today=self.today, terms=terms)
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
        now = self._clock().astimezone(dt.UTC).replace(tzinfo=None)
        try:
            with writing(self._engine) as connection:
                report = record(connection, read, author=author, now=now)
                revised = read.rows is not None and "revision" in " ".join(read.rows.flags).split()
                if revised and not replace:
                    raise ObservationError(
                        _("Ya hay otro precio de ese día: {note}").format(note=" ".join(read.rows.notes)),
                        remedy=_("Si el anterior estaba mal, repita la orden como corrección"),
                    )
                if dry_run or report.batch is None and report.format != "ine_diccionario":
                    raise _Rehearsal(report)
        except _Rehearsal as rehearsal:
            return rehearsal.report
        return report

    def rejected(self, *, status: str = "rejected", file: str | None = None) -> pd.DataFrame:
        """Return the rows that were refused or flagged, as they stood in their file, with the reason.

        Parameters
        ----------
        status
            ``rejected``, ``flagged`` or ``all``.
        file
            Only those of the file with this name.

        Raises
        ------
        ObservationError
            No such status.
        BookError
            The book cannot be read.
        """
        if status not in _STATUSES:
            raise ObservationError(_("Estado desconocido: «{text}»").format(text=status), expected=", ".join(_STATUSES))
        names = ("batch_id", "file", "recorded_at", "line", "status", "code", "reason", "raw")
        columns = [(batch if name in {"file", "recorded_at"} else kept_row).c[name] for name in names]
        query = sa.select(*columns).join(batch, batch.c.id == kept_row.c.batch_id)
        if status != "all":
            query = query.where(kept_row.c.status == status)
        if file is not None:
            query = query.where(batch.c.file == Path(file).name)
        with reading(self._engine) as connection:
            found = connection.execute(query.order_by(kept_row.c.batch_id, kept_row.c.line, kept_row.c.id)).all()
        return pd.DataFrame([tuple(each) for each in found], columns=["batch", *names[1:]])

    def latest(
        self,
        product: str | None = None,
        market: str | None = None,
        *,
        as_of: dt.date | str | None = None,
        level: str | None = None,
        unit: str | None = None,
        kind: str | None = None,
    ) -> pd.DataFrame:
        """Return the last price of each series with its age in days, the price before it and the change.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            ``as_of`` is no date, or ``level`` no level.
        BookError
            The book cannot be read.
        """
        wanted = self._selection(product, market, as_of=as_of, level=level, unit=unit, kind=kind)
        with reading(self._engine) as connection:
            found = latest_frame(connection, wanted)
        return latest_figures(found, self.vocabulary, wanted.as_of or self.today)

    def series(
        self,
        product: str,
        market: str | None = None,
        *,
        as_of: dt.date | str | None = None,
        level: str | None = None,
        unit: str | None = None,
        kind: str | None = None,
        variety: str | None = None,
        start: dt.date | str | None = None,
        end: dt.date | str | None = None,
        frequency: str | None = None,
    ) -> pd.DataFrame:
        """Return the prices of every series of a product, in order; units are in ``attrs["units"]``.

        Parameters
        ----------
        frequency
            ``None`` for the prices as recorded, with the days since the one before (``gap_days``); ``"weekly"`` or
            ``"monthly"`` for medians, where a period without prices is a row with ``count`` 0.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            A date, level or frequency is none.
        BookError
            The book cannot be read.
        """
        wanted = self._selection(
            product, market, as_of=as_of, level=level, unit=unit, kind=kind, variety=variety, start=start, end=end
        )
        with reading(self._engine) as connection:
            found = series_frame(connection, wanted)
        if frequency is not None:
            return by_period(found, self.vocabulary, frequency)
        return series_figures(found, self.vocabulary)

    def export(
        self,
        path: Path | str,
        *,
        product: str | None = None,
        market: str | None = None,
        as_of: dt.date | str | None = None,
    ) -> Path:
        """Write the prices that hold to ``path`` (CSV, JSON or Parquet by suffix): the same book, the same bytes.

        Raises
        ------
        PriceFileError
            The suffix is none of these.
        UnknownNameError
            Product or market is in no vocabulary.
        gis.errors.StorageError
            The book cannot be read or the file not be written.
        """
        wanted = self._selection(product, market, as_of=as_of)
        with reading(self._engine) as connection:
            found = series_frame(connection, wanted)
        return write_export(series_figures(found, self.vocabulary), Path(path))

    def municipal(self, code: str, *, as_of: dt.date | str | None = None) -> MunicipalPrices:
        """Return the price cards of a municipality: its own prices first, else those of its reference markets.

        Parameters
        ----------
        code
            Code of 5 or 6 digits, name or id.

        Raises
        ------
        UnknownNameError
            No such municipality.
        BookError
            The book cannot be read.
        """
        own = self.vocabulary.municipality_market(code)
        day = _day(as_of)
        markets = (own.id, *self.vocabulary.reference_markets(own.municipality))
        with reading(self._engine) as connection:
            found = latest_frame(connection, Selection(markets=markets, as_of=day))
        today = day or self.today
        return municipal_prices(own, latest_figures(found, self.vocabulary, today), self.vocabulary, today)

    def summary(self) -> BookSummary:
        """Say what the book holds.

        Raises
        ------
        BookError
            The book cannot be read.
        """
        with reading(self._engine) as connection:
            told = connection.execute(
                sa.select(sa.func.count(), sa.func.min(observation.c.date), sa.func.max(observation.c.date))
            ).one()
            many = connection.execute(sa.select(sa.func.count()).select_from(series)).scalar_one()
            batches = connection.execute(sa.select(sa.func.count()).select_from(batch)).scalar_one()
            sources = connection.execute(sa.select(series.c.source).distinct()).scalars().all()
        demo = any(self.vocabulary.source(each).demo for each in sources)
        return BookSummary(observations=told[0], series=many, batches=batches, first=told[1], last=told[2], demo=demo)

    def _selection(
        self,
        product: str | None,
        market: str | None,
        *,
        as_of: dt.date | str | None = None,
        level: str | None = None,
        unit: str | None = None,
        kind: str | None = None,
        variety: str | None = None,
        start: dt.date | str | None = None,
        end: dt.date | str | None = None,
    ) -> Selection:
        equal: dict[str, Any] = {}
        if product is not None:
            meant, implied = self.vocabulary.product(product)
            equal["product"] = meant.id
            variety = variety or implied or None
        if market is not None:
            equal["market"] = self.vocabulary.market(market).id
        if unit is not None:
            equal["unit"], equal["quantity"] = self.vocabulary.unit(unit)
        equal |= {"level": level_code(level)} if level is not None else {}
        equal |= {name: value for name, value in (("kind", kind), ("variety", variety)) if value is not None}
        return Selection(equal=equal, as_of=_day(as_of), start=_day(start), end=_day(end))


class _Rehearsal(Exception):  # noqa: N818  not an error: it undoes a transaction on purpose
    """Carries a report out of a transaction that is to leave nothing."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        super().__init__()


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return _("desconocido")


def _day(date: dt.date | str | None) -> dt.date | None:
    if date is None or isinstance(date, dt.date):
        return date
    read = parse_date(date)
    if not read:
        raise ObservationError(
            _("«{text}» no es una fecha").format(text=date), expected=_("por ejemplo 2026-08-05 o 5/8/2026")
        )
    return dt.date.fromisoformat(read)
