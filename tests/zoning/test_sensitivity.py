"""What each single rule or source moves, and that a hair moves nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from layer_zoning import classified_from_layers
from sampled_land import sampled_land

import zoning
from gis.errors import InputError
from layers.workspace import Workspace
from zoning.land.cell_sample import CellSample
from zoning.sensitivity.land_sample import LandSample
from zoning.sensitivity.perturbation import Number, Shift, class_limits, shifted
from zoning.sensitivity.sampled_rating import SampledRating
from zoning.sensitivity.sensitivity_table import COLUMNS
from zoning.sensitivity.setting import Setting
from zoning.sensitivity.variants import FILE, load_variants, parse_variants
from zoning.study.run_job import RunJob, open_job
from zoning.study.study import Study
from zoning.study.study_sensitivity import sampled_rating, study_setting
from zoning.zoning_errors import RulesError

from .conftest import Maker

HAIR = 1e-6
LARGEST_SHARE = 1e-4
"""Of the territory, that a hair may move."""

MINIMAL = 'format = 1\n[[variant]]\nid = "{id}"\nrule = "r"\ntitle = "t"\nsource = "supuesto"\n{rest}\n'


def study_cells(job: RunJob) -> tuple[LandSample, np.ndarray, np.ndarray]:
    """Return the sample of a run, and zone and class of the same cells as their layers make them."""
    sample, cells, inside = sampled_land(job), classified_from_layers(job), job.frame.places.inside
    chosen = np.zeros(inside.shape, dtype=bool)
    chosen[sample.row, sample.col] = True
    flat = chosen[inside]
    return sample, cells.zone[flat], cells.cls[flat]


@pytest.fixture(scope="module")
def job(small_workspace: Workspace) -> RunJob:
    return open_job(small_workspace)


@pytest.fixture(scope="module")
def sampled(job: RunJob) -> tuple[LandSample, np.ndarray, np.ndarray]:
    return study_cells(job)


@pytest.fixture(scope="module")
def setting(job: RunJob) -> Setting:
    return study_setting(job)


@pytest.fixture(scope="module")
def rating(job: RunJob, sampled: tuple[LandSample, np.ndarray, np.ndarray], setting: Setting) -> SampledRating:
    return sampled_rating(job, sampled[0], setting)


@pytest.fixture(scope="module")
def study(make_workspace: Maker, tmp_path_factory: pytest.TempPathFactory) -> Study:
    workspace = make_workspace(tmp_path_factory.mktemp("sensitivity") / "ws")
    for path in sorted(workspace.layers_dir.glob("*_prueba.tif")):
        shutil.copy(path, path.with_name(path.name.replace("_prueba", "_otra")))
    return zoning.run(workspace, scale=25_000)


def rows(study: Study) -> dict[str, dict[str, object]]:
    return {row["variant"]: row for row in study.manifest["sensitivity"]["variants"]}


def test_the_sample_is_rated_as_the_study_itself(
    sampled: tuple[LandSample, np.ndarray, np.ndarray], rating: SampledRating, setting: Setting
) -> None:
    _sample, zone, cls = sampled
    found = rating.rate(setting)
    np.testing.assert_array_equal(found.zone, zone)
    np.testing.assert_array_equal(found.cls, cls)


def test_a_thinner_sample_holds_every_nth_row_and_column(job: RunJob) -> None:
    places = job.frame.places
    thin = CellSample(places, most=200)
    assert thin.step > 1
    assert 0 < thin.cells <= 400
    assert {*np.diff(np.unique(thin.row)), *np.diff(np.unique(thin.col))} == {thin.step}
    whole = np.cumsum(places.inside.ravel()).reshape(places.inside.shape) - 1
    for start, stop in ((0, 40), (40, len(places.inside))):
        place, inner = thin.within(start, stop)
        first = places.rows(start, stop).start
        np.testing.assert_array_equal(whole[thin.row[place], thin.col[place]] - first, inner)


def test_every_variant_stands_in_the_table_with_a_share_or_a_reason(study: Study) -> None:
    table = pd.read_csv(study.folder / "sensitivity.csv")
    assert tuple(table.columns) == COLUMNS
    assert list(table["variant"]) == [variant.id for variant in load_variants()]
    told = table["moved_share"].notna()
    assert (told ^ table["reason"].notna()).all()
    assert table.loc[told, "moved_share"].between(0, 1).all()
    assert (table.loc[told, "reclassed_share"] >= table.loc[told, "moved_share"]).all()
    whole = sum(one["area_ha"] for one in study.manifest["municipalities"])
    assert np.allclose(table.loc[told, "moved_ha"], table.loc[told, "moved_share"] * whole, atol=whole * 1e-6 + 0.1)


def test_the_same_climate_under_another_name_moves_nothing(study: Study) -> None:
    assert rows(study)["clima"]["moved_share"] == 0


def test_a_rule_that_matters_moves_something(study: Study) -> None:
    found = rows(study)
    assert found["pendiente_no_cuenta"]["moved_share"] > 0  # type: ignore[operator]
    assert found["riego_sin_accesos"]["moved_share"] > 0  # type: ignore[operator]
    assert found["riego_sin_accesos"]["main_change"].endswith(">HOR")  # type: ignore[attr-defined]


def test_what_cannot_be_run_says_why(make_workspace: Maker, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", native_cell=450, without=("soil",))
    found = rows(zoning.run(workspace, scale=25_000))
    assert found["clima"] == found["clima"] | {"moved_share": None, "reason": "no hay otra fuente de clima preparada"}
    assert "resolución" in str(found["anuales_16"]["reason"])
    assert found["pendiente_no_cuenta"]["reason"] == "así es este estudio"
    assert found["sin_suelo"]["moved_share"] is None
    assert found["pendiente_cuenta"]["moved_share"] is not None


def test_a_workspace_may_bring_its_own_variants_and_a_bad_file_is_refused(
    make_workspace: Maker, tmp_path: Path
) -> None:
    workspace = make_workspace(tmp_path / "ws")
    own = workspace.config(FILE)
    own.write_text(MINIMAL.format(id="mia", rest="frost_offset = 6"), encoding="utf-8")
    assert list(rows(zoning.run(workspace, scale=25_000))) == ["mia"]
    own.write_text(MINIMAL.format(id="mia", rest="frost = 6"), encoding="utf-8")
    with pytest.raises(InputError, match=r"sensitivity\.toml, línea \d+.*frost"):
        zoning.run(workspace, scale=25_000)


@pytest.mark.parametrize(
    ("rest", "word"),
    [
        ('slope = "quizás"', "quizás"),
        ('needs = ["lluvias"]', "lluvias"),
        ('on = "otra"', "otra"),
        ('slope = "coarse"', "celda"),
        ("[variant.gates.irrigation_access]\ndistance_stream = 'mar'", "mar"),
    ],
)
def test_a_variant_that_means_nothing_is_refused_by_name(rest: str, word: str) -> None:
    with pytest.raises(RulesError, match=word):
        parse_variants(MINIMAL.format(id="una", rest=rest))


@pytest.mark.parametrize(
    "shift",
    [Shift(relative=HAIR), Shift(relative=-HAIR), Shift(absolute=HAIR), Shift(absolute=-HAIR)],
    ids=["relative up", "relative down", "absolute up", "absolute down"],
)
def test_a_hair_on_every_limit_and_weight_at_once_moves_nothing(
    rating: SampledRating, setting: Setting, shift: Shift
) -> None:
    moved = rating.rate(setting).zone != rating.rate(shifted(setting, shift)).zone
    assert moved.mean() <= LARGEST_SHARE


@pytest.mark.parametrize("owner", ["crop", "gate", "management", "frost", "weight", "cover"])
def test_a_real_shift_is_not_lost_on_the_way(setting: Setting, owner: str) -> None:
    assert shifted(setting, Shift(relative=0.01), Number(owner=owner)) != setting
    assert shifted(setting, Shift(), Number(owner=owner)).crops == setting.crops


def test_a_shift_of_one_limit_leaves_every_other(setting: Setting) -> None:
    places = list(class_limits(setting))
    assert len(places) > 500
    where = next(place for place in places if place.name == "tomate" and place.place == "s1")
    found = shifted(setting, Shift(relative=0.01), where)
    assert found.ruleset == setting.ruleset
    assert replace(found, crops=setting.crops) == setting
    assert [name for name in setting.crops if found.crops[name] != setting.crops[name]] == ["tomate"]


@pytest.mark.real_data
@pytest.mark.parametrize("shift", [Shift(relative=HAIR), Shift(relative=-HAIR)], ids=["up", "down"])
def test_a_hair_moves_next_to_nothing_of_the_real_territory(real_workspace: Workspace, shift: Shift) -> None:
    job = open_job(real_workspace)
    sample, _zone, _cls = study_cells(job)
    setting = study_setting(job)
    rating = sampled_rating(job, sample, setting)
    before = rating.rate(setting).zone
    for owner in ("crop", "gate", "management", "frost", "weight", "cover"):
        assert (before != rating.rate(shifted(setting, shift, Number(owner=owner))).zone).mean() <= LARGEST_SHARE, owner
