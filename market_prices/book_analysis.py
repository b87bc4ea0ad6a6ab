"""What an analyst reads from a book: indicators by month and the season of the year, as they were known at a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import sqlalchemy as sa

from market_prices.book_reader import BookReader
from market_prices.figures import KEY_NAMES, with_names
from market_prices.indicators import indicator_table
from market_prices.indicators.monthly_prices import monthly_median, monthly_words
from market_prices.indicators.price_deflator import price_index
from market_prices.ledger.book_engine import reading
from market_prices.ledger.index_items_kept import known_items, words_for
from market_prices.ledger.price_reading import Selection, series_frame
from market_prices.vocabulary.index_items import GENERAL, GENERAL_CHANGE, INDEX_MARKET, NO_CURRENCY
from market_prices.vocabulary.vocabulary import Product, Vocabulary

DEFLATED = ("BOB", NO_CURRENCY)
"""Currencies that the national price index deflates; prices in others have no real counterpart."""

OneSeries = Callable[[pd.Series, pd.Series, pd.Series], pd.DataFrame]
"""Prices, general price index and flags by month give the figures of a series."""


class BookAnalysis(BookReader):
    """Reading with arithmetic; ``Book`` adds opening and writing."""

    def indicators(
        self,
        product: str | None = None,
        market: str | None = None,
        *,
        as_of: dt.date | str | None = None,
        until: dt.date | str | None = None,
        level: str | None = None,
        unit: str | None = None,
        variety: str | None = None,
    ) -> pd.DataFrame:
        """Return the indicators of each series month by month, nominal and real; gaps are rows.

        ALPS is fitted on the whole series, so that each new month moves the figures before it. No vintage is stored:
        the book keeps every price with the moment it was recorded, and ``as_of`` reckons again from what was known.

        Parameters
        ----------
        product, market
            Any spelling; all when omitted.
        as_of
            Only what had been recorded by the end of this day (UTC), prices and price index alike.
        until
            Only prices and price index dated up to this day, whenever recorded.
        level, unit, variety
            Only these series.

        Returns
        -------
        pandas.DataFrame
            The key of the series with its names, ``date`` (first day of the month) and the columns of
            :mod:`market_prices.indicators.indicator_table`; units are in ``attrs["units"]``.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            A date or ``level`` is none.
        BookError
            The book cannot be read.
        """
        wanted = self._selection(product, market, as_of=as_of, end=until, level=level, unit=unit, variety=variety)

        def one(prices: pd.Series, index: pd.Series, flags: pd.Series) -> pd.DataFrame:
            table = indicator_table.indicator_table(prices, index, flags)
            return table.assign(date=[each.start_time.date() for each in table.index])

        columns = ("date", *indicator_table.COLUMNS)
        return self._by_series(wanted, one, columns, indicator_table.UNITS)

    def season(
        self,
        product: str | None = None,
        market: str | None = None,
        *,
        as_of: dt.date | str | None = None,
        until: dt.date | str | None = None,
        level: str | None = None,
        unit: str | None = None,
        variety: str | None = None,
    ) -> pd.DataFrame:
        """Return the seasonal index of each series, twelve rows, with its spread; 100 is the year's average.

        Parameters
        ----------
        product, market, as_of, until, level, unit, variety
            As in :meth:`indicators`.

        Returns
        -------
        pandas.DataFrame
            The key of the series with its names, ``month`` (1–12) and the columns of
            :func:`market_prices.indicators.indicator_table.season_table`.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            A date or ``level`` is none.
        BookError
            The book cannot be read.
        """
        wanted = self._selection(product, market, as_of=as_of, end=until, level=level, unit=unit, variety=variety)

        def one(prices: pd.Series, index: pd.Series, _flags: pd.Series) -> pd.DataFrame:
            return indicator_table.season_table(prices, index).reset_index(names="month")

        columns = ("month", *indicator_table.SEASON_UNITS, "years", "basis", "flags")
        return self._by_series(wanted, one, columns, indicator_table.SEASON_UNITS)

    def index_items(self) -> tuple[Product, ...]:
        """Return the items of price indexes that the book holds and the vocabulary has no product for, by id.

        Raises
        ------
        BookError
            The book cannot be read.
        """
        known = {each.id for each in self.vocabulary.all_products}
        with reading(self._engine) as connection:
            items = known_items(connection).values()
        return tuple(
            each.as_product() for each in sorted(items, key=lambda each: each.product) if each.product not in known
        )

    def _by_series(
        self, wanted: Selection, one: OneSeries, columns: tuple[str, ...], units: dict[str, str]
    ) -> pd.DataFrame:
        """Reckon every series of a selection and put the tables under one another."""
        with reading(self._engine) as connection:
            found = series_frame(connection, wanted)
            words = words_for(connection, found, self.vocabulary)
            index = _general_index(connection, wanted)
        parts = []
        for number, told in found.groupby("series_id", sort=False):
            prices = monthly_median(told["date"], told["price"])
            if prices.notna().any():
                flags = monthly_words(told["date"], told["flags"], pd.PeriodIndex(prices.index))
                deflator = index if told["currency"].iloc[0] in DEFLATED else index.iloc[:0]
                parts.append(one(prices, deflator, flags).assign(series_id=number))
        return _joined(found, parts, words, columns, units)


def _general_index(connection: sa.Connection, wanted: Selection) -> pd.Series:
    """Return the general price index by month as far as the selection may know it."""
    told = {}
    for product in (GENERAL, GENERAL_CHANGE):
        equal = {"product": product, "market": INDEX_MARKET}
        found = series_frame(connection, Selection(equal=equal, as_of=wanted.as_of, end=wanted.end))
        told[product] = monthly_median(found["date"], found["price"])
    return price_index(told[GENERAL], told[GENERAL_CHANGE])


def _joined(
    found: pd.DataFrame, parts: list[pd.DataFrame], words: Vocabulary, columns: tuple[str, ...], units: dict[str, str]
) -> pd.DataFrame:
    keys = with_names(found.drop_duplicates("series_id"), words)[["series_id", *KEY_NAMES]]
    tables = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*columns, "series_id"])
    done = tables.merge(keys, on="series_id", how="left")[[*KEY_NAMES, *columns]]
    done.attrs["units"] = dict(units)
    return done
