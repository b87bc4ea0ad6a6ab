"""Official layers that a territory may take to compare a zoning with, from ``data/geobolivia.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from layers.catalogue.theme_records import Theme


@dataclass(frozen=True, kw_only=True)
class ReferenceLayer:
    """One official layer."""

    id: str
    """Name of the theme, the product and the prepared layer."""
    layer: str
    """Name at its portal, such as ``abt:CUMAT_2001``."""
    title: str
    subject: str
    """What it is about, such as ``riesgo``."""


@cache
def reference_layers() -> tuple[ReferenceLayer, ...]:
    """Return the layers that are known, in the order of the file."""
    text = files("layers").joinpath("data", "geobolivia.toml").read_text(encoding="utf-8")
    return tuple(ReferenceLayer(**each) for each in tomllib.loads(text)["layer"])


def reference_layer(layer_id: str) -> ReferenceLayer | None:
    """Return the layer of that name, or ``None``.

    Examples
    --------
    >>> reference_layer("geobolivia_cumat_2001").layer
    'abt:CUMAT_2001'
    """
    return next((each for each in reference_layers() if each.id == layer_id), None)


def reference_themes() -> tuple[Theme, ...]:
    """Return a theme for each official layer; its features keep the columns they came with."""
    return tuple(
        Theme(
            id=each.id,
            title=f"{each.title} (GeoBolivia)",
            kind="vector",
            requirement="reference",
            prepared=each.id,
            tiled=True,
            every_column=True,
        )
        for each in reference_layers()
    )
