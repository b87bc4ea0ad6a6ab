"""Opening the database of a price book, and turning its refusals into errors of the house."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy import exc as database_errors

from gis.messages import translator
from market_prices.price_errors import BookError

_ = translator("market_prices")

_BUSY_MS = 30_000
_AGAIN_S = 0.02
_CACHE_KB = 16_000
"""Pages that a connection keeps at hand: as many as the last prices of a region lie in."""
_TURN = 20_260_817
"""Number of the lock that writers of a server's book take in turn; each database has its own."""


def book_engine(target: Path | str) -> sa.Engine:
    """Return an engine on a book: a file path (SQLite) or a database URL.

    Raises
    ------
    BookError
        The folder does not exist, the URL is no database URL, or its driver is not installed.
    """
    if isinstance(target, Path):
        if not target.parent.is_dir():
            raise BookError(
                _("No existe la carpeta {folder}").format(folder=target.parent),
                expected=_("Una carpeta donde guardar el libro de precios"),
            )
        url = sa.URL.create("sqlite", database=str(target))
    else:
        try:
            url = sa.make_url(target)
        except database_errors.ArgumentError as error:
            raise BookError(
                _("«{url}» no es la dirección de una base de datos").format(url=target.rpartition("@")[2]),
                expected=_("Por ejemplo postgresql+psycopg://usuario@servidor/base"),
            ) from error
    try:
        engine = sa.create_engine(url)
    except (ModuleNotFoundError, database_errors.NoSuchModuleError) as error:
        raise BookError(
            _("Falta el controlador para {name}: {reason}").format(name=url.drivername, reason=error),
            remedy=_("Instale valles[postgresql]"),
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not open transactions on its own: tables, too, are made inside ours.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    _keep_a_log(cursor)
    for pragma in ("synchronous = FULL", "foreign_keys = ON", f"cache_size = -{_CACHE_KB}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _keep_a_log(cursor: sqlite3.Cursor) -> None:
    # A change of journal mode does not honour the busy timeout: two programs that open a new book at once would
    # refuse each other, so the one that comes second asks again until its time is up.
    until = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_AGAIN_S)
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer takes its turn before it reads what is there, or two would decide on the same picture.
    writing = connection.get_execution_options().get("valles_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def writing(engine: sa.Engine, *, keep: bool = True) -> Iterator[sa.Connection]:
    """Give a connection in one transaction that is committed whole at the end, or leaves nothing.

    Parameters
    ----------
    engine
        The book's engine.
    keep
        ``False`` rehearses: everything is done and then undone.

    Raises
    ------
    BookError
        The database refuses: read-only, full, locked, or not a price book.
    """
    with book_errors(engine), engine.connect() as plain:
        connection = plain.execution_options(valles_writing=True)
        with connection.begin() as transaction:
            if engine.dialect.name == "postgresql":
                # As with a file: a writer takes its turn before it reads what is there.
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
            yield connection
            if not keep:
                transaction.rollback()


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection that sees one state of the book.

    Raises
    ------
    BookError
        The database cannot be read.
    """
    with book_errors(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # As with a file: what is asked first and what is asked next are answered from the same state.
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def book_errors(engine: sa.Engine) -> Iterator[None]:
    """Turn database errors inside the block into :class:`BookError`.

    Raises
    ------
    BookError
        For every error of the database or its driver.
    """
    try:
        yield
    except (database_errors.SQLAlchemyError, sqlite3.Error) as error:
        raise _book_error(engine, error) from error


def _book_error(engine: sa.Engine, error: Exception) -> BookError:
    where = engine.url.render_as_string(hide_password=True).removeprefix("sqlite:///")
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    plain = reason.lower()
    if "readonly" in plain or "read-only" in plain or "unable to open" in plain:
        return BookError(
            _("No se puede escribir el libro de precios {where}").format(where=where),
            expected=_("Un archivo y una carpeta con permiso de escritura"),
            remedy=_("Cambie los permisos o elija otro espacio de trabajo"),
        )
    if "full" in plain or "disk i/o" in plain:
        return BookError(
            _("No queda espacio en el disco para {where}; el libro quedó como estaba").format(where=where),
            remedy=_("Libere espacio y repita la orden"),
        )
    if "locked" in plain or "busy" in plain:
        return BookError(
            _("Otro programa está escribiendo en {where}").format(where=where),
            remedy=_("Espere a que termine y repita la orden"),
        )
    if "not a database" in plain or "malformed" in plain:
        return BookError(
            _("{where} no es un libro de precios o está dañado").format(where=where),
            remedy=_("Restaure el respaldo o elija otro archivo"),
        )
    return BookError(_("La base de datos {where} rechazó la operación: {reason}").format(where=where, reason=reason))
