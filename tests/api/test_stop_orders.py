"""A program that is told to stop ends soon, says one line, and leaves neither workers nor half-written files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import crew_work
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs do not send each other signals there")

COMMANDS = {
    "processes": "with ProcessCrew(2) as crew: list(crew.run(crew_work.wait_long, range(4), shared={'folder': there}))",
    # A thread that computes on and writes on, and is waited for.
    "thread": "with ThreadPoolExecutor(1) as pool: pool.submit(write_on, draft).result()",
    "swallowed": (
        "while True:\n"
        "            try: Path(there, '0-0-0').touch(); time.sleep(60)\n"
        "            except KeyboardInterrupt: raise RuntimeError('a library stumbled') from None"
    ),
}

PROGRAM = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import crew_work
from api.cli import entry
from gis.atomic import atomic_folder, write_atomically
from gis.crew.process_crew import ProcessCrew
there, studies = sys.argv[2:4]

def write_on(draft):
    Path(there, "0-0-0").touch()
    for number in range(60_000):
        with suppress(OSError):
            write_atomically(draft / str(number), "x")

def command(**_options):
    with atomic_folder(Path(studies) / "base") as draft:
        (draft / "zones.tif").touch()
        {command}

entry.build = lambda: command
sys.argv = ["valles", *sys.argv[4:]]
entry.main()
"""


def started(tmp_path: Path, kind: str, *options: str) -> subprocess.Popen[str]:
    """Start a command, and return when it is at work and its draft stands."""
    for name in ("there", "studies"):
        (tmp_path / name).mkdir()
    code = PROGRAM.replace("{command}", COMMANDS[kind])
    folders = [str(Path(crew_work.__file__).parent), str(tmp_path / "there"), str(tmp_path / "studies")]
    program = subprocess.Popen(
        [sys.executable, "-c", code, *folders, "zone", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    while len(list((tmp_path / "there").iterdir())) < (2 if kind == "processes" else 1):
        assert program.poll() is None, program.communicate()
        time.sleep(0.02)
    assert [path.name.startswith(".base.") for path in (tmp_path / "studies").iterdir()] == [True]
    return program


def running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text() if Path("/proc").is_dir() else not os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize(("order", "kind"), [("SIGTERM", "processes"), ("SIGHUP", "thread"), ("SIGINT", "swallowed")])
def test_an_order_to_stop_leaves_nothing_behind(tmp_path: Path, order: str, kind: str) -> None:
    with started(tmp_path, kind) as program:
        workers = {int(path.name.split("-")[2]) for path in (tmp_path / "there").iterdir()} - {0}
        program.send_signal(getattr(signal, order))
        out, said = program.communicate(timeout=30)
    assert program.returncode == 1
    assert said.splitlines() == ["Error: Interrumpido; nada quedó a medias y la orden se puede repetir"]
    assert not out
    assert list((tmp_path / "studies").iterdir()) == []
    assert not [pid for pid in workers if running(pid)]


def test_an_order_that_was_to_be_ignored_is_ignored_and_a_second_one_obeyed_at_once(tmp_path: Path) -> None:
    """A program started with nohup outlives its terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        program = started(tmp_path, "thread", "--json")
    finally:
        signal.signal(signal.SIGHUP, before)
    with program:
        program.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            program.wait(0.5)
        program.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        program.send_signal(signal.SIGTERM)
        out, said = program.communicate(timeout=30)
    assert program.returncode == 1
    assert "Interrumpido" in json.loads(out)["error"]["found"]
    assert said.count("\n") == 1
    assert list((tmp_path / "studies").iterdir()) == []
