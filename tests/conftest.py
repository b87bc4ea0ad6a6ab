"""What every test may use: the development data where it is present, and no network."""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_server import FaultServer
from pytest_socket import disable_socket, socket_allow_hosts

ROOT = Path(__file__).resolve().parent.parent


PACKAGES = ("gis", "layers", "zoning", "market_prices", "api")


def pytest_collection_finish() -> None:
    """Import every module before the first test: what property tests try depends on which are there."""
    for name in PACKAGES:
        for found in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
            importlib.import_module(found.name)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Block sockets, except loopback for the tests that say so."""
    if any(item.get_closest_marker(name) for name in ("network", "browser", "postgresql")):
        socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    else:
        disable_socket(allow_unix_socket=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of the development data (``geo``, ``prices``, ``mirror.toml``)."""
    base = Path(os.environ.get("VALLES_SHARED", ROOT.parent / "shared"))
    if not (base / "data" / "mirror.toml").exists():
        pytest.skip("development data absent: set VALLES_SHARED to the folder that holds data/mirror.toml")
    return base / "data"


@pytest.fixture(autouse=True)
def _spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Users read Spanish unless a test says otherwise."""
    monkeypatch.delenv("VALLES_LANGUAGE", raising=False)
    monkeypatch.delenv("VALLES_WORKSPACE", raising=False)


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a demonstration on coarse cells, fetched, zoned and priced; tests only read it."""
    from api.cli.demo_build import DemoBuild  # noqa: PLC0415  only who asks for it pays for it

    build = DemoBuild(tmp_path_factory.mktemp("demo"), cell_m=300, scale=750_000)
    build.complete(report=lambda _line: None)
    return build.workspace


@pytest.fixture
def fault_server() -> Iterator[FaultServer]:
    """Return a web server on loopback that misbehaves on demand; mark the test ``network``."""
    with FaultServer() as server:
        yield server
