"""``valles validate`` on a demonstration: every comparison through the door a user takes."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from api.cli.entry import run
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_gpkg
from zoning.study.study import Study
from zoning.validation.map_areas import polygons_under

SURVEY = """cod_ine,id_persona,codigo,clasificacion,riego,sup_exp
{rows}
"""


def validate(capsys: pytest.CaptureFixture[str], workspace: Path, *arguments: str | Path) -> dict[str, object]:
    assert run(["validate", "-w", str(workspace), "--json", *map(str, arguments)]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_a_kit_filled_and_read_back_gives_the_accuracy(
    demo_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = validate(capsys, demo_workspace, "--kit", "--minimum", "4", "--standard-error", "0.1", "--out", tmp_path)
    assert made["kit"]["points"] == sum(made["kit"]["by_zone"].values())
    assert all(Path(file).is_file() for file in made["files"])
    book = openpyxl.load_workbook(tmp_path / "field_sheet.xlsx")
    sheet = book["Puntos"]
    zones = Study.open(demo_workspace).zones
    marks = read_vector(tmp_path / "field_points.gpx", layer="waypoints")
    mapped = zones["zone"].to_numpy()[polygons_under(marks, zones)]
    for row, zone in enumerate(mapped, start=2):
        sheet.cell(row, 5, zone)
    book.save(tmp_path / "filled.xlsx")
    found = validate(capsys, demo_workspace, "--points", tmp_path / "filled.xlsx", "--out", tmp_path)
    assert found["accuracy"]["overall"] == pytest.approx(1)
    assert found["accuracy"]["used"] == made["kit"]["points"]
    assert (tmp_path / "accuracy.csv").read_text(encoding="utf-8").startswith("zone,mapped_area_ha,samples")


def test_survey_plan_and_presence_in_one_go(
    demo_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = Study.open(demo_workspace)
    codes = sorted(set(study.zones["municipality"]))
    rows = [f"{code},{unit},01122000,Anual,2,{unit}" for unit, code in enumerate(codes * 3, start=1)]
    (tmp_path / "survey.csv").write_text(SURVEY.format(rows="\n".join(rows)), encoding="utf-8")
    write_gpkg(study.zones[["zone", "geometry"]], tmp_path / "plan.gpkg", layer="plan")
    lines = [f"{zone};{zone}" for zone in sorted(set(study.zones["zone"]))]
    (tmp_path / "crosswalk.csv").write_text("\n".join(["zone;zonas", *lines]), encoding="utf-8")
    found = validate(
        capsys, demo_workspace, "--survey", tmp_path / "survey.csv", "--plan", tmp_path / "plan.gpkg",
        "--crosswalk", tmp_path / "crosswalk.csv", "--presence", "--out", tmp_path / "out",
    )  # fmt: skip
    assert found["demo"] is True
    assert {zone["zone"] for zone in found["survey"]["zones"]} == {"HOR", "VID", "FRU", "ANU", "CAN"}
    assert found["plan"]["conflict_ha"] == pytest.approx(0, abs=1)
    assert found["plan"]["agreement_ha"] == pytest.approx(study.zones["area_ha"].sum(), rel=1e-4)
    assert found["presence"]["kinds"][-1]["kind"] == "all"
    written = {Path(file).name for file in found["files"]}
    assert {"survey.csv", "survey.png", "survey.json", "plan.gpkg", "plan.csv", "presence.csv"} <= written
    assert json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))["plan"] == found["plan"]


def test_the_text_says_it_in_spanish(demo_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", "-w", str(demo_workspace), "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "cualquier lugar" in said
    assert "veces el azar" in said


def test_a_plan_without_its_table_is_wrong_usage(
    demo_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["validate", "-w", str(demo_workspace), "--plan", str(tmp_path / "plan.gpkg")]) == 2
    assert "--crosswalk" in capsys.readouterr().err


def test_what_is_not_there_is_refused_and_nothing_is_written(
    demo_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    for option in ("--points", "--survey"):
        code = run(["validate", "-w", str(demo_workspace), option, str(tmp_path / "absent.csv"), "--out", str(out)])
        assert code == 1
        assert "absent.csv" in capsys.readouterr().err
    assert run(["validate", "-w", str(demo_workspace), "--study", "otro", "--out", str(out)]) == 1
    assert not out.exists()
