"""Draws without any short cut: every cell measured from the layers and zoned by its values, draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoning.land.climate_indices import chill_hours, growing_degree_days, huglin_index
from zoning.land.column_stack import stack_columns
from zoning.land.land_data import LandData
from zoning.land.precedence import Precedence
from zoning.rating.kernel import classify_block
from zoning.rules.gates import gate_bits
from zoning.seasons import window_months
from zoning.study.run_job import RunJob
from zoning.uncertainty.draws import Draw, make_draws
from zoning.uncertainty.elevation_error import ElevationError

Floats = npt.NDArray[np.float32]
WARM = {"temp_annual", "temp_mean", "temp_min", "temp_max", "extreme_min"}
RAIN = {"rain_annual", "rain_season", "fournier"}


@dataclass(frozen=True, kw_only=True)
class PlainDraws:
    """What the draws came to in every cell, in row-major order."""

    zone: npt.NDArray[np.uint8]
    stability: npt.NDArray[np.float64]
    score_deviation: npt.NDArray[np.float64]


def plain_draws(job: RunJob, count: int, *, seed: int) -> PlainDraws:
    """Draw every cell of a job; the height above the stream is left as measured, the slope follows its error."""
    rules, ruleset, places, rows = job.rules, job.rules.ruleset, job.frame.places, job.grid.rows
    spread, calendar = ruleset.spread, ruleset.calendar
    numbers = min(spread.realisations, count)
    error = ElevationError(
        job.grid, sigma=spread.elevation_m, length=spread.elevation_length_m, realisations=numbers, seed=seed
    )
    codes = np.array(["", *job.frame.codes])[job.frame.unit[places.inside]]
    counts = "slope" not in job.inventory.flagged
    with (
        LandData(job.workspace, job.grid, job.inventory, frost_offset=ruleset.frost.offset, calendar=calendar) as land,
        Precedence(job.workspace, job.grid, ruleset, places, slope_counts=counts) as precedence,
    ):
        land.prepare(rules.inputs, places)
        columns = land.columns(rules.inputs, 0, rows, places)
        months = {name: land.months(name, 0, rows, places) for name in ("temperature_mean", "temperature_max")}
        where = np.nonzero(places.inside)
        heights = [error.at(number, *where) for number in range(len(error))]
        slopes = [
            land.slope(0, rows, places, error=lambda *window, n=number: error.rows(n, *window))
            for number in range(len(error))
        ]

        def zoned(draw: Draw | None) -> tuple[npt.NDArray[np.uint8], Floats]:
            seen = dict(columns)
            if draw is not None:
                if counts and slopes:
                    seen["slope"] = slopes[draw.realisation]
                lapse = np.float32(spread.lapse_degc_per_km / 1000)
                warmer = np.float32(draw.temperature) + lapse * heights[draw.realisation]
                for each in rules.characteristics:
                    if each.key in seen:
                        seen[each.key] = _moved(each.name, seen[each.key], draw, warmer, months)
            strip = precedence.strip(0, rows, seen.get("slope"))
            gates = gate_bits(rules.gates, seen, cells=places.size, flagged=rules.flagged, municipality=codes)
            compiled = rules if draw is None else draw.rules
            values = stack_columns(seen, rules.characteristics, cells=places.size)
            found = classify_block(values, gates, strip.decided, strip.residual, compiled)
            return found.zone, found.score

        zone, _score = zoned(None)
        drawn = [zoned(draw) for draw in make_draws(rules, count, seed=seed)]
    kept = np.array([each[0] == zone for each in drawn])
    scores = np.where(kept, np.array([each[1] for each in drawn], dtype=np.float64), np.nan)
    known = np.isfinite(scores)
    held = np.maximum(known.sum(axis=0), 1)
    mean = np.nansum(scores, axis=0) / held
    deviation = np.sqrt(np.nansum((scores - mean) ** 2, axis=0) / held)
    return PlainDraws(
        zone=zone, stability=kept.mean(axis=0), score_deviation=np.where(known.any(axis=0), deviation, np.nan)
    )


def _moved(name: str, values: Floats, draw: Draw, warmer: Floats, months: Mapping[str, Floats | None]) -> Floats:
    mean, maximum = months["temperature_mean"], months["temperature_max"]
    if mean is None or maximum is None:
        raise ValueError(name)
    if name in WARM:
        return values + warmer - np.float32(draw.frost_offset if name == "extreme_min" else 0)
    if name in RAIN:
        return values * np.float32(draw.rain)
    calendar = draw.rules.ruleset.calendar
    made = {
        "chill_hours": lambda: chill_hours(mean[calendar.coldest_month - 1] + warmer),
        "gdd": lambda: growing_degree_days(mean + warmer, window_months(*calendar.warm_months)),
        "huglin": lambda: huglin_index(mean + warmer, maximum + warmer, window_months(*calendar.vineyard_months)),
    }
    return made[name]() if name in made else values
