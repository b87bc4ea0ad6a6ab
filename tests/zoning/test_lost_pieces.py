"""A piece that loses everybody who does it is named by where it lies, in the words of its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gis.crew.crew import Answer, Crew
from gis.crew.crew_error import CrewError
from layers.workspace import Workspace
from zoning.chunks.chunk_raster import zone_rasters
from zoning.stack.stack_build import stack_folder, update_stack
from zoning.stack.stack_cells import StackCells
from zoning.stack.stored_stack import StoredStack
from zoning.study.aptitude import stack_job
from zoning.study.classification import classify_stack
from zoning.study.run_job import open_job


class DoomedCrew(Crew):
    """Hands that are killed at every piece."""

    def close(self) -> None:
        """Nobody is there."""

    @contextmanager
    def _hands(self, _work: object, _shared: object) -> Iterator[DoomedCrew]:
        self.asked: list[int] = []
        yield self

    @property
    def free(self) -> int:
        """One at a time."""
        return 1 - len(self.asked)

    def ask(self, number: int, _job: object) -> None:
        """Begin a piece."""
        self.asked.append(number)

    def answers(self) -> list[Answer]:
        """Lose it."""
        return [Answer(number=self.asked.pop(), lost="lo mató la señal 9")]


def test_a_lost_piece_is_named_by_its_rows(make_workspace: Callable[..., Workspace], tmp_path: Path) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    index = update_stack(job.land, job.rules).index
    last = min(256, job.grid.rows) - 1
    with (
        StackCells(stack_folder(job.land), index.hash) as stack,
        pytest.raises(CrewError, match=rf"El trozo 1 de \d+ \(filas 0 a {last}\) perdió 4 veces") as lost,
    ):
        classify_stack(stack_job(job, stack), job.frame, crew=DoomedCrew(1))
    assert "señal 9" in lost.value.found
    zones, classes = tmp_path / "zones.tif", tmp_path / "classes.tif"
    with (
        StoredStack(stack_folder(job.land)) as stored,
        pytest.raises(CrewError, match=rf"\(filas 0 a {last}, columnas 0"),
    ):
        zone_rasters(stored, job.rules, zones=zones, classes=classes, crew=DoomedCrew(1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ws"]
