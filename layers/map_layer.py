"""The one thing both engines produce and the delivery floor serves: a map layer.

Whoever serves a :class:`MapLayer` does not know which engine made it. Coordinates are longitude and latitude in degrees
(CRS84) in every query and feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """One line of a legend."""

    value: str
    """The value of the styled property."""
    label: str
    """What a reader sees."""
    colour: str
    """A CSS hexadecimal colour."""


@dataclass(frozen=True, kw_only=True)
class LayerDescription:
    """What a layer is, where and when, from whom and under which licence."""

    id: str
    """Short lower-case name, the collection's name in an address."""
    title: str
    description: str
    geometry: str
    """``polygon``, ``line``, ``point`` or ``raster``."""
    extent: Bounds
    interval: tuple[str | None, str | None] = (None, None)
    """First and last moment, ISO 8601; ``None`` is open."""
    unit: str = ""
    licence: str = ""
    attribution: str = ""
    legend: tuple[LegendEntry, ...] = ()
    styled_property: str = ""
    """The feature property that the legend's values belong to."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """Name of each feature property and its JSON type: ``string``, ``number``, ``integer`` or ``boolean``."""
    provenance: tuple[Mapping[str, Any], ...] = ()
    demo: bool = False
    """Synthetic data: whoever shows it must say so."""
    picture_tiles: bool = False
    """Its tiles are pictures though it has features: cells on the map, their sums as data."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One thing a reader may choose about a layer, such as a study, a product or a date."""

    name: str
    title: str
    values: tuple[str, ...] = ()
    """Allowed values; empty means any text."""
    default: str = ""


@dataclass(frozen=True, kw_only=True)
class FeatureQuery:
    """Which features are wanted."""

    bbox: Bounds | None = None
    limit: int = 10
    offset: int = 0
    feature_id: str | None = None
    datetime: tuple[str | None, str | None] | None = None
    """Closed interval, ISO 8601, ``None`` for an open end; a moment is an interval with two equal ends."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Property equals text."""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FeaturePage:
    """One page of an answer."""

    features: tuple[Mapping[str, Any], ...]
    """GeoJSON features with ``id``, ``geometry`` and ``properties``."""
    matched: int
    """How many features the query matches over all pages."""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """The bytes of one tile."""

    content: bytes
    media_type: str
    encoding: str = ""
    """Content encoding of ``content``, such as ``gzip``."""


@runtime_checkable
class MapLayer(Protocol):
    """A layer that can be described, queried and cut into tiles."""

    @property
    def id(self) -> str:
        """Short lower-case name."""
        ...

    def describe(self) -> LayerDescription:
        """Say what the layer is."""
        ...

    def parameters(self) -> tuple[Parameter, ...]:
        """Say what may be chosen."""
        ...

    def features(self, query: FeatureQuery) -> FeaturePage:
        """Return the features of one page; a layer without features returns none."""
        ...

    def tile(self, z: int, x: int, y: int, parameters: Mapping[str, str]) -> Tile | None:
        """Return one tile of the WebMercator pyramid, or ``None`` where there is nothing to draw."""
        ...
