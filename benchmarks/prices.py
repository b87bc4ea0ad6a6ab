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
from collections.abc import Sequence
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

from contest import Measured, Report, main
from price_questions import TODAY, has_duckdb, over_http, questions

from market_prices import Book

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
    sides = ["valles", *(["duckdb"] if has_duckdb() else [])]
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
        told, agreed = questions(filled, in_book, asked)
        if not small:
            told["latest_over_http"] = {"valles": over_http(filled, folder, asked)}
    for what, sides in told.items():
        also |= {f"{side}_{what}_{figure}": value for side, each in sides.items() for figure, value in each.items()}
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
        checks={"rows_in": dict(measured.answers), "same_answer": agreed},
        packages=("valles", "sqlalchemy", "pandas", "pyarrow", "duckdb"),
        also=also,
        notes=(
            "the peer checks no row, knows no word and keeps no history; its region has no price before",
            "region: asked again while nobody recorded anything; region_after_entry: a price is recorded before each",
        ),
    )


LARGE = "--large" in sys.argv

if __name__ == "__main__":
    if LARGE:
        sys.argv.remove("--large")
    main(__doc__ or "", contest)
