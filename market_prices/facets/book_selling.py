"""Where to sell: the last price of every market, less what it takes to get there."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from market_prices.facets.book_reader import BookReader
from market_prices.readings.price_cards import current_series
from market_prices.selling.comparison_table import comparison_table, load_of, paid_freight

FREIGHT_PRODUCT = "flete"
"""Product whose prices are what was paid to bring a load to the market that its variety names."""


class BookSelling(BookReader):
    """Reading that compares markets; ``Book`` adds opening and writing."""

    def compare(
        self,
        product: str,
        municipality: str,
        *,
        quantity: float = 1.0,
        unit: str = "kg",
        unit_kg: float | None = None,
        market: str | None = None,
        as_of: dt.date | str | None = None,
    ) -> pd.DataFrame:
        """Return what a load would leave at the farm gate in each market that has a price of it.

        Net = price · (1 − loss) · (1 − commission) − freight, each term in its column, its source in ``why``. A row is
        ``estimated`` where a term is assumed and without net price where one is not known; ``best`` is always fresh.

        Parameters
        ----------
        product
            Any spelling.
        municipality
            Where the load is: code of 5 or 6 digits, name or id.
        quantity, unit
            How much, the unit as people write it; a large load may be worth a vehicle of its own.
        unit_kg
            Weight of one unit, kg, where the vocabulary does not know it.
        market
            Only this market; all when omitted.
        as_of
            As it was known at the end of this day (UTC).

        Returns
        -------
        pandas.DataFrame
            :data:`market_prices.selling.comparison_table.COLUMNS`; in ``attrs`` the question, ``units``, ``load_kg``
            and ``winding`` (road over straight line, by which distances that are not known are estimated).

        Raises
        ------
        UnknownNameError
            Product, municipality, market or unit is in no vocabulary.
        ObservationError
            A figure is not above 0, ``as_of`` is no date, or nothing tells what the unit weighs.
        BookError
            The book cannot be read.
        """
        own = self.vocabulary.municipality_market(municipality)
        meant = self.vocabulary.product(product)
        found = self.latest(product, market, as_of=as_of)
        freight = self.latest(FREIGHT_PRODUCT, own.id, as_of=as_of) if self._knows_freight() else None
        day = self.today.isoformat()
        load = load_of(self.vocabulary, meant, own, quantity=quantity, unit=unit, unit_kg=unit_kg, day=day)
        chosen = current_series(found, single=True)
        return comparison_table(load, chosen, {} if freight is None else paid_freight(freight), self.vocabulary)

    def _knows_freight(self) -> bool:
        return any(each.id == FREIGHT_PRODUCT for each in self.vocabulary.all_products)
