"""Map layers of what users brought themselves, of tables by municipality, and of official layers taken to compare with.

Each is described by its record in ``provenance.json``: whoever serves it needs to know nothing else of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.messages import translator
from gis.vectors.attribute_table import geometry_kind
from gis.vectors.plain_table import read_text_table
from layers.catalogue.themes import theme
from layers.map_layer import FeaturePage, FeatureQuery, LayerDescription, LegendEntry, MapLayer, Parameter, Tile
from layers.preparation.territory_grid import read_municipalities
from layers.provenance import LayerRecord, OwnLayer
from layers.serving.picture_tile import picture_tile
from layers.serving.vector_layer import GEOGRAPHIC, NO_EXTENT, FileMapLayer, FrameMapLayer
from layers.workspace import Workspace

_ = translator("layers")

_TEXTS = {"code", "name", "crop", "variable", "date"}
_TRANSPARENT = (0, 0, 0, 0)


def own_map_layers(workspace: Workspace, records: Mapping[str, LayerRecord], *, besides: set[str]) -> list[MapLayer]:
    """Return the map layers of a workspace's own layers, in the order of their names.

    Parameters
    ----------
    workspace
        Whose layers they are.
    records
        Its provenance.
    besides
        Names that are served otherwise.

    Raises
    ------
    gis.errors.VallesError
        A file is damaged.
    """
    made = (
        _map_layer(workspace, records[name])
        for name in sorted(records)
        if name not in besides and _shows(records[name])
    )
    return [each for each in made if each is not None]


def _shows(record: LayerRecord) -> bool:
    if record.own is not None:
        return True
    catalogued = theme(record.theme)
    return catalogued is not None and (catalogued.requirement == "reference" or catalogued.kind == "table")


def _map_layer(workspace: Workspace, record: LayerRecord) -> MapLayer | None:
    path = workspace.layers_dir / record.file
    if not path.is_file():
        return None
    own = record.own or _by_catalogue(record, workspace)
    # What a table of the catalogue says of a demonstration is made up too; what users bring is theirs.
    demo = workspace.territory.demo and record.own is None
    description = replace(_description(record, own), demo=demo)
    if demo and workspace.territory.notice:
        description = replace(description, title=f"{description.title} · {workspace.territory.notice}")
    if path.suffix == ".tif":
        extent = read_municipalities(workspace).to_crs(GEOGRAPHIC).total_bounds
        return RasterMapLayer(replace(description, extent=cast("Any", tuple(map(float, extent)))), workspace, record)
    tiles = workspace.tiles(record.name)
    dated = own.date_column or None
    if path.suffix == ".csv":
        frame = _joined(workspace, record, own)
        return FrameMapLayer(description, frame, datetime_column=dated, tiles=tiles)
    select = partial(_features, column=own.date_column)
    return FileMapLayer(description, path, layer=record.name, tiles=tiles, datetime_column=dated, select=select)


def _by_catalogue(record: LayerRecord, workspace: Workspace) -> OwnLayer:
    catalogued = theme(record.theme)
    path = workspace.layers_dir / record.file
    geometry = "municipality" if path.suffix == ".csv" else geometry_kind(path, layer=record.name)
    return OwnLayer(title=record.name if catalogued is None else catalogued.title, geometry=geometry)


def _description(record: LayerRecord, own: OwnLayer) -> LayerDescription:
    told = ("name", "source", "licence", "attribution", "date", "sha256", "unit", "steps", "native_cell_m")
    content = record.to_dict()
    first, last = own.interval or (None, None)
    return LayerDescription(
        id=record.name,
        title=own.title,
        description="; ".join(part for part in (record.source, record.date) if part),
        geometry="polygon" if own.geometry == "municipality" else own.geometry,
        extent=NO_EXTENT,
        interval=(_start(first), last),
        unit=record.unit,
        licence=record.licence,
        attribution=record.attribution,
        legend=tuple(LegendEntry(value=value, label=label, colour=colour) for value, label, colour in own.legend),
        styled_property="" if own.geometry == "raster" else own.column,
        provenance=({key: content[key] for key in told},),
    )


def _start(text: str | None) -> str | None:
    """Return the first day of a year or month."""
    return None if text is None else {4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text)


def _features(frame: gpd.GeoDataFrame, *, column: str) -> gpd.GeoDataFrame:
    shown = frame.drop(columns=["notice"], errors="ignore")
    if column and column in shown:
        shown = shown.assign(**{column: shown[column].astype(str)})
    return cast("gpd.GeoDataFrame", shown)


def _joined(workspace: Workspace, record: LayerRecord, own: OwnLayer) -> gpd.GeoDataFrame:
    """Return the rows of a table with the outlines of their municipalities, which are shared, in degrees."""
    table = read_text_table(workspace.layers_dir / record.file)
    texts = {*_TEXTS, own.date_column, own.column}
    typed: dict[str, Any] = {}
    for name in table.columns:
        written = table[name] != ""
        numbers = pd.to_numeric(table[name].where(written, None), errors="coerce")
        numeric = name not in texts and bool((numbers.notna() == written).all()) and bool(written.any())
        typed[str(name)] = numbers if numeric else table[name].where(written, None)
    outlines = read_municipalities(workspace).to_crs(GEOGRAPHIC).set_index("code").geometry
    shapes = [outlines.get(code) for code in table["code"]]
    return gpd.GeoDataFrame(typed, geometry=gpd.GeoSeries(shapes, crs=GEOGRAPHIC), crs=GEOGRAPHIC)


@dataclass(frozen=True, eq=False)
class RasterMapLayer:
    """A raster of a user's, as picture tiles in the colours of its legend."""

    description: LayerDescription
    workspace: Workspace
    record: LayerRecord

    @property
    def id(self) -> str:
        """Short lower-case name."""
        return self.description.id

    def describe(self) -> LayerDescription:
        """Say what the layer is."""
        return self.description

    def parameters(self) -> tuple[Parameter, ...]:
        """Return nothing: there is one raster."""
        return ()

    def features(self, query: FeatureQuery) -> FeaturePage:  # noqa: ARG002  a raster has none
        """Return no features."""
        return FeaturePage(features=(), matched=0)

    def tile(self, z: int, x: int, y: int, parameters: Mapping[str, str]) -> Tile | None:  # noqa: ARG002  MapLayer
        """Return one PNG tile, or ``None`` outside the raster.

        Raises
        ------
        gis.errors.VallesError
            The file is gone or damaged.
        """
        path = self.workspace.layers_dir / self.record.file
        own = self.record.own
        return picture_tile(path, z, x, y, paint=partial(painted, own=own), band=1) if own is not None else None


def painted(values: npt.NDArray[np.float32], *, own: OwnLayer) -> npt.NDArray[np.uint8]:
    """Colour a band by a legend: float32 (1, rows, cols), NaN where missing, to uint8 (rows, cols, 4).

    With limits the legend's lines are classes of a number; without, each is the value of a class.
    """
    band = values[0]
    colours = [(*(int(colour[at : at + 2], 16) for at in (1, 3, 5)), 255) for _value, _label, colour in own.legend]
    palette = np.array([*colours, _TRANSPARENT], dtype=np.uint8)
    places = np.full(band.shape, len(colours), dtype=np.intp)
    known = np.isfinite(band)
    if own.limits or not all(value.lstrip("-").isdigit() for value, _label, _colour in own.legend):
        places[known] = np.searchsorted(np.asarray(own.limits, dtype=np.float32), band[known], side="left")
    else:
        for place, (value, _label, _colour) in enumerate(own.legend):
            places[known & (band == float(value))] = place
    pixels: npt.NDArray[np.uint8] = palette[places]
    return pixels
