"""Crews: whoever does the pieces, the results are the same; who is lost costs one piece."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import crew_work
import numpy as np
import pytest

from gis.crew.crew import RETRIES, Crew, ThreadCrew
from gis.crew.crew_error import CrewError
from gis.crew.crews import open_crew
from gis.crew.process_crew import ProcessCrew
from gis.errors import InputError

PIECES = list(range(20))


@pytest.fixture(scope="module")
def pair() -> Iterator[ProcessCrew]:
    with ProcessCrew(2) as crew:
        yield crew


@pytest.fixture(params=["threads", "processes"])
def crew(request: pytest.FixtureRequest, pair: ProcessCrew) -> Crew:
    return pair if request.param == "processes" else ThreadCrew(2)


def _shared(folder: Path, **more: object) -> dict[str, object]:
    return {"folder": str(folder), "times": 3, **more}


def _gone(pid: int) -> bool:
    for _try in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        time.sleep(0.05)
    return False


def test_results_come_in_the_order_of_the_pieces(crew: Crew, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    found = list(
        crew.run(crew_work.slow_square, PIECES, shared=_shared(tmp_path), progress=lambda *at: told.append(at))
    )
    assert [number for number, _result in found] == PIECES
    assert all(np.array_equal(result, np.full(3, 3 * number * number)) for number, result in found)
    assert crew_work.begun(tmp_path) == PIECES
    assert told[-1] == (20, 20)
    assert [done for done, _all in told] == sorted(done for done, _all in told)


def test_results_may_come_as_they_finish(crew: Crew, tmp_path: Path) -> None:
    found = list(crew.run(crew_work.slow_square, PIECES, shared=_shared(tmp_path), ordered=False))
    assert sorted(number for number, _result in found) == PIECES
    assert all(result[0] == 3 * number * number for number, result in found)


def test_no_pieces_ask_nobody(crew: Crew) -> None:
    assert list(crew.run(crew_work.square, [], shared={})) == []


def test_pieces_begin_only_a_little_ahead_of_who_takes_the_results(crew: Crew, tmp_path: Path) -> None:
    results = crew.run(crew_work.square, list(range(200)), shared=_shared(tmp_path))
    next(results)
    time.sleep(0.2)
    begun = len(crew_work.begun(tmp_path))
    results.close()
    assert begun <= 4 * crew.size + 4


def test_a_crew_that_was_left_in_the_middle_works_again(crew: Crew, tmp_path: Path) -> None:
    results = crew.run(crew_work.slow_square, PIECES, shared=_shared(tmp_path))
    next(results)
    results.close()
    again = list(crew.run(crew_work.square, PIECES, shared=_shared(tmp_path, times=5)))
    assert [int(result[0]) for _number, result in again] == [5 * each * each for each in PIECES]


def test_what_the_work_refuses_comes_back_whole(crew: Crew) -> None:
    with pytest.raises(InputError) as refused:
        list(crew.run(crew_work.refuse, PIECES, shared={"bad": 7}))
    assert (refused.value.found, refused.value.expected, refused.value.remedy) == (
        "el trozo no sirve",
        "Se esperaba otro",
        "Cámbielo",
    )


def test_a_bug_in_the_work_keeps_its_kind(crew: Crew) -> None:
    with pytest.raises(ZeroDivisionError):
        list(crew.run(crew_work.unforeseen, PIECES, shared={}))


def test_both_workers_work_and_stay_for_the_next_run(pair: ProcessCrew) -> None:
    first = {pid for _number, pid in pair.run(crew_work.who, PIECES, shared={})}
    second = {pid for _number, pid in pair.run(crew_work.who, PIECES, shared={})}
    assert first == second == set(pair.pids)
    assert len(first) == 2
    assert os.getpid() not in first


def test_a_worker_that_is_killed_costs_only_its_piece(pair: ProcessCrew, tmp_path: Path) -> None:
    list(pair.run(crew_work.who, PIECES, shared={}))
    before = set(pair.pids)
    found = list(pair.run(crew_work.die_once, PIECES, shared=_shared(tmp_path, deadly=9)))
    assert [result for _number, result in found] == PIECES
    assert crew_work.begun(tmp_path) == sorted([*PIECES, 9])
    assert pair.repeated == {9: 1}
    assert len(set(pair.pids) & before) == 1


def test_a_worker_killed_while_nobody_asked_it_is_made_anew(pair: ProcessCrew) -> None:
    list(pair.run(crew_work.who, PIECES, shared={}))
    os.kill(pair.pids[0], signal.SIGKILL)
    assert [number for number, _pid in pair.run(crew_work.who, PIECES, shared={})] == PIECES


def test_a_piece_that_kills_everybody_is_named_after_some_tries(pair: ProcessCrew) -> None:
    with pytest.raises(CrewError) as lost:
        list(pair.run(crew_work.die_always, PIECES, shared={"deadly": 4}))
    assert "trozo 5 de 20" in lost.value.found
    assert f"{RETRIES + 1} veces" in lost.value.found
    assert "señal 9" in lost.value.found
    assert "memoria" in lost.value.remedy


def test_a_closed_crew_leaves_no_process() -> None:
    crew = ProcessCrew(2)
    results = crew.run(crew_work.who, PIECES, shared={})
    next(results)
    pids = crew.pids
    results.close()
    crew.close()
    assert len(pids) == 2
    assert all(_gone(pid) for pid in pids)


def test_an_interrupt_leaves_no_process(tmp_path: Path) -> None:
    """Ctrl-C reaches the program and its workers at once."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import crew_work\n"
        "from gis.crew.process_crew import ProcessCrew\n"
        "with ProcessCrew(2) as crew:\n"
        "    results = crew.run(crew_work.wait_long, range(4), shared={'folder': sys.argv[2]})\n"
        "    next(results)\n"
    )
    command = [sys.executable, "-c", code, str(Path(crew_work.__file__).parent), str(tmp_path)]
    with subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE) as program:
        while len(list(tmp_path.iterdir())) < 2:
            assert program.poll() is None
            time.sleep(0.05)
        pids = {int(path.name.split("-")[2]) for path in tmp_path.iterdir()}
        os.killpg(program.pid, signal.SIGINT)
        _out, said = program.communicate(timeout=20)
    assert said.count(b"KeyboardInterrupt") == 1
    assert len(pids) == 2
    assert all(_gone(pid) for pid in pids)


def test_workers_of_a_killed_program_leave_by_themselves() -> None:
    code = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "import crew_work\n"
        "from gis.crew.process_crew import ProcessCrew\n"
        "crew = ProcessCrew(2)\n"
        "list(crew.run(crew_work.who, range(4), shared={}))\n"
        "print(*crew.pids, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", code, str(Path(crew_work.__file__).parent)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=60)
    pids = [int(text) for text in done.stdout.split()]
    assert len(pids) == 2
    assert all(_gone(pid) for pid in pids)


def test_a_script_without_a_guard_is_not_run_again_by_its_workers(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(Path(crew_work.__file__).parent)!r})\n"
        "print('begun')\n"
        "import crew_work\n"
        "from gis.crew.process_crew import ProcessCrew\n"
        "with ProcessCrew(2) as crew:\n"
        "    loaded = [names for _n, names in crew.run(crew_work.main_modules, range(2), shared={})]\n"
        "print('typer' in loaded[0], 'numba' in loaded[0])\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["begun", "False", "False"], done.stderr


def test_processes_and_a_scheduler_together_are_refused() -> None:
    with pytest.raises(InputError, match="--scheduler"):
        open_crew(workers=2, scheduler="tcp://127.0.0.1:1")
    with pytest.raises(InputError, match="procesos"):
        open_crew(workers=0)
    assert isinstance(open_crew(), ThreadCrew)


def test_a_crew_may_be_used_from_another_thread(pair: ProcessCrew) -> None:
    found: list[int] = []
    user = threading.Thread(target=lambda: found.extend(n for n, _pid in pair.run(crew_work.who, PIECES, shared={})))
    user.start()
    user.join(30)
    assert found == PIECES
