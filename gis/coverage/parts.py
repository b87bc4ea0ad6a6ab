"""The parts a coverage is made of: faces with a code and a unit, merged until none is too small."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.coverage.noding import OUTSIDE, UNKNOWN, Longs
from gis.coverage.planar import Faces, Graph, Ints
from gis.errors import CoverageError
from gis.messages import translator

_ = translator("gis")

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Borders:
    """What divides the faces: each pair of neighbours once per edge."""

    left: Ints
    """(n,) face on the left of each edge."""
    right: Ints
    """(n,) face on the right."""
    length: Floats
    """(n,) length, whole ticks."""


@dataclass(frozen=True)
class Parts:
    """Faces grouped into parts; a part is named by its first face in the order of place."""

    code: Longs
    """(f,) code of each face's part, right at the part's first face."""
    unit: Longs
    """(f,) unit of each face, OUTSIDE where there is none."""
    area: Floats
    """(f,) area of each face's part, m², right at the part's first face."""
    root: Ints
    """(f,) first face of the part that each face belongs to."""


def borders_of(graph: Graph, faces: Faces) -> Borders:
    """Return the borders between faces."""
    return Borders(faces.of_half[0::2], faces.of_half[1::2], np.rint(graph.lengths))


def _groups(size: int, first: Ints, second: Ints) -> Ints:
    links = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int32)


def _spread(sides: Longs, borders: Borders, count: int, *, silent: Flags) -> Longs:
    """Give each face what its edges say of it, and faces across ``silent`` edges the same."""
    group = _groups(count, borders.left[silent], borders.right[silent])
    told = np.concatenate([group[borders.left], group[borders.right]])
    value = np.concatenate([sides[:, 0], sides[:, 1]])
    told, value = told[value != UNKNOWN], value[value != UNKNOWN]
    highest = np.full(count, UNKNOWN, dtype=np.int64)
    lowest = np.full(count, np.iinfo(np.int64).max, dtype=np.int64)
    np.maximum.at(highest, told, value)
    np.minimum.at(lowest, told, value)
    if np.any((highest != lowest) & (highest != UNKNOWN)):
        raise CoverageError(
            _("Las líneas de las zonas se contradicen en {faces} caras").format(faces=int(np.sum(highest > lowest))),
            remedy=_("Repita con otra tolerancia de simplificación e informe del caso"),
        )
    return highest[group]


def label_parts(graph: Graph, faces: Faces, area: Floats) -> Parts:
    """Give every face its code and its unit; each is a part of its own.

    Parameters
    ----------
    graph, faces
        The noded lines and what they enclose.
    area
        (f,) area of each face, m².

    Raises
    ------
    CoverageError
        When the lines around a face contradict each other, or a face inside a unit has no code.
    """
    borders, edges = borders_of(graph, faces), graph.edges
    code = _spread(edges.code, borders, faces.count, silent=edges.code[:, 0] == UNKNOWN)
    unit = _spread(edges.unit, borders, faces.count, silent=edges.unit[:, 0] == UNKNOWN)
    if np.any((unit >= 0) & (code <= 0)):
        raise CoverageError(_("Quedó una parte de una unidad sin código"), remedy=_("Revise el ráster de códigos"))
    return Parts(code, unit, area.copy(), np.arange(faces.count, dtype=np.int32))


def _merge(parts: Parts, borders: Borders, *, minimum: float, moves: Flags, receives: Flags) -> Parts:
    """Merge the parts that move and are smaller than ``minimum`` into receiving parts of their unit."""
    from gis.coverage import region_merge  # noqa: PLC0415  the compiler is loaded by those who compute

    first, second = parts.root[borders.left], parts.root[borders.right]
    inside = (parts.unit[first] == parts.unit[second]) & (parts.unit[first] >= 0) & (first != second)
    own = np.concatenate([first[inside], second[inside]])
    other = np.concatenate([second[inside], first[inside]])
    length = np.concatenate([borders.length[inside], borders.length[inside]])
    useful = moves[own] & receives[other]
    own, other, length = own[useful], other[useful], length[useful]
    order = np.lexsort((other, own))
    starts = np.zeros(len(parts.root) + 1, dtype=np.int64)
    np.cumsum(np.bincount(own, minlength=len(parts.root)), out=starts[1:])
    small = np.flatnonzero(moves & (parts.root == np.arange(len(parts.root))) & (parts.area < minimum))
    small = small[np.lexsort((small, parts.area[small]))]
    size, code = parts.area.copy(), parts.code.copy()
    root = region_merge.merge_regions(
        size,
        code,
        ~moves,
        starts,
        other[order].astype(np.int32),
        length[order],
        size[small].copy(),
        small.astype(np.int32),
        len(small),
        minimum,
    )
    return replace(parts, code=code, area=size, root=root[parts.root])


def _splinters(parts: Parts, borders: Borders, *, cell_area: float) -> Flags:
    """Say which parts are smaller than a cell because a unit border cut them off a larger part of the same code."""
    count = len(parts.root)
    across = (
        (parts.unit[borders.left] != parts.unit[borders.right])
        & (parts.code[borders.left] == parts.code[borders.right])
        & (parts.unit[borders.left] != OUTSIDE)
        & (parts.unit[borders.right] != OUTSIDE)
    )
    group = _groups(count, borders.left[across], borders.right[across])
    by_size = np.lexsort((np.arange(count), -parts.area, group))
    largest = np.zeros(count, dtype=bool)
    largest[by_size[np.append(True, group[by_size[1:]] != group[by_size[:-1]])]] = True
    return np.asarray((parts.unit >= 0) & (parts.area < cell_area) & ~largest)


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """What is too small to be drawn."""

    area_m2: float
    """Smallest area of a part, m²."""
    cell_m2: float
    """Area of a cell, m²."""
    width_m: float = 0.0
    """How far the two sides of a strip may be drawn from the truth together, m."""
    ticks_per_metre: float = 1.0
    """Ticks of the borders' lengths to a metre."""


@dataclass(frozen=True)
class Merged:
    """The parts that are left, and what became of the others."""

    parts: Parts
    splinters: int
    """Pieces smaller than a cell that joined a neighbour."""
    merged: int
    """Other parts below the minimum that joined a neighbour that is not frozen."""
    strips: int
    """Narrow pieces between a unit border and frozen parts that joined these."""


def _cut_off(parts: Parts, borders: Borders, *, free: Flags, minimum: float) -> tuple[Flags, Longs, Floats]:
    """Find the small free parts that have free neighbours only across a unit border.

    Returns
    -------
    tuple
        (f,) which they are; (f,) the code of their longest free neighbour beyond the border, 0 elsewhere; (f,) the
        perimeter of every part, ticks.
    """
    count = len(parts.root)
    first, second = parts.root[borders.left], parts.root[borders.right]
    own, other = np.concatenate([first, second]), np.concatenate([second, first])
    length = np.concatenate([borders.length, borders.length])
    apart = own != other
    own, other, length = own[apart], other[apart], length[apart]
    perimeter = np.asarray(np.bincount(own, weights=length, minlength=count), dtype=np.float64)
    inside, beside = parts.unit[own] == parts.unit[other], free[other] & (parts.unit[other] != OUTSIDE)
    helped = np.bincount(own[inside & beside], minlength=count) > 0
    small = free & (parts.root == np.arange(count)) & (parts.unit != OUTSIDE) & (parts.area < minimum) & ~helped
    across = ~inside & beside & small[own]
    code = np.zeros(count, dtype=np.int64)
    pair, index = np.unique(np.stack([own[across], parts.code[other[across]]], axis=1), axis=0, return_inverse=True)
    shared = np.bincount(index.ravel(), weights=length[across], minlength=len(pair))
    # The longest is written last; of two equal ones the smaller code.
    order = np.lexsort((-pair[:, 1], shared, pair[:, 0]))
    code[pair[order, 0]] = pair[order, 1]
    return small & (code > 0), code, perimeter


def merge_parts(parts: Parts, borders: Borders, *, thresholds: Thresholds, frozen: frozenset[int]) -> Merged:
    """Merge, inside each unit, what is too small to be drawn.

    First the splinters: what a unit border cuts off a larger part and is smaller than one cell is nothing the raster
    could know, so it joins its longest neighbour, whatever the codes. Then, smallest first, every part below the
    minimum that is not frozen joins the neighbour that is not frozen with the longest shared border. What is left below
    it has only frozen neighbours in its unit. Where it has others beyond the unit border, a strip so narrow that the
    drawing of its two sides may move by as much joins the frozen neighbour; and any other takes the code of its
    neighbour beyond the border, with which it makes one patch that only the border divides.

    Raises
    ------
    IndexError
        When borders and parts do not belong together.
    """
    everything = np.ones(len(parts.root), dtype=bool)
    cut = _splinters(parts, borders, cell_area=thresholds.cell_m2)
    whole = _merge(parts, borders, minimum=thresholds.cell_m2, moves=cut, receives=everything)
    free = ~np.isin(whole.code, sorted(frozen))
    merged = _merge(whole, borders, minimum=thresholds.area_m2, moves=free, receives=free)
    lonely, _code, perimeter = _cut_off(merged, borders, free=free, minimum=thresholds.area_m2)
    reach = perimeter / thresholds.ticks_per_metre * thresholds.width_m
    strips = lonely & (2.0 * merged.area <= reach)
    joined = _merge(merged, borders, minimum=thresholds.area_m2, moves=strips, receives=~strips)
    free = ~np.isin(joined.code, sorted(frozen))
    lonely, code, _perimeter = _cut_off(joined, borders, free=free, minimum=thresholds.area_m2)
    final = replace(joined, code=np.where(lonely, code, joined.code))
    left = [len(np.unique(state.root)) for state in (parts, whole, merged, joined)]
    return Merged(final, splinters=left[0] - left[1], merged=left[1] - left[2], strips=left[2] - left[3])
