"""Geometry and rasters: reference systems, grids, rasters, vectors, coverages and files.

The lowest floor of the house: it knows no crop, no price and no municipality.

The names below are reached as ``gis.Grid`` without importing the raster and vector libraries until they are used.

Examples
--------
>>> import gis
>>> gis.Grid.covering((0, 0, 90, 60), crs="EPSG:32720", cell=30).shape
(2, 3)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gis.crew.crews import open_crew
    from gis.crs import equal_area_crs, require_metres, utm_crs
    from gis.errors import (
        CoverageError,
        CrsError,
        GridError,
        InputError,
        MissingError,
        StorageError,
        UnitError,
        VallesError,
    )
    from gis.grid import Grid, RowCol
    from gis.rasters.cog import CogWriter, RasterReader, write_cog
    from gis.rasters.raster import Raster, RasterInfo, raster_info
    from gis.relief.distance import distance_to
    from gis.relief.drainage import Drainage, height_above_drainage
    from gis.relief.terrain import aspect_degrees, slope_percent
    from gis.vectors.tile_archive import TileArchive
    from gis.vectors.vector import read_vector

_HOME = {
    "CogWriter": "gis.rasters.cog",
    "CoverageError": "gis.errors",
    "CrsError": "gis.errors",
    "Drainage": "gis.relief.drainage",
    "Grid": "gis.grid",
    "GridError": "gis.errors",
    "InputError": "gis.errors",
    "MissingError": "gis.errors",
    "Raster": "gis.rasters.raster",
    "RasterInfo": "gis.rasters.raster",
    "RasterReader": "gis.rasters.cog",
    "RowCol": "gis.grid",
    "StorageError": "gis.errors",
    "TileArchive": "gis.vectors.tile_archive",
    "UnitError": "gis.errors",
    "VallesError": "gis.errors",
    "aspect_degrees": "gis.relief.terrain",
    "distance_to": "gis.relief.distance",
    "equal_area_crs": "gis.crs",
    "height_above_drainage": "gis.relief.drainage",
    "open_crew": "gis.crew.crews",
    "raster_info": "gis.rasters.raster",
    "read_vector": "gis.vectors.vector",
    "require_metres": "gis.crs",
    "slope_percent": "gis.relief.terrain",
    "utm_crs": "gis.crs",
    "write_cog": "gis.rasters.cog",
}

__all__ = [
    "CogWriter",
    "CoverageError",
    "CrsError",
    "Drainage",
    "Grid",
    "GridError",
    "InputError",
    "MissingError",
    "Raster",
    "RasterInfo",
    "RasterReader",
    "RowCol",
    "StorageError",
    "TileArchive",
    "UnitError",
    "VallesError",
    "aspect_degrees",
    "distance_to",
    "equal_area_crs",
    "height_above_drainage",
    "open_crew",
    "raster_info",
    "read_vector",
    "require_metres",
    "slope_percent",
    "utm_crs",
    "write_cog",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOME:
        message = f"module 'gis' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
