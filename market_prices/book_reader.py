"""Reading an open price book: last prices, series, exports, municipal cards, refused rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from market_prices.book_refusals import BookRefusals, day_told
from market_prices.book_tables import batch, observation, series
from market_prices.figures import by_period, json_ready, latest_figures, records, series_figures
from market_prices.ledger.book_engine import reading
from market_prices.ledger.index_items_kept import product_meant, words_for
from market_prices.ledger.price_reading import Selection, latest_rows
from market_prices.light_figures import light_figures
from market_prices.price_cards import MunicipalPrices, municipal_prices
from market_prices.price_export import write_export
from market_prices.quality.price_marks import any_flag, marked_latest, marked_series
from market_prices.unit_conversion import prices_in_unit
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


class BookReader(BookRefusals):
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
        as_of: dt.date | str | None = None,
        level: str | None = None,
        unit: str | None = None,
        kind: str | None = None,
        in_unit: str | None = None,
    ) -> pd.DataFrame:
        """Return the last price of each series with its age in days, the price before it and the change.

        An index is no price: its series are among them only if its market is asked for.

        Parameters
        ----------
        in_unit
            Tell every price in this unit too (``asked_unit``, ``asked_price``), or in ``asked_note`` why not.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            ``as_of`` is no date, ``level`` no level, or no price can be told ``in_unit``.
        BookError
            The book cannot be read.
        """
        wanted = self._prices_only(self._selection(product, market, as_of=as_of, level=level, unit=unit, kind=kind))
        with reading(self._engine) as connection:
            found = marked_latest(connection, wanted)
            words = words_for(connection, found, self.vocabulary)
        return self._asked(latest_figures(found, words, wanted.as_of or self.today), in_unit)

    def latest_records(
        self,
        product: str | None = None,
        market: str | None = None,
        *,
        as_of: dt.date | str | None = None,
        level: str | None = None,
        unit: str | None = None,
        kind: str | None = None,
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
        wanted = self._prices_only(self._selection(product, market, as_of=as_of, level=level, unit=unit, kind=kind))
        known = {each.id for each in self.vocabulary.all_products}
        with reading(self._engine) as connection:
            found = latest_rows(connection, wanted)
            plain = all(each["product"] in known for each in found) and not any_flag(connection, found)
        if plain:
            return light_figures(found, self.vocabulary, wanted.as_of or self.today)
        return records(self.latest(product, market, as_of=as_of, level=level, unit=unit, kind=kind))

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
        with reading(self._engine) as connection:
            found = marked_series(connection, wanted, raw=raw)
            words = words_for(connection, found, self.vocabulary)
        if frequency is not None:
            return self._asked(by_period(found, words, frequency), in_unit)
        return self._asked(series_figures(found, words), in_unit)

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
        with reading(self._engine) as connection:
            found = marked_series(connection, wanted)
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
        day = day_told(as_of)
        markets = (own.id, *self.vocabulary.reference_markets(own.municipality))
        with reading(self._engine) as connection:
            found = marked_latest(connection, Selection(markets=markets, as_of=day))
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
        return Selection(equal=equal, as_of=day_told(as_of), start=day_told(start), end=day_told(end))
