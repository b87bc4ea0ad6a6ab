"""The price book beside DuckDB on the same rows: importing a file, and asking for last prices and ten years of one.

Ours checks, explains and keeps every row in one transaction; the peer loads the file as it is and answers in SQL. Both
answers are compared.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import datetime as dt
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

from contest import Contender, Report, hold, main

from market_prices import Book

TODAY = dt.date(2026, 11, 22)
PRODUCTS = ("papa", "tomate", "cebolla", "zanahoria", "pimenton", "locoto", "vainita", "arveja", "lechuga", "repollo")
SMALL, FULL = 2_000, 1_000_000
ASKED = 200
"""Questions of each kind; their 95th percentile is told."""


def write_rows(path: Path, rows: int, markets: tuple[str, ...]) -> None:
    """Write a list of made-up prices, one per market, product and day."""
    pairs = [(market, product) for market in markets for product in PRODUCTS]
    rng = random.Random(20_260_817)  # noqa: S311  made-up prices, not secrets
    with path.open("w", encoding="utf-8") as file:
        file.write("fecha,mercado,producto,unidad,precio\n")
        for number in range(rows):
            market, product = pairs[number % len(pairs)]
            day = TODAY - dt.timedelta(days=1 + (rows - 1 - number) // len(pairs))
            file.write(f"{day},{market},{product},kg,{rng.uniform(3, 9):.2f}\n")


def _ours(source: Path, folder: Path) -> int:
    target = folder / "prices.db"
    for each in folder.glob("prices.db*"):
        each.unlink()
    with Book.open(target, today=TODAY) as book:
        return book.import_file(source).accepted


def _duckdb(source: Path, folder: Path) -> int:
    import duckdb  # noqa: PLC0415  a peer may be absent

    target = folder / "peer.duckdb"
    target.unlink(missing_ok=True)
    with duckdb.connect(str(target)) as peer:
        peer.read_csv(str(source)).create("price")
        return int(peer.execute("SELECT count(*) FROM price").fetchall()[0][0])


def _p95_ms(ask: Callable[[], Any]) -> float:
    taken = []
    for _turn in range(ASKED):
        begin = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begin) * 1000)
    return statistics.quantiles(taken, n=20)[-1]


def _questions(folder: Path, markets: tuple[str, ...]) -> dict[str, float | None]:
    rng = random.Random(1)  # noqa: S311  which series to ask for
    with Book.open(folder / "prices.db", today=TODAY) as book:

        def latest() -> None:
            book.latest_records(rng.choice(PRODUCTS), rng.choice(markets))

        latest()
        return {"latest_p95_ms": _p95_ms(latest)}


def contest(small: bool, rounds: int) -> Report:
    """Hold the contest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, rows = folder / "rows.csv", SMALL if small else FULL
        with Book.open(folder / "words.db") as book:
            markets = tuple(each.id for each in book.vocabulary.local_markets())
        write_rows(source, rows, markets)
        contenders = [
            Contender(name="valles", work=lambda: _ours(source, folder)),
            Contender(name="duckdb", work=lambda: _duckdb(source, folder), needs=("duckdb",)),
        ]
        measured = hold(contenders, rounds=rounds)
        also = _questions(folder, markets)
    also["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Report(
        benchmark="prices",
        ours=measured.seconds["valles"],
        peer=measured.seconds["duckdb"],
        peer_name="duckdb",
        better="lower",
        unit="s",
        peers={"duckdb": measured.seconds["duckdb"]},
        measured=measured,
        job={"rows": rows, "markets": len(markets), "products": len(PRODUCTS)},
        checks={"rows_in": dict(measured.answers)},
        packages=("valles", "sqlalchemy", "pandas", "pyarrow", "duckdb"),
        also=also,
        notes=("the peer checks no row, knows no word and keeps no history",),
    )


if __name__ == "__main__":
    main(__doc__ or "", contest)
