"""Schematic municipal outlines: a power diagram around hand-drawn places, its weights found from the true areas."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.ndimage import label

from gis.crs import CRS84
from gis.grid import Grid
from layers.demo.noise import noise
from layers.demo.sketch import OUTLINE, SITES
from layers.territory import Territory

_CELL_M = 400.0
_SIMPLIFY_M = 420.0
_MARGIN = 12
_ROUNDS = 400
_WIGGLE_M = 1500.0
_WIGGLE_WAVELENGTH_M = 11_000.0
_SQUARE_KM = 1e6


def outline_labels(territory: Territory) -> tuple[NDArray[np.int16], Grid]:
    """Return which municipality each cell belongs to, on a grid of 400 m.

    Parameters
    ----------
    territory
        Gives codes, seats, areas and projection.

    Returns
    -------
    labels : numpy.ndarray
        int16, the municipality's place in the territory from 1, 0 outside; each is one piece that holds its seat.
    grid : gis.grid.Grid
        Where the labels lie.
    """
    to_metres = pyproj.Transformer.from_crs(CRS84, territory.crs, always_xy=True)
    corners = np.column_stack(to_metres.transform(*np.array(OUTLINE).T))
    shape = shapely.Polygon(_rounded(corners, 3))
    shape = _with_area(shape, sum(each.area_km2 or 0.0 for each in territory.municipalities) * _SQUARE_KM)
    grid = Grid.covering(shape.bounds, crs=territory.crs, cell=_CELL_M, margin=_MARGIN)
    x, y = np.meshgrid(grid.xs, grid.ys)
    bent_x = x + _WIGGLE_M * noise(x, y, name="outline-x", wavelength=_WIGGLE_WAVELENGTH_M, octaves=4)
    bent_y = y + _WIGGLE_M * noise(x, y, name="outline-y", wavelength=_WIGGLE_WAVELENGTH_M, octaves=4)
    inside = shapely.contains_xy(shape, bent_x.ravel(), bent_y.ravel()).reshape(grid.shape)
    nearest = _nearest_squares(territory, to_metres, bent_x, bent_y)
    return _weighted(nearest, inside, territory, grid), grid


@cache
def demo_outlines(territory: Territory) -> gpd.GeoDataFrame:
    """Return the schematic municipalities: they tile without gap or overlap and have their true areas within 1 %.

    Parameters
    ----------
    territory
        Gives codes, names, seats, areas and projection.

    Returns
    -------
    geopandas.GeoDataFrame
        ``code`` and one polygon per municipality, in the projection of the territory, in its order.
    """
    labels, grid = outline_labels(territory)
    rows, cols = np.nonzero(labels)
    left, top = grid.left + cols * grid.cell, grid.top - rows * grid.cell
    boxes = shapely.box(left, top - grid.cell, left + grid.cell, top)
    owners = labels[rows, cols]
    pieces = np.array(
        [shapely.coverage_union_all(boxes[owners == number + 1]) for number in range(len(territory.codes))]
    )
    smooth = shapely.coverage_simplify(pieces, _SIMPLIFY_M)
    frame = gpd.GeoDataFrame({"code": list(territory.codes)}, geometry=list(smooth), crs=territory.crs)
    true = sum(each.area_km2 or 0.0 for each in territory.municipalities) * _SQUARE_KM
    factor = float(np.sqrt(true / frame.to_crs(territory.area_crs).area.sum()))
    centre = np.array([(grid.left + grid.right) / 2, (grid.bottom + grid.top) / 2])
    grown = shapely.transform(smooth, lambda places: np.round(centre + (places - centre) * factor, 2))
    return frame.set_geometry(list(grown), crs=territory.crs)


def _rounded(corners: NDArray[np.float64], rounds: int) -> NDArray[np.float64]:
    """Cut the corners of a closed line (Chaikin 1974)."""
    line = corners
    for _round in range(rounds):
        after = np.roll(line, -1, axis=0)
        line = np.stack([0.75 * line + 0.25 * after, 0.25 * line + 0.75 * after], axis=1).reshape(-1, 2)
    return line


def _with_area(shape: shapely.Polygon, area: float) -> shapely.Polygon:
    factor = float(np.sqrt(area / shape.area))
    centre = np.array(shape.centroid.coords[0])
    return shapely.transform(shape, lambda places: centre + (places - centre) * factor)


def _nearest_squares(
    territory: Territory, to_metres: pyproj.Transformer, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the squared distance, km², to each municipality's nearest place, shape (municipalities, rows, cols)."""
    nearest = np.full((len(territory.codes), *x.shape), np.inf)
    for number, each in enumerate(territory.municipalities):
        seat = () if each.seat is None else ((each.seat.lon, each.seat.lat),)
        for lon, lat in (*SITES[each.code], *seat):
            site_x, site_y = to_metres.transform(lon, lat)
            np.minimum(nearest[number], ((x - site_x) ** 2 + (y - site_y) ** 2) / _SQUARE_KM, out=nearest[number])
    return nearest


def _weighted(
    nearest: NDArray[np.float64], inside: NDArray[np.bool_], territory: Territory, grid: Grid
) -> NDArray[np.int16]:
    """Raise and lower weights until each share of the inside is the true one, then make every part one piece."""
    true = np.array([each.area_km2 or 0.0 for each in territory.municipalities])
    wanted = true / true.sum() * inside.sum()
    flat = nearest[:, inside]
    weights = np.zeros(len(true))
    scale = 0.6 * (grid.cell**2 / _SQUARE_KM)
    for round_ in range(_ROUNDS):
        owners = np.argmin(flat - weights[:, np.newaxis], axis=0)
        short = wanted - np.bincount(owners, minlength=len(true))
        if np.abs(short / wanted).max() < 0.002:  # noqa: PLR2004  well under the 1 % promised after smoothing
            break
        weights += scale * short / np.sqrt(wanted) * 6.0 / (1.0 + round_ / 60.0)
    labels = np.zeros(grid.shape, np.int16)
    labels[inside] = owners + 1
    return _one_piece_each(labels)


def _one_piece_each(labels: NDArray[np.int16]) -> NDArray[np.int16]:
    """Give every detached bit to the neighbour with which it shares most cells, outside included."""
    out = labels.copy()
    for number in range(int(labels.max()) + 1):
        parts, count = label(labels == number)
        if count <= 1:
            continue
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        for part in range(1, count + 1):
            if part != sizes.argmax():
                spot = parts == part
                ring = np.zeros_like(spot)
                ring[1:] |= spot[:-1]
                ring[:-1] |= spot[1:]
                ring[:, 1:] |= spot[:, :-1]
                ring[:, :-1] |= spot[:, 1:]
                around = labels[ring & ~spot]
                out[spot] = np.bincount(around).argmax()
    return out
