"""A raster wherever it lies: a file on this disk, or bytes that somebody else gives by ranges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol, runtime_checkable

from gis.errors import VallesError


@runtime_checkable
class AttentiveOpener(Protocol):
    """An opener that wants to know beforehand what will be read, and afterwards tells what failed."""

    def __call__(self, name: str, mode: str = "rb") -> BinaryIO:
        """Open a name as a seekable file."""
        ...

    def expect(self, spans: Sequence[tuple[int, int]]) -> None:
        """Fetch parts about to be read: first byte and number of bytes of each."""
        ...

    def failure(self) -> VallesError | None:
        """Return, once, the error that the raster library hid; ``None`` if there was none."""
        ...


@dataclass(frozen=True)
class RasterSource:
    """Names a raster and says how it is opened."""

    name: str
    """Path of the file, or a name that ends as its file does."""
    opener: Callable[[str, str], BinaryIO] | None = None
    """Opens a name in a mode as a seekable file; ``None`` for a file on this disk."""
