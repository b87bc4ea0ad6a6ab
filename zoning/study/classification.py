"""Every cell of a territory classified: strips of rows, each by itself, with flat memory.

A study is classified from the stack of its land (:func:`classify_rows`, which whoever has the folder can do);
:func:`classify_land` does the same from the layers themselves and is what the former is held against.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis.crew.crew import Crew, ThreadCrew
from gis.grid import Grid
from gis.vectors.vector import rasterise_values
from zoning.land.cell_places import CellPlaces
from zoning.land.column_stack import stack_columns
from zoning.land.land_data import LandData
from zoning.land.precedence import REACHED, Precedence
from zoning.rating.cell_kinds import class_words, find_kinds
from zoning.rating.interval_codes import cut_points
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.gates import gate_bits
from zoning.rules.limits import NR, SD
from zoning.rules.zone_tables import ZoneRules, only_zones
from zoning.stack.stack_build import Progress
from zoning.stack.stack_cells import StackCells, open_stack
from zoning.stack.stack_window import BLOCK, Rows
from zoning.study.cell_results import CellResults, StripResult
from zoning.study.required_data import mark_required_gaps, reached
from zoning.study.strip_rating import StripCells, listed_gates

BLOCK_CELLS = 65_536
"""Cells given to the kernel at once: their values stay near the processor."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Frame:
    """Where the municipalities lie on the grid of a run."""

    grid: Grid
    """Grid of the run."""
    codes: tuple[str, ...]
    """Official codes of the municipalities, sorted."""
    unit: npt.NDArray[np.uint16]
    """Number of the municipality that holds the centre of the cell, from 1 in the order of ``codes``; 0 outside."""

    @cached_property
    def places(self) -> CellPlaces:
        """Cells whose centre lies in a municipality."""
        return CellPlaces.of(self.unit > 0)


def frame_of(municipalities: gpd.GeoDataFrame, grid: Grid) -> Frame:
    """Burn the municipalities into a grid, by the centre of the cell.

    The rim that a municipality only touches is left out on purpose: the map takes it from the nearest cell inside, so
    that a park that ends at the border does not get a fringe of splinters of whatever lies beyond.

    Parameters
    ----------
    municipalities
        Columns ``code`` and ``geometry``.
    grid
        Grid of the run.

    Raises
    ------
    gis.errors.CrsError
        The municipalities have no reference system.
    """
    ordered = municipalities.sort_values("code").reset_index(drop=True)
    unit = rasterise_values(ordered, np.arange(1, len(ordered) + 1), grid).astype(np.uint16)
    return Frame(grid=grid, codes=tuple(str(code) for code in ordered["code"]), unit=unit)


@dataclass(frozen=True, eq=False, kw_only=True)
class StackJob:
    """What every strip of a stack is classified with; it travels pickled to whoever does one."""

    folder: Path
    """Of the stack."""
    stack: str
    """Hash of its index."""
    rules: CompiledRules
    """Compiled for the layers the stack was made from."""
    aptitudes: tuple[str, ...] = ()
    """Codes of the zones whose own aptitude is kept, whoever won the cell."""
    here: StackCells | None = field(default=None, repr=False)
    """The stack, where it is open already; it stays behind."""
    known: dict[tuple[int, int], ZoneRules] = field(default_factory=dict, repr=False)
    """What :meth:`between` returned; it stays behind."""

    def __getstate__(self) -> dict[str, Any]:
        """Leave the open files behind."""
        return {**self.__dict__, "here": None, "known": {}}

    def between(self, winner: int, runner_up: int) -> ZoneRules:
        """Return the rules of two zones by their numbers; 0 is none."""
        if (winner, runner_up) not in self.known:
            self.known[winner, runner_up] = only_zones(self.rules, {winner, runner_up})
        return self.known[winner, runner_up]


def classify_rows(job: StackJob, rows: tuple[int, int]) -> StripResult:
    """Classify the cells of one strip of a stack.

    Parameters
    ----------
    job
        What all strips share.
    rows
        First row and the one after the last, of the strips that the stack was written in
        (``grid.strips(BLOCK)``).

    Raises
    ------
    gis.errors.InputError
        The stack is damaged, or no longer the one the run began with.
    """
    rules, ruleset = job.rules, job.rules.ruleset
    keys = tuple(each.key for each in rules.inputs if each.name not in rules.flagged)
    stack = job.here or open_stack(job.folder, job.stack)
    strip = stack.strip(*rows, keys)
    slope = strip.values("slope") if "slope" in strip.columns else None
    decided = strip.decided(ruleset, slope)
    opened = strip.opened(rules.gate_names, stack.index.opened)
    allowed = listed_gates(rules, strip.index.municipalities)[strip.unit]
    words = class_words({key: stack.index.cuts[key] for key in strip.columns}, cut_points(rules, spare=False))
    other = decided.decided.astype(np.uint64) << np.uint64(56) | decided.residual.astype(np.uint64) << np.uint64(48)
    # Gates that a scenario opens are all or none: one bit tells.
    other |= (opened > 0).astype(np.uint64) << np.uint64(32) | allowed.astype(np.uint64)
    bands = {key: column.codes for key, column in strip.columns.items()}
    kinds = find_kinds(bands, strip.where, words, other)
    one = StripCells(
        strip=strip,
        decided=decided.decided,
        residual=decided.residual,
        allowed=allowed,
        opened=opened,
        rules=rules,
    )
    results = StripResult.empty(strip.cells, aptitudes=len(job.aptitudes))
    told, gates = one.classify(kinds.first, aptitudes=job.aptitudes)
    results.spread(told, kinds.kind)
    results.flags[:] = decided.flags | (np.uint8(REACHED) * reached(gates, rules)).astype(np.uint8)[kinds.kind]
    results.present_use[:] = decided.present_use
    # Which two zones a cell is between is known by its kind: only these are rated for its score and its reasons.
    pair = np.where((told.cls != SD) & (told.cls != NR), told.zone.astype(np.uint16) << 8 | told.runner_up, 0)
    pairs = pair.astype(np.uint16)[kinds.kind]
    for between in np.unique(pair).tolist():
        if between:
            rated, few = np.flatnonzero(pairs == between).astype(np.int32), job.between(between >> 8, between & 255)
            for first in range(0, len(rated), BLOCK_CELLS):
                chosen = rated[first : first + BLOCK_CELLS]
                results.put(chosen, one.rate(chosen, few, gates=gates[kinds.kind[chosen]], told=results))
    return results


def classify_stack(
    job: StackJob,
    frame: Frame,
    *,
    workers: int = 2,
    crew: Crew | None = None,
    progress: Progress | None = None,
) -> CellResults:
    """Classify every cell of the territory from its stack.

    Parameters
    ----------
    job
        What the strips share.
    frame
        Cells of the municipalities.
    workers, crew
        Threads, or who does the strips in their place; the result does not depend on them.
    progress
        Told how far the cells are.

    Raises
    ------
    gis.errors.InputError
        The stack turns out damaged, or no longer the one the run began with.
    gis.crew.crew_error.CrewError
        A worker differs, does not see the stack, or was lost too often.
    """
    results = CellResults.of(frame.places, aptitudes=len(job.aptitudes))
    strips = [Rows(*rows) for rows in frame.grid.strips(BLOCK)]

    def told(done: int, count: int) -> None:
        if progress is not None:
            progress("classify", done / count)

    shared = replace(job, folder=job.folder.resolve())
    found = (crew or ThreadCrew(workers)).run(classify_rows, strips, shared=shared, progress=told)
    for number, strip in found:
        results.put_strip(frame.places.rows(*strips[number]), strip)
    return results


def classify_land(
    land: LandData,
    precedence: Precedence,
    rules: CompiledRules,
    frame: Frame,
    *,
    workers: int = 2,
    progress: Progress | None = None,
    aptitudes: tuple[str, ...] = (),
) -> CellResults:
    """Classify every cell of the territory from its layers.

    Parameters
    ----------
    land
        Prepared (:meth:`zoning.land.land_data.LandData.prepare`) for ``rules.inputs``.
    precedence
        What is decided before the competition.
    rules
        Compiled for what the land offers.
    frame
        Cells of the municipalities.
    workers
        Threads.
    progress
        Told how far the cells are.
    aptitudes
        Codes of the zones whose own aptitude is kept, whoever won the cell.

    Returns
    -------
    CellResults
        The same for any number of workers.

    Raises
    ------
    gis.errors.VallesError
        A layer turns out damaged.
    """
    results = CellResults.of(frame.places, aptitudes=len(aptitudes))
    job = _Job(land=land, precedence=precedence, rules=rules, frame=frame, results=results, aptitudes=aptitudes)
    strips = list(frame.grid.strips(BLOCK))
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for done, _nothing in enumerate(pool.map(lambda rows: job.strip(*rows), strips), start=1):
            if progress is not None:
                progress("classify", done / len(strips))
    return results


@dataclass(frozen=True, eq=False, kw_only=True)
class _Job:
    """What every strip needs."""

    land: LandData
    precedence: Precedence
    rules: CompiledRules
    frame: Frame
    results: CellResults
    aptitudes: tuple[str, ...] = ()

    def strip(self, start: int, stop: int) -> None:
        """Classify rows ``start`` to ``stop`` (not included)."""
        from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler is paid for by who computes

        rules, places = self.rules, self.frame.places
        place = places.rows(start, stop)
        cells = place.stop - place.start
        if not cells:
            return
        columns = self.land.columns(rules.inputs, start, stop, places)
        strip = self.precedence.strip(start, stop, columns.get("slope"))
        codes = np.array(["", *self.frame.codes])[self.frame.unit[start:stop][places.inside[start:stop]]]
        gates = gate_bits(rules.gates, columns, cells=cells, flagged=rules.flagged, municipality=codes)
        gates |= self.land.opened(rules.gate_names, start, stop, places)
        strip.flags[reached(gates, rules)] |= np.uint8(REACHED)
        for first in range(0, cells, BLOCK_CELLS):
            part = slice(first, min(first + BLOCK_CELLS, cells))
            measured = {key: column[part] for key, column in columns.items()}
            values = stack_columns(measured, rules.characteristics, cells=part.stop - first)
            block = classify_block(
                values, gates[part], strip.decided[part], strip.residual[part], rules, aptitudes=self.aptitudes
            )
            mark_required_gaps(block, measured, rules)
            stored = slice(place.start + part.start, place.start + part.stop)
            self.results.put(stored, block)
            self.results.flags[stored] = strip.flags[part]
            self.results.present_use[stored] = strip.present_use[part]
