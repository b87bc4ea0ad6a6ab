"""The dashboards of an open price book: the last price of everything in a municipality, or in all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from gis.messages import current_language
from market_prices.facets.book_refusals import BookRefusals, day_told
from market_prices.ledger.book_engine import reading
from market_prices.ledger.price_reading import Selection
from market_prices.ledger.series_directory import book_state
from market_prices.quality.price_marks import marked_latest_rows, recent_prices
from market_prices.readings.light_figures import light_figures
from market_prices.readings.price_cards import MunicipalPrices, region_prices
from market_prices.vocabulary.vocabulary import Market, Vocabulary

_KEPT = 4
"""Dashboards of the region kept at hand."""


class BookCards(BookRefusals):
    """Reading cards; ``Book`` adds opening and writing.

    Parameters
    ----------
    engine, vocabulary, clock
        As in :class:`market_prices.facets.book_refusals.BookRefusals`.
    """

    def __init__(self, engine: sa.Engine, vocabulary: Vocabulary, clock: Callable[[], dt.datetime]) -> None:
        super().__init__(engine, vocabulary, clock)
        self._regions: dict[tuple[object, ...], tuple[MunicipalPrices, ...]] = {}

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
        with reading(self._engine) as connection:
            return self._cards(connection, [own], day_told(as_of))[0]

    def region(self, *, as_of: dt.date | str | None = None) -> tuple[MunicipalPrices, ...]:
        """Return the price cards of all municipalities, by code, in one question to the book.

        The same answer is given again while nobody, in whatever program, has recorded, flagged or decided anything.

        Raises
        ------
        ObservationError
            ``as_of`` is no date.
        BookError
            The book cannot be read.
        """
        day = day_told(as_of)
        with reading(self._engine) as connection:
            # Read from the same state of the book as the prices: writers take turns, so its numbers only ever grow.
            key = (book_state(connection), day, self.today, current_language())
            held = self._regions.get(key)
            if held is None:
                held = self._cards(connection, self.vocabulary.local_markets(), day)
                while len(self._regions) >= _KEPT:
                    self._regions.pop(next(iter(self._regions)), None)
                self._regions[key] = held
        return held

    def recent(self, numbers: Sequence[int], count: int) -> dict[int, list[tuple[dt.date, float | None]]]:
        """Return the last ``count`` records of some series, by number, each in order; confirmed errors are left out.

        Raises
        ------
        BookError
            The book cannot be read.
        """
        with reading(self._engine) as connection:
            return recent_prices(connection, numbers, count)

    def _cards(
        self, connection: sa.Connection, owns: Sequence[Market], day: dt.date | None
    ) -> tuple[MunicipalPrices, ...]:
        references = (each for own in owns for each in self.vocabulary.reference_markets(own.municipality))
        markets = tuple(dict.fromkeys([*(own.id for own in owns), *references]))
        found = marked_latest_rows(connection, Selection(markets=markets, as_of=day))
        today = day or self.today
        return region_prices(owns, light_figures(found, self.vocabulary, today), self.vocabulary, today)
