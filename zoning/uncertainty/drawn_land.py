"""The land of one block of cells as each draw sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoning.land.climate_indices import chill_hours, growing_degree_days, huglin_index
from zoning.land.column_stack import stack_columns
from zoning.rules.compiled_rules import CompiledRules
from zoning.seasons import Calendar, window_months
from zoning.uncertainty.draws import Draw

Floats = npt.NDArray[np.float32]

TEMPERATURES = frozenset({"temp_annual", "temp_mean", "temp_min", "temp_max"})
RAINS = frozenset({"rain_annual", "rain_season", "fournier"})
"""Characteristics that are proportional to the rain of every month."""

FROM_MONTHS: dict[str, tuple[str, ...]] = {"chill_hours": ("temperature_mean",), "gdd": ("temperature_mean",)}
FROM_MONTHS |= {"huglin": ("temperature_mean", "temperature_max")}
"""Characteristics that are not linear in the temperature, with the monthly layers that they are made of."""

FROM_ELEVATION = ("elevation", "slope", "height_above_stream")
"""Characteristics that change with the error of the elevation."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BlockLand:
    """One block of cells: what is measured there, and what the realisations of the elevation error make of it."""

    columns: Mapping[str, Floats]
    """Characteristic key to values, (N,)."""
    months: Mapping[str, Floats]
    """Monthly layer to values, (12, N)."""
    heights: tuple[Floats, ...] = ()
    """Error of the elevation in each realisation, m, (N,)."""
    realised: tuple[Mapping[str, Floats], ...] = ()
    """In each realisation, those of :data:`FROM_ELEVATION` that count, (N,)."""

    def columns_of(self, realisation: int) -> dict[str, Floats]:
        """Return the characteristics that a realisation of the elevation has, climate as measured."""
        return {**self.columns, **(self.realised[realisation] if self.realised else {})}


def write_values(block: BlockLand, draw: Draw, base: Floats, out: Floats) -> None:
    """Write the characteristics of a draw into ``out``, both (C, N).

    Parameters
    ----------
    block
        Cells.
    draw
        What to change. Temperature follows the elevation of the draw's realisation at the rate the ruleset states.
    base
        Values as measured.
    out
        Room; every row is written.
    """
    rules = draw.rules
    shift = _shift(block, draw)
    rain, colder = np.float32(draw.rain), np.float32(draw.frost_offset)
    realised = block.realised[draw.realisation] if block.realised else {}
    for row, each in enumerate(rules.characteristics):
        if each.name in TEMPERATURES:
            np.add(base[row], shift, out=out[row])
        elif each.name == "extreme_min":
            np.add(base[row], shift - colder, out=out[row])
        elif each.name in RAINS:
            np.multiply(base[row], rain, out=out[row])
        elif each.name in FROM_MONTHS and _has_months(block, each.name):
            out[row] = _from_months(each.name, block, shift, rules.ruleset.calendar)
        else:
            out[row] = realised.get(each.key, base[row])


def base_values(block: BlockLand, rules: CompiledRules, *, cells: int) -> Floats:
    """Return the characteristics as measured, (C, N), NaN where missing."""
    return stack_columns(dict(block.columns), rules.characteristics, cells=cells)


def _shift(block: BlockLand, draw: Draw) -> Floats:
    """Return what the draw adds to every temperature, degC, (N,) or a single number."""
    shift = np.float32(draw.temperature)
    if not block.heights:
        return np.asarray(shift)
    lapse = np.float32(draw.rules.ruleset.spread.lapse_degc_per_km / 1000.0)
    warmer: Floats = shift + lapse * block.heights[draw.realisation]
    return warmer


def _has_months(block: BlockLand, name: str) -> bool:
    return all(theme in block.months for theme in FROM_MONTHS[name])


def _from_months(name: str, block: BlockLand, shift: Floats, calendar: Calendar) -> Floats:
    mean = block.months["temperature_mean"]
    if name == "chill_hours":
        return chill_hours(mean[calendar.coldest_month - 1] + shift)
    if name == "gdd":
        return growing_degree_days(mean + shift, window_months(*calendar.warm_months))
    maximum = block.months["temperature_max"]
    return huglin_index(mean + shift, maximum + shift, window_months(*calendar.vineyard_months))
