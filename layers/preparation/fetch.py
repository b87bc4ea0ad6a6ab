"""Fetching a territory's layers: from a mirror onto the grid, resumable, what failed listed, what succeeded kept."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import cast

from gis.atomic import storage_errors
from gis.errors import MissingError, VallesError
from gis.grid import Bounds
from gis.messages import translator
from gis.vectors.vector import read_vector
from layers.catalogue.themes import theme, themes
from layers.preparation.fetch_report import FetchItem, FetchReport, failed_item
from layers.preparation.job import Bench, Job, Progress, record_of, silent
from layers.preparation.prepare_boundaries import boundary_record
from layers.preparation.prepare_climate import ALTERNATIVE, climate_jobs
from layers.preparation.prepare_crop_area import crop_area_jobs
from layers.preparation.prepare_rasters import raster_jobs
from layers.preparation.prepare_tables import table_jobs
from layers.preparation.prepare_vectors import PROTECTED, neighbour_job, vector_jobs
from layers.preparation.territory_grid import grid_over
from layers.provenance import LayerRecord, is_intact, read_provenance, write_provenance
from layers.sources.checked_files import Checked
from layers.sources.mirror import Mirror, MirrorLayer
from layers.transfer.telling import Told, one_at_a_time
from layers.workspace import Workspace

_ = translator("layers")

WORKERS = 2
"""Rasters prepared at the same time."""
_CACHE = ".mirror"


def fetch(
    workspace: Workspace,
    mirror: Mirror,
    *,
    plan: bool = False,
    progress: Progress | None = None,
    told: Told | None = None,
) -> FetchReport:
    """Prepare the layers that a mirror brings, onto the grid of a workspace.

    A layer that already stands, made from the same files with the same settings, is kept. One that fails is listed
    and the others go on; the same call later takes up what is missing.

    Parameters
    ----------
    workspace
        Where the layers are written.
    mirror
        Where their sources lie.
    plan
        Only say what would be prepared, from what, how large and under which licence.
    progress
        Told ``(stage, done, total)`` as work goes on; from several threads, one at a time.
    told
        Told ``(file, bytes come, bytes in all)`` as the files of a mirror on the web travel.

    Raises
    ------
    gis.errors.StorageError
        Another program is writing in the workspace, or its folder refuses.
    gis.errors.InputError
        ``provenance.json`` is damaged.
    """
    started = time.monotonic()
    ignored = tuple(_ignored(workspace, mirror))
    if plan:
        items = tuple(_planned(workspace, mirror))
        return FetchReport(items=items + ignored, seconds=time.monotonic() - started)
    with workspace.writing():
        cache = mirror_cache(workspace)
        files = Checked(mirror.place, cache, told=one_at_a_time(told))
        items = _Run(workspace, mirror, files, _one_at_a_time(progress or silent)).all()
        if not any(each.status == "failed" for each in items):  # else the next call goes on with what has come
            with storage_errors(cache):
                shutil.rmtree(cache, ignore_errors=True)
    return FetchReport(items=items + ignored, seconds=time.monotonic() - started)


class _Run:
    """One fetch under way."""

    def __init__(self, workspace: Workspace, mirror: Mirror, files: Checked, progress: Progress) -> None:
        self.workspace = workspace
        self.mirror = mirror
        self.files = files
        self.progress = progress
        self.records = read_provenance(workspace.layers_dir)
        self._lock = threading.Lock()

    def all(self) -> tuple[FetchItem, ...]:
        """Prepare everything, boundaries and elevation first because the others rest on them."""
        boundary = self._boundaries()
        jobs = list(_jobs(self.workspace, self.mirror))
        if boundary.status == "failed":
            waiting = MissingError(
                _("Sin límites municipales no hay cuadrícula"), remedy=_("Corrija primero los límites")
            )
            return (boundary, *(failed_item(self._item(job), waiting) for job in jobs))
        bench = self._bench()
        self.files.bring(entry for job in jobs if not self._stands(bench, job) for entry in job.entries)
        climate = [job for job in jobs if job.prepared != job.theme.prepared]
        rasters = [job for job in jobs if job.ending == ".tif" and job not in climate]
        vectors = [job for job in jobs if job.ending != ".tif"]
        first = [self._run(bench, job) for job in rasters]
        with ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="valles") as pool:
            running: list[Future[FetchItem]] = [pool.submit(self._run, bench, job) for job in climate]
            # Readers of vectors and warped rasters change the process's warning filters, so they share one thread.
            done = [self._run(bench, job) for job in vectors]
            first += [each.result() for each in running]
        return (boundary, *first, *done)

    def _boundaries(self) -> FetchItem:
        started = time.monotonic()
        own = self.workspace.territory.boundaries
        item = _item_of("boundaries", "municipalities", [self.mirror.of("boundaries")], self.mirror)
        item = replace(item, files=(own,)) if own else item
        try:
            old = self.records.get("municipalities")
            record, made = boundary_record(self.workspace, self.mirror, self.files, old=old)
            self._keep(record)
        except VallesError as error:
            return failed_item(item, error)
        self.progress("municipalities", 1, 1)
        return replace(
            item,
            status="prepared" if made else "kept",
            detail="; ".join(record.steps),
            seconds=round(time.monotonic() - started, 2),
        )

    def _bench(self) -> Bench:
        municipalities = read_vector(self.workspace.layer("municipalities"), layer="municipalities")
        bounds = cast("Bounds", tuple(float(value) for value in municipalities.total_bounds))
        bench = Bench(
            workspace=self.workspace,
            files=self.files,
            grid=grid_over(bounds, self.workspace.territory),
            municipalities=municipalities,
            progress=self.progress,
        )
        self.progress("grid", int(bench.inside.any()), 1)  # computed once, before threads share it
        return bench

    def _stands(self, bench: Bench, job: Job) -> bool:
        """Say whether a layer stands as it should, as far as is known before its files are here."""
        try:
            return is_intact(self.records.get(job.prepared), self.workspace.layers_dir, job.settings(bench))
        except VallesError:  # told when its turn comes
            return False

    def _run(self, bench: Bench, job: Job) -> FetchItem:
        started = time.monotonic()
        item = self._item(job)
        path = self.workspace.layers_dir / job.file
        try:
            settings = job.settings(bench)
            old = self.records.get(job.prepared)
            if old is not None and is_intact(old, self.workspace.layers_dir, settings):
                return replace(item, status="kept", detail="; ".join(old.steps))
            self.progress(job.prepared, 0, 1)
            made = job.make(bench, job, path)
            record = record_of(path, made, theme=job.theme, entries=job.entries, files=self.files, settings=settings)
            self._keep(record)
        except VallesError as error:
            return failed_item(item, error)
        seconds = round(time.monotonic() - started, 2)
        return replace(item, status="prepared", detail="; ".join(record.steps), seconds=seconds)

    def _keep(self, record: LayerRecord) -> None:
        """Write the provenance anew after every layer, so that a run cut short loses at most the layer at hand."""
        with self._lock:
            self.records[record.name] = record
            write_provenance(self.workspace.layers_dir, self.records)

    def _item(self, job: Job) -> FetchItem:
        return _item_of(job.theme.id, job.prepared, job.entries, self.mirror)


def _jobs(workspace: Workspace, mirror: Mirror) -> Iterator[Job]:
    yield from raster_jobs(mirror)
    yield from climate_jobs(mirror, demo=workspace.territory.demo)
    context = theme("boundaries_context")
    neighbours = None if context is None else neighbour_job(mirror, context)
    if neighbours is not None:
        yield neighbours
    yield from vector_jobs(mirror)
    yield from table_jobs(mirror)
    yield from crop_area_jobs(mirror)


def _planned(workspace: Workspace, mirror: Mirror) -> Iterator[FetchItem]:
    yield _item_of("boundaries", "municipalities", [mirror.of("boundaries")], mirror)
    for job in _jobs(workspace, mirror):
        yield _item_of(job.theme.id, job.prepared, job.entries, mirror)


def _ignored(workspace: Workspace, mirror: Mirror) -> Iterator[FetchItem]:
    """Name what a mirror brings and nothing is prepared from, and what a zoning needs and it does not bring."""
    used = {job.theme.id for job in _jobs(workspace, mirror)} | {"boundaries", ALTERNATIVE, PROTECTED[1]}
    for entry in mirror.layers:
        catalogued = theme(entry.theme)
        if catalogued is None:
            yield replace(
                _item_of(entry.theme, "", [entry], mirror),
                status="ignored",
                detail=_("tema que el catálogo no conoce; se ignora"),
            )
        elif entry.theme not in used:
            yield replace(
                _item_of(entry.theme, "", [entry], mirror),
                status="ignored",
                detail=_("no se prepara: se lee directamente donde hace falta"),
            )
    own = workspace.territory.boundaries
    for each in themes():
        brought = mirror.of(each.id) is not None or (each.id == "boundaries" and own)
        if each.requirement == "required" and each.id != "boundaries" and not brought:
            missing = MissingError(
                _("El espejo no trae «{title}» ({theme})").format(title=each.title, theme=each.id),
                expected=_("Una entrada con ese tema en mirror.toml"),
            )
            yield failed_item(_item_of(each.id, each.prepared, [], mirror), missing)
    yield from _absent_climate(workspace, mirror)


def _absent_climate(workspace: Workspace, mirror: Mirror) -> Iterator[FetchItem]:
    wanted = f"temperature_mean_{workspace.territory.climate}"
    made = [job.prepared for job in climate_jobs(mirror, demo=workspace.territory.demo)]
    if made and wanted not in made:
        others = sorted({name.rsplit("_", 1)[1] for name in made})
        missing = MissingError(
            _("El espejo no trae el clima «{name}» que pide territory.toml").format(name=workspace.territory.climate),
            expected=_("Trae: {names}").format(names=", ".join(others)),
            remedy=_("Cambie `climate` en territory.toml, o use un espejo que lo traiga"),
        )
        yield failed_item(_item_of("temperature_mean", wanted, [], mirror), missing)


def _item_of(theme_id: str, prepared: str, entries: Iterable[MirrorLayer | None], mirror: Mirror) -> FetchItem:
    catalogued = theme(theme_id)
    known = [each for each in entries if each is not None]
    sizes = [_size(mirror, each) for each in known]
    return FetchItem(
        theme=theme_id,
        title=theme_id if catalogued is None else catalogued.title,
        prepared=prepared,
        status="planned",
        required=catalogued is not None and catalogued.requirement == "required",
        files=tuple(dict.fromkeys(each.file for each in known)),
        bytes=None if None in sizes or not sizes else sum(size for size in sizes if size is not None),
        licence="; ".join(dict.fromkeys(each.licence for each in known if each.licence)),
        attribution="; ".join(dict.fromkeys(each.attribution for each in known if each.attribution)),
        date="; ".join(dict.fromkeys(each.date for each in known if each.date)),
    )


def _size(mirror: Mirror, entry: MirrorLayer) -> int | None:
    path = Path(mirror.place) / entry.file
    try:
        return path.stat().st_size
    except OSError:
        return None


def mirror_cache(workspace: Workspace) -> Path:
    """Return the folder for what is downloaded or unpacked; it outlives a fetch cut short, and goes when one ends."""
    return workspace.layers_dir / _CACHE


def _one_at_a_time(progress: Progress) -> Progress:
    lock = threading.Lock()

    def tell(stage: str, done: int, total: int) -> None:
        with lock:
            progress(stage, done, total)

    return tell
