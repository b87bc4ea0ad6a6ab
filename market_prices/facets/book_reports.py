"""Readers tell that a price is wrong: the book keeps a flag for its steward and changes nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

from gis.messages import translator
from market_prices.book_tables import KEY_COLUMNS
from market_prices.facets.book_analysis import BookAnalysis
from market_prices.facets.book_refusals import day_told
from market_prices.ledger.book_engine import writing
from market_prices.ledger.price_reading import Selection
from market_prices.price_errors import ObservationError
from market_prices.quality.price_marks import marked_latest, marked_series
from market_prices.quality.reader_reports import keep_report, plain_words
from market_prices.readings.figures import json_ready
from market_prices.readings.price_cards import PriceCard

_ = translator("market_prices")


@dataclass(frozen=True, kw_only=True)
class ReaderReport:
    """A reader's report as it was kept."""

    flag: int
    """Number of the flag, as ``Book.flags`` and ``Book.decide`` know it."""
    status: str
    """``open``, or what a steward had decided of that price before."""
    product: str
    market: str
    date: dt.date
    """Day of the price."""
    price: float
    """Currency per quantity of unit."""
    text: str

    def as_dict(self) -> dict[str, Any]:
        """Return the report ready for JSON."""
        return {name: json_ready(getattr(self, name)) for name in self.__dataclass_fields__}


class BookReports(BookAnalysis):
    """Taking in what readers say; ``Book`` adds opening and writing prices."""

    def report_wrong(
        self,
        market: str,
        product: str | None = None,
        *,
        text: str,
        contact: str = "",
        date: dt.date | str | None = None,
        level: str | None = None,
        unit: str | None = None,
        variety: str | None = None,
        source: str | None = None,
    ) -> ReaderReport:
        """Keep a reader's word that a price is wrong: a flag of kind ``reported``, which marks and changes nothing.

        A steward sees it among the flags and decides with :meth:`decide`, as of any other: confirmed, the price is
        left out of series and indicators; dismissed, it stays.

        Parameters
        ----------
        market, product
            Any spelling; without a product the report is about the market as a whole and rests on its newest price.
        text
            What is wrong and how the reader knows, 5 to 500 characters.
        contact
            Telephone or mail, for the steward alone; may be empty.
        date
            Day of the price; the newest one when omitted.
        level, unit, variety, source
            Only such prices.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            There is no such price, or the text or contact is too short or too long.
        TooManyReportsError
            That price, or this day, has as many reports as the book keeps.
        BookError
            The book refuses.
        """
        day = day_told(date)
        wanted = self._selection(product, market, level=level, unit=unit, variety=variety, start=day, end=day)
        wanted = wanted if source is None else dataclasses.replace(wanted, equal={**wanted.equal, "source": source})
        words, who = plain_words(text, contact)
        if product is None:
            words = _("Sobre el mercado entero: {words}").format(words=words)
        return self._reported(wanted, words, who)

    def report_card(self, card: PriceCard, *, text: str, contact: str = "") -> ReaderReport:
        """Keep a reader's word that the price of a card is wrong; as :meth:`report_wrong`.

        Raises
        ------
        ObservationError
            The price is no longer in the book, or the text or contact is too short or too long.
        TooManyReportsError
            That price, or this day, has as many reports as the book keeps.
        BookError
            The book refuses.
        """
        words, who = plain_words(text, contact)
        # The kind of a card is its reader's: what one place observed is a reference elsewhere.
        equal = {name: getattr(card, name) for name in KEY_COLUMNS if name != "kind"}
        return self._reported(Selection(equal=equal, start=card.date, end=card.date), words, who)

    def _reported(self, wanted: Selection, words: str, contact: str) -> ReaderReport:
        with writing(self._engine) as connection:
            found = marked_latest(connection, wanted) if wanted.start is None else marked_series(connection, wanted)
            found = found[found["price"].notna()]
            if found.empty:
                raise ObservationError(
                    _("No hay tal precio en el libro"), remedy=_("Vea los precios con: valles prices latest")
                )
            price = found.sort_values(["date", "time", "series_id"], kind="stable").iloc[-1]
            flag, status = keep_report(connection, price, words, contact, now=self._moment())
        return ReaderReport(
            flag=flag,
            status=status,
            product=price["product"],
            market=price["market"],
            date=price["date"],
            price=float(price["price"]),
            text=words,
        )

    def _moment(self) -> dt.datetime:
        """Return the present moment, UTC without zone."""
        return self._clock().astimezone(dt.UTC).replace(tzinfo=None)
