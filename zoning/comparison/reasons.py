"""Why a cell has another zone or class in the other study: which one of its inputs, changed alone, flips it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.comparison.study_land import CellBlock, StudyLand, rate_block
from zoning.land.cell_places import CellPlaces
from zoning.rules.characteristic import N_, QUANTITIES
from zoning.rules.compiled_rules import CompiledRules
from zoning.study.run_job import RunJob

_ = translator("zoning")

LAW, IRRIGATION, RULES, SEVERAL, MERGED, LINE, UNKNOWN = (
    "law", "irrigation", "rules", "several", "merged", "line", "unknown",
)  # fmt: skip
"""Reasons that are no characteristic."""

REASON_TITLES = {
    LAW: N_("un área protegida o la cobertura"),
    IRRIGATION: N_("el riego que llega"),
    RULES: N_("las reglas o sus pesos"),
    SEVERAL: N_("varios factores a la vez"),
    MERGED: N_("la unión con manchas vecinas"),
    LINE: N_("el trazado, más angosto que una celda"),
    UNKNOWN: N_("sin dato"),
}

REASONS = (LAW, IRRIGATION, *QUANTITIES, RULES, SEVERAL, MERGED, LINE, UNKNOWN)
"""Every reason; the first of several that flip a cell as much is named."""

STRIP_ROWS = 256
"""Rows read at once."""

Outcome = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def reason_title(reason: str) -> str:
    """Return a reason in words, in the reader's language.

    Examples
    --------
    >>> reason_title("temp_mean")
    'la temperatura media del ciclo'
    """
    quantity = QUANTITIES.get(reason)
    return _(quantity.title) if quantity else _(REASON_TITLES[reason])


@dataclass(frozen=True, eq=False, kw_only=True)
class Moves:
    """From where to where each changed piece of land goes; arrays of shape (pieces,)."""

    from_zone: npt.NDArray[np.uint8]
    """Zone number."""
    from_class: npt.NDArray[np.uint8]
    """Class code."""
    to_zone: npt.NDArray[np.uint8]
    to_class: npt.NDArray[np.uint8]

    def made_by(self, piece: npt.NDArray[np.int32], was: Outcome, became: Outcome) -> npt.NDArray[np.bool_]:
        """Say which cells themselves make the move of their piece: its zones, or within one zone its classes."""
        zones = (was[0] == self.from_zone[piece]) & (became[0] == self.to_zone[piece])
        classes = (was[1] == self.from_class[piece]) & (became[1] == self.to_class[piece])
        makes: npt.NDArray[np.bool_] = zones & (classes | (self.from_zone[piece] != self.to_zone[piece]))
        return makes


def piece_reasons(
    labels: npt.NDArray[np.int32], first: RunJob, second: RunJob, *, moves: Moves, workers: int = 2
) -> list[str]:
    """Say for every changed piece of land which input flips most of the cells that themselves make its change.

    Parameters
    ----------
    labels
        Number of the piece of each cell, from 1, 0 for none; shape (rows, cols) of the grid of both studies.
    first, second
        Both studies opened again, on the same grid.
    moves
        Of the pieces.
    workers
        Threads.

    Returns
    -------
    list of str
        One of :data:`REASONS` per piece. A piece without a cell is :data:`LINE`; one of whose cells none makes
        the change, so that it comes from the patches they were merged with, is :data:`MERGED`.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged.
    """
    places = CellPlaces.of((labels > 0) & first.frame.places.inside)
    other_rules = first.rules if _same_rules(first.rules, second.rules) else second.rules
    counts = np.zeros((len(moves.to_zone), len(REASONS)), dtype=np.int64)
    with ExitStack() as stack:
        one = stack.enter_context(StudyLand(first, places, second.rules.inputs))
        two = stack.enter_context(StudyLand(second, places, first.rules.inputs, like=one))

        def strip(rows: tuple[int, int]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int8]]:
            inside = places.inside[rows[0] : rows[1]]
            if not inside.any():
                return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int8)
            piece = labels[rows[0] : rows[1]][inside] - 1
            read: dict[Path, npt.NDArray[np.float32]] = {}
            before, after = one.strip(*rows, read=read), two.strip(*rows, read=read)
            found, was, became = cell_reasons(before, after, first.rules, other_rules)
            makes = moves.made_by(piece, was, became)
            return piece, np.where(makes, found, np.int8(REASONS.index(MERGED))).astype(np.int8)

        with ThreadPoolExecutor(max_workers=workers) as pool:
            for piece, reason in pool.map(strip, list(first.grid.strips(STRIP_ROWS))):
                np.add.at(counts, (piece, reason), 1)
    return [_commonest(row) for row in counts]


def cell_reasons(
    before: CellBlock, after: CellBlock, rules: CompiledRules, other_rules: CompiledRules
) -> tuple[npt.NDArray[np.int8], Outcome, Outcome]:
    """Say for every cell which input, changed alone from the one study to the other, flips it.

    An input that gives the other study's outcome goes before one that only gives a third; of equals, the first of
    :data:`REASONS`. Where no single input flips a cell it is :data:`SEVERAL`, where nothing changes it
    :data:`MERGED`.

    Parameters
    ----------
    before, after
        The same cells in both studies, each with the columns of both rules.
    rules, other_rules
        Rules of the one study and of the other.

    Returns
    -------
    tuple
        Index into :data:`REASONS`, int8, one per cell; zone numbers and class codes before, and after.
    """
    outcomes = _outcome(before, rules), _outcome(after, other_rules)
    was, became = outcomes
    reason = np.full(before.cells, REASONS.index(MERGED), dtype=np.int8)
    changed = _differs(was, became)
    reason[changed] = REASONS.index(SEVERAL)
    before, after = before.take(changed), after.take(changed)
    was, became = (was[0][changed], was[1][changed]), (became[0][changed], became[1][changed])
    best = np.zeros(before.cells, dtype=np.int8)
    told = reason[changed]
    for name, changed_alone, with_rules in _one_at_a_time(before, after, rules, other_rules):
        # What a change cannot reach need not be rated again: the cells already explained are left out.
        open_cells = best < 2  # noqa: PLR2004  the best that a reason can do
        if not open_cells.any():
            break
        outcome = _outcome(changed_alone.take(open_cells), with_rules)
        here = (was[0][open_cells], was[1][open_cells])
        there = (became[0][open_cells], became[1][open_cells])
        worth = np.where(_differs(outcome, there), _differs(outcome, here), 2).astype(np.int8)
        better = worth > best[open_cells]
        place = np.flatnonzero(open_cells)[better]
        best[place] = worth[better]
        told[place] = REASONS.index(name)
    reason[changed] = told
    return reason, *outcomes


def _one_at_a_time(
    before: CellBlock, after: CellBlock, rules: CompiledRules, other_rules: CompiledRules
) -> Iterator[tuple[str, CellBlock, CompiledRules]]:
    if not (_equal(before.decided, after.decided) and _equal(before.residual, after.residual)):
        yield LAW, replace(before, decided=after.decided, residual=after.residual), rules
    opened = after.opened_for(before.gates)
    if not _equal(before.opened, opened):
        yield IRRIGATION, replace(before, opened=opened), rules
    for name in QUANTITIES:
        keys = [key for key in before.columns if key.partition("@")[0] == name and key in after.columns]
        moved = {key: after.columns[key] for key in keys if not _equal(before.columns[key], after.columns[key])}
        if moved:
            yield name, replace(before, columns={**before.columns, **moved}), rules
    if other_rules is not rules:
        yield RULES, before, other_rules


def _same_rules(one: CompiledRules, two: CompiledRules) -> bool:
    return (one.ruleset, one.available, one.flagged) == (two.ruleset, two.available, two.flagged)


def _equal(one: npt.NDArray[np.generic], two: npt.NDArray[np.generic]) -> bool:
    return bool(np.array_equal(one, two, equal_nan=one.dtype.kind == "f"))


def _outcome(block: CellBlock, rules: CompiledRules) -> Outcome:
    rated = rate_block(block, rules)
    return rated.zone, rated.cls


def _differs(one: Outcome, two: Outcome) -> npt.NDArray[np.bool_]:
    differs: npt.NDArray[np.bool_] = (one[0] != two[0]) | (one[1] != two[1])
    return differs


def _commonest(counts: npt.NDArray[np.int64]) -> str:
    merged = REASONS.index(MERGED)
    own = counts.copy()
    own[merged] = 0
    if own.any():
        return REASONS[int(own.argmax())]
    return MERGED if counts[merged] else LINE
