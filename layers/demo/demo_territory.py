"""The demonstration territory: the true names, codes, seats, areas and altitudes, and everything else made by code."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from gis.atomic import atomic_folder
from gis.errors import InputError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.raster import Raster
from gis.relief.drainage import Drainage
from gis.relief.terrain import slope_percent
from layers.demo.climate import climate_grid, demo_climate, demo_rain, demo_soil, demo_soil_depth
from layers.demo.nature import (
    Ground,
    demo_lakes,
    demo_land_cover,
    demo_protected_areas,
    demo_streams,
    with_lakes,
)
from layers.demo.noise import onto
from layers.demo.outlines import demo_outlines
from layers.demo.people import People, demo_people
from layers.demo.relief import demo_relief
from layers.demo.sources import (
    MirrorFolder,
    demo_artisan_communities,
    demo_boundaries,
    demo_cover,
    demo_points_of_interest,
)
from layers.territory import Territory, builtin_territory

_ = translator("layers")

DEMO_CELL_M = 90.0
"""Side of a cell of the demonstration, m."""
_COARSEST_CELL_M = 720.0
_MARGIN_M = 6_000.0
_SOIL = (
    "clay_pct",
    "sand_pct",
    "silt_pct",
    "ph_h2o",
    "organic_carbon_pct",
    "total_nitrogen_pct",
    "bulk_density_kg_dm3",
)


@cache
def demo_territory() -> Territory:
    """Return the Valles Cruceños as a demonstration: cell 90 m, its own climate, labelled everywhere.

    Examples
    --------
    >>> demo_territory().demo, demo_territory().codes[0]
    (True, '070801')
    """
    return replace(
        builtin_territory("valles_crucenos"),
        id="demo",
        name=_("Valles Cruceños (datos de demostración)"),
        cell_m=DEMO_CELL_M,
        climate="demo",
        demo=True,
        notice=_(
            "Datos de demostración: contornos, relieve, clima, suelos y precios inventados. No sirven para decidir."
        ),
    )


def write_demo_mirror(folder: Path, *, cell_m: float = DEMO_CELL_M) -> Path:
    """Make the demonstration's mirror: every file from code and a fixed seed, the same bytes every time.

    Parameters
    ----------
    folder
        Where the mirror will stand; it is complete or absent, and replaces what was there.
    cell_m
        Side of a cell of relief, soil depth and land cover, m.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    InputError
        When the cell is not between 30 and 720 m.
    StorageError
        When the disk refuses.
    """
    if not DEMO_CELL_M / 3 <= cell_m <= _COARSEST_CELL_M:
        raise InputError(
            _("Celda de {cell} m para la demostración").format(cell=cell_m),
            expected=_("Se esperaba de {low:.0f} a {high:.0f} m").format(low=DEMO_CELL_M / 3, high=_COARSEST_CELL_M),
        )
    territory = demo_territory()
    outlines = demo_outlines(territory)
    left, bottom, right, top = outlines.total_bounds
    bounds = (left - _MARGIN_M, bottom - _MARGIN_M, right + _MARGIN_M, top + _MARGIN_M)
    grid = Grid.covering(bounds, crs=territory.crs, cell=cell_m)
    lakes = demo_lakes(territory)
    drainage = Drainage(with_lakes(demo_relief(territory, grid), lakes))
    elevation = Raster.of(drainage.filled.reshape(grid.shape), unit="m", grid=grid)
    slope = slope_percent(elevation)
    coarse = _coarse(elevation)
    people = demo_people(territory, outlines, slope, elevation)
    ground = Ground(
        elevation=elevation,
        slope=slope,
        rain_mm=onto(demo_rain(coarse), coarse.grid, grid),
        lakes=lakes,
        towns=people.towns,
        streams=demo_streams(territory, drainage),
        settlements=people.settlements,
    )
    land_cover = demo_land_cover(ground)
    with atomic_folder(folder) as draft:
        mirror = MirrorFolder(draft)
        mirror.vector("boundaries", demo_boundaries(territory, outlines))
        _write_rasters(mirror, ground, coarse, land_cover)
        _write_vectors(mirror, territory, ground, people, land_cover)
        mirror.finish()
    return folder


def _coarse(elevation: Raster) -> Raster:
    """Return the mean elevation of each climate cell, m."""
    grid = climate_grid(elevation.grid)
    rows = np.clip(((elevation.grid.top - grid.ys) / elevation.grid.cell).astype(int), 0, elevation.grid.rows - 1)
    cols = np.clip(((grid.xs - elevation.grid.left) / elevation.grid.cell).astype(int), 0, elevation.grid.cols - 1)
    reach = max(int(grid.cell / elevation.grid.cell), 1)
    heights = elevation.filled()
    starts = np.arange(reach) - reach // 2
    total = np.zeros(grid.shape, np.float64)
    for down in starts:
        near_rows = np.clip(rows + down, 0, elevation.grid.rows - 1)
        for right in starts:
            near_cols = np.clip(cols + right, 0, elevation.grid.cols - 1)
            total += heights[np.ix_(near_rows, near_cols)]
    return Raster.of((total / reach**2).astype(np.float32), unit="m", grid=grid)


def _write_rasters(mirror: MirrorFolder, ground: Ground, coarse: Raster, land_cover: Raster) -> None:
    mirror.raster("elevation", ground.elevation, names=["elevation_m"])
    for theme, raster in demo_climate(coarse).items():
        mirror.raster(theme, raster, names=[f"{theme}_{month:02d}" for month in range(1, 13)])
    mirror.raster("soil", demo_soil(coarse), names=list(_SOIL), unit="%; %; %; pH; %; %; kg/dm3")
    mirror.raster("soil_depth", demo_soil_depth(ground.slope), names=["soil_depth_cm"], dtype="uint8")
    mirror.raster("land_cover", land_cover, names=["land_cover"], dtype="uint8", classes=True)


def _write_vectors(
    mirror: MirrorFolder, territory: Territory, ground: Ground, people: People, land_cover: Raster
) -> None:
    settlements = people.settlements
    places = settlements.rename(columns={"comunidad": "nombre"})[["clase", "nombre", "geometry"]]
    mirror.vector("protected_areas", demo_protected_areas(territory))
    mirror.vector("roads", people.roads, gpkg=True)
    mirror.vector("streams", ground.streams, gpkg=True)
    mirror.vector("water", ground.lakes)
    mirror.vector("cover", demo_cover(land_cover, settlements))
    mirror.vector("land_use", people.towns)
    mirror.vector("places", places)
    mirror.vector("points_of_interest", demo_points_of_interest(settlements))
    mirror.vector("artisan_communities", demo_artisan_communities(settlements))
    mirror.vector("settlements", settlements.drop(columns="clase"))
