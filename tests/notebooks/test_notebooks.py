"""The notebooks are kept as they are read in a repository; `make notebooks` runs them."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> dict[str, Any]:
    return json.loads(request.param.read_text(encoding="utf-8"))


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in notebook["cells"] if each["cell_type"] == "code"]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


def test_a_notebook_is_kept_without_outputs_and_runs_on_any_python3(notebook: dict[str, Any]) -> None:
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for each in code_cells(notebook):
        assert each["outputs"] == []
        assert each["execution_count"] is None


def test_a_notebook_uses_public_names_only(notebook: dict[str, Any]) -> None:
    ours = {"gis", "layers", "zoning", "market_prices", "api"}
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            if isinstance(node, ast.ImportFrom):
                parts = (node.module or "").split(".")
                assert parts[0] not in ours or len(parts) == 1, node.module
            if isinstance(node, ast.Import):
                assert all(each.name.split(".")[0] not in ours or "." not in each.name for each in node.names)
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith("_"), node.attr
