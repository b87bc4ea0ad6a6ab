"""Every benchmark runs in its tiny mode and answers in the agreed shape; no time is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if path.name not in {"run.py", "setup.py"})


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_tiny_benchmark_answers_in_the_agreed_shape(script: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(script), "--json", "--small", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["benchmark"] == script.stem
    assert told["better"] in {"higher", "lower"}
    assert told["unit"]
    if told["peer"] is None:  # a program that Python's package tools do not install
        assert told["ratio"] is None
    else:
        assert told["ratio"] == pytest.approx(told["ours"] / told["peer"], rel=0.01)
    assert told["peers"][told["peer_name"]] == told["peer"]
    for name, value in told["peers"].items():
        assert value is not None or told["reasons"][name], name
    assert {"cores", "processor"} <= set(told["machine"])
    assert told["versions"]["python"]
    assert told["date"]


def test_the_kernel_and_numpy_settle_every_cell_alike() -> None:
    command = [sys.executable, str(FOLDER / "kernel.py"), "--json", "--small", "--rounds", "1"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert set(told["checks"]["cells_that_differ"].values()) == {0}


def test_a_peer_that_is_absent_is_null_with_its_reason(tmp_path: Path) -> None:
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from contest import Contender, Report, hold\n"
        "here = Contender(name='valles', work=lambda: 1)\n"
        "away = Contender(name='other', work=lambda: 2, needs=('no_such_package',))\n"
        "measured = hold([here, away], rounds=2)\n"
        "report = Report(benchmark='x', ours=1.0, peer=measured.seconds['other'], peer_name='other', better='lower',\n"
        "    unit='s', peers={'other': measured.seconds['other']}, measured=measured, job={}, checks={}, packages=())\n"
        "print(json.dumps(report.document()))"
    )
    command = [sys.executable, "-c", code, str(FOLDER / "harness")]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout)
    assert told["peer"] is None
    assert told["ratio"] is None
    assert told["peers"] == {"other": None}
    assert "no_such_package" in told["reasons"]["other"]
