"""Fetching a territory's layers: from a mirror onto the grid, resumable, what failed listed, what succeeded kept."""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import cast

from gis.atomic import storage_errors
from gis.errors import MissingError, NothingHereError, VallesError
from gis.grid import Bounds
from gis.messages import translator
from gis.vectors.vector import read_vector
from layers.mirrors.checked_files import Checked, sizes_of
from layers.mirrors.mirror import Mirror
from layers.preparation.fetch_listing import Listing
from layers.preparation.fetch_report import FetchItem, FetchReport, failed_item, nothing_item
from layers.preparation.job import Bench, Job, Progress, record_of, silent
from layers.preparation.prepare_boundaries import boundary_record
from layers.preparation.territory_grid import grid_over
from layers.provenance import LayerRecord, is_intact, read_provenance, write_provenance
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
    listing = Listing(workspace, mirror, sizes_of(mirror, ask=plan))
    ignored = tuple(listing.ignored())
    if plan:
        items = tuple(listing.planned())
        return FetchReport(items=items + ignored, seconds=time.monotonic() - started)
    with workspace.writing():
        cache = mirror_cache(workspace)
        files = Checked(mirror.place, cache, told=one_at_a_time(told))
        items = _Run(listing, files, _one_at_a_time(progress or silent)).all()
        if not any(each.status == "failed" for each in items):  # else the next call goes on with what has come
            with storage_errors(cache):
                shutil.rmtree(cache, ignore_errors=True)
    return FetchReport(items=items + ignored, seconds=time.monotonic() - started)


class _Run:
    """One fetch under way."""

    def __init__(self, listing: Listing, files: Checked, progress: Progress) -> None:
        self.listing = listing
        self.workspace = listing.workspace
        self.mirror = listing.mirror
        self.files = files
        self.progress = progress
        self.records = read_provenance(self.workspace.layers_dir)
        self._lock = threading.Lock()

    def all(self) -> tuple[FetchItem, ...]:
        """Prepare everything, boundaries and elevation first because the others rest on them."""
        boundary = self._boundaries()
        jobs = list(self.listing.jobs())
        if boundary.status == "failed":
            waiting = MissingError(
                _("Sin límites municipales no hay cuadrícula"), remedy=_("Corrija primero los límites")
            )
            return (
                boundary,
                *(failed_item(self.listing.item(job.theme.id, job.prepared, job.entries), waiting) for job in jobs),
            )
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
        item = self.listing.item("boundaries", "municipalities", [self.mirror.of("boundaries")])
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

    def _item(self, job: Job) -> FetchItem:
        return self.listing.item(job.theme.id, job.prepared, job.entries)

    def _stands(self, bench: Bench, job: Job) -> bool:
        """Say whether a layer stands as it should, as far as is known before its files are here."""
        if self._own(job) is not None:
            return True
        try:
            return is_intact(self.records.get(job.prepared), self.workspace.layers_dir, job.settings(bench))
        except VallesError:  # told when its turn comes
            return False

    def _own(self, job: Job) -> LayerRecord | None:
        """Return the record of a layer that users gave themselves and that is there: it is left alone."""
        old = self.records.get(job.prepared)
        there = old is not None and old.own is not None and (self.workspace.layers_dir / old.file).is_file()
        return old if there else None

    def _run(self, bench: Bench, job: Job) -> FetchItem:
        started = time.monotonic()
        item = self._item(job)
        own = self._own(job)
        if own is not None:
            told = _("capa propia, se conserva; `valles layers remove {name}` la quita").format(name=own.name)
            return replace(item, status="kept", detail=told)
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
        except NothingHereError as error:
            return nothing_item(item, error)
        except VallesError as error:
            return failed_item(item, error)
        seconds = round(time.monotonic() - started, 2)
        return replace(item, status="prepared", detail="; ".join(record.steps), seconds=seconds)

    def _keep(self, record: LayerRecord) -> None:
        """Write the provenance anew after every layer, so that a run cut short loses at most the layer at hand."""
        with self._lock:
            self.records[record.name] = record
            write_provenance(self.workspace.layers_dir, self.records)


def mirror_cache(workspace: Workspace) -> Path:
    """Return the folder for what is downloaded or unpacked; it outlives a fetch cut short, and goes when one ends."""
    return workspace.layers_dir / _CACHE


def _one_at_a_time(progress: Progress) -> Progress:
    lock = threading.Lock()

    def tell(stage: str, done: int, total: int) -> None:
        with lock:
            progress(stage, done, total)

    return tell
