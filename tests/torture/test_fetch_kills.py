"""Twenty fetches killed at random moments and resumed: the same SHA-256 of every layer and source, twenty of twenty."""

from __future__ import annotations

import random
import signal
import sys
import time
from pathlib import Path

import pytest
from fault_server import FaultServer, Slow
from open_site import RIVERS, fetch_process, site_workspace, sums, write_site

from layers.workspace import Workspace

pytestmark = [pytest.mark.torture, pytest.mark.network, pytest.mark.timeout(3600)]

KILLS = 20
PRODUCTS = ("copernicus_glo30", "worldclim21", RIVERS)
"""Tiles by their blocks, twelve bands a file by their blocks, and an archive that only comes whole."""
PACE = Slow(before_s=0.002, between_s=0.004, block=8192)


def _run(workspace: Workspace, *arguments: str, kill_after: float | None = None) -> bool:
    """Run a fetch to its end, or kill it after so many seconds; return whether it was killed in time."""
    with fetch_process(workspace, *arguments) as run:
        if kill_after is not None:
            time.sleep(kill_after)
            if run.poll() is None:
                run.send_signal(signal.SIGKILL)
                run.communicate()
                if run.returncode == -signal.SIGKILL:  # else it ended while it was aimed at
                    return True
        _out, errors = run.communicate()
    assert run.returncode == 0, errors.decode()
    return False


def _clean(workspace: Workspace) -> None:
    """Refuse anything a dead process may have left: drafts, parts, downloads."""
    left = [
        path.name
        for path in workspace.layers_dir.rglob("*")
        if path.suffix in {".part", ".state"} or ".tmp" in path.name
    ]
    assert left == []
    assert not (workspace.layers_dir / ".mirror").exists()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_site(tmp_path_factory.mktemp("site"), PRODUCTS)


def test_twenty_fetches_of_open_data_killed_and_resumed_end_alike(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20)  # noqa: S311  moments to kill, not secrets
    with FaultServer(site) as server:
        server.fault("*", PACE, times=None)
        quiet = site_workspace(tmp_path / "entera", site, server.address, PRODUCTS)
        started = time.monotonic()
        _run(quiet)
        whole, wanted = time.monotonic() - started, sums(quiet)
        first = server.body_bytes()
        alike = killed = tried = 0
        extra = []
        while killed < KILLS:
            tried += 1
            workspace = site_workspace(tmp_path / str(tried), site, server.address, PRODUCTS)
            before = server.body_bytes()
            if not _run(workspace, kill_after=chance.uniform(0.05, 0.95) * whole):
                continue  # it had ended: another moment
            killed += 1
            _run(workspace)
            _clean(workspace)
            alike += sums(workspace) == wanted
            extra.append((server.body_bytes() - before) / first)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{alike} of {KILLS} killed under way and resumed end alike; at most {max(extra):.2f} times the bytes\n"
        )
    assert alike == KILLS


def test_a_fetch_killed_again_and_again_still_ends_alike(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(21)  # noqa: S311  as above
    with FaultServer(site) as server:
        server.fault("*", PACE, times=None)
        quiet = site_workspace(tmp_path / "entera", site, server.address, PRODUCTS)
        started = time.monotonic()
        _run(quiet)
        whole, wanted = time.monotonic() - started, sums(quiet)
        ended = 0
        workspace = site_workspace(tmp_path / "matada", site, server.address, PRODUCTS)
        killed = 0
        while killed < KILLS:
            if _run(workspace, kill_after=chance.uniform(0.05, 0.4) * whole):
                killed += 1
                continue
            assert sums(workspace) == wanted  # it came to its end between two kills: another one
            ended += 1
            workspace = site_workspace(tmp_path / f"matada{ended}", site, server.address, PRODUCTS)
        _run(workspace)
        _clean(workspace)
        assert sums(workspace) == wanted
    with capsys.disabled():
        sys.stdout.write(
            f"\n{killed} kills of {ended + 1} fetches under way, one upon another; the same bytes at the end\n"
        )
