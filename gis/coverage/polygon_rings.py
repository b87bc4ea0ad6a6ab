"""From merged faces to polygons: only borders between unlike parts stay."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from gis.coverage.noding import OUTSIDE
from gis.coverage.parts import Parts
from gis.coverage.planar import Faces, Graph
from gis.coverage.zone_lines import Ticks
from gis.errors import CoverageError
from gis.messages import translator

_ = translator("gis")

Polygons = npt.NDArray[np.object_]


def build_polygons(graph: Graph, faces: Faces, parts: Parts, *, ticks: Ticks) -> tuple[Polygons, npt.NDArray[np.intp]]:
    """Build one polygon per part that lies in a unit.

    Parameters
    ----------
    graph, faces, parts
        Noded lines, what they enclose, and how it was merged.
    ticks
        Grid on which the vertices lie.

    Returns
    -------
    tuple
        Polygons with anticlockwise shells, in the order of the parts; the first face of each part.

    Raises
    ------
    CoverageError
        When a part is not in one piece.
    """
    from gis.coverage import ring_kernels  # noqa: PLC0415  the compiler is loaded by those who compute

    group = np.where(parts.unit >= 0, parts.root, OUTSIDE)
    owner = group[faces.of_half]
    sequence, starts = graph.rings(owner[0::2] != owner[1::2])
    inside = owner[sequence[starts[:-1]]] != OUTSIDE
    kept = np.repeat(inside, np.diff(starts))
    lengths = np.diff(starts)[inside]
    sequence, starts = ring_kernels.split_rings(
        sequence[kept], np.append(0, np.cumsum(lengths)).astype(np.int64), graph.origin, len(graph.points)
    )
    areas = graph.areas(sequence, starts)
    part = owner[sequence[starts[:-1]]]
    shells = np.flatnonzero(areas > 0)
    roots = np.unique(group[group != OUTSIDE])
    if not np.array_equal(np.sort(part[shells]), roots):
        raise CoverageError(
            _("{parts} partes dieron {shells} contornos").format(parts=len(roots), shells=len(shells)),
            expected=_("Se esperaba un contorno exterior por parte"),
            remedy=_("Repita con otra tolerancia de simplificación e informe del caso"),
        )
    # Shell first, then the holes, part by part: the order in which polygons are assembled.
    order = np.lexsort((np.arange(len(part)), areas <= 0, part))
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    ring = rank[np.repeat(np.arange(len(part)), np.diff(starts))]
    by_ring = np.argsort(ring, kind="stable")
    coordinates = ticks.metres(graph.points[graph.origin[sequence[by_ring]]])
    rings = np.asarray(shapely.linearrings(coordinates, indices=ring[by_ring]))
    number = np.searchsorted(roots, part[order])
    return np.asarray(shapely.polygons(rings, indices=number)), roots
