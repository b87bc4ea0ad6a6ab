"""A field survey: points drawn where the zones are, a sheet that hides the map, results that read back."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from gis.errors import InputError, MissingError
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_geojson
from zoning.study.study import Study
from zoning.validation.field_kit import GPX, SHEET, FieldKit, SamplePlan, draw_field_kit
from zoning.validation.field_sheet import read_sheet
from zoning.validation.map_areas import polygons_under
from zoning.validation.reference_points import assess_points

PLAN = SamplePlan(standard_error=0.05, minimum=5, seed=7)


@pytest.fixture(scope="module")
def study(small_study: Study) -> Study:
    return small_study


@pytest.fixture(scope="module")
def kit(study: Study) -> FieldKit:
    return draw_field_kit(study, PLAN)


def fill(source: Path, target: Path, answer: Callable[[int, str], str], kit: FieldKit) -> Path:
    book = openpyxl.load_workbook(source)
    sheet = book["Puntos"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row, zone in enumerate(kit.points["zone"], start=2):
        sheet.cell(row, columns["Zona observada"], answer(row - 2, zone))
    book.save(target)
    return target


def test_points_lie_in_the_zones_they_were_drawn_for(study: Study, kit: FieldKit) -> None:
    under = polygons_under(kit.points, study.zones)
    assert (under >= 0).all()
    assert study.zones["zone"].to_numpy()[under].tolist() == kit.points["zone"].tolist()
    assert kit.points["zone"].value_counts().to_dict() == {zone: count for zone, count in kit.by_zone.items() if count}
    assert min(kit.by_zone.values()) >= PLAN.minimum
    assert kit.wanted == 75


def test_points_spread_over_a_zone_by_area(study: Study) -> None:
    many = draw_field_kit(study, SamplePlan(standard_error=0.01))
    largest = study.zones.groupby("zone")["area_ha"].sum().idxmax()
    halves = study.zones[study.zones["zone"] == largest].groupby("municipality")["area_ha"].sum()
    drawn = many.points[many.points["zone"] == largest]["municipality"].value_counts()
    for code, area in halves.items():
        assert drawn.get(code, 0) / len(many.points[many.points["zone"] == largest]) == pytest.approx(
            area / halves.sum(), abs=0.05
        )


def test_the_same_seed_gives_the_same_bytes_and_another_other_points(
    study: Study, kit: FieldKit, tmp_path: Path
) -> None:
    kit.write(tmp_path / "one")
    draw_field_kit(study, PLAN).write(tmp_path / "two")
    for name in (GPX, SHEET):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    other = draw_field_kit(study, SamplePlan(standard_error=0.05, minimum=5, seed=8))
    assert not other.points.geometry.geom_equals(kit.points.geometry).any()


def test_a_receiver_reads_the_points(kit: FieldKit, tmp_path: Path) -> None:
    kit.write(tmp_path)
    read = read_vector(tmp_path / GPX, layer="waypoints")
    assert read["name"].tolist() == kit.points["point"].tolist()
    assert read.geometry.x.tolist() == pytest.approx(kit.points.geometry.x.tolist())
    assert read.geometry.y.tolist() == pytest.approx(kit.points.geometry.y.tolist())


def test_the_sheet_does_not_tell_what_the_map_says(kit: FieldKit, tmp_path: Path) -> None:
    kit.write(tmp_path)
    book = openpyxl.load_workbook(tmp_path / SHEET)
    sheet = book["Puntos"]
    assert [cell.value for cell in sheet[1]][:5] == ["Punto", "Longitud", "Latitud", "Municipio", "Zona observada"]
    assert {sheet.cell(row, 5).value for row in range(2, sheet.max_row + 1)} == {None}
    codes = {str(book["Zonas"].cell(row, 1).value) for row in range(2, book["Zonas"].max_row + 1)}
    assert {"HOR", "ANU"} <= codes
    assert "SD" not in codes
    shown = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert not shown & codes
    # Numbers run from place to place, so that they do not tell the zone either.
    assert kit.points["zone"].ne(kit.points["zone"].shift()).sum() > len(set(kit.points["zone"]))


def test_a_sheet_filled_as_the_map_says_is_a_perfect_map(study: Study, kit: FieldKit, tmp_path: Path) -> None:
    kit.write(tmp_path)
    filled = fill(tmp_path / SHEET, tmp_path / "filled.xlsx", lambda _row, zone: zone, kit)
    found = assess_points(study, filled)
    assert found.by == "zone"
    assert found.accuracy.overall == pytest.approx(1)
    assert found.accuracy.area_ha == pytest.approx(found.accuracy.mapped_area_ha)
    assert sum(found.accuracy.mapped_area_ha) == pytest.approx(study.zones["area_ha"].sum())
    assert not [remark for remark in found.remarks if "otras reglas" in remark or "muestreo" in remark]


def test_errors_found_on_the_ground_stand_in_the_matrix(study: Study, kit: FieldKit, tmp_path: Path) -> None:
    kit.write(tmp_path)
    wrong = kit.points.index[kit.points["zone"] == "HOR"][0]
    blank = kit.points.index[kit.points["zone"] == "ANU"][0]

    def answer(row: int, zone: str) -> str:
        # A name instead of a code, in any case, is understood too.
        return "cultivos anuales a SECANO" if row == wrong else "" if row == blank else zone

    found = assess_points(study, fill(tmp_path / SHEET, tmp_path / "filled.xlsx", answer, kit))
    assert found.error_matrix.loc["HOR", "ANU"] == 1
    assert found.unanswered == 1
    assert int(found.error_matrix.to_numpy().sum()) == len(kit.points) - 1
    assert found.accuracy.overall < 1
    document = found.document()
    assert document["used"] == len(kit.points) - 1
    assert document["error_matrix"]["counts"] == found.error_matrix.to_numpy().tolist()


def test_a_table_of_points_is_read_with_what_is_left_out_counted(study: Study, kit: FieldKit, tmp_path: Path) -> None:
    rows = [(p.x, p.y, zone) for p, zone in zip(kit.points.geometry, kit.points["zone"], strict=True)]
    rows += [(-70.0, -10.0, "HOR"), (rows[0][0], rows[0][1], "")]
    with (tmp_path / "points.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([("lon", "lat", "Zona"), *rows])
    found = assess_points(study, tmp_path / "points.csv")
    assert (found.outside, found.unanswered, found.read) == (1, 1, len(rows))
    assert found.accuracy.overall == pytest.approx(1)
    assert any("muestreo" in remark for remark in found.remarks)


def test_zones_nobody_visited_are_left_out_and_named(study: Study, kit: FieldKit, tmp_path: Path) -> None:
    few = kit.points[kit.points["zone"].isin(["HOR", "ANU"])].copy()
    few["referencia"] = "ANU"
    write_geojson(few[["referencia", "geometry"]], tmp_path / "few.geojson")
    found = assess_points(study, tmp_path / "few.geojson")
    assert found.accuracy.classes == ("HOR", "ANU")
    assert found.accuracy.users.tolist() == [0.0, 1.0]
    assert set(found.unsampled_ha) == set(study.zones["zone"]) - {"HOR", "ANU"}


def test_classes_are_compared_where_there_are_no_zones(study: Study, kit: FieldKit, tmp_path: Path) -> None:
    under = study.zones["class"].to_numpy()[polygons_under(kit.points, study.zones)]
    write_geojson(kit.points[["geometry"]].assign(clase=under), tmp_path / "classes.geojson")
    found = assess_points(study, tmp_path / "classes.geojson")
    assert found.by == "class"
    assert found.accuracy.overall == pytest.approx(1)


def test_a_sheet_of_other_rules_is_told(study: Study, kit: FieldKit, tmp_path: Path) -> None:
    kit.write(tmp_path)
    filled = fill(tmp_path / SHEET, tmp_path / "filled.xlsx", lambda _row, zone: zone, kit)
    book = openpyxl.load_workbook(filled)
    for row in book["Acerca de"].iter_rows(min_row=2):
        if row[0].value == "Reglas":
            row[1].value = "otras"
    book.save(filled)
    assert any("otras reglas" in remark for remark in assess_points(study, filled).remarks)


def test_what_cannot_be_used_is_refused_in_words(study: Study, kit: FieldKit, tmp_path: Path) -> None:
    kit.write(tmp_path)
    with pytest.raises(InputError, match="punto 3: «XYZ» no es una zona"):
        assess_points(
            study, fill(tmp_path / SHEET, tmp_path / "odd.xlsx", lambda row, zone: "XYZ" if row == 2 else zone, kit)
        )
    with pytest.raises(InputError, match="ningún punto con observación"):
        assess_points(study, tmp_path / SHEET)
    (tmp_path / "broken.xlsx").write_bytes((tmp_path / SHEET).read_bytes()[:2000])
    with pytest.raises(InputError, match="no se puede leer como planilla"):
        read_sheet(tmp_path / "broken.xlsx")
    with pytest.raises(MissingError, match="No existe la planilla"):
        read_sheet(tmp_path / "absent.xlsx")
    write_geojson(kit.points[["point", "geometry"]], tmp_path / "bare.geojson")
    with pytest.raises(MissingError, match="columna con la zona observada"):
        assess_points(study, tmp_path / "bare.geojson")
    book = openpyxl.load_workbook(tmp_path / SHEET)
    book["Puntos"].cell(4, 2, "oeste")
    book.save(tmp_path / "west.xlsx")
    with pytest.raises(InputError, match="fila 4, columna «Longitud»: «oeste»"):
        read_sheet(tmp_path / "west.xlsx")


def test_a_negative_seed_is_refused(study: Study) -> None:
    with pytest.raises(InputError, match="Semilla -1"):
        draw_field_kit(study, SamplePlan(seed=-1))
