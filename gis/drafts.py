"""Names that files and folders have while they are written, and the end of those that never get another.

A name starts with a dot and carries the host and the process that made it: what a killed process left is told from
what a living one is writing.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_TRIES = 20
_PATIENCE_S = 0.5
_BESIDE = ("-journal", "-wal", "-shm")
"""What a library lays beside a file it writes."""

_mine: set[Path] = set()
"""What this process is writing."""

_ending = threading.Event()
"""Whether it writes nothing more."""

_gate = threading.Lock()


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Give a temporary name beside ``path``, of the same suffix; what stands under it is gone when the block ends."""
    draft = path.with_name(f".{path.stem}.{_host()}-{os.getpid()}-{secrets.token_hex(4)}.tmp{path.suffix}")
    _mine.add(draft)
    try:
        yield draft
    finally:
        _drop(draft)
        if not draft.exists():
            _mine.discard(draft)


def beside(target: Path) -> None:
    """Make the folder of what is to be written, and clear what killed processes left of it.

    Raises
    ------
    OSError
        The folder cannot be made or read.
    KeyboardInterrupt
        This process is ending.
    """
    with _gate:
        if _ending.is_set():
            raise KeyboardInterrupt
        target.parent.mkdir(parents=True, exist_ok=True)  # it would make a draft anew that was removed
    clear_drafts(target.parent, target=target)


def drop_drafts() -> None:
    """Remove everything this process is writing, and begin nothing more: it ends at once, whatever its threads do."""
    passed = _gate.acquire(timeout=_PATIENCE_S)  # whom the order interrupted may hold it
    _ending.set()
    if passed:
        _gate.release()
    for _try in range(_TRIES):
        there = [draft for draft in tuple(_mine) if draft.exists()]
        if not there:
            return
        for draft in there:
            _drop(draft)  # a thread may lay one more file into it meanwhile


def clear_drafts(folder: Path, *, target: Path | None = None) -> None:
    """Remove what killed processes of this host left in a folder.

    A draft whose writer lives stays, and so does one of another host, of which nobody here can say.

    Parameters
    ----------
    folder
        Where to look; it may be absent.
    target
        Only drafts of this file or folder; by default of all.

    Raises
    ------
    OSError
        The folder cannot be read.
    """
    if os.name != "posix" or not folder.is_dir():  # elsewhere signal 0 is not a question but an order
        return
    stem, suffix = (".+", "") if target is None else (re.escape(target.stem), re.escape(target.suffix))
    pattern = re.compile(rf"\.{stem}\.{_host()}-(\d+)-[0-9a-f]{{8}}\.tmp{suffix}([-.].+)?")
    for each in folder.iterdir():
        found = pattern.fullmatch(each.name)
        if found and not _written(each, int(found[1])):
            remove(each)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there and may be removed."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)  # another thread may be at it too
        else:
            path.unlink()


def _written(draft: Path, pid: int) -> bool:
    """Whether the process that made a draft lives."""
    if pid == os.getpid():  # numbers come back: in a container every run may have the same
        return any(draft.name.startswith(each.name) for each in tuple(_mine))
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _drop(draft: Path) -> None:
    for each in (draft, *(Path(f"{draft}{end}") for end in _BESIDE)):
        remove(each)


def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]
