"""Which piece is next, and which results may be handed on: nothing runs far ahead of who takes the results."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any


class JobQueue:
    """Pieces waiting, under way and done.

    Parameters
    ----------
    count
        Pieces in all.
    ahead
        Pieces that may be under way or done beyond the first that was not handed on: what memory holds of results.
    ordered
        Whether results are handed on in the order of the pieces.
    """

    def __init__(self, count: int, *, ahead: int, ordered: bool) -> None:
        self.count = count
        self.done = 0
        """Pieces done."""
        self._ahead, self._ordered = ahead, ordered
        self._waiting = deque(range(count))
        self._results: dict[int, Any] = {}
        self._handed = 0

    @property
    def finished(self) -> bool:
        """Whether every piece was handed on."""
        return self._handed == self.count

    def next(self) -> int | None:
        """Return the next piece to begin; ``None`` where none is left, or results must be taken first."""
        if not self._waiting:
            return None
        room = self._waiting[0] < self._handed + self._ahead if self._ordered else len(self._results) < self._ahead
        return self._waiting.popleft() if room else None

    def again(self, number: int) -> None:
        """Put a piece back in front."""
        self._waiting.appendleft(number)

    def put(self, number: int, result: Any) -> None:  # noqa: ANN401  whatever the work returns
        """Take the result of a piece."""
        self._results[number] = result
        self.done += 1

    def ready(self) -> Iterator[tuple[int, Any]]:
        """Hand on what may be handed on."""
        while self._results:
            number = self._handed if self._ordered else next(iter(self._results))
            if number not in self._results:
                return
            self._handed += 1
            yield number, self._results.pop(number)
