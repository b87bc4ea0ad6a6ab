"""Blocks of cells zoned once as they are and once per draw, and what that comes to in every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.kernel_tables import ROLE_COMPETES
from zoning.uncertainty.drawn_land import FROM_ELEVATION, Moves, SeenLand, base_values
from zoning.uncertainty.ready_draws import ReadyDraw
from zoning.uncertainty.strip_land import PlaceColumns, StripLand
from zoning.uncertainty.zone_alone import ZoneAlone

if TYPE_CHECKING:
    from zoning.rating.kernel import BlockResult
    from zoning.uncertainty.drawn_loops import Drawn
    from zoning.uncertainty.flip_loops import Side

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Cells = npt.NDArray[np.int64]

BLOCK_CELLS = 65_536
"""Cells drawn together: their characteristics, measured and drawn, stay near the processor."""

SCORED_DRAWS = 40
"""Draws from which the deviation of the score is told: its own standard error is then a ninth."""

NEVER = 255
"""Factor of a cell whose zone never changed."""

_GATES, _NUMBERS = 32, 256
_UNTOLD = -1


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
    """Zone number without any spread, (N,)."""
    stability: Floats
    """Share of the draws with that zone, 0 to 1, (N,)."""
    entropy: Floats
    """Of the zones over the draws, bits, (N,)."""
    factor: npt.NDArray[np.uint8]
    """Number of the factor that changed the zone most often, :data:`NEVER` where none did, (N,)."""
    score_deviation: Floats
    """Of the score over the scored draws that keep the zone, NaN where there is none, (N,)."""

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
    row[rules.tables.zone_number] = np.arange(rules.tables.zone_number.size)
    place = np.zeros(_NUMBERS, dtype=np.uint8)
    place[[zone.number for zone in rules.zones]] = np.arange(len(rules.zones))
    return Naming(
        factors=names,
        column=np.array([names.index(each.name) for each in rules.characteristics], dtype=np.int16),
        gate=gate,
        row=row,
        place=place,
        zones=len(rules.zones),
    )


def draw_blocks(
    strip: StripLand,
    draws: Sequence[ReadyDraw],
    zones: Sequence[ZoneAlone],
    naming: Naming,
    *,
    scored: int,
) -> BlockSummary:
    """Zone the cells of a strip in every draw.

    Cells that no zone may claim in any draw, because they are decided or their gates stay shut, are not drawn: their
    zone cannot change.

    Parameters
    ----------
    strip
        Cells.
    draws
        What to zone them with.
    zones
        Every rated zone alone.
    naming
        From :func:`name_factors`.
    scored
        The first draws, which tell the deviation of the score.
    """
    from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler is paid for by who computes
    from zoning.uncertainty.alike_cells import in_similar_runs  # noqa: PLC0415  as above

    base, places = base_values(strip.land, strip.rules, cells=strip.cells), strip.places()
    found = BlockSummary.empty(strip.cells)
    found.zone[:] = classify_block(base, places.gates, places.decided, places.residual, strip.rules).zone
    open_cells = np.flatnonzero(_may_change(strip))
    open_cells = open_cells[in_similar_runs(base[:, open_cells], strip.rules)]
    for first in range(0, open_cells.size, BLOCK_CELLS):
        cells = open_cells[first : first + BLOCK_CELLS]
        block = _Block(strip.part(cells), zones, naming)
        for number in sorted({each.draw.realisation for each in draws}):
            block.add(draws, number, scored=scored)
        found.put(cells, block.summary())
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


class _Block:
    """The draws of one block of cells, added up."""

    def __init__(self, strip: StripLand, zones: Sequence[ZoneAlone], naming: Naming) -> None:
        from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler, as above
        from zoning.uncertainty.flip_loops import Counts, Mapped, Names, Side  # noqa: PLC0415  as above

        self._strip, self._zones, self._naming, cells = strip, zones, naming, strip.cells
        seen, places = SeenLand.measured(strip.land, strip.rules, cells=cells), strip.places()
        found = classify_block(seen.base, places.gates, places.decided, places.residual, strip.rules)
        self._mapped = Mapped(zone=found.zone, cls=found.cls, land_use_type=found.land_use_type)
        still = seen.drawn(Moves.none(strip.rules))
        self._before = Side(decided=places.decided, gates=places.gates, drawn=still, tables=strip.rules.tables)
        self._names = Names(
            column=naming.column,
            gate=naming.gate,
            slope=naming.factors.index("slope"),
            row=naming.row,
            place=naming.place,
        )
        self._counts = Counts(
            zones=np.zeros((cells, naming.zones), dtype=np.uint16),
            factors=np.zeros((cells, len(naming.factors)), dtype=np.uint16),
            score=np.zeros((cells, 3), dtype=np.float64),
        )

    def add(self, draws: Sequence[ReadyDraw], realisation: int, *, scored: int) -> None:
        """Add the draws of one realisation of the elevation."""
        from zoning.uncertainty.alike_cells import AlikeCells  # noqa: PLC0415  the compiler, as above
        from zoning.uncertainty.flip_loops import Side, count_zones  # noqa: PLC0415  as above

        strip = self._strip
        seen, places = SeenLand.of(strip.land, strip.rules, realisation), strip.places(realisation)
        alike = AlikeCells(seen, places)
        order = np.empty(strip.cells, dtype=np.int64)
        for number, ready in enumerate(draws):
            if ready.draw.realisation != realisation:
                continue
            drawn = seen.drawn(ready.moves)
            zone = alike.zones(ready, drawn)
            kept = count_zones(self._mapped, alike.like, zone, self._names, self._counts, order)
            now = Side(decided=places.decided, gates=places.gates, drawn=drawn, tables=ready.draw.rules.tables)
            self._blame(order[kept:], zone[alike.like[order[kept:]]], now, ready, places)
            if number < scored:
                self._score(order[:kept], drawn, ready, places)

    def summary(self) -> BlockSummary:
        """Return what the draws came to."""
        counts = self._counts
        return summarise_counts(self._mapped.zone, counts.zones, counts.factors, counts.score, self._naming.place)

    def _blame(self, cells: Cells, zone: Bytes, now: Side, ready: ReadyDraw, places: PlaceColumns) -> None:
        """Put the changes of cells, to the given zones, down to factors."""
        from zoning.uncertainty.flip_loops import what_held, what_shut  # noqa: PLC0415  the compiler, as above

        fallen = np.empty(cells.size, dtype=np.int16)
        what_shut(cells, zone, self._mapped, self._before, now, self._names, self._counts, fallen)
        open_ones = fallen >= _UNTOLD
        for row, each in enumerate(self._zones):
            own = np.flatnonzero(open_ones & (zone == each.number))
            if own.size:
                found = self._alone(cells[own], each, now.drawn, ready, places)
                speaks = each.types[found.land_use_type]
                what_held(row, cells[own], found.cls, speaks, fallen[own], self._before, self._names, self._counts)

    def _score(self, cells: Cells, drawn: Drawn, ready: ReadyDraw, places: PlaceColumns) -> None:
        """Add the scores of cells that keep their zone."""
        from zoning.uncertainty.flip_loops import add_scores  # noqa: PLC0415  the compiler, as above

        zone = self._mapped.zone[cells]
        for each in self._zones:
            own = cells[zone == each.number]
            if own.size:
                add_scores(own, self._alone(own, each, drawn, ready, places).score, self._counts)

    @staticmethod
    def _alone(cells: Cells, zone: ZoneAlone, drawn: Drawn, ready: ReadyDraw, places: PlaceColumns) -> BlockResult:
        """Rate some cells for one zone alone, by their own values."""
        from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler, as above
        from zoning.uncertainty.drawn_loops import take_values  # noqa: PLC0415  as above

        part = places.part(cells)
        values = take_values(drawn, zone.rows, cells)
        return classify_block(values, part.gates, part.decided, part.residual, ready.alone[zone.number])


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
