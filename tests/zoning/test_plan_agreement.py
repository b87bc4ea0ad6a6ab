"""A zoning against a plan in force: hectares that close, conflicts on a map, classes that nobody may forget."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString, box

from gis.errors import InputError, MissingError
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_geojson, write_gpkg
from layers.sources.product import Place
from layers.sources.registry import catalogue
from layers.sources.web_supply import WebSupply
from layers.transfer.web_client import WebClient
from zoning.study.study import Study
from zoning.validation.plan_agreement import AGREES, CONFLICTS, LAYER, NOT_COMPARABLE, compare_plan, read_crosswalk

ZONES = {"HOR": "Horticultura", "ANU": "Anuales", "CON": "Conservación"}


@pytest.fixture(scope="module")
def study(small_study: Study) -> Study:
    return small_study


@pytest.fixture
def plan(study: Study, tmp_path: Path) -> Path:
    west, south, east, north = study.zones.total_bounds
    middle = (west + east) / 2
    frame = gpd.GeoDataFrame(
        {"uso": ["Agrícola", "Bosque"]},
        geometry=[box(west, south, middle, north), box(middle, south, east, (south + north) / 2)],
        crs=study.zones.crs,
    )
    write_gpkg(frame.to_crs("EPSG:4326"), tmp_path / "plan.gpkg", layer="plan")
    return tmp_path / "plan.gpkg"


def crosswalk(folder: Path, text: str) -> Path:
    path = folder / "crosswalk.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_agreement_conflict_and_rest_close_on_the_territory(study: Study, plan: Path, tmp_path: Path) -> None:
    found = compare_plan(study, plan, crosswalk(tmp_path, "uso;zonas\nAgrícola;HOR ANU VID\nBosque;GAF+FOR\n"))
    document = found.document()
    parts = ("agreement_ha", "conflict_ha", "not_comparable_ha", "without_plan_ha")
    assert sum(document[name] for name in parts) == pytest.approx(study.zones["area_ha"].sum(), rel=1e-6)
    assert document["without_plan_ha"] == pytest.approx(study.zones["area_ha"].sum() / 4, rel=1e-3)
    assert document["overlap_ha"] == pytest.approx(0, abs=1e-3)
    assert document["agreement_ha"] > 0
    assert document["conflict_ha"] > 0
    assert sum(row["area_ha"] for row in document["pairs"]) == pytest.approx(found.pieces["area_ha"].sum())


def test_a_place_agrees_only_where_the_class_allows_its_zone(study: Study, plan: Path, tmp_path: Path) -> None:
    found = compare_plan(study, plan, crosswalk(tmp_path, "uso,zonas\nAgrícola,HOR\nBosque,-\n"))
    farmed = found.pieces[found.pieces["plan_class"] == "Agrícola"]
    assert set(farmed[farmed["verdict"] == AGREES]["zone"]) == {"HOR"}
    assert "HOR" not in set(farmed[farmed["verdict"] == CONFLICTS]["zone"])
    assert set(found.pieces[found.pieces["plan_class"] == "Bosque"]["verdict"]) == {NOT_COMPARABLE}
    table = found.by_class().set_index("plan_class")
    assert table.loc["Agrícola", "agreement"] == pytest.approx(
        table.loc["Agrícola", AGREES] / (table.loc["Agrícola", AGREES] + table.loc["Agrícola", CONFLICTS])
    )
    assert found.document()["classes"][1]["agreement"] is None


def test_a_plan_that_allows_every_zone_has_no_conflict(study: Study, plan: Path, tmp_path: Path) -> None:
    found = compare_plan(study, plan, crosswalk(tmp_path, "uso;zonas\nAgrícola;*\nBosque;*\n"))
    assert found.hectares()[CONFLICTS] == 0
    assert found.document()["agreement"] == 1


def test_the_map_of_conflict_opens_and_is_the_same_twice(study: Study, plan: Path, tmp_path: Path) -> None:
    table = crosswalk(tmp_path, "uso;zonas\nAgrícola;HOR\nBosque;FOR\n")
    compare_plan(study, plan, table).write(tmp_path / "one.gpkg")
    compare_plan(study, plan, table).write(tmp_path / "two.gpkg")
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()
    read = read_vector(tmp_path / "one.gpkg", layer=LAYER)
    assert {"plan_class", "zone", "verdict", "area_ha"} <= set(read.columns)
    assert set(read.geom_type) <= {"Polygon", "MultiPolygon"}
    assert read.geometry.is_valid.all()


def test_land_given_twice_by_the_plan_is_told(study: Study, tmp_path: Path) -> None:
    whole = box(*study.zones.total_bounds)
    frame = gpd.GeoDataFrame({"uso": ["A", "B"]}, geometry=[whole, whole], crs=study.zones.crs)
    write_gpkg(frame, tmp_path / "twice.gpkg", layer="plan")
    found = compare_plan(study, tmp_path / "twice.gpkg", crosswalk(tmp_path, "uso;zonas\nA;*\nB;-\n"))
    assert found.overlap_ha == pytest.approx(study.zones["area_ha"].sum(), rel=1e-3)
    assert found.document()["without_plan_ha"] == pytest.approx(0, abs=1)


def test_a_class_the_table_forgets_is_refused_by_name(study: Study, plan: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no nombra 1 clases del plan: «Bosque»"):
        compare_plan(study, plan, crosswalk(tmp_path, "uso;zonas\nAgrícola;HOR\n"))


def test_a_plan_without_the_column_or_elsewhere_is_refused(study: Study, plan: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no tiene la columna «clase»"):
        compare_plan(study, plan, crosswalk(tmp_path, "clase;zonas\nAgrícola;HOR\n"))
    away = gpd.GeoDataFrame({"uso": ["A"]}, geometry=[box(-60, -10, -59, -9)], crs="EPSG:4326")
    write_gpkg(away, tmp_path / "away.gpkg", layer="plan")
    with pytest.raises(InputError, match="no toca el territorio"):
        compare_plan(study, tmp_path / "away.gpkg", crosswalk(tmp_path, "uso;zonas\nA;HOR\n"))
    lines = gpd.GeoDataFrame({"uso": ["A"]}, geometry=[LineString([(-64, -18), (-64.1, -18)])], crs="EPSG:4326")
    write_gpkg(lines, tmp_path / "lines.gpkg", layer="plan")
    with pytest.raises(InputError, match="no toca el territorio"):
        compare_plan(study, tmp_path / "lines.gpkg", crosswalk(tmp_path, "uso;zonas\nA;HOR\n"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no es una tabla"),
        ("uso\nAgrícola\n", "no es una tabla"),
        ("uso;zonas\nA;HOR\nA;ANU\n", "línea 3: la clase «A» ya estaba"),
        ("uso;zonas\nA;HOR XYZ\n", "línea 2: «XYZ» no es una zona"),
    ],
)
def test_what_is_no_crosswalk_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_crosswalk(crosswalk(tmp_path, text), ZONES)


def test_a_crosswalk_reads_every_way_of_listing_zones(tmp_path: Path) -> None:
    found = read_crosswalk(crosswalk(tmp_path, "uso;zonas\nA;hor/ANU\nB;HOR|CON\nC;*\nD;-\nE;\n\n"), ZONES)
    assert found.allowed == {
        "A": {"HOR", "ANU"},
        "B": {"HOR", "CON"},
        "C": set(ZONES),
        "D": None,
        "E": None,
    }
    with pytest.raises(MissingError, match="No existe la tabla"):
        read_crosswalk(tmp_path / "absent.csv", ZONES)


def test_an_official_map_taken_as_a_reference_is_a_plan_to_compare_with(study: Study, tmp_path: Path) -> None:
    west, south, east, north = (float(each) for each in study.zones.to_crs("EPSG:4326").total_bounds)
    middle = (west + east) / 2
    cumat = gpd.GeoDataFrame(
        {"CUMAT": ["A1", "F1", "A1"], "UNIDAD_GRA": ["Llanura", "Subandino", "Chaco"]},
        geometry=[box(west, south, middle, north), box(middle, south, east, north), box(-60, -12, -59, -11)],
        crs="EPSG:4326",
    )
    file = tmp_path / "abt_CUMAT_2001.geojson"
    write_geojson(cumat, file)
    territory = replace(study.workspace.territory, addresses={"geobolivia_cumat_2001": str(file)})
    product = catalogue().adapter("geobolivia_cumat_2001", territory, root=tmp_path)
    place = Place(bounds=(west, south, east, north), territory=territory)
    (piece,) = product.make(place, WebSupply(WebClient(), "geobolivia_cumat_2001", tmp_path), tmp_path)
    found = compare_plan(study, tmp_path / piece.file, crosswalk(tmp_path, "CUMAT;zonas\nA1;HOR ANU\nF1;GAF FOR CON\n"))
    assert {row["plan_class"] for row in found.document()["classes"]} == {"A1", "F1"}
    assert found.document()["without_plan_ha"] < 0.02 * study.zones["area_ha"].sum()
