"""Forecasts and spreads are the same on the command line, over HTTP and in Python, and say why they are silent."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.cli.entry import run
from api.settings import Settings
from layers.territory import builtin_territory
from layers.workspace import Workspace
from market_prices import Book

START = dt.date(2022, 1, 15)
MONTHS = [dt.date(START.year + step // 12, step % 12 + 1, 15) for step in range(48)]
UNTIL = "2025-12-31"
PRODUCTS = {"tomate": "seasonal", "papa": "walk", "cebolla": "short"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return four years of a price with a season, one without, and a short one, in two markets."""
    folder = tmp_path_factory.mktemp("outlook")
    Workspace.init(folder / "ws", builtin_territory("valles_crucenos"))
    generator = np.random.default_rng(3)
    lines = ["fecha,mercado,producto,unidad,precio,nivel"]
    for market in ("santa_cruz", "cochabamba"):
        walk = np.cumsum(generator.normal(0, 0.06, len(MONTHS)))
        for step, day in enumerate(MONTHS):
            season = 0.4 * np.cos(2 * np.pi * step / 12) + generator.normal(0, 0.02)
            logs = {"tomate": season, "papa": walk[step], "cebolla": season}
            for product, kind in PRODUCTS.items():
                if kind != "short" or step >= 20:
                    lines.append(f"{day},{market},{product},kg,{5 * np.exp(logs[product]):.2f},mayorista")
    (folder / "list.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Book.open(folder / "ws") as book:
        assert book.import_file(folder / "list.csv").rejected == 0
    return folder / "ws"


@pytest.fixture(scope="module")
def visitor(workspace: Path) -> Iterator[TestClient]:
    """Return a client of a server over that workspace."""
    with TestClient(create_app(Settings(workspace=workspace)), raise_server_exceptions=False) as made:
        yield made


def _told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_the_command_and_the_address_tell_the_same_forecast(
    workspace: Path, visitor: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--product", "tomate", "--market", "santa_cruz", "--to", UNTIL, "-w", str(workspace)]
    assert run(["prices", "forecast", *asked, "--json"]) == 0
    rows = _told(capsys)["forecast"]
    assert [row["horizon"] for row in rows] == [1, 2, 3]
    assert [row["date"] for row in rows] == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert {row["method"] for row in rows} == {"mean"}
    assert all(row["low80"] < row["price"] < row["high80"] for row in rows)
    assert rows[0]["low95"] is None or rows[0]["low95"] < rows[0]["low80"]
    params = {"product": "tomate", "market": "santa_cruz", "until": UNTIL}
    answer = visitor.get("/api/v1/prices/forecast", params=params)
    assert answer.json()["forecast"] == rows
    table = visitor.get("/api/v1/prices/forecast", params={**params, "f": "csv"})
    assert len(list(csv.DictReader(io.StringIO(table.text)))) == 3


@pytest.mark.parametrize(
    ("product", "until", "silence"),
    [("papa", UNTIL, "not_better"), ("cebolla", UNTIL, "short"), ("tomate", "2026-06-30", "old")],
)
def test_silence_says_that_nothing_beats_the_last_price(
    workspace: Path, capsys: pytest.CaptureFixture[str], product: str, until: str, silence: str
) -> None:
    asked = ["prices", "forecast", "--product", product, "--market", "cochabamba", "--to", until, "-w", str(workspace)]
    assert run([*asked, "--json"]) == 0
    rows = _told(capsys)["forecast"]
    assert {row["silence"] for row in rows} == {silence}
    assert {row["price"] for row in rows} <= {rows[0]["last_price"], None}
    assert run(asked) == 0
    assert "No hay nada mejor que el último precio" in capsys.readouterr().out


def test_the_book_gives_frames_with_units_and_the_same_answer_as_of_a_day(workspace: Path) -> None:
    today = dt.datetime.now(dt.UTC).date()
    with Book.open(workspace) as book:
        one = book.forecast("tomate", "santa_cruz", until=UNTIL, as_of=today)
        tables = {
            "forecast": one,
            "latest": book.latest("tomate"),
            "series": book.series("tomate", "santa_cruz"),
            "weekly": book.series("tomate", "santa_cruz", frequency="weekly"),
            "indicators": book.indicators("tomate"),
            "season": book.season("tomate"),
            "spread": book.spread("tomate"),
            "transmission": book.transmission("tomate"),
        }
        book.add("tomate", "santa_cruz", price=9.9, unit="kg", date="2025-12-30")
        assert book.forecast("tomate", "santa_cruz", until=UNTIL, as_of=today - dt.timedelta(days=1)).empty
        later = book.forecast("tomate", "santa_cruz", until=UNTIL)
        assert later["last_price"].iloc[0] != one["last_price"].iloc[0]
    for name, table in tables.items():
        figures = [column for column in table.columns if table[column].dtype == float and table[column].notna().any()]
        assert set(figures) <= set(table.attrs["units"]), name
    assert {"last_date", "age_days", "stale"} <= set.intersection(
        *({*tables[name].columns} for name in ("forecast", "indicators", "season", "spread", "transmission"))
    )


def test_the_command_and_the_address_tell_the_same_spread(
    workspace: Path, visitor: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["prices", "spread", "--product", "tomate", "--market", "santa_cruz", "-w", str(workspace)]
    assert run([*asked, "--json"]) == 0
    told = _told(capsys)
    answer = visitor.get("/api/v1/prices/spread", params={"product": "tomate", "market": "santa_cruz"}).json()
    assert (answer["spread"], answer["transmission"]) == (told["spread"], told["transmission"])
    assert told["transmission"][0]["lag"] == 0
    assert len(told["spread"]) == 48
    assert run(asked) == 0
    shown = capsys.readouterr().out
    assert "A = Santa Cruz de la Sierra, B = Cochabamba" in shown
    assert "Se mueven a la vez" in shown
    assert run([*asked[:3], "oregano", "-w", str(workspace)]) != 0
