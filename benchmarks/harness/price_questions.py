"""What is asked of a price book every day, and the same of DuckDB on the same rows, question by question in turns."""

from __future__ import annotations

import datetime as dt
import gc
import itertools
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from market_prices import Book
from market_prices.book_tables import batch, observation, series
from market_prices.ledger.book_engine import book_engine, writing
from market_prices.ledger.bulk_rows import insert_columns

TODAY = dt.date(2026, 11, 22)
TEN_YEARS = 3_652
Asks = Mapping[str, Callable[[], Any]]
"""By side, what asks one question."""
Figures = dict[str, float]


def made_prices(keys: int, days: int) -> Iterator[tuple[dt.date, np.ndarray]]:
    """Give the made-up prices of all series, day by day."""
    rng = np.random.default_rng(20_260_817)
    for back in range(days, 0, -1):
        yield TODAY - dt.timedelta(days=back), np.round(rng.uniform(3, 9, keys), 2)


def days_of(rows: int) -> int:
    """Return over how many days some rows are spread."""
    return min(TEN_YEARS, max(rows // 20, 1))


def fill(path: Path, rows: int) -> list[tuple[str, str, str]]:
    """Fill a book with ten years of daily prices, written day by day as they are recorded; return the series."""
    with Book.open(path, today=TODAY) as book:
        local = [each.id for each in book.vocabulary.local_markets()]
        others = [each.id for each in book.vocabulary.all_markets if each.kind != "index" and each.id not in local]
        products = [each.id for each in book.vocabulary.all_products]
    levels = ("wholesale", "retail", "farm_gate")
    keys = [(product, market, level) for level in levels for product in products for market in (*local, *others)]
    days = days_of(rows)
    keys = keys[: rows // days]
    plain = {"variety": "", "unit": "kg", "quantity": 1.0, "package": "", "kind": "observed", "source": "local"}
    empty = np.full(len(keys), "", dtype=object)
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
        for date, price in made_prices(len(keys), days):
            day = np.full(len(keys), date.isoformat(), dtype=object)
            columns: dict[str, np.ndarray] = {"series_id": numbers, "date": day, "time": empty, "revision": zeros}
            columns |= {"low": price - 0.5, "price": price, "high": price + 0.5, "withdrawn": zeros}
            columns |= dict.fromkeys(("availability", "sale", "origin", "flags"), empty)
            columns |= {"batch_id": zeros + 1, "line": numbers, "offered": zeros + np.nan}
            insert_columns(connection, observation, columns, np.arange(len(keys)))
    engine.dispose()
    return keys


def timed(asks: Asks, asked: int, *, before: Callable[[], Any] | None = None) -> dict[str, Figures]:
    """Return the median and the 95th percentile of wall and processor time, ms, of questions that sides ask in turns.

    Parameters
    ----------
    asks
        What asks one question, by side.
    asked
        Questions of each side.
    before
        Done before each question, and not counted.
    """
    spent: dict[str, dict[str, list[float]]] = {side: {"wall": [], "cpu": []} for side in asks}
    for turn in range(asked + 1):
        for side in list(asks)[:: 1 if turn % 2 else -1]:
            if before is not None:
                before()
            began, used = time.perf_counter(), time.process_time()
            asks[side]()
            if turn:  # the first one warms up
                spent[side]["wall"].append(1000 * (time.perf_counter() - began))
                spent[side]["cpu"].append(1000 * (time.process_time() - used))
    told: dict[str, Figures] = {side: {} for side in asks}
    for side, kinds in spent.items():
        for name, each in kinds.items():
            last = statistics.quantiles(each, n=20)[-1]
            told[side] |= {f"{name}_p50_ms": statistics.median(each), f"{name}_p95_ms": last}
    return told


def peer_of(keys: int, days: int) -> Any:  # noqa: ANN401  a connection of a package that may be absent
    """Return DuckDB with the rows of :func:`fill`, day by day as in the book."""
    import duckdb  # noqa: PLC0415  a peer may be absent
    import pandas as pd  # noqa: PLC0415

    peer = duckdb.connect()
    peer.execute("CREATE TABLE price (series INTEGER, day DATE, price DOUBLE)")
    made = made_prices(keys, days)
    while part := list(itertools.islice(made, 200)):
        day = np.repeat(np.array([date for date, _price in part], dtype="datetime64[us]"), keys)
        number = np.tile(np.arange(1, keys + 1), len(part))
        lot = pd.DataFrame({"series": number, "day": day, "price": np.concatenate([price for _date, price in part])})
        peer.register("lot", lot)
        peer.execute("INSERT INTO price SELECT series, CAST(day AS DATE), price FROM lot")
    peer.unregister("lot")
    return peer


def questions(path: Path, rows: int, asked: int) -> tuple[dict[str, dict[str, Figures]], dict[str, bool]]:
    """Fill a book and DuckDB with the same rows and ask both; return what it took, by question, and what agreed.

    The questions: the last price of a product in a market; ten years of one series by week, by day and as recorded; the
    last price of everything in the region, as it is asked again and as it is asked after somebody recorded a price.
    """
    keys = fill(path, rows)
    days = days_of(rows)
    peer = peer_of(len(keys), days) if has_duckdb() else None
    ten = (TODAY - dt.timedelta(days=TEN_YEARS)).isoformat()
    with Book.open(path, today=TODAY) as book:
        gc.collect()
        gc.freeze()  # as the server does: libraries are not looked through again in the midst of an answer
        whole = [number for number, key in enumerate(keys, start=1) if key[2] == "wholesale"]
        asked_for = random.Random(1)  # noqa: S311  which series to ask for

        def sold() -> tuple[str, str]:
            return keys[asked_for.choice(whole) - 1][:2]

        def years(frequency: str | None) -> list[dict[str, Any]]:
            return book.series_records(*sold(), level="wholesale", start=ten, frequency=frequency)

        def of_peer(query: str) -> Callable[[], Any]:
            return lambda: peer.execute(query, [asked_for.choice(whole)] if "?" in query else None).fetchall()

        week = "SELECT date_trunc('week', day) AS w, median(price), min(price), max(price), count(*) FROM price"
        ours: dict[str, Callable[[], Any]] = {
            "latest": lambda: book.latest_records(*sold(), level="wholesale"),
            "latest_as_of": lambda: book.latest_records(*sold(), level="wholesale", as_of=TODAY),
            "weekly": lambda: years("weekly"),
            "daily": lambda: years("daily"),
            "as_recorded": lambda: years(None),
            "region": book.region,
        }
        theirs = {
            "latest": "SELECT day, price FROM price WHERE series = ? ORDER BY day DESC LIMIT 2",
            "weekly": f"{week} WHERE series = ? GROUP BY w ORDER BY w",
            "daily": "SELECT day, median(price), min(price), max(price), count(*) FROM price WHERE series = ? "
            "GROUP BY day ORDER BY day",
            "as_recorded": "SELECT day, price FROM price WHERE series = ? ORDER BY day",
            "region": "SELECT series, max(day), arg_max(price, day) FROM price GROUP BY series",
        }
        told = {}
        for name, ask in ours.items():
            sides = {"valles": ask}
            if peer is not None and name in theirs:
                sides["duckdb"] = of_peer(theirs[name])
            told[name] = timed(sides, max(asked // 4, 2) if name == "region" else asked)
        same = {} if peer is None else _agreed(book, peer, keys[whole[0] - 1], whole[0], f"{week} WHERE series = ?")
        told["region_after_entry"] = timed({"valles": book.region}, max(asked // 4, 2), before=_entries(book, keys[0]))
    gc.unfreeze()
    if peer is not None:
        peer.close()
    return told, same


def _entries(book: Book, key: tuple[str, str, str]) -> Callable[[], Any]:
    """Return what records another price of today, so that nothing kept from the last answer may be given again."""
    prices = itertools.cycle((5.0, 5.5, 6.0, 6.5))
    product, market, level = key
    today = {"unit": "kg", "level": level, "date": TODAY, "author": "", "correction": True}
    return lambda: book.add(product, market, price=next(prices), **today)


def _agreed(book: Book, peer: Any, key: tuple[str, str, str], number: int, week: str) -> dict[str, bool]:  # noqa: ANN401
    """Say whether both sides tell the same last price and the same weeks of one series."""
    product, market, level = key
    last = peer.execute("SELECT price FROM price WHERE series = ? ORDER BY day DESC LIMIT 1", [number]).fetchall()[0][0]
    ours = [each["price"] for each in book.latest_records(product, market, level=level)]
    weeks = book.series_records(product, market, level=level, frequency="weekly")
    theirs = [each[1] for each in peer.execute(f"{week} GROUP BY w ORDER BY w", [number]).fetchall()]
    return {"latest": ours == [last], "weekly": np.allclose([each["price"] for each in weeks], theirs, atol=1e-9)}


def has_duckdb() -> bool:
    """Say whether the peer is installed."""
    from importlib.util import find_spec  # noqa: PLC0415

    return find_spec("duckdb") is not None


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

            told = timed({"valles": ask}, asked)["valles"]
            line.close()
            return {name: each for name, each in told.items() if name.startswith("wall")}
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
