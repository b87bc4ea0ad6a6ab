"""The kernel's arrays of some zones only: a cell that one zone took before another asks for no third."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.kernel_tables import KernelTables, starts

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class ZoneRules:
    """Compiled rules as the kernel reads them, of some of their zones."""

    rules: CompiledRules
    """With the arrays and the rated zones of these; all else is that of the whole rules."""
    types: npt.NDArray[np.int16]
    """Index in the whole rules of each land-use type of the arrays; the last is −1, for none."""
    read: tuple[str, ...]
    """Characteristics that they read, by key."""
    curves: Places
    """Index in the whole rules of each curve of the arrays."""
    factors: Places
    """The same of each rated factor."""


def only_zones(rules: CompiledRules, numbers: Collection[int]) -> ZoneRules:
    """Return what the kernel needs to rate some zones.

    Parameters
    ----------
    rules
        Compiled.
    numbers
        Raster numbers of the zones; those that are not rated are passed over.
    """
    whole = rules.tables
    zones = np.flatnonzero(np.isin(whole.zone_number, list(numbers)))
    crops = _members(whole.zone_start, zones)
    picked = _members(whole.crop_start, crops)
    types, crop_type = np.unique(whole.crop_type[picked], return_inverse=True)
    factors = _members(whole.type_start, types)
    curves, factor_curve = np.unique(whole.factor_curve[factors], return_inverse=True)
    optional = _members(whole.zone_optional_start, zones)
    tables = KernelTables(
        curve_column=whole.curve_column[curves],
        curve_sides=whole.curve_sides[curves],
        curve_side=np.ascontiguousarray(whole.curve_side[curves]),
        curve_floor=whole.curve_floor[curves],
        type_start=_starts(whole.type_start, types),
        factor_curve=factor_curve.astype(np.int32),
        factor_weight=whole.factor_weight[factors],
        factor_required=whole.factor_required[factors],
        factor_bit=whole.factor_bit[factors],
        type_absent=whole.type_absent[types],
        type_need=whole.type_need[types],
        type_forbid=whole.type_forbid[types],
        zone_number=whole.zone_number[zones],
        zone_role=whole.zone_role[zones],
        zone_minimum=whole.zone_minimum[zones],
        zone_speaks=whole.zone_speaks[zones],
        zone_masks=np.ascontiguousarray(whole.zone_masks[zones]),
        zone_start=_starts(whole.zone_start, zones),
        crop_start=_starts(whole.crop_start, crops),
        crop_type=crop_type.astype(np.int32),
        zone_optional_start=_starts(whole.zone_optional_start, zones),
        zone_optional_column=whole.zone_optional_column[optional],
        zone_optional_bit=whole.zone_optional_bit[optional],
        zone_absent=whole.zone_absent[zones],
    )
    columns = np.union1d(tables.curve_column, tables.zone_optional_column)
    return ZoneRules(
        rules=replace(rules, tables=tables, rated_zones=tuple(rules.rated_zones[zone] for zone in zones.tolist())),
        types=np.append(types, -1).astype(np.int16),
        read=tuple(rules.characteristics[column].key for column in columns.tolist()),
        curves=curves.astype(np.int64),
        factors=factors,
    )


def _members(ranges: npt.NDArray[np.int32], chosen: npt.NDArray[np.integer]) -> Places:
    """Return what the ranges of the chosen hold, one after the other."""
    parts = [np.arange(ranges[each], ranges[each + 1]) for each in chosen.tolist()]
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts]).astype(np.int64)


def _starts(ranges: npt.NDArray[np.int32], chosen: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
    return starts([int(ranges[each + 1] - ranges[each]) for each in chosen.tolist()])
