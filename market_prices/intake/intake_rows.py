"""Rows on their way into the book: what each means, and why some are flagged or refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from market_prices.price_errors import ObservationError, UnknownNameError

TEXT_COLUMNS = (
    "date",
    "time",
    "market",
    "product",
    "variety",
    "unit",
    "package",
    "level",
    "currency",
    "availability",
    "sale",
    "origin",
    "source",
)
"""Columns of text that every format gives; what it does not know is empty."""
NUMBER_COLUMNS = ("quantity", "low", "price", "high", "offered")
"""Columns of figures; NaN where there is none."""


class IntakeRows:
    """The rows of one file, column by column, with the first reason to refuse each and all reasons to flag it.

    Parameters
    ----------
    frame
        One row per row read, with :data:`TEXT_COLUMNS` as far as known.
    lines
        (rows,) line number of each row.
    raw
        Gives the row at a position as it stood in the file.
    """

    def __init__(self, frame: pd.DataFrame, lines: np.ndarray, raw: Callable[[int], str]) -> None:
        self.frame = frame.reset_index(drop=True)
        size = len(self.frame)
        for name in TEXT_COLUMNS:
            if name not in self.frame:
                self.frame[name] = pd.Series([""] * size, dtype=object)
        for name in NUMBER_COLUMNS:
            if name not in self.frame:
                self.frame[name] = 1.0 if name == "quantity" else np.nan
        self.lines = lines.astype(np.int64)
        self.raw = raw
        self.code = np.full(size, "", dtype=object)
        """Why a row is refused, one word; empty: it is not."""
        self.reason = np.full(size, "", dtype=object)
        self.flags = np.full(size, "", dtype=object)
        """Why a row is flagged, words with blanks between."""
        self.notes = np.full(size, "", dtype=object)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def good(self) -> np.ndarray:
        """(rows,) bool: not refused so far."""
        return np.asarray(self.code == "", dtype=bool)

    def reject(self, where: np.ndarray, code: str, reason: str | Callable[[int], str]) -> None:
        """Refuse the rows of ``where`` that nothing has refused before."""
        for position in np.flatnonzero(where & self.good):
            self.code[position] = code
            self.reason[position] = reason if isinstance(reason, str) else reason(int(position))

    def flag(self, where: np.ndarray, code: str, note: str | Callable[[int], str]) -> None:
        """Flag the rows of ``where`` once with ``code`` and an explanation."""
        for position in np.flatnonzero(where & self.good):
            self.flag_one(int(position), code, note)

    def flag_one(self, position: int, code: str, note: str | Callable[[int], str]) -> None:
        """Flag one row once with ``code`` and an explanation."""
        if code in self.flags[position].split():
            return
        text = note if isinstance(note, str) else note(position)
        self.flags[position] = f"{self.flags[position]} {code}".strip()
        self.notes[position] = "; ".join(each for each in (self.notes[position], text) if each)

    def translate(self, column: str, meaning: Callable[[str], str], code: str) -> None:
        """Replace each spelling of ``column`` by what it means; rows whose spelling means nothing are refused.

        ``meaning`` may raise :class:`ObservationError` or :class:`UnknownNameError`, whose words become the reason.
        """
        codes, spellings = pd.factorize(self.frame[column])
        meant: list[str] = []
        for number, spelling in enumerate(spellings):
            try:
                meant.append(meaning(str(spelling)))
            except (ObservationError, UnknownNameError) as error:
                meant.append("")
                self.reject(codes == number, code, str(error))
        values = np.array([*meant, ""], dtype=object)
        self.frame[column] = pd.Series(values[codes], index=self.frame.index, dtype=object)
