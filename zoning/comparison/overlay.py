"""Two zonings laid over each other: every piece of land with its row in the one and in the other."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

_HECTARE = 10_000.0
_POLYGON = 3

Shapes = npt.NDArray[np.object_]


def overlay(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, *, area_crs: str) -> gpd.GeoDataFrame:
    """Cut two coverages of the same land by each other.

    Parameters
    ----------
    first, second
        Coverages of single Polygons with a reference system, indexed from 0.
    area_crs
        Equal-area system in which they are cut and measured, so that the pieces add up to what they were cut from.

    Returns
    -------
    geopandas.GeoDataFrame
        ``one, two`` (rows of the frames), ``area_ha`` and single Polygons in ``area_crs``, sorted by ``one``, ``two``
        and place.
    """
    mine = np.asarray(first.to_crs(area_crs).geometry.array, dtype=object)
    theirs = np.asarray(second.to_crs(area_crs).geometry.array, dtype=object)
    same, twin = _identical(mine, theirs)
    left = np.setdiff1d(np.arange(len(mine)), same)
    right = np.setdiff1d(np.arange(len(theirs)), twin)
    one, two = shapely.STRtree(theirs[right]).query(mine[left], predicate="intersects")
    one, two = left[one], right[two]
    cut: Shapes = shapely.intersection(mine[one], theirs[two])
    parts, owner = shapely.get_parts(cut, return_index=True)
    inner, place = shapely.get_parts(parts, return_index=True)  # collections hold multipolygons
    flat = shapely.get_type_id(inner) == _POLYGON
    owner = owner[place[flat]]
    pieces = np.concatenate([mine[same], inner[flat]])
    table = pd.DataFrame({"one": np.concatenate([same, one[owner]]), "two": np.concatenate([twin, two[owner]])})
    table["area_ha"] = shapely.area(pieces) / _HECTARE
    left_edge, bottom = shapely.bounds(pieces)[:, 0], shapely.bounds(pieces)[:, 1]
    order = np.lexsort((bottom, left_edge, table["two"], table["one"]))
    frame = gpd.GeoDataFrame(table.iloc[order].reset_index(drop=True), geometry=pieces[order], crs=area_crs)
    return cast("gpd.GeoDataFrame", frame[frame["area_ha"] > 0].reset_index(drop=True))


def _identical(mine: Shapes, theirs: Shapes) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the rows of polygons that stand in both frames point by point."""
    known = {shape: row for row, shape in enumerate(shapely.to_wkb(theirs).tolist())}
    found = [(row, known[shape]) for row, shape in enumerate(shapely.to_wkb(mine).tolist()) if shape in known]
    pairs = np.array(found, dtype=np.intp).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
