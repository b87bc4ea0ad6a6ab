"""A user's file as a theme of the catalogue, such as protected areas: prepared as if a mirror had it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd

from gis.atomic import scratch_folder, sha256_of
from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.attribute_table import geometry_kind
from gis.vectors.plain_table import read_text_table
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_gpkg
from layers.catalogue.theme_records import Theme
from layers.catalogue.themes import theme, themes
from layers.mirrors.mirror import Mirror, MirrorLayer
from layers.own.own_coordinates import coordinate_columns, placed
from layers.own.own_features import TABLES
from layers.own.own_layers import own_bench
from layers.own.own_request import OwnRequest, require_system
from layers.own.own_values import legend_of, typed
from layers.preparation.job import Job, Progress, record_of, silent
from layers.preparation.prepare_rasters import raster_jobs
from layers.preparation.prepare_tables import table_jobs
from layers.preparation.prepare_vectors import vector_jobs
from layers.provenance import LayerRecord, OwnLayer, read_provenance, write_provenance
from layers.sources.protected_file import POLYGONS
from layers.sources.vector_piece import read_in_place
from layers.workspace import Workspace

_ = translator("layers")

_OF_LINES, _OF_AREAS = frozenset({"roads", "streams"}), frozenset({"protected_areas"})
"""Themes that points cannot give."""


def add_theme(
    workspace: Workspace, theme_id: str, request: OwnRequest, *, progress: Progress | None = None
) -> LayerRecord:
    """Prepare a user's file as a theme of the catalogue; fetching leaves it alone from then on.

    Parameters
    ----------
    workspace
        Where it is written.
    theme_id
        The theme.
    request
        The file and what it is.
    progress
        Told ``(stage, done, total)``.

    Raises
    ------
    gis.errors.MissingError
        There is no such theme or file.
    gis.errors.InputError
        The theme is not one that a single file gives, or the file cannot be used; nothing was written then.
    """
    catalogued = _accepted(theme_id)
    require_system(request)
    if not request.file.is_file():
        raise MissingError(
            _("No existe el archivo {path}").format(path=request.file), remedy=_("Revise el nombre y la carpeta")
        )
    with workspace.writing(), scratch_folder(workspace.layers_dir / "own") as folder:
        entry, where = _entry(workspace, catalogued, request, folder)
        _require_shapes(catalogued, where / entry.file, entry.layer, request)
        job = _job(Mirror(str(where), (entry,)), catalogued)
        bench = own_bench(workspace, where, progress or silent)
        path = workspace.layers_dir / job.file
        settings = job.settings(bench)
        made = job.make(bench, job, path)
        record = record_of(path, made, theme=catalogued, entries=job.entries, files=bench.files, settings=settings)
        digest = sha256_of(request.file)
        sources = tuple(replace(each, file=request.file.name, sha256=digest) for each in record.sources)
        record = replace(record, sha256=digest, sources=sources, own=_shown(catalogued, request, path))
        records = read_provenance(workspace.layers_dir)
        records[record.name] = record
        write_provenance(workspace.layers_dir, records)
    return record


def own_themes() -> tuple[str, ...]:
    """Return the themes that a single file of a user's can give."""
    return tuple(each.id for each in themes() if _fits(each))


def _fits(each: Theme) -> bool:
    if each.requirement == "reference" or not each.prepared or each.id in {"boundaries", "boundaries_context"}:
        return False
    return each.kind != "raster" or bool(raster_jobs(Mirror("", (MirrorLayer(theme=each.id, file="-"),))))


def _accepted(theme_id: str) -> Theme:
    found = theme(theme_id)
    if found is None or not _fits(found):
        raise (MissingError if found is None else InputError)(
            _("El tema «{id}» no se da con un archivo").format(id=theme_id)
            if found is not None
            else _("El catálogo no tiene el tema «{id}»").format(id=theme_id),
            expected=_("Uno de: {names}").format(names=", ".join(own_themes())),
            remedy=_("Los límites se dan con `valles init DIR --boundaries ARCHIVO`, el clima con un espejo")
            if found is not None
            else _("Para una capa que no es del catálogo use --id"),
        )
    return found


def _job(mirror: Mirror, catalogued: Theme) -> Job:
    jobs = {"raster": raster_jobs, "vector": vector_jobs, "table": table_jobs}[catalogued.kind](mirror)
    return next(job for job in jobs if job.theme.id == catalogued.id)


def _entry(workspace: Workspace, catalogued: Theme, request: OwnRequest, folder: Path) -> tuple[MirrorLayer, Path]:
    """Return the file as an entry of a mirror, and the folder it lies in.

    A table of points and an archive become a file of features first, in a folder that is gone afterwards.
    """
    source = _("archivo propio: {name}").format(name=request.file.name)
    entry = MirrorLayer(
        theme=catalogued.id,
        file=request.file.name,
        layer=request.layer,
        bands=() if request.band is None else (request.band,),
        unit=request.unit,
        source=source,
        licence=request.licence,
        attribution=request.attribution,
        date=request.date,
    )
    ending = request.file.suffix.lower()
    if catalogued.kind != "vector" or ending not in {*TABLES, ".zip"}:
        return entry, request.file.parent
    frame, steps = _features(workspace, request, areas=catalogued.id == "protected_areas")
    file = folder / f"{request.file.stem}.gpkg"
    write_gpkg(frame, file, layer=catalogued.id)
    return replace(entry, file=file.name, layer=catalogued.id, steps=tuple(steps)), folder


def _require_shapes(catalogued: Theme, path: Path, layer: str, request: OwnRequest) -> None:
    """Refuse points where a theme is of areas or lines: distances and restrictions would be measured from nothing."""
    if catalogued.id not in _OF_LINES | _OF_AREAS:
        return
    wanted = _("líneas") if catalogued.id in _OF_LINES else _("polígonos")
    if geometry_kind(path, layer=layer or None) == "point":
        raise InputError(
            _("{file} trae puntos y «{title}» es de {wanted}").format(
                file=request.file.name, title=catalogued.title, wanted=wanted
            ),
            expected=_("Un archivo de {wanted}").format(wanted=wanted),
            remedy=_("Para otra clase de capa use --id en vez de --theme"),
        )


def _features(workspace: Workspace, request: OwnRequest, *, areas: bool) -> tuple[gpd.GeoDataFrame, list[str]]:
    if request.file.suffix.lower() == ".zip":
        west, south, east, north = own_bench(workspace, request.file.parent, silent).box
        box = (west, south, east, north)
        return read_in_place(request.file, box, layer=request.layer or None, only=POLYGONS if areas else ""), []
    table = read_text_table(request.file)
    where = coordinate_columns([str(name) for name in table.columns])
    if where is None:
        raise MissingError(
            _("{file} no dice dónde: no tiene coordenadas").format(file=request.file.name),
            expected=_("Columnas lon y lat, o este y norte (UTM); tiene: {names}").format(
                names=", ".join(map(str, table.columns))
            ),
        )
    return placed(table, where, workspace, request)


def _shown(catalogued: Theme, request: OwnRequest, path: Path) -> OwnLayer:
    """Say how a prepared layer is shown: by the kinds that it tells apart."""
    title = request.title or catalogued.title
    if path.suffix != ".gpkg":
        return OwnLayer(title=title, geometry="raster" if path.suffix == ".tif" else "municipality")
    frame = read_vector(path, layer=path.stem)
    table, _personal = typed(frame.drop(columns=frame.geometry.name), what=request.file.name)
    first = next((each.name for each in catalogued.columns if each.name.endswith("class") or each.name == "craft"), "")
    legend = legend_of(table, request.column or first, what=request.file.name)
    return OwnLayer(
        title=title,
        geometry=geometry_kind(path, layer=path.stem),
        column=legend.column,
        legend=tuple((each.value, each.label, each.colour) for each in legend.entries),
    )
