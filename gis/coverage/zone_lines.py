"""From a code raster to simplified zone lines: fill what the units need, trace, simplify, in ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from gis.coverage.noding import UNKNOWN, Edges, Longs
from gis.errors import CoverageError
from gis.grid import Grid
from gis.messages import translator
from gis.vectors.rasterise import rasterise

_ = translator("gis")

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

ISLAND_DRIFT = 0.1
"""Greatest relative change of the area of an island by simplification."""

_MOST = 1e9
"""Ticks across, at most: products of them must fit 64 bits."""
_FINEST = (1_000_000.0, 500_000.0, 200_000.0, 100_000.0)
"""Ticks per metre of small extents, where a unit may be smaller than a cell and must still close to a millionth."""


@dataclass(frozen=True)
class Ticks:
    """The fine grid of whole numbers on which geometry is decided."""

    per_metre: float
    """Ticks per metre: 10⁶ up to a kilometre, 10⁵ up to ten, 10³ up to a thousand."""
    left: int
    """Column of the origin, ticks."""
    bottom: int
    """Row of the origin, ticks."""

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float]) -> Ticks:
        """Return ticks of a micrometre, or as fine as 10⁹ of them still span ``bounds`` (m)."""
        left, bottom, right, top = bounds
        span = max(right - left, top - bottom)
        per_metre = next((each for each in _FINEST if span * each <= _MOST), _FINEST[-1])
        while span * per_metre > _MOST:
            per_metre /= 10.0
        return cls(per_metre, math.floor(left * per_metre), math.floor(bottom * per_metre))

    def of(self, coordinates: npt.NDArray[np.float64]) -> Longs:
        """Return the ticks nearest to ``coordinates`` (n, 2), m."""
        return np.asarray(np.rint(coordinates * self.per_metre).astype(np.int64) - np.array([self.left, self.bottom]))

    def metres(self, points: Longs) -> npt.NDArray[np.float64]:
        """Return the coordinates (n, 2), m, of ticks: the decimal number itself, correctly rounded."""
        return np.asarray((points + np.array([self.left, self.bottom])) / self.per_metre)


@dataclass(frozen=True)
class TracedLines:
    """Simplified zone lines, and how many they were."""

    edges: Edges
    """Straight zone lines with the codes on their sides."""
    arcs: int
    """Number of arcs between junctions."""
    corners: int
    """Vertices before simplification."""


def grown(mask: Mask, cells: int) -> Mask:
    """Return ``mask`` grown by ``cells`` in each direction: a square, not a disc.

    Examples
    --------
    >>> grown(np.array([[True, False, False]]), 1).tolist()
    [[True, True, False]]
    """
    result = mask.copy()
    for axis in (0, 1):
        reached = 0
        while reached < cells:
            step = min(max(reached, 1), cells - reached)
            source = np.moveaxis(result.copy(), axis, 0)
            target = np.moveaxis(result, axis, 0)
            target[step:] |= source[:-step]
            target[:-step] |= source[step:]
            reached += step
    return result


def _span(low: float, high: float, count: int) -> slice:
    """Return the cells from ``low`` to ``high``, at least one, of ``count``."""
    start = min(max(math.floor(low), 0), count - 1)
    return slice(start, max(min(math.ceil(high), count), start + 1))


def _require_codes(codes: Codes, grid: Grid, units: geopandas.GeoDataFrame) -> None:
    """Refuse a unit that protrudes from the grid or has no defined cell."""
    for at in range(len(units)):
        unit = units.iloc[[at]]
        left, bottom, right, top = unit.total_bounds
        name = str(unit["unit"].iloc[0])
        outside = max(grid.left - left, right - grid.right, grid.bottom - bottom, top - grid.top)
        if outside > grid.cell:
            raise CoverageError(
                _("La unidad {unit} sale {metres:.0f} m de la grilla").format(unit=name, metres=outside),
                expected=_("Se esperaba una grilla que cubra todas las unidades"),
                remedy=_("Construya la grilla con la extensión de las unidades y repita el cálculo"),
            )
        rows = _span((grid.top - top) / grid.cell, (grid.top - bottom) / grid.cell, grid.rows)
        cols = _span((left - grid.left) / grid.cell, (right - grid.left) / grid.cell, grid.cols)
        window = Grid(
            grid.crs,
            grid.cell,
            left=grid.left + cols.start * grid.cell,
            top=grid.top - rows.start * grid.cell,
            rows=rows.stop - rows.start,
            cols=cols.stop - cols.start,
        )
        if not np.any(codes[rows, cols][rasterise(unit, window, all_touched=True)]):
            raise CoverageError(
                _("La unidad {unit} no tiene ninguna celda con código").format(unit=name),
                expected=_("Se esperaba al menos una celda definida (distinta de 0) en cada unidad"),
                remedy=_("Revise que el ráster y las unidades estén en el mismo lugar y sistema de coordenadas"),
            )


def fill_needed(codes: Codes, needed: Mask) -> Codes:
    """Give every needed cell that is 0 the code of the nearest defined cell, and make the others 0.

    Parameters
    ----------
    codes
        (rows, cols) codes with at least one that is not 0.
    needed
        (rows, cols) cells that must have a code.

    Returns
    -------
    numpy.ndarray
        (rows, cols) uint8; among equally near cells the one above, then the one to the left, is taken.
    """
    result = np.where(needed, codes, np.uint8(0))
    empty = np.argwhere(needed & (codes == 0))
    if not len(empty):
        return result
    defined = codes != 0
    # The nearest defined cell always has an undefined one beside it, so the rim is enough.
    rim = np.argwhere(defined & grown(~defined, 1))
    nudge = np.array([1e-3, 1e-6])
    _distance, nearest = cKDTree(rim).query(empty - nudge)
    result[empty[:, 0], empty[:, 1]] = codes[rim[nearest, 0], rim[nearest, 1]]
    return result


def _twins(ends: Longs) -> npt.NDArray[np.bool_]:
    """Say which arcs join the same two junctions as another one."""
    _pairs, inverse, counts = np.unique(np.sort(ends, axis=1), axis=0, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse.ravel()] > 1)


def zone_lines(
    codes: Codes, grid: Grid, units: geopandas.GeoDataFrame, *, tolerance_m: float, ticks: Ticks
) -> TracedLines:
    """Trace the lines between unlike codes over the units and a rim around them, and simplify each once.

    Parameters
    ----------
    codes
        (rows, cols) code of each cell, 0 where there is none.
    grid
        Where the cells lie.
    units
        Column ``unit`` and polygons in the system of ``grid``.
    tolerance_m
        Greatest distance of a simplified line from the cell sides it replaces, m.
    ticks
        Fine grid of the result.

    Raises
    ------
    CoverageError
        When the grid does not cover a unit, or a unit has no defined cell.
    """
    from gis.coverage import arc_simplify, arc_tracing  # noqa: PLC0415  the compiler is for those who merge

    _require_codes(codes, grid, units)
    margin = math.ceil(tolerance_m / grid.cell) + 2
    padded = np.pad(codes, margin + 1)
    touched = np.pad(rasterise(units, grid, all_touched=True), margin + 1)
    needed = grown(touched, margin)
    needed[[0, -1], :], needed[:, [0, -1]] = False, False
    filled = fill_needed(padded, needed)
    degree = np.zeros(filled.shape, dtype=np.uint8)
    xs, ys, starts, left, right = arc_tracing.trace_arcs(filled, degree)
    ends = np.stack([starts[:-1], starts[1:] - 1], axis=1)
    corner = ys.astype(np.int64) * filled.shape[1] + xs
    state = (degree > 0).astype(np.uint8)
    keep = arc_simplify.simplify_arcs(
        xs, ys, starts, _twins(corner[ends]), state, tolerance_m / grid.cell, ISLAND_DRIFT
    )
    kept = np.flatnonzero(keep)
    arc = np.repeat(np.arange(len(left)), np.diff(starts))[kept]
    metres = np.stack(
        [
            grid.left + (xs[kept].astype(np.float64) - margin - 1) * grid.cell,
            grid.top - (ys[kept].astype(np.float64) - margin - 1) * grid.cell,
        ],
        axis=1,
    )
    points = ticks.of(metres)
    follows = arc[1:] == arc[:-1]
    owner = arc[1:][follows]
    sides = np.stack([left[owner], right[owner]], axis=1).astype(np.int64)
    edges = Edges(points[:-1][follows], points[1:][follows], sides, np.full_like(sides, UNKNOWN))
    return TracedLines(edges, len(left), len(xs))
