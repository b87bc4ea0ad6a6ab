"""What a program and its worker processes hold and spend, as the system tells it; nothing where it does not."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

_EVERY_S = 0.02
_TICKS_BEFORE = 11


class Watch:
    """The most memory held while a block runs, beyond what was held before, and the processor time. Use as a context.

    Parameters
    ----------
    workers
        Returns the numbers of the worker processes.
    """

    def __init__(self, workers: Callable[[], Iterable[int]]) -> None:
        self._workers = workers
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.told = Path("/proc/self/statm").is_file()
        self.before_mb = self.peak_mb = self.cpu_s = 0.0

    def __enter__(self) -> Self:
        if self.told:
            self.before_mb = self.peak_mb = self._held()
            self.cpu_s = -self._spent()
            self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._ended.set()
        if self.told:
            self._thread.join()
            self.cpu_s += self._spent()

    @property
    def extra_mb(self) -> float | None:
        """Most memory beyond the state before, of all processes together, MB."""
        return self.peak_mb - self.before_mb if self.told else None

    def _look(self) -> None:
        while not self._ended.wait(_EVERY_S):
            self.peak_mb = max(self.peak_mb, self._held())

    def _held(self) -> float:
        page = os.sysconf("SC_PAGE_SIZE")
        return sum(int(_words(pid, "statm")[1]) * page for pid in self._all()) / 1e6

    def _spent(self) -> float:
        ticks = os.sysconf("SC_CLK_TCK")
        return sum(sum(int(each) for each in _after_name(pid)) for pid in self._all()) / ticks

    def _all(self) -> list[int]:
        return [os.getpid(), *self._workers()]


def _words(pid: int, file: str) -> list[str]:
    return Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8").split()


def _after_name(pid: int) -> list[str]:
    """Return user and system ticks; a program's name may hold spaces."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    return text.split()[_TICKS_BEFORE : _TICKS_BEFORE + 2]
