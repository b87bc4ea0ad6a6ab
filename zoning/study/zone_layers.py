"""The zones of a workspace's studies as one map layer whose study a reader may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gis.errors import MissingError
from gis.messages import translator
from layers.map_layer import FeaturePage, FeatureQuery, LayerDescription, LegendEntry, MapLayer, Parameter, Tile
from layers.serving.vector_layer import NO_EXTENT, FileMapLayer
from layers.workspace import Workspace
from zoning.study.chain_layers import chain_map_layers
from zoning.study.stability_layer import stability_map_layers
from zoning.study.study_files import LAYER
from zoning.study.study_reading import read_manifest, study_folder

_ = translator("zoning")

DEFAULT_STUDY = "base"
"""Study shown unless a reader chooses another."""


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
        *stability_map_layers(workspace, zones.default),
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


@dataclass(frozen=True, eq=False)
class ZoneLayer:
    """The collection ``zones``: the polygons of one study, by default ``base``."""

    workspace: Workspace
    _held: dict[tuple[str, int], FileMapLayer] = field(default_factory=dict, init=False, repr=False)

    @property
    def id(self) -> str:
        """Short lower-case name."""
        return LAYER

    def describe(self) -> LayerDescription:
        """Say what the layer is, for the study shown by default.

        Raises
        ------
        gis.errors.MissingError
            There is no study any more.
        """
        return replace(self._study({}).describe(), id=self.id)

    def parameters(self) -> tuple[Parameter, ...]:
        """Say which studies there are."""
        return (Parameter(name="study", title=_("Estudio"), values=self.workspace.studies(), default=self.default),)

    def features(self, query: FeatureQuery) -> FeaturePage:
        """Return the polygons of the chosen study that match.

        Raises
        ------
        gis.errors.MissingError
            There is no such study, or a filter names no field.
        """
        return self._study(query.parameters).features(query)

    def tile(self, z: int, x: int, y: int, parameters: Mapping[str, str]) -> Tile | None:
        """Return one vector tile of the chosen study, or ``None`` where there is nothing.

        Raises
        ------
        gis.errors.MissingError
            There is no such study.
        """
        return self._study(parameters).tile(z, x, y, parameters)

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

    @property
    def default(self) -> str:
        """Study shown unless a reader chooses another."""
        known = self.workspace.studies()
        return DEFAULT_STUDY if DEFAULT_STUDY in known or not known else known[0]

    def _study(self, parameters: Mapping[str, str]) -> FileMapLayer:
        name = parameters.get("study") or self.default
        folder = study_folder(self.workspace, name)
        try:
            stamp = (name, (folder / "manifest.json").stat().st_mtime_ns)
        except OSError as error:
            raise MissingError(_("No existe el estudio «{name}»").format(name=name)) from error
        if stamp not in self._held:
            # A study that was made again replaces what was held of it.
            for old in [each for each in self._held if each[0] == name]:
                self._held.pop(old, None)
            self._held[stamp] = zone_layer(self.workspace, name)
        return self._held[stamp]


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
