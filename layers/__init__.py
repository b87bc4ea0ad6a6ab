"""What a territory's layers are: territory, catalogue, sources, provenance, workspace, styles and map layers.

Names are loaded when they are first asked for, so that a command which prepares nothing does not pay for the libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layers.checking.check_report import CheckReport
    from layers.checking.layer_check import check
    from layers.demo.demo_territory import demo_territory, write_demo_mirror
    from layers.inventory import list_layers
    from layers.map_layer import FeaturePage, FeatureQuery, LayerDescription, MapLayer, Tile
    from layers.mirrors.mirror import Mirror
    from layers.new_territory import init_from_boundaries
    from layers.preparation.fetch import fetch
    from layers.preparation.fetch_report import FetchReport
    from layers.provenance import read_provenance
    from layers.serving.territory_layers import territory_map_layers
    from layers.serving.vector_layer import FileMapLayer, FrameMapLayer
    from layers.territory import Municipality, Territory, builtin_territory, load_territory
    from layers.webmap import web_map
    from layers.workspace import Workspace

__all__ = [
    "CheckReport",
    "FeaturePage",
    "FeatureQuery",
    "FetchReport",
    "FileMapLayer",
    "FrameMapLayer",
    "LayerDescription",
    "MapLayer",
    "Mirror",
    "Municipality",
    "Territory",
    "Tile",
    "Workspace",
    "builtin_territory",
    "check",
    "demo_territory",
    "fetch",
    "init_from_boundaries",
    "list_layers",
    "load_territory",
    "read_provenance",
    "territory_map_layers",
    "web_map",
    "write_demo_mirror",
]

_HOME = {
    "CheckReport": "checking.check_report",
    "FeaturePage": "map_layer",
    "FeatureQuery": "map_layer",
    "FetchReport": "preparation.fetch_report",
    "FileMapLayer": "serving.vector_layer",
    "FrameMapLayer": "serving.vector_layer",
    "LayerDescription": "map_layer",
    "MapLayer": "map_layer",
    "Mirror": "mirrors.mirror",
    "Municipality": "territory",
    "Territory": "territory",
    "Tile": "map_layer",
    "Workspace": "workspace",
    "builtin_territory": "territory",
    "check": "checking.layer_check",
    "demo_territory": "demo.demo_territory",
    "fetch": "preparation.fetch",
    "init_from_boundaries": "new_territory",
    "list_layers": "inventory",
    "load_territory": "territory",
    "read_provenance": "provenance",
    "territory_map_layers": "serving.territory_layers",
    "web_map": "webmap",
    "write_demo_mirror": "demo.demo_territory",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever the name stands for
    """Load a public name from its module.

    Raises
    ------
    AttributeError
        If there is no such name.
    """
    if name not in _HOME:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
