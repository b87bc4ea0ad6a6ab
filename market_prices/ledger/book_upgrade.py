"""Bringing a price book to the present version: a copy first, and a newer book is refused."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from gis.atomic import atomic_path
from gis.messages import translator
from market_prices.ledger.book_engine import book_errors, reading, writing
from market_prices.price_errors import BookError

_ = translator("market_prices")


def bring_up_to_date(engine: sa.Engine) -> Path | None:
    """Make the tables of a new book, or upgrade those of an older one.

    Returns
    -------
    Path or None
        The copy made before an upgrade, beside the book; ``None`` when nothing had to be upgraded.

    Raises
    ------
    BookError
        The book was written by a newer program, is no price book, or cannot be read, copied or written; a database
        server is never upgraded here, because no copy of it can be made.
    """
    config = _config()
    script = ScriptDirectory.from_config(config)
    found, tables = _state(engine)
    if found is not None:
        _refuse_newer(script, found)
        if found == script.get_current_head():
            return None
    elif tables:
        raise BookError(
            _("{where} no es un libro de precios: tiene otras tablas").format(where=_where(engine)),
            expected=_("Un libro de precios de Valles o un archivo nuevo"),
        )
    copy = _copy(engine, found) if found is not None else None
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        # Alembic reads the version again inside the transaction: a second process that waited finds nothing to do.
        command.upgrade(config, "head")
    return copy


def current_revision(engine: sa.Engine) -> str | None:
    """Return the version of a book, ``None`` for one without tables.

    Raises
    ------
    BookError
        The book cannot be read.
    """
    return _state(engine)[0]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("market_prices") / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _state(engine: sa.Engine) -> tuple[str | None, list[str]]:
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision(), sa.inspect(connection).get_table_names()


def _refuse_newer(script: ScriptDirectory, found: str) -> None:
    try:
        known = script.get_revision(found) is not None
    except CommandError:
        known = False
    if not known:
        raise BookError(
            _("El libro de precios es de una versión más nueva del programa ({found})").format(found=found),
            expected=_("Una versión hasta {head}").format(head=script.get_current_head()),
            remedy=_("Actualice Valles, o abra una copia de respaldo anterior"),
        )


def _where(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=True).removeprefix("sqlite:///")


def _copy(engine: sa.Engine, revision: str) -> Path:
    if engine.dialect.name != "sqlite" or not engine.url.database:
        raise BookError(
            _("El libro de precios {where} es de una versión anterior").format(where=_where(engine)),
            expected=_("Un respaldo del servidor antes de actualizarlo"),
            remedy=_("Respáldelo y ejecute las migraciones con alembic"),
        )
    book = Path(engine.url.database)
    copy = book.with_name(f"{book.name}.{revision}.bak")
    with book_errors(engine), atomic_path(copy) as temporary, reading(engine) as connection:
        source = connection.connection.driver_connection
        target = sqlite3.connect(temporary)
        if isinstance(source, sqlite3.Connection):
            source.backup(target)
        target.close()
    return copy
