"""The other end of a worker process: takes what is shared, then piece after piece, until nobody asks any more."""

from __future__ import annotations

import pickle
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

SHARED = -1
"""Stands in the place of a piece's number before what all pieces share."""


def serve(connection: Connection) -> None:
    """Answer pieces until the other end is closed.

    Parameters
    ----------
    connection
        Brings ``(SHARED, bytes)`` and ``(number, piece)``; takes ``(number, result, error)``.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started the work stops it
    work: Any = None
    shared: Any = None
    trouble: BaseException | None = None
    while True:
        try:
            number, job = connection.recv()
        except (EOFError, OSError):
            return
        if number == SHARED:
            work = shared = trouble = None
            try:
                work, shared = pickle.loads(job)  # noqa: S301  from the process that started this one
            except Exception as error:  # noqa: BLE001  told as the answer of the next piece
                trouble = error
            continue
        if not _send(connection, _done(number, job, work, shared, trouble)):
            return


def _done(
    number: int,
    job: object,
    work: Callable[[Any, Any], Any] | None,
    shared: object,
    trouble: BaseException | None,
) -> tuple[int, Any, BaseException | None]:
    if trouble is not None or work is None:
        return number, None, trouble
    try:
        return number, work(shared, job), None
    except Exception as error:  # noqa: BLE001  raised again where it was asked
        return number, None, _portable(error)


def _portable(error: Exception) -> Exception:
    """Return an error that survives the way back."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    except Exception:  # noqa: BLE001  whatever an error of a library refuses
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _send(connection: Connection, answer: tuple[int, Any, BaseException | None]) -> bool:
    try:
        connection.send(answer)
    except (BrokenPipeError, ConnectionError, EOFError):
        return False
    return True
