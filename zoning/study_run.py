"""The whole path of a zoning: from prepared layers to a study on disk, complete or absent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gis.atomic import atomic_folder
from layers.workspace import Workspace
from zoning.cell_results import CellResults
from zoning.classification import Progress, classify_land
from zoning.land_data import LandData
from zoning.manifest import Made, manifest_content, peak_memory_mb
from zoning.map_making import cell_maps, draw_map, label_cells, map_codes
from zoning.polygon_statistics import conflict_threshold, polygon_statistics
from zoning.polygons import LEGAL_BIT, polygon_frame
from zoning.precedence import PRESENT_USES, Precedence
from zoning.ruleset import Ruleset
from zoning.run_job import RunJob, open_job
from zoning.study import Study
from zoning.study_files import write_manifest, write_maps, write_tiles, write_vectors
from zoning.zone_words import words_for


@dataclass(kw_only=True)
class Clock:
    """Wall time by stage."""

    progress: Progress | None = None
    """Told where the run is."""
    seconds: dict[str, float] = field(default_factory=dict)

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
    name: str = "base",
    scale: int | None = None,
    cell: float | None = None,
    ruleset: Ruleset | Path | None = None,
    climate: str = "",
    workers: int = 2,
    progress: Progress | None = None,
) -> Study:
    """Zone a workspace and write the study.

    Parameters
    ----------
    workspace
        With prepared layers.
    name
        Of the study; one of the same name is replaced when the new one is complete.
    scale
        Denominator of the map scale, which sets the minimum mapping unit; by default that of the ruleset.
    cell
        Side of a cell, m; by default that of the prepared layers, never finer.
    ruleset
        Rules or their file; by default ``ruleset.toml`` of the workspace, else the starter.
    climate
        Climate source; by default that of the territory.
    workers
        Threads; the result does not depend on them.
    progress
        Told the stage and how much of it is done.

    Returns
    -------
    Study
        Just written.

    Raises
    ------
    gis.errors.MissingError
        No prepared municipalities, or none of the layers of a climate source that was asked for.
    gis.errors.InputError
        A layer, the ruleset or a number cannot be used as it is.
    gis.errors.StorageError
        The disk refuses, or another program is writing in the workspace.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    clock = Clock(progress=progress)
    begin = time.perf_counter()
    with place.writing():
        with clock.stage("rules"):
            job = open_job(place, scale=scale, cell=cell, ruleset=ruleset, climate=climate)
        cells = _classify(job, clock, workers=workers)
        with clock.stage("merge"):
            codes = map_codes(cells, job)
        with clock.stage("coverage"):
            coverage = draw_map(codes, job)
        with clock.stage("polygons"):
            labels = label_cells(coverage.frame, job.grid)
            numbers = coverage.frame["code"].to_numpy().astype(np.uint8) & np.uint8(0xFF ^ LEGAL_BIT)
            statistics = polygon_statistics(cells, labels[cells.inside], numbers, uses=len(PRESENT_USES))
        with clock.stage("explanations"):
            zones = polygon_frame(
                coverage.frame,
                statistics,
                job.rules,
                words_for(job, coverage.frame),
                area_crs=place.territory.area_crs,
                conflict_below=conflict_threshold(cells, job.rules.ruleset.map.conflict_quantile),
            )
        with atomic_folder(place.study_dir(name)) as folder:
            with clock.stage("files"):
                maps = cell_maps(cells, codes, labels, statistics, grid=job.grid)
                del cells, labels, codes
                write_vectors(folder, zones)
                write_maps(folder, maps, job.rules.zones, notice=place.territory.notice)
            with clock.stage("tiles"):
                write_tiles(folder, zones)
            made = Made(zones=zones, report=coverage.report, name=name)
            seconds = clock.seconds | {"total": round(time.perf_counter() - begin, 2)}
            write_manifest(
                folder,
                manifest_content(job, made),
                run={"seconds": seconds, "coverage": dict(coverage.report.seconds), "peak_memory_mb": peak_memory_mb()},
            )
    return Study.open(place, name)


def _classify(job: RunJob, clock: Clock, *, workers: int) -> CellResults:
    inventory, ruleset = job.inventory, job.rules.ruleset
    with LandData(job.workspace, job.grid, inventory, frost_offset=ruleset.frost.offset) as land:
        with clock.stage("distances"):
            land.prepare(job.rules.inputs, workers=workers)
        with clock.stage("precedence"):
            precedence = Precedence(job.workspace, job.grid, ruleset, slope_counts="slope" not in inventory.flagged)
        with precedence, clock.stage("cells"):
            return classify_land(land, precedence, job.rules, job.frame, workers=workers, progress=clock.progress)
