"""How sure each polygon is: its own sampled cells, those whose zone is the polygon's, speak for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from gis.grid import Grid
from zoning.rules.uncertainty_rules import STABLE
from zoning.uncertainty.block_draws import NEVER
from zoning.uncertainty.zone_draws import ZoneDraws

BORROW_CELLS = 16
"""A polygon too narrow to hold a sampled cell of its zone borrows the nearest one, this many cells away at most."""


@dataclass(frozen=True, kw_only=True)
class PolygonStability:
    """How sure one polygon is."""

    stability: float
    """Mean share of the draws that keep the zone, 0 to 1; NaN where no cell speaks."""
    entropy: float
    """Mean entropy of the zones over the draws, bits; NaN where no cell speaks."""
    flip_factor: str | None
    """Characteristic that changes the zone most; ``None`` where nothing does."""


def polygon_stability(
    polygons: gpd.GeoDataFrame,
    numbers: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.int32],
    draws: ZoneDraws,
    grid: Grid,
) -> list[PolygonStability]:
    """Summarise the draws by polygon.

    Parameters
    ----------
    polygons
        In the projection of the grid.
    numbers
        Zone number of each polygon.
    labels
        Number of the polygon of each sampled cell, from 1, 0 for none.
    draws
        What the draws came to.
    grid
        Grid of the study.
    """
    count = len(polygons)
    own = (labels > 0) & (np.append(0, numbers)[labels] == draws.zone)
    speaking, cells = labels[own], np.flatnonzero(own)
    for label, cell in _borrowed(polygons, numbers, speaking, draws, grid):
        speaking, cells = np.append(speaking, label), np.append(cells, cell)
    held = np.bincount(speaking, minlength=count + 1)[1:].astype(np.float64)
    held[held == 0] = np.nan
    stability, entropy = (
        np.bincount(speaking, weights=each[cells].astype(np.float64), minlength=count + 1)[1:] / held
        for each in (draws.stability, draws.entropy)
    )
    changed = _changed(speaking, cells, draws, count=count)
    best = changed.argmax(axis=1)
    return [
        PolygonStability(
            stability=round(float(stability[index]), 6),
            entropy=round(float(entropy[index]), 6),
            flip_factor=draws.factors[best[index]] if changed[index, best[index]] > 0 else None,
        )
        for index in range(count)
    ]


def zone_stability(draws: ZoneDraws, number: int) -> tuple[int, float, float]:
    """Return the sampled cells of a zone, their mean stability and the share of them that is stable; NaN for none.

    Parameters
    ----------
    draws
        What the draws came to.
    number
        Raster number of the zone.
    """
    own = draws.stability[draws.zone == number].astype(np.float64)
    if not own.size:
        return 0, float("nan"), float("nan")
    return int(own.size), float(own.mean()), float((own >= STABLE - 1e-6).mean())


def _changed(
    speaking: npt.NDArray[np.int32], cells: npt.NDArray[np.int64], draws: ZoneDraws, *, count: int
) -> npt.NDArray[np.float64]:
    """Return the share of changed draws by polygon and the factor of each cell, shape (polygons, factors)."""
    kinds = len(draws.factors)
    moved = draws.factor[cells] != NEVER
    keys = (speaking[moved].astype(np.int64) - 1) * kinds + draws.factor[cells[moved]]
    weights = 1.0 - draws.stability[cells[moved]].astype(np.float64)
    changed = np.bincount(keys, weights=weights, minlength=count * kinds)
    return changed.astype(np.float64).reshape(count, kinds)


def _borrowed(
    polygons: gpd.GeoDataFrame,
    numbers: npt.NDArray[np.uint8],
    speaking: npt.NDArray[np.int32],
    draws: ZoneDraws,
    grid: Grid,
) -> Sequence[tuple[int, int]]:
    """Return (polygon number, sampled cell) for polygons without a cell of their own that have one near."""
    silent = np.flatnonzero(np.bincount(speaking, minlength=len(polygons) + 1)[1:] == 0)
    if not silent.size:
        return ()
    rows, cols = np.nonzero(draws.sample.inside)
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers[silent].tolist())):
        cells = np.flatnonzero(draws.zone == number)
        if not cells.size:
            continue
        tree = cKDTree(np.column_stack([grid.xs[cols[cells]], grid.ys[rows[cells]]]))
        wanted = silent[numbers[silent] == number]
        middles = shapely.get_coordinates(polygons.geometry.iloc[wanted].representative_point().to_numpy())
        far, nearest = (np.asarray(each) for each in tree.query(middles, distance_upper_bound=BORROW_CELLS * grid.cell))
        found += [
            (int(index) + 1, int(cells[place]))
            for index, place, metres in zip(wanted, nearest, far, strict=True)
            if np.isfinite(metres)
        ]
    return found
