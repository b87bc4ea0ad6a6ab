"""Amounts per cell added up over areas, each cell by the share of it that lies inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.rasters.lattice import Lattice
from gis.rasters.native import native_raster
from gis.rasters.raster_source import RasterSource


def areal_sums(path: Path, areas: Sequence[shapely.Geometry]) -> NDArray[np.float64]:
    """Add up amounts, such as hectares of a crop in each cell, over areas.

    Inside a cell the amount is taken as evenly spread. For counts and areas only: a rate or a temperature has no sum.

    Parameters
    ----------
    path
        A raster whose cells are amounts; below 0 and not finite is missing.
    areas
        Polygons in the reference system of the raster.

    Returns
    -------
    numpy.ndarray
        Shape (areas, bands); NaN where no cell of an area has a value.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.InputError
        It is damaged.
    """
    with native_raster(RasterSource(str(path))) as raster:
        lattice = raster.lattice
        values = raster.handle.read().astype(np.float64)
    values[~np.isfinite(values) | (values < 0)] = np.nan
    out = np.full((len(areas), values.shape[0]), np.nan)
    for number, area in enumerate(areas):
        rows, cols, shares = _shares(area, lattice)
        keep = (rows >= 0) & (rows < lattice.rows) & (cols >= 0) & (cols < lattice.cols) & (shares > 0)
        here = values[:, rows[keep], cols[keep]] * shares[keep]
        known = np.isfinite(here).any(axis=1)
        out[number, known] = np.nansum(here[known], axis=1)
    return out


def _shares(area: shapely.Geometry, lattice: Lattice) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return rows and columns of the cells that an area touches, and the share of each that lies in it."""
    west, south, east, north = (float(each) for each in shapely.bounds(area))
    over = lattice.over((west, south, east, north))
    top, left = round((lattice.top - over.top) / lattice.height), round((over.left - lattice.left) / lattice.width)
    rows, cols = (each.ravel() for each in np.mgrid[top : top + over.rows, left : left + over.cols])
    left_of, top_of = lattice.left + cols * lattice.width, lattice.top - rows * lattice.height
    cells = shapely.box(left_of, top_of - lattice.height, left_of + lattice.width, top_of)
    shapely.prepare(area)
    inside = shapely.area(shapely.intersection(cells, area)) / (lattice.width * lattice.height)
    return rows, cols, inside
