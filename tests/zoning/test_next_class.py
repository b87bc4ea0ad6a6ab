"""What a point says would have to change for the next class is enough for it, and is needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from likely_land import RANGES

from zoning.rating.point_rating import PointLandUse, PointRating, rate_point
from zoning.rating.reference import rate_factors
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.crop_library import load_crops
from zoning.rules.limits import CLASS_CODES, S1, SD, N
from zoning.rules.ruleset_file import load_ruleset
from zoning.study.next_class import next_class_of, next_class_of_zone

RULES = load_ruleset()
STEPS = {"above": np.inf, "below": -np.inf}


@pytest.fixture(scope="module")
def rules() -> CompiledRules:
    return compile_rules(RULES, load_crops(), available={*RULES.required, "ph", "organic_carbon", "soil_depth"})


def somewhere(rules: CompiledRules, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    return {each.key: float(np.float32(rng.uniform(*RANGES[each.name]))) for each in rules.characteristics}


def rated(rules: CompiledRules, values: dict[str, float]) -> PointRating:
    return rate_point(rules, values, rules.gate_names)


def lifted(each: PointLandUse, values: dict[str, float], *, but: int = -1) -> dict[str, float]:
    """Return the values with every change made, but one."""
    changes = next_class_of(each)
    assert changes is not None
    found = dict(values)
    for number, change in enumerate(changes["changes"]):
        if number != but:
            limit = np.float32(change["limit"])
            if change["direction"] in STEPS:
                limit = np.nextafter(limit, np.float32(STEPS[change["direction"]]))
            found[each.land_use_type.factor(change["factor"]).characteristic.key] = float(limit)
    return found


def class_under(each: PointLandUse, values: dict[str, float]) -> int:
    columns = {key: np.array([value], np.float32) for key, value in values.items()}
    return int(rate_factors(columns, each.land_use_type.factors).cls[0])


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_changes_named_lift_a_land_use_type_and_none_of_them_is_too_much(rules: CompiledRules, seed: int) -> None:
    values = somewhere(rules, seed)
    point = rated(rules, values)
    for each in (one for one in point.land_use_types[::3] if one.cls != S1):
        told = next_class_of(each)
        assert told is not None
        assert CLASS_CODES[told["class"]] == each.cls + 1
        assert class_under(each, lifted(each, values)) >= each.cls + 1
        for number in range(len(told["changes"])):
            partly = class_under(each, lifted(each, values, but=number))
            assert partly == each.cls, (each.land_use_type.id, told)


def test_the_best_class_needs_nothing_and_no_data_names_what_to_measure(rules: CompiledRules) -> None:
    for seed in range(5):
        for each in rated(rules, somewhere(rules, seed)).land_use_types:
            assert (next_class_of(each) is None) == (each.cls == S1)
    values = somewhere(rules, 1) | {"extreme_min@09-01": float("nan")}
    tomato = next(one for one in rated(rules, values).land_use_types if one.land_use_type.id.startswith("tomate/"))
    unknown = next(one for one in rated(rules, values).land_use_types if one.cls == SD)
    assert tomato.land_use_type.crop == "tomate"
    told = next_class_of(unknown)
    assert told is not None
    assert told["class"] is None
    assert [(one["factor"], one["direction"]) for one in told["changes"]] == [("frost", "measure")]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_zone_rises_when_as_many_crops_as_speak_are_in_the_next_class(rules: CompiledRules, seed: int) -> None:
    point = rated(rules, somewhere(rules, seed))
    by_id = {each.land_use_type.id: each for each in point.land_use_types}
    for zone in point.zones:
        told = next_class_of_zone(zone, point, rules)
        if told is None:
            assert zone.cls in {S1, SD} or zone.shut_gates
            continue
        wanted = CLASS_CODES[told["class"]]
        assert wanted == zone.cls + 1
        assert all(by_id[name].cls < wanted for name in told["land_use_types"])
        place = [each.code for each in rules.rated_zones].index(zone.zone)
        best = [
            max((point.land_use_types[index] for index in group), key=lambda each: each.score)
            for group in rules.baskets[place]
        ]
        already = sum(each.cls >= wanted for each in best)
        speaks = rules.rated_zones[place].speaks
        assert already + len(told["land_use_types"]) == speaks
        assert already < speaks


def test_a_zone_whose_gates_are_shut_is_not_told_to_grow_better(rules: CompiledRules) -> None:
    point = rate_point(rules, somewhere(rules, 5), ["near_people"])
    shut = next(zone for zone in point.zones if zone.zone == "HOR")
    assert shut.shut_gates
    assert next_class_of_zone(shut, point, rules) is None
    assert shut.cls == N
