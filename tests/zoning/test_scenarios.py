from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

import zoning
from gis.errors import InputError, MissingError
from layers.workspace import Workspace
from zoning.comparison.study_land import reopen_job
from zoning.land.land_data import LandData
from zoning.land.precedence import RESTRICTED, Precedence
from zoning.rating.reference import rate_factor
from zoning.rules.characteristic import QUANTITIES
from zoning.rules.compiled_rules import compile_rules
from zoning.rules.crop_library import load_crops
from zoning.rules.land_use_types import Factor
from zoning.rules.ruleset_file import load_ruleset, parse_ruleset, starter_text
from zoning.study.cell_results import CellResults
from zoning.study.classification import classify_land
from zoning.study.polygons import LEGAL_BIT
from zoning.study.run_job import open_job
from zoning.study.study import Study
from zoning.study.zone_words import words_for
from zoning.zoning_errors import RulesError

SCENARIOS = """
[scenarios.nulo]
title = "nada cambia"
source = "supuesto"

[scenarios.calor]
title = "2 °C más"
temperature_degc = 2
source = "supuesto"

[scenarios.seco]
title = "15 % menos de lluvia"
rain_percent = -15
source = "supuesto"

[scenarios.canal]
title = "riego por un canal nuevo"
irrigation_areas = "canal.gpkg"
source = "supuesto"

[scenarios.parque]
title = "parque nuevo"
protected_areas = "parque.gpkg"
source = "supuesto"

[scenarios.manejo]
title = "manejo integrado nuevo"
protected_areas = "parque.gpkg"
protected_category = "integrated_management"
source = "supuesto"

[scenarios.pesos]
title = "la temperatura pesa el triple"
weights = { temperature = 3 }
source = "supuesto"
"""
LEFT, BOTTOM, CRS = 400_000.0, 7_950_000.0, "EPSG:32720"
RULES = load_ruleset()
COMPILED = compile_rules(RULES, load_crops(), available=set(QUANTITIES))


@pytest.fixture(scope="module")
def workspace(make_workspace: Callable[..., Workspace], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = make_workspace(tmp_path_factory.mktemp("scenarios") / "ws")
    (made.root / "ruleset.toml").write_text(starter_text() + SCENARIOS, encoding="utf-8")
    canal = box(LEFT + 200, BOTTOM + 3_200, LEFT + 5_000, BOTTOM + 4_200)
    gpd.GeoDataFrame({"name": ["Canal"]}, geometry=[canal], crs=CRS).to_file(made.root / "canal.gpkg")
    park = box(LEFT + 2_000, BOTTOM + 1_500, LEFT + 4_500, BOTTOM + 3_500)
    gpd.GeoDataFrame({"name": ["Parque Nuevo"]}, geometry=[park], crs=CRS).to_crs(4326).to_file(
        made.root / "parque.gpkg"
    )
    return made


@pytest.fixture(scope="module")
def base(workspace: Workspace) -> Study:
    return zoning.run(workspace, scale=25_000)


@pytest.fixture(scope="module")
def canal(workspace: Workspace) -> Study:
    return zoning.run(workspace, scale=25_000, scenario="canal", name="con_canal")


@dataclass(frozen=True)
class _Cells:
    found: CellResults
    land: dict[str, np.ndarray]


@cache
def _cells(workspace: Workspace, scenario: str | None) -> _Cells:
    """Classify every cell, before any patch is merged."""
    job = open_job(workspace, scale=25_000, scenario=scenario)
    places = job.frame.places
    ruleset = job.rules.ruleset
    frost, calendar, changes = ruleset.frost.offset, ruleset.calendar, job.changes
    with (
        LandData(workspace, job.grid, job.inventory, frost_offset=frost, calendar=calendar, changes=changes) as land,
        Precedence(workspace, job.grid, ruleset, places, slope_counts=True, changes=job.changes) as precedence,
    ):
        land.prepare(job.rules.inputs, places)
        found = classify_land(land, precedence, job.rules, job.frame)
        return _Cells(found, land.columns(job.rules.inputs, 0, job.grid.rows, places))


def test_a_scenario_without_changes_gives_the_bytes_of_the_base(workspace: Workspace, base: Study) -> None:
    study = zoning.run(workspace, scale=25_000, scenario="nulo")
    assert study.name == "nulo"
    for name in ("zones.tif", "classes.tif", "zones.parquet", "summary.csv"):
        assert _hash(study.folder / name) == _hash(base.folder / name), name
    assert base.manifest["scenario"] is None
    assert study.manifest["scenario"]["name"] == "nulo"


def test_the_manifest_identifies_the_scenario_and_the_content_of_its_files(workspace: Workspace, canal: Study) -> None:
    record = canal.manifest["scenario"]
    assert record["files"] == {"canal.gpkg": _hash(workspace.root / "canal.gpkg")}
    assert len(record["hash"]) == 64
    assert workspace.study_dir("con_canal").is_dir()
    jobs = [open_job(workspace, scenario=name) for name in ("nulo", "calor", "seco", "canal")]
    hashes = {job.changes.hash for job in jobs if job.changes is not None}
    assert len(hashes) == 4
    assert record["hash"] in hashes


def test_warmth_moves_every_temperature_and_no_rain(workspace: Workspace) -> None:
    before, warm = _cells(workspace, None).land, _cells(workspace, "calor").land
    for key, column in before.items():
        name = key.partition("@")[0]
        if name in {"temp_annual", "temp_mean", "temp_min", "temp_max", "extreme_min"}:
            assert warm[key] == pytest.approx(column + 2, abs=1e-4), key
        elif name in {"gdd", "huglin"}:
            assert (warm[key] >= column).all(), key
        elif name == "chill_hours":
            assert (warm[key] <= column).all(), key
        else:
            assert np.array_equal(warm[key], column, equal_nan=True), key


def test_drought_moves_every_rain_and_no_temperature(workspace: Workspace) -> None:
    before, dry = _cells(workspace, None).land, _cells(workspace, "seco").land
    for key, column in before.items():
        rain = key.partition("@")[0] in {"rain_annual", "rain_season"}
        assert dry[key] == pytest.approx(column * 0.85 if rain else column, rel=1e-5, nan_ok=True), key


@given(
    number=st.integers(0, len(COMPILED.land_use_types) - 1),
    warmth=st.floats(-5, 30, width=32),
    rest=st.floats(0, 1),
)
@settings(max_examples=200, deadline=None)
def test_two_degrees_more_never_lower_what_only_cold_limits(number: int, warmth: float, rest: float) -> None:
    """Where every temperature stays below the optimum's upper end, warming lifts or leaves the class."""
    kind = COMPILED.land_use_types[number]
    cold: dict[str, np.ndarray] = {}
    for factor in kind.factors:
        key, high = factor.characteristic.key, factor.limits.high
        if factor.letter == "t" or factor.characteristic.name == "extreme_min":
            if factor.limits.low is None or factor.characteristic.name in {"chill_hours", "huglin", "gdd"}:
                continue
            top = high.s1 - 2 if high is not None else 40.0
            cold[key] = np.array([min(warmth, top)], dtype=np.float32)
        else:
            cold[key] = np.array([rest * 100], dtype=np.float32)
    warm = {
        key: column + np.float32(2) if key.startswith(("temp", "extreme")) else column for key, column in cold.items()
    }
    kept = [each for each in kind.factors if each.characteristic.key in cold]
    classes = [min(_class(each, values[each.characteristic.key]) for each in kept) for values in (cold, warm)]
    assert classes[1] >= classes[0]


def test_a_new_protected_area_adds_conservation_and_nothing_else(workspace: Workspace) -> None:
    before, after = _cells(workspace, None).found, _cells(workspace, "parque").found
    con = RULES.zone("CON").number
    moved = before.zone != after.zone
    assert moved.any()
    assert (after.zone[moved] == con).all()
    assert ((before.flags & RESTRICTED) == (after.flags & RESTRICTED)).all()
    assert (before.cls[~moved] == after.cls[~moved]).all()


def test_a_new_area_that_only_restricts_changes_no_zone(workspace: Workspace) -> None:
    before, after = _cells(workspace, None).found, _cells(workspace, "manejo").found
    assert (before.zone == after.zone).all()
    was, became = before.flags & RESTRICTED, after.flags & RESTRICTED
    assert (became >= was).all()
    assert (became > was).any()


def test_extended_irrigation_never_takes_horticulture_away(workspace: Workspace) -> None:
    before, after = _cells(workspace, None).found, _cells(workspace, "canal").found
    hor = RULES.zone("HOR").number
    assert (after.zone[before.zone == hor] == hor).all()
    assert (after.zone == hor).sum() > (before.zone == hor).sum()


def test_other_weights_move_scores_and_never_a_class(workspace: Workspace) -> None:
    before, after = _cells(workspace, None).found, _cells(workspace, "pesos").found
    same = (before.zone == after.zone) & (before.land_use_type == after.land_use_type)
    assert same.mean() > 0.5
    assert (before.cls[same] == after.cls[same]).all()
    assert (before.score != after.score)[same & np.isfinite(before.score)].any()


def test_a_point_is_explained_under_its_scenario(workspace: Workspace, base: Study, canal: Study) -> None:
    warm = zoning.run(workspace, scale=25_000, scenario="calor")
    place = gpd.GeoSeries([box(LEFT + 2_400, BOTTOM + 3_900, LEFT + 2_410, BOTTOM + 3_910).centroid], crs=CRS)
    lon, lat = place.to_crs(4326).iloc[0].coords[0]
    plain = base.explain(lon, lat)
    assert warm.explain(lon, lat)["values"]["temp_annual"] == pytest.approx(
        plain["values"]["temp_annual"] + 2, abs=1e-3
    )
    gates = {each["name"]: each["open"] for each in canal.explain(lon, lat)["gates"]}
    assert gates["irrigation_access"]
    assert not {each["name"]: each["open"] for each in plain["gates"]}["irrigation_access"]


def test_a_new_park_is_named_on_its_polygons(workspace: Workspace) -> None:
    zones = zoning.run(workspace, scale=25_000, scenario="parque").zones
    parks = zones[zones["zone"] == "CON"]
    assert parks["explanation"].str.contains("Parque Nuevo").any()


def test_legal_forest_that_touches_a_park_is_not_told_as_made_by_the_park(workspace: Workspace) -> None:
    job = open_job(workspace, scale=25_000, scenario="parque")
    codes = [job.rules.zone(code).number | LEGAL_BIT for code in ("FOR", "CON")]
    park = box(LEFT + 2_000, BOTTOM + 1_500, LEFT + 4_500, BOTTOM + 3_500)
    wall = box(LEFT + 4_490, BOTTOM + 2_000, LEFT + 5_500, BOTTOM + 3_000)
    words = words_for(job, gpd.GeoDataFrame({"code": codes}, geometry=[wall, park], crs=CRS)).protected
    assert words == {1: "Parque Nuevo"}


def test_a_scenario_whose_file_changed_is_not_rated_as_if_it_were_the_old_one(
    changed_canal: Study,
) -> None:
    with pytest.raises(InputError, match="cambiaron"):
        reopen_job(changed_canal)
    (diff := changed_canal.diff(changed_canal)).matrix()
    with pytest.raises(InputError, match="cambiaron"):
        assert diff.investments.empty


@pytest.fixture
def changed_canal(workspace: Workspace, canal: Study) -> Iterator[Study]:
    path = workspace.root / "canal.gpkg"
    kept = path.read_bytes()
    frame = gpd.read_file(path)
    frame.set_geometry(frame.translate(50, 0)).to_file(path)
    yield canal
    path.write_bytes(kept)


def test_an_unknown_scenario_is_refused_with_those_there_are(workspace: Workspace) -> None:
    with pytest.raises(MissingError, match="lluvioso") as caught:
        zoning.run(workspace, scenario="lluvioso")
    assert "calor_sequia" in caught.value.expected
    assert "lluvioso" not in workspace.studies()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("temperature_degc = 40", "temperature_degc"),
        ("rain_percent = -120", "rain_percent"),
        ('irrigation_areas = "x.gpkg"\nirrigation_gates = ["nada"]', "irrigation_gates"),
        ('protected_areas = "x.gpkg"\nprotected_category = "nada"', "protected_category"),
        ("weights = { temperature = 0 }", "temperature"),
        ("lluvia = 3", "lluvia"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused_by_line_and_key(text: str, said: str) -> None:
    rules = starter_text() + f'\n[scenarios.malo]\ntitle = "malo"\nsource = "supuesto"\n{text}\n'
    with pytest.raises(RulesError, match=said) as caught:
        parse_ruleset(rules)
    assert "línea" in caught.value.found


def test_a_scenario_that_names_no_file_no_area_or_no_factor_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    def rules(text: str) -> Path:
        path = tmp_path / "rules.toml"
        path.write_text(
            starter_text() + f'\n[scenarios.malo]\ntitle = "m"\nsource = "supuesto"\n{text}\n', encoding="utf-8"
        )
        return path

    with pytest.raises(MissingError, match=r"nada\.gpkg"):
        open_job(workspace, ruleset=rules('irrigation_areas = "nada.gpkg"'), scenario="malo")
    far = gpd.GeoDataFrame(geometry=[box(10, 40, 11, 41)], crs=4326)
    far.to_file(workspace.root / "lejos.gpkg")
    with pytest.raises(InputError, match="otro lugar"):
        open_job(workspace, ruleset=rules('irrigation_areas = "lejos.gpkg"'), scenario="malo")
    points = gpd.read_file(workspace.root / "canal.gpkg")
    points.set_geometry(points.centroid).to_file(workspace.root / "puntos.gpkg")
    with pytest.raises(InputError, match="polígonos"):
        open_job(workspace, ruleset=rules('protected_areas = "puntos.gpkg"'), scenario="malo")
    with pytest.raises(RulesError, match="marea"):
        open_job(workspace, ruleset=rules("weights = { marea = 2 }"), scenario="malo")


def _class(factor: Factor, value: np.ndarray) -> int:
    return int(rate_factor(value, factor).cls[0])


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
