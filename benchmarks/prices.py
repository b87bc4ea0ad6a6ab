"""The price book beside DuckDB on the same rows: a file taken in, the same file again, and what is asked every day.

Ours checks, explains and keeps every row in one transaction; the peer loads the file as it is and answers in SQL. Each
side takes a file in within a process of its own, which tells its time, its processor time and its peak memory.
``--large``: a file of a million rows and ten million rows in the book.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import datetime as dt
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
import sqlalchemy as sa
from contest import Measured, Report, main

from market_prices import Book
from market_prices.book_tables import batch, observation, series
from market_prices.ledger.book_engine import book_engine, writing
from market_prices.ledger.bulk_rows import insert_columns

TODAY = dt.date(2026, 11, 22)
TEN_YEARS = 3_652
SIZES = {"small": (2_000, 20_000), "usual": (100_000, 500_000), "large": (1_000_000, 10_000_000)}
"""Rows of the file, and rows in the book that is asked."""
CHILD = """
import json, resource, sys, time
from pathlib import Path
side, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
if side == "valles":
    from market_prices import Book
else:
    import duckdb
wall, cpu = time.perf_counter(), time.process_time()
if side == "valles":
    with Book.open(target) as book:
        report = book.import_file(source)
        told = [report.accepted, report.duplicates]
else:
    with duckdb.connect(str(target)) as peer:
        peer.read_csv(str(source)).create("price")
        told = [int(peer.execute("SELECT count(*) FROM price").fetchall()[0][0]), 0]
status = Path("/proc/self/status")  # the other figure begins with that of the process that started this one
if status.is_file():
    peak = next(int(each.split()[1]) for each in status.read_text().splitlines() if each.startswith("VmHWM")) / 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu, peak, told]))
"""


def write_rows(path: Path, rows: int, pairs: Sequence[tuple[str, str]]) -> None:
    """Write a list of made-up prices, one per market, product and day."""
    rng = random.Random(20_260_817)  # noqa: S311  made-up prices, not secrets
    with path.open("w", encoding="utf-8") as file:
        file.write("fecha,mercado,producto,unidad,precio\n")
        for number in range(rows):
            market, product = pairs[number % len(pairs)]
            day = TODAY - dt.timedelta(days=1 + (rows - 1 - number) // len(pairs))
            file.write(f"{day},{market},{product},kg,{rng.uniform(3, 9):.2f}\n")


def take_in(side: str, source: Path, target: Path) -> tuple[float, float, float, list[int]]:
    """Return wall s, processor s, peak MB and rows taken and passed over, of one process that takes a file in."""
    command = [sys.executable, "-c", CHILD, side, str(source), str(target)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    wall, cpu, peak, told = json.loads(done.stdout)
    return wall, cpu, peak, told


def imports(source: Path, folder: Path, rounds: int) -> tuple[Measured, dict[str, float | None]]:
    """Let both sides take the file in by turns, and ours take it in once more."""
    sides = ["valles", *(["duckdb"] if _has_duckdb() else [])]
    turns: dict[str, list[tuple[float, float, float, list[int]]]] = {each: [] for each in sides}
    for turn in range(rounds):
        for side in sides if turn % 2 == 0 else sides[::-1]:
            target = folder / f"{side}.book"
            for each in folder.glob(f"{side}.book*"):
                each.unlink()
            turns[side].append(take_in(side, source, target))
    again = take_in("valles", source, folder / "valles.book")
    middle = {side: [statistics.median(each[at] for each in told) for at in range(3)] for side, told in turns.items()}
    also: dict[str, float | None] = {"again_s": again[0], "again_cpu_s": again[1]}
    for side in ("valles", "duckdb"):
        also[f"import_cpu_s_{side}"] = middle[side][1] if side in middle else None
        also[f"import_peak_mb_{side}"] = middle[side][2] if side in middle else None
    measured = Measured(
        seconds={"valles": middle["valles"][0], "duckdb": middle["duckdb"][0] if "duckdb" in middle else None},
        spread={side: (min(told)[0], max(told)[0]) for side, told in turns.items()},
        answers={**{side: told[-1][3][0] for side, told in turns.items()}, "new_when_again": again[3][0]},
        reasons={} if "duckdb" in sides else {"duckdb": "not installed: duckdb; make bench-setup"},
        rounds=rounds,
    )
    return measured, also


def fill(path: Path, rows: int) -> list[int]:
    """Fill a book with ten years of daily prices, written day by day as they are recorded; return the series."""
    with Book.open(path, today=TODAY) as book:
        local = [each.id for each in book.vocabulary.local_markets()]
        others = [each.id for each in book.vocabulary.all_markets if each.kind != "index" and each.id not in local]
        products = [each.id for each in book.vocabulary.all_products]
    levels = ("wholesale", "retail", "farm_gate")
    keys = [(product, market, level) for level in levels for product in products for market in (*local, *others)]
    days = min(TEN_YEARS, max(rows // 20, 1))
    keys = keys[: rows // days]
    plain = {"variety": "", "unit": "kg", "quantity": 1.0, "package": "", "kind": "observed", "source": "local"}
    empty = np.full(len(keys), "", dtype=object)
    rng = np.random.default_rng(20_260_817)
    engine = book_engine(path)
    with writing(engine) as connection:
        connection.exec_driver_sql("PRAGMA cache_size = -400000")
        entry = {"author": "", "format": "", "file": "", "sha256": "", "flagged": 0, "rejected": 0, "duplicates": 0}
        moment = dt.datetime.combine(TODAY, dt.time())
        connection.execute(sa.insert(batch).values(id=1, recorded_at=moment, rows=rows, accepted=rows, **entry))
        names = [dict(zip(("product", "market", "level"), each, strict=True)) for each in keys]
        made = [{"id": at, **each, **plain, "currency": "BOB"} for at, each in enumerate(names, start=1)]
        connection.execute(sa.insert(series), made)
        numbers, zeros = np.arange(1, len(keys) + 1), np.zeros(len(keys), dtype=np.int64)
        for back in range(days, 0, -1):
            day = np.full(len(keys), (TODAY - dt.timedelta(days=back)).isoformat(), dtype=object)
            price = np.round(rng.uniform(3, 9, len(keys)), 2)
            columns: dict[str, np.ndarray] = {"series_id": numbers, "date": day, "time": empty, "revision": zeros}
            columns |= {"low": price - 0.5, "price": price, "high": price + 0.5, "withdrawn": zeros}
            columns |= dict.fromkeys(("availability", "sale", "origin", "flags"), empty)
            columns |= {"batch_id": zeros + 1, "line": numbers, "offered": zeros + np.nan}
            insert_columns(connection, observation, columns, np.arange(len(keys)))
    engine.dispose()
    return [int(each) for each in numbers]


def timed(ask: Callable[[], Any], asked: int) -> dict[str, float]:
    """Return the median and the 95th percentile of the wall and the processor time of some questions, ms."""
    wall, cpu = [], []
    ask()
    for _turn in range(asked):
        began, used = time.perf_counter(), time.process_time()
        ask()
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - used))
    told = {}
    for name, each in (("wall", wall), ("cpu", cpu)):
        told |= {f"{name}_p50_ms": statistics.median(each), f"{name}_p95_ms": statistics.quantiles(each, n=20)[-1]}
    return told


def questions(path: Path, asked: int) -> dict[str, dict[str, float]]:
    """Ask a book for last prices, ten years of one series and the dashboard of the region."""
    rng = random.Random(1)  # noqa: S311  which series to ask for
    with Book.open(path, today=TODAY) as book:
        engine = book_engine(path)
        with engine.connect() as connection:
            query = sa.select(series.c.product, series.c.market).where(series.c.level == "wholesale")
            keys = [tuple(each) for each in connection.execute(query)]
        engine.dispose()
        ten = (TODAY - dt.timedelta(days=TEN_YEARS)).isoformat()

        def years(frequency: str | None) -> Callable[[], Any]:
            return lambda: book.series_records(*rng.choice(keys), level="wholesale", start=ten, frequency=frequency)

        return {
            "latest": timed(lambda: book.latest_records(*rng.choice(keys)), asked),
            "latest_as_of": timed(lambda: book.latest_records(*rng.choice(keys), as_of=TODAY), asked),
            "weekly": timed(years("weekly"), asked),
            "daily": timed(years("daily"), asked),
            "as_recorded": timed(years(None), asked),
            "region": timed(book.region, max(asked // 4, 2)),
        }


def over_http(path: Path, folder: Path, asked: int) -> dict[str, float]:
    """Ask a server on the loopback interface, of a workspace with that book, for last prices."""
    here = folder / "workspace"
    valles = [sys.executable, "-c", "from api.cli import main; main()"]
    subprocess.run([*valles, "init", str(here), "--territory", "valles_crucenos", "--json"], check=True, stdout=-3)
    for each in here.glob("prices.db*"):
        each.unlink()
    (here / "prices.db").symlink_to(path)
    with Book.open(path, today=TODAY) as book:
        local = [each.id for each in book.vocabulary.local_markets()]
    command = [*valles, "serve", "--workspace", str(here), "--port", "8917"]
    with subprocess.Popen(command, stdout=-3, stderr=-3, env={**os.environ, "PYTHONWARNINGS": "ignore"}) as server:
        try:
            line = _connected(8917)
            rng = random.Random(2)  # noqa: S311  which market to ask for

            def ask() -> bytes:
                line.request("GET", f"/api/v1/prices/latest?product=papa&market={rng.choice(local)}&level=wholesale")
                answer = line.getresponse()
                told = answer.read()
                if answer.status != 200:  # noqa: PLR2004  OK
                    raise RuntimeError(told)
                return told

            return {name: each for name, each in timed(ask, asked).items() if name.startswith("wall")}
        finally:
            server.terminate()


def _connected(port: int) -> HTTPConnection:
    until = time.monotonic() + 120
    while True:
        line = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            line.request("GET", "/health")
            line.getresponse().read()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return line


def peer_questions(path: Path, asked: int) -> dict[str, dict[str, float]]:
    """Ask DuckDB the same of the same rows."""
    import duckdb  # noqa: PLC0415  a peer may be absent
    import pandas as pd  # noqa: PLC0415

    engine = sa.create_engine(f"sqlite:///{path}")
    rng = random.Random(1)  # noqa: S311  which series to ask for
    with duckdb.connect() as peer, engine.connect() as connection:
        peer.execute("CREATE TABLE price (series INTEGER, day DATE, price DOUBLE)")
        found = connection.execution_options(stream_results=True).execute(
            sa.text("SELECT series_id, date, price FROM observation ORDER BY id")
        )
        for part in found.partitions(500_000):
            peer.register("part", pd.DataFrame([tuple(each) for each in part], columns=["series", "day", "price"]))
            peer.execute("INSERT INTO price SELECT series, CAST(day AS DATE), price FROM part")
        most = int(peer.execute("SELECT max(series) FROM price").fetchall()[0][0])

        def ask(query: str) -> Callable[[], Any]:
            return lambda: peer.execute(query, [rng.randint(1, most)] if "?" in query else None).fetchall()

        last = "SELECT day, price FROM price WHERE series = ? ORDER BY day DESC LIMIT 2"
        week = "SELECT date_trunc('week', day) w, median(price), min(price), max(price), count(*) FROM price"
        each = "SELECT series, max(day), arg_max(price, day) FROM price GROUP BY series"
        told = {
            "latest": timed(ask(last), asked),
            "weekly": timed(ask(f"{week} WHERE series = ? GROUP BY w ORDER BY w"), asked),
            "as_recorded": timed(ask("SELECT day, price FROM price WHERE series = ? ORDER BY day"), asked),
            "region": timed(ask(each), max(asked // 4, 2)),
        }
    engine.dispose()
    return told


def _has_duckdb() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415

    return find_spec("duckdb") is not None


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    in_file, in_book = SIZES["small" if small else "large" if LARGE else "usual"]
    asked = 4 if small else 100
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Book.open(folder / "words.db") as book:
            products = [each.id for each in book.vocabulary.all_products if each.local][:10]
            pairs = [(each.id, product) for each in book.vocabulary.local_markets() for product in products]
        source, filled = folder / "rows.csv", folder / "filled.db"
        write_rows(source, in_file, pairs)
        measured, also = imports(source, folder, rounds)
        also |= {"series": float(len(fill(filled, in_book)))}
        asked_of = {
            "valles": questions(filled, asked),
            "duckdb": peer_questions(filled, asked) if _has_duckdb() else {},
        }
        if not small:
            asked_of["valles"]["latest_over_http"] = over_http(filled, folder, asked)
    for side, told in asked_of.items():
        also |= {f"{side}_{what}_{figure}": value for what, each in told.items() for figure, value in each.items()}
    also["load_of_machine"] = os.getloadavg()[0]
    return Report(
        benchmark="prices",
        ours=measured.seconds["valles"],
        peer=measured.seconds["duckdb"],
        peer_name="duckdb",
        better="lower",
        unit="s",
        peers={"duckdb": measured.seconds["duckdb"]},
        measured=measured,
        job={"rows_of_file": in_file, "rows_in_book": in_book, "questions": asked},
        checks={"rows_in": dict(measured.answers)},
        packages=("valles", "sqlalchemy", "pandas", "pyarrow", "duckdb"),
        also=also,
        notes=("the peer checks no row, knows no word and keeps no history; its last prices have no price before",),
    )


LARGE = "--large" in sys.argv

if __name__ == "__main__":
    if LARGE:
        sys.argv.remove("--large")
    main(__doc__ or "", contest)
