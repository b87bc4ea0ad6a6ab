"""Municipal boundaries are recognised by code or spelling, made one valid coverage, or refused for a stated reason."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely import Point, Polygon, box

from gis.errors import InputError, MissingError
from gis.vectors.vector import read_vector
from layers.preparation.boundaries import code_column, prepare_boundaries, refuse_displaced
from layers.territory import Territory


def test_overlaps_go_and_codes_names_and_areas_come(territory: Territory, outlines: gpd.GeoDataFrame) -> None:
    clean, report = prepare_boundaries(outlines, territory)
    assert list(clean["code"]) == ["070801", "070802"]
    assert list(clean["name"]) == ["Poniente", "Pucará"]
    assert shapely.coverage_is_valid(clean.geometry.to_numpy())
    assert report.overlap_m2 > 1000
    assert report.unknown_rows == 1
    assert clean.crs == territory.crs
    union = outlines.iloc[:2].to_crs(territory.area_crs).union_all().area / 1e4
    assert clean["area_ha"].sum() == pytest.approx(union, rel=1e-5)


@pytest.mark.parametrize("values", [["70801", "70802"], ["070801", "070802"], [70801, 70802], [70801.0, 70802.0]])
def test_five_and_six_digit_codes_are_the_same(
    territory: Territory, outlines: gpd.GeoDataFrame, values: list[object]
) -> None:
    coded = outlines.iloc[:2].assign(cod_ine=values).drop(columns="municipio")
    assert code_column(coded, territory) == "cod_ine"
    clean, _report = prepare_boundaries(coded, territory)
    assert list(clean["code"]) == ["070801", "070802"]


def test_names_serve_where_there_is_no_code(territory: Territory, outlines: gpd.GeoDataFrame) -> None:
    clean, report = prepare_boundaries(outlines.drop(columns="cod_ine"), territory)
    assert report.code_column == "municipio"
    assert len(clean) == 2


def test_a_set_without_codes_or_names_is_refused_with_its_columns(
    territory: Territory, outlines: gpd.GeoDataFrame
) -> None:
    nameless = outlines[["geometry"]].assign(area=[1.0, 2.0, 3.0])
    with pytest.raises(InputError, match=r"columna.*area"):
        prepare_boundaries(nameless, territory)


def test_an_absent_municipality_is_named(territory: Territory, outlines: gpd.GeoDataFrame) -> None:
    with pytest.raises(MissingError, match="Pucará"):
        prepare_boundaries(outlines.iloc[[0]], territory)


def test_points_are_no_boundaries(territory: Territory, outlines: gpd.GeoDataFrame) -> None:
    points = outlines.iloc[:2].set_geometry([Point(-64.1, -18.5)] * 2, crs="EPSG:4326")
    with pytest.raises(InputError, match="no son polígonos"):
        prepare_boundaries(points, territory)


def test_parts_of_one_municipality_become_one(territory: Territory) -> None:
    halves = gpd.GeoDataFrame(
        {"cod_ine": ["70801", "70801", "70802"]},
        geometry=[box(-64.2, -18.6, -64.15, -18.45), box(-64.15, -18.6, -64.1, -18.45), box(-64.1, -18.6, -64, -18.45)],
        crs="EPSG:4326",
    )
    clean, _report = prepare_boundaries(halves, territory)
    assert len(clean) == 2
    assert clean.geometry.iloc[0].geom_type == "Polygon"


def _people(west: list[str], east: list[str]) -> gpd.GeoDataFrame:
    places = [Point(-64.15, -18.5)] * len(west) + [Point(-64.05, -18.5)] * len(east)
    named = {"municipality": [*west, *east], "name": [str(number) for number in range(len(places))]}
    return gpd.GeoDataFrame(named, geometry=places, crs="EPSG:4326")


def test_a_displaced_set_is_refused_with_the_count(territory: Territory, outlines: gpd.GeoDataFrame) -> None:
    swapped = outlines.iloc[:2].assign(cod_ine=["70802", "70801"])
    clean, _report = prepare_boundaries(swapped, territory)
    with pytest.raises(InputError, match="solo 0 de 6 poblados"):
        refuse_displaced(clean, _people(["070801"] * 2, ["070802"] * 2), territory)


def test_a_few_strays_are_told_and_no_more(territory: Territory, outlines: gpd.GeoDataFrame) -> None:
    clean, _report = prepare_boundaries(outlines, territory)
    check = refuse_displaced(clean, _people(["070801", "070801", "070802"], ["070802"]), territory)
    assert (check.inside, check.known) == (5, 6)
    assert check.strays == ("2",)


def test_a_polygon_that_crosses_itself_counts_by_its_repaired_shape(
    territory: Territory, outlines: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    bow = Polygon([(-64.2, -18.6), (-64.1, -18.45), (-64.1, -18.6), (-64.2, -18.45)])
    crossed = outlines.iloc[:2].set_geometry([bow, box(-64.1, -18.6, -64.0, -18.45)], crs="EPSG:4326")
    path = tmp_path / "cruzado.geojson"
    path.write_text(crossed.to_json())
    clean, report = prepare_boundaries(read_vector(path), territory)
    assert report.repaired_rows == 1
    assert shapely.is_valid(clean.geometry.to_numpy()).all()
