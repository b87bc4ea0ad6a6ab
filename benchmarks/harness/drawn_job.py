"""The job of the uncertainty benchmark: one made-up land and its draws, zoned by classes, by values, and by numpy.

The land has what makes real land smooth: every window of months comes from the same monthly climate, which follows the
relief. All contenders draw the same limits, weights, temperatures, rains and frosts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from method_job import RANGES, REACH, smooth_field
from method_numpy import settle_classes

from zoning import load_crops, load_ruleset
from zoning.land.climate_columns import climate_columns
from zoning.rating.kernel import classify_block
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.gates import gate_bits
from zoning.rules.limits import SD, N
from zoning.uncertainty.block_draws import SCORED_DRAWS, draw_blocks, name_factors
from zoning.uncertainty.drawn_land import FROM_MONTHS, BlockLand, Moves, SeenLand, months_of, warmth_of
from zoning.uncertainty.draws import Draw, make_draws
from zoning.uncertainty.ready_draws import make_ready, zones_alone
from zoning.uncertainty.strip_land import StripLand

PEER_WINDOW = 16_384
"""Cells of a window of numpy, at which it is about as fast as it gets."""
FLOAT_BLOCK = 65_536
CLIMATE = {"chill_hours", "extreme_min", "huglin", "rain_annual", "rain_season", "temp_annual", "temp_mean"}
WARMEST, LAPSE, RELIEF = 26.0, -5.5e-3, 3_000.0
"""Annual mean at the foot of the relief, degC; change with height, degC/m; height of the relief, m."""
SEED, MUNICIPALITY = 1, "070801"

Columns = dict[str, np.ndarray]


class DrawnJob:
    """One land and its draws.

    Parameters
    ----------
    side
        Cells along one side.
    draws
        Number of draws.
    """

    def __init__(self, side: int, draws: int) -> None:
        rng = np.random.default_rng(20_261_122)
        distances = {"distance_stream", "distance_permanent_stream", "distance_road", "distance_settlement"}
        available = frozenset(RANGES) | distances
        self.rules: CompiledRules = compile_rules(load_ruleset(), load_crops(), available=available)
        self.cells = side * side
        months = _months(rng, side)
        columns = self._columns(rng, side, months)
        calendar = self.rules.ruleset.calendar
        warmth = {
            name: warmth_of(name, [months[theme][[each - 1 for each in months_of(name, calendar)]] for theme in themes])
            for name, themes in FROM_MONTHS.items()
            if any(each.name == name for each in self.rules.characteristics)
        }
        codes = np.full(self.cells, MUNICIPALITY)
        gates = gate_bits(self.rules.gates, columns, cells=self.cells, municipality=codes)
        steep = columns["slope"] > np.float32(self.rules.ruleset.cover.legal_forest_slope)
        self.strip = StripLand(
            rules=self.rules,
            land=BlockLand(columns=columns, warmth=warmth),
            decided=(np.where(steep, self.rules.zone("FOR").number, 0).astype(np.uint8),),
            gates=(gates,),
            residual=np.full(self.cells, self.rules.zone(self.rules.ruleset.cover.open_zone).number, dtype=np.uint8),
        )
        self.draws: tuple[Draw, ...] = make_draws(self.rules, draws, seed=SEED)
        self.zone = self._zoned_by_values(None, threads=1)

    def _columns(self, rng: np.random.Generator, side: int, months: Columns) -> Columns:
        wanted = tuple(each for each in self.rules.inputs if each.name in CLIMATE)
        frost, calendar = self.rules.ruleset.frost.offset, self.rules.ruleset.calendar
        columns = climate_columns(wanted, tuple(months), months.__getitem__, frost_offset=frost, calendar=calendar)
        for each in self.rules.inputs:
            if each.name in RANGES and each.key not in columns:
                low, high = RANGES[each.name]
                columns[each.key] = (low + (high - low) * smooth_field(rng, side).ravel()).astype(np.float32)
            elif each.name in REACH:
                columns[each.key] = np.rint(smooth_field(rng, side).ravel() * REACH[each.name]).astype(np.float32)
        return columns

    def by_classes(self, threads: int) -> np.ndarray:
        """Zone cells alike once, as a study does; (cells,) float32 stability."""
        zones = zones_alone(self.rules)
        ready, naming = make_ready(self.draws, zones), name_factors(self.rules)
        work = partial(draw_blocks, draws=ready, zones=zones, naming=naming, scored=SCORED_DRAWS)
        halves = [self.strip.part(cells) for cells in np.array_split(np.arange(self.cells), threads)]
        with ThreadPoolExecutor(threads) as pool:
            return np.concatenate([each.stability for each in pool.map(work, halves)])

    def by_values(self, threads: int) -> np.ndarray:
        """Zone every cell in every draw with the float32 block kernel."""
        kept = np.zeros(self.cells, dtype=np.int64)
        for draw in self.draws:
            kept += self._zoned_by_values(draw, threads) == self.zone
        return (kept / len(self.draws)).astype(np.float32)

    def by_numpy(self, threads: int, draws: int) -> np.ndarray:
        """Zone every cell in the first draws with whole-array expressions."""
        kept = np.zeros(self.cells, dtype=np.int64)
        for draw in self.draws[:draws]:
            values = self._values(draw)
            work = partial(self._numpy_window, values, draw.rules)
            with ThreadPoolExecutor(threads) as pool:
                zone = np.concatenate(list(pool.map(work, range(0, self.cells, PEER_WINDOW))))
            kept += zone == self.zone
        return (kept / draws).astype(np.float32)

    def first_by_values(self, draws: int) -> np.ndarray:
        """Return the stability over the first draws, by the float32 block kernel."""
        return np.mean([self._zoned_by_values(draw, 1) == self.zone for draw in self.draws[:draws]], axis=0)

    def _numpy_window(self, values: np.ndarray, rules: CompiledRules, first: int) -> np.ndarray:
        part = slice(first, first + PEER_WINDOW)
        named = {each.key: values[row, part] for row, each in enumerate(rules.characteristics)}
        bits, residual = self.strip.gates[0][part], self.strip.residual[part]
        zone = settle_classes(named, bits, residual, rules, drawn=_drawn_classes(named, rules)).zone
        decided = self.strip.decided[0][part]
        return np.where(decided > 0, decided, zone)

    def _zoned_by_values(self, draw: Draw | None, threads: int) -> np.ndarray:
        values, rules = self._values(draw), draw.rules if draw else self.rules
        strip = self.strip

        def block(first: int) -> np.ndarray:
            part = slice(first, first + FLOAT_BLOCK)
            columns = strip.gates[0][part], strip.decided[0][part], strip.residual[part]
            return classify_block(np.ascontiguousarray(values[:, part]), *columns, rules).zone

        with ThreadPoolExecutor(threads) as pool:
            return np.concatenate(list(pool.map(block, range(0, self.cells, FLOAT_BLOCK))))

    def _values(self, draw: Draw | None) -> np.ndarray:
        """Return the characteristics, moved by a draw, (characteristics, cells)."""
        seen = SeenLand.of(self.strip.land, self.rules, 0)
        if draw is None:
            return seen.base
        moves = Moves.of(draw)
        values = seen.base * moves.factor[:, np.newaxis] + moves.plus[:, np.newaxis]
        values[list(seen.from_months)] = seen.drawn(moves).made
        return values


def _drawn_classes(values: Columns, rules: CompiledRules) -> dict[object, np.ndarray]:
    """Return the class of every factor with the limits of a draw, each curve compared once, as numpy would."""
    tables, found, places = rules.tables, {}, iter(range(rules.tables.factor_curve.size))
    for each in rules.land_use_types:
        for factor in each.factors:
            key = (factor.characteristic.key, factor.limits, factor.cap)
            curve = None if factor.flagged else tables.factor_curve[next(places)]
            if curve is None or key in found:
                continue
            x, worst = values[factor.characteristic.key], None
            for row in tables.curve_side[curve, : tables.curve_sides[curve]]:
                cls = sum((row[0] * x >= limit for limit in row[1:4]), np.full(x.size, N, np.uint8))
                worst = cls if worst is None else np.minimum(worst, cls)
            found[key] = np.where(np.isnan(x), SD, np.maximum(worst, factor.cap)).astype(np.uint8)
    return found


def _months(rng: np.random.Generator, side: int) -> Columns:
    """Return monthly mean, smallest and largest temperature and rain that follow a relief, (12, cells) each."""
    height, wet = smooth_field(rng, side).ravel() * RELIEF, smooth_field(rng, side).ravel()
    season = np.cos(2 * np.pi * (np.arange(12) - 0.5) / 12)[:, np.newaxis]
    mean = WARMEST + LAPSE * height + 3.5 * season
    rain = (300 + 1_100 * wet) / 12 * (1 + 0.8 * season)
    found = {
        "temperature_mean": mean,
        "temperature_max": mean + 6.5,
        "temperature_min": mean - 6.0,
        "precipitation": rain,
    }
    return {theme: values.astype(np.float32) for theme, values in found.items()}
