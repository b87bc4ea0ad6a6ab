from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import zoning
from gis.errors import InputError, MissingError
from gis.rasters.raster_reader import RasterReader
from layers.map_layer import FeatureQuery
from layers.workspace import Workspace
from zoning.rules.limits import CLASS_NAMES
from zoning.study import study_run
from zoning.study.polygons import COLUMNS
from zoning.study.study import Study

FILES = {
    "zones.gpkg", "zones.parquet", "zones.pmtiles", "zones-070801.pmtiles", "zones-071302.pmtiles", "zones.tif",
    "classes.tif", "summary.csv", "sensitivity.csv", "manifest.json", "aptitude.tif",
    "aptitude.tif.aux.xml", "aptitude.csv",
}  # fmt: skip


@pytest.fixture(scope="module")
def study(small_workspace: Workspace) -> Study:
    return zoning.run(small_workspace, scale=25_000)


def test_a_study_holds_exactly_the_files_that_were_promised(study: Study) -> None:
    assert {path.name for path in study.folder.iterdir()} == FILES


def test_every_field_of_the_contract_stands_in_every_file(study: Study) -> None:
    assert list(study.zones.columns) == [*COLUMNS, "geometry"]
    parquet = gpd.read_parquet(study.folder / "zones.parquet")
    assert list(parquet.columns) == [*COLUMNS, "geometry"]
    assert parquet["zone_id"].is_unique
    assert set(study.zones["class"]) <= set(CLASS_NAMES.values())


def test_polygons_are_single_and_partition_each_municipality(study: Study) -> None:
    zones = study.zones
    assert set(zones.geom_type) == {"Polygon"}
    assert shapely.coverage_is_valid(zones.geometry.to_numpy())
    sums = zones.groupby("municipality")["area_ha"].sum()
    for unit in study.manifest["municipalities"]:
        assert sums[unit["code"]] == pytest.approx(unit["area_ha"], rel=1e-6)


def test_the_precedence_of_the_method_holds_in_the_cells(study: Study) -> None:
    zones = set(study.zones["zone"])
    assert {"CON", "URB", "AGUA", "HOR"} <= zones
    park = study.zones[study.zones["zone"] == "CON"]
    assert park["legal"].all()
    assert "Parque Nacional Parque" in park["explanation"].iloc[0]
    # The steep wall is forest by law because this elevation is fine enough to cut.
    wall = study.zones[(study.zones["zone"] == "FOR") & study.zones["legal"]]
    assert len(wall)
    assert "bosque de protección" in wall["explanation"].iloc[0]


def test_an_area_of_integrated_management_restricts_and_keeps_the_zone(study: Study) -> None:
    farmed = study.zones[study.zones["zone"] == "HOR"].set_index("municipality")
    assert (farmed.loc[["070801"], "restriction"] == "sin nuevos desmontes").all()
    assert (farmed.loc[["070801"], "anmi_share"] > 0.99).all()
    assert farmed.loc[["071302"], "restriction"].isna().all()


def test_a_missing_optional_layer_is_named_on_the_polygon_and_in_the_manifest(study: Study) -> None:
    rated = study.zones[study.zones["zone"].isin(["HOR", "ANU"])]
    assert rated["incomplete"].str.startswith("incompleto: profundidad del suelo").all()
    assert {"soil_depth", "land_cover"} <= set(study.manifest["missing_layers"])
    assert "soil_depth" in study.manifest["absent"]


def test_present_use_is_reported_as_a_conflict_and_decides_nothing(study: Study) -> None:
    park = study.zones[study.zones["zone"] == "CON"]
    assert park["use_conflict"].str.startswith("hoy hay cultivos en el").any()


def test_the_maps_show_the_polygons_and_carry_their_colours(study: Study) -> None:
    with RasterReader(study.folder / "zones.tif") as reader:
        codes = reader.read(0, reader.grid.rows)[0]
        assert reader.tags["NOTICE"] == "datos de demostración"
        assert reader.tags["ZONE_1"].startswith("HOR")
    with RasterReader(study.folder / "classes.tif") as reader:
        classes = reader.read(0, reader.grid.rows)[0]
    numbers = {entry["zone"]: entry["number"] for entry in study.manifest["zones"]}
    assert set(np.unique(codes[np.isfinite(codes)]).astype(int)) == {numbers[code] for code in set(study.zones["zone"])}
    assert (np.isfinite(codes) == np.isfinite(classes)).all()
    share = np.mean(codes[np.isfinite(codes)] == numbers["HOR"])
    drawn = study.zones.loc[study.zones["zone"] == "HOR", "area_ha"].sum() / study.zones["area_ha"].sum()
    assert share == pytest.approx(drawn, abs=0.02)


def test_the_summary_closes_on_the_polygons(study: Study) -> None:
    table = study.summary()
    assert table["area_ha"].sum() == pytest.approx(study.zones["area_ha"].sum(), rel=1e-12)
    assert table.groupby("municipality")["share"].sum().to_numpy() == pytest.approx([1, 1])
    written = pd.read_csv(study.folder / "summary.csv", dtype={"municipality": str})
    assert written["area_ha"].sum() == pytest.approx(study.zones["area_ha"].sum(), rel=1e-8)
    assert set(study.summary("naciente")["municipality"]) == {"071302"}
    with pytest.raises(MissingError):
        study.summary("Atlántida")


def test_running_twice_gives_the_same_bytes(study: Study, small_workspace: Workspace) -> None:
    names = sorted(FILES - {"manifest.json"})
    before = {name: _hash(study.folder / name) for name in names}
    manifest = dict(study.manifest)
    again = zoning.run(small_workspace, scale=25_000, workers=1)
    assert {name: _hash(again.folder / name) for name in names} == before
    second = dict(again.manifest)
    for each in (manifest, second):
        each.pop("run")
    assert second == manifest


def test_a_run_that_dies_leaves_the_old_study_whole(
    study: Study, small_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: _hash(path) for path in study.folder.iterdir()}
    there = small_workspace.studies()

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(study_run, "write_manifest", die)
    with pytest.raises(KeyboardInterrupt):
        zoning.run(small_workspace, scale=25_000)
    assert {path.name: _hash(path) for path in study.folder.iterdir()} == before
    with pytest.raises(KeyboardInterrupt):
        zoning.run(small_workspace, name="muerto", scale=25_000)
    assert small_workspace.studies() == there


def test_every_stage_is_timed(study: Study) -> None:
    seconds = study.manifest["run"]["seconds"]
    stages = {"rules", "encode", "classify", "merge", "coverage", "polygons", "explain", "files", "tiles", "total"}
    assert stages <= set(seconds)


def test_the_sentence_of_every_polygon_is_one_sentence(study: Study) -> None:
    for text in study.zones["explanation"]:
        assert text.endswith(".")
        assert text.count(". ") == 0
        assert "nan" not in text


def test_limiting_gap_leads_to_the_next_class(study: Study) -> None:
    limited = study.zones[study.zones["limiting_limit"].notna()]
    assert (limited["limiting_gap"] == limited["limiting_limit"] - limited["limiting_p50"]).all()
    rated = study.zones[study.zones["score"].notna()]
    assert rated["limiting_limit"].notna().mean() > 0.9
    assert set(limited["class"]) >= {"S1"}


def test_a_point_is_explained_with_the_values_of_its_cell(study: Study) -> None:
    place = study.zones[study.zones["zone"] == "HOR"].geometry.iloc[0].representative_point()
    lon, lat = gpd.GeoSeries([place], crs=study.zones.crs).to_crs(4326).iloc[0].coords[0]
    answer = study.explain(lon, lat)
    assert answer["zone"] == answer["cell"]["zone"] == "HOR"
    assert answer["municipality"] in {"070801", "071302"}
    json.dumps(answer, allow_nan=False)
    first = answer["land_use_types"][0]
    assert {"crop", "water", "management", "window", "class", "score", "factors"} <= set(first)
    assert {"name", "value", "unit", "limits", "class", "score", "source"} <= set(first["factors"][0])
    assert {each["water"] for each in answer["land_use_types"]} == {"rainfed", "irrigated"}
    speaker = next(each for each in answer["zones"] if each["zone"] == "HOR")
    assert speaker["claims"]


def test_the_reasons_of_a_point_are_a_table_too(study: Study) -> None:
    place = study.zones[study.zones["zone"] == "HOR"].geometry.iloc[0].representative_point()
    lon, lat = gpd.GeoSeries([place], crs=study.zones.crs).to_crs(4326).iloc[0].coords[0]
    table, answer = study.factors(lon, lat), study.explain(lon, lat)
    assert len(table) == sum(len(each["factors"]) for each in answer["land_use_types"])
    assert set(table["land_use_type"]) == {each["id"] for each in answer["land_use_types"]}
    counted = table[table["open"] & ~table["flagged"] & table["required"]]
    order = ["SD", "N", "S3", "S2", "S1"]
    worst = counted.groupby("land_use_type")["class"].agg(lambda each: min(each, key=order.index))
    told = table.drop_duplicates("land_use_type").set_index("land_use_type")["land_use_class"]
    assert all(order.index(told[name]) <= order.index(each) for name, each in worst.items())
    assert set(table.attrs["units"]) <= set(table.columns)


def test_figures_say_their_units_and_zones_their_colours(study: Study) -> None:
    units = {"area_ha": "ha", "share": "0 to 1", "stable_ha": "ha"}
    assert study.summary().attrs["units"] == study.totals().attrs["units"] == units
    assert set(study.zones["zone"]) <= set(study.colours)
    assert all(each.startswith("#") for each in study.colours.values())


def test_the_map_of_a_study_tells_the_reasons_and_asks_nothing_of_the_network(study: Study) -> None:
    page = study.explore().get_root().render()
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//(?!leafletjs\.com)""", page)
    assert "@import" not in page
    assert study.colours["HOR"] in page
    assert "datos de demostración" in page
    assert json.dumps(study.zones["explanation"].iloc[0]).strip('"')[:80] in page
    assert "ruleset_hash" not in page


def test_a_point_outside_the_territory_is_refused(study: Study) -> None:
    with pytest.raises(InputError, match="fuera del territorio"):
        study.explain(-60.0, -18.0)
    with pytest.raises(InputError, match="no es un punto"):
        study.explain(-1800.0, -18.0)


def test_a_study_that_does_not_exist_is_refused_by_name(study: Study) -> None:
    with pytest.raises(MissingError, match="base"):
        Study.open(study.workspace, "ninguno")
    with pytest.raises(InputError):
        Study.open(study.workspace, "../fuera")


def test_the_zones_are_a_map_layer_whose_study_can_be_chosen(study: Study, small_workspace: Workspace) -> None:
    layer, *others = zoning.zone_map_layers(small_workspace)
    assert layer.id == "zones"
    assert {each.id for each in others} >= {"cadena_hortifruticultura", "cadena_turismo"}
    assert [each.default for each in layer.parameters()] == ["base"]
    page = layer.features(FeatureQuery(limit=3, filters={"zone": "CON"}))
    assert page.matched == int((study.zones["zone"] == "CON").sum())
    assert "datos de demostración" in layer.describe().title
    west, south, east, north = layer.describe().extent
    assert west < east
    assert south < north
    with pytest.raises(MissingError):
        layer.features(FeatureQuery(parameters={"study": "ninguno"}))


def test_a_cell_finer_than_the_layers_or_a_mad_scale_is_refused(small_workspace: Workspace) -> None:
    with pytest.raises(InputError, match="50"):
        zoning.run(small_workspace, cell=50)
    with pytest.raises(InputError, match="100000"):
        zoning.run(small_workspace, cell=100_000)
    with pytest.raises(InputError, match="Escala"):
        zoning.run(small_workspace, scale=7)


@pytest.mark.parametrize("name", ["a b", "a;b", "a\nb", "x" * 65, "../x", ".x", "-x"])
def test_a_name_that_is_no_name_is_refused_before_anything_is_computed(small_workspace: Workspace, name: str) -> None:
    with pytest.raises(InputError, match="nombre de estudio"):
        zoning.run(small_workspace, name=name)


def test_a_missing_required_layer_leaves_no_data_and_says_which(
    make_workspace: Callable[..., Workspace], tmp_path: Path
) -> None:
    study = zoning.run(make_workspace(tmp_path / "ws", without=("elevation",)), scale=25_000)
    bare = study.zones[study.zones["zone"] == "SD"]
    assert len(bare) > 0
    assert bare["explanation"].str.contains("falta dato de elevación").all()
    assert bare["explanation"].str.contains("no está la capa elevation").all()
    assert not bare["explanation"].str.contains("soil_depth").any()
    assert bare["score"].isna().all()


def test_a_coarser_cell_gives_nearly_the_same_hectares(study: Study, small_workspace: Workspace) -> None:
    coarse = zoning.run(small_workspace, name="gruesa", scale=25_000, cell=150)
    assert coarse.manifest["cell_m"] == 150
    fine = study.totals().groupby("zone")["share"].sum()
    shares = coarse.totals().groupby("zone")["share"].sum()
    assert shares["HOR"] == pytest.approx(fine["HOR"], abs=0.04)
    assert shares["CON"] == pytest.approx(fine["CON"], abs=0.02)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
