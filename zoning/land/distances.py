"""Distances from every cell to a road, a stream, a settlement, computed once per run and equal at a single point.

A distance is Euclidean, from the centre of the cell to the centre of the nearest cell that the feature touches. It is
kept in whole metres *rounded up*, in 16 bits, so that comparing it with a whole number of metres decides as the exact
distance does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from gis.grid import Bounds, Grid
from gis.relief.distance import distance_to
from gis.vectors.vector import rasterise, read_vector
from layers.workspace import Workspace

FAR = 65_535
"""Stored where nothing of the kind is known within 65 km."""

PADDING_M = 6_000.0
"""Features this far outside the grid still count, m."""

_FIRST_RADIUS_M = 4_000.0

Distances = npt.NDArray[np.uint16]
MaskOf = Callable[[Grid], npt.NDArray[np.bool_]]
"""Marks the cells of a grid."""


@dataclass(frozen=True, kw_only=True)
class DistanceSource:
    """Which features of which prepared layer a distance is measured to."""

    layer: str
    """Prepared layer name."""
    own: bool = False
    """A layer that users bring themselves, whatever it is called inside its file."""
    column: str = ""
    """Column that tells the features apart; empty takes all."""
    values: frozenset[str] = frozenset()
    """Values of ``column`` that count; empty takes all but ``excluded``."""
    excluded: frozenset[str] = frozenset()
    """Values of ``column`` that do not count."""
    flag: str = ""
    """A boolean column that must be true."""
    further: tuple[DistanceSource, ...] = ()
    """Other layers whose features count as well."""
    absence_tells: bool = True
    """Whether a layer without such a feature means there is none; else the distance is unknown there."""

    def present(self, workspace: Workspace) -> tuple[DistanceSource, ...]:
        """Return this source and the further ones, as far as their layers are prepared."""
        return tuple(each for each in (self, *self.further) if workspace.has_layer(each.layer))

    def read(self, workspace: Workspace, *, bbox: Bounds | None = None, crs: object = None) -> gpd.GeoDataFrame:
        """Return the features that count, within a box in degrees where one is given.

        Raises
        ------
        gis.errors.VallesError
            The layer is not there or damaged.
        """
        layer = None if self.own else self.layer
        return self.select(read_vector(workspace.layer(self.layer), layer=layer, bbox=bbox, crs=crs))

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
    "distance_site": DistanceSource(
        layer="points_of_interest",
        column="poi_class",
        values=frozenset({"attraction", "museum", "castle", "monument", "art_gallery", "information"}),
        further=(DistanceSource(layer="tourism_sites", own=True),),
        absence_tells=False,
    ),
    "distance_lodging": DistanceSource(
        layer="points_of_interest",
        column="poi_class",
        values=frozenset({"lodging", "campsite"}),
        absence_tells=False,
    ),
    "distance_market": DistanceSource(
        layer="points_of_interest",
        column="subclass",
        values=frozenset({"marketplace", "craft", "gift", "gallery", "arts_centre"}),
        absence_tells=False,
    ),
    "distance_artisans": DistanceSource(layer="artisan_communities", own=True),
    "distance_protected": DistanceSource(layer="protected_areas"),
    "distance_forest": DistanceSource(
        layer="cover", column="cover_class", values=frozenset({"wood", "forest", "bosque"}), absence_tells=False
    ),
}
"""Characteristic name to the features it is measured to."""


def available_distances(workspace: Workspace) -> frozenset[str]:
    """Return the names of the distances whose layer has been prepared and says where such features are."""
    return frozenset(name for name, source in SOURCES.items() if _tells(workspace, source))


def _tells(workspace: Workspace, source: DistanceSource) -> bool:
    present = source.present(workspace)
    if source.absence_tells:
        return any(not each.flag or _says(workspace, each) for each in present)
    return any(len(each.read(workspace)) for each in present)


def _says(workspace: Workspace, source: DistanceSource) -> bool:
    """Say whether a layer knows of any feature whether the flag holds: not every one knows which rivers dry."""
    layer = None if source.own else source.layer
    frame = read_vector(workspace.layer(source.layer), layer=layer)
    return source.flag not in frame or bool(frame[source.flag].notna().any())


def feature_mask(workspace: Workspace, name: str, grid: Grid) -> npt.NDArray[np.bool_]:
    """Say which cells of ``grid`` the features of a distance touch, shape (rows, cols)."""
    found = np.zeros(grid.shape, dtype=np.bool_)
    for source in _require(workspace, name):
        found |= rasterise(source.read(workspace, crs=grid.crs), grid, all_touched=True)
    return found


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
    return mask_distances(lambda whole: feature_mask(workspace, name, whole), grid)


def mask_distances(mask_of: MaskOf, grid: Grid) -> Distances:
    """Measure the distance to the marked cells, those up to 6 km outside the grid included; stored as above.

    Parameters
    ----------
    mask_of
        Marks the cells of any grid with the cell and the corners of ``grid``.
    grid
        Where.
    """
    pad = math.ceil(PADDING_M / grid.cell)
    padded = _padded(grid, pad)
    whole = distance_to(mask_of(padded), padded)
    return _stored(whole[pad : pad + grid.rows, pad : pad + grid.cols])


def point_distances(workspace: Workspace, names: tuple[str, ...], grid: Grid, *, row: int, col: int) -> dict[str, int]:
    """Measure distances from the centre of one cell, with the result that :func:`distance_field` has there.

    Only the surroundings are rasterised, growing until the nearest mark is certain.

    Raises
    ------
    gis.errors.MissingError
        A layer has not been prepared.
    """
    to_degrees = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)

    def marks(name: str) -> MaskOf:
        def near(window: Grid) -> npt.NDArray[np.bool_]:
            box = to_degrees.transform_bounds(*window.bounds)
            found = np.zeros(window.shape, dtype=np.bool_)
            for source in _require(workspace, name):
                found |= rasterise(source.read(workspace, bbox=box, crs=grid.crs), window, all_touched=True)
            return found

        return near

    return {name: nearest_mark(marks(name), grid, row=row, col=col) for name in names}


def _require(workspace: Workspace, name: str) -> tuple[DistanceSource, ...]:
    """Return the prepared sources of a distance; the first, whose layer is then refused, where none is."""
    return SOURCES[name].present(workspace) or (SOURCES[name],)


def nearest_mark(mask_of: MaskOf, grid: Grid, *, row: int, col: int) -> int:
    """Measure from one cell what :func:`mask_distances` has there, looking no farther than it must."""
    pad = math.ceil(PADDING_M / grid.cell)
    reach = math.ceil(_FIRST_RADIUS_M / grid.cell)
    whole = _padded(grid, pad)
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
        rows, cols = np.nonzero(mask_of(window))
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
