"""Lakes, streams, protected areas and land cover of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from gis.crs import CRS84
from gis.grid import Grid
from gis.rasters.raster import Raster
from gis.relief.distance import distance_to
from gis.relief.drainage import Drainage
from gis.vectors.rasterise import rasterise
from layers.demo.noise import field, generator
from layers.demo.relief import floor_width, seat_tree, valley_courses
from layers.demo.sketch import LAKES, PROTECTED
from layers.territory import Territory

TREES, SHRUBS, GRASS, CROPS, BUILT, BARE, WATER, WETLAND = 10, 20, 30, 40, 50, 60, 80, 90
"""Codes of ESA WorldCover."""
_STREAM_KM2 = 6.0
_PERMANENT_KM2 = 45.0
_RIVER_KM2 = 180.0
_NAMED_M = 700.0
_CANAL_M = 650.0
_CANAL_BEND = 6.0
_FARMED_FLOOR_M = 600.0
_WIDE_FLOOR_M = 700.0
_LONG_CANAL = 14
"""Places, 150 m apart, that a ditch spans at least."""
_HECTARE = 10_000.0
_CORNERS = 48


@dataclass(frozen=True, eq=False, kw_only=True)
class Ground:
    """What land cover depends on, each on the fine grid, shape (rows, cols)."""

    elevation: Raster
    slope: Raster
    rain_mm: NDArray[np.float32]
    lakes: gpd.GeoDataFrame
    towns: gpd.GeoDataFrame
    streams: gpd.GeoDataFrame
    settlements: gpd.GeoDataFrame


def blob(x: float, y: float, area_ha: float, *, name: str) -> shapely.Polygon:
    """Return a rounded, irregular polygon of a given area around a place.

    Parameters
    ----------
    x, y
        Centre, m.
    area_ha
        Area, ha.
    name
        Decides the form.
    """
    random = generator(name)
    turn = np.linspace(0.0, 2 * np.pi, _CORNERS, endpoint=False)
    radius = np.ones(_CORNERS)
    for wave in range(2, 6):
        radius += random.normal(0.0, 0.32 / wave) * np.cos(wave * turn + random.uniform(0.0, 2 * np.pi))
    radius = np.maximum(radius, 0.35)
    around = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
    shape = shapely.Polygon(around)
    factor = np.sqrt(area_ha * _HECTARE / shape.area)
    return shapely.Polygon(np.round(around * factor + (x, y), 1))


def demo_lakes(territory: Territory) -> gpd.GeoDataFrame:
    """Return the lakes, ``nombre``, ``clase`` and polygons in metres."""
    to_metres = pyproj.Transformer.from_crs(CRS84, territory.crs, always_xy=True)
    shapes = [blob(*to_metres.transform(lon, lat), area, name=name) for name, lon, lat, area in LAKES]
    columns = {"nombre": [each[0] for each in LAKES], "clase": ["lake"] * len(LAKES)}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=territory.crs)


def with_lakes(elevation: Raster, lakes: gpd.GeoDataFrame) -> Raster:
    """Return the elevation with every lake as level as water: at the lowest height it covers."""
    heights = elevation.filled()
    for row in range(len(lakes)):
        wet = rasterise(lakes.iloc[[row]], elevation.grid)
        if wet.any():
            heights[wet] = heights[wet].min()
    return Raster.of(heights, unit="m", grid=elevation.grid)


def demo_streams(territory: Territory, drainage: Drainage) -> gpd.GeoDataFrame:
    """Return the streams that follow the valleys: ``clase``, ``nombre``, ``intermitente`` (0 or 1) and lines."""
    found = drainage.streams(_STREAM_KM2)
    lines = shapely.simplify(np.asarray(found.geometry.array, dtype=object), 0.9 * drainage.grid.cell)
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    courses = valley_courses(territory)
    course_points = np.vstack([line[:, :2] for _valley, line in courses])
    owner = np.repeat(np.arange(len(courses)), [len(line) for _valley, line in courses])
    away, nearest = (np.asarray(each) for each in cKDTree(course_points).query(shapely.get_coordinates(middle)))
    area = found["area_km2"].to_numpy()
    follows = (away <= _NAMED_M) & (area >= 2 * _STREAM_KM2)
    valleys = [courses[owner[place]][0] for place in nearest]
    permanent = (area >= _PERMANENT_KM2) | (follows & np.array([valley.permanent for valley in valleys]))
    canals = _canals(territory, drainage.grid)
    columns = {
        "clase": [*np.where(follows | (area >= _RIVER_KM2), "river", "stream"), *["canal"] * len(canals)],
        "nombre": [
            *(valley.name if near else None for valley, near in zip(valleys, follows, strict=True)),
            *(name for name, _line in canals),
        ],
        "intermitente": [*np.where(permanent, 0, 1), *[1] * len(canals)],
    }
    shapes = [*map(_rounded_line, lines), *(line for _name, line in canals)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=territory.crs)


def _canals(territory: Territory, grid: Grid) -> list[tuple[str, shapely.LineString]]:
    """Return the ditches that lead water along both sides of the farmed valley floors, by name, running downhill."""
    seats, canals = seat_tree(territory), []
    frame = shapely.box(*grid.bounds)
    farmed = [course for course in valley_courses(territory) if course[0].floor_m >= _FARMED_FLOOR_M]
    for valley, line in farmed:
        places = gaussian_filter1d(line[:, :2], _CANAL_BEND, axis=0, mode="nearest")
        ahead = np.gradient(places, axis=0)
        ahead /= np.hypot(*ahead.T)[:, np.newaxis]
        wide = floor_width(valley, line, seats) >= _WIDE_FLOOR_M
        starts = np.flatnonzero(np.diff(np.r_[False, wide, False].astype(np.int8)))
        for start, stop in starts.reshape(-1, 2):
            for side in (-_CANAL_M, _CANAL_M):
                bank = places[start:stop:4] + side * (ahead[start:stop:4] @ np.array([[0.0, 1.0], [-1.0, 0.0]]))
                if stop - start >= _LONG_CANAL and frame.contains(ditch := shapely.LineString(np.round(bank, 1))):
                    canals.append((valley.name.replace("(demo)", "· acequia (demo)"), ditch))
    return canals


def _rounded_line(line: shapely.LineString) -> shapely.LineString:
    """Cut the corners of an open line twice (Chaikin 1974), keeping its ends so that streams still meet."""
    places = shapely.get_coordinates(line)
    for _round in range(2):
        if len(places) < 3:  # noqa: PLR2004  a straight piece has no corner
            break
        first, second = 0.75 * places[:-1] + 0.25 * places[1:], 0.25 * places[:-1] + 0.75 * places[1:]
        cut = np.stack([first, second], axis=1).reshape(-1, 2)
        places = np.vstack([places[:1], cut[1:-1], places[-1:]])
    return shapely.LineString(np.round(places, 1))


def demo_protected_areas(territory: Territory) -> gpd.GeoDataFrame:
    """Return the protected areas: ``nombre``, ``categoria`` and polygons with rounded corners."""
    to_metres = pyproj.Transformer.from_crs(CRS84, territory.crs, always_xy=True)
    shapes = []
    for _name, _designation, corners in PROTECTED:
        ring = np.column_stack(to_metres.transform(*np.array(corners).T))
        shapes.append(shapely.segmentize(shapely.Polygon(np.round(ring, 1)), 2_000.0))
    columns = {"nombre": [each[0] for each in PROTECTED], "categoria": [each[1] for each in PROTECTED]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=territory.crs)


def demo_land_cover(ground: Ground) -> Raster:
    """Return the land cover in the codes of ESA WorldCover, uint8, every cell covered."""
    grid: Grid = ground.elevation.grid
    heights, slope = ground.elevation.filled(), ground.slope.filled()
    patchy = field(grid, name="cover", wavelength=3_200.0, octaves=3)
    wet = (ground.rain_mm - 780.0) / 260.0
    sheltered = np.where(slope > 30.0, 0.35, -0.35)  # noqa: PLR2004  steep ground is cleared least
    forest = wet + sheltered + 0.65 * patchy - 0.8 * np.clip((heights - 2_700.0) / 300.0, 0.0, 2.0)
    cover = np.where(forest > 0.0, TREES, SHRUBS).astype(np.uint8)
    cover[(forest <= 0.0) & ((heights > 2_350.0) | (patchy > 0.75))] = GRASS  # noqa: PLR2004  high pampas and clearings
    cover[(slope > 75.0) & (wet < -0.4)] = BARE  # noqa: PLR2004  dry cliffs
    rivers = ground.streams[ground.streams["clase"] == "river"]
    to_river = distance_to(rasterise(rivers, grid, all_touched=True), grid)
    to_people = distance_to(rasterise(ground.settlements, grid, all_touched=True), grid)
    tilled = (to_river < 1_100.0) & (slope < 9.0) | (to_people < 1_500.0) & (slope < 15.0)  # noqa: PLR2004  what is tilled
    cover[tilled & (heights < 2_750.0) & (patchy > -0.45)] = CROPS  # noqa: PLR2004  above it frost ends farming
    canyon = (heights < 1_150.0) & (wet < 0.2)  # noqa: PLR2004  wide stony beds
    cover[(to_river <= np.where(canyon, 130.0, 0.0)) & (wet < 1.0)] = BARE
    cover[rasterise(ground.lakes, grid, all_touched=True)] = WETLAND
    cover[rasterise(ground.lakes, grid)] = WATER
    cover[rasterise(ground.towns, grid)] = BUILT
    return Raster.of(cover, unit="class", grid=grid)
