"""What must hold of the method whatever the rules: random crops, rulesets and land, through kernel and reference alike.

Every outcome below is computed twice, by the compiled kernel and by the numpy reference, which must agree; then one
thing is changed, and the promise says how the outcome may move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.rating.competition import Settled, ZoneRating, class_of, compete
from zoning.rating.kernel import BlockResult, classify_block
from zoning.rating.reference import TypeRating, rate_factor, rate_factors
from zoning.rules.characteristic import Characteristic
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.crop_library import Crop, CropFactor, Requirement
from zoning.rules.gates import Condition, Gate, gate_bits
from zoning.rules.land_use_types import IRRIGATED, RAINFED, Factor
from zoning.rules.limits import BAND_HIGH, BAND_LOW, NR, S1, S2, S3, SD, Limits, N, Side
from zoning.rules.ruleset import Management, Ruleset, Window
from zoning.rules.ruleset_file import load_ruleset
from zoning.rules.zone_rules import BEFORE, COMPETES, DECIDED, RESIDUAL, Zone

CELLS = 240
SCALE = 100
"""Every value and every limit lies between 0 and this, so that random land meets every class."""

RATED = {
    "temperature": "temp_mean",
    "temperature_annual": "temp_annual",
    "rain": "rain_season",
    "soil_depth": "soil_depth",
    "ph": "ph",
    "coarse_fragments": "coarse_fragments",
}
OPTIONAL = ("soil_depth", "ph", "coarse_fragments")
BETTER_WITH_MORE = "soil_depth"
"""Has a lower side only, in every crop."""

GATES = ("water", "road", "flat")
PLACES = {"water": "distance_stream", "road": "distance_road", "flat": "distance_settlement"}
BASE = load_ruleset()
SECOND_BEST = 2

some = settings(max_examples=15, deadline=None)


@dataclass(frozen=True, kw_only=True, repr=False)
class World:
    """Rules and land."""

    rules: Ruleset
    crops: Mapping[str, Crop]
    values: Mapping[str, np.ndarray]
    """Characteristic key to float32 (cells,)."""
    places: Mapping[str, np.ndarray]
    """What the gates compare."""
    residual: np.ndarray
    decided: np.ndarray

    def __repr__(self) -> str:
        """Stay short: the rules alone fill pages."""
        zones = [(zone.code, zone.basket, zone.minimum, zone.speaker, zone.gates) for zone in self.rules.zones]
        return f"World({zones}, {[(crop.id, sorted(crop.factors)) for crop in self.crops.values()]})"

    def compiled(self) -> CompiledRules:
        available = {*RATED.values(), *PLACES.values(), "slope", "extreme_min"}
        return compile_rules(self.rules, self.crops, available=available)

    def bits(self) -> np.ndarray:
        return gate_bits(self.rules.gates, self.places, cells=self.decided.size)


@dataclass(frozen=True, kw_only=True, repr=False)
class Outcome:
    """What kernel and reference agree on."""

    compiled: CompiledRules
    block: BlockResult
    types: list[TypeRating]
    zones: dict[str, ZoneRating]
    settled: Settled

    @property
    def productive(self) -> np.ndarray:
        numbers = [zone.number for zone in self.compiled.zones if zone.role in {BEFORE, COMPETES}]
        return np.isin(self.block.zone, numbers)


def outcome(world: World) -> Outcome:
    """Rate a world twice and hold one to the other."""
    rules, bits = world.compiled(), world.bits()
    values = np.stack([world.values[each.key] for each in rules.characteristics])
    rated = tuple(zone.code for zone in rules.rated_zones)
    block = classify_block(values, bits, world.decided, world.residual, rules, aptitudes=rated)
    columns = {each.key: world.values[each.key] for each in rules.characteristics}
    types, zones, settled = compete(columns, bits, world.residual, rules)
    free = world.decided == 0
    for name in ("zone", "cls", "runner_up", "runner_up_class"):
        np.testing.assert_array_equal(getattr(block, name)[free], getattr(settled, name)[free], err_msg=name)
    np.testing.assert_allclose(block.score[free], settled.score[free], atol=1e-4)
    for own, other in zip(block.aptitudes, zones, strict=True):
        np.testing.assert_array_equal(own.cls, other.cls, err_msg=own.zone)
        np.testing.assert_allclose(own.score, np.where(other.cls == SD, np.nan, other.score), atol=1e-4)
    by_code = dict(zip(rated, zones, strict=True))
    return Outcome(compiled=rules, block=block, types=types, zones=by_code, settled=settled)


@st.composite
def sides(draw: st.DrawFn, *, rising: bool) -> Side:
    numbers = sorted(draw(st.lists(st.integers(2, 48), min_size=3, max_size=3, unique=True)))
    ordered = [float(each if rising else SCALE - each) for each in numbers]
    if draw(st.booleans()):
        return Side.from_trapezoid(ordered[0], ordered[2])
    open_end = draw(st.integers(0, 9)) == 0
    return Side.from_classes(None if open_end else ordered[0], ordered[1], ordered[2])


@st.composite
def limits(draw: st.DrawFn, *, low_only: bool = False) -> Limits:
    which = 1 if low_only else draw(st.integers(1, 3))
    return Limits(
        low=draw(sides(rising=True)) if which & 1 else None,
        high=draw(sides(rising=False)) if which & 2 else None,
    )


@st.composite
def made_crops(draw: st.DrawFn, *, name: str) -> Crop:
    chosen = draw(st.lists(st.sampled_from(sorted(RATED)), min_size=1, max_size=4, unique=True))
    factors = {each: made_factor(each, draw(limits(low_only=each == BETTER_WITH_MORE))) for each in chosen}
    killing = float(draw(st.integers(-20, 20)))
    return Crop(
        id=name, name=name, scientific_name=name, kind="annual", cycle_days=(90.0, 120.0), killing_temperature=killing,
        killing_source="prueba", factors=factors,
    )  # fmt: skip


def made_factor(name: str, found: Limits) -> CropFactor:
    requirement = Requirement(characteristic=RATED[name], unit="", limits=found, source="prueba")
    return CropFactor(name=name, use="prueba", candidates={"prueba": requirement})


@st.composite
def made_zones(draw: st.DrawFn, *, crops: list[str]) -> tuple[Zone, ...]:
    def zone(code: str, number: int, role: str) -> Zone:
        basket = draw(st.lists(st.sampled_from(crops), min_size=1, max_size=len(crops), unique=True))
        waters = draw(st.sampled_from([(RAINFED,), (IRRIGATED,), (RAINFED, IRRIGATED)]))
        return Zone(
            code=code,
            number=number,
            name=code,
            role=role,
            basket=tuple((crop,) for crop in basket),
            waters=waters,
            managements=tuple(name for name, water in (("dry", RAINFED), ("wet", IRRIGATED)) if water in waters),
            minimum=draw(st.sampled_from([N, S3, S2, S1])) if role != RESIDUAL else N,
            speaker=draw(st.integers(1, SECOND_BEST)),
            gates=tuple(draw(st.lists(st.sampled_from(GATES), max_size=1))),
            competition_gates=tuple(draw(st.lists(st.sampled_from(GATES), max_size=1))),
        )

    return (
        zone("P", 1, BEFORE),
        zone("A", 2, COMPETES),
        zone("B", 3, COMPETES),
        zone("C", 4, COMPETES),
        zone("G", 5, RESIDUAL),
        Zone(code="U", number=6, name="U", role=RESIDUAL),
        Zone(code="X", number=7, name="X", role=DECIDED),
        Zone(code="SD", number=8, name="SD", role=DECIDED),
    )


def gate(name: str, at_most: float) -> Gate:
    return Gate(
        name=name, title=name, conditions=(Condition(characteristic=Characteristic(PLACES[name]), at_most=at_most),)
    )


@st.composite
def worlds(draw: st.DrawFn, *, missing: float | None = None) -> World:
    names = ["crop_a", "crop_b", "crop_c", "crop_d"][: draw(st.integers(2, 4))]
    crops = {name: draw(made_crops(name=name)) for name in names}
    slope = Limits(high=draw(sides(rising=False)))
    windows = {name: draw(st.lists(st.sampled_from([(10, 3), (1, 6)]), min_size=1, unique=True)) for name in names}
    rules = replace(
        BASE,
        zones=draw(made_zones(crops=names)),
        order=tuple(draw(st.permutations(["A", "B", "C"]))),
        gates=tuple(gate(name, 70.0) for name in GATES),
        managements={
            "dry": Management(name="dry", title="", water=RAINFED, slope_factor="none", slope=slope),
            "wet": Management(
                name="wet", title="", water=IRRIGATED, slope_factor="none", slope=slope, gates=("water",)
            ),
        },
        windows={
            name: tuple(Window(water=water, months=each, source="") for each in found for water in (RAINFED, IRRIGATED))
            for name, found in windows.items()
        },
        required=("slope", "temp_mean", "temp_annual", "extreme_min", "rain_season"),
        optional=OPTIONAL,
        ignored=(),
        caps={},
        weights={},
        overlays=(),
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = draw(st.sampled_from([0.0, 0.1])) if missing is None else missing
    return with_land(World(rules=rules, crops=crops, **empty()), rng, share)


def empty() -> dict[str, Any]:
    none = np.zeros(0, np.uint8)
    return {"values": {}, "places": {}, "residual": none, "decided": none}


def with_land(world: World, rng: np.random.Generator, missing: float) -> World:
    """Give a world random land: whole numbers, so that many cells stand exactly on a limit."""
    values = {}
    for each in world.compiled().characteristics:
        column = rng.integers(0, SCALE + 1, CELLS).astype(np.float32)
        column[rng.random(CELLS) < missing] = np.nan
        values[each.key] = column
    places = {name: rng.integers(0, SCALE, CELLS).astype(np.float32) for name in PLACES.values()}
    residual = rng.choice(np.array([5, 6], np.uint8), CELLS)
    return replace(world, values=values, places=places, residual=residual, decided=np.zeros(CELLS, np.uint8))


def changed_zones(world: World, **zones: Zone) -> World:
    found = tuple(zones.get(zone.code, zone) for zone in world.rules.zones)
    return replace(world, rules=replace(world.rules, zones=found))


def same_classes(before: Outcome, after: Outcome) -> None:
    np.testing.assert_array_equal(before.block.zone, after.block.zone)
    np.testing.assert_array_equal(before.block.cls, after.block.cls)
    for code, zone in before.zones.items():
        np.testing.assert_array_equal(zone.cls, after.zones[code].cls, err_msg=code)


@settings(max_examples=40, deadline=None)
@given(world=worlds())
def test_kernel_and_reference_agree_on_any_rules(world: World) -> None:
    found = outcome(world)
    assert set(found.block.zone) <= {zone.number for zone in world.rules.zones}


@some
@given(world=worlds(), more=st.integers(0, SCALE))
def test_improving_a_factor_that_is_better_with_more_never_lowers_a_class_or_a_score(world: World, more: int) -> None:
    better = {key: row + more if key == BETTER_WITH_MORE else row for key, row in world.values.items()}
    before, after = outcome(world), outcome(replace(world, values=better))
    for code, zone in before.zones.items():
        assert (after.zones[code].cls >= zone.cls).all(), code
        assert (after.zones[code].score >= zone.score - 1e-9).all(), code


@some
@given(world=worlds(), data=st.data())
def test_the_order_of_factors_and_crops_in_their_files_never_matters(world: World, data: st.DataObject) -> None:
    names = data.draw(st.permutations(sorted(world.crops)))
    crops = {
        name: replace(world.crops[name], factors=dict(reversed(list(world.crops[name].factors.items()))))
        for name in names
    }
    before, after = outcome(world), outcome(replace(world, crops=crops))
    for name in ("zone", "cls", "score", "limiting", "second_limiting", "runner_up", "margin", "land_use_type"):
        assert getattr(before.block, name).tobytes() == getattr(after.block, name).tobytes(), name


@some
@given(world=worlds())
def test_the_order_of_a_basket_never_matters(world: World) -> None:
    turned = {zone.code: replace(zone, basket=zone.basket[::-1]) for zone in world.rules.zones}
    before, after = outcome(world), outcome(changed_zones(world, **turned))
    same_classes(before, after)
    assert before.block.score.tobytes() == after.block.score.tobytes()


@some
@given(world=worlds(), data=st.data())
def test_a_factor_given_twice_never_changes_the_minimum(world: World, data: st.DataObject) -> None:
    doubled = {}
    for name, crop in world.crops.items():
        factor = data.draw(st.sampled_from(sorted(crop.factors)))
        doubled[name] = replace(crop, factors={**crop.factors, f"{factor}_again": crop.factors[factor]})
    same_classes(outcome(world), outcome(replace(world, crops=doubled)))


@some
@given(world=worlds(), every=st.integers(1, 5))
def test_an_exclusion_never_adds_productive_area(world: World, every: int) -> None:
    excluded = world.decided.copy()
    excluded[::every] = 7
    before, after = outcome(world), outcome(replace(world, decided=excluded))
    assert not (after.productive & ~before.productive).any()
    np.testing.assert_array_equal(after.productive, before.productive & (excluded == 0))


@some
@given(world=worlds())
def test_the_class_is_that_of_the_score_and_the_score_lies_in_its_band(world: World) -> None:
    found = outcome(world)
    for scored, classes in (
        (found.block.score, found.block.cls),
        *((zone.score, zone.cls) for zone in found.zones.values()),
        *((each.score, each.cls) for each in found.types),
    ):
        rated = (classes != SD) & (classes != NR)
        np.testing.assert_array_equal(class_of(scored[rated]), classes[rated])
        low = np.array([BAND_LOW[int(code)] for code in classes[rated]], np.float32)
        high = np.array([BAND_HIGH[int(code)] for code in classes[rated]], np.float32)
        assert (np.float32(scored[rated]) >= low).all()
        assert (np.float32(scored[rated]) <= high).all()


@some
@given(world=worlds(missing=0.0), beside=st.integers(-2, 2))
def test_the_class_is_that_of_the_score_at_every_limit_and_a_hair_beside_it(world: World, beside: int) -> None:
    for kind in world.compiled().land_use_types:
        for factor in kind.factors:
            ends = [end for side in (factor.limits.low, factor.limits.high) if side for end in side.breakpoints]
            places = np.array([end for end in ends if np.isfinite(end)], np.float32)
            for _step in range(abs(beside)):
                places = np.nextafter(places, np.float32(np.inf * np.sign(beside)))
            rating = rate_factor(places, factor)
            np.testing.assert_array_equal(class_of(rating.mu), rating.cls)


@some
@given(world=worlds(missing=0.0), name=st.sampled_from(OPTIONAL))
def test_a_missing_optional_factor_never_makes_a_class_worse_or_unknown(world: World, name: str) -> None:
    blank = {key: np.full_like(row, np.nan) if key == name else row for key, row in world.values.items()}
    before, after = outcome(world), outcome(replace(world, values=blank))
    for rated, unrated in zip(before.types, after.types, strict=True):
        assert (unrated.cls >= rated.cls).all()
    for code, zone in before.zones.items():
        assert (after.zones[code].cls >= zone.cls).all(), code


@some
@given(world=worlds(missing=0.0), data=st.data())
def test_a_missing_required_value_makes_no_data_and_never_unsuitable(world: World, data: st.DataObject) -> None:
    compiled = world.compiled()
    required = sorted({f.characteristic.key for each in compiled.land_use_types for f in each.factors if f.required})
    name = data.draw(st.sampled_from(required))
    blank = {key: np.full_like(row, np.nan) if key == name else row for key, row in world.values.items()}
    after = outcome(replace(world, values=blank))
    for kind, rating in zip(compiled.land_use_types, after.types, strict=True):
        needs = any(factor.characteristic.key == name and factor.required for factor in kind.factors)
        assert (rating.cls == SD).all() == needs
        assert not needs or np.isnan(rating.score).all()


def weights_of(world: World, weights: list[float]) -> dict[str, float]:
    """Weights of the factors that some crop has: another is refused."""
    known = {"slope", "frost"} | {name for crop in world.crops.values() for name in crop.factors}
    return {name: each for name, each in zip((*RATED, "slope", "frost"), weights, strict=True) if name in known}


@some
@given(world=worlds(), weights=st.lists(st.floats(0.01, 50), min_size=8, max_size=8))
def test_weights_rank_and_never_change_a_class(world: World, weights: list[float]) -> None:
    named = weights_of(world, weights)
    same_classes(outcome(world), outcome(replace(world, rules=replace(world.rules, weights=named))))


@some
@given(world=worlds(), weights=st.lists(st.floats(0.1, 9), min_size=8, max_size=8), factor=st.floats(0.01, 100))
def test_only_the_proportion_of_weights_matters(world: World, weights: list[float], factor: float) -> None:
    named = weights_of(world, weights)
    scaled = {name: weight * factor for name, weight in named.items()}
    before, after = (outcome(replace(world, rules=replace(world.rules, weights=each))) for each in (named, scaled))
    same_classes(before, after)
    np.testing.assert_allclose(before.block.score, after.block.score, atol=1e-5)


@some
@given(world=worlds(missing=0.0))
def test_a_crop_is_worth_its_best_open_variant(world: World) -> None:
    crop = min(world.crops)
    alone = {zone.code: replace(zone, basket=((crop,),)) for zone in world.rules.zones if zone.basket}
    found = outcome(changed_zones(world, **alone))
    rules, bits = found.compiled, world.bits()
    opened = {name: (bits >> np.uint32(bit)) & 1 > 0 for bit, name in enumerate(rules.gate_names)}
    for place, zone in enumerate(rules.rated_zones):
        gates = np.all([opened[name] for name in zone.gates], axis=0) if zone.gates else np.ones(CELLS, bool)
        best = np.zeros(CELLS, np.uint8)
        for index in rules.baskets[place][0]:
            kind = rules.land_use_types[index]
            may = np.all([opened[name] for name in kind.gates], axis=0) if kind.gates else np.ones(CELLS, bool)
            best = np.maximum(best, np.where(may & gates, found.types[index].cls, N))
        np.testing.assert_array_equal(found.zones[zone.code].cls, best)


@some
@given(world=worlds(), data=st.data())
def test_a_land_use_type_more_never_lowers_an_aptitude(world: World, data: st.DataObject) -> None:
    crop = data.draw(st.sampled_from(sorted(world.crops)))
    windows = {**world.rules.windows, crop: world.rules.windows[crop][:2]}
    fewer = replace(world, rules=replace(world.rules, windows=windows))
    before, after = outcome(fewer), outcome(world)
    for code, zone in before.zones.items():
        known = (zone.cls != SD) & (after.zones[code].cls != SD)
        assert (after.zones[code].cls >= zone.cls)[known].all(), code


@some
@given(world=worlds(missing=0.0), data=st.data())
def test_a_crop_less_in_a_basket_never_raises_the_class_of_a_zone(world: World, data: st.DataObject) -> None:
    crops = tuple((name,) for name in sorted(world.crops))
    speaker = data.draw(st.integers(1, len(crops) - 1 if len(crops) == SECOND_BEST else SECOND_BEST))
    zone = replace(world.rules.zone("A"), basket=crops, speaker=speaker)
    full = changed_zones(world, A=zone)
    gone = data.draw(st.integers(0, len(crops) - 1))
    less = changed_zones(world, A=replace(zone, basket=crops[:gone] + crops[gone + 1 :]))
    before, after = outcome(full), outcome(less)
    assert (after.zones["A"].cls <= before.zones["A"].cls).all()


@some
@given(world=worlds(), limits_of=st.tuples(*[st.integers(0, 70)] * 3))
def test_a_tighter_gate_never_adds_productive_cells(world: World, limits_of: tuple[int, int, int]) -> None:
    tight = tuple(gate(name, float(limit)) for name, limit in zip(GATES, limits_of, strict=True))
    before, after = outcome(world), outcome(replace(world, rules=replace(world.rules, gates=tight)))
    for code, zone in before.zones.items():
        known = (zone.cls != SD) & (after.zones[code].cls != SD)
        assert (after.zones[code].cls <= zone.cls)[known].all(), code
    known = (before.block.cls != SD) & (after.block.cls != SD)
    assert not (after.productive & ~before.productive & known).any()


@some
@given(world=worlds(), seed=st.integers(0, 2**32 - 1))
def test_a_cell_is_what_it_is_wherever_it_stands(world: World, seed: int) -> None:
    turn = np.random.default_rng(seed).permutation(CELLS)
    moved = replace(
        world,
        values={key: row[turn] for key, row in world.values.items()},
        places={key: row[turn] for key, row in world.places.items()},
        residual=world.residual[turn],
        decided=world.decided[turn],
    )
    before, after = outcome(world).block, outcome(moved).block
    for name in ("zone", "cls", "score", "limiting", "limiting_value", "runner_up", "margin", "land_use_type"):
        assert getattr(before, name)[turn].tobytes() == getattr(after, name).tobytes(), name


@some
@given(world=worlds())
def test_mirrored_limits_rate_mirrored_land_alike(world: World) -> None:
    mirrored = {key: -row for key, row in world.values.items()}
    for kind in world.compiled().land_use_types:
        turned = [replace(factor, limits=mirror(factor.limits)) for factor in kind.factors]
        straight, other = rate_factors(world.values, kind.factors), rate_factors(mirrored, turned)
        np.testing.assert_array_equal(straight.cls, other.cls)
        np.testing.assert_allclose(straight.score, other.score)


def mirror(found: Limits) -> Limits:
    def turn(side: Side | None) -> Side | None:
        if side is None:
            return None
        zero, s3, s2, s1, full = (-place for place in side.breakpoints)
        return Side(zero=zero, s3=s3, s2=s2, s1=s1, full=full, strict=side.strict, step=side.step)

    return Limits(low=turn(found.high), high=turn(found.low))


@some
@given(world=worlds(), by=st.integers(-1000, 1000))
def test_land_and_limits_moved_together_change_nothing(world: World, by: int) -> None:
    moved = {key: row + by for key, row in world.values.items()}
    for kind in world.compiled().land_use_types:
        whole = [factor for factor in kind.factors if not strict(factor)]
        shifted = [replace(factor, limits=shift(factor.limits, by)) for factor in whole]
        if whole:
            np.testing.assert_array_equal(
                rate_factors(world.values, whole).cls, rate_factors(moved, shifted).cls, err_msg=kind.id
            )


def strict(factor: Factor) -> bool:
    """Whether a limit is no whole number, which a shift in float32 would round."""
    return any(side is not None and side.strict for side in (factor.limits.low, factor.limits.high))


def shift(found: Limits, by: float) -> Limits:
    def moved(side: Side | None) -> Side | None:
        if side is None:
            return None
        zero, s3, s2, s1, full = (place + by for place in side.breakpoints)
        return Side(zero=zero, s3=s3, s2=s2, s1=s1, full=full, strict=side.strict, step=side.step)

    return Limits(low=moved(found.low), high=moved(found.high))


@some
@given(world=worlds(missing=0.0))
def test_the_best_class_wins_and_the_order_decides_between_equals(world: World) -> None:
    found = outcome(world)
    rules, bits = found.compiled, world.bits()
    opened = {name: (bits >> np.uint32(bit)) & 1 > 0 for bit, name in enumerate(rules.gate_names)}
    claims: dict[str, np.ndarray] = {}
    for zone in rules.rated_zones:
        rated = found.zones[zone.code].cls
        may = np.all([opened[name] for name in (*zone.gates, *zone.competition_gates)] or [bits >= 0], axis=0)
        claims[zone.code] = may & (rated >= zone.minimum)
    order = world.rules.order
    for cell in range(CELLS):
        rivals = [(-int(found.zones[code].cls[cell]), place) for place, code in enumerate(order) if claims[code][cell]]
        first = "P" if claims["P"][cell] else order[min(rivals)[1]] if rivals else None
        expected = rules.zone(first).number if first else world.residual[cell]
        assert found.block.zone[cell] == expected


@some
@given(world=worlds(missing=0.0), code=st.sampled_from("ABC"))
def test_a_stricter_minimum_or_a_later_turn_never_gives_a_zone_more(world: World, code: str) -> None:
    zone = world.rules.zone(code)
    mine = zone.number
    before = outcome(world).block.zone == mine
    strict_zone = replace(zone, minimum=min(zone.minimum + 1, S1))
    fewer = outcome(changed_zones(world, **{code: strict_zone})).block.zone == mine
    last = (*(each for each in world.rules.order if each != code), code)
    later = outcome(replace(world, rules=replace(world.rules, order=last))).block.zone == mine
    assert not (fewer & ~before).any()
    assert not (later & ~before).any()


@some
@given(world=worlds(missing=0.0))
def test_the_class_of_a_land_use_type_is_that_of_its_worst_factor_which_is_named(world: World) -> None:
    found = outcome(world)
    for kind, rating in zip(found.compiled.land_use_types, found.types, strict=True):
        each = [rate_factor(world.values[factor.characteristic.key], factor) for factor in kind.factors]
        classes, degrees = np.stack([one.cls for one in each]), np.stack([one.mu for one in each])
        np.testing.assert_array_equal(rating.cls, classes.min(axis=0))
        np.testing.assert_allclose(np.take_along_axis(degrees, rating.limiting[None], axis=0)[0], degrees.min(axis=0))
        assert (np.take_along_axis(classes, rating.limiting[None], axis=0)[0] == rating.cls).all()


@some
@given(world=worlds(missing=0.0))
def test_irrigation_frees_a_crop_from_drought_and_from_nothing_else(world: World) -> None:
    found = outcome(world)
    types = {(kind.crop, kind.window, kind.water): rating for kind, rating in zip(
        found.compiled.land_use_types, found.types, strict=True)}  # fmt: skip
    for (crop, window, water), rating in types.items():
        dry = types.get((crop, window, RAINFED))
        if water == IRRIGATED and dry is not None:
            assert (rating.cls >= dry.cls).all()


@pytest.mark.parametrize("code", [N, S3, S2, S1])
def test_random_land_meets_every_class(code: int) -> None:
    """The properties above would prove little on land of one class."""
    rng = np.random.default_rng(3)
    side = Side.from_classes(20, 40, 60)
    factor = Factor(name="ph", characteristic=Characteristic("ph"), limits=Limits(low=side))
    assert (rate_factor(rng.integers(0, SCALE + 1, CELLS), factor).cls == code).any()
