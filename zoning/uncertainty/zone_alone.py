"""The rules of one zone alone: what its score is, and which land-use type speaks for it, where it is known to stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.kernel_tables import KernelTables, starts

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class ZoneAlone:
    """One rated zone with the land-use types of its basket and the characteristics that these read."""

    number: int
    """Raster number of the zone."""
    rows: Places
    """Its characteristics among those of all rules."""
    types: npt.NDArray[np.int16]
    """Its land-use types among all, and −1 at the end."""
    curves: Places
    """Its curves among all."""
    factors: Places
    """Its rated factors among all."""
    rules: CompiledRules
    """As if there were no other zone."""

    @classmethod
    def of(cls, rules: CompiledRules, place: int) -> ZoneAlone:
        """Return the rated zone that stands at a place among the rated zones."""
        tables = rules.tables
        crops = range(tables.zone_start[place], tables.zone_start[place + 1])
        held = [tables.crop_type[tables.crop_start[crop] : tables.crop_start[crop + 1]] for crop in crops]
        listed = np.concatenate(held).astype(np.int64)
        types = np.unique(listed)
        ranges = [np.arange(tables.type_start[each], tables.type_start[each + 1]) for each in types]
        factors = np.concatenate(ranges).astype(np.int64)
        curves = np.unique(tables.factor_curve[factors]).astype(np.int64)
        rows = np.unique(tables.curve_column[curves]).astype(np.int64)
        alone = _alone(tables, place, types=types, factors=factors, curves=curves, rows=rows)
        alone = alone._replace(
            type_start=starts([len(each) for each in ranges]),
            zone_start=starts([len(held)]),
            crop_start=starts([len(each) for each in held]),
            crop_type=np.searchsorted(types, listed).astype(np.int32),
        )
        return cls(
            number=int(tables.zone_number[place]),
            rows=rows,
            types=np.append(types, -1).astype(np.int16),
            curves=curves,
            factors=factors,
            rules=replace(
                rules,
                characteristics=tuple(rules.characteristics[row] for row in rows),
                rated_zones=rules.rated_zones[place : place + 1],
                tables=alone,
            ),
        )

    def drawn(self, rules: CompiledRules) -> CompiledRules:
        """Return the same zone with the limits and weights of a draw of all rules."""
        tables = self.rules.tables._replace(
            curve_side=rules.tables.curve_side[self.curves], factor_weight=rules.tables.factor_weight[self.factors]
        )
        return replace(self.rules, tables=tables)


def _alone(
    tables: KernelTables, place: int, *, types: Places, factors: Places, curves: Places, rows: Places
) -> KernelTables:
    """Cut tables down to one zone, all but where its crops and factors begin."""
    own = slice(place, place + 1)
    return tables._replace(
        curve_column=np.searchsorted(rows, tables.curve_column[curves]).astype(np.int32),
        curve_sides=tables.curve_sides[curves],
        curve_side=tables.curve_side[curves],
        curve_floor=tables.curve_floor[curves],
        factor_curve=np.searchsorted(curves, tables.factor_curve[factors]).astype(np.int32),
        factor_weight=tables.factor_weight[factors],
        factor_required=tables.factor_required[factors],
        factor_bit=tables.factor_bit[factors],
        type_absent=tables.type_absent[types],
        type_need=tables.type_need[types],
        type_forbid=tables.type_forbid[types],
        zone_number=tables.zone_number[own],
        zone_role=tables.zone_role[own],
        zone_minimum=tables.zone_minimum[own],
        zone_speaks=tables.zone_speaks[own],
        zone_masks=np.ascontiguousarray(tables.zone_masks[own]),
        zone_optional_start=np.zeros(2, dtype=np.int32),
        zone_optional_column=np.zeros(0, dtype=np.int32),
        zone_optional_bit=np.zeros(0, dtype=np.uint16),
        zone_absent=tables.zone_absent[own],
    )
