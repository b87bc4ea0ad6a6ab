"""The map layers that a workspace has before any study: limits, settlements, roads, streams, parks and relief."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import geopandas as gpd

from gis.messages import translator
from gis.relief.hillshade import hillshade_tile
from layers.map_layer import (
    Bounds,
    FeaturePage,
    FeatureQuery,
    LayerDescription,
    MapLayer,
    Parameter,
    Tile,
)
from layers.preparation.protected_categories import INTEGRATED, MUNICIPAL, NATIONAL_PARK, STRICT
from layers.preparation.territory_grid import read_municipalities
from layers.provenance import LayerRecord, read_provenance
from layers.serving.own_map_layers import own_map_layers
from layers.serving.vector_layer import GEOGRAPHIC, NO_EXTENT, FileMapLayer
from layers.styles import category_legend
from layers.workspace import Workspace

_ = translator("layers")


def territory_map_layers(workspace: Workspace) -> list[MapLayer]:
    """Return the map layers of a workspace's prepared layers; one that is not prepared is not there.

    Raises
    ------
    gis.errors.InputError
        ``provenance.json`` is damaged.
    """
    records = read_provenance(workspace.layers_dir)
    layers: list[MapLayer] = [
        FileMapLayer(
            _described(workspace, description, records.get(description.id)),
            workspace.layer(description.id),
            layer=description.id,
            tiles=workspace.tiles(description.id),
            id_column="code" if description.id == "municipalities" else None,
            select=_without_notice,
        )
        for description in _descriptions()
        if workspace.has_layer(description.id)
    ]
    if workspace.has_layer("elevation"):
        layers.append(Hillshade(workspace, records.get("elevation")))
    return [*layers, *own_map_layers(workspace, records, besides={each.id for each in layers})]


@dataclass(frozen=True, eq=False)
class Hillshade:
    """Light and shade of the elevation, as transparent tiles to lay over a map."""

    workspace: Workspace
    record: LayerRecord | None

    @property
    def id(self) -> str:
        """Short lower-case name."""
        return "hillshade"

    def describe(self) -> LayerDescription:
        """Say what the layer is."""
        plain = LayerDescription(
            id=self.id,
            title=_("Relieve sombreado"),
            description=_("Luces y sombras del modelo de elevación"),
            geometry="raster",
            extent=self._extent,
        )
        return _described(self.workspace, plain, self.record)

    def parameters(self) -> tuple[Parameter, ...]:
        """Return nothing: there is one relief."""
        return ()

    def features(self, query: FeatureQuery) -> FeaturePage:  # noqa: ARG002  a raster has none
        """Return no features."""
        return FeaturePage(features=(), matched=0)

    def tile(self, z: int, x: int, y: int, parameters: Mapping[str, str]) -> Tile | None:  # noqa: ARG002  MapLayer
        """Return one PNG tile, or ``None`` outside the relief."""
        content = hillshade_tile(self._path, z, x, y)
        return None if content is None else Tile(content=content, media_type="image/png")

    @property
    def _path(self) -> Path:
        return self.workspace.layer("elevation")

    @cached_property
    def _extent(self) -> Bounds:
        if not self.workspace.has_layer("municipalities"):
            return NO_EXTENT
        bounds = read_municipalities(self.workspace).to_crs(GEOGRAPHIC).total_bounds
        return cast("Bounds", tuple(float(value) for value in bounds))


def _described(workspace: Workspace, plain: LayerDescription, record: LayerRecord | None) -> LayerDescription:
    """Add licence, attribution, provenance and the notice of synthetic data."""
    territory = workspace.territory
    title = f"{plain.title} · {territory.notice}" if territory.demo and territory.notice else plain.title
    if record is None:
        return replace(plain, title=title, demo=territory.demo)
    kept = ("name", "source", "licence", "attribution", "date", "sha256", "unit", "steps", "native_cell_m")
    told: dict[str, Any] = {key: value for key, value in record.to_dict().items() if key in kept}
    return replace(
        plain,
        title=title,
        licence=record.licence,
        attribution=record.attribution,
        unit=record.unit,
        provenance=(told,),
        demo=territory.demo,
    )


def _without_notice(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return cast("gpd.GeoDataFrame", frame.drop(columns=["notice"], errors="ignore"))


def _descriptions() -> tuple[LayerDescription, ...]:
    return (*_people(), *_networks(), *_areas())


def _people() -> tuple[LayerDescription, ...]:
    return (
        LayerDescription(
            id="municipalities",
            title=_("Municipios"),
            description=_("Límites municipales, sin huecos ni solapes; superficie en hectáreas"),
            geometry="polygon",
            extent=NO_EXTENT,
        ),
        LayerDescription(
            id="settlements",
            title=_("Comunidades y pueblos"),
            description=_("Poblados del censo, con su población donde se conoce"),
            geometry="point",
            extent=NO_EXTENT,
        ),
    )


def _networks() -> tuple[LayerDescription, ...]:
    return (
        LayerDescription(
            id="roads",
            title=_("Caminos"),
            description=_("Red de caminos por clase"),
            geometry="line",
            extent=NO_EXTENT,
            styled_property="road_class",
            legend=category_legend(
                ("trunk", _("troncal")),
                ("primary", _("primario")),
                ("secondary", _("secundario")),
                ("tertiary", _("terciario")),
                ("minor", _("vecinal")),
                ("track", _("huella")),
            ),
        ),
        LayerDescription(
            id="streams",
            title=_("Ríos y quebradas"),
            description=_("Cursos de agua; `permanent` dice si llevan agua todo el año, donde se conoce"),
            geometry="line",
            extent=NO_EXTENT,
            styled_property="stream_class",
            legend=category_legend(("river", _("río")), ("stream", _("quebrada")), ("canal", _("canal"))),
        ),
    )


def _areas() -> tuple[LayerDescription, ...]:
    return (
        LayerDescription(
            id="crop_area",
            title=_("Superficie por cultivo, modelo mundial"),
            description=_("Hectáreas de cada cultivo por municipio según un modelo; contexto, no decide ninguna zona"),
            geometry="polygon",
            extent=NO_EXTENT,
        ),
        LayerDescription(
            id="protected_areas",
            title=_("Áreas protegidas"),
            description=_("Parques, áreas de manejo integrado y áreas departamentales y municipales"),
            geometry="polygon",
            extent=NO_EXTENT,
            styled_property="category",
            legend=category_legend(
                (NATIONAL_PARK, _("parque nacional")),
                (STRICT, _("reserva estricta")),
                (INTEGRATED, _("área natural de manejo integrado")),
                (MUNICIPAL, _("área departamental o municipal")),
            ),
        ),
    )
