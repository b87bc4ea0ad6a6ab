"""Blocks of cells zoned once as they are and once per draw, and what that comes to in every cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zoning.rules.compiled_rules import CompiledRules
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


def draw_blocks(strip: StripLand, draws: Sequence[Draw], naming: Naming) -> Iterator[tuple[slice, BlockSummary]]:
    """Zone the cells of a strip in every draw; yields the place of each block in the strip and its summary."""
    for first in range(0, strip.cells, BLOCK_CELLS):
        part = slice(first, min(first + BLOCK_CELLS, strip.cells))
        yield part, _summary(strip.part(part), draws, naming)


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
