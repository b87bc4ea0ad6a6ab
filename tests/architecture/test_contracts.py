"""A tampered tree turns red: every import contract is broken once on purpose."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gis", "layers", "zoning", "market_prices", "api")

VIOLATIONS = {
    "gis climbs to layers": ("gis/crs.py", "import layers.territory", "Floors"),
    "layers climbs to zoning": ("layers/territory.py", "import zoning.rules.ruleset", "Floors"),
    "zoning knows prices": ("zoning/rules/ruleset.py", "import market_prices.book", "Floors"),
    "prices know zoning": ("market_prices/book.py", "import zoning.rules.ruleset", "Floors"),
    "market_prices climbs to api": ("market_prices/book.py", "import api.settings", "Floors"),
    "rasterio outside gis": ("layers/territory.py", "import rasterio", "rasterio and pyogrio"),
    "pyogrio outside gis": ("zoning/rules/ruleset.py", "import pyogrio", "rasterio and pyogrio"),
    "folium outside the web map": ("zoning/rules/ruleset.py", "import folium", "folium"),
    "folium elsewhere in layers": ("layers/territory.py", "import folium", "folium"),
    "web framework outside api": ("market_prices/book.py", "import fastapi", "web frameworks"),
    "templates outside api": ("layers/territory.py", "import jinja2", "web frameworks"),
    "database outside prices": ("zoning/rules/ruleset.py", "import sqlalchemy", "databases"),
    "a cycle inside gis": ("gis/errors.py", "import gis.vectors.vector", "acyclic inside gis"),
    "a cycle inside layers": ("layers/territory.py", "import layers.preparation.fetch", "acyclic inside layers"),
    "a cycle inside zoning": ("zoning/rules/ruleset.py", "import zoning.study.study_run", "acyclic inside zoning"),
    "a cycle inside market_prices": (
        "market_prices/vocabulary/vocabulary.py",
        "import market_prices.book",
        "acyclic inside market_prices",
    ),
    "a cycle inside api": ("api/settings.py", "import api.app", "acyclic inside api"),
}


def _lint(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "300"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "static", "data"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_the_house_as_it_stands_keeps_every_contract(tree: Path) -> None:
    result = _lint(tree)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("file", "line", "contract"), VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_a_violation_turns_its_contract_red(tree: Path, file: str, line: str, contract: str) -> None:
    module = tree / file
    original = module.read_text(encoding="utf-8")
    module.write_text(f"{original}\n{line}\n", encoding="utf-8")
    try:
        result = _lint(tree)
    finally:
        module.write_text(original, encoding="utf-8")
    assert result.returncode == 1
    broken = [text for text in result.stdout.splitlines() if " BROKEN" in text]
    assert any(contract in text for text in broken), result.stdout


def test_a_module_nobody_placed_turns_its_package_red(tree: Path) -> None:
    stray = tree / "gis" / "stray_room.py"
    stray.write_text('"""A room without a place in the house."""\n', encoding="utf-8")
    try:
        result = _lint(tree)
    finally:
        stray.unlink()
    assert result.returncode == 1
    assert "stray_room" in result.stdout
