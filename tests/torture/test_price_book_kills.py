"""Fifty imports killed at random moments, on a file and on a real PostgreSQL: all or nothing, fifty of fifty."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from market_prices import Book

KILLS = 50
ROWS = 20_000
NURSERY = """
import os, sys
from pathlib import Path
from market_prices import Book
from market_prices.intake import files, text_table  # loaded once, for all children
print("ready", flush=True)
for line in sys.stdin:
    target, source = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if child == 0:
        try:
            with Book.open(target if "://" in target else Path(target)) as book:
                os.write(1, f"{os.getpid()}\\n".encode())
                book.import_file(source)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.write(1, b"over\\n")
"""
"""A process that has loaded the program and gives birth to one that imports, for each line it is told."""


def _server() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "market_prices" / "postgresql_server.py"
    spec = importlib.util.spec_from_file_location("torture_postgresql_server", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    if request.param == "sqlite":
        yield tmp_path / "prices.db"
        return
    server = _server()
    if reason := server.why_not():
        pytest.skip(reason)
    with server.running_server() as url:
        yield url


def _file(path: Path, number: int) -> Path:
    first = dt.date(2000, 1, 1)
    markets, products = ("samaipata", "mairana", "comarapa", "saipina"), ("papa", "tomate", "cebolla", "uva", "choclo")
    pairs = [(market, product) for market in markets for product in products]
    lines = [
        f"{first + dt.timedelta(days=day)};{market};{product};kg;{5 + (day + number) % 9},50;lote {number}"
        for day in range(ROWS // len(pairs))
        for market, product in pairs
    ]
    path.write_text("\n".join(["fecha;mercado;producto;unidad;precio;envase", *lines, ""]), encoding="utf-8")
    return path


@pytest.fixture
def nursery() -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", NURSERY], stdin=pipe, stdout=pipe, text=True, bufsize=1)
    if process.stdout is None or process.stdin is None:
        raise RuntimeError
    process.stdout.readline()
    yield process
    process.stdin.close()
    process.wait(timeout=60)
    process.stdout.close()


def _run(nursery: subprocess.Popen[str], target: Path | str, source: Path, after: float | None) -> float:
    """Import in a process of its own, killed ``after`` so many seconds from when the book is open; return how long."""
    if nursery.stdout is None or nursery.stdin is None:
        raise RuntimeError
    nursery.stdin.write(f"{target}\t{source}\n")
    nursery.stdin.flush()
    child = int(nursery.stdout.readline())
    began = time.monotonic()
    if after is not None:
        time.sleep(after)
        with contextlib.suppress(ProcessLookupError):  # it was done before
            os.kill(child, signal.SIGKILL)
    nursery.stdout.readline()
    return time.monotonic() - began


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_every_killed_import_is_there_whole_or_not_at_all(
    target: Path | str, nursery: subprocess.Popen[str], tmp_path: Path
) -> None:
    rng = random.Random(20_260_817)  # noqa: S311  moments, not secrets
    Book.open(target).close()
    whole = _run(nursery, target, _file(tmp_path / "whole.csv", 0), None)
    held, none, all_of_it = ROWS, 0, 0
    for number in range(1, KILLS + 1):
        source = _file(tmp_path / f"{number}.csv", number)
        _run(nursery, target, source, rng.uniform(0, whole * 1.05))
        for _again in range(100):  # a server needs a moment to see that its client is gone
            with Book.open(target) as book:
                now = book.summary().observations
            if now in {held, held + ROWS}:
                break
            time.sleep(0.05)
        assert now in {held, held + ROWS}, f"{number}: {now - held} of {ROWS} rows"
        all_of_it += now == held + ROWS
        none += now == held
        held = now
    with Book.open(target) as book:
        assert book.summary().batches == held // ROWS
        report = book.import_file(_file(tmp_path / "last.csv", KILLS + 1))
        assert report.accepted == ROWS
    told = {"kills": KILLS, "nothing": none, "all": all_of_it, "whole_s": round(whole, 2)}
    print(json.dumps(told))  # noqa: T201  the figures are what is asked for
    assert none > 0
    assert none + all_of_it == KILLS
