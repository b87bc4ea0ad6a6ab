"""``valles zone`` by processes or a cluster: what is refused, and how it says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from api.cli.entry import run
from api.cli.zone_options import WorkersOption
from gis.crew.process_crew import MOST_WORKERS

WORKERS_HELP = get_args(WorkersOption)[1].help


def test_processes_and_a_scheduler_at_once_are_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["zone", "-w", str(tmp_path), "--workers", "2", "--scheduler", "tcp://127.0.0.1:9", "--json"])
    said = capsys.readouterr()
    assert code == 2
    assert "--workers" in json.loads(said.out)["error"]["found"]


@pytest.mark.parametrize("count", ["0", "-1", "257", "5000000"])
def test_a_number_of_processes_outside_the_range_is_wrong_usage_and_told_the_range(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], count: str
) -> None:
    assert run(["zone", "-w", str(tmp_path), "--workers", count]) == 2
    said = capsys.readouterr().err
    assert f"--workers {count} " in said
    assert f"de 1 a {MOST_WORKERS}" in said
    assert f"de 1 a {MOST_WORKERS}" in WORKERS_HELP


@pytest.mark.parametrize("address", ["", "esto no", "http://x:9/", "tcp://127.0.0.1:abc", "tcp://127.0.0.1:99999"])
def test_a_text_that_is_no_address_of_a_scheduler_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert run(["zone", "-w", str(tmp_path), "--scheduler", address]) == 2
    said = capsys.readouterr().err
    assert f"«{address}» no es la dirección de un planificador" in said
    assert "tcp://máquina:puerto" in said


@pytest.mark.network
def test_a_scheduler_that_is_not_there_is_refused_with_what_to_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed", reason="the extra [distributed] is not installed")
    code = run(["zone", "-w", str(tmp_path), "--scheduler", str(tmp_path / "nada.json"), "--json"])
    told = json.loads(capsys.readouterr().out)["error"]
    assert code == 1
    assert "nada.json" in told["found"]
    assert "dask scheduler" in told["remedy"]


def test_without_the_extra_the_command_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    code = run(["zone", "-w", str(tmp_path), "--scheduler", "tcp://127.0.0.1:9"])
    said = capsys.readouterr().err
    assert code == 1
    assert "valles[distributed]" in said
    assert "Traceback" not in said
