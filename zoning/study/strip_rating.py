"""The cells of one strip of a stack, rated by the float32 kernel from their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zoning.land.column_stack import stack_columns
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.gates import gate_bits
from zoning.rules.zone_tables import ZoneRules
from zoning.stack.stack_cells import CellStrip
from zoning.study.cell_results import StripResult
from zoning.study.required_data import mark_required_gaps

if TYPE_CHECKING:
    from zoning.rating.kernel import BlockResult


@dataclass(frozen=True, eq=False, kw_only=True)
class StripCells:
    """The cells of a strip, ready to be rated."""

    strip: CellStrip
    """As read."""
    decided: npt.NDArray[np.uint8]
    """Zone number fixed before the competition, 0 where zones compete."""
    residual: npt.NDArray[np.uint8]
    """Zone number of what no zone takes."""
    allowed: npt.NDArray[np.uint32]
    """Gates that may be open in each cell's municipality."""
    opened: npt.NDArray[np.uint32]
    """Gates that a scenario opens."""
    rules: CompiledRules
    """Of the run."""

    def rate(
        self, chosen: npt.NDArray[np.int32], few: ZoneRules, *, gates: npt.NDArray[np.uint32], told: StripResult
    ) -> BlockResult:
        """Rate cells that some zones took, by the rules of these zones; ``told`` knows the zones already."""
        from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler is paid for by who computes

        rules = few.rules
        columns = {key: self.strip.values(key, chosen) for key in few.read if key in self.strip.columns}
        values = stack_columns(columns, rules.characteristics, cells=len(chosen))
        block = classify_block(values, gates, self.decided[chosen], self.residual[chosen], rules)
        names = ("zone", "cls", "runner_up", "runner_up_class")
        if all(np.array_equal(getattr(block, name), getattr(told, name)[chosen]) for name in names):
            return replace(block, land_use_type=few.types[block.land_use_type])
        # A cell that only a third zone knows to be rated at all.
        return self.classify(chosen)[0]

    def classify(
        self, chosen: npt.NDArray[np.int32], *, aptitudes: tuple[str, ...] = ()
    ) -> tuple[BlockResult, npt.NDArray[np.uint32]]:
        """Classify some cells; return what the kernel says of them, and their gates."""
        from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler is paid for by who computes

        rules, held = self.rules, self.strip.columns
        columns = {each.key: self.strip.values(each.key, chosen) for each in rules.inputs if each.key in held}
        free = tuple(replace(gate, municipalities=()) for gate in rules.gates)
        gates = gate_bits(free, columns, cells=len(chosen), flagged=rules.flagged) & self.allowed[chosen]
        gates |= self.opened[chosen]
        values = stack_columns(columns, rules.characteristics, cells=len(chosen))
        block = classify_block(values, gates, self.decided[chosen], self.residual[chosen], rules, aptitudes=aptitudes)
        mark_required_gaps(block, columns, rules)
        return block, gates


def listed_gates(rules: CompiledRules, codes: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return the gates that may be open in each municipality, by its number; 0 outside."""
    listed = tuple(replace(gate, conditions=()) for gate in rules.gates)
    bits = gate_bits(listed, {}, cells=len(codes), municipality=np.array(codes, dtype=np.str_))
    return np.append(np.zeros(1, dtype=np.uint32), bits)
