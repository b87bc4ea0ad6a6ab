"""Every benchmark runs in its tiny mode and answers in the agreed shape; no time is judged."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if path.name not in {"run.py", "setup.py"})
TINY = ("--json", "--small", "--rounds", "1")

HIDING = (
    "import runpy, sys\n"
    "hidden, sys.argv = sys.argv[1], sys.argv[2:]\n"
    "sys.modules[hidden] = None\n"
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)
"""Runs a script as if a package were not installed."""


@functools.cache
def tiny(name: str) -> dict[str, Any]:
    """Return the document of a benchmark's tiny mode."""
    command = [sys.executable, str(FOLDER / f"{name}.py"), *TINY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def of_harness(monkeypatch: pytest.MonkeyPatch, name: str, folder: Path = FOLDER / "harness") -> ModuleType:
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return __import__(name)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_tiny_benchmark_answers_in_the_agreed_shape(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tiny(script.stem)
    assert of_harness(monkeypatch, "contract").faults(told) == []
    assert told["benchmark"] == script.stem


def test_a_document_that_lacks_a_field_or_a_reason_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    contract, told = of_harness(monkeypatch, "contract"), tiny("zonal")
    for name in told:
        assert contract.faults({key: value for key, value in told.items() if key != name}) == [f"no {name}"]
    absent = {**told, "peers": {**told["peers"], "nobody": None}}
    assert contract.faults(absent) == ["no reason for the absence of nobody"]
    assert contract.faults({**told, "ours": "quick"})
    assert contract.faults({**told, "ratio": 1 + 2 * (told["ratio"] or 0)})
    assert contract.faults({**told, "better": "sideways"})


def test_every_wanted_figure_is_told_by_its_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    goals = of_harness(monkeypatch, "contract").wanted()
    assert {each.benchmark for each in goals} <= {path.stem for path in SCRIPTS}
    untold = [
        each.figure for each in goals if each.figure != "ratio" and each.figure not in tiny(each.benchmark)["also"]
    ]
    assert untold == []


def _no_differences(checks: Mapping[str, Any]) -> bool:
    return all(value == 0 for value in checks.values())


def test_the_kernel_and_numpy_settle_every_cell_alike() -> None:
    assert _no_differences(tiny("kernel")["checks"]["cells_that_differ"])


def test_the_stack_and_the_map_calculators_settle_every_cell_alike() -> None:
    checks = tiny("end_to_end")["checks"]
    assert _no_differences(checks["cells_that_differ"])
    assert checks["method_zones_present"] > 1


def test_whoever_counts_by_cell_centres_counts_alike_and_shares_stay_within_the_border() -> None:
    checks = tiny("zonal")["checks"]
    assert _no_differences({name: each for name, each in checks.items() if "differ" in name or "beyond" in name})


@pytest.mark.parametrize(("script", "package", "peer"), [("zonal", "exactextract", "exactextract")])
def test_a_peer_that_is_hidden_is_null_with_its_reason(
    script: str, package: str, peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", HIDING, package, str(FOLDER / f"{script}.py"), *TINY]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert of_harness(monkeypatch, "contract").faults(told) == []
    assert (told["peer"], told["ratio"], told["peers"][peer]) == (None, None, None)
    assert package in told["reasons"][peer]
    assert told["ours"] > 0


def test_programs_that_are_hidden_are_null_with_their_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    command = [sys.executable, str(FOLDER / "end_to_end.py"), *TINY]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert of_harness(monkeypatch, "contract").faults(told) == []
    assert set(told["peers"].values()) == {None}
    assert "grass-core" in told["reasons"]["grass_r_mapcalc"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("raise SystemExit('the peer broke')", "the peer broke"),
        ("print('fast')", "printed something that is no JSON"),
        ('print(\'{"benchmark": "x"}\')', "no ours"),
    ],
)
def test_a_benchmark_that_fails_costs_only_its_row(
    text: str, why: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "broken.py"
    script.write_text(text)
    run = of_harness(monkeypatch, "run", FOLDER)
    document, said = run.run(script, [])
    assert document is None
    assert why in said
    lines = run.told([tiny("zonal")], {"broken": said})
    assert lines[1].startswith("zonal")
    assert any(line.startswith("broken failed") for line in lines)
    assert any("≥ 8" in line for line in lines)
