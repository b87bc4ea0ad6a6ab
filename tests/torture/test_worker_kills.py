"""Worker processes and cluster workers killed at random moments, again and again: the same cells every time."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from local_cluster import local_cluster

from gis.crew.crew import Crew, ThreadCrew
from gis.crew.dask_crew import DaskCrew
from gis.crew.process_crew import ProcessCrew
from layers.workspace import Workspace
from zoning.chunks.chunk_zoning import ChunkRules, zone_chunk
from zoning.stack.stack_build import build_stack, stack_folder
from zoning.stack.stack_window import Window
from zoning.stack.stored_stack import StoredStack
from zoning.study.run_job import open_job

pytestmark = [pytest.mark.torture, pytest.mark.network, pytest.mark.timeout(3600)]

RUNS = 20
SIDE = 16
"""Cells along a piece: many small ones, so that a kill hits any moment of one."""


@pytest.fixture(scope="module")
def shared(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChunkRules]:
    root = tmp_path_factory.mktemp("kills") / "ws"
    shutil.copytree(demo_workspace, root, ignore=shutil.ignore_patterns("studies", "prices.db*", "stack"))
    job = open_job(Workspace.open(root))
    build_stack(job.land, job.rules)
    with StoredStack(stack_folder(job.land)) as stored:
        yield ChunkRules.of(stored, job.rules)


def pieces(shared: ChunkRules) -> list[Window]:
    rows, cols = shared.stack.reader.grid.shape
    return [
        Window(row_start=row, row_stop=min(row + SIDE, rows), col_start=col, col_stop=min(col + 4 * SIDE, cols))
        for row in range(0, rows, SIDE)
        for col in range(0, cols, 4 * SIDE)
    ]


def zoned(shared: ChunkRules, crew: Crew) -> bytes:
    found = crew.run(zone_chunk, pieces(shared), shared=shared)
    return b"".join(piece.zone.tobytes() + piece.cls.tobytes() + piece.counts.tobytes() for _number, piece in found)


def shortest(shared: ChunkRules, crew: Crew) -> float:
    """Return how long a run takes when nothing else is done here, s: a later moment may find it ended."""
    times = []
    for _run in range(4):
        begin = time.monotonic()
        zoned(shared, crew)
        times.append(time.monotonic() - begin)
    return min(times)


@contextmanager
def killer(pids: Callable[[], list[int]], *, after: float, chance: random.Random) -> Iterator[list[int]]:
    """Kill one of the workers after so many seconds, if the block still runs; give the list of those killed."""
    ended, killed = threading.Event(), []

    def work() -> None:
        found = [] if ended.wait(after) else pids()
        if found:
            killed.append(chance.choice(found))
            with suppress(ProcessLookupError):
                os.kill(killed[-1], signal.SIGKILL)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield killed
    finally:
        ended.set()
        thread.join()


def test_processes_killed_at_random_moments_leave_no_trace(
    shared: ChunkRules, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, wanted = random.Random(30), zoned(shared, ThreadCrew(2))  # noqa: S311  moments to kill, not secrets
    kills = repeated = 0
    with ProcessCrew(2) as crew:
        whole = shortest(shared, crew)
        for _run in range(RUNS):
            with killer(lambda: list(crew.pids), after=chance.uniform(0, whole), chance=chance) as killed:
                assert zoned(shared, crew) == wanted
            kills += len(killed)
            repeated += crew.repeated.total()
            assert crew.repeated.total() <= len(killed)
    with capsys.disabled():
        print(f"\n{kills} kills in {RUNS} runs of {len(pieces(shared))} pieces, {repeated} asked again")  # noqa: T201
    assert kills > RUNS / 2
    assert repeated > 0
    assert np.frombuffer(wanted, dtype=np.uint8).any()


def test_cluster_workers_killed_at_random_moments_leave_no_trace(
    shared: ChunkRules, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, wanted = random.Random(31), zoned(shared, ThreadCrew(2))  # noqa: S311  as above
    kills = 0
    with local_cluster(2) as cluster:

        def pids() -> list[int]:
            # One that is killed while it starts is given up by whoever looks after it.
            there = [each.process for each in cluster.workers.values() if each.process]
            return [each.pid for each in there if each.status.name == "running"]

        with DaskCrew(cluster.scheduler_address) as crew:
            whole = shortest(shared, crew)
        for _run in range(RUNS):
            moment = chance.uniform(0, whole)
            with (
                DaskCrew(cluster.scheduler_address, patience_s=30) as crew,
                killer(pids, after=moment, chance=chance) as killed,
            ):
                assert zoned(shared, crew) == wanted
            kills += len(killed)
    with capsys.disabled():
        print(f"\n{kills} kills in {RUNS} runs of {len(pieces(shared))} pieces on a cluster")  # noqa: T201
    assert kills > RUNS / 2
