"""The zoning of the eleven municipalities on the development data, held to the method's own figures."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import zoning
from gis.vectors.vector import read_vector
from layers.workspace import Workspace
from zoning.study.study import Study

pytestmark = pytest.mark.real_data

PRODUCTIVE = ["HOR", "FRU", "VID", "ANU", "CAN"]
EXEMPT = {"CON", "URB", "AGUA", "SD"}

EXPECTED = {
    "worldclim": {"HOR": 7.2, "FRU": 0.7, "VID": 2.9, "ANU": 28.9, "CAN": 0.3, "GAF": 43.2, "CON": 16.5},
    "chelsa": {"HOR": 7.2, "FRU": 14.6, "VID": 2.8, "ANU": 15.1, "CAN": 0.2, "GAF": 43.2, "CON": 16.5},
}
"""Shares in per cent that earlier, independent runs gave."""

TOLERANCE = {"HOR": 0.5, "FRU": 0.6, "VID": 1.7, "ANU": 2.2, "CAN": 0.15, "GAF": 0.5, "CON": 0.2}
"""Per cent of the territory. VID is the widest: outside irrigation access the vine is rated rainfed, and the rain of
its crop file (EcoCrop, S1 from 640 to 920 mm) alone takes the gated cells from 3.8 to 1.5 %; ANU gets the rest."""


@pytest.fixture(scope="module")
def study(real_study: Study) -> Study:
    return real_study


@pytest.fixture(scope="module")
def chelsa(real_workspace: Workspace) -> Study:
    return zoning.run(real_workspace, scale=100_000, name="chelsa", climate="chelsa")


def shares(study: Study) -> pd.Series[float]:
    return study.totals().groupby("zone")["share"].sum() * 100


def around(study: Study, lon: float, lat: float, *, metres: float = 3_000) -> pd.Series[float]:
    place = gpd.GeoSeries.from_xy([lon], [lat], crs=4326).to_crs(study.zones.crs).iloc[0]
    inside = study.zones.geometry.intersection(place.buffer(metres)).area.groupby(study.zones["zone"]).sum()
    return inside / inside.sum()


def test_every_municipality_is_partitioned_by_single_polygons(study: Study) -> None:
    zones = study.zones
    assert zones["municipality"].nunique() == 11
    assert set(zones.geom_type) == {"Polygon"}
    assert shapely.coverage_is_valid(zones.geometry.to_numpy())
    sums = zones.groupby("municipality")["area_ha"].sum()
    for unit in study.manifest["municipalities"]:
        assert sums[unit["code"]] == pytest.approx(unit["area_ha"], rel=1e-6)
    assert zones["area_ha"].sum() == pytest.approx(1_383_765, rel=1e-3)


def test_no_polygon_is_below_the_minimum_but_the_exempt_ones(study: Study) -> None:
    zones = study.zones
    least = study.manifest["minimum_mapping_unit_ha"]
    assert least == 40
    small = zones[(zones["area_ha"] < least - 1e-6) & ~zones["zone"].isin(sorted(EXEMPT)) & ~zones["legal"]]
    tree = shapely.STRtree(zones.geometry.to_numpy())
    for row in small.itertuples():
        neighbours = zones.iloc[tree.query(row.geometry, predicate="touches")]
        same = neighbours[neighbours["municipality"] == row.municipality]
        edges = shapely.length(shapely.intersection(same.geometry.to_numpy(), row.geometry))
        # Wholly enclosed, inside its municipality, by what may not receive it.
        assert set(same["zone"][edges > 0]) <= EXEMPT, row.zone_id


def test_the_map_is_neither_empty_nor_of_one_colour(study: Study) -> None:
    found = shares(study)
    assert len(found) >= 5
    assert found.max() < 70
    assert found.get("SD", 0.0) < 5


@pytest.mark.parametrize("climate", ["worldclim", "chelsa"])
def test_the_shares_are_those_that_the_method_found(climate: str, request: pytest.FixtureRequest) -> None:
    found = shares(request.getfixturevalue("study" if climate == "worldclim" else "chelsa"))
    for zone, expected in EXPECTED[climate].items():
        assert found[zone] == pytest.approx(expected, abs=TOLERANCE[zone]), zone


@pytest.mark.parametrize("place", ["Saipina", "Comarapa", "Mairana", "El Trigal", "Vallegrande"])
def test_horticulture_lies_in_the_valley_floors_under_both_climates(study: Study, chelsa: Study, place: str) -> None:
    seat = study.workspace.territory.municipality(place).seat
    assert seat is not None
    for each in (study, chelsa):
        assert around(each, seat.lon, seat.lat)["HOR"] > (0.05 if place == "Saipina" else 0.2), each.name


def test_horticulture_lies_at_los_negros_under_both_climates(study: Study, chelsa: Study) -> None:
    towns = read_vector(study.workspace.layer("settlements"), layer="settlements", crs="EPSG:4326")
    town = towns[towns["name"].astype(str).str.upper() == "LOS NEGROS"].geometry.iloc[0]
    for each in (study, chelsa):
        assert around(each, town.x, town.y)["HOR"] > 0.2, each.name


def test_the_empty_canyon_of_the_rio_grande_grows_no_vegetables(study: Study, chelsa: Study) -> None:
    streams = read_vector(study.workspace.layer("streams"), layer="streams", crs=study.zones.crs)
    canyon = shapely.union_all(streams[streams["name"] == "Río Grande"].geometry.to_numpy()).buffer(500)
    for each in (study, chelsa):
        inside = each.zones.geometry.intersection(canyon).area.groupby(each.zones["zone"]).sum()
        assert inside["HOR"] / inside.sum() < 0.06, each.name
        assert inside["GAF"] / inside.sum() > 0.7, each.name


def test_vineyards_lie_at_samaipata_under_worldclim_and_not_under_chelsa(study: Study, chelsa: Study) -> None:
    seat = study.workspace.territory.municipality("Samaipata").seat
    assert seat is not None
    assert around(study, seat.lon, seat.lat)["VID"] > 0.1
    # A known failure under the other climate: CHELSA gives Samaipata 1,226 mm of rain against WorldClim's 778, more
    # than the crop file lets a rainfed vine have. The layer precipitation_chelsa causes it; no station decides.
    assert around(chelsa, seat.lon, seat.lat).get("VID", 0.0) == 0


def test_sugarcane_lies_at_saipina_only(study: Study, chelsa: Study) -> None:
    for each in (study, chelsa):
        assert set(each.zones.loc[each.zones["zone"] == "CAN", "municipality_name"]) == {"Saipina"}


def test_mapped_farmland_is_productive_more_often_than_chance(study: Study) -> None:
    cover = read_vector(study.workspace.layer("cover"), layer="cover", crs=study.zones.crs)
    farmed = cover[(cover["cover_class"] == "farmland") | cover["subclass"].isin(["orchard", "vineyard"])]
    places = gpd.GeoDataFrame({"area": farmed.area}, geometry=farmed.representative_point(), crs=farmed.crs)
    found = gpd.sjoin(places, study.zones[["zone", "geometry"]], predicate="within")
    share = np.average(found["zone"].isin(PRODUCTIVE), weights=found["area"])
    base = shares(study)[PRODUCTIVE].sum() / 100
    assert share > 0.84
    assert share / base > 1.5


def test_what_is_missing_is_named(study: Study) -> None:
    assert study.manifest["flagged"] == ["height_above_stream", "slope"]
    assert {"soil_depth", "land_cover"} <= set(study.manifest["missing_layers"])
    rated = study.zones[study.zones["zone"].isin(["HOR", "FRU"])]
    assert rated["incomplete"].str.contains("profundidad del suelo").all()
    assert study.manifest["honest_scale"] > 1_000_000
    assert len(study.manifest["layers"]) > 15


def test_most_of_pucara_is_under_restriction_and_keeps_its_zones(study: Study) -> None:
    pucara = study.zones[study.zones["municipality_name"] == "Pucará"]
    restricted = np.average(pucara["anmi_share"], weights=pucara["area_ha"])
    assert restricted > 0.9
    assert set(pucara["zone"]) & {"ANU", "HOR"}


def test_municipal_tiles_stay_below_one_megabyte(study: Study) -> None:
    archives = sorted(study.folder.glob("zones-*.pmtiles"))
    assert len(archives) == 11
    assert max(path.stat().st_size for path in archives) <= 1_000_000


@pytest.mark.parametrize(
    ("place", "crops"),
    [
        ("Pampa Grande", ["tomate", "pimenton"]),
        ("Mairana", ["tomate", "pimenton"]),
        ("Comarapa", ["tomate", "pimenton", "frutilla"]),
        ("Saipina", ["tomate", "pimenton", "cana"]),
        ("Quirusillas", ["papa"]),
        ("Vallegrande", ["durazno", "ciruelo_jp"]),
        ("Samaipata", ["vid"]),
    ],
)
def test_the_crops_of_each_seat_are_not_unsuitable_under_irrigation(study: Study, place: str, crops: list[str]) -> None:
    seat = study.workspace.territory.municipality(place).seat
    assert seat is not None
    answer = study.explain(seat.lon, seat.lat)
    for crop in crops:
        best = next(each for each in answer["land_use_types"] if each["crop"] == crop and each["water"] == "irrigated")
        assert best["class"] in {"S1", "S2", "S3"}, (crop, best["limiting"])


@pytest.mark.parametrize(("place", "crop"), [("Moro Moro", "cana"), ("Pucará", "cana"), ("Moro Moro", "mani")])
def test_warm_crops_are_held_back_by_temperature_in_the_highlands(study: Study, place: str, crop: str) -> None:
    seat = study.workspace.territory.municipality(place).seat
    assert seat is not None
    for each in study.explain(seat.lon, seat.lat)["land_use_types"]:
        if each["crop"] == crop:
            cold = next(factor for factor in each["factors"] if factor["name"] == each["limiting"])
            assert each["class"] == "N" or cold["unit"] == "degC", each["id"]
