"""Which PMTiles archive holds a layer's tiles, whole or for one municipality."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from gis.errors import MissingError
from gis.messages import translator
from gis.vectors.tile_archive import TileArchive
from layers.map_layer import MapLayer

_ = translator("api")
DEFAULT_ZOOMS = (0, 14)


@runtime_checkable
class PartedLayer(Protocol):
    """A layer with an archive for each choice of its parameters, and for parts of it."""

    def archive(self, parameters: Mapping[str, str], part: str = "") -> Path | None:
        """Return the archive of the whole layer or of one part, such as a municipality's code."""
        ...


@runtime_checkable
class TiledLayer(Protocol):
    """A layer with one archive."""

    @property
    def tiles(self) -> Path | None:
        """PMTiles file of the layer."""
        ...


def split_archive_name(layers: Mapping[str, MapLayer], name: str) -> tuple[MapLayer, str]:
    """Return the layer and the part that an archive's name means: ``zones``, or ``zones-070801`` for a part.

    Raises
    ------
    MissingError
        If no layer is called so.
    """
    if name in layers:
        return layers[name], ""
    whole, _dash, part = name.rpartition("-")
    if whole in layers and part:
        return layers[whole], part
    raise MissingError(
        _("No existe el archivo de teselas «{name}»").format(name=name),
        expected=_("El nombre de una capa: {names}").format(names=", ".join(layers)),
    )


def archive_of(layer: MapLayer, parameters: Mapping[str, str], part: str = "") -> Path | None:
    """Return the PMTiles file of a layer, or ``None`` where it has none.

    Parameters
    ----------
    layer
        Any layer.
    parameters
        What the reader chose about it.
    part
        Part of the layer, such as a municipality's code; empty for the whole.
    """
    if isinstance(layer, PartedLayer):
        path = layer.archive(parameters, part)
    elif isinstance(layer, TiledLayer) and not part:
        path = layer.tiles
    else:
        path = None
    return path if path is not None and path.is_file() else None


def zooms_of(layer: MapLayer, parameters: Mapping[str, str]) -> tuple[int, int]:
    """Return the least and the greatest zoom at which a layer has tiles."""
    path = archive_of(layer, parameters)
    if path is None:
        return DEFAULT_ZOOMS
    with TileArchive(path) as archive:
        return archive.zooms
