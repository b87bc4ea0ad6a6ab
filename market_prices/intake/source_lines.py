"""The lines of a text file, found when they are asked for: a large file is held once, as its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

_LINE_END = 10
_QUOTE = 34
_BLANK = re.compile(rb"[ \t\x0b\x0c]*")


class SourceLines:
    """The lines of a text.

    Parameters
    ----------
    content
        The text in UTF-8, lines ended by a line feed; the last one, too.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == _LINE_END)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, position: int) -> str:
        """Return a line, counted from 0, without its end."""
        return self._content[self.start(position) : int(self._ends[position])].decode(errors="replace")

    def rows(self, first: np.ndarray, heights: np.ndarray) -> Callable[[int], str]:
        """Return a function that gives the text of a row: each starts at a line, from 0, and takes so many."""

        def raw(position: int) -> str:
            return "\n".join(self[int(first[position]) + step] for step in range(int(heights[position])))

        return raw

    def start(self, position: int) -> int:
        """Return the first byte of a line."""
        return int(self._ends[position - 1]) + 1 if position else 0

    def first_written(self) -> int:
        """Return the first line that is not blank."""
        return next(
            number
            for number, end in enumerate(self._ends)
            if not _BLANK.fullmatch(self._content, self.start(number), int(end))
        )

    def after(self, position: int) -> memoryview:
        """Return the bytes of the lines from ``position`` on, not copied."""
        return memoryview(self._content)[self.start(position) :]

    def open_quotes(self, position: int) -> bool:
        """Say whether a line from ``position`` on has an odd number of quotation marks: a cell holds a line break."""
        quotes = np.flatnonzero(np.frombuffer(self._content, dtype=np.uint8) == _QUOTE)
        if not len(quotes):
            return False
        until = np.searchsorted(quotes, self._ends)
        within = np.diff(until, prepend=0)[position:]
        return bool((within % 2).any())
