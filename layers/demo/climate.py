"""Climate and soil of the demonstration, made from its relief: cooler with height, wetter towards the north-east."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from gis.crs import CRS84
from gis.grid import Grid
from gis.rasters.raster import Raster
from layers.demo.noise import field

CLIMATE_CELL_M = 900.0
"""Side of a climate cell, m."""
_SEA_LEVEL_C = 27.4
_LAPSE_C_PER_M = -0.0055
_MONTH_C = (1.9, 1.7, 1.3, 0.1, -1.8, -3.1, -3.3, -1.5, 0.3, 1.5, 1.9, 1.9)
"""How far each month's mean lies from the year's, °C, January first."""
_HALF_RANGE_C = (5.3, 5.2, 5.3, 5.9, 6.7, 7.3, 7.7, 7.9, 7.3, 6.4, 5.9, 5.5)
"""Half the difference between the mean maximum and the mean minimum, °C."""
_SHARE = (0.19, 0.17, 0.14, 0.06, 0.025, 0.015, 0.01, 0.02, 0.04, 0.08, 0.11, 0.14)
"""Share of the year's rain in each month: winters are dry."""
_FRONT = (
    (-65.2, -17.66),
    (-64.70, -17.70),
    (-64.12, -17.84),
    (-63.76, -18.02),
    (-63.66, -18.30),
    (-63.72, -18.60),
    (-63.64, -19.4),
)
"""Where the wet face of the mountains begins, west to south-east, degrees."""
_DRIEST_MM, _WETTEST_MM = 430.0, 1650.0


def climate_grid(grid: Grid) -> Grid:
    """Return the coarse grid of climate and soil over a fine one."""
    return Grid.covering(grid.bounds, crs=grid.crs, cell=max(CLIMATE_CELL_M, grid.cell), margin=2)


def demo_rain(elevation: Raster) -> NDArray[np.float32]:
    """Return the rain of a year, mm, on the grid of ``elevation``.

    It grows towards the north-east beyond the front, with height, and on slopes that face the wet wind.

    Parameters
    ----------
    elevation
        Coarse elevation, m.
    """
    grid = elevation.grid
    heights = elevation.filled()
    beyond = _beyond_front(grid) / 9_000.0
    wet = 1.0 / (1.0 + np.exp(-beyond))
    east = (grid.xs - grid.left) / (grid.right - grid.left)
    south, eastward = np.gradient(gaussian_filter(heights, 2_500.0 / grid.cell), grid.cell)
    facing = np.clip((south - eastward) / np.sqrt(2.0), -0.12, 0.15)
    rain = (
        500.0
        + 150.0 * east
        + (850.0 - 420.0 * _southward(grid)) * wet
        + 0.13 * (heights - 1_500.0)
        + 1_300.0 * facing * (0.35 + wet)
    )
    rain *= 1.0 + 0.04 * field(grid, name="rain", wavelength=20_000.0, octaves=2)
    return np.asarray(np.clip(rain, _DRIEST_MM, _WETTEST_MM), dtype=np.float32)


def demo_climate(elevation: Raster) -> dict[str, Raster]:
    """Return the monthly climate by theme: mean, minimum and maximum temperature, °C, and rain, mm/month.

    Parameters
    ----------
    elevation
        Coarse elevation, m.

    Returns
    -------
    dict
        ``temperature_mean``, ``temperature_min``, ``temperature_max`` and ``precipitation``, each of twelve bands.
    """
    grid, rain = elevation.grid, demo_rain(elevation)
    dry = np.clip((900.0 - rain) / 450.0, 0.0, 1.0)
    year = _SEA_LEVEL_C + _LAPSE_C_PER_M * elevation.filled() + 0.8 * dry
    year += 0.15 * field(grid, name="temperature", wavelength=25_000.0)
    swing = 0.9 + 0.2 * dry
    mean = np.stack([year + swing * anomaly for anomaly in _MONTH_C])
    half = np.stack([(0.88 + 0.22 * dry) * each for each in _HALF_RANGE_C])
    months = np.array(_SHARE)[:, np.newaxis, np.newaxis]
    made = {
        "temperature_mean": (mean, "degC"),
        "temperature_min": (mean - half, "degC"),
        "temperature_max": (mean + half, "degC"),
        "precipitation": (rain * months, "mm/month"),
    }
    return {
        theme: Raster.of(np.round(values, 2).astype(np.float32), unit=unit, grid=grid)
        for theme, (values, unit) in made.items()
    }


def demo_soil(elevation: Raster) -> Raster:
    """Return the soil of the upper 30 cm: clay, sand and silt %, pH, organic carbon %, nitrogen %, density kg/dm³.

    Parameters
    ----------
    elevation
        Coarse elevation, m.
    """
    grid, rain = elevation.grid, demo_rain(elevation)
    wet = np.clip((rain - 450.0) / 1_000.0, 0.0, 1.0)
    parent = field(grid, name="parent", wavelength=16_000.0, octaves=3)
    clay = np.clip(27.0 + 5.0 * parent + 4.0 * wet, 8.0, 55.0)
    sand = np.clip(43.0 - 7.0 * parent + 3.0 * field(grid, name="sand", wavelength=9_000.0), 12.0, 75.0)
    silt = 100.0 - clay - sand
    acidity = 6.95 - 1.35 * wet + 0.18 * field(grid, name="ph", wavelength=12_000.0, octaves=2)
    carbon = np.clip(
        1.5 + 2.4 * wet + 0.5 * np.clip((elevation.filled() - 1_400.0) / 1_000.0, -0.5, 1.5) + 0.25 * parent, 0.6, 7.0
    )
    bands = [clay, sand, silt, acidity, carbon, carbon / 11.5, np.clip(1.5 - 0.09 * carbon, 0.7, 1.6)]
    return Raster.of(np.round(np.stack(bands), 3).astype(np.float32), unit="", grid=grid)


def demo_soil_depth(slope: Raster) -> Raster:
    """Return the depth of the soil, cm: deep on valley floors, shallow on steep ground.

    Parameters
    ----------
    slope
        % on the fine grid.
    """
    patchy = field(slope.grid, name="depth", wavelength=2_600.0, octaves=2)
    depth = 22.0 + 112.0 * np.exp(-slope.filled() / 26.0) + 12.0 * patchy
    return Raster.of(np.round(np.clip(depth, 8.0, 180.0), 0).astype(np.float32), unit="cm", grid=slope.grid)


def _southward(grid: Grid) -> NDArray[np.float64]:
    """Return 0 in the north, where the wet face is wettest, to 1 in the south, shape (rows, 1)."""
    return np.clip((grid.ys[:, np.newaxis] - 8_010_000.0) / -60_000.0, 0.0, 1.0)


def _beyond_front(grid: Grid) -> NDArray[np.float64]:
    """Return the distance beyond the wet front, m, negative before it."""
    to_metres = pyproj.Transformer.from_crs(CRS84, grid.crs, always_xy=True)
    line = np.column_stack(to_metres.transform(*np.array(_FRONT).T))
    away = np.array([1.0, 1.0]) * 400_000.0
    behind = shapely.Polygon(np.vstack([line, line[::-1] + away]))
    x, y = np.meshgrid(grid.xs, grid.ys)
    places = shapely.points(np.column_stack([x.ravel(), y.ravel()]))
    distance = shapely.distance(shapely.LineString(line), places).reshape(grid.shape)
    wet = shapely.contains_xy(behind, x.ravel(), y.ravel()).reshape(grid.shape)
    return np.where(wet, distance, -distance)
