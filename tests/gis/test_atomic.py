"""A file is complete or absent: full disk, read-only folder, killed process."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gis.atomic import (
    atomic_folder,
    atomic_path,
    clear_leftovers,
    scratch_folder,
    sha256_of,
    storage_error,
    write_atomically,
)
from gis.drafts import drop_drafts
from gis.errors import MissingError, StorageError

ROOT = Path(__file__).resolve().parents[2]


def _names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def _half_write(file: Path, error: Exception) -> None:
    file.write_text("a medias")
    raise error


def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_atomically(target, "antes")
    with pytest.raises(MissingError), atomic_path(target) as temporary:
        _half_write(temporary, MissingError("algo"))
    assert target.read_text() == "antes"
    assert _names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "No queda espacio"), (errno.EROFS, "solo lectura"), (errno.EIO, "rechazó")]
)
def test_the_refusals_of_a_disk_are_told_in_words(tmp_path: Path, number: int, words: str) -> None:
    with pytest.raises(StorageError, match=words), atomic_path(tmp_path / "a.txt") as temporary:
        _half_write(temporary, OSError(number, os.strerror(number)))
    assert _names(tmp_path) == []
    assert words in str(storage_error("a", OSError(number, "x")))


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError), atomic_path(tmp_path / "file" / "a.txt"):
        pass


def test_a_block_that_writes_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError), atomic_path(tmp_path / "a.txt"):
        pass
    assert _names(tmp_path) == []


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "study"
    for content in ("one", "two"):
        with atomic_folder(target) as draft:
            (draft / f"{content}.txt").write_text(content)
    assert _names(target) == ["two.txt"]
    with pytest.raises(MissingError), atomic_folder(target) as draft:
        _half_write(draft / "three.txt", MissingError("algo"))
    assert _names(target) == ["two.txt"]
    assert _names(tmp_path) == ["study"]


def test_a_folder_is_replaced_where_the_system_cannot_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis.atomic._exchange", lambda _one, _other: False)
    target = tmp_path / "study"
    for content in ("one", "two"):
        with atomic_folder(target) as draft:
            (draft / f"{content}.txt").write_text(content)
    assert _names(target) == ["two.txt"]
    assert _names(tmp_path) == ["study"]


def test_a_folder_lost_between_two_renames_is_restored(tmp_path: Path) -> None:
    (tmp_path / ".study.previous").mkdir()
    (tmp_path / ".study.previous" / "one.txt").write_text("one")
    with pytest.raises(MissingError), atomic_folder(tmp_path / "study"):
        raise MissingError("algo")
    assert _names(tmp_path / "study") == ["one.txt"]


@pytest.mark.parametrize(
    "how", ["atomic_path(p / 'a.bin')", "atomic_folder(p / 'a.bin')", "scratch_folder(p / 'a.bin')"]
)
def test_a_killed_writer_leaves_no_target_and_its_draft_is_cleared(tmp_path: Path, how: str) -> None:
    code = (
        "import sys, time; from pathlib import Path; from gis.atomic import *; p = Path(sys.argv[1])\n"
        f"with {how} as t:\n"
        "    (t / 'x' if t.is_dir() else t).write_bytes(b'0' * 99); print('ready', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
    assert not (tmp_path / "a.bin").exists()
    assert len(_names(tmp_path)) == 1
    draft = tmp_path / _names(tmp_path)[0]
    for ending in ("-journal", ".tmp.mbtiles"):  # what a library lays beside what it writes
        draft.with_name(f"{draft.name}{ending}").write_bytes(b"0")
    write_atomically(tmp_path / "a.bin", b"whole")
    assert _names(tmp_path) == ["a.bin"]


def test_the_draft_of_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "a.txt") as first:
        first.write_text("first")
        write_atomically(tmp_path / "a.txt", "second")
        assert first.exists()
    assert (tmp_path / "a.txt").read_text() == "first"


def test_drafts_of_any_name_are_cleared_unless_their_writer_lives_or_is_of_another_host(tmp_path: Path) -> None:
    with (
        atomic_folder(tmp_path / "mine") as mine,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1) as other,
    ):
        host = mine.name.split(".")[2].split("-")[0]
        (mine / "x").write_text("x")
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait(30)
        dead = (f".a.b.{host}-{ended.pid}-0123abcd.tmp", f".c.{host}-{os.getpid()}-0123abcd.tmp.tif-journal")
        kept = (f".d.{host}-{other.pid}-0123abcd.tmp", f".e.000000-{ended.pid}-0123abcd.tmp", ".f.tmp", "g")
        for name in (*dead, *kept):
            (tmp_path / name).mkdir()
            (tmp_path / name / "x").write_text("x")
        clear_leftovers(tmp_path)
        assert _names(tmp_path) == sorted([*kept, mine.name])
        assert (mine / "x").exists()
        other.communicate(b"\n", timeout=30)
    clear_leftovers(tmp_path / "nada")


def test_a_process_that_ends_at_once_takes_its_drafts_with_it_and_begins_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis.drafts._ending", threading.Event())
    with scratch_folder(tmp_path / "a") as one, scratch_folder(tmp_path / "b") as other:
        for folder in (one, other):
            (folder / "x").write_text("a medias")
        drop_drafts()
        with pytest.raises(KeyboardInterrupt):
            write_atomically(one / "y", "uno más")
        assert _names(tmp_path) == []


def test_a_scratch_folder_is_gone_afterwards(tmp_path: Path) -> None:
    with scratch_folder(tmp_path / "a.tif") as folder:
        (folder / "x").write_text("x")
    assert _names(tmp_path) == []


def test_the_sha256_is_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(StorageError):
        sha256_of(tmp_path / "b")
