"""Which crew is asked for: threads, processes of this machine, or a cluster."""

from __future__ import annotations

from gis.crew.crew import Crew, ThreadCrew
from gis.crew.process_crew import ProcessCrew
from gis.errors import InputError
from gis.messages import translator

_ = translator("gis")

THREADS = 2
"""Threads where nothing is asked for."""


def open_crew(*, workers: int | None = None, scheduler: str | None = None) -> Crew:
    """Return the crew asked for; use it as a context.

    Parameters
    ----------
    workers
        Worker processes of this machine; ``None`` with no scheduler is two threads of this process.
    scheduler
        Address or file of a Dask scheduler.

    Raises
    ------
    gis.errors.InputError
        Both are given, or too many workers.
    gis.crew.crew_error.CrewError
        There is no such scheduler, it has no workers, or the extra ``[distributed]`` is not installed.
    """
    if workers is not None and scheduler is not None:
        raise InputError(
            _("Se pidieron procesos aquí y un planificador a la vez"),
            expected=_("Se esperaba uno de los dos: --workers o --scheduler"),
        )
    if scheduler is not None:
        from gis.crew.dask_crew import DaskCrew  # noqa: PLC0415  only who has a cluster needs it

        return DaskCrew(scheduler)
    return ThreadCrew(THREADS) if workers is None else ProcessCrew(workers)
