"""A book in a temporary folder or on a real PostgreSQL, and files written the way their publishers write them."""

from __future__ import annotations

import datetime as dt
import importlib.util
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa

from market_prices import Book

TODAY = dt.date(2026, 11, 22)


def _beside(name: str) -> ModuleType:
    """Load a module that lies beside this file, which is no package."""
    spec = importlib.util.spec_from_file_location(f"market_prices_tests_{name}", Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Return the URL of a server with a database ``ready`` that holds an empty book."""
    server = _beside("postgresql_server")
    if reason := server.why_not():
        pytest.skip(reason)
    with server.running_server() as url:
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE ready")
        engine.dispose()
        Book.open(_database(url, "ready")).close()
        yield url


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def new_database(postgresql_server: str, _numbers: Iterator[int]) -> Iterator[Callable[..., str]]:
    """Return a function that makes a database and gives its URL: a new book's, or one that holds nothing."""
    made: list[str] = []
    engine = sa.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")

    def make(*, empty: bool = False) -> str:
        made.append(f"book{next(_numbers)}")
        template = "" if empty else " TEMPLATE ready"
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {made[-1]}{template}")
        return _database(postgresql_server, made[-1])

    yield make
    with engine.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def book_target(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Return where a new book may be made: a file, and the URL of a database on a real server."""
    if request.param == "sqlite":
        return tmp_path / "prices.db"
    url: str = request.getfixturevalue("new_database")()
    return url


@pytest.fixture
def book(book_target: Path | str) -> Iterator[Book]:
    """Return an empty book on a set day, on each kind of database."""
    with Book.open(book_target, today=TODAY) as opened:
        yield opened


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes lines into a file."""

    def write(*lines: str, name: str = "precios.csv", encoding: str = "utf-8", end: str = "\n") -> Path:
        path = tmp_path / name
        path.write_bytes(("\n".join(lines) + end).encode(encoding))
        return path

    return write


def _database(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)
