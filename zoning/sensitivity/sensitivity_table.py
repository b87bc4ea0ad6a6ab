"""The sensitivity table: what share of the territory each single rule or source moves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from gis.errors import VallesError
from gis.messages import translator
from zoning.sensitivity.sampled_rating import SampledRating
from zoning.sensitivity.setting import CannotTell, Setting, changed
from zoning.sensitivity.variants import Variant

if TYPE_CHECKING:
    from zoning.rating.kernel import BlockResult

_ = translator("zoning")

Found = TypeVar("Found")

COLUMNS = (
    "variant", "rule", "title", "against", "moved_share", "moved_ha", "standard_error", "reclassed_share",
    "main_change", "main_change_share", "reason", "source",
)  # fmt: skip
"""Columns of the table."""

UNITS = {
    "moved_share": "0 to 1",
    "moved_ha": "ha",
    "standard_error": "0 to 1",
    "reclassed_share": "0 to 1",
    "main_change_share": "0 to 1",
}
"""Unit of each column of figures, put in ``frame.attrs['units']``."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What one variant moves."""

    variant: Variant
    moved_share: float | None = None
    """Share of the territory that changes its zone, 0–1; ``None`` where the variant says nothing."""
    reclassed_share: float | None = None
    """Share that changes its zone or its class, 0–1."""
    main_change: str = ""
    """The two zones with the largest exchange, from and to, such as ``ANU>GAF``; empty where nothing moves."""
    main_change_share: float | None = None
    """Share of the territory that it moves, 0–1."""
    reason: str = ""
    """Why the variant says nothing, in Spanish; empty where it does."""


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """The table of one study."""

    rows: tuple[Moved, ...]
    cells: int
    """Cells sampled."""
    step: int
    """Every how many rows and columns one was taken."""
    area_ha: float
    """Area of the territory, ha."""

    def standard_error(self, share: float) -> float:
        """Return the sampling error of a share, as if the cells had been drawn at random: never too small here.

        A systematic sample of a map with patches errs less than a random one of the same size.
        """
        return math.sqrt(share * (1 - share) / self.cells) if self.cells else 0.0

    def table(self) -> pd.DataFrame:
        """Return :data:`COLUMNS`, a row for each variant in the order of the file."""
        rows = [self._row(row) for row in self.rows]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        frame.attrs["units"] = dict(UNITS)
        return frame

    def record(self) -> dict[str, Any]:
        """Return what a manifest keeps."""
        return {
            "cells": self.cells,
            "step": self.step,
            "before_merge": True,
            "variants": [self._row(row) for row in self.rows],
        }

    def _row(self, row: Moved) -> dict[str, Any]:
        share = row.moved_share
        return {
            "variant": row.variant.id,
            "rule": row.variant.rule,
            "title": row.variant.title,
            "against": row.variant.on,
            "moved_share": _rounded(share),
            "moved_ha": None if share is None else round(share * self.area_ha, 1),
            "standard_error": None if share is None else _rounded(self.standard_error(share)),
            "reclassed_share": _rounded(row.reclassed_share),
            "main_change": row.main_change,
            "main_change_share": _rounded(row.main_change_share),
            "reason": row.reason,
            "source": row.variant.source,
        }


def measure_variants(
    rating: SampledRating,
    base: Setting,
    variants: Sequence[Variant],
    *,
    workers: int = 2,
) -> tuple[Moved, ...]:
    """Rate the sampled cells under every variant, each against the study or against the variant it names.

    Parameters
    ----------
    rating
        The sample.
    base
        Setting of the study.
    variants
        In the order of the table; a variant comes after the one it is measured against.
    workers
        Threads; the result does not depend on them.

    Returns
    -------
    tuple
        One for each variant; one that cannot be run says why.
    """
    known = {variant.id: variant for variant in variants}
    against = sorted({variant.on for variant in variants})
    starts = {name: _start(rating, base, known.get(name)) for name in against}

    def measure(variant: Variant) -> Moved:
        begin = starts[variant.on]
        if isinstance(begin, str):
            return Moved(variant=variant, reason=begin)
        setting, before = begin
        return _measure(rating, setting, before, variant)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        return tuple(pool.map(measure, variants))


def _start(rating: SampledRating, base: Setting, variant: Variant | None) -> tuple[Setting, BlockResult] | str:
    def run() -> tuple[Setting, BlockResult]:
        setting = base if variant is None else changed(base, variant)
        return setting, rating.rate(setting)

    return _told(run)


def _measure(rating: SampledRating, setting: Setting, before: BlockResult, variant: Variant) -> Moved:
    def run() -> Moved:
        other = changed(setting, variant)
        if other == setting:
            raise CannotTell(_("así es este estudio"))
        return _moved(variant, before, rating.rate(other), numbers=_numbers(setting))

    found = _told(run)
    return Moved(variant=variant, reason=found) if isinstance(found, str) else found


def _told(run: Callable[[], Found]) -> Found | str:
    """Return what ``run`` finds, or why it finds nothing."""
    try:
        return run()
    except VallesError as error:
        return error.found


def _moved(variant: Variant, before: BlockResult, after: BlockResult, *, numbers: Mapping[int, str]) -> Moved:
    cells = max(len(before.zone), 1)
    moved = before.zone != after.zone
    pairs, counts = np.unique(
        before.zone[moved].astype(np.uint16) << np.uint16(8) | after.zone[moved], return_counts=True
    )
    change, share = "", None
    if len(pairs):
        largest = int(np.argmax(counts))
        change = ">".join(numbers[int(number)] for number in divmod(int(pairs[largest]), 256))
        share = float(counts[largest]) / cells
    return Moved(
        variant=variant,
        moved_share=float(moved.sum()) / cells,
        reclassed_share=float((moved | (before.cls != after.cls)).sum()) / cells,
        main_change=change,
        main_change_share=share,
    )


def _numbers(setting: Setting) -> Mapping[int, str]:
    return {zone.number: zone.code for zone in setting.ruleset.zones}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def shown_first(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows of a table with those that move most first and those that say nothing last."""
    return sorted(rows, key=lambda row: (row["moved_share"] is None, -(row["moved_share"] or 0.0)))
