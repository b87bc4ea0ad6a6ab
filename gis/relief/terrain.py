"""Slope and aspect from elevation, where x, y and z are all metres."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from gis.errors import UnitError
from gis.messages import translator
from gis.rasters.raster import Raster

_ = translator("gis")


def slope_percent(elevation: Raster) -> Raster:
    """Return the steepest slope, 100·√(zx² + zy²), from the 3 × 3 neighbourhood.

    Gradients are those of Horn (1981), *Hill shading and the reflectance map*, with weights 1:2:1. Where a neighbour is
    missing, at the edge or in a hole, the difference is taken on the side that is known; where nothing is known along
    an axis the slope is missing. A plane has its exact slope everywhere.

    Parameters
    ----------
    elevation
        One band in m.

    Returns
    -------
    Raster
        float32 %, missing where the elevation is.

    Raises
    ------
    UnitError
        When the elevation is not one band in metres.
    """
    east, south = gradients_of(elevation)
    return Raster.of(np.hypot(east, south) * np.float32(100.0), unit="%", grid=elevation.grid)


def aspect_degrees(elevation: Raster) -> Raster:
    """Return the direction the ground falls to, clockwise from grid north; level ground has none.

    Parameters
    ----------
    elevation
        One band in m.

    Returns
    -------
    Raster
        float32 degrees in [0, 360), missing where the ground is level or the elevation is missing.

    Raises
    ------
    UnitError
        When the elevation is not one band in metres.
    """
    east, south = gradients_of(elevation)
    downhill = np.degrees(np.arctan2(-east, south)) % np.float32(360.0)
    downhill = np.where(downhill >= 360.0, 0.0, downhill)  # noqa: PLR2004  a full turn is north again
    level = (east == 0.0) & (south == 0.0)
    return Raster.of(np.where(level, np.nan, downhill).astype(np.float32), unit="°", grid=elevation.grid)


def gradients_of(elevation: Raster) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the rise per metre to the east and to the south, NaN where unknown, each of shape (rows, cols).

    Raises
    ------
    UnitError
        When the elevation is not one band in metres.
    """
    require_elevation(elevation)
    from gis.relief.terrain_kernel import gradients  # noqa: PLC0415  only who computes pays for the compiler

    heights = np.ascontiguousarray(elevation.filled())
    east, south = np.empty(heights.shape, np.float32), np.empty(heights.shape, np.float32)
    gradients(heights, float(elevation.grid.cell), east, south)
    return east, south


def require_elevation(elevation: Raster) -> None:
    """Refuse what is no elevation in metres; the grid guarantees metres on the ground.

    Raises
    ------
    UnitError
        When the unit is not ``m`` or there are several bands.
    """
    if elevation.unit != "m" or elevation.values.ndim != 2:  # noqa: PLR2004  rows and columns
        raise UnitError(
            _("La altitud viene en «{unit}», con {bands} banda(s)").format(
                unit=elevation.unit or "?", bands=elevation.bands
            ),
            expected=_("Se esperaba una sola banda en metros, como las coordenadas"),
            remedy=_("Declare la unidad de la capa o conviértala a metros"),
        )


def share_below(slope: Raster, limit: float, *, factor: int) -> Raster:
    """Return the share of each coarser cell whose slope is at most ``limit``, of the part that is known.

    Parameters
    ----------
    slope
        % on a fine grid.
    limit
        %, included.
    factor
        Fine cells along the side of a coarse one.

    Returns
    -------
    Raster
        float32 in [0, 1] on ``slope.grid.coarser(factor)``, unit ``1``, missing where nothing is known.

    Raises
    ------
    UnitError
        When the slope is not in %.
    GridError
        When the factor is below 1.
    """
    if slope.unit != "%":
        raise UnitError(_("Pendiente en «{unit}»").format(unit=slope.unit), expected=_("Se esperaba %"))
    coarse = slope.grid.coarser(factor)
    padding = ((0, coarse.rows * factor - slope.grid.rows), (0, coarse.cols * factor - slope.grid.cols))
    known = np.pad(slope.valid, padding)
    gentle = np.pad(slope.valid & (slope.values <= limit), padding)
    blocks = (coarse.rows, factor, coarse.cols, factor)
    known_count = known.reshape(blocks).sum(axis=(1, 3), dtype=np.int32)
    gentle_count = gentle.reshape(blocks).sum(axis=(1, 3), dtype=np.int32)
    share = np.where(known_count > 0, gentle_count / np.maximum(known_count, 1), np.nan)
    return Raster.of(cast("NDArray[np.float32]", share.astype(np.float32)), unit="1", grid=coarse)
