"""A raster wherever it lies: a file on this disk, or bytes that somebody else gives by ranges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class RasterSource:
    """Names a raster and says how it is opened."""

    name: str
    """Path of the file, or a name that ends as its file does."""
    opener: Callable[[str, str], BinaryIO] | None = None
    """Opens a name in a mode as a seekable file; ``None`` for a file on this disk."""
