"""Blocks of cells zoned once as they are and once per draw, and what that comes to in every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.kernel_tables import ROLE_COMPETES
from zoning.uncertainty.drawn_land import FROM_ELEVATION, base_values, write_values
from zoning.uncertainty.draws import Draw
from zoning.uncertainty.strip_land import StripLand

if TYPE_CHECKING:
    from zoning.rating.kernel import BlockResult
    from zoning.uncertainty.flip_loops import Side

Floats = npt.NDArray[np.float32]

BLOCK_CELLS = 16_384
"""Cells drawn together: their characteristics, measured and drawn, stay near the processor."""

NEVER = 255
"""Factor of a cell whose zone never changed."""

_GATES, _NUMBERS = 32, 256


@dataclass(frozen=True, eq=False, kw_only=True)
class Naming:
    """Which factor a change is put down to, by number."""

    factors: tuple[str, ...]
    """Names of characteristics, in alphabetical order."""
    column: npt.NDArray[np.int16]
    """Factor of each characteristic of the rules."""
    gate: npt.NDArray[np.int16]
    """Factor of each gate that a realisation may shut, −1 for the others, (32,)."""
    row: npt.NDArray[np.int16]
    """Row of each zone number among the rated zones, −1 for none, (256,)."""
    place: npt.NDArray[np.uint8]
    """Place of each zone number in the counts, (256,)."""
    zones: int
    """Number of zones."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BlockSummary:
    """What the draws came to in the cells of a block; see :class:`zoning.uncertainty.zone_draws.ZoneDraws`."""

    zone: npt.NDArray[np.uint8]
    stability: Floats
    entropy: Floats
    factor: npt.NDArray[np.uint8]
    score_deviation: Floats

    @classmethod
    def empty(cls, cells: int) -> BlockSummary:
        """Return what is said of cells that nothing changes."""
        return cls(
            zone=np.zeros(cells, dtype=np.uint8),
            stability=np.ones(cells, dtype=np.float32),
            entropy=np.zeros(cells, dtype=np.float32),
            factor=np.full(cells, NEVER, dtype=np.uint8),
            score_deviation=np.full(cells, np.nan, dtype=np.float32),
        )

    def put(self, cells: slice | npt.NDArray[np.int64], part: BlockSummary) -> None:
        """Store what is known of some of the cells; threads may store different ones at once."""
        for each in fields(self):
            getattr(self, each.name)[cells] = getattr(part, each.name)


def name_factors(rules: CompiledRules) -> Naming:
    """Return the numbers of everything that a draw may put a change down to."""
    names = tuple(sorted({each.name for each in rules.characteristics} | set(FROM_ELEVATION)))
    gate = np.full(_GATES, -1, dtype=np.int16)
    for bit, each in enumerate(rules.gates):
        moved = [one.characteristic.name for one in each.conditions if one.characteristic.name in FROM_ELEVATION]
        if moved:
            gate[bit] = names.index(moved[0])
    row = np.full(_NUMBERS, -1, dtype=np.int16)
    for index, number in enumerate(rules.tables.zone_number.tolist()):
        row[number] = index
    place = np.zeros(_NUMBERS, dtype=np.uint8)
    for index, zone in enumerate(rules.zones):
        place[zone.number] = index
    return Naming(
        factors=names,
        column=np.array([names.index(each.name) for each in rules.characteristics], dtype=np.int16),
        gate=gate,
        row=row,
        place=place,
        zones=len(rules.zones),
    )


def draw_blocks(strip: StripLand, draws: Sequence[Draw], naming: Naming) -> BlockSummary:
    """Zone the cells of a strip in every draw.

    Cells that no zone may claim in any draw, because they are decided or their gates stay shut, are not drawn: their
    zone cannot change.
    """
    from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler is paid for by who computes

    base = base_values(strip.land, strip.rules, cells=strip.cells)
    zone = classify_block(base, strip.gates[0], strip.decided[0], strip.residual, strip.rules).zone
    found = BlockSummary.empty(strip.cells)
    found.zone[:] = zone
    open_cells = np.flatnonzero(_may_change(strip))
    for first in range(0, open_cells.size, BLOCK_CELLS):
        cells = open_cells[first : first + BLOCK_CELLS]
        found.put(cells, _summary(strip.part(cells), draws, naming))
    return found


def _may_change(strip: StripLand) -> npt.NDArray[np.bool_]:
    """Say in which cells a draw can change the zone: not decided and open to a zone that competes, here or there."""
    tables = strip.rules.tables
    claiming = tables.zone_masks[tables.zone_role <= ROLE_COMPETES][:, 2:]
    found = np.zeros(strip.cells, dtype=np.bool_)
    for decided, gates in zip(strip.decided, strip.gates, strict=True):
        claimed = np.zeros(strip.cells, dtype=np.bool_)
        for need, forbid in claiming:
            claimed |= ((gates & need) == need) & ((gates & forbid) == 0)
        found |= (decided == 0) & claimed
        found |= decided != strip.decided[0]
    return found


def _summary(block: StripLand, draws: Sequence[Draw], naming: Naming) -> BlockSummary:
    from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler is paid for by who computes
    from zoning.uncertainty.flip_loops import Counts, Names, tally  # noqa: PLC0415  as above

    rules, cells = block.rules, block.cells
    base = base_values(block.land, rules, cells=cells)
    result = classify_block(base, block.gates[0], block.decided[0], block.residual, rules)
    before = _side(block, result, base, rules, 0)
    names = Names(
        column=naming.column,
        gate=naming.gate,
        slope=naming.factors.index("slope"),
        row=naming.row,
        place=naming.place,
    )
    counts = Counts(
        zones=np.zeros((cells, naming.zones), dtype=np.uint16),
        factors=np.zeros((cells, len(naming.factors)), dtype=np.uint16),
        score=np.zeros((cells, 3), dtype=np.float64),
    )
    values = np.empty_like(base)
    for draw in draws:
        write_values(block.land, draw, base, values)
        where = block.realisation(draw.realisation)
        drawn = classify_block(values, block.gates[where], block.decided[where], block.residual, draw.rules)
        tally(before, _side(block, drawn, values, draw.rules, where), names, counts)
    return summarise_counts(result.zone, counts.zones, counts.factors, counts.score, naming.place)


def _side(block: StripLand, result: BlockResult, values: Floats, rules: CompiledRules, where: int) -> Side:
    from zoning.uncertainty.flip_loops import Side  # noqa: PLC0415  as above

    return Side(
        zone=result.zone,
        cls=result.cls,
        land_use_type=result.land_use_type,
        score=result.score,
        decided=block.decided[where],
        gates=block.gates[where],
        values=values,
        tables=rules.tables,
    )


def summarise_counts(
    zone: npt.NDArray[np.uint8],
    zones: npt.NDArray[np.uint16],
    factors: npt.NDArray[np.uint16],
    score: npt.NDArray[np.float64],
    place: npt.NDArray[np.uint8],
) -> BlockSummary:
    """Turn counts into shares.

    Parameters
    ----------
    zone
        Zone number without spread, (N,).
    zones
        Draws in each zone, (N, zones); every row adds up to the number of draws.
    factors
        Changed draws by factor, (N, factors).
    score
        Draws that keep the zone and have a score, sum and sum of squares of the scores, (N, 3).
    place
        Place of each zone number in ``zones``, (256,).

    Examples
    --------
    >>> found = summarise_counts(
    ...     np.array([7], np.uint8), np.array([[2, 2]], np.uint16), np.array([[0, 2]], np.uint16), np.zeros((1, 3)),
    ...     np.arange(256, dtype=np.uint8) // 7,
    ... )
    >>> found.stability.tolist(), found.entropy.tolist(), found.factor.tolist()
    ([0.5], [1.0], [1])
    """
    shares = zones / np.maximum(zones.sum(axis=1, dtype=np.int64), 1)[:, np.newaxis]
    logs = np.log2(shares, where=shares > 0, out=np.zeros_like(shares))
    own = shares[np.arange(zone.size), place[zone]]
    changed = factors.any(axis=1)
    known = score[:, 0] > 0
    count = np.maximum(score[:, 0], 1.0)
    variance = np.maximum(score[:, 2] / count - np.square(score[:, 1] / count), 0.0)
    return BlockSummary(
        zone=zone,
        stability=own.astype(np.float32),
        entropy=np.abs((shares * logs).sum(axis=1)).astype(np.float32),
        factor=np.where(changed, factors.argmax(axis=1), NEVER).astype(np.uint8),
        score_deviation=np.where(known, np.sqrt(variance), np.nan).astype(np.float32),
    )
