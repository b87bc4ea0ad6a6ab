"""Telling how far files on their way have come."""

from __future__ import annotations

import threading
from collections.abc import Callable

Told = Callable[[str, int, int], None]
"""Told the name of a file, the bytes that have come and the bytes in all, 0 when that is not known."""


def one_at_a_time(told: Told | None) -> Told:
    """Return what may be told from several threads; they wait for one another."""
    lock = threading.Lock()

    def tell(name: str, done: int, total: int) -> None:
        if told is not None:
            with lock:
                told(name, done, total)

    return tell
