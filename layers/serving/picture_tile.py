"""A band of a raster as picture tiles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gis.rasters.web_tile import web_tile
from layers.map_layer import Tile


def picture_tile(
    path: Path,
    z: int,
    x: int,
    y: int,
    *,
    paint: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.uint8]],
    band: int,
) -> Tile | None:
    """Return one tile of a band of classes, each cell painted as it is; ``None`` outside the raster.

    Parameters
    ----------
    path
        The raster.
    z, x, y
        Zoom, column and row of the tile in the WebMercator pyramid.
    paint
        Colours values: float32 (1, rows, cols), NaN where missing, to uint8 (rows, cols, 4).
    band
        Number of the band, from 1.

    Raises
    ------
    gis.errors.VallesError
        The file is gone or damaged.
    """
    content = web_tile(path, z, x, y, paint, nearest=True, bands=(band,))
    return None if content is None else Tile(content=content, media_type="image/png")
