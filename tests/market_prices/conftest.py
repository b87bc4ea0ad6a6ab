"""A book in a temporary folder, and files written the way their publishers write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from market_prices import Book

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Return an empty book on a set day."""
    with Book.open(tmp_path / "prices.db", today=TODAY) as opened:
        yield opened


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes lines into a file."""

    def write(*lines: str, name: str = "precios.csv", encoding: str = "utf-8", end: str = "\n") -> Path:
        path = tmp_path / name
        path.write_bytes(("\n".join(lines) + end).encode(encoding))
        return path

    return write
