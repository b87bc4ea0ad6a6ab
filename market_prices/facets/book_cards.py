"""The dashboards of an open price book: the last price of everything in a municipality, or in all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from market_prices.facets.book_refusals import BookRefusals, day_told
from market_prices.ledger.book_engine import reading
from market_prices.ledger.price_reading import Selection
from market_prices.quality.price_marks import marked_latest_rows, recent_prices
from market_prices.readings.light_figures import light_figures
from market_prices.readings.price_cards import MunicipalPrices, region_prices
from market_prices.vocabulary.vocabulary import Market


class BookCards(BookRefusals):
    """Reading cards; ``Book`` adds opening and writing."""

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
        return self._cards([self.vocabulary.municipality_market(code)], day_told(as_of))[0]

    def region(self, *, as_of: dt.date | str | None = None) -> tuple[MunicipalPrices, ...]:
        """Return the price cards of all municipalities, by code, in one question to the book.

        Raises
        ------
        ObservationError
            ``as_of`` is no date.
        BookError
            The book cannot be read.
        """
        return self._cards(self.vocabulary.local_markets(), day_told(as_of))

    def recent(self, numbers: Sequence[int], count: int) -> dict[int, list[tuple[dt.date, float | None]]]:
        """Return the last ``count`` records of some series, by number, each in order; confirmed errors are left out.

        Raises
        ------
        BookError
            The book cannot be read.
        """
        with reading(self._engine) as connection:
            return recent_prices(connection, numbers, count)

    def _cards(self, owns: Sequence[Market], day: dt.date | None) -> tuple[MunicipalPrices, ...]:
        references = (each for own in owns for each in self.vocabulary.reference_markets(own.municipality))
        markets = tuple(dict.fromkeys([*(own.id for own in owns), *references]))
        with reading(self._engine) as connection:
            found = marked_latest_rows(connection, Selection(markets=markets, as_of=day))
        today = day or self.today
        return region_prices(owns, light_figures(found, self.vocabulary, today), self.vocabulary, today)
