"""The land of one block of cells as each realisation of the elevation has it, and as each draw then sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zoning.land.climate_indices import MONTH_DAYS, chill_hours
from zoning.land.column_stack import stack_columns
from zoning.rules.compiled_rules import CompiledRules
from zoning.seasons import Calendar, window_months
from zoning.uncertainty.draws import Draw

if TYPE_CHECKING:
    from zoning.uncertainty.drawn_loops import Drawn

Floats = npt.NDArray[np.float32]

TEMPERATURES = frozenset({"temp_annual", "temp_mean", "temp_min", "temp_max"})
RAINS = frozenset({"rain_annual", "rain_season", "fournier"})
"""Characteristics that are proportional to the rain of every month."""

FROST = "extreme_min"
"""Characteristic that follows the temperature and the offset of frost."""

FROM_MONTHS: dict[str, tuple[str, ...]] = {"chill_hours": ("temperature_mean",), "gdd": ("temperature_mean",)}
FROM_MONTHS |= {"huglin": ("temperature_mean", "temperature_max")}
"""Characteristics that are not linear in the temperature, with the monthly layers that they are made of."""

_CHILL, _HEAT_BASE = "chill_hours", 10.0

FROM_ELEVATION = ("elevation", "slope", "height_above_stream")
"""Characteristics that change with the error of the elevation."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BlockLand:
    """One block of cells: what is measured there, and what the realisations of the elevation error make of it."""

    columns: Mapping[str, Floats]
    """Characteristic key to values, (N,)."""
    warmth: Mapping[str, Floats]
    """Name of a characteristic of :data:`FROM_MONTHS` to what :func:`warmth_of` makes of its months, (months, N)."""
    heights: tuple[Floats, ...] = ()
    """Error of the elevation in each realisation, m, (N,)."""
    realised: tuple[Mapping[str, Floats], ...] = ()
    """In each realisation, those of :data:`FROM_ELEVATION` that count, (N,)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Moves:
    """What a draw does to every characteristic, the same in all cells: ``value · factor + plus``."""

    factor: Floats
    """Shape (C,), without unit."""
    plus: Floats
    """Shape (C,), in the unit of each characteristic."""
    warmer: np.float32
    """Added to every month, degC."""

    @classmethod
    def none(cls, rules: CompiledRules) -> Moves:
        """Return what leaves everything as it is."""
        rows = len(rules.characteristics)
        still = np.ones(rows, dtype=np.float32), np.zeros(rows, dtype=np.float32)
        return cls(factor=still[0], plus=still[1], warmer=np.float32(0))

    @classmethod
    def of(cls, draw: Draw) -> Moves:
        """Return what a draw does."""
        rows = draw.rules.characteristics
        factor, plus = np.ones(len(rows), dtype=np.float32), np.zeros(len(rows), dtype=np.float32)
        warmer = np.float32(draw.temperature)
        for row, each in enumerate(rows):
            if each.name in RAINS:
                factor[row] = draw.rain
            elif each.name in TEMPERATURES:
                plus[row] = warmer
            elif each.name == FROST:
                plus[row] = warmer - np.float32(draw.frost_offset)
        return cls(factor=factor, plus=plus, warmer=warmer)


@dataclass(frozen=True, eq=False, kw_only=True)
class SeenLand:
    """The cells with the elevation of one realisation: temperatures follow it, slope and stream height are its own."""

    rules: CompiledRules
    """Rules of the run."""
    base: Floats
    """Characteristics before any draw, (C, N), NaN where missing."""
    warmth: Mapping[str, Floats]
    """As of :class:`BlockLand`."""

    @classmethod
    def of(cls, block: BlockLand, rules: CompiledRules, realisation: int) -> SeenLand:
        """See a block with the elevation of a realisation; temperature follows it at the rate the ruleset states."""
        base = base_values(block, rules, cells=next(iter(block.columns.values())).size)
        warmth = dict(block.warmth)
        for key, column in (block.realised[realisation] if block.realised else {}).items():
            for row, each in enumerate(rules.characteristics):
                if each.key == key:
                    base[row] = column
        if block.heights:
            warmer = np.float32(rules.ruleset.spread.lapse_degc_per_km / 1000.0) * block.heights[realisation]
            for row, each in enumerate(rules.characteristics):
                if each.name in TEMPERATURES or each.name == FROST:
                    base[row] += warmer
            warmth = {name: values + warmer for name, values in warmth.items()}
        return cls(rules=rules, base=base, warmth=warmth)

    @classmethod
    def measured(cls, block: BlockLand, rules: CompiledRules, *, cells: int) -> SeenLand:
        """See a block as it is measured."""
        return cls(rules=rules, base=base_values(block, rules, cells=cells), warmth={})

    @cached_property
    def from_months(self) -> tuple[int, ...]:
        """Rows of characteristics that are made from the months anew in every draw."""
        return tuple(row for row, each in enumerate(self.rules.characteristics) if each.name in self.warmth)

    def drawn(self, moves: Moves) -> Drawn:
        """Return the values of a draw, ready for compiled loops."""
        from zoning.uncertainty.drawn_loops import Drawn, sum_heat  # noqa: PLC0415  the compiler is paid for on demand

        rows, calendar = self.from_months, self.rules.ruleset.calendar
        made = np.empty((len(rows), self.base.shape[1]), dtype=np.float32)
        for place, row in enumerate(rows):
            name = self.rules.characteristics[row].name
            if name == _CHILL:
                made[place] = chill_hours(self.warmth[name][0] + moves.warmer)
            else:
                days = np.array([MONTH_DAYS[month - 1] for month in months_of(name, calendar)], dtype=np.float32)
                sum_heat(self.warmth[name], days, float(moves.warmer), made[place])
        made_row = np.full(self.base.shape[0], -1, dtype=np.int32)
        made_row[list(rows)] = np.arange(len(rows))
        return Drawn(base=self.base, made=made, made_row=made_row, factor=moves.factor, plus=moves.plus)


def months_of(name: str, calendar: Calendar) -> tuple[int, ...]:
    """Return the months, from 1, that a characteristic of :data:`FROM_MONTHS` is made of."""
    if name == _CHILL:
        return (calendar.coldest_month,)
    return window_months(*(calendar.warm_months if name == "gdd" else calendar.vineyard_months))


def warmth_of(name: str, layers: Sequence[Floats]) -> Floats:
    """Return what a characteristic adds up over its months, degC, (months, N), before a draw warms it.

    Chill hours follow the mean of the coldest month itself. Growing degree days and the Huglin index are sums of
    ``max(0, warmth) · days``: of the mean temperature over 10 degC, and of the mean of mean and maximum over 10 degC
    (:mod:`zoning.land.climate_indices`).

    Parameters
    ----------
    name
        Of :data:`FROM_MONTHS`.
    layers
        Its monthly layers, the months of :func:`months_of` each, (months, N).
    """
    if name == _CHILL:
        return layers[0]
    middle: Floats = np.asarray(np.mean(layers, axis=0, dtype=np.float32)) - np.float32(_HEAT_BASE)
    return middle


def base_values(block: BlockLand, rules: CompiledRules, *, cells: int) -> Floats:
    """Return the characteristics as measured, (C, N), NaN where missing."""
    return stack_columns(dict(block.columns), rules.characteristics, cells=cells)
