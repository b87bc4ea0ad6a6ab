"""The grid of a workspace, and its municipalities: the frame that every prepared layer shares."""

from __future__ import annotations

from typing import cast

import geopandas as gpd

from gis.grid import Bounds, Grid
from gis.vectors.vector import read_vector
from layers.territory import Territory
from layers.workspace import Workspace


def grid_over(bounds: Bounds, territory: Territory) -> Grid:
    """Return the territory's grid over the box of its boundary.

    Parameters
    ----------
    bounds
        Left, bottom, right, top in metres of ``territory.crs``.
    territory
        Says the projection, the cell and the margin.

    Raises
    ------
    gis.errors.CrsError
        The projection is not in metres.
    gis.errors.GridError
        The box is empty.
    """
    return Grid.covering(bounds, crs=territory.crs, cell=territory.cell_m, margin=territory.margin_cells)


def read_municipalities(workspace: Workspace) -> gpd.GeoDataFrame:
    """Return the prepared municipalities: ``code``, ``name``, ``province``, ``area_ha``, ``geometry``, by code.

    Raises
    ------
    gis.errors.MissingError
        They have not been prepared.
    """
    return read_vector(workspace.layer("municipalities"), layer="municipalities")


def workspace_grid(workspace: Workspace) -> Grid:
    """Return the grid on which the layers of a workspace are prepared.

    Raises
    ------
    gis.errors.MissingError
        The municipalities have not been prepared.
    """
    bounds = cast("Bounds", tuple(float(value) for value in read_municipalities(workspace).total_bounds))
    return grid_over(bounds, workspace.territory)
