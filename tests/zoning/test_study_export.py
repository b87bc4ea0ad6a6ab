"""What a study hands over closes, explains itself, cites its sources and is the same bytes twice."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zoning
from gis.errors import InputError, MissingError
from layers.workspace import Workspace
from zoning.study.citation import citation_text, sources
from zoning.study.closed_figures import apportion
from zoning.study.data_dictionary import columns_of, data_dictionary
from zoning.study.polygons import COLUMNS
from zoning.study.study import Study
from zoning.study.study_check import check_study
from zoning.study.study_export import ATTRIBUTION, CITATION, DICTIONARY, WORKBOOK, export_study, summary_document
from zoning.study.summary import CLOSED_COLUMNS


@pytest.fixture(scope="module")
def study(small_study: Study) -> Study:
    return small_study


@given(
    parts=st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=40).filter(
        lambda each: sum(each) > 0
    ),
    decimals=st.integers(0, 4),
    drift=st.floats(-1e-6, 1e-6),
)
def test_rounded_parts_add_up_to_the_rounded_whole_and_none_moves_a_digit(
    parts: list[float], decimals: int, drift: float
) -> None:
    whole = sum(parts) * (1 + drift)
    rounded = apportion(parts, whole, decimals=decimals)
    step = Decimal(1).scaleb(-decimals)
    exact = sum((Decimal(repr(each)).quantize(step) for each in rounded.tolist()), Decimal(0))
    assert abs(exact - Decimal(whole)) <= step * Decimal("0.501") + Decimal("1e-6")
    scaled = np.array(parts) * (whole / sum(parts))
    assert (np.abs(rounded - scaled) <= float(step) * (1 + 1e-6) + 1e-6).all()
    assert (rounded >= 0).all()


def test_every_figure_of_the_written_summary_adds_up_exactly(study: Study) -> None:
    with (study.folder / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(CLOSED_COLUMNS)
    for unit in study.manifest["municipalities"]:
        mine = [row for row in rows if row["municipality"] == unit["code"]]
        area = sum(Decimal(row["area_ha"]) for row in mine)
        assert area == Decimal(str(unit["area_ha"])).quantize(Decimal("0.0001"))
        assert sum(Decimal(row["percent"]) for row in mine) == 100
        assert sum(Decimal(row["share"]) for row in mine) == 1


def test_the_printed_sheet_adds_up_to_every_municipality(study: Study, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export_study(study, tmp_path / "resumen.xlsx"))
    assert book.sheetnames == ["resumen", "por municipio", "diccionario", "cita"]
    rows = [row for row in book["por municipio"].iter_rows(min_row=2, values_only=True) if row[1]]
    for unit in study.manifest["municipalities"]:
        mine = [row for row in rows if row[0] == unit["code"]]
        assert sum(Decimal(str(row[6])) for row in mine) == Decimal(str(round(unit["area_ha"], 2)))
        assert sum(Decimal(str(row[7])) for row in mine) == 100
    overview = [row for row in book["resumen"].iter_rows(min_row=5, values_only=True) if row[1]]
    assert sum(Decimal(str(row[4])) for row in overview) == sum(Decimal(str(row[6])) for row in rows)
    assert sum(Decimal(str(row[5])) for row in overview) == 100
    assert "datos de demostración" in str(book["resumen"]["A2"].value)


def test_every_column_that_is_written_is_in_the_dictionary_in_both_languages(study: Study) -> None:
    assert [each.name for each in columns_of("zones")] == list(COLUMNS)
    assert [each.name for each in columns_of("summary")] == list(CLOSED_COLUMNS)
    assert set(study.zones.columns) - {"geometry"} == {each.name for each in columns_of("zones")}
    for each in data_dictionary():
        assert each.spanish
        assert each.english
        assert each.spanish != each.english
    for path in study.folder.glob("*.csv"):
        head = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        assert [each.name for each in columns_of(path.stem)] == head, path.name


def test_the_bundle_takes_every_file_of_the_manifest_and_says_what_it_is(study: Study, tmp_path: Path) -> None:
    bundle = export_study(study, tmp_path / "uno.zip")
    assert bundle.read_bytes() == export_study(study, tmp_path / "dos.zip").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dos.zip", "uno.zip"]
    with zipfile.ZipFile(bundle) as parts:
        names = {name.partition("/")[2] for name in parts.namelist()}
        assert names == {*study.manifest["files"], "manifest.json", WORKBOOK, DICTIONARY, CITATION, ATTRIBUTION,
                         "ruleset.toml"}  # fmt: skip
        assert parts.read("base/zones.gpkg") == (study.folder / "zones.gpkg").read_bytes()
        rows = list(csv.DictReader(io.StringIO(parts.read(f"base/{ATTRIBUTION}").decode())))
        assert [row["name"] for row in rows] == [each["name"] for each in study.manifest["layers"]]
        assert all(row["licence"] and row["attribution"] for row in rows)


def test_the_citation_names_territory_study_rules_dates_and_whoever_must_be_asked(study: Study) -> None:
    text = citation_text(study.manifest)
    for told in ("Territorio de prueba", "«base»", study.manifest["ruleset_hash"], "2026", "nadie", "CC0",
                 "Datos de demostración"):  # fmt: skip
        assert told in text
    assert "pida permiso" not in text
    layers = [{**each, "licence": "personal use only: do not ship"} for each in study.manifest["layers"]]
    assert sources(layers)[0].reserved
    assert "pida permiso" in citation_text({**study.manifest, "layers": layers})


def test_json_and_geojson_hold_the_same_hectares(study: Study, tmp_path: Path) -> None:
    document = json.loads(export_study(study, tmp_path / "a.json").read_text(encoding="utf-8"))
    assert document == json.loads(json.dumps(summary_document(study)))
    whole = sum(each["area_ha"] for each in study.manifest["municipalities"])
    for rows in (document["rows"], document["totals"]):
        assert sum(row["area_ha"] for row in rows) == pytest.approx(whole, abs=1e-4)
    assert {each["column"] for each in document["dictionary"]} == set(CLOSED_COLUMNS)
    drawn = gpd.read_file(export_study(study, tmp_path / "a.geojson"))
    assert len(drawn) == len(study.zones)
    assert drawn.crs.to_epsg() == 4326


def test_what_cannot_be_written_is_refused_with_what_can(study: Study, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.pdf") as caught:
        export_study(study, tmp_path / "a.pdf")
    assert ".zip" in caught.value.expected
    broken = Study(study.workspace, study.name)
    broken.__dict__["manifest"] = {**study.manifest, "files": {**study.manifest["files"], "gone.tif": "0"}}
    with pytest.raises(MissingError, match=r"gone\.tif"):
        export_study(broken, tmp_path / "a.zip")
    assert not list(tmp_path.iterdir())
    assert check_study(broken).missing == ("gone.tif",)


def test_a_check_finds_an_open_summary_a_torn_coverage_and_a_stranger(
    make_workspace: Callable[..., Workspace], tmp_path: Path
) -> None:
    fresh = zoning.run(make_workspace(tmp_path / "ws"), scale=25_000)
    whole = check_study(fresh)
    assert whole.good
    assert not whole.added
    table = fresh.folder / "summary.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text("\n".join(text.splitlines()[:-1]) + "\n", encoding="utf-8")
    (fresh.folder / "nota.txt").write_text("mía", encoding="utf-8")
    torn = Study(fresh.workspace, fresh.name)
    zones = fresh.zones.copy()
    zones.geometry = [zones.geometry.iloc[0].buffer(50), *zones.geometry.iloc[1:]]
    torn.__dict__["zones"] = zones
    found = check_study(torn)
    assert found.changed == ("summary.csv",)
    assert found.summary_open == ("071302",)
    assert found.added == ("nota.txt",)
    assert not found.coverage_valid
    assert not found.good
    table.write_text("x\n", encoding="utf-8")
    assert not check_study(fresh).readable
