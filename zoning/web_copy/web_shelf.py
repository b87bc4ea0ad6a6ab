"""Tiles of a stack's copy that stay in memory, the longest unused dropped first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar, cast

from zoning.rating.interval_codes import Codes
from zoning.web_copy.web_stack import Kinds, WebPlace, WebStack

_KINDS = -1

Key = tuple[int, int, int]
"""Zoom, number of the tile in it, and band; −1 for the kinds of its pixels."""

Held = TypeVar("Held", Kinds | None, Codes)


class WebShelf:
    """What was read of a copy. Any number of threads may ask.

    Parameters
    ----------
    web
        The copy.
    most_bytes
        Memory that may be held.
    """

    def __init__(self, web: WebStack, *, most_bytes: int) -> None:
        self._web, self._most = web, most_bytes
        self._kept: OrderedDict[Key, Kinds | Codes | None] = OrderedDict()
        self._lock = threading.Lock()
        self.held = 0
        """Bytes in memory."""

    def __len__(self) -> int:
        return len(self._kept)

    def kinds(self, place: WebPlace) -> Kinds | None:
        """Return the kinds of a stored tile; see :meth:`zoning.web_copy.web_stack.WebStack.kinds`.

        Raises
        ------
        gis.errors.InputError
            The file turns out damaged.
        """
        return self._kept_or_read((place.zoom, place.number, _KINDS), lambda: self._web.kinds(place))

    def codes(self, place: WebPlace, band: int) -> Codes:
        """Return the stored codes of a band of a tile, shape (256, 256).

        Raises
        ------
        gis.errors.InputError
            The file turns out damaged.
        """
        return self._kept_or_read((place.zoom, place.number, band), lambda: self._web.codes(place, (band,))[0])

    def forget(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()
            self.held = 0

    def _kept_or_read(self, key: Key, read: Callable[[], Held]) -> Held:
        """Return what is kept under a key, else what is read, which is kept from now on."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast("Held", self._kept[key])
        found = read()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = found
                self.held += _bytes(found)
            while self.held > self._most and len(self._kept) > 1:
                _oldest, dropped = self._kept.popitem(last=False)
                self.held -= _bytes(dropped)
        return found


def _bytes(each: Kinds | Codes | None) -> int:
    if each is None:
        return 0
    return each.bytes if isinstance(each, Kinds) else int(each.nbytes)
