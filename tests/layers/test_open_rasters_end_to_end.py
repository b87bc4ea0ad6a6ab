"""From generated tiles of the true products to a zoning: gathered, prepared, checked and zoned under two climates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import product_tiles as tiles
import pyproj
import pytest
from shapely import box

from gis.rasters.cog import RasterReader
from gis.vectors.vector_files import write_geojson
from layers.checking.layer_check import check
from layers.gathering.open_fetch import fetch_open_data
from layers.preparation.fetch_report import FetchReport
from layers.provenance import read_provenance
from layers.sources.registry import Catalogue, catalogue
from layers.territory import Municipality, Territory
from layers.workspace import Workspace
from zoning.study.study_run import run

WEST, SOUTH, EAST, NORTH = -64.08, -18.56, -64.00, -18.50
NEAR = (WEST - 0.15, SOUTH - 0.15, EAST + 0.15, NORTH + 0.15)
CLIMATE = ("temperature_mean", "temperature_min", "temperature_max", "precipitation")
PRODUCTS = ("copernicus_glo30", "esa_worldcover_2021", "soilgrids2", "worldclim21", "chelsa21")


def _tiles(folder: Path) -> None:
    for lon in (-65, -64):
        tiles.copernicus(folder / "copernicus_glo30", -19, lon, NEAR)
    tiles.worldcover(folder / "esa_worldcover_2021", -21, -66, NEAR)
    tiles.soilgrids(folder / "soilgrids2", [tiles.homolosine_box(NEAR)])
    tiles.worldclim(folder / "worldclim21", NEAR)
    tiles.chelsa_normals(folder / "chelsa21", NEAR)


def _territory(folder: Path) -> Territory:
    return Territory(
        id="prueba",
        name="Territorio de prueba",
        crs="EPSG:32720",
        area_crs="+proj=laea +lat_0=-18.5 +lon_0=-64 +datum=WGS84 +units=m +no_defs",
        cell_m=250.0,
        climate="worldclim",
        boundaries="limites.geojson",
        sources=dict.fromkeys(CLIMATE, "worldclim21, chelsa21"),
        addresses={each: str(folder / each) for each in PRODUCTS},
        municipalities=(
            Municipality(code="070801", name="Poniente"),
            Municipality(code="070802", name="Naciente"),
        ),
    )


def _books() -> Catalogue:
    known = catalogue()
    return replace(known, records=tuple(known.record(each) for each in PRODUCTS), order={})


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, FetchReport]:
    root = tmp_path_factory.mktemp("open")
    _tiles(root / "web")
    workspace = Workspace.init(root / "w", _territory(root / "web"))
    middle = (WEST + EAST) / 2
    frame = gpd.GeoDataFrame(
        {"cod_ine": ["070801", "070802"]},
        geometry=[box(WEST, SOUTH, middle, NORTH), box(middle, SOUTH, EAST, NORTH)],
        crs="EPSG:4326",
    )
    write_geojson(frame, workspace.root / "limites.geojson")
    return workspace, fetch_open_data(workspace, books=_books())


def _cells(workspace: Workspace, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the bands of a prepared layer, longitude and latitude of its cells."""
    with RasterReader(workspace.layer(name)) as reader:
        values, grid = reader.read(0, reader.grid.rows), reader.grid
    x = grid.left + (np.arange(grid.cols) + 0.5) * grid.cell
    y = grid.top - (np.arange(grid.rows) + 0.5) * grid.cell
    lon, lat = pyproj.Transformer.from_crs(grid.crs, "OGC:CRS84", always_xy=True).transform(*np.meshgrid(x, y))
    return values, np.asarray(lon), np.asarray(lat)


def _inside(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return (lon > WEST) & (lon < EAST) & (lat > SOUTH) & (lat < NORTH)


def test_every_product_is_gathered_and_every_layer_prepared(gathered: tuple[Workspace, FetchReport]) -> None:
    workspace, report = gathered
    assert report.ok, report.to_dict()
    assert {each.product for each in report.sources} == set(PRODUCTS)
    assert {each.status for each in report.sources} == {"gathered"}
    climates = {f"{theme}_{source}" for theme in CLIMATE for source in ("worldclim", "chelsa")}
    records = read_provenance(workspace.layers_dir)
    assert set(records) == {"municipalities", "elevation", "land_cover", "soil", *climates}
    assert "Airbus" in records["elevation"].attribution
    assert records["temperature_mean_chelsa"].licence.startswith("CC0")
    assert records["elevation"].native_cell_m == pytest.approx(30.0, abs=1.5)


def test_values_in_are_values_out(gathered: tuple[Workspace, FetchReport]) -> None:
    workspace, _report = gathered
    relief, lon, lat = _cells(workspace, "elevation")
    here = _inside(lon, lat)
    assert np.abs(relief[0] - tiles.elevation_at(lon, lat))[here].max() < 5.0
    soil, _lon, _lat = _cells(workspace, "soil")
    with RasterReader(workspace.layer("soil")) as reader:
        names = reader.names
    ph = soil[names.index("ph_h2o")][here]
    assert np.abs(ph - (6.2 + 0.3 * (10 + 2 * 15) / 30)).max() < 0.6
    cover, _lon, _lat = _cells(workspace, "land_cover")
    assert (cover[0][here] == tiles.cover_at(lon, lat)[here]).mean() > 0.5, "patches of 550 m, cells of 250 m"
    assert {*np.unique(cover[0][here])} <= {10, 20, 30, 40, 60, 80}


def test_two_climates_stand_beside_each_other_as_far_apart_as_their_sources(
    gathered: tuple[Workspace, FetchReport],
) -> None:
    workspace, _report = gathered
    warm, lon, lat = _cells(workspace, "temperature_mean_worldclim")
    cool, _lon, _lat = _cells(workspace, "temperature_mean_chelsa")
    here = _inside(lon, lat)
    for month in range(12):
        assert np.abs(warm[month] - cool[month] - 2.0)[here].max() < 0.15
        assert np.abs(cool[month] - tiles.temperature_at(lon, lat, month + 1))[here].max() < 0.3
    wet, dry = (_cells(workspace, f"precipitation_{name}")[0] for name in ("chelsa", "worldclim"))
    assert (wet.sum(axis=0) / dry.sum(axis=0))[here] == pytest.approx(1.4, abs=0.02)
    told = " ".join(check(workspace).warnings)
    assert "chelsa" in told
    assert "worldclim" in told


@pytest.mark.parametrize("climate", ["worldclim", "chelsa"])
def test_the_place_is_zoned_under_either_climate(gathered: tuple[Workspace, FetchReport], climate: str) -> None:
    workspace, _report = gathered
    run(workspace, name=climate, scale=100_000, climate=climate)
    zones = gpd.read_file(workspace.root / "studies" / climate / "zones.gpkg")
    assert zones["area_ha"].sum() == pytest.approx(_hectares(workspace), rel=1e-5)
    assert not (zones["zone"] == "SD").all()


def _hectares(workspace: Workspace) -> float:
    frame = gpd.read_file(workspace.layer("municipalities")).to_crs(workspace.territory.area_crs)
    return float(frame.area.sum() / 1e4)


def test_what_was_gathered_is_kept_by_the_next_fetch(gathered: tuple[Workspace, FetchReport]) -> None:
    workspace, _report = gathered
    again = fetch_open_data(workspace, books=_books())
    assert {each.status for each in again.sources} == {"kept"}
    assert _statuses(again.items) == {"kept"}


def _statuses(items: Sequence[object]) -> set[str]:
    return {each.status for each in items}  # type: ignore[attr-defined]
