"""The compiled kernel agrees with the numpy reference on random rules and rasters, and keeps the method's promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from likely_land import RANGES

from zoning.rating.competition import compete
from zoning.rating.kernel import BlockResult, classify_block
from zoning.rating.point_rating import rate_point
from zoning.rating.reference import rate_factor
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.crop_library import load_crops
from zoning.rules.limits import NR, S1, S2, S3, SD, N
from zoning.rules.ruleset import Ruleset
from zoning.rules.ruleset_file import load_ruleset
from zoning.zoning_errors import RulesError

CROPS = load_crops()
RULES = load_ruleset()
EVERYTHING = frozenset({*RULES.required, *RULES.optional}) | {
    "distance_stream",
    "distance_permanent_stream",
    "distance_road",
    "distance_settlement",
    "height_above_stream",
}
NUMBERS = {zone.code: zone.number for zone in RULES.zones}


def random_rules(rng: np.random.Generator) -> Ruleset:
    zones = []
    for zone in RULES.zones:
        basket = list(zone.basket)
        rng.shuffle(basket)
        kept = tuple(basket[: int(rng.integers(1, len(basket) + 1))]) if basket else ()
        minimum = int(rng.choice([N, S3, S2, S1])) if basket else zone.minimum
        zones.append(replace(zone, basket=kept, minimum=minimum, speaker=int(rng.integers(1, 3))))
    names = ("temperature", "rain", "slope", "frost", "ph")
    weights = {name: float(rng.uniform(0.05, 5)) for name in names}
    return replace(RULES, zones=tuple(zones), order=tuple(rng.permutation(RULES.order)), weights=weights)


def random_compiled(rng: np.random.Generator) -> CompiledRules:
    absent = {"drainage", "ece", "soil_depth", "ph", "rain_annual", "temp_annual"}
    gone = {name for name in absent if rng.random() < 0.3}
    flagged = {"slope", "height_above_stream"} if rng.random() < 0.5 else set()
    return compile_rules(random_rules(rng), CROPS, available=EVERYTHING - gone, flagged=flagged)


def random_values(rules: CompiledRules, rng: np.random.Generator, cells: int, *, missing: float) -> np.ndarray:
    rows = []
    limits: dict[str, list[float]] = {}
    for each in rules.land_use_types:
        for factor in each.factors:
            for side in (factor.limits.low, factor.limits.high):
                if side is not None:
                    limits.setdefault(factor.characteristic.key, []).extend([side.s2, side.s1, side.full])
    for each in rules.characteristics:
        row = rng.uniform(*RANGES[each.name], cells).astype(np.float32)
        exact = rng.random(cells) < 0.1
        row[exact] = rng.choice(np.array(limits.get(each.key, [0.0]), dtype=np.float32), int(exact.sum()))
        row[rng.random(cells) < missing] = np.nan
        rows.append(row)
    return np.stack(rows)


def random_gates(rules: CompiledRules, rng: np.random.Generator, cells: int) -> np.ndarray:
    bits = rng.random((len(rules.gates), cells)) < 0.8
    return sum((bits[i].astype(np.uint32) << np.uint32(i) for i in range(len(rules.gates))), np.zeros(cells, np.uint32))


def by_key(rules: CompiledRules, values: np.ndarray) -> dict[str, np.ndarray]:
    return {each.key: values[row] for row, each in enumerate(rules.characteristics)}


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), missing=st.sampled_from([0.0, 0.02, 0.5]))
def test_kernel_equals_the_reference(seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    rules = random_compiled(rng)
    cells = 1500
    values = random_values(rules, rng, cells, missing=missing)
    bits = random_gates(rules, rng, cells)
    residual = rng.choice([NUMBERS["GAN"], NUMBERS["GAF"], NUMBERS["FOR"]], cells).astype(np.uint8)
    wanted = tuple(zone.code for zone in rules.rated_zones)
    result = classify_block(values, bits, np.zeros(cells, np.uint8), residual, rules, aptitudes=wanted)
    ratings, zones, settled = compete(by_key(rules, values), bits, residual, rules)
    for name in ("zone", "cls", "runner_up", "runner_up_class"):
        np.testing.assert_array_equal(getattr(result, name), getattr(settled, name), err_msg=name)
    np.testing.assert_allclose(result.score, settled.score, atol=1e-4)
    np.testing.assert_allclose(result.margin, settled.margin, atol=1e-4)
    for own, rated in zip(result.aptitudes, zones, strict=True):
        np.testing.assert_array_equal(own.cls, rated.cls, err_msg=own.zone)
        np.testing.assert_allclose(own.score, np.where(rated.cls == SD, np.nan, rated.score), atol=1e-4)
    same = result.land_use_type == settled.land_use_type
    assert same.mean() > 0.99
    assert_reasons(result, ratings, rules, values)


def assert_reasons(result: BlockResult, ratings: list, rules: CompiledRules, values: np.ndarray) -> None:
    for cell in np.flatnonzero(result.land_use_type >= 0)[:200]:
        index = int(result.land_use_type[cell])
        factors = rules.land_use_types[index].factors
        expected = factors[int(ratings[index].limiting[cell])]
        column = int(result.limiting[cell])
        found = rules.factor_of(index, column)
        assert found is not None
        np.testing.assert_array_equal(result.limiting_value[cell], values[column, cell])
        if found != expected:
            both = [rate_one(each, rules, values, cell) for each in (found, expected)]
            assert both[0] == pytest.approx(both[1], abs=1e-6)


def rate_one(factor: object, rules: CompiledRules, values: np.ndarray, cell: int) -> float:
    column = rules.characteristics.index(factor.characteristic)
    return float(rate_factor([values[column, cell]], factor).mu[0])


@pytest.fixture(scope="module")
def rules() -> CompiledRules:
    return compile_rules(RULES, CROPS, available=EVERYTHING)


def some(
    rules: CompiledRules, cells: int = 4000, *, missing: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    values = random_values(rules, rng, cells, missing=missing)
    bits = random_gates(rules, rng, cells)
    return values, bits, np.zeros(cells, np.uint8), np.full(cells, NUMBERS["GAF"], np.uint8)


def test_decided_cells_stand_and_outside_is_nothing(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules)
    decided[:10], decided[10:20] = NUMBERS["CON"], 255
    result = classify_block(values, bits, decided, residual, rules, aptitudes=("HOR",))
    assert set(result.zone[:10]) == {NUMBERS["CON"]}
    assert set(result.zone[10:20]) == {0}
    assert set(result.cls[:20]) == {NR}
    assert np.isnan(result.score[:20]).all()
    assert NR not in result.aptitudes[0].cls[:10]
    assert set(result.aptitudes[0].cls[10:20]) == {NR}


def test_aptitude_is_the_same_whoever_won_and_asking_changes_nothing(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules)
    asked = classify_block(values, bits, decided, residual, rules, aptitudes=("FRU", "HOR"))
    fixed = classify_block(values, bits, np.full_like(decided, NUMBERS["CON"]), residual, rules, aptitudes=("FRU",))
    plain = classify_block(values, bits, decided, residual, rules)
    np.testing.assert_array_equal(asked.aptitudes[0].cls, fixed.aptitudes[0].cls)
    np.testing.assert_array_equal(asked.zone, plain.zone)
    won = plain.zone == NUMBERS["HOR"]
    np.testing.assert_array_equal(asked.aptitudes[1].score[won], plain.score[won])


def test_missing_climate_is_sd_never_n(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules)
    for row, each in enumerate(rules.characteristics):
        if each.name == "extreme_min":
            values[row] = np.nan
    result = classify_block(values, bits, decided, residual, rules)
    assert set(result.zone) == {NUMBERS["SD"]}
    assert set(result.cls) == {SD}


def test_missing_rain_leaves_irrigated_land_rated(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules)
    for row, each in enumerate(rules.characteristics):
        if each.name.startswith("rain"):
            values[row] = np.nan
    result = classify_block(values, bits, decided, residual, rules, aptitudes=("HOR", "ANU"))
    assert SD not in result.aptitudes[0].cls
    needed = np.uint32(sum(1 << rules.gate_names.index(name) for name in ("near_people", "slope_30")))
    assert set(result.zone[(bits & needed) == needed]) <= {NUMBERS["SD"], NUMBERS["CAN"]}
    assert NUMBERS["GAF"] in set(result.zone[(bits & needed) == 0])


def test_missing_optional_is_rated_without_and_named(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules)
    row = [each.key for each in rules.characteristics].index("soil_depth")
    values[row] = np.nan
    result = classify_block(values, bits, decided, residual, rules)
    horticulture = result.zone == NUMBERS["HOR"]
    assert horticulture.any()
    assert {rules.incomplete_names(int(each)) for each in set(result.incomplete[horticulture])} == {("soil_depth",)}
    without = compile_rules(RULES, CROPS, available=EVERYTHING - {"soil_depth"})
    kept = [i for i, each in enumerate(rules.characteristics) if each.name != "soil_depth"]
    again = classify_block(values[kept], bits, decided, residual, without)
    np.testing.assert_array_equal(again.zone, result.zone)
    np.testing.assert_array_equal(again.incomplete, result.incomplete)


def test_flagged_slope_is_shown_but_read_by_nothing() -> None:
    flagged = compile_rules(RULES, CROPS, available=EVERYTHING, flagged={"slope"})
    assert "slope" not in {each.name for each in flagged.characteristics}
    assert any(factor.flagged for each in flagged.land_use_types for factor in each.factors)


def test_horticulture_wins_a_tie_of_class_and_the_better_class_wins_the_rest(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules)
    codes = ("HOR", "VID", "FRU", "ANU")
    result = classify_block(values, bits, decided, residual, rules, aptitudes=codes)
    aptitude = {each.zone: each.cls for each in result.aptitudes}
    people = (bits & np.uint32(1 << rules.gate_names.index("near_people"))) > 0
    for code in codes:
        won = result.zone == NUMBERS[code]
        if code == "HOR":
            rival = people & (aptitude["ANU"] > S3)
            assert np.all(result.cls[won & rival] >= aptitude["ANU"][won & rival])
        assert np.all(aptitude[code][won] == result.cls[won])


def test_shutting_a_gate_never_adds_productive_area(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules)
    productive = [NUMBERS[code] for code in ("HOR", "VID", "FRU", "ANU", "CAN")]
    before = np.isin(classify_block(values, bits, decided, residual, rules).zone, productive)
    for name in ("near_people", "vineyard_access", "slope_30", "depth_50", "permanent_stream"):
        shut = bits & ~np.uint32(1 << rules.gate_names.index(name))
        after = np.isin(classify_block(values, shut, decided, residual, rules).zone, productive)
        assert not np.any(after & ~before), name


def test_an_exclusion_never_adds_productive_area(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules)
    productive = [NUMBERS[code] for code in ("HOR", "VID", "FRU", "ANU", "CAN")]
    before = np.isin(classify_block(values, bits, decided, residual, rules).zone, productive)
    decided[::3] = NUMBERS["CON"]
    after = np.isin(classify_block(values, bits, decided, residual, rules).zone, productive)
    np.testing.assert_array_equal(after, before & (decided == 0))


def test_a_millionth_of_a_weight_moves_no_cell(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules, 20_000)
    nudged = compile_rules(replace(RULES, weights={"temperature": 1 + 1e-6}), CROPS, available=EVERYTHING)
    before = classify_block(values, bits, decided, residual, rules)
    after = classify_block(values, bits, decided, residual, nudged)
    np.testing.assert_array_equal(before.zone, after.zone)
    np.testing.assert_array_equal(before.cls, after.cls)


def test_blocks_of_any_size_give_the_same_bytes(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules, 3000, missing=0.01)
    decided[::7] = 255
    whole = classify_block(values, bits, decided, residual, rules)
    cut = 1301
    parts = [
        classify_block(np.ascontiguousarray(values[:, part]), bits[part], decided[part], residual[part], rules)
        for part in (slice(0, cut), slice(cut, None))
    ]
    for name in ("zone", "cls", "score", "land_use_type", "limiting", "limiting_value", "margin", "incomplete"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert joined.tobytes() == getattr(whole, name).tobytes(), name


def test_wrong_shapes_and_unknown_zones_are_refused(rules: CompiledRules) -> None:
    values, bits, decided, residual = some(rules, 10)
    with pytest.raises(RulesError, match="forma"):
        classify_block(values[:-1], bits, decided, residual, rules)
    with pytest.raises(RulesError, match="float32"):
        classify_block(values.astype(np.float64), bits, decided, residual, rules)
    with pytest.raises(RulesError, match="columna"):
        classify_block(values, bits[:-1], decided, residual, rules)
    with pytest.raises(RulesError, match="CON"):
        classify_block(values, bits, decided, residual, rules, aptitudes=("CON",))


@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_a_point_tells_what_the_kernel_did(rules: CompiledRules, missing: float) -> None:
    values, bits, decided, residual = some(rules, 300, missing=missing)
    decided[0] = NUMBERS["URB"]
    result = classify_block(values, bits, decided, residual, rules)
    for cell in range(12):
        point = rate_point(
            rules,
            {each.key: float(values[row, cell]) for row, each in enumerate(rules.characteristics)},
            int(bits[cell]),
            decided=int(decided[cell]),
            residual=int(residual[cell]),
        )
        assert NUMBERS[point.zone] == result.zone[cell]
        assert point.cls == result.cls[cell]
        np.testing.assert_allclose(point.score, result.score[cell], atol=1e-4)
        np.testing.assert_allclose(point.margin, result.margin[cell], atol=1e-4)
        runner_up = NUMBERS[point.runner_up] if point.runner_up else 0
        assert runner_up == result.runner_up[cell]
        for land_use in point.land_use_types:
            rated = [each for each in land_use.factors if each.cls not in (SD, NR)]
            if land_use.cls != SD:
                assert land_use.cls == min(each.cls for each in rated)


def test_a_point_shows_what_would_have_to_change(rules: CompiledRules) -> None:
    values = {each.key: np.mean(RANGES[each.name]) for each in rules.characteristics}
    values |= {"temp_mean@09-01": 17.0, "slope": 1.0}
    point = rate_point(rules, values, ["irrigation_access", "slope_6"])
    tomato = next(each for each in point.land_use_types if each.land_use_type.id.endswith("09-01"))
    found = {each.factor.name: each for each in tomato.factors}
    warm = found["temperature"]
    assert (warm.cls, warm.next_limit, warm.factor.unit) == (S2, 18, "degC")
    assert warm.factor.source.startswith("LUSET")
