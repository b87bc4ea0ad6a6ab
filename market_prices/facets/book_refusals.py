"""The rows that a book refused or flagged: listed, and given out for correction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from gis.atomic import atomic_path
from gis.messages import translator
from market_prices.intake.written_values import parse_date
from market_prices.ledger.book_engine import reading
from market_prices.ledger.kept_rows import correction_file, kept_rows
from market_prices.ledger.price_reading import known_before
from market_prices.price_errors import ObservationError
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")


class BookRefusals:
    """An open book, and the rows it refused.

    Parameters
    ----------
    engine
        An open database of the present version.
    vocabulary
        Meaning of the names.
    clock
        Gives the present moment, with its zone.
    """

    def __init__(self, engine: sa.Engine, vocabulary: Vocabulary, clock: Callable[[], dt.datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self.vocabulary = vocabulary

    @property
    def today(self) -> dt.date:
        """Day from which ages count."""
        return self._clock().date()

    def rejected(
        self, *, status: str = "rejected", file: str | None = None, as_of: dt.date | str | None = None
    ) -> pd.DataFrame:
        """Return the rows that were refused or flagged, as they stood in their file, with the reason.

        Parameters
        ----------
        status
            ``rejected`` (and not set right since), ``flagged``, ``fixed`` or ``all``.
        file
            Only those of the file with this name.
        as_of
            As known by the end of this day (UTC).

        Raises
        ------
        ObservationError
            No such status, or ``as_of`` is no date.
        BookError
            The book cannot be read.
        """
        before = known_before(day_told(as_of))
        with reading(self._engine) as connection:
            return kept_rows(connection, status=status, file=file, before=before)

    def export_rejected(self, path: Path | str, *, file: str | None = None) -> Path:
        """Write the refused rows as a table (CSV) to be corrected in place and given back to ``import_file`` as a fix.

        Raises
        ------
        ObservationError
            There are none, or they stood under different headers: choose one ``file``.
        gis.errors.StorageError
            The book cannot be read or the file not be written.
        """
        with reading(self._engine) as connection:
            text = correction_file(connection, kept_rows(connection, status="rejected", file=file))
        with atomic_path(Path(path)) as temporary:
            temporary.write_text(text, encoding="utf-8-sig", newline="\n")  # with the mark, spreadsheets read it
        return Path(path)


def day_told(date: dt.date | str | None) -> dt.date | None:
    """Return a day as people write it; nothing stays nothing.

    Raises
    ------
    ObservationError
        The text is no date.
    """
    if date is None or isinstance(date, dt.date):
        return date
    read = parse_date(date)
    if not read:
        raise ObservationError(
            _("«{text}» no es una fecha").format(text=date), expected=_("por ejemplo 2026-08-05 o 5/8/2026")
        )
    return dt.date.fromisoformat(read)
