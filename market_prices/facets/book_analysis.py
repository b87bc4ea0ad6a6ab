"""What an analyst reads from a book: indicators by month and the season of the year, as they were known at a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Unpack

import pandas as pd
import sqlalchemy as sa

from market_prices.facets.asked_words import AskedMonths
from market_prices.facets.book_reader import BookReader
from market_prices.indicators import indicator_table
from market_prices.indicators.monthly_prices import monthly_median
from market_prices.indicators.price_changes import WEEK_UNIT, weekly_change_percent
from market_prices.indicators.price_deflator import price_index
from market_prices.ledger.book_engine import reading
from market_prices.ledger.index_items_kept import known_items, words_for
from market_prices.ledger.price_reading import Selection, series_frame
from market_prices.quality.price_marks import marked_series
from market_prices.readings.monthly_series import SeriesMonths, SeriesSet, joined_tables, monthly_series
from market_prices.vocabulary.index_items import GENERAL, GENERAL_CHANGE, INDEX_MARKET
from market_prices.vocabulary.vocabulary import Product

OneSeries = Callable[[SeriesMonths], pd.DataFrame]
"""The months of a series give its figures."""


class BookAnalysis(BookReader):
    """Reading with arithmetic; ``Book`` adds opening and writing."""

    def indicators(
        self, product: str | None = None, market: str | None = None, **asked: Unpack[AskedMonths]
    ) -> pd.DataFrame:
        """Return the indicators of each series month by month, nominal and real; gaps are rows.

        ALPS is fitted on the whole series, so that each new month moves the figures before it. No vintage is stored:
        the book keeps every price with the moment it was recorded, and ``as_of`` reckons again from what was known.

        Parameters
        ----------
        product, market
            Any spelling; all when omitted.
        asked
            As :class:`market_prices.facets.asked_words.AskedMonths` says.

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
        wanted = self._selection(product, market, **asked)

        def one(told: SeriesMonths) -> pd.DataFrame:
            table = indicator_table.indicator_table(told.prices, told.index, told.flags)
            week = weekly_change_percent(told.dates, told.records, pd.PeriodIndex(table.index))
            return table.assign(date=[each.start_time.date() for each in table.index], change_week=week)

        columns = ("date", *indicator_table.COLUMNS, "change_week")
        return self._by_series(wanted, one, columns, {**indicator_table.UNITS, "change_week": WEEK_UNIT})

    def season(
        self, product: str | None = None, market: str | None = None, **asked: Unpack[AskedMonths]
    ) -> pd.DataFrame:
        """Return the seasonal index of each series, twelve rows, with its spread; 100 is the year's average.

        Parameters
        ----------
        product, market, asked
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
        wanted = self._selection(product, market, **asked)

        def one(told: SeriesMonths) -> pd.DataFrame:
            return indicator_table.season_table(told.prices, told.index).reset_index(names="month")

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
        series = self._monthly(wanted)
        parts = [one(each).assign(series_id=each.number) for each in series.each]
        return joined_tables(series, parts, columns, units, self._present(wanted))

    def _monthly(self, wanted: Selection) -> SeriesSet:
        """Return the series of a selection month by month."""
        with reading(self._engine) as connection:
            found = marked_series(connection, wanted)
            words = words_for(connection, found, self.vocabulary)
            index = general_index(connection, wanted)
        return monthly_series(found, words, index)

    def _present(self, wanted: Selection) -> dt.date:
        """Return the day from which ages count: the last one that a selection may know."""
        return min(each for each in (wanted.end, wanted.as_of, self.today) if each is not None)


def general_index(connection: sa.Connection, wanted: Selection) -> pd.Series:
    """Return the general price index by month as far as the selection may know it: its ``as_of`` and ``end`` count."""
    told = {}
    for product in (GENERAL, GENERAL_CHANGE):
        equal = {"product": product, "market": INDEX_MARKET}
        found = series_frame(connection, Selection(equal=equal, as_of=wanted.as_of, end=wanted.end))
        told[product] = monthly_median(found["date"], found["price"])
    return price_index(told[GENERAL], told[GENERAL_CHANGE])
