from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

import zoning
from gis.errors import MissingError
from gis.vectors.vector_files import write_gpkg
from layers.workspace import Workspace
from zoning.land.cell_places import CellPlaces
from zoning.land.distances import FAR, as_metres, distance_field, point_distances
from zoning.land.land_data import LandData
from zoning.land.land_inventory import take_inventory
from zoning.rules.characteristic import Characteristic
from zoning.seasons import SOUTHERN
from zoning.study.run_job import open_job

Maker = Callable[..., Workspace]

WANTED = tuple(
    Characteristic.parse(key)
    for key in (
        "elevation", "slope", "temp_annual", "temp_mean@10-03", "extreme_min@05-08", "huglin", "chill_hours",
        "rain_annual", "rain_season@11-02", "ph", "distance_road", "distance_stream", "distance_permanent_stream",
        "distance_settlement", "height_above_stream",
    )
)  # fmt: skip


@pytest.fixture
def land(small_workspace: Workspace) -> LandData:
    job = open_job(small_workspace)
    return LandData(small_workspace, job.grid, job.inventory, frost_offset=8.0, calendar=SOUTHERN)


def test_a_point_has_exactly_the_values_of_the_run(land: LandData) -> None:
    inside = np.zeros(land.grid.shape, dtype=bool)
    inside[3:-3, 3:-3] = True
    places = CellPlaces.of(inside)
    with land:
        land.prepare(WANTED, places)
        for row, start in ((17, 5), (30, 27), (40, 40)):
            strip = land.columns(WANTED, start, start + 14, places)
            assert set(strip) == {each.key for each in WANTED}
            for col in (3, 21, 55):
                place = int(inside[start:row].sum() + inside[row, :col].sum())
                point = land.at(WANTED, row, col)
                for key, column in strip.items():
                    assert point[key][0] == pytest.approx(column[place], nan_ok=True, abs=0), key


def test_strips_of_any_height_measure_the_same(land: LandData) -> None:
    places = CellPlaces.of(np.ones(land.grid.shape, dtype=bool))
    with land:
        land.prepare(WANTED, places)
        whole = land.columns(WANTED, 0, land.grid.rows, places)
        for key, column in whole.items():
            parts = [land.columns(WANTED, start, stop, places)[key] for start, stop in land.grid.strips(7)]
            np.testing.assert_array_equal(np.concatenate(parts), column, err_msg=key)


def test_the_extreme_minimum_is_the_coldest_month_less_the_offset_of_the_rules(land: LandData) -> None:
    frost, coldest = Characteristic.parse("extreme_min@07-07"), Characteristic.parse("temp_min@07-07")
    with land:
        point = land.at((frost, coldest), 20, 20)
    assert point[frost.key][0] == pytest.approx(point[coldest.key][0] - 8.0, abs=1e-5)


def test_a_distance_in_whole_metres_decides_as_the_exact_one(small_workspace: Workspace) -> None:
    grid = open_job(small_workspace).grid
    field = distance_field(small_workspace, "distance_settlement", grid)
    rng = np.random.default_rng(0)
    for row, col in zip(rng.integers(0, grid.rows, 12), rng.integers(0, grid.cols, 12), strict=True):
        point = point_distances(small_workspace, ("distance_settlement",), grid, row=int(row), col=int(col))
        assert point["distance_settlement"] == field[row, col]
    metres = as_metres(field)
    cells = np.rint((metres / grid.cell) ** 2)
    exact = np.sqrt(cells) * grid.cell
    assert ((metres <= 500) == (exact <= 500 + 1e-6)).all()


def test_where_nothing_is_near_the_distance_is_infinite(make_workspace: Maker, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws")
    frame = gpd.GeoDataFrame(
        {"road_class": ["path"]}, geometry=gpd.points_from_xy([400_100.0], [7_950_100.0]), crs="EPSG:32720"
    )
    write_gpkg(frame, workspace.layers_dir / "roads.gpkg", layer="roads")
    grid = open_job(workspace).grid
    assert (distance_field(workspace, "distance_road", grid) == FAR).all()
    assert point_distances(workspace, ("distance_road",), grid, row=5, col=5)["distance_road"] == FAR
    assert np.isinf(as_metres(np.array([FAR], dtype=np.uint16))[0])


def test_an_elevation_coarser_than_90_m_is_flagged_and_cuts_nothing(make_workspace: Maker, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", native_cell=475.0)
    inventory = take_inventory(workspace)
    assert inventory.flagged == {"slope", "height_above_stream"}
    study = zoning.run(workspace, scale=25_000)
    assert not study.zones[study.zones["zone"] == "FOR"]["legal"].any()
    assert study.manifest["flagged"] == ["height_above_stream", "slope"]
    assert study.manifest["honest_scale"] == 950_000
    assert {"gate": "slope_6", "characteristic": "slope", "reason": "flagged"} in study.manifest["gate_notes"]


def test_a_missing_climate_is_no_data_everywhere_it_decides_and_is_named(make_workspace: Maker, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", without=("temperature_mean_prueba",))
    study = zoning.run(workspace, scale=25_000)
    shares = study.totals().groupby("zone")["share"].sum()
    assert set(shares.index) <= {"SD", "CON", "URB", "AGUA", "FOR"}
    assert "temperature_mean_prueba" in study.manifest["missing_layers"]
    unknown = study.zones[study.zones["zone"] == "SD"]
    assert (unknown["class"] == "SD").all()
    assert unknown["explanation"].str.contains("temperature_mean_prueba").all()
    assert unknown["score"].isna().all()


def test_a_cover_raster_tells_forest_from_pasture(make_workspace: Maker, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", cover=True, without=("settlements",))
    study = zoning.run(workspace, scale=25_000)
    zones = set(study.zones["zone"])
    assert "GAF" not in zones
    forest = study.zones[(study.zones["zone"] == "FOR") & ~study.zones["legal"]]
    assert set(forest["municipality"]) == {"071302"}


def test_a_climate_source_that_was_not_prepared_is_refused(small_workspace: Workspace) -> None:
    with pytest.raises(MissingError, match="chelsa"):
        take_inventory(small_workspace, climate="chelsa")


def test_without_municipalities_there_is_nothing_to_zone(make_workspace: Maker, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", without=("municipalities",))
    with pytest.raises(MissingError, match="municipalities"):
        zoning.run(workspace)
