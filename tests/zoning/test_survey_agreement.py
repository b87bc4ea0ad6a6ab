"""Zones against a farm survey: sums that can be checked by hand, honest words, and never a household."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import zoning
from gis.errors import InputError, MissingError
from layers.territory import builtin_territory
from zoning.study.study import Study
from zoning.validation.farm_survey import read_survey
from zoning.validation.rank_correlation import rank_bound, rank_correlation
from zoning.validation.scatter_picture import draw_scatter
from zoning.validation.survey_agreement import SurveyAgreement, compare_survey
from zoning.validation.survey_rules import load_survey_rules
from zoning.zoning_errors import RulesError

HEAD = "cod_ine,id_persona,codigo,clasificacion,riego,sup_exp\n"
ROWS = """70801,900001.0,01234000,Anual,1.0,30.0
70801,900002.0,01510000,Anual,1.0,10.0
70801,900003.0,01234000,Anual,1.0,10.0
70801,900003.0,01122000,Anual,2.0,50.0
70801,900003.0,01919040,Permanente,2.0,3825.0
70801,900004.0,07000030,,2.0,1000.0
71302,900005.0,01802000,Permanente,1.0,40.0
71302,900006.0,01122000,Anual,2.0,60.0
71302,900006.0,01355001,Permanente,2.0,0.0
99999,900007.0,01122000,Anual,2.0,60.0
"""


@pytest.fixture(scope="module")
def study(small_study: Study) -> Study:
    return small_study


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    path = tmp_path / "survey.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return path


def shares(path: Path) -> pd.DataFrame:
    sums = read_survey(path, load_survey_rules(), builtin_territory("valles_crucenos"))
    return sums.table.set_index(["municipality", "zone"])


def test_shares_are_of_the_land_in_crops_without_forage(survey: Path) -> None:
    found = shares(survey)["surveyed_share"]
    assert found["070801", "HOR"] == pytest.approx(0.5)
    assert found["070801", "ANU"] == pytest.approx(0.5)
    assert found["071302", "CAN"] == pytest.approx(0.4)
    assert found["071302", "ANU"] == pytest.approx(0.6)
    assert found["070801", "CAN"] == 0


def test_holdings_are_counted_once_and_strangers_left_out(survey: Path) -> None:
    sums = read_survey(survey, load_survey_rules(), builtin_territory("valles_crucenos"))
    assert sums.units.to_dict() == {"070801": 4, "071302": 2}
    assert shares(survey)["units"]["070801", "HOR"] == 3
    assert sums.elsewhere == 1


def test_the_same_fruit_speaks_for_two_zones_by_its_water(tmp_path: Path) -> None:
    path = tmp_path / "fruit.csv"
    path.write_text(HEAD + "70801,1,01355001,Permanente,1,30\n70801,2,01355001,Permanente,2,70\n", encoding="utf-8")
    found = shares(path)["surveyed_share"]
    assert (found["070801", "HOR"], found["070801", "FRU"]) == pytest.approx((0.3, 0.7))


def test_no_household_leaves_the_comparison(study: Study, survey: Path, tmp_path: Path) -> None:
    found = compare_survey(study, survey)
    table = found.table()
    alone = (table["units"] > 0) & (table["units"] < 3)
    assert alone.any()
    assert table.loc[alone, ["surveyed_ha", "surveyed_share"]].isna().all(axis=None)
    written = json.dumps(found.document(), allow_nan=False) + table.to_csv()
    assert "90000" not in written
    assert any("no se muestran" in remark for remark in found.remarks)
    draw_scatter(found, tmp_path / "a.png", colours={})
    draw_scatter(found, tmp_path / "b.png", colours={})
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_two_municipalities_prove_nothing_and_it_is_said(study: Study, survey: Path) -> None:
    for zone in compare_survey(study, survey).zones:
        assert zone.correlation.rho is None
        assert not zone.correlation.reached
        assert "no se puede comparar" in zone.verdict


@pytest.mark.parametrize("column", ["cod_ine", "riego", "sup_exp"])
def test_a_missing_column_is_named(survey: Path, tmp_path: Path, column: str) -> None:
    path = tmp_path / "short.csv"
    pd.read_csv(survey, dtype=str).drop(columns=column).to_csv(path, index=False)
    with pytest.raises(MissingError, match=f"«{column}»"):
        shares(path)


def test_a_wrong_area_is_named_by_line_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(HEAD + ROWS.replace("50.0", "-3", 1), encoding="utf-8")
    with pytest.raises(InputError, match="línea 5, columna «sup_exp»"):
        shares(path)


def test_what_is_no_survey_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="No existe la encuesta"):
        shares(tmp_path / "absent.csv")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="no es una tabla"):
        shares(tmp_path / "empty.csv")
    (tmp_path / "away.csv").write_text(HEAD + "99999,1,01122000,Anual,2,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="ninguna fila"):
        shares(tmp_path / "away.csv")


def test_rules_of_a_survey_say_what_they_lack(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('title = "x"\nsource = "y"\n', encoding="utf-8")
    with pytest.raises(RulesError, match="columns"):
        load_survey_rules(path)
    path.write_text("title = ", encoding="utf-8")
    with pytest.raises(RulesError, match="no es TOML"):
        load_survey_rules(path)


def test_every_rule_of_the_survey_has_a_reason_and_a_zone_of_the_starter() -> None:
    rules = load_survey_rules()
    codes = {zone.code for zone in zoning.load_ruleset().zones}
    assert {rule.zone for rule in rules.zones} <= codes
    assert all(rule.source for rule in rules.zones)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=15))
def test_the_rank_correlation_is_spearmans(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs).T
    found = rank_correlation(one, other)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        assert found.rho is None
        return
    assert found.rho == pytest.approx(stats.spearmanr(one, other).statistic)
    assert found.p_value is not None
    assert 0 < found.p_value <= 1
    assert rank_correlation(one, -other).rho == pytest.approx(-found.rho)


def test_the_probability_is_that_of_shuffling() -> None:
    assert rank_correlation(range(11), range(11)).p_value == pytest.approx(0, abs=1e-3)
    # All 120 orders of five places: the found one and its mirror image.
    assert rank_correlation(range(5), range(5)).p_value == pytest.approx(2 / 120, abs=4e-3)


def test_eleven_places_need_the_bound_of_the_method() -> None:
    assert rank_bound(11) == pytest.approx(0.62, abs=5e-3)
    assert rank_bound(4) is None
    assert [rank_bound(n) for n in range(5, 40)] == sorted((rank_bound(n) for n in range(5, 40)), reverse=True)


def test_values_that_cannot_be_ranked_are_refused() -> None:
    with pytest.raises(InputError, match="para comparar"):
        rank_correlation([1, 2, 3], [1, 2])
    with pytest.raises(InputError, match="para comparar"):
        rank_correlation([1, 2, float("nan")], [1, 2, 3])


@pytest.mark.real_data
def test_the_real_survey_is_compared_over_all_municipalities(
    real_study: Study, shared_data: Path, tmp_path: Path
) -> None:
    found: SurveyAgreement = compare_survey(real_study, shared_data / "geo" / "ena2015_agricola_valles.csv")
    ranks = {zone.zone: zone.correlation for zone in found.zones}
    assert {"HOR", "VID", "FRU", "ANU", "CAN"} == set(ranks)
    assert all(rank.places == 11 and rank.bound == pytest.approx(0.618) for rank in ranks.values())
    assert all(rank.rho is not None and -1 <= rank.rho <= 1 for rank in ranks.values())
    # Weak ones are called weak: nothing here asks the map to agree with the survey.
    for zone in found.zones:
        assert ("débil" in zone.verdict) == (not zone.correlation.reached)
    cropped = found.shares.groupby("municipality")["surveyed_share"].sum()
    assert (cropped <= 1 + 1e-9).all()
    assert found.shares.groupby("municipality")["zoned_share"].sum().to_numpy() == pytest.approx(1)
    draw_scatter(found, tmp_path / "survey.png", colours={})
    assert (tmp_path / "survey.png").stat().st_size < 400_000


def test_another_survey_needs_only_other_rules(tmp_path: Path) -> None:
    rules = load_survey_rules()
    columns = {**rules.columns, "area_ha": "hectareas"}
    path = tmp_path / "other.csv"
    path.write_text(HEAD.replace("sup_exp", "hectareas") + ROWS, encoding="utf-8")
    found = read_survey(path, replace(rules, columns=columns), builtin_territory("valles_crucenos"))
    assert found.cropped_ha["071302"] == pytest.approx(100)
