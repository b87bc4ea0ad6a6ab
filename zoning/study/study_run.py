"""The whole path of a zoning: from prepared layers to a study on disk, complete or absent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np

from gis.atomic import atomic_folder
from gis.coverage.partition import CoverageReport, ZoneCoverage
from layers.workspace import Workspace
from zoning.land.land_data import LandData
from zoning.land.precedence import PRESENT_USES, Precedence
from zoning.rules.ruleset import Ruleset
from zoning.sensitivity.land_sample import Sampler
from zoning.sensitivity.sensitivity_table import Sensitivity
from zoning.study.aptitude import Aptitude, aptitude_of, bands_record, rated_zones
from zoning.study.aptitude_files import write_aptitude
from zoning.study.cell_results import CellResults
from zoning.study.classification import Progress, classify_land
from zoning.study.manifest import Made, manifest_content, peak_memory_mb
from zoning.study.map_making import Codes, cell_maps, draw_map, label_cells, map_codes
from zoning.study.polygon_statistics import conflict_threshold, polygon_statistics
from zoning.study.polygons import LEGAL_BIT, polygon_frame
from zoning.study.run_job import RunJob, open_job, require_name
from zoning.study.study import Study
from zoning.study.study_files import StudyMaps, write_manifest, write_maps, write_tiles, write_vectors
from zoning.study.study_sensitivity import SensitivityWatch, write_sensitivity
from zoning.study.study_uncertainty import StudyDraws, draw_study
from zoning.study.zone_words import words_for
from zoning.uncertainty.zone_draws import require_draws


@dataclass(kw_only=True)
class Clock:
    """Wall time by stage."""

    progress: Progress | None = None
    """Told where the run is."""
    seconds: dict[str, float] = field(default_factory=dict)
    begin: float = field(default_factory=time.perf_counter)

    @property
    def total(self) -> float:
        """Seconds since the clock was made."""
        return round(time.perf_counter() - self.begin, 2)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a block."""
        begin = time.perf_counter()
        if self.progress is not None:
            self.progress(name, 0.0)
        yield
        self.seconds[name] = round(time.perf_counter() - begin, 2)
        if self.progress is not None:
            self.progress(name, 1.0)


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
    progress: Progress | None = None,
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
    workers, progress
        Threads, on which the result does not depend; and who is told the stage and how much of it is done.

    Raises
    ------
    gis.errors.MissingError
        No prepared municipalities, no such scenario or file of it, or no layers of the climate source asked for.
    gis.errors.InputError
        A layer, the ruleset or a number cannot be used as it is.
    gis.errors.StorageError
        The disk refuses, or another program is writing in the workspace.

    Examples
    --------
    >>> warm = zoning.run("workspace", scenario="calor_sequia", scale=250_000)  # doctest: +SKIP
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    clock = Clock(progress=progress)
    called, draws = require_name(name or scenario or "base"), require_draws(uncertainty, seed)
    with place.writing():
        with clock.stage("rules"):
            job = open_job(place, scale=scale, cell=cell, ruleset=ruleset, climate=climate, scenario=scenario)
        job = replace(job, draws=draws, seed=seed)
        drawn, report = _draw(job, clock, workers=workers)
        _write(job, clock, drawn, report, name=called)
    return Study.open(place, called)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Drawn:
    """What goes into the files."""

    zones: gpd.GeoDataFrame
    maps: StudyMaps
    conflict_below: float
    sure: StudyDraws | None
    aptitude: Aptitude
    sensitivity: Sensitivity


def _draw(job: RunJob, clock: Clock, *, workers: int) -> tuple[_Drawn, CoverageReport]:
    watch = SensitivityWatch(job)
    cells = _classify(job, clock, watch.sampler, workers=workers)
    with clock.stage("sensitivity"):
        sensitivity = watch.measure(workers=workers)
    with clock.stage("merge"):
        codes = map_codes(cells, job)
    with clock.stage("coverage"):
        coverage = draw_map(codes, job)
    drawn = _describe(job, clock, cells, codes, coverage, sensitivity=sensitivity, workers=workers)
    return drawn, coverage.report


def _describe(
    job: RunJob,
    clock: Clock,
    cells: CellResults,
    codes: Codes,
    coverage: ZoneCoverage,
    *,
    sensitivity: Sensitivity,
    workers: int,
) -> _Drawn:
    with clock.stage("polygons"):
        labels = label_cells(coverage.frame, cells, grid=job.grid)
        numbers = coverage.frame["code"].to_numpy().astype(np.uint8) & np.uint8(0xFF ^ LEGAL_BIT)
        statistics = polygon_statistics(cells, labels, numbers, uses=len(PRESENT_USES))
        maps = cell_maps(cells, codes, labels, statistics, grid=job.grid)
    with clock.stage("uncertainty"):
        sure = draw_study(job, coverage.frame, labels, numbers, workers=workers, progress=clock.progress)
    conflict_below = conflict_threshold(cells, job.rules.ruleset.map.conflict_quantile)
    with clock.stage("explanations"):
        zones = polygon_frame(
            coverage.frame,
            statistics,
            job.rules,
            words_for(job, coverage.frame),
            area_crs=job.workspace.territory.area_crs,
            conflict_below=conflict_below,
            stabilities=sure.polygons if sure else None,
        )
    with clock.stage("aptitude"):
        aptitude = aptitude_of(job, cells)
    return _Drawn(
        zones=zones,
        maps=maps,
        sure=sure,
        conflict_below=conflict_below,
        aptitude=aptitude,
        sensitivity=sensitivity,
    )


def _write(job: RunJob, clock: Clock, drawn: _Drawn, report: CoverageReport, *, name: str) -> None:
    workspace = job.workspace
    with atomic_folder(workspace.study_dir(name)) as folder:
        with clock.stage("files"):
            write_vectors(folder, drawn.zones, areas=job.municipal_areas())
            write_maps(folder, drawn.maps, job.rules.zones, notice=workspace.territory.notice)
            write_aptitude(folder, drawn.aptitude, job.frame.places, job.grid, notice=workspace.territory.notice)
            write_sensitivity(folder, drawn.sensitivity)
            if drawn.sure:
                drawn.sure.write(folder, notice=workspace.territory.notice)
        with clock.stage("tiles"):
            write_tiles(folder, drawn.zones)
        run_notes = {
            "seconds": clock.seconds | {"total": clock.total},
            "coverage_seconds": dict(report.seconds),
            "peak_memory_mb": peak_memory_mb(),
        }
        made = Made(
            zones=drawn.zones,
            report=report,
            name=name,
            conflict_below=drawn.conflict_below,
            uncertainty=drawn.sure.record(job, drawn.zones) if drawn.sure else None,
            aptitude=bands_record(drawn.aptitude),
            sensitivity=drawn.sensitivity.record(),
        )
        content = manifest_content(job, made)
        write_manifest(folder, content, run=run_notes)


def _classify(job: RunJob, clock: Clock, sampler: Sampler, *, workers: int) -> CellResults:
    inventory, ruleset = job.inventory, job.rules.ruleset
    frost, calendar, changes = ruleset.frost.offset, ruleset.calendar, job.changes
    with LandData(
        job.workspace, job.grid, inventory, frost_offset=frost, calendar=calendar, changes=changes, watcher=sampler
    ) as land:
        with clock.stage("distances"):
            land.prepare(job.rules.inputs, job.frame.places)
        with clock.stage("precedence"):
            counts = "slope" not in inventory.flagged
            precedence = Precedence(
                job.workspace,
                job.grid,
                ruleset,
                job.frame.places,
                slope_counts=counts,
                changes=changes,
                watcher=sampler,
            )
        with precedence, clock.stage("cells"):
            return classify_land(
                land,
                precedence,
                job.rules,
                job.frame,
                workers=workers,
                progress=clock.progress,
                aptitudes=rated_zones(job),
            )
