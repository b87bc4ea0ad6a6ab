from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

import zoning
from gis.errors import InputError, MissingError
from gis.vectors.tile_archive import TileArchive
from gis.vectors.vector import read_vector
from layers.map_layer import FeatureQuery
from layers.workspace import Workspace
from zoning.comparison.comparison_layers import comparison_map_layers
from zoning.comparison.diff_document import diff_document, write_investments
from zoning.comparison.improvements import Improvement, improvements, parse_improvements
from zoning.comparison.investments import investment_list, lifted_cells, standing_classes
from zoning.comparison.overlay import overlay
from zoning.comparison.reasons import IRRIGATION, LAW, MERGED, REASONS, cell_reasons
from zoning.comparison.saved_comparisons import save_comparison, saved_comparison
from zoning.comparison.study_diff import CHANGE_COLUMNS, StudyDiff, diff_studies
from zoning.comparison.study_land import StudyLand, reopen_job
from zoning.rules.limits import S1, SD, N
from zoning.rules.ruleset_file import starter_text
from zoning.study.study import Study
from zoning.zoning_errors import RulesError

LEFT, BOTTOM, CRS = 400_000.0, 7_950_000.0, "EPSG:32720"
AREA = "+proj=laea +lat_0=-18.5 +lon_0=-64 +datum=WGS84 +units=m +no_defs"
SCENARIOS = """
[scenarios.obras]
title = "canal y parque"
irrigation_areas = "canal.gpkg"
protected_areas = "parque.gpkg"
source = "supuesto"
"""


@pytest.fixture(scope="module")
def workspace(make_workspace: Callable[..., Workspace], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = make_workspace(tmp_path_factory.mktemp("diff") / "ws")
    (made.root / "ruleset.toml").write_text(starter_text() + SCENARIOS, encoding="utf-8")
    for name, area in (("canal", box(LEFT + 200, BOTTOM + 3_200, LEFT + 5_000, BOTTOM + 4_200)),
                       ("parque", box(LEFT + 2_000, BOTTOM + 1_500, LEFT + 4_500, BOTTOM + 2_400))):  # fmt: skip
        gpd.GeoDataFrame({"name": [name]}, geometry=[area], crs=CRS).to_file(made.root / f"{name}.gpkg")
    return made


@pytest.fixture(scope="module")
def base(workspace: Workspace) -> Study:
    return zoning.run(workspace, scale=25_000)


@pytest.fixture(scope="module")
def works(workspace: Workspace) -> Study:
    return zoning.run(workspace, scale=25_000, scenario="obras")


@pytest.fixture(scope="module")
def diff(base: Study, works: Study) -> StudyDiff:
    found: StudyDiff = base.diff(works)
    return found


def test_a_study_does_not_differ_from_itself(base: Study) -> None:
    same: StudyDiff = base.diff(base)
    assert same.changed_ha == 0
    assert same.changes.empty
    assert same.transitions().empty
    matrix = same.matrix().to_numpy()
    assert matrix.sum() == pytest.approx(base.zones["area_ha"].sum(), rel=1e-12)
    assert (matrix == np.diag(np.diag(matrix))).all()


def test_every_hectare_is_in_the_matrix_once(diff: StudyDiff, base: Study, works: Study) -> None:
    for by in ("zone", "class"):
        matrix = diff.matrix(by)
        for study, sums in ((base, matrix.sum(axis=1)), (works, matrix.sum(axis=0))):
            own = study.zones.groupby(by)["area_ha"].sum()
            assert sums[sums > 0].to_dict() == pytest.approx(own.to_dict(), rel=1e-8)
    assert diff.area_ha == pytest.approx(base.zones["area_ha"].sum(), rel=1e-9)
    assert diff.changed_ha == pytest.approx(diff.transitions()["area_ha"].sum(), rel=1e-12)
    same = diff.pieces["from_zone"].eq(diff.pieces["to_zone"]) & diff.pieces["from_class"].eq(diff.pieces["to_class"])
    assert diff.changed_ha + diff.pieces.loc[same, "area_ha"].sum() == pytest.approx(diff.area_ha, rel=1e-12)


def test_the_reason_of_a_change_is_what_the_scenario_changed(diff: StudyDiff) -> None:
    table = diff.transitions()
    assert set(table["reason"]) <= {LAW, IRRIGATION, MERGED, "line"}
    park = table[(table["to_zone"] == "CON") & (table["area_ha"] > 5)]
    assert len(park)
    assert set(park["reason"]) == {LAW}
    watered = table[(table["to_zone"] == "HOR") & (table["area_ha"] > 5)]
    assert len(watered)
    assert set(watered["reason"]) == {IRRIGATION}


def test_the_map_of_changes_holds_what_changed_and_nothing_twice(diff: StudyDiff, tmp_path: Path) -> None:
    diff.write(tmp_path / "cambios.gpkg")
    diff.write(tmp_path / "otra.gpkg")
    assert (tmp_path / "cambios.gpkg").read_bytes() == (tmp_path / "otra.gpkg").read_bytes()
    read = read_vector(tmp_path / "cambios.gpkg", layer="changes")
    assert list(read.columns) == [*CHANGE_COLUMNS, "geometry"]
    assert set(read.geom_type) == {"Polygon"}
    assert read["area_ha"].sum() == pytest.approx(diff.changed_ha, rel=1e-9)
    union = shapely.union_all(read.to_crs(AREA).geometry.to_numpy()).area / 10_000
    assert union == pytest.approx(diff.changed_ha, rel=1e-6)
    assert read["change_id"].is_unique
    layer = diff.map_layer()
    page = layer.features(FeatureQuery(limit=2, filters={"to_zone": "CON"}))
    assert page.matched == int((diff.changes["to_zone"] == "CON").sum())
    assert "datos de demostración" in layer.describe().title


def test_cells_that_say_the_same_in_both_studies_are_never_explained_by_a_factor(base: Study) -> None:
    job = reopen_job(base)
    with StudyLand(job, job.frame.places) as land:
        block = land.strip(0, job.grid.rows)
    found, was, became = cell_reasons(block, block, job.rules, job.rules)
    assert (was[0] == became[0]).all()
    assert {REASONS[each] for each in np.unique(found)} == {MERGED}


def test_studies_with_other_cells_are_compared_without_inventing_a_reason(workspace: Workspace, base: Study) -> None:
    coarse = zoning.run(workspace, name="gruesa", scale=25_000, cell=200)
    found: StudyDiff = base.diff(coarse)
    assert "celdas distintas" in found.reasons_note
    assert set(found.changes["reason"]) == {"unknown"}
    assert set(found.changes["reason_title"]) == {"sin dato"}
    assert found.area_ha == pytest.approx(diff_area(base), rel=1e-8)


def test_studies_of_two_territories_are_not_compared(base: Study, works: Study) -> None:
    works = Study(works.workspace, works.name)
    works.__dict__["manifest"] = {**works.manifest, "territory": "otro", "territory_name": "Otro"}
    with pytest.raises(InputError, match="Otro"):
        base.diff(works)


def test_a_study_whose_layers_changed_is_not_rated_with_todays(base: Study) -> None:
    old = Study(base.workspace, base.name)
    layers = [{**each, "sha256": "other"} if each["name"] == "soil" else each for each in base.manifest["layers"]]
    old.__dict__["manifest"] = {**base.manifest, "layers": layers}
    with pytest.raises(InputError, match="soil"):
        reopen_job(old)


def test_the_investment_list_names_every_improvement_in_every_municipality(diff: StudyDiff, base: Study) -> None:
    table = diff.investments
    assert list(dict.fromkeys(table["improvement"])) == [each.name for each in improvements()]
    assert len(table) == len(improvements()) * 2
    known = table[table["note"].isna()]
    assert (known["new_ha"] <= known["area_ha"]).all()
    areas = {each["code"]: each["area_ha"] for each in base.manifest["municipalities"]}
    assert all(row.area_ha <= areas[row.municipality] for row in known.itertuples())
    assert known.loc[known["improvement"] == "irrigation", "area_ha"].sum() > 0


def test_an_improvement_without_a_layer_is_missing_and_never_zero(diff: StudyDiff) -> None:
    drained = diff.investments[diff.investments["improvement"] == "drainage"]
    assert drained["area_ha"].isna().all()
    assert (drained["note"] == "no hay capa de drenaje").all()


def test_the_list_does_not_depend_on_the_threads(base: Study) -> None:
    job = reopen_job(base)
    one, two = (investment_list(job, [1000.0, 1000.0], workers=workers) for workers in (1, 2))
    assert one.equals(two)


def test_an_improvement_lifts_only_what_competes_and_is_not_at_the_top(base: Study) -> None:
    job = reopen_job(base)
    with StudyLand(job, job.frame.places) as land:
        block = land.strip(0, job.grid.rows)
    standing = standing_classes(block, job.rules)
    everything = Improvement(name="x", title="x", gates=job.rules.gate_names, characteristic="slope", at_most=0.0)
    nothing = Improvement(name="y", title="y", gates=())
    lifted = lifted_cells(block, job.rules, everything, standing)
    assert lifted.any()
    assert not lifted_cells(block, job.rules, nothing, standing).any()
    assert not lifted[(block.decided != 0) | (standing == S1) | (standing == SD)].any()
    # Rating every cell, not only those whose inputs move, gives the same.
    again = standing_classes(everything.apply(block), job.rules)
    assert (lifted == ((again > standing) & (block.decided == 0) & (standing >= N))).all()


def test_improvements_that_change_nothing_or_in_another_unit_are_refused() -> None:
    for text, said in (
        ('[x]\ntitle = "x"\nsource = "supuesto"\n', "no cambia nada"),
        ('[x]\ntitle = "x"\ncharacteristic = "ph"\nunit = "%"\nat_least = 6\nsource = "supuesto"\n', "unidad"),
        ('[x]\ntitle = "x"\ncharacteristic = "cal"\nunit = "%"\nat_least = 6\nsource = "supuesto"\n', "desconocida"),
        ('[x]\ntitle = "x"\ngates = ["a"]\n', "source"),
    ):
        with pytest.raises(RulesError, match=said):
            parse_improvements(text)


@given(
    first=st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True),
    second=st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True),
)
@settings(max_examples=40, deadline=None)
def test_two_coverages_cut_by_each_other_lose_and_double_nothing(first: list[int], second: list[int]) -> None:
    """One cut into columns, the other into rows, over the same square of 1 km²."""

    def strips(cuts: list[int], *, upright: bool) -> gpd.GeoDataFrame:
        edges = [0, *sorted(cuts), 100]
        spans = [(LEFT + 10 * low, LEFT + 10 * high) for low, high in pairwise(edges)]
        shapes = [
            box(low, BOTTOM, high, BOTTOM + 1_000)
            if upright
            else box(LEFT, BOTTOM + low - LEFT, LEFT + 1_000, BOTTOM + high - LEFT)
            for low, high in spans
        ]
        return gpd.GeoDataFrame(geometry=shapes, crs=CRS)

    one, two = strips(first, upright=True), strips(second, upright=False)
    pieces = overlay(one, two, area_crs=CRS)
    assert len(pieces) == len(one) * len(two)
    assert pieces.groupby("one")["area_ha"].sum().to_numpy() == pytest.approx(one.area.to_numpy() / 1e4, rel=1e-12)
    assert pieces.groupby("two")["area_ha"].sum().to_numpy() == pytest.approx(two.area.to_numpy() / 1e4, rel=1e-12)


def diff_area(study: Study) -> float:
    return float(study.zones["area_ha"].sum())


def test_a_kept_comparison_is_a_layer_with_tiles_until_a_study_changes(diff: StudyDiff, workspace: Workspace) -> None:
    document = diff_document(diff, investments=False)
    saved = save_comparison(diff, document)
    before = {path.name: path.read_bytes() for path in saved.folder.iterdir()}
    save_comparison(diff, document)
    assert {path.name: path.read_bytes() for path in saved.folder.iterdir()} == before
    assert set(before) == {"diff.json", "changes.gpkg", "changes.pmtiles"}
    found = saved_comparison(workspace, "base", "obras")
    assert found is not None
    assert found.document == json.loads(json.dumps(document))
    (layer,) = comparison_map_layers(workspace)
    assert [each.default for each in layer.parameters()] == ["base--obras"]
    assert layer.features(FeatureQuery(limit=1)).matched == len(diff.changes)
    with TileArchive(saved.folder / "changes.pmtiles") as archive:
        z = archive.zooms[0]
    west, south, _east, _north = layer.describe().extent
    x = int((west + 180) / 360 * 2**z)
    y = int((1 - np.arcsinh(np.tan(np.radians(south))) / np.pi) / 2 * 2**z)
    assert layer.tile(z, x, y, {"comparison": "base--obras"}) is not None
    with pytest.raises(MissingError, match="nada"):
        layer.features(FeatureQuery(parameters={"comparison": "nada"}))
    manifest = workspace.study_dir("obras") / "manifest.json"
    kept = manifest.read_bytes()
    manifest.write_bytes(kept.replace(b'"scale": 25000', b'"scale": 25001'))
    try:
        assert saved_comparison(workspace, "base", "obras") is None
        assert comparison_map_layers(workspace) == []
    finally:
        manifest.write_bytes(kept)


def test_the_investment_list_is_a_table_in_both_forms_with_nothing_invented(diff: StudyDiff, tmp_path: Path) -> None:
    write_investments(diff, tmp_path / "i.csv")
    read = pd.read_csv(tmp_path / "i.csv", dtype={"municipality": str})
    assert list(read.columns) == list(diff.investments.columns)
    assert read.loc[read["improvement"] == "drainage", "area_ha"].isna().all()
    assert read["area_ha"].sum() == pytest.approx(diff.investments["area_ha"].sum(), abs=0.01)
    write_investments(diff, tmp_path / "i.xlsx")
    book = openpyxl.load_workbook(tmp_path / "i.xlsx")
    assert book.sheetnames == ["inversiones", "cambios", "por zona", "por clase"]
    drained = [row for row in book["inversiones"].iter_rows(values_only=True) if row[0] == "drainage"]
    assert {row[4] for row in drained} == {"sin dato"}
    with pytest.raises(InputError, match=r"i\.pdf"):
        write_investments(diff, tmp_path / "i.pdf")


def test_a_comparison_without_reasons_has_the_same_hectares_and_says_that_none_was_sought(
    diff: StudyDiff, base: Study, works: Study
) -> None:
    quick = diff_studies(base, works, reasons=False)
    assert quick.changed_ha == diff.changed_ha
    assert set(quick.changes["reason"]) == {"unknown"}
    assert quick.reasons_note
