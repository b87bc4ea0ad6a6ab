"""Where to sell, asked at the command line and over HTTP."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.entry import run
from api.settings import Settings
from layers.territory import builtin_territory
from layers.workspace import Workspace
from market_prices import Book


@pytest.fixture
def stall(tmp_path: Path) -> Path:
    """Return a workspace with yesterday's tomato in two cities."""
    Workspace.init(tmp_path / "w", builtin_territory("valles_crucenos"))
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    with Book.open(tmp_path / "w") as book:
        book.add("tomate", "santa_cruz", price=5.0, unit="kg", date=yesterday)
        book.add("tomate", "cochabamba", price=9.0, unit="kg", date=yesterday)
    return tmp_path / "w"


def test_the_command_answers_one_document(stall: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--product", "tomate", "--municipality", "Comarapa", "--quantity", "2,5", "--unit", "quintal"]
    assert run(["prices", "compare", *asked, "-w", str(stall), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["best"] == "cochabamba"
    assert told["municipality"] == "071301"
    assert told["load_kg"] == pytest.approx(115)
    first = told["markets"][0]
    terms = first["loss_per_kg"] + first["commission_per_kg"] + first["freight_per_kg"] + first["net_per_kg"]
    assert terms == pytest.approx(first["price_per_kg"], abs=1e-3)


def test_the_text_says_where_and_that_it_is_estimated(stall: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prices", "compare", "--product", "tomate", "--municipality", "071301", "-w", str(stall)]) == 0
    told = capsys.readouterr().out
    assert "Conviene Cochabamba" in told
    assert "supuesto" in told


def test_a_box_without_a_weight_is_refused_in_words(stall: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--product", "durazno", "--municipality", "Vallegrande", "--unit", "caja"]
    assert run(["prices", "compare", *asked, "-w", str(stall)]) == 1
    assert "No se sabe cuánto pesa" in capsys.readouterr().err


def test_the_directory_says_what_is_not_known(stall: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prices", "markets", "-w", str(stall), "--json"]) == 0
    markets = {each["id"]: each for each in json.loads(capsys.readouterr().out)["markets"]}
    assert markets["integracion_sur"]["days"] == ["martes", "jueves"]
    assert markets["samaipata"]["days"] == []
    assert run(["prices", "markets", "-w", str(stall)]) == 0
    assert "sin dato" in capsys.readouterr().out


def test_the_same_over_http(stall: Path) -> None:
    with TestClient(create_app(Settings(workspace=stall))) as client:
        asked = {"product": "tomate", "municipality": "Comarapa"}
        told = client.get("/api/v1/prices/compare", params=asked).json()
        assert told["markets"][0]["market"] == "cochabamba"
        text = client.get("/api/v1/prices/compare", params={**asked, "f": "csv"}).text
        assert text.splitlines()[0].startswith("best,market,")
        assert client.get("/api/v1/prices/compare", params={**asked, "quantity": 0}).status_code == 422
