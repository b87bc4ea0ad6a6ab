"""What a map says: its hectares by zone or class, its names, and its polygon under a place."""

from __future__ import annotations

from typing import Any, Literal, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from zoning.study.study import Study

By = Literal["zone", "class"]
"""What a map is asked for: which zone, or which class."""


def mapped_areas(study: Study, by: By = "zone") -> dict[str, float]:
    """Return the hectares of each zone or class of a study, sorted by name.

    Raises
    ------
    gis.errors.InputError
        The study is damaged.
    """
    sums = study.zones.groupby(by)["area_ha"].sum().sort_index()
    return {str(name): float(area) for name, area in sums.items()}


def zone_names(study: Study) -> dict[str, str]:
    """Return the name of every zone that the rules of a study have, by code, in the order of the rules.

    Raises
    ------
    gis.errors.InputError
        The study is damaged.
    """
    declared = cast("list[dict[str, Any]]", study.manifest["zones"])
    return {str(each["zone"]): str(each["name"]) for each in declared}


def polygons_under(points: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    """Return the row of ``zones`` that holds each point, −1 where none does; on a line, the first of the file."""
    places = np.asarray(points.to_crs(zones.crs).geometry.array, dtype=object)
    tree = shapely.STRtree(np.asarray(zones.geometry.array, dtype=object))
    which, rows = tree.query(places, predicate="intersects")
    found = np.full(len(places), -1, dtype=np.int64)
    order = np.lexsort((-rows, which))
    found[which[order]] = rows[order]
    return found
