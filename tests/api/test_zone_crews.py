"""``valles zone`` by processes or a cluster: what is refused, and how it says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.cli.entry import run


def test_processes_and_a_scheduler_at_once_are_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["zone", "-w", str(tmp_path), "--workers", "2", "--scheduler", "tcp://127.0.0.1:9", "--json"])
    said = capsys.readouterr()
    assert code == 2
    assert "--workers" in json.loads(said.out)["error"]["found"]
    assert run(["zone", "-w", str(tmp_path), "--workers", "0"]) == 2


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
