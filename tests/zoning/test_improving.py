"""Improving the land never makes it worse: water that arrives takes neither zone nor class away."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from likely_land import RANGES

from zoning.rating.kernel import classify_block
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.crop_library import load_crops
from zoning.rules.gates import gate_bits
from zoning.rules.limits import SD, N
from zoning.rules.ruleset_file import load_ruleset
from zoning.rules.zone_rules import BEFORE, COMPETES

RULES, CROPS = load_ruleset(), load_crops()
PLACES = (
    "distance_stream",
    "distance_permanent_stream",
    "distance_road",
    "distance_settlement",
    "height_above_stream",
)
CELLS = 1500


def compiled(*, flagged: bool) -> CompiledRules:
    available = {*RULES.required, "ph", "organic_carbon", "soil_depth", *PLACES}
    return compile_rules(
        RULES, CROPS, available=available, flagged={"slope", "height_above_stream"} if flagged else set()
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), flagged=st.booleans())
def test_granting_irrigation_never_lowers_the_best_class_of_a_cell(seed: int, flagged: bool) -> None:
    rng = np.random.default_rng(seed)
    rules = compiled(flagged=flagged)
    values = np.stack([rng.uniform(*RANGES[each.name], CELLS).astype(np.float32) for each in rules.characteristics])
    columns = {each.key: values[row] for row, each in enumerate(rules.characteristics)}
    columns |= {name: rng.uniform(0, 2500, CELLS).astype(np.float32) for name in PLACES}
    units = rng.choice(np.array(["070801", "071302"]), CELLS)
    dry = gate_bits(rules.gates, columns, cells=CELLS, flagged=rules.flagged, municipality=units)
    wet = dry | np.uint32(1 << rules.gate_names.index("irrigation_access"))
    decided, residual = np.zeros(CELLS, np.uint8), np.full(CELLS, rules.zone("GAF").number, np.uint8)
    wanted = tuple(zone.code for zone in rules.rated_zones)
    before, after = (classify_block(values, bits, decided, residual, rules, aptitudes=wanted) for bits in (dry, wet))
    for was, became in zip(before.aptitudes, after.aptitudes, strict=True):
        assert (became.cls >= was.cls).all(), was.zone
        assert (became.score >= was.score).all(), was.zone
    # Sugarcane is decided before the competition and may take a cell from a better one: the rules say so.
    earlier = [zone.number for zone in rules.zones if zone.role == BEFORE]
    productive = [zone.number for zone in rules.zones if zone.role in {BEFORE, COMPETES}]
    stands = [np.where(np.isin(each.zone, productive), each.cls, N) for each in (before, after)]
    free = ~np.isin(after.zone, earlier)
    assert (before.cls != SD).all()
    assert (stands[1] >= stands[0])[free].all()
    assert (stands[1] > stands[0]).any()


def test_land_too_steep_for_a_watered_field_keeps_its_orchard_when_water_comes() -> None:
    rules = compiled(flagged=False)
    usual = {"slope": 12, "soil_depth": 120, "ph": 6.5, "organic_carbon": 2, "chill_hours": 700, "extreme_min": 3}
    usual |= {"rain_annual": 850, "rain_season": 700, "temp_annual": 17, "temp_mean": 18, "huglin": 1000}
    values = np.array([[usual[each.name]] for each in rules.characteristics], dtype=np.float32)
    gates = {"near_people", "slope_16", "slope_30", "depth_50", "depth_75"}

    def zone(names: set[str]) -> tuple[str, int]:
        bits = np.array([sum(1 << rules.gate_names.index(name) for name in names)], dtype=np.uint32)
        residual = np.array([rules.zone("GAF").number], dtype=np.uint8)
        found = classify_block(values, bits, np.zeros(1, np.uint8), residual, rules)
        return rules.zone(int(found.zone[0])).code, int(found.cls[0])

    without, watered = zone(gates), zone(gates | {"irrigation_access"})
    assert without[0] == watered[0] == "FRU"
    assert watered[1] >= without[1]
