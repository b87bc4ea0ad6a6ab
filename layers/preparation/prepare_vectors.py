"""Vectors brought into the territory's projection, with the columns of the catalogue."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from gis.errors import NothingHereError
from gis.messages import translator
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_gpkg, write_pmtiles
from layers.catalogue.reference_themes import reference_themes
from layers.catalogue.theme_records import Column, Theme
from layers.catalogue.vector_themes import vector_themes
from layers.mirrors.mirror import Mirror, MirrorLayer
from layers.preparation.boundaries import expected_box
from layers.preparation.job import Bench, Job, Made
from layers.preparation.protected_areas import merge_protected_areas, unknown_designations
from layers.sources.protected_file import in_force
from layers.sources.source_columns import with_columns

_ = translator("layers")

PROTECTED = ("protected_areas", "protected_areas_other")
_ZOOMS = {"protected_areas": (4, 11), "roads": (6, 13), "streams": (7, 13), "settlements": (6, 13)}
_OTHER_ZOOMS = (5, 12)


def vector_jobs(mirror: Mirror) -> list[Job]:
    """Return the vector layers to prepare, other than boundaries, that a mirror brings."""
    jobs = []
    for theme in (*vector_themes(), *reference_themes()):
        if theme.kind != "vector" or not theme.prepared:
            continue
        wanted = PROTECTED if theme.id == PROTECTED[0] else (theme.id,)
        entries = tuple(entry for entry in map(mirror.of, wanted) if entry is not None)
        if entries:
            make = _make_protected if theme.id == PROTECTED[0] else _make
            options = {"columns": [[each.name, *each.aliases] for each in theme.columns]}
            jobs.append(
                Job(prepared=theme.prepared, theme=theme, entries=entries, make=make, ending=".gpkg", options=options)
            )
    return jobs


def neighbour_job(mirror: Mirror, theme: Theme) -> Job | None:
    """Return the job of the neighbouring municipalities, or ``None`` when a mirror brings none."""
    entry = mirror.of(theme.id)
    if entry is None:
        return None
    return Job(prepared=theme.prepared, theme=theme, entries=(entry,), make=_make, ending=".gpkg")


def read_features(bench: Bench, entry: MirrorLayer) -> gpd.GeoDataFrame:
    """Return the features of an entry in and around the territory, in its projection.

    Raises
    ------
    gis.errors.InputError
        The file lies elsewhere, has swapped axes, is damaged, or holds nothing in the territory.
    gis.errors.MissingError
        The file or its layer is not there.
    """
    path = bench.files.path(entry)
    crs = bench.workspace.territory.crs
    frame = read_vector(path, layer=entry.layer or None, bbox=bench.box, crs=crs)
    if len(frame):
        return frame
    # Nothing here: say whether that is because the data lies elsewhere or has its axes exchanged.
    read_vector(path, layer=entry.layer or None, near=expected_box(bench.workspace.territory) or bench.box)
    raise NothingHereError(
        _("{file} no trae nada dentro del territorio").format(file=entry.file),
        expected=_("Al menos un elemento en el territorio o a menos de 5 km de él"),
    )


def write_features(bench: Bench, frame: gpd.GeoDataFrame, path: Path, *, tiled: bool) -> tuple[str, ...]:
    """Write a prepared vector layer, with its vector tiles if wanted; return the names of the further files.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    if bench.workspace.territory.demo:
        frame = frame.assign(notice=bench.workspace.territory.notice)
    companions: tuple[str, ...] = ()
    if tiled:
        tiles = path.with_suffix(".pmtiles")
        low, high = _ZOOMS.get(path.stem, _OTHER_ZOOMS)
        write_pmtiles(frame, tiles, layer=path.stem, min_zoom=low, max_zoom=high)
        companions = (tiles.name,)
    write_gpkg(frame, path, layer=path.stem)
    return companions


def _make(bench: Bench, job: Job, path: Path) -> Made:
    frame = read_features(bench, job.entries[0])
    columns = job.theme.columns
    prepared = frame if job.theme.every_column else with_columns(frame, columns, territory=bench.workspace.territory)
    companions = write_features(bench, prepared, path, tiled=job.theme.tiled)
    bench.progress(job.prepared, 1, 1)
    steps = [_("{count} elementos dentro de 5 km del territorio, reproyectados").format(count=len(prepared))]
    repaired = int(frame.attrs.get("repaired", 0))
    if repaired:
        steps.append(_("{count} geometrías reparadas").format(count=repaired))
    empty = [column for column in prepared.columns if column != "geometry" and prepared[column].isna().all()]
    if empty:
        steps.append(_("la fuente no dice {columns}").format(columns=", ".join(empty)))
    return Made(steps=tuple(steps), companions=companions)


def _make_protected(bench: Bench, job: Job, path: Path) -> Made:
    columns = (*job.theme.columns, Column(name="source"))
    frames, told = [], list[str]()
    for entry in job.entries:
        found, left_out = in_force(read_features(bench, entry))
        told += left_out
        read = with_columns(found, columns, territory=bench.workspace.territory)
        frames.append(read.assign(source=entry.attribution))
    merged, doubled = merge_protected_areas(frames[0], frames[1] if len(frames) > 1 else None)
    unknown = unknown_designations(merged)
    companions = write_features(bench, merged, path, tiled=job.theme.tiled)
    bench.progress(job.prepared, 1, 1)
    steps = [_("{count} áreas en el territorio o a menos de 5 km de él").format(count=len(merged)), *told]
    if doubled:
        steps.append(
            _("{names}: en las dos fuentes; se toma el trazado de la primera").format(names=", ".join(doubled))
        )
    if unknown:
        steps.append(_("de efecto desconocido, restringen sin excluir: {names}").format(names="; ".join(unknown)))
    return Made(steps=tuple(steps), companions=companions)
