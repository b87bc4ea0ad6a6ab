"""The investment list: how many hectares one improvement would lift by at least one class, by municipality.

A cell stands at the class of the productive zone that holds it, at N where none does. With the improvement every cell
that competes is rated again; it is lifted where its class is better than before. Land that law or cover decides, and
land without data, stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pandas as pd

from zoning.comparison.improvements import Improvement, improvements
from zoning.comparison.study_land import CellBlock, StudyLand, rate_block
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.limits import S1, SD, N
from zoning.rules.zone_rules import BEFORE, COMPETES
from zoning.study.run_job import RunJob

COLUMNS = ("improvement", "title", "municipality", "municipality_name", "area_ha", "new_ha", "note", "source")
"""Columns of the list; ``new_ha`` is the part of ``area_ha`` that no productive zone holds before."""

STRIP_ROWS = 256
"""Rows read at once."""

_LIFTED, _NEW = 0, 1

Codes = npt.NDArray[np.uint8]


def investment_list(
    job: RunJob, areas: Sequence[float], *, chosen: Sequence[Improvement] | None = None, workers: int = 2
) -> pd.DataFrame:
    """Rate the land of a study again with each improvement.

    Parameters
    ----------
    job
        The study opened again.
    areas
        ha of each municipality, in the order of ``job.frame.codes``; its cells share it.
    chosen
        Improvements; by default those that come with the program.
    workers
        Threads; the result does not depend on them.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`, one row per improvement and municipality, in their orders. ``area_ha`` is missing where the
        improvement cannot be judged, and ``note`` says why.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged.
    """
    wanted = tuple(improvements() if chosen is None else chosen)
    notes = [each.missing_here(job.rules) for each in wanted]
    cells = _count(job, [each for each, note in zip(wanted, notes, strict=True) if not note], workers=workers)
    units = np.bincount(job.frame.unit[job.frame.places.inside], minlength=len(job.frame.codes) + 1)[1:]
    share = np.asarray(areas, dtype=np.float64) / np.maximum(units, 1)
    names = dict(zip(job.municipalities["code"].astype(str), job.municipalities["name"], strict=True))
    judged = iter(cells)
    rows: list[dict[str, object]] = []
    for each, note in zip(wanted, notes, strict=True):
        hectares = np.full((2, len(share)), np.nan) if note else next(judged) * share
        rows += [
            {
                "improvement": each.name,
                "title": each.title,
                "municipality": code,
                "municipality_name": str(names[code]),
                "area_ha": float(hectares[_LIFTED, unit]),
                "new_ha": float(hectares[_NEW, unit]),
                "note": note or None,
                "source": each.source,
            }
            for unit, code in enumerate(job.frame.codes)
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def lifted_cells(
    block: CellBlock, rules: CompiledRules, improvement: Improvement, standing: Codes
) -> npt.NDArray[np.bool_]:
    """Say which cells an improvement lifts by at least one class, shape (cells,).

    Parameters
    ----------
    block
        Cells as they are.
    rules
        Of the study.
    improvement
        What is done to the land.
    standing
        Class at which each cell stands today (:func:`standing_classes`).
    """
    better = improvement.apply(block)
    # Only cells whose inputs move, that compete, and that are not at the top already are rated again.
    moved = (block.decided == 0) & (standing < S1) & (standing != SD)
    moved &= _moved(block, better, rules)
    lifted = np.zeros(block.cells, dtype=np.bool_)
    if moved.any():
        lifted[moved] = standing_classes(better.take(moved), rules) > standing[moved]
    return lifted


def standing_classes(block: CellBlock, rules: CompiledRules) -> Codes:
    """Return the class of the productive zone that holds each cell, N where none does, SD without data."""
    rated = rate_block(block, rules)
    productive = [zone.number for zone in rules.zones if zone.role in {BEFORE, COMPETES}]
    standing = np.where(np.isin(rated.zone, productive), rated.cls, np.uint8(N))
    return np.where(rated.zone == rules.zone("SD").number, np.uint8(SD), standing).astype(np.uint8)


def _moved(block: CellBlock, better: CellBlock, rules: CompiledRules) -> npt.NDArray[np.bool_]:
    moved: npt.NDArray[np.bool_] = block.gate_bits(rules) != better.gate_bits(rules)
    for key, column in better.columns.items():
        before = block.columns[key]
        if column is not before:
            moved |= (column != before) & ~np.isnan(before)
    return moved


def _count(job: RunJob, chosen: Sequence[Improvement], *, workers: int) -> npt.NDArray[np.int64]:
    """Count lifted and newly productive cells: shape (improvements, 2, municipalities)."""
    places, units = job.frame.places, len(job.frame.codes)
    counts = np.zeros((len(chosen), 2, units), dtype=np.int64)
    if not chosen:
        return counts
    with StudyLand(job, places) as land:

        def strip(rows: tuple[int, int]) -> npt.NDArray[np.int64]:
            found = np.zeros_like(counts)
            inside = places.inside[rows[0] : rows[1]]
            if not inside.any():
                return found
            unit = job.frame.unit[rows[0] : rows[1]][inside] - 1
            block = land.strip(*rows)
            standing = standing_classes(block, job.rules)
            for place, each in enumerate(chosen):
                lifted = lifted_cells(block, job.rules, each, standing)
                found[place, _LIFTED] = np.bincount(unit[lifted], minlength=units)
                found[place, _NEW] = np.bincount(unit[lifted & (standing == N)], minlength=units)
            return found

        with ThreadPoolExecutor(max_workers=workers) as pool:
            for found in pool.map(strip, list(job.grid.strips(STRIP_ROWS))):
                counts += found
    return counts
