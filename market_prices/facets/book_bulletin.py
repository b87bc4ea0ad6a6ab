"""The weekly bulletin of a book: the same book, day and language, the same bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gis.atomic import atomic_path
from gis.messages import current_language, translator, use_language
from market_prices.bulletin.bulletin_build import bulletin_data, place_of
from market_prices.bulletin.bulletin_page import bulletin_pdf
from market_prices.bulletin.bulletin_records import BulletinData
from market_prices.bulletin.bulletin_table import bulletin_csv, bulletin_document
from market_prices.bulletin.bulletin_text import message_text, radio_text
from market_prices.bulletin.price_choice import Moment, last_prices
from market_prices.bulletin.price_map import price_map
from market_prices.facets.book_analysis import BookAnalysis, general_index
from market_prices.facets.book_refusals import day_told
from market_prices.ledger.book_engine import reading
from market_prices.ledger.price_reading import Selection
from market_prices.ledger.series_directory import book_state
from market_prices.price_errors import PriceFileError
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

_KEPT = 64
"""Bulletins that an open book remembers."""
_SUFFIXES = (".pdf", ".txt", ".csv", ".json")


@dataclass(frozen=True)
class Bulletin:
    """A bulletin, to be had in each of its forms."""

    data: BulletinData
    """Its figures."""
    language: str
    """Language that it speaks: that of the context in which it was asked for."""

    def message(self) -> str:
        """Return the text for a message, at most 1000 characters."""
        with use_language(self.language):
            return message_text(self.data)

    def radio(self) -> str:
        """Return the text to be read aloud."""
        with use_language(self.language):
            return radio_text(self.data)

    def csv(self) -> str:
        """Return the table."""
        with use_language(self.language):
            return bulletin_csv(self.data)

    def pdf(self) -> bytes:
        """Return the printed page."""
        with use_language(self.language):
            return bulletin_pdf(self.data)

    def as_dict(self) -> dict[str, Any]:
        """Return everything ready for JSON."""
        with use_language(self.language):
            return {"language": self.language, **bulletin_document(self.data)}

    def write(self, path: Path | str) -> Path:
        """Write the form that the suffix names: ``.pdf``, ``.txt`` (for the radio), ``.csv`` or ``.json``.

        Raises
        ------
        PriceFileError
            The suffix is none of these.
        gis.errors.StorageError
            The file cannot be written.
        """
        import json  # noqa: PLC0415  only who writes it needs it

        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in _SUFFIXES:
            raise PriceFileError(
                _("No hay boletín en formato «{suffix}»").format(suffix=suffix or target.name),
                expected=", ".join(_SUFFIXES),
            )
        if suffix == ".pdf":
            content = self.pdf()
        elif suffix == ".json":
            content = f"{json.dumps(self.as_dict(), ensure_ascii=False, indent=2)}\n".encode()
        else:
            content = (self.csv() if suffix == ".csv" else f"{self.radio()}\n").encode()
        with atomic_path(target) as temporary:
            temporary.write_bytes(content)
        return target


class BookBulletin(BookAnalysis):
    """Reading the week; ``Book`` adds opening and writing.

    Parameters
    ----------
    engine, vocabulary, clock
        As in :class:`market_prices.facets.book_reader.BookReader`.
    """

    def __init__(self, engine: sa.Engine, vocabulary: Vocabulary, clock: Callable[[], dt.datetime]) -> None:
        super().__init__(engine, vocabulary, clock)
        self._bulletins: dict[tuple[str, str, Moment, str], Bulletin] = {}

    def state(self) -> str:
        """Return a text that changes whenever something is recorded, flagged or decided.

        Raises
        ------
        BookError
            The book cannot be read.
        """
        with reading(self._engine) as connection:
            return "-".join(str(each) for each in book_state(connection))

    def prices_at(self, moment: Moment, markets: Sequence[str]) -> pd.DataFrame:
        """Return the last price of each series of some markets at a moment: the columns of :meth:`latest`.

        Raises
        ------
        BookError
            The book cannot be read.
        """
        with reading(self._engine) as connection:
            return last_prices(connection, self.vocabulary, markets, moment)

    def price_map(self, moment: Moment) -> pd.DataFrame:
        """Return the last price and the alert of every municipality and product at a moment, a row for each pair.

        Raises
        ------
        BookError
            The book cannot be read.
        """
        with reading(self._engine) as connection:
            index = general_index(connection, Selection(as_of=moment.as_of, end=moment.day))
            return price_map(connection, self.vocabulary, moment, index)

    def bulletin(
        self,
        municipality: str | None = None,
        *,
        date: dt.date | str | None = None,
        as_of: dt.date | str | None = None,
    ) -> Bulletin:
        """Return what changed in the seven days to a date, for a municipality or for the region.

        Fresh prices are medians of those days; what is older than 60 days is told apart and never called today's. A
        price that looks like an error is neither headlined nor in a median. Of an alert the ALPS or IFPA of that very
        series speaks.

        Parameters
        ----------
        municipality
            Code, name or id; all of the region when omitted, or ``region``.
        date
            Last of the seven days; today when omitted.
        as_of
            Only what had been recorded by the end of this day (UTC).

        Raises
        ------
        UnknownNameError
            No such municipality.
        ObservationError
            A date that is none.
        BookError
            The book cannot be read.
        """
        place = place_of(self.vocabulary, municipality)
        known = day_told(as_of)
        moment = Moment(day=day_told(date) or known or self.today, as_of=known)
        key = (self.state(), place.code, moment, current_language())
        held = self._bulletins.get(key)
        if held is None:
            with reading(self._engine) as connection:
                index = general_index(connection, Selection(as_of=moment.as_of, end=moment.day))
                data = bulletin_data(connection, self.vocabulary, place, moment, index)
            held = Bulletin(data, current_language())
            while len(self._bulletins) >= _KEPT:
                self._bulletins.pop(next(iter(self._bulletins)), None)
            self._bulletins[key] = held
        return held
