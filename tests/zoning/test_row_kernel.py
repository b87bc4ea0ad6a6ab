"""Zoning from interval codes is the zoning of the float32 kernel, cell by cell, whatever the rules and the land."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from likely_land import RANGES

from gis.wide_bytes import usable
from zoning.rating.interval_codes import MOST_CUTS, cut_points, encode, holds_cuts, limit_cuts, representatives
from zoning.rating.kernel import BlockResult, classify_block
from zoning.rating.land_tables import IRRIGATED_BIT, TOWN_BIT, WATER_BIT
from zoning.rating.reference import rate_side
from zoning.rating.row_kernel import SCORE_QUANTUM, RowResult, score_error, zone_rows
from zoning.rating.row_tables import MOST_FACTORS, build_rows
from zoning.rating.word_tables import LANES
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.crop_library import load_crops
from zoning.rules.gates import gate_bits
from zoning.rules.limits import S1, S2, S3, Limits, N, Side
from zoning.rules.ruleset_file import load_ruleset
from zoning.zoning_errors import RulesError

CROPS, RULES = load_crops(), load_ruleset()
WAYS = [False, True] if usable() else [False]
"""Whether sixty-four cells are taken at a time: only some processors can."""
CODES = ("070801", "071302")
LAYERS = frozenset({*RULES.required, *RULES.optional}) | {
    "distance_stream",
    "distance_permanent_stream",
    "distance_road",
    "distance_settlement",
    "height_above_stream",
}


def random_rules(rng: np.random.Generator) -> CompiledRules:
    zones = []
    for zone in RULES.zones:
        basket = tuple(zone.basket[place] for place in rng.permutation(len(zone.basket)))
        kept = basket[: int(rng.integers(1, len(basket) + 1))] if basket else ()
        minimum = int(rng.choice([N, S3, S2, S1])) if basket else zone.minimum
        zones.append(replace(zone, basket=kept, minimum=minimum, speaker=int(rng.integers(1, 3))))
    weights = {name: float(rng.uniform(0.05, 5)) for name in ("temperature", "rain", "slope", "frost", "ph")}
    rules = replace(RULES, zones=tuple(zones), order=tuple(rng.permutation(RULES.order)), weights=weights)
    gone = {name for name in ("drainage", "ece", "soil_depth", "ph", "rain_annual", "road") if rng.random() < 0.3}
    flagged = {"slope", "height_above_stream"} if rng.random() < 0.5 else set()
    return compile_rules(rules, CROPS, available=LAYERS - gone, flagged=flagged)


def random_columns(
    rules: CompiledRules, rng: np.random.Generator, cells: int, *, missing: float
) -> dict[str, np.ndarray]:
    """Values of everything that is read; one in five stands on a cut point or one step of a float beside it."""
    cuts = cut_points(rules)
    columns = {}
    for each in rules.inputs:
        if each.name in rules.flagged or each.name not in rules.available:
            continue
        values = rng.uniform(*RANGES[each.name], cells).astype(np.float32)
        near = rng.random(cells) < 0.2
        values[near] = rng.choice(cuts[each.key], int(near.sum()))
        for way in (-np.inf, np.inf):
            beside = near & (rng.random(cells) < 0.3)
            values[beside] = np.nextafter(values[beside], np.float32(way))
        if each.name.startswith("distance"):
            values = np.ceil(values)
        values[rng.random(cells) < missing] = np.nan
        columns[each.key] = values
    return columns


def both_ways(
    rules: CompiledRules,
    rng: np.random.Generator,
    cells: int,
    *,
    missing: float,
    reasons: bool = True,
    wide: bool | None = None,
    outside: float = 0.0,
) -> tuple[BlockResult, RowResult]:
    columns = random_columns(rules, rng, cells, missing=missing)
    cuts = {key: points for key, points in cut_points(rules).items() if key in columns}
    codes = np.stack([encode(columns[key], cuts[key]) for key in cuts])
    unit = np.where(rng.random(cells) < outside, 0, rng.integers(1, 3, cells)).astype(np.uint8)
    opened = [gate.name for gate in rules.gates if rng.random() < 0.3]
    rows = build_rows(rules, cuts, municipalities=CODES, opened=opened)
    places = np.zeros((4, cells), dtype=np.uint8)
    places[0], places[3] = unit, rng.choice([0, 10, 30], cells)
    places[2] = rng.choice([0, WATER_BIT, TOWN_BIT, IRRIGATED_BIT], cells, p=[0.7, 0.05, 0.05, 0.2])
    municipality = np.array(["", *CODES])[unit]
    bits = gate_bits(rules.gates, columns, cells=cells, flagged=rules.flagged, municipality=municipality)
    decided = np.zeros(cells, dtype=np.uint8)
    if "slope" in columns:
        steep = columns["slope"] > np.float32(rules.ruleset.cover.legal_forest_slope)
        decided[steep] = rules.zone("FOR").number
    for bit, code in ((WATER_BIT, "AGUA"), (TOWN_BIT, "URB")):
        decided[places[2] & bit > 0] = rules.zone(code).number
    for bit, gate in enumerate(rules.gates):
        bits[places[2] & IRRIGATED_BIT > 0] |= np.uint32(int(gate.name in opened) << bit)
    decided[unit == 0] = 255
    values = np.full((len(rules.characteristics), cells), np.nan, dtype=np.float32)
    for row, each in enumerate(rules.characteristics):
        if each.key in columns:
            values[row] = columns[each.key]
    asked = [zone.code for zone in rules.rated_zones if rng.random() < 0.5]
    exact = classify_block(values, bits, decided, rows.residual[places[3]], rules, aptitudes=asked)
    return exact, zone_rows(
        codes, places, rules, rows, municipalities=2, reasons=reasons, aptitudes=asked, wide=wide
    )  # fmt: skip


def assert_same(exact: BlockResult, found: RowResult) -> None:
    for name in ("zone", "cls", "runner_up", "runner_up_class"):
        np.testing.assert_array_equal(getattr(found, name), getattr(exact, name), err_msg=name)
    assert list(found.aptitudes) == [each.zone for each in exact.aptitudes]
    for each in exact.aptitudes:
        np.testing.assert_array_equal(found.aptitudes[each.zone], each.cls, err_msg=each.zone)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), missing=st.sampled_from([0.0, 0.02, 0.5]))
def test_zones_and_classes_are_those_of_the_exact_values_on_every_cell(seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    rules = random_rules(rng)
    exact, found = both_ways(rules, rng, 1500, missing=missing)
    assert_same(exact, found)
    error = score_error(rules, cut_points(rules))
    claims = exact.cls > N
    gap = np.abs(found.score - exact.score)[claims & (exact.cls < 255)]
    assert np.max(gap, initial=0.0) <= error
    np.testing.assert_array_equal(np.isnan(found.score), np.isnan(exact.score))
    same = found.land_use_type == exact.land_use_type
    np.testing.assert_array_equal(found.incomplete[same], exact.incomplete[same])
    assert np.mean(found.limiting[same] == exact.limiting[same]) > 0.97


@pytest.mark.parametrize("wide", WAYS)
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    missing=st.sampled_from([0.0, 0.001, 0.05, 0.5]),
    outside=st.sampled_from([0.0, 0.3, 1.0]),
    cells=st.sampled_from([1, 255, 1024, 2500]),
)
def test_classes_alone_are_those_of_the_exact_values_on_every_cell(
    wide: bool, seed: int, missing: float, outside: float, cells: int
) -> None:
    rng = np.random.default_rng(seed)
    exact, found = both_ways(
        random_rules(rng), rng, cells, missing=missing, reasons=False, wide=wide, outside=outside
    )  # fmt: skip
    assert_same(exact, found)
    assert found.score is None


def test_the_pass_counts_what_it_zones() -> None:
    rng = np.random.default_rng(3)
    _exact, found = both_ways(random_rules(rng), rng, 4000, missing=0.05)
    assert found.counts.sum() == 4000
    for zone in np.unique(found.zone):
        here = found.cls[found.zone == zone]
        told = [int((here == code).sum()) for code in (0, 1, 2, 3, 4, 255)]
        assert found.counts[:, zone].sum(axis=0).tolist() == told


@given(
    values=arrays.arrays(np.float32, 40, elements=st.floats(width=32, allow_nan=True, allow_infinity=True)),
    cuts=st.lists(st.floats(-1e6, 1e6, width=32), min_size=0, max_size=MOST_CUTS, unique=True),
)
def test_a_code_counts_the_cuts_that_are_not_above(values: np.ndarray, cuts: list[float]) -> None:
    points = np.array(sorted(cuts), dtype=np.float32) + np.float32(0)
    points = np.unique(points)
    wanted = np.where(np.isnan(values), 0, 1 + np.searchsorted(points, values, side="right"))
    np.testing.assert_array_equal(encode(values, points), wanted)
    np.testing.assert_array_equal(encode(points, points), np.arange(2, len(points) + 2))


def sides() -> st.SearchStrategy[Side]:
    number = st.floats(-500, 500, width=32)

    def side(numbers: list[float]) -> Side | None:
        low, middle, high = sorted(numbers)
        return Side.from_classes(low, middle, high, step=True) if high > low else None

    classes = st.lists(number, min_size=3, max_size=3).map(side).filter(bool)
    trapezoids = st.tuples(number, st.floats(0.1, 200)).map(lambda ends: Side.from_trapezoid(ends[0], sum(ends)))
    return st.one_of(classes, trapezoids)


@given(side=sides(), rising=st.booleans())
def test_the_class_of_a_code_is_the_class_of_each_of_its_values(side: Side, rising: bool) -> None:
    if not rising:
        ends = {name: -getattr(side, name) for name in ("zero", "s3", "s2", "s1", "full")}
        side = replace(side, **ends)
    cuts = limit_cuts([Limits(low=side) if side.rising else Limits(high=side)])
    low, high = representatives(cuts)
    inner = np.concatenate([cuts, *(np.nextafter(cuts, np.float32(way)) for way in (-np.inf, np.inf))])
    values = np.concatenate([inner, [np.float32("nan")]]).astype(np.float32)
    by_code = np.concatenate([[0], rate_side(low, side)[1]])
    np.testing.assert_array_equal(rate_side(low, side)[1], rate_side(high, side)[1])
    np.testing.assert_array_equal(by_code[encode(values, cuts)], rate_side(values, side)[1])


def test_spare_codes_hold_round_numbers_and_narrow_the_score() -> None:
    rules = compile_rules(RULES, CROPS, available=LAYERS)
    spared, bare = cut_points(rules), cut_points(rules, spare=False)
    assert holds_cuts(spared, bare) == ()
    assert {len(points) for points in spared.values()} <= set(range(1, MOST_CUTS + 1))
    assert np.isin(np.arange(10, 30, 0.5, dtype=np.float32), spared["temp_mean@09-01"]).all()
    assert score_error(rules, spared) < SCORE_QUANTUM < score_error(rules, bare)


def test_more_land_use_types_than_lanes_take_further_rows() -> None:
    rules = compile_rules(RULES, CROPS, available=LAYERS)
    widest = max(sum(len(crop) for crop in basket) for basket in rules.baskets)
    assert widest > 16
    exact, found = both_ways(rules, np.random.default_rng(5), 3000, missing=0.01)
    assert_same(exact, found)


@pytest.mark.parametrize("wide", WAYS)
@pytest.mark.parametrize("windows", [3, 5])
def test_a_crop_with_more_variants_than_a_word_has_lanes_is_one_crop(windows: int, wide: bool) -> None:
    more = {
        crop: tuple(
            replace(each, months=tuple((month + later - 1) % 12 + 1 for month in each.months))
            for each in own
            for later in range(windows)
        )
        for crop, own in RULES.windows.items()
    }
    rules = compile_rules(replace(RULES, windows=more), CROPS, available=LAYERS)
    assert max(len(crop) for basket in rules.baskets for crop in basket) > (windows // 2) * LANES
    for missing in (0.0, 0.3):
        rng = np.random.default_rng(windows)
        exact, found = both_ways(rules, rng, 3000, missing=missing, reasons=False, wide=wide)
        assert_same(exact, found)
        assert len(np.unique(found.cls)) > 3


def test_a_type_with_more_factors_than_a_slot_can_name_is_refused() -> None:
    rules = compile_rules(RULES, CROPS, available=LAYERS)
    starts = rules.tables.type_start.copy()
    starts[1:] += MOST_FACTORS
    many = replace(rules, tables=rules.tables._replace(type_start=starts))
    with pytest.raises(RulesError, match="factores"):
        build_rows(many, cut_points(rules), municipalities=CODES)


def test_codes_of_another_shape_are_refused() -> None:
    rules = compile_rules(RULES, CROPS, available=LAYERS)
    rows = build_rows(rules, cut_points(rules), municipalities=CODES)
    codes = np.zeros((len(cut_points(rules)), 5), dtype=np.uint8)
    with pytest.raises(RulesError, match="Códigos de forma"):
        zone_rows(codes, np.zeros((4, 6), dtype=np.uint8), rules, rows, municipalities=2)


def test_rows_without_ranks_zone_alike_and_give_no_reasons() -> None:
    rules = compile_rules(RULES, CROPS, available=LAYERS)
    cuts = cut_points(rules)
    share = np.random.default_rng(5).random(4_000)  # cool and dry land on one side, warm and wet on the other
    codes = np.stack([1 + np.rint(share * len(points)) for points in cuts.values()]).astype(np.uint8)
    places = np.zeros((4, 4_000), dtype=np.uint8)
    places[0] = 1
    ranked, plain = (build_rows(rules, cuts, municipalities=CODES, ranked=each) for each in (True, False))
    one, other = (zone_rows(codes, places, rules, each, municipalities=len(CODES)) for each in (ranked, plain))
    assert len(np.unique(one.zone)) > 1
    for name in ("zone", "cls", "runner_up", "runner_up_class", "counts"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    with pytest.raises(RulesError, match="sin puntajes"):
        zone_rows(codes, places, rules, plain, municipalities=len(CODES), reasons=True)


def test_a_new_order_and_new_weights_are_a_new_table() -> None:
    moved = replace(RULES, order=tuple(reversed(RULES.order)), weights={"temperature": 3.0})
    rng = np.random.default_rng(11)
    exact, found = both_ways(compile_rules(moved, CROPS, available=LAYERS), rng, 2000, missing=0.01)
    assert_same(exact, found)
