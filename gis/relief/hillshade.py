"""Light and shade of the relief, so that a map shows the valleys."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.rasters.png import encode_png
from gis.rasters.raster import Raster
from gis.rasters.web_tile import TILE_PIXELS, read_tile, tile_bounds
from gis.relief.terrain import gradients_of

_EARTH_RADIUS = 6378137.0
_MAX_SHADE = 255.0
_SHADE_ALPHA = 150.0
_LIGHT_ALPHA = 90.0
_ALPHA_STEP = 10.0
"""Strengths of shade are rounded to this: the eye sees no step, and a tile weighs half."""


def hillshade(
    elevation: Raster, *, azimuth: float = 315.0, altitude: float = 45.0, exaggeration: float = 1.0
) -> Raster:
    """Return the brightness of each cell under one light, by the cosine of the angle between light and ground.

    Parameters
    ----------
    elevation
        One band in m.
    azimuth
        Where the light comes from, degrees clockwise from north.
    altitude
        Height of the light above the horizon, degrees.
    exaggeration
        Factor on heights.

    Returns
    -------
    Raster
        uint8, 1 dark to 255 bright, 0 and invalid where the elevation is missing; unit ``1``.

    Raises
    ------
    UnitError
        When the elevation is not one band in metres.
    """
    east, south = gradients_of(elevation)
    shade = _brightness(east, south, azimuth=azimuth, altitude=altitude, exaggeration=exaggeration)
    valid = np.isfinite(shade)
    grey = np.where(valid, 1.0 + np.clip(np.nan_to_num(shade), 0.0, 1.0) * (_MAX_SHADE - 1.0), 0.0)
    return Raster(np.rint(grey).astype(np.uint8), valid, "1", elevation.grid)


def hillshade_tile(path: Path | str, z: int, x: int, y: int, *, exaggeration: float = 1.5) -> bytes | None:
    """Return a transparent tile of light and shade from an elevation file, to lay over a map.

    Slopes are computed on the ground, not on the stretched metres of WebMercator, and tiles meet without a seam.

    Parameters
    ----------
    path
        An elevation raster, m.
    z, x, y
        The tile.
    exaggeration
        Factor on heights.

    Returns
    -------
    bytes or None
        PNG, grey with alpha: shade is black, light is white, level ground is clear.

    Raises
    ------
    InputError
        When there is no such tile, or the file is damaged.
    MissingError
        When there is no such file.
    """
    values = read_tile(path, z, x, y, margin=1)
    if values is None:
        return None
    left, bottom, right, top = tile_bounds(z, x, y)
    stretch = math.cosh((bottom + top) / 2.0 / _EARTH_RADIUS)
    pixel = (right - left) / TILE_PIXELS / stretch
    heights = values[0]
    east = (heights[1:-1, 2:] - heights[1:-1, :-2]) / (2.0 * pixel)
    south = (heights[2:, 1:-1] - heights[:-2, 1:-1]) / (2.0 * pixel)
    shade = _brightness(east, south, azimuth=315.0, altitude=45.0, exaggeration=exaggeration)
    level = math.sin(math.radians(45.0))
    relative = np.nan_to_num((shade - level) / level, nan=0.0)
    dark = np.clip(-relative, 0.0, 1.0) * _SHADE_ALPHA
    light = np.clip(relative, 0.0, 1.0) * _LIGHT_ALPHA
    alpha = np.rint(np.maximum(dark, light) / _ALPHA_STEP) * _ALPHA_STEP
    pixels = np.stack([np.where((light > dark) & (alpha > 0.0), _MAX_SHADE, 0.0), alpha], axis=-1)
    if not pixels[..., 1].any():
        return None
    return encode_png(np.rint(pixels).astype(np.uint8))


def _brightness(
    east: NDArray[np.float32], south: NDArray[np.float32], *, azimuth: float, altitude: float, exaggeration: float
) -> NDArray[np.float32]:
    """Return the cosine between light and the ground's normal, NaN where unknown."""
    turn, lift = math.radians(azimuth), math.radians(altitude)
    to_east, to_north, up = math.sin(turn) * math.cos(lift), math.cos(turn) * math.cos(lift), math.sin(lift)
    x, y = east * np.float32(exaggeration), south * np.float32(exaggeration)
    shade = (-x * to_east + y * to_north + up) / np.sqrt(x * x + y * y + 1.0)
    return np.asarray(shade, dtype=np.float32)
