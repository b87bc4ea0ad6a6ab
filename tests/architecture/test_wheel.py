"""What is shipped: the five packages with their data, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"gis", "layers", "zoning", "market_prices", "api"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    environment = {**os.environ, "VALLES_SKIP_WEB": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return zipfile.ZipFile(next(target.glob("valles-*.whl")))


def test_the_wheel_holds_the_five_packages_alone(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


@pytest.mark.parametrize(
    "name",
    [
        "layers/data/territories/valles_crucenos/territory.toml",
        "zoning/data/ruleset.toml",
        "zoning/data/crops/tomate.toml",
        "market_prices/data/products.toml",
        "market_prices/data/markets.toml",
        "market_prices/data/measures.toml",
        "api/templates/map.html",
        *(f"{package}/py.typed" for package in sorted(PACKAGES)),
        *(f"{package}/locale/en/LC_MESSAGES/{package}.mo" for package in sorted(PACKAGES)),
    ],
)
def test_the_wheel_carries_its_data(wheel: zipfile.ZipFile, name: str) -> None:
    assert name in wheel.namelist()


def test_the_wheel_carries_the_bundled_pages(wheel: zipfile.ZipFile) -> None:
    assert any(name.startswith("api/static/app/") and name.endswith(".js") for name in wheel.namelist())


def test_the_wheel_carries_no_development_data(wheel: zipfile.ZipFile) -> None:
    strangers = (".tif", ".gpkg", ".parquet", ".geojson", ".csv", ".db", ".pmtiles")
    assert [name for name in wheel.namelist() if name.endswith(strangers)] == []
