"""A crew does one function over many pieces, whoever its hands are; the results do not depend on them.

The function stands at the top of a module, takes what all pieces share and one piece, and returns its result; where
hands are other processes all three travel pickled. What is shared travels once to each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

from gis.crew.crew_error import CrewError
from gis.crew.job_queue import JobQueue
from gis.messages import translator

_ = translator("gis")

S = TypeVar("S")
J = TypeVar("J")
R = TypeVar("R")

RETRIES = 3
"""How often a piece is asked again after whoever did it was lost."""

Progress = Callable[[int, int], None]
"""Told how many pieces are done, and how many there are."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """What became of one piece."""

    number: int
    """Place of the piece."""
    result: Any = None
    error: BaseException | None = None
    """What the work raised."""
    lost: str = ""
    """How whoever did it was lost; empty if nobody was."""


class Hands(Protocol):
    """Those who work during one run of a crew."""

    @property
    def free(self) -> int:
        """Pieces that may be asked now."""
        ...

    def ask(self, number: int, job: Any) -> None:  # noqa: ANN401  any piece
        """Begin a piece."""
        ...

    def answers(self) -> list[Answer]:
        """Wait until something becomes of at least one piece."""
        ...


class Crew(ABC):
    """Hands for :meth:`run`; use it as a context, or close it."""

    def __init__(self, size: int) -> None:
        self.size = size
        """Pieces done at once."""
        self.repeated: Counter[int] = Counter()
        """Pieces of the last run that were asked again because a worker was lost, and how often."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let everybody go."""

    @abstractmethod
    def _hands(self, work: Callable[[Any, Any], Any], shared: object) -> AbstractContextManager[Hands]:
        """Give the hands of one run; leaving the context drops what is under way."""

    def run(
        self,
        work: Callable[[S, J], R],
        jobs: Sequence[J],
        *,
        shared: S,
        ordered: bool = True,
        progress: Progress | None = None,
    ) -> Iterator[tuple[int, R]]:
        """Do a function over all pieces.

        Parameters
        ----------
        work
            From the top of an installed module: ``work(shared, job)``.
        jobs
            The pieces.
        shared
            What all pieces need; it travels once to each process.
        ordered
            Hand results on in the order of ``jobs``, not as they come.
        progress
            Told how far it is.

        Yields
        ------
        tuple
            Place of the piece in ``jobs``, and its result. Pieces begin only a little ahead of who takes them.

        Raises
        ------
        CrewError
            A worker is not there or differs, or one piece lost :data:`RETRIES` + 1 workers.
        gis.errors.VallesError
            What the work itself refuses.
        """
        self.repeated = Counter()
        queue = JobQueue(len(jobs), ahead=4 * self.size + 4, ordered=ordered)
        if not jobs:
            return
        with self._hands(work, shared) as hands:
            while not queue.finished:
                while hands.free > 0 and (number := queue.next()) is not None:
                    hands.ask(number, jobs[number])
                for answer in hands.answers():
                    self._take(queue, answer, jobs[answer.number])
                if progress is not None:
                    progress(queue.done, queue.count)
                yield from queue.ready()

    def _take(self, queue: JobQueue, answer: Answer, job: object) -> None:
        if answer.error is not None:
            raise answer.error
        if not answer.lost:
            queue.put(answer.number, answer.result)
            return
        self.repeated[answer.number] += 1
        if self.repeated[answer.number] > RETRIES:
            raise CrewError(
                _("El trozo {number} de {count} ({job}) perdió {times} veces a quien lo hacía: {how}").format(
                    number=answer.number + 1,
                    count=queue.count,
                    job=job,
                    times=self.repeated[answer.number],
                    how=answer.lost,
                ),
                expected=_("Se esperaba que un proceso lo terminara"),
                remedy=_("Suele faltar memoria: use menos trabajadores o una máquina con más"),
            )
        queue.again(answer.number)


class ThreadCrew(Crew):
    """Threads of this process."""

    def close(self) -> None:
        """Do nothing: threads live as long as a run."""

    @contextmanager
    def _hands(self, work: Callable[[Any, Any], Any], shared: object) -> Iterator[Hands]:
        pool = ThreadPoolExecutor(max_workers=self.size)
        try:
            yield _Threads(pool, work, shared, self.size)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class _Threads:
    def __init__(self, pool: ThreadPoolExecutor, work: Callable[[Any, Any], Any], shared: object, size: int) -> None:
        self._pool, self._work, self._shared, self._size = pool, work, shared, size
        self._asked: dict[Future[Any], int] = {}

    @property
    def free(self) -> int:
        return 2 * self._size - len(self._asked)

    def ask(self, number: int, job: object) -> None:
        self._asked[self._pool.submit(self._work, self._shared, job)] = number

    def answers(self) -> list[Answer]:
        done, _waiting = wait(self._asked, return_when=FIRST_COMPLETED)
        return [_answer(self._asked.pop(future), future) for future in done]


def _answer(number: int, future: Future[Any]) -> Answer:
    error = future.exception()
    return Answer(number=number, error=error) if error else Answer(number=number, result=future.result())
