"""A book survives killed processes, is copied before an upgrade, and refuses what it cannot hold."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from layers.territory import builtin_territory
from layers.workspace import Workspace
from market_prices import Book, BookError, starter_files
from market_prices.book_tables import metadata, observation, series
from market_prices.ledger.book_engine import book_engine, writing
from market_prices.ledger.book_upgrade import _config, bring_up_to_date, current_revision

LIST = "fecha;mercado;producto;unidad;precio"

KILLER = """
import json, os, random, signal, sys, time
from pathlib import Path
from market_prices import Book

folder, source, trials = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])

def trial(path, delay):
    child = os.fork()
    if child == 0:
        with Book.open(path) as book:
            book.import_file(source)
        os._exit(0)
    started = time.monotonic()
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return time.monotonic() - started

with Book.open(folder / "whole.db"):
    pass
whole = trial(folder / "whole.db", None)
with Book.open(folder / "whole.db") as book:
    rows = book.summary().observations
found = []
for number in range(trials):
    path = folder / f"killed{number}.db"
    trial(path, whole * (number + 0.5) / trials)
    with Book.open(path) as book:
        summary = book.summary()
        kept = summary.observations
        again = book.import_file(source)
        found.append([kept, summary.batches, again.accepted + again.duplicates, book.summary().observations])
print(json.dumps({"rows": rows, "found": found}))
"""


def test_a_killed_import_leaves_all_or_nothing(tmp_path: Path) -> None:
    source = tmp_path / "big.csv"
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(60)]
    rows = [
        f"{day};{market};{product};kg;{5 + n % 7}"
        for n, day in enumerate(days)
        for market in ("samaipata", "mairana", "comarapa")
        for product in ("papa", "tomate", "cebolla", "vainita", "uva", "durazno", "choclo", "arveja")
    ]
    source.write_text("\n".join([LIST, *rows, ""]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(tmp_path), str(source), "6"], check=True, capture_output=True, text=True
    )
    told = json.loads(done.stdout)
    assert told["rows"] == len(rows)
    for kept, batches, counted, after in told["found"]:
        assert (kept, batches) in {(0, 0), (len(rows), 1)}
        assert counted == after == len(rows)
    assert {0} <= {each[0] for each in told["found"]}, "no trial was killed in time"


def _four_files(written: Callable[..., Path]) -> list[Path]:
    return [
        written(LIST, *(f"{day}/8/2026;{market};papa;kg;5" for day in range(1, 29)), name=f"{market}.csv")
        for market in ("samaipata", "mairana", "comarapa", "saipina")
    ]


def test_two_writers_lose_nothing(book_target: Path | str, written: Callable[..., Path]) -> None:
    files = _four_files(written)
    failures: list[Exception] = []

    def work(file: Path) -> None:
        try:
            with Book.open(book_target) as book:
                book.import_file(file)
                book.import_file(files[0])
        except BookError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(each,)) for each in files]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failures
    with Book.open(book_target) as book:
        assert book.summary().observations == 4 * 28


WRITER = """
import sys
from pathlib import Path
from market_prices import Book
with Book.open(sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])) as book:
    for name in sys.argv[3:]:
        book.import_file(name)
    for price in range(10):
        told = {"price": price + float(sys.argv[2]), "unit": "kg", "date": "2026-08-01", "author": sys.argv[2]}
        book.add("uva", "mairana", correction=True, **told)
"""


def test_two_processes_that_write_at_once_lose_nothing(book_target: Path | str, written: Callable[..., Path]) -> None:
    files = _four_files(written)
    Book.open(book_target).close()
    commands = [
        [sys.executable, "-c", WRITER, str(book_target), first, *(str(each) for each in order)]
        for first, order in (("1", files), ("101", files[::-1]))
    ]
    running = [subprocess.Popen(each, stderr=subprocess.PIPE, text=True) for each in commands]
    told = [each.communicate()[1] for each in running]
    assert [each.returncode for each in running] == [0, 0], told
    with Book.open(book_target) as book:
        grapes = book._engine.connect()
        revisions = grapes.execute(
            sa.select(observation.c.revision).join(series).where(series.c.product == "uva").order_by("revision")
        )
        numbers = [each[0] for each in revisions]
        grapes.close()
        assert numbers == list(range(20))
        assert book.summary().observations == 4 * 28 + 20


def test_many_programs_may_open_a_new_book_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def work(path: Path) -> None:
        try:
            Book.open(path).close()
        except BookError as error:
            failures.append(error)

    for trial in range(20):
        threads = [threading.Thread(target=work, args=(tmp_path / f"{trial}.db",)) for _ in range(6)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert not failures


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index observation_unusual")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_tables_are_those_that_the_migrations_make(tmp_path: Path) -> None:
    engine = book_engine(tmp_path / "b.db")
    assert bring_up_to_date(engine) is None
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    engine.dispose()


@pytest.mark.postgresql
def test_a_server_gets_the_same_tables_however_many_open_it_at_once(new_database: Callable[..., str]) -> None:
    url = new_database(empty=True)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            Book.open(url).close()
        except BookError as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failures
    engine = book_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_an_older_book_is_copied_before_it_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    engine = book_engine(path)
    config = _config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO batch VALUES (1, '2026-01-01 00:00:00', 'Ana', 'add', '', '', 1, 1, 0, 0, 0)"
        )
    assert current_revision(engine) == "0001"
    engine.dispose()
    with Book.open(path) as book:
        assert book.summary().batches == 1
    copy = tmp_path / "b.db.0001.bak"
    with sqlite3.connect(copy) as old:
        assert old.execute("SELECT author FROM batch").fetchall() == [("Ana",)]
        assert "source_term" not in {row[0] for row in old.execute("SELECT name FROM sqlite_master")}


def test_a_newer_book_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    Book.open(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(BookError, match="más nueva"):
        Book.open(path)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    assert not list(tmp_path.glob("*.bak"))


def test_what_is_no_book_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "texto.db"
    text.write_text("esto no es una base de datos " * 100, encoding="utf-8")
    with pytest.raises(BookError, match="no es un libro de precios"):
        Book.open(text)
    other = tmp_path / "otra.db"
    with sqlite3.connect(other) as raw:
        raw.execute("CREATE TABLE clientes (id INTEGER)")
    with pytest.raises(BookError, match="tiene otras tablas"):
        Book.open(other)
    with pytest.raises(BookError, match="No existe la carpeta"):
        Book.open(tmp_path / "no" / "b.db")
    with pytest.raises(BookError, match="no es la dirección de una base de datos"):
        Book.open("://")
    with pytest.raises(BookError, match="Falta el controlador"):
        Book.open("nada://servidor/base")


@pytest.mark.parametrize(
    ("pragma", "message"), [("query_only = ON", "No se puede escribir"), ("max_page_count = 1", "No queda espacio")]
)
def test_a_disk_that_refuses_is_said_and_the_book_stays(
    tmp_path: Path, written: Callable[..., Path], pragma: str, message: str
) -> None:
    days = [f"{dt.date(2020, 1, 1) + dt.timedelta(days=n)};samaipata;papa;kg;5" for n in range(2500)]
    path = written(LIST, *days)
    with Book.open(tmp_path / "b.db") as book:
        book.add("papa", "mairana", price=5, unit="kg")

        def refuse(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA {pragma}")

        book._engine.dispose()
        sa.event.listen(book._engine, "connect", refuse)
        with pytest.raises(BookError, match=message):
            book.import_file(path)
        sa.event.remove(book._engine, "connect", refuse)
        book._engine.dispose()
        assert book.summary().observations == 1


def test_a_workspace_brings_its_own_vocabulary(tmp_path: Path) -> None:
    files = starter_files()
    files["products.toml"] += '\n[product.gualusa]\nname = "Gualusa"\ngroup = "tubérculo"\nlocal = true\n'
    workspace = Workspace.init(tmp_path / "ws", builtin_territory("valles_crucenos"), files=files)
    for target in (workspace, tmp_path / "ws", str(tmp_path / "ws")):
        with Book.open(target) as book:
            assert book.vocabulary.product("gualusa")[0].local
    assert workspace.prices_path.exists()
