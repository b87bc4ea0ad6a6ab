"""A relief for the demonstration: true seat altitudes on valley floors, ranges between them grown by rivers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray
from scipy.ndimage import (
    distance_transform_edt,
    gaussian_filter,
    gaussian_filter1d,
    map_coordinates,
    maximum_filter,
)
from scipy.spatial import cKDTree

from gis.crs import CRS84
from gis.grid import Grid
from gis.rasters.raster import Raster
from layers.demo.noise import field, noise
from layers.demo.relief_growth import grow, receivers, spread, upstream
from layers.demo.valleys import VALLEYS, Valley
from layers.territory import Territory

_RELIEF_CELL_M = 360.0
_ROUNDS = 8
_FIRST_CLIMB = 0.15
_GENTLE_SIDE = 0.15
_HILL_SIDE = 0.6
_BROOK_KM2 = 9.0
_FLAT_M = 400.0
_BANK = 0.02
_BLUFF = 0.3
_STEEP_SIDE = 2.0
_KS = 66.0
_SKIRT = 0.26
_APRON_M = 1_500.0
_APRON_SIDE = 0.2
_RANGE_FROM = 0.1
_SOFT_M = 300.0
_TOWN_REACH_M = 6_000.0
_BEYOND_M = 16_000.0
_SPARSE = 3
_BEND_M = 900.0
_BEND_WAVELENGTH_M = 7_000.0
_STEP_M = 150.0
_CROSS_SLOPE = 0.005
_SEAT_CALM_M = 2_500.0


@dataclass(frozen=True, eq=False, kw_only=True)
class ValleyFloors:
    """The flat floors from which the relief rises."""

    mask: NDArray[np.bool_]
    """Cells of a floor, shape (rows, cols)."""
    height: NDArray[np.float64]
    """Height of the floor, m, infinite elsewhere."""


def demo_relief(territory: Territory, grid: Grid) -> Raster:
    """Return the elevation of the demonstration, m, on any grid.

    Parameters
    ----------
    territory
        Gives the seats and the projection.
    grid
        Where the elevation is wanted.

    Returns
    -------
    gis.rasters.raster.Raster
        float32 m, without a gap.
    """
    coarse_cell = max(_RELIEF_CELL_M, grid.cell)
    coarse = Grid.covering(grid.bounds, crs=territory.crs, cell=coarse_cell, margin=4)
    heights = _grown(coarse, valley_floors(territory, coarse))
    rows = (coarse.top - grid.ys) / coarse.cell - 0.5
    cols = (grid.xs - coarse.left) / coarse.cell - 0.5
    places = np.meshgrid(rows, cols, indexing="ij")
    fine = map_coordinates(heights, places, order=3, mode="nearest", output=np.float32)
    return Raster.of(np.round(fine, 1), unit="m", grid=grid)


def valley_courses(territory: Territory) -> list[tuple[Valley, NDArray[np.float64]]]:
    """Return each main valley with its bent course: x, y and altitude, m, every 150 m downstream, shape (n, 3)."""
    to_metres = pyproj.Transformer.from_crs(CRS84, territory.crs, always_xy=True)
    seats = seat_tree(territory)
    courses = []
    for valley in VALLEYS:
        corners = np.array(valley.course)
        x, y = to_metres.transform(corners[:, 0], corners[:, 1])
        line = _resampled(np.column_stack([x, y, corners[:, 2]]))
        near, _seat = seats.query(line[:, :2])
        calm = 1.0 - np.exp(-((near / _SEAT_CALM_M) ** 2))
        smooth = gaussian_filter1d(line[:, :2], 1_000.0 / _STEP_M, axis=0, mode="nearest")
        line[1:-1, :2] += (calm[:, np.newaxis] * (smooth - line[:, :2]))[1:-1]
        bends = [
            noise(line[:, 0], line[:, 1], name=name, wavelength=_BEND_WAVELENGTH_M, octaves=2)
            for name in ("bend-x", "bend-y")
        ]
        line[:, 0] += _BEND_M * calm * bends[0]
        line[:, 1] += _BEND_M * calm * bends[1]
        courses.append((valley, line))
    return courses


def valley_floors(territory: Territory, grid: Grid) -> ValleyFloors:
    """Return the flat floors of the main valleys, wider at the towns, rising gently from the river to their edge."""
    x, y = np.meshgrid(grid.xs, grid.ys)
    height = np.full(grid.shape, np.inf)
    seats = seat_tree(territory)
    for valley, line in valley_courses(territory):
        width = np.maximum(floor_width(valley, line, seats), 0.75 * grid.cell)
        reach = float(width.max())
        rows, cols = _around(line, grid, reach)
        spots = np.column_stack([x[rows, cols].ravel(), y[rows, cols].ravel()])
        away, nearest = (np.asarray(each) for each in cKDTree(line[:, :2]).query(spots))
        bottom = line[nearest, 2] + _CROSS_SLOPE * away
        floor = np.where(away <= width[nearest], bottom, np.inf)
        height[rows, cols] = np.minimum(height[rows, cols], floor.reshape(height[rows, cols].shape))
    return ValleyFloors(mask=np.isfinite(height), height=height)


def floor_width(valley: Valley, line: NDArray[np.float64], seats: cKDTree) -> NDArray[np.float64]:
    """Return half the width of a valley's floor at each place of its course, m, shape (n,).

    Parameters
    ----------
    valley
        Gives the usual width.
    line
        Its course, from :func:`valley_courses`.
    seats
        From :func:`seat_tree`; the floor is wider at a town.
    """
    town = np.exp(-((seats.query(line[:, :2])[0] / _TOWN_REACH_M) ** 2))
    varied = noise(line[:, 0], line[:, 1], name="floor", wavelength=3_500.0, octaves=2)
    width = valley.floor_m * np.maximum((0.95 + 0.4 * town) * (1.0 + 0.3 * (1.0 - 0.8 * town) * varied), 0.3)
    return np.asarray(width, dtype=np.float64)


def seat_tree(territory: Territory) -> cKDTree:
    """Return the seats of the municipalities, in metres, to find the nearest of them."""
    return cKDTree(_seat_places(territory))


def _seat_places(territory: Territory) -> NDArray[np.float64]:
    to_metres = pyproj.Transformer.from_crs(CRS84, territory.crs, always_xy=True)
    return np.array(
        [to_metres.transform(each.seat.lon, each.seat.lat) for each in territory.municipalities if each.seat]
    )


def _around(line: NDArray[np.float64], grid: Grid, reach: float) -> tuple[slice, slice]:
    top = int(np.clip((grid.top - line[:, 1].max() - reach) // grid.cell, 0, grid.rows))
    bottom = int(np.clip((grid.top - line[:, 1].min() + reach) // grid.cell + 1, 0, grid.rows))
    left = int(np.clip((line[:, 0].min() - reach - grid.left) // grid.cell, 0, grid.cols))
    right = int(np.clip((line[:, 0].max() + reach - grid.left) // grid.cell + 1, 0, grid.cols))
    return slice(top, bottom), slice(left, right)


def _resampled(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a course with a point every 150 m, its altitude falling evenly between the corners."""
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(corners[:, :2], axis=0).T))]
    steps = np.linspace(0.0, along[-1], max(int(along[-1] / _STEP_M), 2))
    return np.column_stack([np.interp(steps, along, corners[:, axis]) for axis in range(3)])


def _grown(grid: Grid, floors: ValleyFloors) -> NDArray[np.float64]:
    """Grow ranges between the floors until rivers and ridges agree."""
    cell = float(grid.cell)
    away = np.asarray(distance_transform_edt(~floors.mask), dtype=np.float64) * cell
    rugged = _ruggedness(grid, away)
    apron = _APRON_SIDE + (1.0 - _APRON_SIDE) * _smooth_step(away / _APRON_M)
    rolling = _smooth_step(0.7 + 0.8 * field(grid, name="rolling", wavelength=11_000.0, octaves=2).astype(np.float64))
    plain = _GENTLE_SIDE + (_HILL_SIDE - _GENTLE_SIDE) * (1.0 - rolling)
    hillside = (plain + (_STEEP_SIDE - plain) * rugged) * apron
    steepness = _steepness(grid, rugged) * _boost(grid, floors)
    winding = field(grid, name="winding", wavelength=4_500.0, octaves=3).astype(np.float64)
    heights = spread(floors.height, floors.mask, _FIRST_CLIMB * np.exp(0.7 * winding), cell)
    for _round in range(_ROUNDS):
        heights = grow(heights, receivers(heights, floors.mask), steepness, hillside, cell)
    heights = spread(heights, floors.mask, hillside, cell)
    skirt = spread(np.where(floors.mask, -floors.height, np.inf), floors.mask, _SKIRT * np.exp(0.4 * winding), cell)
    heights = np.where(floors.mask, heights, np.maximum(heights, -skirt))
    soft = np.where(floors.mask, heights, gaussian_filter(heights, _SOFT_M / cell))
    return _with_flats(soft, floors, grid)


def _with_flats(heights: NDArray[np.float64], floors: ValleyFloors, grid: Grid) -> NDArray[np.float64]:
    """Lay a narrow flat along every brook of some size: fields lie there too."""
    cells = upstream(receivers(heights, floors.mask)).reshape(grid.shape)
    brook = (cells * grid.cell**2 >= _BROOK_KM2 * 1e6) | floors.mask
    away, (rows, cols) = distance_transform_edt(~brook, return_indices=True)
    far = np.asarray(away, dtype=np.float64) * grid.cell
    bank = heights[rows, cols] + _BANK * far + _BLUFF * np.maximum(far - _FLAT_M, 0.0)
    return np.where(floors.mask, heights, np.minimum(heights, bank))


def _ruggedness(grid: Grid, away: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 0 on rolling land to 1 in the ranges: few, wide, and away from the valleys that are lived in."""
    rough = field(grid, name="ranges", wavelength=19_000.0, octaves=2).astype(np.float64)
    return _smooth_step((rough - _RANGE_FROM) / 0.6) * _smooth_step((away - _APRON_M) / _APRON_M)


def _smooth_step(values: NDArray[np.float64]) -> NDArray[np.float64]:
    part = np.clip(values, 0.0, 1.0)
    return part * part * (3.0 - 2.0 * part)


def _steepness(grid: Grid, rugged: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ks, m^0.9: gentler in the east, steeper towards the high west and in the ranges."""
    west = np.clip((grid.right - grid.xs) / (grid.right - grid.left), 0.0, 1.0)
    return np.asarray(_KS * (0.75 + 0.55 * west) * (1.0 + 0.5 * rugged), dtype=np.float64)


def _boost(grid: Grid, floors: ValleyFloors) -> NDArray[np.float64]:
    """Return a factor that makes slopes steeper where a much higher valley lies beyond the divide."""
    _away, (rows, cols) = distance_transform_edt(~floors.mask[::_SPARSE, ::_SPARSE], return_indices=True)
    low = floors.height[::_SPARSE, ::_SPARSE][rows, cols]
    step = grid.cell * _SPARSE
    high = gaussian_filter(maximum_filter(low, max(int(_BEYOND_M / step), 1)), 3_000.0 / step)
    need = np.clip((high - gaussian_filter(low, 1_500.0 / step)) / 1_000.0, 0.0, 1.4)
    factor = gaussian_filter(1.0 + 0.75 * need, 1_500.0 / step)
    places = np.indices(grid.shape, dtype=np.float32) / _SPARSE
    return np.asarray(map_coordinates(factor, places, order=1, mode="nearest"), dtype=np.float64)
