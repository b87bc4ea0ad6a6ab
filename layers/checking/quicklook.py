"""A small picture of each layer: a raster in a ramp of colours, a vector layer drawn over the municipalities."""

from __future__ import annotations

import base64
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.grid import Grid
from gis.rasters.overview import coarse_view
from gis.rasters.png import encode_png
from gis.vectors.rasterise import rasterise, rasterise_values

Pixels = NDArray[np.uint8]

WIDTH = 320
"""Longer side of a picture, pixels."""
_STOPS = np.array([[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]], dtype=np.float64)
"""Five stops of the viridis ramp: even steps of lightness, told apart by the colour-blind."""
_RELIEF = np.array([[46, 92, 58], [131, 156, 92], [214, 198, 140], [158, 112, 72], [245, 245, 245]], dtype=np.float64)
_CLASSES = np.array(
    [
        *([0, 100, 0], [255, 187, 34], [255, 255, 76], [240, 150, 255], [250, 0, 0], [180, 180, 180]),
        *([240, 240, 240], [0, 100, 200], [0, 150, 160], [0, 207, 117], [250, 230, 160], [120, 80, 40]),
    ],
    dtype=np.uint8,
)
_MISSING = (214, 39, 80)
_OUTSIDE = (255, 255, 255)
_LAND = (236, 234, 226)
_EDGE = (120, 118, 110)
_INK = (20, 84, 140)
_WASH = 0.3


class Quicklooks:
    """Draws the layers of one workspace on one small grid.

    Parameters
    ----------
    grid
        The grid of the prepared layers.
    municipalities
        In its projection.
    """

    def __init__(self, grid: Grid, municipalities: gpd.GeoDataFrame) -> None:
        factor = max(1, -(-max(grid.shape) // WIDTH))
        self._grid = grid.coarser(factor)
        self._land = rasterise(municipalities, self._grid, all_touched=True)
        unit = rasterise_values(municipalities, np.arange(1, len(municipalities) + 1), self._grid)
        edge = np.zeros(unit.shape, dtype=np.bool_)
        edge[:, 1:] |= unit[:, 1:] != unit[:, :-1]
        edge[1:] |= unit[1:] != unit[:-1]
        self._edge = edge

    def raster(self, path: Path, *, classes: bool, relief: bool) -> bytes:
        """Return a PNG of the first band: missing cells of the territory in red.

        Raises
        ------
        gis.errors.VallesError
            The file is damaged.
        """
        view = coarse_view(path, self._grid.cell, classes=classes)
        rows, cols = np.indices(self._grid.shape, dtype=np.int32)
        values = view.at_cells(self._grid, rows.ravel(), cols.ravel())[0].reshape(self._grid.shape)
        known = np.isfinite(values)
        picture = np.full((*values.shape, 3), _OUTSIDE, dtype=np.uint8)
        if known.any():
            picture[known] = (
                _CLASSES[_places(values[known])] if classes else _ramp(values[known], _RELIEF if relief else _STOPS)
            )
        picture[self._land & ~known] = _MISSING
        picture[self._edge] = _EDGE
        return encode_png(picture)

    def vector(self, frame: gpd.GeoDataFrame) -> bytes:
        """Return a PNG of a vector layer over the municipalities."""
        picture = np.full((*self._grid.shape, 3), _OUTSIDE, dtype=np.uint8)
        picture[self._land] = _LAND
        picture[self._edge] = _EDGE
        areas = frame.geom_type.isin(("Polygon", "MultiPolygon"))
        if areas.any():
            inner = rasterise(frame[areas], self._grid)
            picture[inner] = (picture[inner] * (1 - _WASH) + np.array(_INK) * _WASH).astype(np.uint8)
            frame = frame.assign(geometry=frame.geometry.where(~areas, frame.geometry.boundary))
        points = frame.geom_type.isin(("Point", "MultiPoint"))
        lines = frame[~points]
        if len(lines):
            picture[rasterise(lines, self._grid, all_touched=True)] = _INK
        if points.any():
            dots = rasterise(frame[points], self._grid)
            for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
                picture[down:, right:][dots[: dots.shape[0] - down, : dots.shape[1] - right]] = _INK
        return encode_png(picture)


def as_address(png: bytes) -> str:
    """Return a picture as the address of an image inside a page."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _ramp(values: NDArray[np.float32], stops: NDArray[np.float64]) -> Pixels:
    low, high = np.percentile(values, [2, 98])
    place = np.clip((values - low) / max(float(high - low), 1e-9), 0.0, 1.0) * (len(stops) - 1)
    colours = np.stack([np.interp(place, np.arange(len(stops)), stops[:, band]) for band in range(3)], axis=1)
    return colours.astype(np.uint8)


def _places(codes: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return which colour each class has: its place among those of the legend of ESA WorldCover, else its remainder."""
    known = np.array([10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100])
    whole = np.rint(codes).astype(np.int64)
    place = np.searchsorted(known, whole)
    exact = (place < len(known)) & (known[np.minimum(place, len(known) - 1)] == whole)
    return np.where(exact, place, whole % len(_CLASSES))
