"""A small made-up workspace with every layer a zoning can read, and real ones where the data is present."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from gis.crs import require_metres
from gis.grid import Grid
from gis.rasters.cog import write_cog
from gis.rasters.raster import Raster
from gis.vectors.vector_files import write_gpkg
from layers.mirrors.mirror import Mirror
from layers.preparation.fetch import fetch
from layers.provenance import LayerRecord, write_provenance
from layers.territory import Municipality, Territory, builtin_territory
from layers.workspace import Workspace
from zoning.study.study import Study
from zoning.study.study_run import run

CELL = 100.0
LEFT, BOTTOM = 400_000.0, 7_950_000.0
WIDTH, HEIGHT = 6_000.0, 5_000.0
CRS = "EPSG:32720"
SEASON = np.cos((np.arange(12) - 0.5) / 12 * 2 * np.pi)
"""One in mid-January, minus one in mid-July."""

Maker = Callable[..., Workspace]


@pytest.fixture(scope="session")
def small_territory() -> Territory:
    return Territory(
        id="demo",
        name="Territorio de prueba",
        crs=CRS,
        area_crs="+proj=laea +lat_0=-18.5 +lon_0=-64 +datum=WGS84 +units=m +no_defs",
        cell_m=CELL,
        margin_cells=3,
        climate="prueba",
        demo=True,
        notice="datos de demostración",
        municipalities=(
            Municipality(code="070801", name="Poniente", province="Una"),
            Municipality(code="071302", name="Naciente", province="Otra"),
        ),
    )


@pytest.fixture(scope="session")
def make_workspace(small_territory: Territory) -> Maker:
    def make(root: Path, *, native_cell: float = 30.0, without: tuple[str, ...] = (), cover: bool = False) -> Workspace:
        workspace = Workspace.init(root, small_territory)
        _write_layers(workspace, native_cell=native_cell, without=without, cover=cover)
        return workspace

    return make


@pytest.fixture(scope="session")
def small_workspace(make_workspace: Maker, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a workspace whose elevation is fine enough for slope to cut."""
    return make_workspace(tmp_path_factory.mktemp("small") / "ws")


@pytest.fixture(scope="session")
def real_workspace(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return the eleven municipalities with the layers of the development data on a 250 m grid."""
    territory = replace(builtin_territory("valles_crucenos"), cell_m=250.0)
    workspace = Workspace.init(tmp_path_factory.mktemp("real") / "ws", territory)
    fetch(workspace, Mirror.read(shared_data))
    return workspace


@pytest.fixture(scope="session")
def real_study(real_workspace: Workspace) -> Study:
    """Return the study ``base`` of the eleven municipalities; tests only read it."""
    return run(real_workspace, scale=100_000)


@pytest.fixture(scope="session")
def small_study(make_workspace: Maker, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return the study ``base`` of a small workspace of its own; tests only read it."""
    return run(make_workspace(tmp_path_factory.mktemp("read") / "ws"), scale=25_000)


def _grid() -> Grid:
    bounds = (LEFT, BOTTOM, LEFT + WIDTH, BOTTOM + HEIGHT)
    return Grid.covering(bounds, crs=require_metres(CRS, what="prueba"), cell=CELL, margin=3)


def _write_layers(workspace: Workspace, *, native_cell: float, without: tuple[str, ...], cover: bool) -> None:
    grid = _grid()
    x = np.broadcast_to((grid.xs - LEFT) / WIDTH, grid.shape)
    y = np.broadcast_to(((grid.ys - BOTTOM) / HEIGHT)[:, None], grid.shape)
    # A gentle valley rising to the east, with one steep wall in its north-east corner.
    height = 1_500 + 80 * x + np.where((x > 0.8) & (y > 0.75), 60 * (x - 0.8) * WIDTH / 60, 0.0)
    rasters = {"elevation": (height[None], "m", ["elevation_m"])}
    temperature = 26 - 0.0052 * (height - 1_000)
    for name, shift in (("temperature_mean", 0.0), ("temperature_min", -6.0), ("temperature_max", 7.0)):
        monthly = temperature[None] + shift + 3.5 * SEASON[:, None, None]
        rasters[f"{name}_prueba"] = (monthly, "degC", [f"{name}_{month:02d}" for month in range(1, 13)])
    rain = np.maximum(65 + 60 * SEASON, 5.0)[:, None, None] * (0.7 + 0.6 * y)[None]
    rasters["precipitation_prueba"] = (rain, "mm/month", [f"precipitation_{month:02d}" for month in range(1, 13)])
    rasters["soil"] = (
        np.stack([np.full(grid.shape, 6.4), np.full(grid.shape, 2.2)]),
        "",
        ["ph_h2o", "organic_carbon_pct"],
    )
    if cover:
        rasters["land_cover"] = (np.where(x > 0.5, 10, 30)[None], "class", ["land_cover"])
    for name, (values, unit, names) in rasters.items():
        if name not in without:
            raster = Raster.of(values.astype(np.float32), unit=unit, grid=grid)
            write_cog(workspace.layers_dir / f"{name}.tif", raster, names=names)
    vectors = _vectors()
    for name, frame in vectors.items():
        if name not in without:
            write_gpkg(frame, workspace.layers_dir / f"{name}.gpkg", layer=name)
    present = [name for name in (*rasters, *vectors) if name not in without]
    write_provenance(workspace.layers_dir, {name: _record(name, native_cell) for name in present})


def _vectors() -> dict[str, gpd.GeoDataFrame]:
    middle, right, top = LEFT + WIDTH / 2, LEFT + WIDTH, BOTTOM + HEIGHT

    def frame(geometries: list[object], **columns: list[object]) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(columns, geometry=geometries, crs=CRS)

    return {
        "municipalities": frame(
            [box(LEFT, BOTTOM, middle, top), box(middle, BOTTOM, right, top)],
            code=["070801", "071302"],
            name=["Poniente", "Naciente"],
        ),
        "streams": frame(
            [LineString([(LEFT, BOTTOM + 2_500), (right, BOTTOM + 2_500)])],
            stream_class=["river"],
            permanent=[True],
            name=["Río"],
        ),
        "roads": frame([LineString([(LEFT, BOTTOM + 2_300), (right, BOTTOM + 2_300)])], road_class=["tertiary"]),
        "settlements": frame([Point(middle, BOTTOM + 2_200), Point(LEFT + 900, BOTTOM + 2_200)], name=["A", "B"]),
        "protected_areas": frame(
            [box(LEFT, BOTTOM, LEFT + 1_500, BOTTOM + 1_000), box(LEFT, BOTTOM, middle, top)],
            name=["Parque", "Manejo"],
            designation=["Parque Nacional", "ANMI"],
            category=["national_park", "integrated_management"],
        ),
        "water": frame([box(middle + 500, BOTTOM + 4_000, middle + 740, BOTTOM + 4_240)], water_class=["lake"]),
        "land_use": frame([box(middle - 200, BOTTOM + 2_000, middle + 200, BOTTOM + 2_200)], use=["residential"]),
        "cover": frame(
            [
                box(LEFT, BOTTOM + 2_600, LEFT + 2_000, BOTTOM + 3_000),
                box(LEFT + 200, BOTTOM + 100, LEFT + 900, BOTTOM + 700),
            ],
            cover_class=["wood", "farmland"],
            subclass=["wood", "farmland"],
        ),
    }


def _record(name: str, native_cell: float) -> LayerRecord:
    return LayerRecord(
        name=name,
        theme=name,
        file=f"{name}.tif",
        source="prueba",
        licence="CC0",
        attribution="nadie",
        date="2026",
        sha256=f"{name}-source",
        unit="",
        steps=("hecha para la prueba",),
        prepared_sha256=f"{name}-prepared",
        prepared_bytes=1,
        settings="",
        native_cell_m=native_cell,
    )
