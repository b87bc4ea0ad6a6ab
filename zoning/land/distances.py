"""Distances from every cell to a road, a stream, a settlement, computed once per run and equal at a single point.

A distance is Euclidean, from the centre of the cell to the centre of the nearest cell that the feature touches. It is
kept in whole metres *rounded up*, in 16 bits, so that comparing it with a whole number of metres decides as the exact
distance does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from gis.grid import Grid
from gis.relief.distance import distance_to
from gis.vectors.vector import rasterise, read_vector
from layers.workspace import Workspace

FAR = 65_535
"""Stored where nothing of the kind is known within 65 km."""

PADDING_M = 6_000.0
"""Features this far outside the grid still count, m."""

_FIRST_RADIUS_M = 4_000.0

Distances = npt.NDArray[np.uint16]


@dataclass(frozen=True, kw_only=True)
class DistanceSource:
    """Which features of which prepared layer a distance is measured to."""

    layer: str
    """Prepared layer name."""
    column: str = ""
    """Column that tells the features apart; empty takes all."""
    values: frozenset[str] = frozenset()
    """Values of ``column`` that count; empty takes all but ``excluded``."""
    excluded: frozenset[str] = frozenset()
    """Values of ``column`` that do not count."""
    flag: str = ""
    """A boolean column that must be true."""

    def select(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the features that count."""
        keep = pd.Series(data=True, index=frame.index)
        if self.column and self.column in frame:
            kinds = frame[self.column].astype(str)
            if self.values:
                keep &= kinds.isin(sorted(self.values))
            keep &= ~kinds.isin(sorted(self.excluded))
        if self.flag and self.flag in frame:
            keep &= frame[self.flag].fillna(value=False).astype(bool)
        return frame[keep]


_NO_ROAD = frozenset({"path", "pedestrian", "footway", "steps", "ferry", "construction", "rest_area", "raceway"})
_NO_NATURAL_STREAM = frozenset({"ditch", "drain"})

SOURCES: dict[str, DistanceSource] = {
    "distance_road": DistanceSource(layer="roads", column="road_class", excluded=_NO_ROAD),
    "distance_main_road": DistanceSource(
        layer="roads", column="road_class", values=frozenset({"motorway", "trunk", "primary", "secondary"})
    ),
    "distance_stream": DistanceSource(layer="streams", column="stream_class", excluded=_NO_NATURAL_STREAM),
    "distance_permanent_stream": DistanceSource(
        layer="streams", column="stream_class", excluded=_NO_NATURAL_STREAM, flag="permanent"
    ),
    "distance_settlement": DistanceSource(layer="settlements"),
}
"""Characteristic name to the features it is measured to."""


def available_distances(workspace: Workspace) -> frozenset[str]:
    """Return the names of the distances whose layer has been prepared."""
    return frozenset(name for name, source in SOURCES.items() if workspace.has_layer(source.layer))


def feature_mask(workspace: Workspace, name: str, grid: Grid) -> npt.NDArray[np.bool_]:
    """Say which cells of ``grid`` the features of a distance touch, shape (rows, cols)."""
    source = SOURCES[name]
    frame = read_vector(workspace.layer(source.layer), layer=source.layer, crs=grid.crs)
    return rasterise(source.select(frame), grid, all_touched=True)


def distance_field(workspace: Workspace, name: str, grid: Grid) -> Distances:
    """Measure one distance on a whole grid.

    Parameters
    ----------
    workspace
        Whose prepared layer holds the features.
    name
        A key of :data:`SOURCES`.
    grid
        Where; features up to 6 km outside it count as well.

    Returns
    -------
    numpy.ndarray
        Whole metres rounded up, :data:`FAR` where nothing is near, shape (rows, cols).

    Raises
    ------
    gis.errors.MissingError
        The layer has not been prepared.
    """
    pad = math.ceil(PADDING_M / grid.cell)
    mask = feature_mask(workspace, name, _padded(grid, pad))
    whole = distance_to(mask, _padded(grid, pad))
    return _stored(whole[pad : pad + grid.rows, pad : pad + grid.cols])


def point_distances(workspace: Workspace, names: tuple[str, ...], grid: Grid, *, row: int, col: int) -> dict[str, int]:
    """Measure distances from the centre of one cell, with the result that :func:`distance_field` has there.

    Only the surroundings are rasterised, growing until the nearest mark is certain.

    Raises
    ------
    gis.errors.MissingError
        A layer has not been prepared.
    """
    return {name: _nearest(workspace, SOURCES[name], grid, row=row, col=col) for name in names}


def _nearest(workspace: Workspace, source: DistanceSource, grid: Grid, *, row: int, col: int) -> int:
    pad = math.ceil(PADDING_M / grid.cell)
    reach = math.ceil(_FIRST_RADIUS_M / grid.cell)
    whole = _padded(grid, pad)
    to_degrees = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    while True:
        top, bottom = max(row + pad - reach, 0), min(row + pad + reach + 1, whole.rows)
        left, right = max(col + pad - reach, 0), min(col + pad + reach + 1, whole.cols)
        window = Grid(
            grid.crs,
            grid.cell,
            left=whole.left + left * grid.cell,
            top=whole.top - top * grid.cell,
            rows=bottom - top,
            cols=right - left,
        )
        box = to_degrees.transform_bounds(*window.bounds)
        near = read_vector(workspace.layer(source.layer), layer=source.layer, bbox=box, crs=grid.crs)
        rows, cols = np.nonzero(rasterise(source.select(near), window, all_touched=True))
        squares = (rows + top - row - pad) ** 2 + (cols + left - col - pad) ** 2
        best = int(squares.min()) if squares.size else -1
        complete = (bottom - top, right - left) == whole.shape
        if complete or 0 <= best <= reach * reach:
            exact = np.array([[math.sqrt(best) * grid.cell if best >= 0 else np.inf]], dtype=np.float32)
            return int(_stored(exact)[0, 0])
        reach *= 3


def as_metres(stored: Distances) -> npt.NDArray[np.float32]:
    """Return stored distances in metres, infinite where nothing is near.

    Examples
    --------
    >>> as_metres(np.array([500, FAR], dtype=np.uint16))
    array([500.,  inf], dtype=float32)
    """
    return np.where(stored == FAR, np.float32(np.inf), stored.astype(np.float32))


def _stored(metres: npt.NDArray[np.float32]) -> Distances:
    # A hair is taken off first: 30·√2² is 60.000004 in float32 and must not become 61.
    whole = np.ceil(metres - np.float32(2e-3))
    return np.where(whole < FAR, whole, np.float32(FAR)).astype(np.uint16)


def _padded(grid: Grid, pad: int) -> Grid:
    return Grid(
        grid.crs,
        grid.cell,
        left=grid.left - pad * grid.cell,
        top=grid.top + pad * grid.cell,
        rows=grid.rows + 2 * pad,
        cols=grid.cols + 2 * pad,
    )
