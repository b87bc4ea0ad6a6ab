"""Worker processes of this machine: one that is killed costs only the piece it was doing.

Each worker hangs on a pipe of its own, so that its end is noticed at once and touches no other; it is started anew,
with a clean interpreter that does not run the main module again, and its piece is asked again.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

from gis.crew.crew import Answer, Crew, Hands
from gis.crew.process_worker import SHARED, serve
from gis.errors import InputError
from gis.messages import translator

_ = translator("gis")

MOST_WORKERS = 256
"""Worker processes of one machine."""

_PATIENCE_S = 5.0
"""How long a worker may take to leave by itself."""


@contextmanager
def _blank_main() -> Iterator[None]:
    """Hide the main module: a new process would run it again, a script without a guard and all its imports."""
    kept = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = kept


class _Lane:
    """One worker and its pipe."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=serve, args=(theirs,), daemon=True)
        with _blank_main():
            self.process.start()
        theirs.close()
        self.knows: object = None
        """Mark of the run whose shared state it holds."""
        self.number: int | None = None
        """Piece it is doing."""

    def tell(self, mark: object, blob: bytes, number: int, job: object) -> None:
        """Ask for a piece; a worker that is gone shows when its answer is waited for."""
        self.number = number
        with contextlib.suppress(BrokenPipeError, ConnectionError):
            if self.knows is not mark:
                self.connection.send((SHARED, blob))
                self.knows = mark
            self.connection.send((number, job))

    def end(self, *, at_once: bool) -> str:
        """Let the worker go, and say how it ended."""
        self.connection.close()
        if at_once:
            self.process.kill()
        self.process.join(_PATIENCE_S)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        return _ending(self.process.exitcode or 0)


def _ending(code: int) -> str:
    if code < 0:
        return _("lo mató la señal {signal}").format(signal=-code)
    return _("terminó con el código {code}").format(code=code)


class ProcessCrew(Crew):
    """Worker processes; they start with the first run and stay until the crew is closed.

    Parameters
    ----------
    size
        How many.

    Raises
    ------
    gis.errors.InputError
        Not one to :data:`MOST_WORKERS`.
    """

    def __init__(self, size: int) -> None:
        if not 1 <= size <= MOST_WORKERS:
            raise InputError(
                _("{count} procesos").format(count=size),
                expected=_("Se esperaban de 1 a {most}").format(most=MOST_WORKERS),
            )
        super().__init__(size)
        self._lanes: list[_Lane] = []

    @property
    def pids(self) -> tuple[int, ...]:
        """Numbers of the worker processes; none before the first run."""
        return tuple(lane.process.pid for lane in self._lanes if lane.process.pid is not None)

    def close(self) -> None:
        """Let every worker go; one that is busy is stopped."""
        lanes, self._lanes = self._lanes, []
        for lane in lanes:
            lane.connection.close()
        for lane in lanes:
            lane.end(at_once=lane.number is not None)

    @contextmanager
    def _hands(self, work: Callable[[Any, Any], Any], shared: object) -> Iterator[Hands]:
        hands = _Processes(self._lanes, self.size, pickle.dumps((work, shared), protocol=pickle.HIGHEST_PROTOCOL))
        try:
            yield hands
        finally:
            for lane in [lane for lane in self._lanes if lane.number is not None]:
                self._lanes.remove(lane)
                lane.end(at_once=True)


class _Processes:
    def __init__(self, lanes: list[_Lane], size: int, blob: bytes) -> None:
        self._lanes, self._size, self._blob = lanes, size, blob
        self._mark = object()
        self.fill()

    def fill(self) -> None:
        """Start what is missing."""
        while len(self._lanes) < self._size:
            self._lanes.append(_Lane())

    @property
    def free(self) -> int:
        return sum(lane.number is None for lane in self._lanes)

    def ask(self, number: int, job: object) -> None:
        lane = next(each for each in self._lanes if each.number is None)
        lane.tell(self._mark, self._blob, number, job)

    def answers(self) -> list[Answer]:
        busy = {lane.connection: lane for lane in self._lanes if lane.number is not None}
        ready: list[Any] = list(wait(list(busy)))
        found = [self._answer(busy[connection]) for connection in ready]
        self.fill()
        return found

    def _answer(self, lane: _Lane) -> Answer:
        asked = -1 if lane.number is None else lane.number
        try:
            number, result, error = lane.connection.recv()
        except (EOFError, OSError):
            self._lanes.remove(lane)
            return Answer(number=asked, lost=lane.end(at_once=True))
        lane.number = None
        return Answer(number=number, result=result, error=error)
