"""The zones of a workspace's studies as one map layer whose study a reader may choose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gis.messages import translator
from layers.map_layer import LayerDescription, LegendEntry, MapLayer
from layers.serving.vector_layer import NO_EXTENT, FileMapLayer
from layers.workspace import Workspace
from zoning.study.chain_layers import chain_map_layers
from zoning.study.stability_layer import stability_map_layers
from zoning.study.study_files import LAYER
from zoning.study.study_layer import StudyLayer
from zoning.study.study_reading import read_manifest, study_folder

_ = translator("zoning")


def zone_map_layers(workspace: Workspace) -> list[MapLayer]:
    """Return the map layers that the studies of a workspace give; none before its first study.

    Raises
    ------
    gis.errors.InputError
        A manifest is damaged.
    """
    if not workspace.studies():
        return []
    zones = ZoneLayer(workspace)
    return [
        zones,
        *chain_map_layers(workspace, zones.default),
        *stability_map_layers(workspace),
    ]


def shown_fields() -> dict[str, str]:
    """Return the fields of a zone that a map shows where it is pointed at, each with its name for readers."""
    return {
        "zone_name": _("Zona"),
        "class": _("Clase"),
        "municipality_name": _("Municipio"),
        "area_ha": _("Hectáreas"),
        "restriction": _("Restricción"),
        "use_conflict": _("Conflicto de uso"),
        "explanation": _("Por qué"),
    }


def zone_layer(workspace: Workspace, study: str) -> FileMapLayer:
    """Return the zones of one study as a map layer.

    Raises
    ------
    gis.errors.MissingError
        There is no such study.
    gis.errors.InputError
        Its manifest is damaged.
    """
    folder = study_folder(workspace, study)
    return FileMapLayer(
        _description(read_manifest(folder)),
        folder / "zones.gpkg",
        layer=LAYER,
        tiles=folder / "zones.pmtiles",
        id_column="zone_id",
    )


class ZoneLayer(StudyLayer):
    """The collection ``zones``: the polygons of one study, by default ``base``."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(LAYER, workspace)

    def open(self, name: str) -> FileMapLayer:
        """Open the polygons of a study.

        Raises
        ------
        gis.errors.InputError
            Its manifest is damaged.
        """
        return zone_layer(self.workspace, name)

    def archive(self, parameters: Mapping[str, str], part: str = "") -> Path | None:
        """Return the PMTiles file of the chosen study, whole or of one municipality; ``None`` where there is none.

        Parameters
        ----------
        parameters
            May name the ``study``.
        part
            Code of a municipality; empty for the whole territory.

        Raises
        ------
        gis.errors.MissingError
            There is no such study.
        """
        if part and part not in self.workspace.territory.codes:
            return None
        folder = study_folder(self.workspace, parameters.get("study") or self.default)
        path = folder / (f"{LAYER}-{part}.pmtiles" if part else f"{LAYER}.pmtiles")
        return path if path.is_file() else None


def _description(manifest: Mapping[str, Any]) -> LayerDescription:
    layers = manifest["layers"]
    notice = manifest.get("notice", "")
    title = _("Zonificación productiva básica") + (f" · {notice}" if manifest["demo"] and notice else "")
    about = _("Zonas por ley del mínimo (FAO), escala 1:{scale}, celda de {cell:g} m").format(
        scale=manifest["scale"], cell=manifest["cell_m"]
    )
    if manifest["honest_scale"]:
        about += _("; la capa exigida más gruesa sólo sostiene 1:{scale}").format(scale=manifest["honest_scale"])
    return LayerDescription(
        id=LAYER,
        title=title,
        description=about,
        geometry="polygon",
        extent=NO_EXTENT,
        licence="; ".join(dict.fromkeys(each["licence"] for each in layers if each["licence"])),
        attribution="; ".join(dict.fromkeys(each["attribution"] for each in layers if each["attribution"])),
        legend=tuple(
            LegendEntry(value=each["zone"], label=each["name"], colour=each["colour"]) for each in manifest["zones"]
        ),
        styled_property="zone",
        provenance=tuple(layers),
        demo=bool(manifest["demo"]),
    )
