"""A stack zones as a study does, is made again only where something changed, and answers what-if questions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from layer_zoning import classified_from_layers

import zoning
from gis.errors import InputError
from gis.rasters.cog import write_cog
from gis.rasters.raster import Raster
from gis.rasters.raster_reader import RasterReader
from layers.workspace import Workspace
from zoning.comparison.what_if import Experiment
from zoning.rating.interval_codes import cut_points
from zoning.rules.rule_change import RuleChange
from zoning.stack.stack import Stack
from zoning.stack.stack_build import build_stack, stack_folder
from zoning.stack.stack_index import StackIndex
from zoning.stack.stack_land import StackLand
from zoning.stack.stack_window import Window
from zoning.study.run_job import RunJob, open_job
from zoning.study.study import Study
from zoning.study.study_run import run
from zoning.zoning_errors import ChangeError

Maker = Callable[..., Workspace]

ROADS_FURTHER = {"gates": {"near_people": {"distance_road": 300}}}


def land_of(job: RunJob) -> StackLand:
    return StackLand(
        workspace=job.workspace,
        inventory=job.inventory,
        grid=job.grid,
        unit=job.frame.unit,
        codes=job.frame.codes,
        places=job.frame.places,
        frost_offset=job.rules.ruleset.frost.offset,
        calendar=job.rules.ruleset.calendar,
        changes=job.changes,
    )


@pytest.fixture(scope="module")
def study(make_workspace: Maker, tmp_path_factory: pytest.TempPathFactory) -> Study:
    workspace = make_workspace(tmp_path_factory.mktemp("whatif") / "ws", cover=True)
    return run(workspace, scale=25_000)


@pytest.fixture(scope="module")
def experiment(study: Study) -> Experiment:
    with Experiment(study) as opened:
        yield opened


def assert_zoned_as_by_values(job: RunJob, stack: Stack, *, patch: object = None) -> None:
    cells = classified_from_layers(job)
    found = stack.zone(job.rules, patch=patch, maps=True)
    inside = job.frame.places.inside
    np.testing.assert_array_equal(found.zone[inside], cells.zone)
    np.testing.assert_array_equal(found.cls[inside], cells.cls)
    assert found.counts.sum() == inside.sum()


@pytest.mark.parametrize("options", [{}, {"cover": True}, {"without": ("soil", "roads")}, {"native_cell": 475.0}])
def test_a_stack_zones_every_cell_as_the_layers_do(make_workspace: Maker, tmp_path: Path, options: dict) -> None:
    job = open_job(make_workspace(tmp_path / "ws", **options))
    land = land_of(job)
    index, made = build_stack(land, job.rules)
    assert "places" in made
    with Stack(land, index) as stack:
        assert_zoned_as_by_values(job, stack)


def test_a_scenario_has_a_stack_of_its_own(make_workspace: Maker, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws")
    job = open_job(workspace, scenario="calor_sequia")
    land = land_of(job)
    index, _made = build_stack(land, job.rules)
    assert stack_folder(land).name == "prueba-calor_sequia-100m"
    with Stack(land, index) as stack:
        assert_zoned_as_by_values(job, stack)


def test_threads_windows_and_runs_change_nothing(experiment: Experiment) -> None:
    stack, job = experiment.stack, experiment._job
    rows, cols = job.grid.shape
    whole = stack.zone(job.rules, maps=True, workers=1)
    halves = [Window(row_start=0, row_stop=rows, col_start=start, col_stop=stop) for start, stop in ((0, 7), (7, cols))]
    parts = [stack.zone(job.rules, within=half, maps=True, workers=2) for half in halves]
    np.testing.assert_array_equal(whole.counts, parts[0].counts + parts[1].counts)
    np.testing.assert_array_equal(whole.zone, np.maximum(parts[0].zone, parts[1].zone))


def test_the_same_layers_make_the_same_bytes_and_are_not_read_twice(make_workspace: Maker, tmp_path: Path) -> None:
    jobs = [open_job(make_workspace(tmp_path / name / "ws")) for name in ("one", "two")]
    lands = [land_of(job) for job in jobs]
    first, second = (build_stack(land, job.rules) for land, job in zip(lands, jobs, strict=True))
    files = [(stack_folder(land) / "stack.tif").read_bytes() for land in lands]
    assert files[0] == files[1]
    assert first[0].hash == second[0].hash
    assert build_stack(lands[0], jobs[0].rules)[1] == ()


def test_a_changed_layer_makes_its_own_bands_again(make_workspace: Maker, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws")
    before = land_of(open_job(workspace))
    old, _all = build_stack(before, open_job(workspace).rules)
    path = workspace.layers_dir / "soil.tif"
    with RasterReader(path) as reader:
        grid, names, soil = reader.grid, reader.names, reader.read(0, reader.grid.rows)
    write_cog(path, Raster.of(soil - np.float32(1.2), unit="", grid=grid), names=names)
    job = open_job(workspace)
    land = land_of(job)
    index, made = build_stack(land, job.rules)
    assert set(made) == {"ph", "organic_carbon"}
    assert index.hash != old.hash
    with Stack(land, index) as stack:
        assert_zoned_as_by_values(job, stack)


def test_a_moved_limit_codes_its_own_layer_only(experiment: Experiment) -> None:
    change = {"limits": {"maiz": {"temperature": {"low.s2": 15.037}}}}
    cost = experiment.cost(change)
    assert cost.encode
    assert {key.split("@")[0] for key in cost.encode} == {"temp_mean"}
    assert cost.layers == ("temperature_mean_prueba",)
    assert cost.seconds > 0
    assert "temperature_mean_prueba" in str(cost)
    outcome = experiment.outcome(change)
    assert outcome.cost == cost
    assert experiment.cost(change).encode == ()


def test_a_change_is_zoned_as_a_run_with_those_rules_would(study: Study, experiment: Experiment) -> None:
    changes = [
        ROADS_FURTHER,
        {"minimum": {"VID": "S2"}, "order": ["ANU", "FRU", "VID", "HOR"]},
        {"protected": {"national_park": "", "integrated_management": "CON"}},
        {"legal_forest_slope": 25, "ungated": ["near_people"]},
        {"limits": {"papa": {"temperature": {"low.s1": 16.003}}}, "weights": {"temperature": 3}},
    ]
    inside = experiment._job.frame.places.inside
    for change in changes:
        rules = experiment.rules(change)
        job = open_job(study.workspace, ruleset=rules.ruleset, scale=25_000)
        job = type(job)(**{**vars(job), "rules": rules})
        cells = classified_from_layers(job)
        np.testing.assert_array_equal(
            experiment.outcome(change, maps=True).zone[inside], cells.zone, err_msg=str(change)
        )


def test_the_table_adds_up_to_each_municipality(study: Study, experiment: Experiment) -> None:
    outcome = experiment.outcome(ROADS_FURTHER)
    table = outcome.table
    areas = experiment._job.municipal_areas()
    for column in ("area_ha", "base_ha"):
        sums = table.groupby("municipality")[column].sum()
        for code, area in areas.items():
            assert sums[code] == pytest.approx(area, abs=0.01)
    assert outcome.moved_ha > 0
    assert table["change_ha"].sum() == pytest.approx(0, abs=0.01)
    assert experiment.outcome({}).moved_ha == 0
    one = experiment.outcome(ROADS_FURTHER, municipality="naciente").table
    assert set(one["municipality"]) == {"071302"}
    whole = table[table["municipality"] == "071302"].reset_index(drop=True)
    np.testing.assert_allclose(one["area_ha"], whole["area_ha"])
    again = zoning.what_if(study, RuleChange.of(ROADS_FURTHER), municipality="071302")
    np.testing.assert_allclose(again["area_ha"], one["area_ha"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"order": ["HOR"]}, "orden"),
        ({"minimum": {"XYZ": "S2"}}, "XYZ"),
        ({"minimum": {"VID": "S9"}}, "S9"),
        ({"minimum": {"VID": "N"}}, "clase mínima"),
        ({"gates": {"near_people": {"slope": 3}}}, "slope"),
        ({"gates": {"near_people": {"distance_road": "lejos"}}}, "lejos"),
        ({"limits": {"maiz": {"temperature": {"low.s1": float("nan")}}}}, "NaN"),
        ({"limits": {"maiz": {"temperature": {"low.s9": 3}}}}, "low.s9"),
        ({"limits": {"maiz": {"temperature": {"low.s1": -50}}}}, "monótonos"),
        ({"weights": {"humor": 2}}, "humor"),
        ({"protected": {"national_park": "PARK"}}, "PARK"),
        ({"zonas": {}}, "zonas"),
        ({"minimun": {}}, "¿quiso decir «minimum»"),
        ({"gates": 5}, "En el cambio, gates: el valor 5. Se esperaba una tabla"),
        ({"gates": {"near_people": None}}, "gates.near_people: el valor null"),
        ({"order": "HOR"}, "order: el valor «HOR». Se esperaba una lista"),
        ({"order": ["HOR", "VID", "VID", "ANU"]}, "VID está dos veces"),
        ({"order": ["HOR", "VID", "GAN", "ANU"]}, "GAN no compite"),
        ({"minimum": {"GAN": "S2"}}, "minimum.GAN: la zona GAN no compite"),
        ({"minimum": {"CON": "S2"}}, "minimum.CON: la zona CON no compite"),
        ({"minimum": {"VID": True}}, "minimum.VID: el valor true. Se esperaba un texto"),
        ({"gates": {"near_peopel": {"distance_road": 3}}}, "¿quiso decir «near_people»"),
        ({"gates": {"near_people": {"distance_roads": 3}}}, "¿quiso decir «distance_road»"),
        ({"gates": {"near_people": {"distance_road": -1}}}, "distance_road: el valor −1. Se esperaba un número de 0"),
        ({"gates": {"near_people": {"distance_road": 1e300}}}, "de 0 a 1000000"),
        ({"gates": {"near_people": {"distance_road": "3000"}}}, "el valor «3000». Se esperaba un número"),
        ({"ungated": ["near_peopel"]}, "¿quiso decir «near_people»"),
        ({"weights": {"temperature": 0}}, "weights.temperature: peso 0. Se esperaba un número mayor que 0"),
        ({"weights": {"temperature": -2.5}}, "peso −2,5"),
        ({"weights": {"temperature": 10**400}}, "finito"),
        ({"weights": {"temperatura": 2}}, "¿quiso decir «temperature»"),
        ({"limits": {"maíz": {"temperature": {"low.s1": 18}}}}, "¿quiso decir «maiz»"),
        ({"limits": {"maiz": {"temperatura": {"low.s1": 18}}}}, "¿quiso decir «temperature»"),
        ({"limits": {"maiz": {"temperature": {"low.s1": 1e9}}}}, "de −90 a 90"),
        ({"protected": {"parque": "CON"}}, "categoría de área protegida desconocida «parque»"),
        ({"protected": {"national_parks": "CON"}}, "¿quiso decir «national_park»"),
        ({"legal_forest_slope": -1}, "legal_forest_slope: el valor −1. Se esperaba un número de 0 a 1000"),
        ({"legal_forest_slope": None}, "el valor null. Se esperaba un número"),
        ([], "lo enviado es una lista"),
        (None, "lo enviado es null"),
    ],
)
def test_a_change_that_does_not_fit_says_why(experiment: Experiment, change: dict, said: str) -> None:
    with pytest.raises(ChangeError) as refused:
        experiment.rules(RuleChange.of(change))
    assert said in str(refused.value)
    assert refused.value.found.startswith("En el cambio")
    assert refused.value.expected
    assert refused.value.remedy


@pytest.mark.parametrize("place", ["low.s3", "low.s2", "low.s1", "high.s1", "high.s2", "high.s3"])
def test_limits_out_of_order_are_refused_by_their_path(experiment: Experiment, place: str) -> None:
    wrong = {"low.s3": 44, "low.s2": 44, "low.s1": 44, "high.s1": -5, "high.s2": -5, "high.s3": -5}[place]
    with pytest.raises(ChangeError, match=r"^En el cambio, limits\.papa\.temperature: ") as refused:
        experiment.rules({"limits": {"papa": {"temperature": {place: wrong}}}})
    assert "vecino" in refused.value.remedy
    assert "." not in refused.value.found.replace("limits.papa.temperature", "")


def test_a_damaged_index_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="dañado"):
        StackIndex.read(tmp_path)
    (tmp_path / "stack.json").write_text('{"format": 0}', encoding="utf-8")
    assert StackIndex.read(tmp_path) is None


def test_an_index_survives_its_file(experiment: Experiment) -> None:
    index = experiment.stack.index
    kept = StackIndex.read(stack_folder(experiment.stack.land))
    assert kept is not None
    assert kept.hash == index.hash
    assert all(np.array_equal(kept.cuts[key], points) for key, points in index.cuts.items())
    rules = experiment._job.rules
    # What no layer gives is not in the stack.
    assert set(index.lacks(cut_points(rules, spare=False))) <= set(rules.absent)


@pytest.mark.real_data
def test_the_real_territory_is_zoned_alike(real_study: Study) -> None:
    with Experiment(real_study) as experiment:
        assert_zoned_as_by_values(experiment._job, experiment.stack)
