"""What the cells of each polygon say: class, limiting factor with its spread, runner-up, margin and shares.

Only the cells whose own zone is the polygon's speak for it; cells that came in by merging small patches do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoning.land.precedence import REACHED, RESTRICTED
from zoning.rules.limits import NR, SD, N
from zoning.study.cell_results import CellResults

LETTER_SHARE = 0.2
"""A factor gives the subclass its letter if it is the limiting one in this share of the cells of the class."""

_PAIR = 1 << 10


@dataclass(frozen=True, kw_only=True)
class PolygonStatistics:
    """The statistics of one polygon; index −1 means none, NaN means no number."""

    cells: int
    """Cells of the polygon, by their centres."""
    cls: int
    """Class code of most of its own cells; of two equal shares the worse."""
    class_share: float
    """Share of its own cells that have that class, 0 to 1."""
    score: float
    """Median score of the cells of the class, 0 to 1."""
    land_use_type: int
    """Index of the land-use type that speaks in most of them."""
    limiting: int
    """Index of the characteristic that limits it there."""
    limiting_values: tuple[float, float, float]
    """Percentiles 10, 50 and 90 of that characteristic, in its unit."""
    also_limiting: tuple[int, ...]
    """Indices of all characteristics that limit at least a fifth of the cells of the class, the most frequent first."""
    second_limiting: int
    runner_up: int
    """Raster number of the runner-up zone in most of its own cells; 0 for none."""
    runner_up_class: int
    """Its class code there; 255 for none."""
    margin: float
    """Median score of the zone less that of the runner-up where it is the runner-up."""
    incomplete: int
    """Bit mask of the optional groups missing in at least half of its own cells."""
    restricted_share: float
    """Share of its cells under the restriction, 0 to 1."""
    reached_share: float
    """Share of its own cells in which some zone that competes has its gates open, 0 to 1."""
    use_shares: tuple[float, ...]
    """Share of its cells with each code of mapped present use, 0 to 1, index 0 being unmapped."""


def polygon_statistics(
    cells: CellResults, labels: npt.NDArray[np.int32], zones: npt.NDArray[np.uint8], *, uses: int
) -> list[PolygonStatistics]:
    """Summarise the cells of each polygon.

    Parameters
    ----------
    cells
        What the kernel said.
    labels
        Number of the polygon of each stored cell, from 1, 0 for none; shape (cells.size,).
    zones
        Raster number of each polygon's zone; polygon *i* is ``zones[i − 1]``.
    uses
        Number of codes of mapped present use, the unmapped one included.

    Returns
    -------
    list of PolygonStatistics
        One per polygon. A polygon that holds the centre of no cell, or no cell of its own zone, is not rated.
    """
    return [
        _one(cells, members, int(zone), uses) for members, zone in zip(_groups(labels, len(zones)), zones, strict=True)
    ]


def conflict_threshold(cells: CellResults, quantile: float) -> float:
    """Return the margin below which a runner-up of the same class is a conflict.

    Parameters
    ----------
    cells
        What the kernel said.
    quantile
        Share of the cells whose runner-up has the same class, 0 to 1.

    Returns
    -------
    float
        Score; minus infinity where no runner-up has the same class.
    """
    contested = (cells.runner_up > 0) & (cells.runner_up_class == cells.cls)
    margins = cells.margin[contested]
    margins = margins[np.isfinite(margins)]
    return float(np.quantile(margins, quantile)) if margins.size else float("-inf")


def _groups(labels: npt.NDArray[np.int32], count: int) -> Iterator[npt.NDArray[np.int32]]:
    from zoning.study.label_loops import group_cells  # noqa: PLC0415  the compiler is loaded on demand

    ends = np.cumsum(np.bincount(labels, minlength=count + 1))
    order = np.empty(len(labels), dtype=np.int32)
    group_cells(labels, np.append(0, ends[:-1]), order)
    for label in range(1, count + 1):
        yield order[ends[label - 1] : ends[label]]


def _one(cells: CellResults, members: npt.NDArray[np.int32], zone: int, uses: int) -> PolygonStatistics:
    own = members[cells.zone[members] == zone]
    cls, class_share = _class(cells.cls[own])
    rated = own[cells.cls[own] == cls] if cls not in {NR, SD} else own[:0]
    kind, limiting, alike = _speaking(cells, rated)
    runner_up, runner_up_class, margin = _runner_up(cells, own)
    return PolygonStatistics(
        cells=len(members),
        cls=cls,
        class_share=class_share,
        score=float(np.median(cells.score[rated])) if rated.size else float("nan"),
        land_use_type=kind,
        limiting=limiting,
        limiting_values=_percentiles(cells.limiting_value[alike]),
        also_limiting=_frequent(cells.limiting[rated]),
        second_limiting=_mode(cells.second_limiting[alike], none=-1),
        runner_up=runner_up,
        runner_up_class=runner_up_class,
        margin=margin,
        incomplete=_majority_bits(cells.incomplete[own]),
        restricted_share=float(np.mean((cells.flags[members] & RESTRICTED) > 0)) if members.size else 0.0,
        reached_share=float(np.mean((cells.flags[own] & REACHED) > 0)) if own.size else 1.0,
        use_shares=tuple((np.bincount(cells.present_use[members], minlength=uses) / max(len(members), 1)).tolist()),
    )


def _class(codes: npt.NDArray[np.uint8]) -> tuple[int, float]:
    if not codes.size:
        return NR, 1.0
    counts = np.bincount(codes, minlength=NR + 1)
    best = int(counts.argmax())
    return best, float(counts[best] / codes.size)


def _speaking(cells: CellResults, rated: npt.NDArray[np.int32]) -> tuple[int, int, npt.NDArray[np.int32]]:
    """Return the most frequent pair of land-use type and limiting characteristic, and the cells that have it."""
    pairs = cells.land_use_type[rated].astype(np.int32) * _PAIR + cells.limiting[rated]
    valid = (cells.land_use_type[rated] >= 0) & (cells.limiting[rated] >= 0)
    if not valid.any():
        return -1, -1, rated[:0]
    best = _mode(pairs[valid], none=-1)
    return best // _PAIR, best % _PAIR, rated[pairs == best]


def _runner_up(cells: CellResults, own: npt.NDArray[np.int32]) -> tuple[int, int, float]:
    zones = cells.runner_up[own]
    best = _mode(zones, none=0)
    # Where most of a polygon has no runner-up it has none: a corner of it speaks for nobody.
    if best == 0:
        return 0, NR, float("nan")
    there = own[zones == best]
    margins = cells.margin[there]
    margins = margins[np.isfinite(margins)]
    return (
        best,
        _mode(cells.runner_up_class[there], none=N),
        float(np.median(margins)) if margins.size else float("nan"),
    )


def _mode(values: npt.NDArray[np.integer], *, none: int) -> int:
    if not values.size:
        return none
    low = int(values.min())
    return int(np.bincount(values.astype(np.int64) - low).argmax()) + low


def _frequent(values: npt.NDArray[np.int16]) -> tuple[int, ...]:
    found = values[values >= 0]
    if not found.size:
        return ()
    counts = np.bincount(found)
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda index: (-counts[index], index))
    return tuple(index for index in order if counts[index] >= LETTER_SHARE * values.size)


def _percentiles(values: npt.NDArray[np.float32]) -> tuple[float, float, float]:
    if not values.size:
        return (float("nan"),) * 3
    low, middle, high = np.quantile(values.astype(np.float64), [0.1, 0.5, 0.9])
    return float(low), float(middle), float(high)


def _majority_bits(masks: npt.NDArray[np.uint16]) -> int:
    if not masks.size:
        return 0
    if masks.min() == masks.max():
        return int(masks[0])
    counts = np.bincount(masks)
    kinds = np.arange(len(counts))
    total = 0
    for bit in range(16):
        if counts[(kinds >> bit) & 1 == 1].sum() * 2 >= masks.size:
            total |= 1 << bit
    return total
