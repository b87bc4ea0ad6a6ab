"""A steward checks a book, reads why a price is doubted and decides, all from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.cli.entry import run
from layers.territory import builtin_territory
from layers.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return a workspace with thirty weeks of tomato, the last one with a zero too many, and a road calendar."""
    Workspace.init(tmp_path / "ws", builtin_territory("valles_crucenos"))
    prices = np.round(60.0 * np.exp(np.random.default_rng(3).normal(0.0, 0.05, 30)), 2)
    prices[20], prices[-1] = 5.9, 640.0
    days = np.arange("2026-01-05", "2026-12-31", 7, dtype="datetime64[D]")
    rows = [f"{day},santa_cruz,tomate,caja,{price}" for day, price in zip(days, prices, strict=False)]
    (tmp_path / "precios.csv").write_text("\n".join(["fecha,mercado,producto,unidad,precio", *rows]), encoding="utf-8")
    (tmp_path / "bloqueos.csv").write_text("fecha,bloqueos\n2026-06-06,83\n", encoding="utf-8")
    assert run(["prices", "import", str(tmp_path / "precios.csv"), "-w", str(tmp_path / "ws")]) == 0
    capsys.readouterr()
    return tmp_path / "ws"


def answer(capsys: pytest.CaptureFixture[str], *command: str, workspace: Path) -> dict[str, Any]:
    assert run(["prices", *command, "--json", "-w", str(workspace)]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_a_steward_checks_reads_and_decides(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calendar = str(workspace.parent / "bloqueos.csv")
    done = answer(capsys, "check", "--road-blocks", calendar, "--author", "Ana", workspace=workspace)
    assert (done["examined"], done["found"]["error"], done["road_days"]) == (30, 2, 1)
    flags = answer(capsys, "flags", "--severity", "error", workspace=workspace)["flags"]
    assert {each["price"] for each in flags} == {5.9, 640.0}
    assert {each["kind"] for each in flags} == {"power_of_ten"}
    number = next(str(each["flag"]) for each in flags if each["price"] == 640.0)
    reason = ("--author", "Rosa", "--reason", "un cero de más")
    assert answer(capsys, "confirm", number, *reason, workspace=workspace)["decision"] == "confirmed"
    last = answer(capsys, "latest", "--product", "tomate", workspace=workspace)["prices"]
    assert last[0]["price"] < 100
    series = ("series", "--product", "tomate", "--market", "santa_cruz")
    assert len(answer(capsys, *series, workspace=workspace)["series"]) == 29
    raw = answer(capsys, *series, "--raw", workspace=workspace)["series"]
    assert len(raw) == 30
    assert "confirmed_error" in raw[-1]["flags"]
    other = next(str(each["flag"]) for each in flags if each["price"] == 5.9)
    assert answer(capsys, "dismiss", other, *reason, workspace=workspace)["decision"] == "dismissed"
    assert answer(capsys, "flags", "--severity", "error", workspace=workspace)["flags"] == []


def test_what_is_shown_is_spanish_with_figures(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prices", "check", "-w", str(workspace)]) == 0
    told = capsys.readouterr().out
    assert "30 precios revisados: 2 errores" in told
    assert "Sin calendario de bloqueos" in told
    assert run(["prices", "flags", "-w", str(workspace)]) == 0
    told = capsys.readouterr().out
    assert "ceros de más o de menos: tomate, " in told.lower()
    assert "640 BOB/caja: 11 veces mayor que la mediana de los" in told
    assert "[sin decidir]" in told


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("confirm", "77", "--author", "A", "--reason", "x"), 1, "77"),
        (("confirm", "1", "--author", "A"), 2, "--reason"),
        (("flags", "--status", "nuevas"), 1, "nuevas"),
        (("check", "--mode", "otra"), 1, "otra"),
        (("check", "--road-blocks", "no_hay.csv"), 1, "no_hay.csv"),
        (("check", "--product", "dragón"), 1, "dragón"),
    ],
)
def test_what_cannot_be_done_is_refused(
    workspace: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], code: int, said: str
) -> None:
    assert run(["prices", *command, "-w", str(workspace)]) == code
    assert said in capsys.readouterr().err
