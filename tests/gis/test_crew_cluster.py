"""A crew of a Dask cluster on loopback: the same results, lost workers, and schedulers that are not there."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import crew_work
import pytest
from local_cluster import local_cluster

from gis.crew import dask_crew
from gis.crew.crew_error import AddressError, CrewError
from gis.crew.crews import open_crew
from gis.crew.dask_crew import DaskCrew, require_alike
from gis.crew.worker_state import worker_state
from gis.errors import InputError

pytestmark = pytest.mark.network
PIECES = list(range(20))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with local_cluster(2) as found:
        yield found


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[[], object]]]:
    """Give a list of what happens, once each, between the end of a piece and the fetching of its result."""
    fetched, events = dask_crew._fetched, []

    def lose(future: object) -> object:
        if events:
            events.pop()()
        return fetched(future)

    monkeypatch.setattr(dask_crew, "_fetched", lose)
    yield events
    assert not events


@pytest.fixture
def crew(
    cluster: Any,  # noqa: ANN401  as above
) -> Iterator[DaskCrew]:
    with DaskCrew(cluster.scheduler_address) as crew:
        yield crew


def _shared(folder: Path, **more: object) -> dict[str, object]:
    return {"folder": str(folder), "times": 3, **more}


def test_a_cluster_gives_the_results_in_order(crew: DaskCrew, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    found = list(
        crew.run(crew_work.slow_square, PIECES, shared=_shared(tmp_path), progress=lambda *at: told.append(at))
    )
    assert [(number, int(result[0])) for number, result in found] == [(each, 3 * each * each) for each in PIECES]
    assert crew_work.begun(tmp_path) == PIECES
    assert crew.size == 2
    assert told[-1] == (20, 20)


def test_two_runs_of_a_cluster_do_not_mix(crew: DaskCrew, tmp_path: Path) -> None:
    first = crew.run(crew_work.slow_square, PIECES, shared=_shared(tmp_path))
    next(first)
    first.close()
    again = list(crew.run(crew_work.square, PIECES, shared=_shared(tmp_path, times=5)))
    assert [int(result[0]) for _number, result in again] == [5 * each * each for each in PIECES]


def test_a_cluster_worker_that_is_killed_costs_only_what_it_did(crew: DaskCrew, tmp_path: Path) -> None:
    found = list(crew.run(crew_work.die_once, PIECES, shared=_shared(tmp_path, deadly=9)))
    assert [result for _number, result in found] == PIECES
    begun = crew_work.begun(tmp_path)
    assert begun.count(9) == 2
    # What the dead worker had done and nobody had fetched yet is done again, and nothing else.
    assert len(begun) <= len(PIECES) + 2 * crew.size + 1


def test_a_piece_that_kills_every_cluster_worker_is_named(tmp_path: Path) -> None:
    with (
        local_cluster(1) as cluster,
        DaskCrew(cluster.scheduler_address) as crew,
    ):
        cluster.scheduler.allowed_failures = 0
        with pytest.raises(CrewError, match="trozo 1 ") as lost:
            list(crew.run(crew_work.die_always, [0], shared=_shared(tmp_path, deadly=0)))
    assert "memoria" in lost.value.remedy


def test_what_the_work_refuses_on_a_cluster_comes_back_whole(crew: DaskCrew) -> None:
    with pytest.raises(InputError, match="el trozo no sirve") as refused:
        list(crew.run(crew_work.refuse, PIECES, shared={"bad": 7}))
    assert refused.value.remedy == "Cámbielo"
    with pytest.raises(ZeroDivisionError):
        list(crew.run(crew_work.unforeseen, PIECES, shared={}))


def test_a_worker_that_does_not_see_the_files_is_named(
    crew: DaskCrew,
    cluster: Any,  # noqa: ANN401  as above
) -> None:
    with pytest.raises(CrewError, match="no ve los archivos") as refused:
        list(crew.run(crew_work.not_there, PIECES, shared={"path": "/nada/pila.tif"}))
    assert "/nada/pila.tif" in refused.value.found
    assert any(worker.worker_address in refused.value.found for worker in cluster.workers.values())
    assert "carpeta compartida" in refused.value.remedy


def test_a_worker_with_other_versions_is_refused_before_the_first_piece(
    crew: DaskCrew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = dict(worker_state(("gis",))) | {"numpy": "1.0.0"}
    monkeypatch.setattr("gis.crew.dask_crew.worker_state", lambda packages: here if packages else {})
    monkeypatch.setattr(crew._client, "run", lambda _work, packages, **_more: {"tcp://w:1": worker_state(packages)})
    with pytest.raises(CrewError, match="tcp://w:1") as refused:
        list(crew.run(crew_work.square, PIECES, shared=_shared(tmp_path)))
    assert "numpy 1.0.0" in refused.value.found
    assert f"numpy {worker_state(('gis',))['numpy']}" in refused.value.found
    assert crew_work.begun(tmp_path) == []


def test_versions_are_compared_one_by_one() -> None:
    state = {"python": "3.11", "numpy": "2.0.0"}
    require_alike("uno", state, state)
    with pytest.raises(CrewError, match=r"uno tiene numpy 2\.0\.0 y aquí hay numpy 2\.1\.0"):
        require_alike("uno", state, state | {"numpy": "2.1.0"})
    with pytest.raises(CrewError, match="numba –"):
        require_alike("uno", state, state | {"numba": "0.61"})


def test_a_scheduler_that_is_not_there_is_told_soon() -> None:
    begin = time.monotonic()
    with pytest.raises(CrewError, match=r"No hay planificador en tcp://127\.0\.0\.1:9") as refused:
        DaskCrew("tcp://127.0.0.1:9", patience_s=0.5)
    assert time.monotonic() - begin < 20
    assert "dask scheduler" in refused.value.remedy
    with pytest.raises(CrewError, match=r"nada\.json"):
        DaskCrew("nada.json")
    wrong = ("esto no es una dirección", "127.0.0.1", "http://127.0.0.1:9/", "/etc/passwd", "", "tcp://127.0.0.1:99999")
    for address in wrong:
        with pytest.raises(AddressError, match="no es la dirección de un planificador"):
            DaskCrew(address, patience_s=0.5)


def test_a_scheduler_file_serves_as_its_address(
    cluster: Any,  # noqa: ANN401  as above
    tmp_path: Path,
) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text(f'{{"address": "{cluster.scheduler_address}"}}', encoding="utf-8")
    with open_crew(scheduler=str(file)) as crew:
        assert crew.size in {1, 2}  # one that an earlier test killed may still be on its way back
    file.write_text("{", encoding="utf-8")
    with pytest.raises(CrewError, match="no dice dónde"):
        DaskCrew(str(file))


def test_a_scheduler_without_workers_says_how_to_start_one() -> None:
    with (
        local_cluster(0) as cluster,
        pytest.raises(CrewError, match="no tiene trabajadores") as refused,
    ):
        DaskCrew(cluster.scheduler_address, patience_s=0.5)
    assert "dask worker tcp://" in refused.value.remedy


def test_a_cluster_whose_scheduler_leaves_in_mid_run_is_told(tmp_path: Path) -> None:
    with local_cluster(1) as cluster:
        crew = DaskCrew(cluster.scheduler_address)
        results = crew.run(crew_work.slow_square, list(range(400)), shared=_shared(tmp_path))
        next(results)
    with pytest.raises(CrewError, match="Se perdió"):
        list(results)
    crew.close()


def test_a_result_lost_with_its_worker_before_it_was_fetched_is_made_again(
    tmp_path: Path, losing: list[Callable[[], object]]
) -> None:
    with local_cluster(1) as cluster, DaskCrew(cluster.scheduler_address) as crew:
        worker = next(iter(cluster.workers.values()))
        losing.append(lambda: os.kill(worker.process.pid, signal.SIGKILL))
        found = list(crew.run(crew_work.square, [7], shared=_shared(tmp_path)))
    assert [int(result[0]) for _number, result in found] == [147]
    assert crew_work.begun(tmp_path) == [7, 7]


def test_a_result_lost_with_the_last_worker_is_not_waited_for_without_end(
    tmp_path: Path, losing: list[Callable[[], object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_crew, "_GONE_S", 2.0)
    with local_cluster(1) as cluster, DaskCrew(cluster.scheduler_address) as crew:
        losing.append(lambda: cluster.sync(next(iter(cluster.workers.values())).close))
        with pytest.raises(CrewError, match="todos sus trabajadores"):
            list(crew.run(crew_work.square, [7], shared=_shared(tmp_path)))


def test_a_result_lost_with_the_scheduler_is_told(tmp_path: Path, losing: list[Callable[[], object]]) -> None:
    with local_cluster(1) as cluster, DaskCrew(cluster.scheduler_address) as crew:
        losing.append(cluster.close)
        with pytest.raises(CrewError, match="Se perdió"):
            list(crew.run(crew_work.square, [7], shared=_shared(tmp_path)))


def test_without_the_extra_the_remedy_is_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(CrewError, match="distributed") as refused:
        DaskCrew("tcp://127.0.0.1:9")
    assert "valles[distributed]" in refused.value.remedy


def test_a_worker_killed_from_outside_between_pieces_changes_nothing(
    cluster: Any,  # noqa: ANN401  as above
    tmp_path: Path,
) -> None:
    with DaskCrew(cluster.scheduler_address) as crew:
        results = crew.run(crew_work.slow_square, PIECES, shared=_shared(tmp_path))
        first = next(results)
        worker = next(iter(crew._client.run(os.getpid).values()))
        os.kill(worker, signal.SIGKILL)
        found = [first, *results]
    assert [(number, int(result[0])) for number, result in found] == [(each, 3 * each * each) for each in PIECES]
