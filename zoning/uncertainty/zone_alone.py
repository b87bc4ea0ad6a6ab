"""The rules of one zone alone: what its score is, and which land-use type speaks for it, where it is known to stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.zone_tables import only_zones

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
        number = int(rules.tables.zone_number[place])
        zone = only_zones(rules, {number})
        tables = zone.rules.tables
        rows = np.unique(tables.curve_column).astype(np.int64)
        # A score asks for no value that a zone only may have: what is optional is left out.
        alone = tables._replace(
            curve_column=np.searchsorted(rows, tables.curve_column).astype(np.int32),
            zone_optional_start=np.zeros(2, dtype=np.int32),
            zone_optional_column=np.zeros(0, dtype=np.int32),
            zone_optional_bit=np.zeros(0, dtype=np.uint16),
        )
        return cls(
            number=number,
            rows=rows,
            types=zone.types,
            curves=zone.curves,
            factors=zone.factors,
            rules=replace(zone.rules, characteristics=tuple(rules.characteristics[row] for row in rows), tables=alone),
        )

    def drawn(self, rules: CompiledRules) -> CompiledRules:
        """Return the same zone with the limits and weights of a draw of all rules."""
        tables = self.rules.tables._replace(
            curve_side=rules.tables.curve_side[self.curves], factor_weight=rules.tables.factor_weight[self.factors]
        )
        return replace(self.rules, tables=tables)
