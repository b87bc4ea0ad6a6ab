"""Adding layers of one's own to a workspace, and taking them away: all written, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import cast

import geopandas as gpd

from gis.atomic import sha256_of, storage_errors, write_atomically
from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.vector_files import write_gpkg, write_pmtiles
from layers.mirrors.checked_files import Checked
from layers.own.own_features import OwnContent, own_content
from layers.own.own_raster import write_own_raster
from layers.own.own_request import OwnRequest, layer_id, require_system
from layers.own.own_values import Legend
from layers.preparation.job import Bench, Progress, settings_hash, silent
from layers.preparation.territory_grid import read_municipalities, workspace_grid
from layers.provenance import OWN_THEME, LayerRecord, OwnLayer, SourceFile, read_provenance, write_provenance
from layers.workspace import Workspace

_ = translator("layers")

RASTERS = (".tif", ".tiff", ".vrt", ".asc", ".img")
"""Endings of rasters."""
_ZOOMS = (5, 13)
_ENDINGS = (".tif", ".gpkg", ".csv", ".pmtiles")


def add_layer(
    workspace: Workspace, request: OwnRequest, *, taken: Iterable[str] = (), progress: Progress | None = None
) -> LayerRecord:
    """Add a layer of one's own, or replace the one of that name.

    Parameters
    ----------
    workspace
        Where it is written.
    request
        The file and what it is.
    taken
        Names of layers that others serve, besides those of the catalogue.
    progress
        Told ``(stage, done, total)``.

    Returns
    -------
    LayerRecord
        Its provenance.

    Raises
    ------
    gis.errors.VallesError
        The file cannot be used, or the name is taken; nothing was written then.
    """
    identity = layer_id(request, taken=taken)
    require_system(request)
    if not request.file.is_file():
        raise MissingError(
            _("No existe el archivo {path}").format(path=request.file), remedy=_("Revise el nombre y la carpeta")
        )
    with workspace.writing():
        records = read_provenance(workspace.layers_dir)
        if request.file.suffix.lower() in RASTERS:
            record = _add_raster(workspace, request, identity, progress or silent)
        else:
            record = _add_content(workspace, request, identity)
        records[identity] = record
        write_provenance(workspace.layers_dir, records)
        _clear(workspace.layers_dir, identity, keep={record.file, *record.companions})
    return record


def remove_layer(workspace: Workspace, identity: str) -> LayerRecord:
    """Take a layer of one's own away; one of the catalogue that a user gave is brought by the next fetch again.

    Raises
    ------
    gis.errors.MissingError
        There is no layer of one's own of that name; the message lists them.
    gis.errors.StorageError
        The folder cannot be written.
    """
    with workspace.writing():
        records = read_provenance(workspace.layers_dir)
        mine = sorted(name for name, record in records.items() if record.own is not None)
        if identity not in mine:
            raise MissingError(
                _("No hay una capa propia «{id}»").format(id=identity),
                expected=_("Una de: {names}").format(names=", ".join(mine) or _("ninguna todavía")),
            )
        record = records.pop(identity)
        write_provenance(workspace.layers_dir, records)
        _clear(workspace.layers_dir, identity, keep=set())
    return record


def own_bench(workspace: Workspace, folder: Path, progress: Progress) -> Bench:
    """Return what a preparation works on, its files in a folder of the user's."""
    return Bench(
        workspace=workspace,
        files=Checked(str(folder), workspace.layers_dir),
        grid=workspace_grid(workspace),
        municipalities=read_municipalities(workspace),
        progress=progress,
    )


def _clear(folder: Path, identity: str, *, keep: set[str]) -> None:
    for ending in _ENDINGS:
        file = folder / f"{identity}{ending}"
        if file.name not in keep:
            with storage_errors(file):
                file.unlink(missing_ok=True)


def _add_raster(workspace: Workspace, request: OwnRequest, identity: str, progress: Progress) -> LayerRecord:
    path = workspace.layers_dir / f"{identity}.tif"
    made = write_own_raster(own_bench(workspace, request.file.parent, progress), request, path, identity=identity)
    own = _own(request, "raster", made.legend, styled=identity)
    record = _record(request, identity, path, own, made.steps)
    return replace(record, unit=made.unit, native_cell_m=made.native_cell_m)


def _add_content(workspace: Workspace, request: OwnRequest, identity: str) -> LayerRecord:
    content = own_content(workspace, request)
    dates = sorted(content.table[content.date_column]) if content.date_column else []
    own = replace(
        _own(request, content.geometry, content.legend, styled=content.styled),
        date_column=content.date_column,
        interval=(dates[0], dates[-1]) if dates else None,
    )
    tiles = workspace.layers_dir / f"{identity}.pmtiles"
    write_pmtiles(_drawn(workspace, content), tiles, layer=identity, min_zoom=_ZOOMS[0], max_zoom=_ZOOMS[1])
    if content.geometry == "municipality":
        path = workspace.layers_dir / f"{identity}.csv"
        write_atomically(path, content.table.to_csv(index=False, lineterminator="\n"))
    else:
        path = workspace.layers_dir / f"{identity}.gpkg"
        write_gpkg(cast("gpd.GeoDataFrame", content.table), path, layer=identity)
    date = request.date or ("/".join(dict.fromkeys((dates[0], dates[-1]))) if dates else "")
    record = _record(request, identity, path, own, content.steps)
    return replace(record, companions=(tiles.name,), date=date)


def _drawn(workspace: Workspace, content: OwnContent) -> gpd.GeoDataFrame:
    """Return what a map draws: the features, or the outlines of municipalities with their latest figures."""
    if isinstance(content.table, gpd.GeoDataFrame):
        return content.table
    latest = content.table
    if content.date_column:
        last = latest.groupby("code")[content.date_column].transform("max")
        latest = latest[latest[content.date_column] == last]
    outlines = read_municipalities(workspace).set_index("code").geometry
    if not set(latest["code"]) <= set(outlines.index):
        raise InputError(_("Los límites preparados no tienen todos los municipios de la tabla"))
    shapes = [outlines[code] for code in latest["code"]]
    return gpd.GeoDataFrame(latest.reset_index(drop=True), geometry=shapes, crs=outlines.crs)


def _own(request: OwnRequest, geometry: str, legend: Legend, *, styled: str) -> OwnLayer:
    return OwnLayer(
        title=request.title or request.file.stem.replace("_", " ").strip().capitalize(),
        geometry=geometry,
        column=styled,
        legend=tuple((each.value, each.label, each.colour) for each in legend.entries),
        limits=legend.limits if geometry == "raster" else (),
    )


def _record(request: OwnRequest, identity: str, path: Path, own: OwnLayer, steps: tuple[str, ...]) -> LayerRecord:
    digest = sha256_of(request.file)
    source = _("archivo propio: {name}").format(name=request.file.name)
    return LayerRecord(
        name=identity,
        theme=OWN_THEME,
        file=path.name,
        source=source,
        licence=request.licence,
        attribution=request.attribution,
        date=request.date,
        sha256=digest,
        unit=request.unit,
        steps=steps,
        prepared_sha256=sha256_of(path),
        prepared_bytes=path.stat().st_size,
        settings=settings_hash({"own": identity, "sha256": digest, "column": request.column, "crs": request.crs}),
        sources=(
            SourceFile(
                file=request.file.name,
                sha256=digest,
                source=source,
                licence=request.licence,
                attribution=request.attribution,
                date=request.date,
            ),
        ),
        own=own,
    )
