"""Work for crews in tests: at the top of a module that worker processes and cluster workers can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from gis.errors import InputError, MissingError

Shared = dict[str, object]


def square(shared: Shared, job: int) -> np.ndarray:
    """Note that the piece was begun, and return an array that depends on it."""
    _note(shared, job)
    return np.full(3, int(shared["times"]) * job * job)


def slow_square(shared: Shared, job: int) -> np.ndarray:
    """Do the same slowly; earlier pieces are the slowest, so that they end out of order."""
    _note(shared, job)
    time.sleep(0.08 if job % 4 == 0 else 0.01)
    return np.full(3, int(shared["times"]) * job * job)


def die_once(shared: Shared, job: int) -> int:
    """Be killed in the piece ``deadly``, the first time."""
    _note(shared, job)
    if job == shared["deadly"] and len(_begun(shared, job)) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return job


def die_always(shared: Shared, job: int) -> int:
    """Be killed in the piece ``deadly`` whenever it is begun."""
    if job == shared["deadly"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return job


def refuse(shared: Shared, job: int) -> int:
    """Refuse the piece ``bad`` as the house does."""
    if job == shared["bad"]:
        raise InputError("el trozo no sirve", expected="Se esperaba otro", remedy="Cámbielo")
    return job


def not_there(shared: Shared, _job: int) -> int:
    """Say that a file is not there."""
    raise MissingError(f"No existe el archivo {shared['path']}")


def unforeseen(_shared: Shared, job: int) -> float:
    """Fail as a bug does."""
    return job / 0


def wait_long(shared: Shared, job: int) -> int:
    """Take longer than anybody waits."""
    _note(shared, job)
    time.sleep(60)
    return job


def who(_shared: Shared, _job: int) -> int:
    """Return the process that did the piece."""
    time.sleep(0.05)
    return os.getpid()


def main_modules(_shared: Shared, _job: int) -> list[str]:
    """Return which modules a worker loaded, to see that it began light."""
    import sys  # noqa: PLC0415  a look at the worker

    return sorted(sys.modules)


def begun(folder: Path) -> list[int]:
    """Return the pieces that were begun, as often as they were."""
    return sorted(int(path.name.split("-")[0]) for path in folder.iterdir())


def _note(shared: Shared, job: int) -> None:
    Path(str(shared["folder"]), f"{job}-{time.monotonic_ns()}-{os.getpid()}").touch()


def _begun(shared: Shared, job: int) -> list[Path]:
    return list(Path(str(shared["folder"])).glob(f"{job}-*"))
