"""What a workspace's prepared layers can tell about the land, what is too coarse to cut with, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gis.errors import MissingError
from gis.messages import translator
from gis.rasters.raster import raster_info
from layers.provenance import LayerRecord, read_standing
from layers.workspace import Workspace
from zoning.land.distances import available_distances

_ = translator("zoning")

FINE_ENOUGH_M = 90.0
"""Elevation with cells above this is too coarse for slope and height above the stream to rate or cut, m."""

PAPER_CELL_M = 0.0005
"""A cell may be at most half a millimetre on the map, m."""

CLIMATE_LAYERS = {
    "temperature_mean": ("temp_annual", "temp_mean", "gdd", "chill_hours"),
    "temperature_min": ("temp_min", "extreme_min"),
    "temperature_max": ("temp_max",),
    "precipitation": ("rain_annual", "rain_season", "fournier"),
}
"""Prepared monthly layer (without its climate) to the characteristics it gives by itself."""

CLIMATIC = frozenset(name for names in CLIMATE_LAYERS.values() for name in names) | {"huglin"}
"""Characteristics that come from the monthly climate: those, and the Huglin index, which takes two layers."""

SOIL_BANDS = {
    "ph": "ph_h2o",
    "organic_carbon": "organic_carbon_pct",
    "clay": "clay_pct",
    "sand": "sand_pct",
    "coarse_fragments": "coarse_fragments_pct",
}
"""Characteristic to its band in ``soil.tif``."""

OPTIONAL_LAYERS = ("soil", "soil_depth", "land_cover", "protected_areas", "roads", "streams", "settlements")
"""Layers whose absence is named on the result though the run goes on."""


@dataclass(frozen=True, kw_only=True)
class LandInventory:
    """The prepared layers of one workspace under one climate source."""

    climate: str
    """Climate source read, such as ``worldclim``."""
    available: frozenset[str]
    """Names of the characteristics that some layer gives."""
    flagged: frozenset[str]
    """Names that are given but too coarse to rate or cut with."""
    missing: tuple[str, ...]
    """Prepared layers that are not there, required ones first."""
    layers: Mapping[str, LayerRecord] = field(default_factory=dict)
    """Provenance of every prepared layer that is there, by name."""
    honest_scale: int | None = None
    """Denominator of the scale that the coarsest required layer carries; ``None`` where no source says its cell."""
    honest_layer: str = ""
    """Name of that layer."""


def take_inventory(workspace: Workspace, *, climate: str = "") -> LandInventory:
    """Look at the prepared layers.

    Parameters
    ----------
    workspace
        Whose layers.
    climate
        Climate source; empty is the territory's own.

    Raises
    ------
    gis.errors.MissingError
        There are no municipalities, or a climate source was asked for that has not been prepared.
    gis.errors.InputError
        ``provenance.json`` is damaged.
    """
    workspace.layer("municipalities")
    source = climate or workspace.territory.climate
    monthly = {name: f"{name}_{source}" for name in CLIMATE_LAYERS}
    if climate and not any(workspace.has_layer(name) for name in monthly.values()):
        raise MissingError(
            _("No hay capas de clima de la fuente «{climate}».").format(climate=climate),
            expected=_("Se esperaba por ejemplo {name}.tif").format(name=monthly["temperature_mean"]),
            remedy=_("Prepárelas con valles layers fetch, o elija otra fuente."),
        )
    records = read_standing(workspace.layers_dir)
    required = ["elevation", *monthly.values()]
    missing = [name for name in (*required, *OPTIONAL_LAYERS) if not workspace.has_layer(name)]
    flagged = _flagged(workspace, records)
    scale, layer = _honest_scale([name for name in required if name in records], records)
    return LandInventory(
        climate=source,
        available=frozenset(_available(workspace, monthly)),
        flagged=flagged,
        missing=tuple(missing),
        layers={name: record for name, record in sorted(records.items()) if workspace.has_layer(name)},
        honest_scale=scale,
        honest_layer=layer,
    )


def _available(workspace: Workspace, monthly: Mapping[str, str]) -> set[str]:
    found: set[str] = set(available_distances(workspace))
    if workspace.has_layer("elevation"):
        found |= {"elevation", "slope"}
        if workspace.has_layer("streams"):
            found.add("height_above_stream")
    for theme, name in monthly.items():
        if workspace.has_layer(name):
            found |= set(CLIMATE_LAYERS[theme])
    if {"temp_mean", "temp_max"} <= found:
        found.add("huglin")
    if workspace.has_layer("soil"):
        names = raster_info(workspace.layer("soil")).names
        found |= {name for name, band in SOIL_BANDS.items() if band in names}
    if workspace.has_layer("soil_depth"):
        found.add("soil_depth")
    return found


def _flagged(workspace: Workspace, records: Mapping[str, LayerRecord]) -> frozenset[str]:
    if not workspace.has_layer("elevation"):
        return frozenset()
    record = records.get("elevation")
    native = record.native_cell_m if record else None
    # A layer that does not say how fine its source was is not trusted with a cut.
    coarse = native is None or native > FINE_ENOUGH_M
    return frozenset({"slope", "height_above_stream"}) if coarse else frozenset()


def _honest_scale(required: list[str], records: Mapping[str, LayerRecord]) -> tuple[int | None, str]:
    cells = {name: records[name].native_cell_m for name in required}
    known = {name: cell for name, cell in cells.items() if cell}
    if not known:
        return None, ""
    coarsest = max(known, key=lambda name: (known[name], name))
    return _round_up(known[coarsest] / PAPER_CELL_M), coarsest


def _round_up(scale: float) -> int:
    """Round to two significant digits upwards, as map scales are named."""
    step = 10 ** max(len(str(int(scale))) - 2, 0)
    return int(-(-scale // step) * step)
