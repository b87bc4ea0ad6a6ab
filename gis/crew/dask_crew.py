"""Workers of a Dask cluster: other machines that see the same files. Needs the extra ``[distributed]``.

Pieces are asked a few ahead of the workers. A worker that is lost costs what it was doing: the scheduler asks it of
another, and gives up only when one piece lost several.
"""

from __future__ import annotations

import pickle
import queue
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from gis.crew.crew import Answer, Crew, Hands
from gis.crew.crew_error import CrewError
from gis.crew.scheduler_address import scheduler_address
from gis.crew.worker_state import packages_of, worker_state
from gis.errors import MissingError, VallesError
from gis.messages import translator

_ = translator("gis")

T = TypeVar("T")

PATIENCE_S = 5.0
"""How long a scheduler may take to answer, and a cluster to have a worker."""

_SILENCE_S = 1.0
_GONE_S = 30.0
"""How long a cluster may be without any worker in mid-run."""


class DaskCrew(Crew):
    """The workers of a scheduler.

    Parameters
    ----------
    address
        Of the scheduler, ``tcp://host:8786``, or the scheduler file it wrote.
    patience_s
        How long it may take to answer, s.

    Raises
    ------
    CrewError
        The extra is not installed, there is no scheduler, or it has no workers.
    gis.crew.crew_error.AddressError
        It is no address.
    """

    def __init__(self, address: str, *, patience_s: float = PATIENCE_S) -> None:
        self.address = address
        self._client = _connect(address, patience_s)
        with suppress(TimeoutError):
            self._client.wait_for_workers(1, timeout=patience_s)
        threads = [int(each["nthreads"]) for each in _workers(self._client).values()]
        if not threads:
            self._client.close()
            raise CrewError(
                _("El planificador {address} no tiene trabajadores").format(address=address),
                expected=_("Se esperaba al menos uno"),
                remedy=_("Arranque uno en cada máquina: dask worker {address}").format(address=address),
            )
        super().__init__(sum(threads))

    def close(self) -> None:
        """Leave the scheduler; its workers stay."""
        self._client.close()

    @contextmanager
    def _hands(self, work: Callable[[Any, Any], Any], shared: object) -> Iterator[Hands]:
        packages = packages_of([work.__module__, type(shared).__module__])
        wanted = worker_state(packages)
        self._check(packages, wanted)
        hands = _Tasks(self._client, self.address, (work, shared, packages, dict(wanted)))
        try:
            yield hands
        finally:
            hands.forget()

    def _check(self, packages: tuple[str, ...], wanted: Mapping[str, str]) -> None:
        """Refuse workers that would compute with something else, before the first piece."""
        told: dict[str, Any] = self._client.run(worker_state, packages, on_error="return")
        for worker, state in sorted(told.items()):
            if isinstance(state, OSError):  # lost meanwhile: who comes in its place is asked with its pieces
                continue
            if isinstance(state, Exception):
                raise _absent(worker, state)
            require_alike(worker, state, wanted)


def require_alike(worker: str, state: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Refuse a worker that computes with something else.

    Parameters
    ----------
    worker
        Its name.
    state, wanted
        From :func:`gis.crew.worker_state.worker_state`, there and here.

    Raises
    ------
    CrewError
        Something differs.
    """
    differ = {name: value for name, value in wanted.items() if state.get(name) != value}
    if differ:
        raise CrewError(
            _("El trabajador {worker} tiene {theirs} y aquí hay {ours}").format(
                worker=worker,
                theirs=_listed({name: state.get(name, "–") for name in differ}),
                ours=_listed(differ),
            ),
            expected=_("Se esperaba lo mismo en todas partes: el resultado no puede depender de quién lo calcula"),
            remedy=_("Instale lo mismo en el trabajador y arránquelo de nuevo"),
        )


def _listed(state: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in state.items())


def _absent(worker: str, error: Exception) -> CrewError:
    return CrewError(
        _("El trabajador {worker} no puede cargar Valles: {reason}").format(worker=worker, reason=str(error)[:200]),
        expected=_("Se esperaba el mismo Valles en todas partes"),
        remedy=_("Instale en el trabajador lo mismo que aquí, con el extra [distributed], y arránquelo de nuevo"),
    )


def _connect(address: str, patience_s: float) -> Any:  # noqa: ANN401  an optional library
    place = scheduler_address(address)
    try:
        from distributed import Client  # noqa: PLC0415  only who has a cluster needs it
    except ImportError as error:
        raise CrewError(
            _("Falta el paquete distributed, que habla con el planificador"),
            expected=_("Hace falta el extra [distributed]"),
            remedy=_('Instálelo: pip install "valles[distributed]"'),
        ) from error
    try:
        return Client(place, timeout=patience_s, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CrewError(
            _("No hay planificador en {address}").format(address=place),
            expected=_("Se esperaba un planificador de Dask que responda en {seconds:g} segundos").format(
                seconds=patience_s
            ),
            remedy=_("Arránquelo con «dask scheduler», y en cada máquina «dask worker tcp://…:8786»"),
        ) from error


def _workers(client: Any) -> dict[str, Any]:  # noqa: ANN401  an optional library
    found: dict[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
    return found


class _Tasks:
    def __init__(self, client: Any, address: str, shared: tuple[Any, ...]) -> None:  # noqa: ANN401  an optional library
        self._client, self._address = client, address
        self._token = f"valles-{secrets.token_hex(4)}"
        blob = pickle.dumps(shared, protocol=pickle.HIGHEST_PROTOCOL)
        # A task, not data on one worker: if its holder is lost the scheduler makes it again.
        self._shared = client.submit(_unpack, blob, key=f"{self._token}-shared", pure=False)
        self._threads = sum(int(each["nthreads"]) for each in _workers(client).values())
        self._asked: dict[int, Any] = {}
        self._told: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._tries = 0
        self._fetching = ThreadPoolExecutor(max_workers=1)

    @property
    def free(self) -> int:
        return 2 * self._threads + 1 - len(self._asked)

    def ask(self, number: int, job: object) -> None:
        self._tries += 1
        key = f"{self._token}-{number}-{self._tries}"
        future = self._client.submit(_piece, self._shared, job, key=key, pure=False)
        self._asked[number] = future
        future.add_done_callback(lambda _done: self._told.put(number))

    def answers(self) -> list[Answer]:
        number = self._patiently(partial(self._told.get, timeout=_SILENCE_S))
        answer = self._answer(number, self._asked[number])
        del self._asked[number]
        return [answer]

    def forget(self) -> None:
        """Drop what is under way."""
        if self._client.status == "running":
            self._client.cancel([*self._asked.values(), self._shared], force=True)
        self._asked.clear()
        self._fetching.shutdown(wait=False, cancel_futures=True)

    def _patiently(self, attempt: Callable[[], T]) -> T:
        """Try until something comes; a cluster may lose its scheduler or all workers at any moment of the wait."""
        silent = 0.0
        while True:
            try:
                return attempt()
            except (queue.Empty, TimeoutError):
                silent = silent + _SILENCE_S if not self._alive() else 0.0
                if silent >= _GONE_S:
                    raise self._gone() from None

    def _alive(self) -> bool:
        if self._client.status != "running":
            raise self._gone()
        return bool(_workers(self._client))

    def _gone(self) -> CrewError:
        return CrewError(
            _("Se perdió el planificador {address}, o todos sus trabajadores").format(address=self._address),
            expected=_("Se esperaba que quedara al menos un trabajador"),
            remedy=_("Arránquelos de nuevo y repita la orden; nada quedó a medias"),
        )

    def _answer(self, number: int, future: Any) -> Answer:  # noqa: ANN401  an optional library
        if future.status == "finished":
            # In a thread of its own: where the worker that holds the result is lost, it is waited for without end.
            fetched = self._patiently(partial(self._fetching.submit(_fetched, future).result, timeout=_SILENCE_S))
            if fetched is not None:
                return Answer(number=number, result=fetched[0], error=fetched[1])
        if future.status == "error":
            error = future.exception()
            if type(error).__name__ == "KilledWorker":
                return Answer(number=number, error=self._killed(number, error))
            return Answer(number=number, error=error)
        if self._client.status != "running":
            raise self._gone()
        return Answer(number=number, lost=_("la tarea se perdió con su trabajador"))

    def _killed(self, number: int, error: object) -> CrewError:
        return CrewError(
            _("El trozo {number} perdió a todos los trabajadores que lo hacían: {reason}").format(
                number=number + 1, reason=str(error)[:200]
            ),
            expected=_("Se esperaba que un trabajador lo terminara"),
            remedy=_("Suele faltar memoria: dé más a cada trabajador"),
        )


def _fetched(future: Any) -> tuple[Any, VallesError | None] | None:  # noqa: ANN401  an optional library
    """Return what a piece came to, or ``None`` where that was lost with its worker or with the scheduler."""
    from distributed import CancelledError, KilledWorker  # noqa: PLC0415  only who has a cluster comes here

    try:
        found: tuple[Any, VallesError | None] = future.result()
    except (OSError, CancelledError, KilledWorker):
        return None
    return found


def _unpack(blob: bytes) -> tuple[Any, ...]:
    found: tuple[Any, ...] = pickle.loads(blob)  # noqa: S301  from the client of this cluster
    return found


def _piece(shared: tuple[Any, ...], job: object) -> tuple[Any, VallesError | None]:
    """Do a piece on a worker; what the work refuses is an answer, not a failure of the cluster."""
    work, state, packages, wanted = shared
    from distributed import get_worker  # noqa: PLC0415  it runs on a worker

    name = str(get_worker().address)
    try:
        require_alike(name, worker_state(packages), wanted)
        return work(state, job), None
    except MissingError as error:
        return None, CrewError(
            _("El trabajador {worker} no ve los archivos: {found}").format(worker=name, found=error.found),
            expected=_("Se esperaba que todos vean los mismos archivos bajo los mismos nombres"),
            remedy=_("Ponga el espacio de trabajo en una carpeta compartida, o la pila en un almacén de objetos"),
        )
    except VallesError as error:
        return None, error
