"""How the rasters of zones and classes look: palettes, and the names of their values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from layers.styles import class_styles
from zoning.rules.limits import CLASS_CODES, CLASS_NAMES
from zoning.rules.zone_rules import Zone

NOT_RATED = 254
"""Stored in a raster of classes where a zone is not rated; 255 is outside."""

_NOT_RATED_COLOUR = "#f5f5f5"
_OPAQUE = 255

Rgba = tuple[int, int, int, int]


class MapLook(NamedTuple):
    """What goes into the file of a raster beside its cells."""

    name: str
    """Of its band."""
    nodata: int
    """Stored outside."""
    tags: dict[str, str]
    """What each value means."""
    colours: dict[int, Rgba]
    """Palette."""


def zone_look(zones: Iterable[Zone]) -> MapLook:
    """Return the look of a raster of zone numbers."""
    known = tuple(zones)
    names = {f"ZONE_{zone.number}": f"{zone.code}: {zone.name}" for zone in known}
    return MapLook("zone", 0, names, {zone.number: _rgba(zone.colour) for zone in known})


def class_look() -> MapLook:
    """Return the look of a raster of classes."""
    colours = {CLASS_CODES[style.name]: _rgba(style.colour) for style in class_styles()}
    names = {f"CLASS_{code}": name for code, name in CLASS_NAMES.items() if code in colours}
    look = colours | {NOT_RATED: _rgba(_NOT_RATED_COLOUR)}
    return MapLook("class", 255, names | {f"CLASS_{NOT_RATED}": "NR"}, look)


def _rgba(colour: str) -> Rgba:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue, _OPAQUE
