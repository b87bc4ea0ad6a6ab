"""One prepared vector layer: how many features, and which municipalities have none."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from gis.messages import translator
from layers.checking.check_report import LayerCheck

_ = translator("layers")

EVERYWHERE = ("roads", "settlements", "streams")
"""Layers that every municipality has something of: distances to what a source leaves out are wrong."""
_LEAST_HA = 5_000.0
_MOST_EMPTY = 0.5
_MOST_TOLD = 8


def check_vector(blank: LayerCheck, frame: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame) -> LayerCheck:
    """Check one vector layer.

    Parameters
    ----------
    blank
        What its provenance says.
    frame
        Its features.
    municipalities
        Prepared municipalities, with ``name`` and ``area_ha``.
    """
    defects, warnings = list(blank.defects), list(blank.warnings)
    invalid = int((~shapely.is_valid(np.asarray(frame.geometry.array, dtype=object))).sum())
    if invalid:
        warnings.append(_("{count} geometrías que se cruzan a sí mismas").format(count=invalid))
    if blank.name in EVERYWHERE:
        large = municipalities[municipalities["area_ha"] >= _LEAST_HA]
        tree = shapely.STRtree(np.asarray(frame.to_crs(municipalities.crs).geometry.array, dtype=object))
        hit = set(tree.query(np.asarray(large.geometry.array, dtype=object), predicate="intersects")[0].tolist())
        empty = [str(name) for place, name in enumerate(large["name"]) if place not in hit]
        if empty:
            told = _("{count} de {total} municipios no tienen ninguno: {names}").format(
                count=len(empty),
                total=len(large),
                names=", ".join(empty[:_MOST_TOLD]) + (" …" if len(empty) > _MOST_TOLD else ""),
            )
            (defects if len(empty) >= _MOST_EMPTY * len(large) else warnings).append(told)
    return replace(blank, features=len(frame), defects=tuple(defects), warnings=tuple(warnings))
