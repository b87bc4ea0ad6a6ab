"""The sampled cells rated under any setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.land.climate_columns import climate_columns
from zoning.land.column_stack import stack_columns
from zoning.land.land_inventory import CLIMATE_LAYERS, CLIMATIC
from zoning.rules.characteristic import Characteristic
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.gates import gate_bits
from zoning.sensitivity.land_sample import LandSample
from zoning.sensitivity.setting import SLOPE, CannotTell, Setting

if TYPE_CHECKING:
    from zoning.rating.kernel import BlockResult

_ = translator("zoning")

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]

FOREST, GRASS = 2, 3
"""Codes of mapped present use, as in :data:`zoning.land.precedence.PRESENT_USES`."""


class SampledRating:
    """Rates one sample under many settings; what two settings share is measured once.

    Parameters
    ----------
    sample
        Cells.
    base
        Setting of the study, in which the sample was taken.
    gates
        Names of its gates in bit order.
    months_of
        Twelve months of the sampled cells under a climate source: theme to shape (12, cells).
    slope_from
        Slope of the sampled cells from an elevation averaged to a cell, m: shape (cells,), %.
    """

    def __init__(
        self,
        sample: LandSample,
        base: Setting,
        gates: tuple[str, ...],
        *,
        months_of: Callable[[str], Mapping[str, Floats]],
        slope_from: Callable[[float], Floats],
    ) -> None:
        self._sample, self._base, self._gates = sample, base, gates
        self._months_of, self._slope_from = months_of, slope_from
        self._months: dict[str, Mapping[str, Floats]] = {base.climate: sample.monthly}
        self._climate: dict[tuple[str, float, str], Floats] = {}

    def rate(self, setting: Setting) -> BlockResult:
        """Rate the cells; meanings as in :class:`zoning.rating.kernel.BlockResult`.

        Raises
        ------
        CannotTell
            The setting compares something that was not measured.
        gis.errors.VallesError
            The rules do not fit together.
        """
        from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler is paid for by who computes

        sample = self._sample
        rules = compile_rules(setting.ruleset, setting.crops, available=setting.available, flagged=setting.flagged)
        columns = self._columns(setting, rules)
        gates = gate_bits(
            rules.gates, columns, cells=sample.cells, flagged=rules.flagged, municipality=sample.municipality
        )
        values = stack_columns(columns, rules.characteristics, cells=sample.cells)
        decided, residual = self._decided(setting, columns), self._residual(setting, columns)
        return classify_block(values, gates | self._opened(rules), decided, residual, rules)

    def _columns(self, setting: Setting, rules: CompiledRules) -> dict[str, Floats]:
        wanted = tuple(each for each in rules.inputs if each.name in setting.available)
        found = self._climate_columns(setting, tuple(each for each in wanted if each.name in CLIMATIC))
        slope = self._slope(setting)
        if slope is not None:
            found[SLOPE] = slope
        for each in wanted:
            if each.name in CLIMATIC or each.key in found:
                continue
            if each.key in self._sample.columns:
                found[each.key] = self._sample.columns[each.key]
            elif each.name not in setting.flagged:
                raise CannotTell(_("no se midió en este estudio: {what}").format(what=each.quantity.title))
        return found

    def _climate_columns(self, setting: Setting, wanted: tuple[Characteristic, ...]) -> dict[str, Floats]:
        offset, calendar = setting.ruleset.frost.offset, setting.ruleset.calendar

        def name(each: Characteristic) -> tuple[str, float, str]:
            return (setting.climate, offset if each.name == "extreme_min" else 0.0, each.key)

        missing = tuple(each for each in wanted if name(each) not in self._climate)
        if missing:
            if setting.climate not in self._months:
                self._months[setting.climate] = self._months_of(setting.climate)
            months = self._months[setting.climate]
            themes = tuple(theme for theme in CLIMATE_LAYERS if theme in months)
            found = climate_columns(missing, themes, months.__getitem__, frost_offset=offset, calendar=calendar)
            self._climate |= {name(each): found[each.key] for each in missing if each.key in found}
        return {each.key: self._climate[name(each)] for each in wanted if name(each) in self._climate}

    def _slope(self, setting: Setting) -> Floats | None:
        slope = self._slope_from(setting.slope_cell_m) if setting.slope_cell_m else self._sample.columns.get(SLOPE)
        return slope if slope is None or setting.slope_factor == 1 else slope * np.float32(setting.slope_factor)

    def _decided(self, setting: Setting, columns: Mapping[str, Floats]) -> Codes:
        sample, cover = self._sample, setting.ruleset.cover
        forest = setting.ruleset.zone("FOR").number if _has(setting, "FOR") else 0
        decided = sample.decided.copy()
        if not forest or SLOPE not in columns:
            return decided
        if SLOPE not in self._base.flagged:
            decided[sample.legal & (decided == forest)] = 0
        if SLOPE not in setting.flagged:
            with np.errstate(invalid="ignore"):
                decided[(decided == 0) & (columns[SLOPE] > np.float32(cover.legal_forest_slope))] = forest
        return decided

    def _residual(self, setting: Setting, columns: Mapping[str, Floats]) -> Codes:
        sample, ruleset = self._sample, setting.ruleset
        if not setting.forest:
            return sample.residual
        unknown, forest, grass = (
            ruleset.zone(code).number
            for code in (ruleset.cover.unknown_zone, ruleset.cover.forest_zone, ruleset.cover.open_zone)
        )
        residual = np.full(sample.cells, unknown, dtype=np.uint8)
        if setting.forest == "unknown" and (sample.residual == unknown).all():
            raise CannotTell(_("así es este estudio"))
        if setting.forest == "mapped":
            if not np.isin(sample.present_use, (FOREST, GRASS)).any():
                raise CannotTell(_("nadie dibujó bosques ni pastos"))
            residual[sample.present_use == FOREST] = forest
            residual[sample.present_use == GRASS] = grass
        elif setting.forest == "steep":
            slope = columns.get(SLOPE)
            if slope is None:
                raise CannotTell(_("no hay elevación"))
            known = ~np.isnan(slope)
            residual[known] = np.where(slope[known] > ruleset.cover.silvopastoral_slope[0], forest, grass)
        return residual

    def _opened(self, rules: CompiledRules) -> npt.NDArray[np.uint32]:
        bits = np.zeros(self._sample.cells, dtype=np.uint32)
        for bit, gate in enumerate(rules.gate_names):
            if gate in self._gates:
                mine = np.uint32(1 << self._gates.index(gate))
                bits |= np.where((self._sample.opened & mine) > 0, np.uint32(1 << bit), np.uint32(0))
        return bits


def _has(setting: Setting, code: str) -> bool:
    return any(zone.code == code for zone in setting.ruleset.zones)
