"""The whole path of a zoning: from prepared layers to a study on disk, complete or absent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis.atomic import atomic_folder, clear_leftovers
from gis.coverage.partition import ZoneCoverage
from gis.crew.crew import Crew
from layers.workspace import Workspace
from zoning.land.precedence import PRESENT_USES
from zoning.rules.ruleset import Ruleset
from zoning.sensitivity.sensitivity_table import Sensitivity
from zoning.sensitivity.variants import Variant
from zoning.stack.stack_build import FOLDER, Progress, stack_folder, update_stack
from zoning.stack.stack_cells import StackCells
from zoning.stack.stack_extras import BLOCKS
from zoning.study.aptitude import Aptitude, aptitude_of, bands_record, stack_job
from zoning.study.aptitude_files import write_aptitude
from zoning.study.cell_results import CellResults
from zoning.study.classification import classify_stack
from zoning.study.manifest import Made, manifest_content, peak_memory_mb
from zoning.study.map_making import Codes, cell_maps, draw_map, label_cells, map_codes
from zoning.study.polygon_statistics import PolygonStatistics, conflict_threshold, polygon_statistics
from zoning.study.polygons import LEGAL_BIT, polygon_frame
from zoning.study.run_job import RunJob, open_job, require_name
from zoning.study.stage_clock import Clock
from zoning.study.study import Study
from zoning.study.study_files import StudyMaps, write_manifest, write_maps, write_tiles, write_vectors
from zoning.study.study_sensitivity import land_sample, measure_sensitivity, study_variants, write_sensitivity
from zoning.study.study_uncertainty import StudyDraws, draw_study
from zoning.study.zone_words import words_for
from zoning.uncertainty.zone_draws import require_draws


def run(
    workspace: Workspace | Path | str,
    *,
    name: str | None = None,
    scale: int | None = None,
    cell: float | None = None,
    ruleset: Ruleset | Path | None = None,
    climate: str = "",
    scenario: str | None = None,
    uncertainty: int | None = None,
    seed: int = 0,
    workers: int = 2,
    crew: Crew | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
) -> Study:
    """Zone a workspace and write the study.

    Parameters
    ----------
    workspace
        With prepared layers.
    name
        Of the study, else that of the scenario, else ``base``; an old one is replaced when the new one is complete.
    scale
        Denominator of the map scale, which sets the minimum mapping unit; by default that of the ruleset.
    cell
        Side of a cell, m; by default that of the prepared layers, never finer.
    ruleset
        Rules or their file; by default ``ruleset.toml`` of the workspace, else the starter.
    climate, scenario
        Climate source, by default that of the territory; and key of a ``[scenarios.NAME]`` of the rules.
    uncertainty, seed
        Draws that tell how sure each zone is, from 1, and their seed: the same seed gives the same bytes. ``None``
        draws nothing and leaves the stability empty.
    workers, crew
        Threads, and who classifies the cells in their place: processes or a cluster
        (:func:`gis.crew.crews.open_crew`). The result does not depend on them.
    progress, say
        Told the stage and how much of it is done; and in words what of the stack is made anew and why.

    Raises
    ------
    gis.errors.VallesError
        Layers, rules, a scenario or a number are missing or cannot be used; the disk refuses, or another program is
        writing in the workspace; a worker differs, does not see the stack, or was lost too often.

    Examples
    --------
    >>> warm = zoning.run("workspace", scenario="calor_sequia", scale=250_000)  # doctest: +SKIP
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    clock = Clock(progress=progress)
    called, draws = require_name(name or scenario or "base"), require_draws(uncertainty, seed)
    with place.writing():
        clear_leftovers(place.root / FOLDER)
        with clock.stage("rules"):
            job = open_job(place, scale=scale, cell=cell, ruleset=ruleset, climate=climate, scenario=scenario)
        _make(replace(job, draws=draws, seed=seed), clock, called, workers=workers, crew=crew, say=say)
    return Study.open(place, called)


def _make(
    job: RunJob, clock: Clock, name: str, *, workers: int, crew: Crew | None, say: Callable[[str], None] | None
) -> None:
    with clock.stage("rules"):
        variants = study_variants(job)
    with clock.stage("encode"):
        update = update_stack(job.land, job.rules, workers=workers, progress=clock.progress, say=say, held=True)
    with (
        StackCells(stack_folder(job.land), update.index.hash) as stack,
        atomic_folder(job.workspace.study_dir(name)) as folder,
    ):
        run_of = _Run(job=job, clock=clock, stack=stack, folder=folder, workers=workers, crew=crew)
        run_of.make(variants, name, update.told)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Run:
    """One study on its way from an up-to-date stack to its files."""

    job: RunJob
    clock: Clock
    stack: StackCells
    folder: Path
    """Where the files go."""
    workers: int
    crew: Crew | None = None
    """Who classifies, in the place of threads."""

    def make(self, variants: Sequence[Variant], name: str, encoded: str) -> None:
        """Make everything and write it. What needs no polygons is done beside them, in a second thread."""
        job, clock = self.job, self.clock
        with clock.stage("classify"):
            shared = stack_job(job, self.stack)
            cells = classify_stack(shared, job.frame, workers=self.workers, crew=self.crew, progress=clock.progress)
        with ThreadPoolExecutor(max_workers=1) as pool:
            sensitivity = pool.submit(copy_context().run, self._sensitivity, variants)
            aptitude = pool.submit(copy_context().run, self._aptitude, cells)
            with clock.stage("merge"):
                codes = map_codes(cells, job)
            with clock.stage("coverage"):
                coverage = draw_map(codes, job)
            with clock.stage("polygons"):
                statistics = _Described.of(coverage, cells, job)
                maps = cell_maps(cells, codes, statistics.labels, statistics.found, grid=job.grid)
            written = pool.submit(copy_context().run, self._maps, maps)
            zones, conflict_below, sure = self._explain(coverage, cells, statistics)
            self._vectors(zones, sure)
            made = Made(
                zones=zones,
                report=coverage.report,
                name=name,
                conflict_below=conflict_below,
                uncertainty=sure.record(job, zones) if sure else None,
                aptitude=bands_record(aptitude.result()),
                sensitivity=sensitivity.result().record(),
            )
            written.result()
        self._finish(made, encoded)

    def _sensitivity(self, variants: Sequence[Variant]) -> Sensitivity:
        with self.clock.stage("sensitivity", told=False):
            sample = land_sample(self.job, self.stack)
            found = measure_sensitivity(self.job, sample, variants, workers=self.workers)
            write_sensitivity(self.folder, found)
        return found

    def _aptitude(self, cells: CellResults) -> Aptitude:
        job = self.job
        with self.clock.stage("aptitude", told=False):
            found = aptitude_of(job, cells, self.stack.extras(BLOCKS))
            write_aptitude(self.folder, found, job.frame.places, job.grid, notice=job.workspace.territory.notice)
        return found

    def _maps(self, maps: StudyMaps) -> None:
        with self.clock.stage("maps", told=False):
            write_maps(self.folder, maps, self.job.rules.zones, notice=self.job.workspace.territory.notice)

    def _explain(
        self, coverage: ZoneCoverage, cells: CellResults, described: _Described
    ) -> tuple[gpd.GeoDataFrame, float, StudyDraws | None]:
        job, clock = self.job, self.clock
        with clock.stage("uncertainty"):
            sure = draw_study(
                job,
                self.stack,
                coverage.frame,
                described.labels,
                numbers=described.numbers,
                workers=self.workers,
                progress=clock.progress,
            )
        with clock.stage("explain"):
            conflict_below = conflict_threshold(cells, job.rules.ruleset.map.conflict_quantile)
            zones = polygon_frame(
                coverage.frame,
                described.found,
                job.rules,
                words_for(job, coverage.frame),
                area_crs=job.workspace.territory.area_crs,
                conflict_below=conflict_below,
                stabilities=sure.polygons if sure else None,
            )
        return zones, conflict_below, sure

    def _vectors(self, zones: gpd.GeoDataFrame, sure: StudyDraws | None) -> None:
        with self.clock.stage("files"):
            write_vectors(self.folder, zones, areas=self.job.municipal_areas())
            if sure:
                sure.write(self.folder, notice=self.job.workspace.territory.notice)
        with self.clock.stage("tiles"):
            write_tiles(self.folder, zones)

    def _finish(self, made: Made, encoded: str) -> None:
        notes = {
            "seconds": self.clock.seconds | {"total": self.clock.total},
            "coverage_seconds": dict(made.report.seconds),
            "peak_memory_mb": peak_memory_mb(),
            "encoded": encoded,
        }
        write_manifest(self.folder, manifest_content(self.job, made), run=notes)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Described:
    """What the cells say of each polygon of a coverage."""

    labels: npt.NDArray[np.int32]
    """Number of the polygon that speaks for each cell inside, from 1."""
    numbers: Codes
    """Zone number of each polygon."""
    found: list[PolygonStatistics]

    @classmethod
    def of(cls, coverage: ZoneCoverage, cells: CellResults, job: RunJob) -> _Described:
        labels = label_cells(coverage.frame, cells, grid=job.grid)
        numbers = coverage.frame["code"].to_numpy().astype(np.uint8) & np.uint8(0xFF ^ LEGAL_BIT)
        found = polygon_statistics(cells, labels, numbers, uses=len(PRESENT_USES))
        return cls(labels=labels, numbers=numbers, found=found)
