"""The first preparation: municipal boundaries, on which the grid of everything else rests."""

from __future__ import annotations

from dataclasses import asdict

import geopandas as gpd

from gis.errors import MissingError, VallesError
from gis.messages import Figure, translator
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_gpkg, write_pmtiles
from layers.catalogue.themes import theme
from layers.mirrors.checked_files import Checked
from layers.mirrors.mirror import Mirror, MirrorLayer
from layers.preparation.boundaries import (
    LAYER,
    BoundaryReport,
    SettlementCheck,
    expected_box,
    prepare_boundaries,
    refuse_displaced,
)
from layers.preparation.job import PREPARATION, Made, record_of, settings_hash
from layers.provenance import LayerRecord, is_intact
from layers.sources.source_columns import with_columns
from layers.territory import Territory
from layers.workspace import Workspace

_ = translator("layers")

_CENSUS = ("settlements_check", "settlements")
_ZOOMS = (4, 12)


def boundary_record(
    workspace: Workspace, mirror: Mirror, files: Checked, *, old: LayerRecord | None
) -> tuple[LayerRecord, bool]:
    """Prepare the municipalities unless they stand as they should.

    Parameters
    ----------
    workspace
        Where they are written.
    mirror
        Where boundary and census come from; a workspace may have a boundary of its own.
    files
        The mirror's files.
    old
        The record of an earlier preparation.

    Returns
    -------
    LayerRecord
        Their provenance.
    bool
        Whether they were prepared now.

    Raises
    ------
    gis.errors.VallesError
        The boundary is absent, in another country, displaced, without codes, or cannot be repaired.
    """
    own = own_boundary(workspace)
    entry = own or mirror.of("boundaries")
    catalogued = theme("boundaries")
    if entry is None or catalogued is None:
        raise _absent()
    local = Checked(str(workspace.root), workspace.root) if own else files
    census = [each for each in map(mirror.of, _CENSUS) if each is not None]
    settings = _settings(workspace.territory, entry, local, census=census, files=files)
    if old is not None and is_intact(old, workspace.layers_dir, settings):
        return old, False
    near = expected_box(workspace.territory)
    frame = read_vector(local.path(entry), layer=entry.layer or None, near=near)
    clean, report = prepare_boundaries(frame, workspace.territory)
    check = refuse_displaced(clean, _settlements(census, files, workspace.territory), workspace.territory)
    path = workspace.layers_dir / f"{LAYER}.gpkg"
    shown = clean.assign(notice=workspace.territory.notice) if workspace.territory.demo else clean
    write_pmtiles(shown, path.with_suffix(".pmtiles"), layer=LAYER, min_zoom=_ZOOMS[0], max_zoom=_ZOOMS[1])
    write_gpkg(shown, path, layer=LAYER)
    made = Made(
        steps=_steps(report, check, workspace.territory),
        notes={"boundary": asdict(report), "settlements": asdict(check)},
        companions=(f"{LAYER}.pmtiles",),
    )
    return record_of(path, made, theme=catalogued, entries=(entry,), files=local, settings=settings), True


def own_boundary(workspace: Workspace) -> MirrorLayer | None:
    """Return the boundary file that a workspace has of its own as an entry of a mirror; ``None`` without one."""
    name = workspace.territory.boundaries
    if not name:
        return None
    return MirrorLayer(
        theme="boundaries", file=name, source=_("archivo propio del espacio de trabajo"), licence=_("no indicada")
    )


def _settings(
    territory: Territory, entry: MirrorLayer, local: Checked, *, census: list[MirrorLayer], files: Checked
) -> str:
    spelt = [[each.code, each.name, list(each.aliases), each.province] for each in territory.municipalities]
    checked = []
    for each in census:
        try:
            checked.append(files.sha256(each))
        except VallesError:  # a census that cannot be read checks nothing, and is listed by its own layer
            continue
    return settings_hash(
        {
            "preparation": PREPARATION,
            "file": local.sha256(entry),
            "layer": entry.layer,
            "territory": [territory.id, territory.crs, territory.area_crs, territory.demo, territory.notice, spelt],
            "census": checked,
        }
    )


def _settlements(census: list[MirrorLayer], files: Checked, territory: Territory) -> gpd.GeoDataFrame:
    """Return the settlements of the first census that can be read; none if there is none."""
    catalogued = theme("settlements")
    for entry in census:
        try:
            frame = read_vector(files.path(entry), layer=entry.layer or None, crs="EPSG:4326")
        except VallesError:  # listed as failed by its own layer; the seats still check the boundary
            continue
        return with_columns(frame, () if catalogued is None else catalogued.columns, territory=territory)
    return gpd.GeoDataFrame({"municipality": [], "name": []}, geometry=[], crs="EPSG:4326")


def _steps(report: BoundaryReport, check: SettlementCheck, territory: Territory) -> tuple[str, ...]:
    steps = [
        _("{count} municipios reconocidos por la columna {column}").format(
            count=report.municipalities, column=report.code_column
        ),
        _("solapes de {overlap:.4f} km² y {gaps} huecos de {gap:.4f} km² cerrados").format(
            overlap=Figure(report.overlap_m2 / 1e6), gaps=report.gaps, gap=Figure(report.gap_m2 / 1e6)
        ),
        _("{inside} de {known} poblados caen en su municipio").format(inside=check.inside, known=check.known),
        _("reproyectado a {crs}; superficies en una proyección equivalente").format(crs=territory.crs),
    ]
    if report.repaired_rows:
        steps.insert(1, _("{count} polígonos que se cruzaban, reparados").format(count=report.repaired_rows))
    if report.unknown_rows:
        steps.insert(1, _("{count} filas de otros municipios, descartadas").format(count=report.unknown_rows))
    return tuple(steps)


def _absent() -> MissingError:
    return MissingError(
        _("El espejo no trae los límites municipales"),
        expected=_('Una entrada con theme = "boundaries" en mirror.toml'),
        remedy=_("Agréguela, o cree el espacio de trabajo con `valles init DIR --boundaries ARCHIVO`"),
    )
