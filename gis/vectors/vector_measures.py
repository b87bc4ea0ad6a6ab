"""Areas of frames: what polygons cover, cover twice, and leave uncovered between them."""

from __future__ import annotations

from typing import Any, cast

import geopandas
import numpy as np
import pandas as pd
import shapely

from gis.crs import require_metres
from gis.messages import translator

_ = translator("gis")

_HECTARE = 10_000.0


def area_ha(frame: geopandas.GeoDataFrame, area_crs: Any) -> pd.Series[float]:  # noqa: ANN401  any CRS name
    """Return the area of each row, measured in one declared reference system.

    Parameters
    ----------
    frame
        Polygons in any reference system.
    area_crs
        An equal-area reference system in metres (:func:`gis.crs.equal_area_crs`).

    Returns
    -------
    pandas.Series
        ha, with the index of ``frame``.

    Raises
    ------
    CrsError
        When ``area_crs`` is not in metres or the frame has no reference system.
    """
    target = require_metres(area_crs, what=_("El sistema para medir áreas"))
    return cast("pd.Series[float]", frame.to_crs(target).area / _HECTARE)


def overlap_area(frame: geopandas.GeoDataFrame) -> float:
    """Return the area covered more than once, counted once per pair of rows, m².

    Raises
    ------
    CrsError
        When the frame is not in metres.
    """
    require_metres(frame.crs, what=_("La capa cuyo solape se mide"))
    geometry = np.asarray(frame.geometry.array, dtype=object)
    tree = shapely.STRtree(geometry)
    one, other = tree.query(geometry, predicate="intersects")
    pairs = one < other
    shared = shapely.area(shapely.intersection(geometry[one[pairs]], geometry[other[pairs]]))
    return float(np.sort(shared).sum())


def gap_area(frame: geopandas.GeoDataFrame) -> float:
    """Return the area of the holes that the rows leave between them, m². Holes of a single row count too.

    Raises
    ------
    CrsError
        When the frame is not in metres.
    """
    require_metres(frame.crs, what=_("La capa cuyos huecos se miden"))
    whole = shapely.union_all(np.asarray(frame.geometry.array, dtype=object))
    polygons = shapely.get_parts(whole)
    rings, owners = shapely.get_rings(polygons, return_index=True)
    inner = np.r_[False, owners[1:] == owners[:-1]] if len(owners) else np.zeros(0, bool)
    return float(np.sort(shapely.area(shapely.polygons(rings[inner]))).sum())
