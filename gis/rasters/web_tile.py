"""Raster tiles of the WebMercator pyramid, cut from any raster file."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import rasterio.crs
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.transform import from_bounds
from rasterio.vrt import WarpedVRT

from gis.errors import InputError
from gis.grid import Bounds
from gis.messages import translator
from gis.rasters.png import encode_png
from gis.rasters.raster import open_raster

_ = translator("gis")

TILE_PIXELS = 256
"""Side of a tile, pixels."""
_HALF_WORLD = math.pi * 6378137.0
_MAX_ZOOM = 24

Render = Callable[[NDArray[np.float32]], NDArray[np.uint8]]
"""From float32 (bands, 256, 256), NaN where missing, to uint8 pixels (256, 256, channels)."""


def tile_bounds(z: int, x: int, y: int) -> Bounds:
    """Return left, bottom, right, top of a tile in WebMercator, m.

    Raises
    ------
    InputError
        When there is no such tile.

    Examples
    --------
    >>> [round(value) for value in tile_bounds(1, 0, 0)]
    [-20037508, 0, 0, 20037508]
    """
    if not (0 <= z <= _MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise InputError(
            _("No hay tesela {z}/{x}/{y}").format(z=z, x=x, y=y),
            expected=_("Se esperaba z de 0 a {zoom}, y x, y menores que 2^z").format(zoom=_MAX_ZOOM),
        )
    side = 2 * _HALF_WORLD / 2**z
    left, top = -_HALF_WORLD + x * side, _HALF_WORLD - y * side
    return (left, top - side, left + side, top)


def read_tile(
    path: Path | str, z: int, x: int, y: int, *, margin: int = 0, nearest: bool = False, bands: Sequence[int] = ()
) -> NDArray[np.float32] | None:
    """Read a raster file onto a tile, using its overviews.

    Parameters
    ----------
    path
        A raster file of any reference system.
    z, x, y
        The tile.
    margin
        Pixels more on each side, for filters that look at neighbours.
    nearest
        Take the nearest cell, for classes; otherwise bilinear.
    bands
        Band numbers from 1; empty is all.

    Returns
    -------
    numpy.ndarray or None
        float32 (bands, 256 + 2·margin, 256 + 2·margin) with scale applied and NaN where missing; ``None`` where the
        tile touches no data.

    Raises
    ------
    InputError
        When there is no such tile, or the file is damaged.
    MissingError
        When there is no such file.
    """
    left, bottom, right, top = tile_bounds(z, x, y)
    pixel = (right - left) / TILE_PIXELS
    side = TILE_PIXELS + 2 * margin
    box = (left - margin * pixel, bottom - margin * pixel, right + margin * pixel, top + margin * pixel)
    with open_raster(path) as source:
        method = cast("Any", Resampling.nearest if nearest else Resampling.bilinear)
        with WarpedVRT(
            source,
            crs=rasterio.crs.CRS.from_epsg(3857),
            transform=from_bounds(*box, side, side),
            width=side,
            height=side,
            resampling=method,
            add_alpha=source.nodata is None,
        ) as view:
            wanted = list(bands or range(1, source.count + 1))
            masked = view.read(wanted, masked=True)
            values = np.ma.filled(masked.astype(np.float32), np.nan)
        for place, band in enumerate(wanted):
            scale, offset = source.scales[band - 1], source.offsets[band - 1]
            if (scale, offset) != (1.0, 0.0):
                values[place] = values[place] * np.float32(scale) + np.float32(offset)
    return None if np.isnan(values).all() else cast("NDArray[np.float32]", values)


def web_tile(
    path: Path | str, z: int, x: int, y: int, render: Render, *, nearest: bool = False, bands: Sequence[int] = ()
) -> bytes | None:
    """Return a tile of a raster file as PNG, or ``None`` where there is nothing.

    Parameters
    ----------
    path
        A raster file of any reference system.
    z, x, y
        The tile.
    render
        Turns values into pixels.
    nearest
        Take the nearest cell, for classes.
    bands
        Band numbers from 1; empty is all.

    Raises
    ------
    InputError
        When there is no such tile, or the file is damaged.
    MissingError
        When there is no such file.
    """
    values = read_tile(path, z, x, y, nearest=nearest, bands=bands)
    return None if values is None else encode_png(render(values))
