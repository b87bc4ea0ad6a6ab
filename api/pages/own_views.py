"""Layers that users brought themselves, as the planner's map switches and draws them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from layers.map_layer import LayerDescription
from layers.provenance import read_provenance
from layers.workspace import Workspace


def own_layer_ids(workspace: Workspace) -> frozenset[str]:
    """Return the names of the layers that users brought, and that the map does not draw anyway.

    Raises
    ------
    gis.errors.InputError
        ``provenance.json`` is damaged.
    """
    records = read_provenance(workspace.layers_dir)
    return frozenset(name for name, record in records.items() if record.own is not None)


def own_views(described: Sequence[LayerDescription], own: Collection[str]) -> list[dict[str, Any]]:
    """Return what the script needs to draw each of these layers."""
    return [
        {
            "id": one.id,
            "geometry": one.geometry,
            "property": one.styled_property,
            "colours": [[entry.value, entry.colour] for entry in one.legend],
        }
        for one in described
        if one.id in own
    ]
