"""Indicators and seasons at the command line and over HTTP say the same, nominal and real."""

from __future__ import annotations

import csv
import io
import json
import re
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

MONTHS = [f"{2020 + number // 12}-{number % 12 + 1:02d}-01" for number in range(60)]
FIGURES = {"date", "price", "real_price", "alps", "alps_real", "ifpa", "ifpa_real", "alps_class", "ifpa_class", "flags"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with five years of two items and the general index, one month short."""
    folder = tmp_path_factory.mktemp("indicators")
    Workspace.init(folder / "ws", builtin_territory("valles_crucenos"))
    generator = np.random.default_rng(1)
    items, general = ["fecha,codigo,producto,indice"], ["fecha,indice_mensual"]
    for number, month in enumerate(MONTHS):
        season = 1 + 0.2 * np.cos(2 * np.pi * number / 12)
        for code, name in (("01170129", "Tomate"), ("01110101", "Pan corriente")):
            items.append(f"{month},{code},{name},{100 * season * generator.lognormal(0, 0.1):.4f}")
        general.append(f"{month},{100 + number}")
    (folder / "items.csv").write_text("\n".join(items) + "\n", encoding="utf-8")
    (folder / "general.csv").write_text("\n".join(general[:-1]) + "\n", encoding="utf-8")
    with Book.open(folder / "ws") as book:
        for name in ("items.csv", "general.csv"):
            assert book.import_file(folder / name).rejected == 0
    return folder / "ws"


@pytest.fixture(scope="module")
def visitor(workspace: Path) -> Iterator[TestClient]:
    """Return a client of a server over that workspace."""
    with TestClient(create_app(Settings(workspace=workspace)), raise_server_exceptions=False) as made:
        yield made


def _told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_the_command_and_the_address_tell_the_same_indicators(
    workspace: Path, visitor: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["prices", "indicators", "--product", "tomate", "--market", "nacional", "-w", str(workspace), "--json"]
    assert run(wanted) == 0
    rows = _told(capsys)["indicators"]
    assert len(rows) == 60
    assert set(rows[0]) >= FIGURES
    assert (rows[0]["ifpa"], rows[0]["ifpa_class"]) == (None, None)
    assert rows[-1]["flags"] == "cpi_carried"
    assert rows[-1]["alps_class"] in {"normal", "stress", "alert", "crisis"}
    assert rows[0]["real_price"] == pytest.approx(rows[0]["price"] * 1.58, rel=1e-6)
    answer = visitor.get("/api/v1/prices/indicators", params={"product": "tomate", "market": "nacional"})
    assert answer.json()["indicators"] == rows


def test_the_command_and_the_address_tell_the_same_season(
    workspace: Path, visitor: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["prices", "season", "--product", "pan corriente", "-w", str(workspace), "--json"]) == 0
    rows = _told(capsys)["season"]
    assert [row["month"] for row in rows] == list(range(1, 13))
    assert sum(row["index"] for row in rows) == pytest.approx(1200, abs=1e-4)
    assert {row["basis"] for row in rows} == {"real"}
    answer = visitor.get("/api/v1/prices/season", params={"product": "pan_corriente", "market": "nacional"})
    assert answer.json()["season"] == rows


@pytest.mark.parametrize("name", ["indicators", "season"])
def test_figures_come_as_a_table_too(visitor: TestClient, name: str) -> None:
    answer = visitor.get(f"/api/v1/prices/{name}", params={"product": "tomate", "f": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["product"] for row in rows} == {"tomate"}
    assert len(rows) == (60 if name == "indicators" else 12)


@pytest.mark.parametrize("name", ["indicators", "season"])
def test_a_reader_is_told_in_words(workspace: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["prices", name, "--product", "tomate", "--market", "nacional", "-w", str(workspace)]) == 0
    told = capsys.readouterr().out
    assert "Tomate, Bolivia (índice nacional)" in told
    assert ("Precio real: en dinero de 2024-11." if name == "indicators" else "100 = promedio del año.") in told
    assert run(["prices", name, "--product", "papa", "-w", str(workspace)]) == 0
    assert capsys.readouterr().out == "Sin dato: no hay precios así.\n"


@pytest.mark.parametrize("name", ["indicators", "season"])
def test_what_is_unknown_is_refused_with_the_nearest_names(visitor: TestClient, name: str) -> None:
    answer = visitor.get(f"/api/v1/prices/{name}", params={"product": "tomaste"})
    assert answer.status_code == 404
    assert "tomate" in answer.text
    assert visitor.get(f"/api/v1/prices/{name}").status_code == 422
    assert visitor.get(f"/api/v1/prices/{name}", params={"product": "tomate", "until": "ayer"}).status_code == 422


def test_nothing_dated_later_is_used_when_a_last_day_is_set(visitor: TestClient) -> None:
    asked = {"product": "tomate", "until": "2023-12-31"}
    rows = visitor.get("/api/v1/prices/indicators", params=asked).json()["indicators"]
    assert (rows[-1]["date"], rows[-1]["base"]) == ("2023-12-01", "2023-12")


def test_items_of_the_index_are_listed_beside_the_products(
    workspace: Path, visitor: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["prices", "products", "-w", str(workspace), "--json"]) == 0
    names = {row["id"] for row in _told(capsys)["products"]}
    assert names >= {"tomate", "pan_corriente", "ipc_general"}
    assert {row["id"] for row in visitor.get("/api/v1/prices/products").json()["products"]} == names


def test_every_product_tells_in_how_many_markets_it_has_a_price(visitor: TestClient) -> None:
    told = {row["id"]: row for row in visitor.get("/api/v1/prices/products").json()["products"]}
    assert told["tomate"]["local"]
    assert told["pan_corriente"]["markets"] == 0  # the national index is no market
    assert told["chirimoya"]["markets"] == 0


@pytest.mark.parametrize(("language", "sign"), [("es", ","), ("en", ".")])
def test_figures_carry_the_decimal_sign_of_the_language(
    workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str, sign: str
) -> None:
    monkeypatch.setenv("VALLES_LANGUAGE", language)
    for line in (
        "latest --product tomate",
        "indicators --product tomate --market nacional",
        "forecast --product tomate",
    ):
        assert run(["prices", *line.split(), "-w", str(workspace)]) == 0
        signs = set(re.findall(r"\d([.,])\d", capsys.readouterr().out))
        assert signs <= {sign}


def test_the_first_alert_of_a_month_stands_beside_that_of_today(
    workspace: Path, visitor: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["prices", "indicators", "--product", "tomate", "--market", "nacional", "-w", str(workspace)]
    assert run([*line, "--vintages", "--json"]) == 0
    rows = _told(capsys)["indicators"]
    asked = {"product": "tomate", "market": "nacional"}
    told = visitor.get("/api/v1/prices/indicators", params={**asked, "vintages": "true"}).json()["indicators"]
    assert told == rows
    then = visitor.get("/api/v1/prices/indicators", params={**asked, "until": "2024-03-31"}).json()["indicators"][-1]
    row = next(each for each in rows if each["date"] == "2024-03-01")
    assert (row["alps_first"], row["alps_first_class"]) == (then["alps"], then["alps_class"])
    assert "alps_first" not in visitor.get("/api/v1/prices/indicators", params=asked).json()["indicators"][0]
    assert run([*line, "--vintages"]) == 0
    assert "ALPS al terminar el mes" in capsys.readouterr().out
