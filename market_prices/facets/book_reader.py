"""Reading an open price book: last prices, series, exports."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any, Unpack

import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import batch, observation, series
from market_prices.facets.asked_words import AskedLatest
from market_prices.facets.book_cards import BookCards
from market_prices.facets.book_refusals import day_told
from market_prices.ledger.book_engine import reading
from market_prices.ledger.index_items_kept import product_meant, words_for, words_for_products
from market_prices.ledger.price_reading import Selection, entries
from market_prices.quality.price_marks import marked_columns, marked_latest, marked_latest_rows
from market_prices.readings.figures import json_ready, latest_figures
from market_prices.readings.light_figures import light_figures, light_records
from market_prices.readings.price_export import write_export
from market_prices.readings.series_figures import READ_BY_PERIOD, READ_RECORDED, SeriesTable, as_recorded, by_period
from market_prices.readings.unit_conversion import prices_in_unit
from market_prices.vocabulary.market_words import level_code
from market_prices.vocabulary.vocabulary import Market, Product


@dataclasses.dataclass(frozen=True, kw_only=True)
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


class BookReader(BookCards):
    """What can be read from a book; ``Book`` adds opening and writing."""

    def products(self) -> tuple[Product, ...]:
        """Return all products."""
        return self.vocabulary.all_products

    def markets(self) -> tuple[Market, ...]:
        """Return all markets."""
        return self.vocabulary.all_markets

    def latest(
        self,
        product: str | None = None,
        market: str | None = None,
        *,
        in_unit: str | None = None,
        **asked: Unpack[AskedLatest],
    ) -> pd.DataFrame:
        """Return the last price of each series with its age in days, the price before it and the change.

        An index is no price: its series are among them only if its market is asked for.

        Parameters
        ----------
        in_unit
            Tell every price in this unit too (``asked_unit``, ``asked_price``), or in ``asked_note`` why not.
        asked
            As :class:`market_prices.facets.asked_words.AskedLatest` says.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            ``as_of`` is no date, ``level`` no level, or no price can be told ``in_unit``.
        BookError
            The book cannot be read.
        """
        wanted = self._prices_only(self._selection(product, market, **asked))
        with reading(self._engine) as connection:
            found = marked_latest(connection, wanted)
            words = words_for(connection, found, self.vocabulary)
        return self._asked(latest_figures(found, words, wanted.as_of or self.today), in_unit)

    def latest_records(
        self, product: str | None = None, market: str | None = None, **asked: Unpack[AskedLatest]
    ) -> list[dict[str, Any]]:
        """Return what :meth:`latest` does as rows ready for JSON, quicker where there are few.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            ``as_of`` is no date, or ``level`` no level.
        BookError
            The book cannot be read.
        """
        wanted = self._prices_only(self._selection(product, market, **asked))
        with reading(self._engine) as connection:
            found = marked_latest_rows(connection, wanted)
            words = words_for_products(connection, {each["product"] for each in found}, self.vocabulary)
        return light_records(light_figures(found, words, wanted.as_of or self.today))

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
        raw: bool = False,
        in_unit: str | None = None,
    ) -> pd.DataFrame:
        """Return the prices of every series of a product, in order; units are in ``attrs["units"]``.

        Parameters
        ----------
        frequency
            ``None`` for the prices as recorded, with the days since the one before (``gap_days``); ``"daily"``,
            ``"weekly"`` or ``"monthly"`` for medians with their changes, where a period without prices is a row with
            ``count`` 0.
        raw
            With the prices that a steward confirmed to be errors, marked ``confirmed_error``; else they are left out.

        in_unit
            Tell every price in this unit too (``asked_unit``, ``asked_price``), or in ``asked_note`` why not.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            A date, level or frequency is none, or no price can be told ``in_unit``.
        BookError
            The book cannot be read.
        """
        wanted = self._selection(
            product, market, as_of=as_of, level=level, unit=unit, kind=kind, variety=variety, start=start, end=end
        )
        return self._asked(self._table(wanted, frequency, raw=raw).frame(), in_unit)

    def series_records(
        self,
        product: str,
        market: str | None = None,
        *,
        as_of: dt.date | str | None = None,
        level: str | None = None,
        unit: str | None = None,
        start: dt.date | str | None = None,
        end: dt.date | str | None = None,
        frequency: str | None = None,
    ) -> list[dict[str, Any]]:
        """Return what :meth:`series` does as rows ready for JSON, with no table built between.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            A date, level or frequency is none.
        BookError
            The book cannot be read.
        """
        wanted = self._selection(product, market, as_of=as_of, level=level, unit=unit, start=start, end=end)
        return self._table(wanted, frequency).records()

    def _table(self, wanted: Selection, frequency: str | None, *, raw: bool = False) -> SeriesTable:
        names = READ_RECORDED if frequency is None else READ_BY_PERIOD
        with reading(self._engine) as connection:
            found = marked_columns(connection, wanted, names, raw=raw)
            words = words_for_products(connection, {each.key["product"] for each in found}, self.vocabulary)
            if frequency is None:
                numbers = {number for each in found for number in each.facts["batch_id"].tolist()}
                return as_recorded(found, entries(connection, sorted(numbers)), words)
        return by_period(found, words, frequency)

    def _asked(self, frame: pd.DataFrame, unit: str | None) -> pd.DataFrame:
        return frame if unit is None else prices_in_unit(frame, *self.vocabulary.unit(unit), self.vocabulary)

    def export(
        self,
        path: Path | str,
        *,
        product: str | None = None,
        market: str | None = None,
        as_of: dt.date | str | None = None,
    ) -> Path:
        """Write the prices that hold to ``path`` (CSV, JSON or Parquet by suffix): the same book, the same bytes.

        Price indexes are written only if their market is asked for.

        Raises
        ------
        PriceFileError
            The suffix is none of these.
        UnknownNameError
            Product or market is in no vocabulary.
        gis.errors.StorageError
            The book cannot be read or the file not be written.
        """
        wanted = self._prices_only(self._selection(product, market, as_of=as_of))
        return write_export(self._table(wanted, None).frame(), Path(path))

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

    def _prices_only(self, wanted: Selection) -> Selection:
        if "market" in wanted.equal:
            return wanted
        indexes = tuple(each.id for each in self.vocabulary.all_markets if each.kind == "index")
        return dataclasses.replace(wanted, without=indexes)

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
        until: dt.date | str | None = None,
    ) -> Selection:
        equal: dict[str, Any] = {}
        if product is not None:
            equal["product"], implied = product_meant(self._engine, product, self.vocabulary)
            variety = variety or implied or None
        if market is not None:
            equal["market"] = self.vocabulary.market(market).id
        if unit is not None:
            equal["unit"], equal["quantity"] = self.vocabulary.unit(unit)
        equal |= {"level": level_code(level)} if level is not None else {}
        equal |= {name: value for name, value in (("kind", kind), ("variety", variety)) if value is not None}
        return Selection(equal=equal, as_of=day_told(as_of), start=day_told(start), end=day_told(end or until))
