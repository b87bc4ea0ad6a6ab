"""The faces that noded edges enclose: a planar graph by half-edges, with holes in the face that holds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.coverage.noding import Edges, Longs, pack, unpack

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Graph:
    """Half-edges of a planar graph, sorted around each vertex."""

    edges: Edges
    """The edges, cut at each other."""
    points: Longs
    """(v, 2) vertices, ticks, sorted."""
    origin: Ints
    """(2·n,) vertex where each half-edge begins."""
    order: Ints
    """(2·n,) half-edges by vertex and, anticlockwise, by angle."""
    place: Ints
    """(2·n,) place of each half-edge in ``order``."""
    first: Ints
    """(v + 1,) first place of each vertex in ``order``."""

    def rings(self, alive: npt.NDArray[np.bool_]) -> tuple[Ints, Longs]:
        """Return the half-edges of every ring of the ``alive`` edges, and the start of each ring."""
        from gis.coverage import ring_kernels  # noqa: PLC0415  the compiler is loaded by those who compute

        return ring_kernels.trace_rings(self.origin, self.order, self.place, self.first, alive)

    def areas(self, sequence: Ints, starts: Longs) -> Longs:
        """Return twice the signed area of rings, ticks²."""
        from gis.coverage import ring_kernels  # noqa: PLC0415  the compiler is loaded by those who compute

        return ring_kernels.ring_areas(sequence, starts, self.origin, self.points[:, 0], self.points[:, 1])

    @property
    def lengths(self) -> npt.NDArray[np.float64]:
        """Length of each edge, ticks."""
        return np.asarray(np.hypot(*(self.edges.end - self.edges.start).T.astype(np.float64)))


def build_graph(edges: Edges) -> Graph:
    """Sort noded, unique edges around their ends."""
    keys, index = np.unique(np.concatenate([pack(edges.start), pack(edges.end)]), return_inverse=True)
    points = unpack(keys)
    origin = np.empty(2 * edges.count, dtype=np.int32)
    origin[0::2], origin[1::2] = index[: edges.count], index[edges.count :]
    away = points[np.stack([origin[1::2], origin[0::2]], axis=1).ravel()] - points[origin]
    order = np.lexsort((np.arctan2(away[:, 1], away[:, 0]), origin)).astype(np.int32)
    place = np.empty_like(order)
    place[order] = np.arange(len(order), dtype=np.int32)
    first = np.zeros(len(points) + 1, dtype=np.int32)
    np.cumsum(np.bincount(origin, minlength=len(points)), out=first[1:])
    return Graph(edges, points, origin, order, place, first)


@dataclass(frozen=True)
class Faces:
    """The faces of a planar graph; the unbounded one is the last."""

    of_half: Ints
    """(2·n,) face on the left of each half-edge."""
    area: npt.NDArray[np.float64]
    """(f,) area, ticks²; infinite for the unbounded face."""
    anchor: Longs
    """(f, 2) uppermost, then leftmost vertex of each face, ticks; 0 for the unbounded face."""

    @property
    def count(self) -> int:
        """Number of faces, the unbounded one included."""
        return len(self.area)


def _parents(graph: Graph, sequence: Ints, starts: Longs, areas: Longs) -> npt.NDArray[np.intp]:
    """Return, for every ring that runs clockwise, the smallest anticlockwise ring around it, or -1."""
    size = len(graph.points)
    ends = (graph.origin[0::2], graph.origin[1::2])
    links = coo_array((np.ones(graph.edges.count, dtype=np.int8), ends), shape=(size, size))
    component = connected_components(links, directed=False)[1]
    begin = graph.origin[sequence[starts[:-1]]]
    outer, inner = np.flatnonzero(areas > 0), np.flatnonzero(areas <= 0)
    rings = np.repeat(np.arange(len(areas)), np.diff(starts))
    chosen = np.flatnonzero(areas[rings] > 0)
    number = np.full(len(areas), -1)
    number[outer] = np.arange(len(outer))
    coordinates = graph.points[graph.origin[sequence[chosen]]].astype(np.float64)
    polygons = shapely.polygons(shapely.linearrings(coordinates, indices=number[rings[chosen]]))
    tree = shapely.STRtree(np.asarray(shapely.points(graph.points[begin[inner]].astype(np.float64))))
    shell, hole = tree.query(polygons, predicate="contains")
    shell, hole = outer[shell], inner[hole]
    other = component[begin[shell]] != component[begin[hole]]
    shell, hole = shell[other], hole[other]
    order = np.argsort(areas[shell], kind="stable")[::-1]
    parent = np.full(len(areas), -1)
    parent[hole[order]] = shell[order]
    return parent


def find_faces(graph: Graph) -> Faces:
    """Find the faces of ``graph``, numbered by location: from the top, then from the left."""
    sequence, starts = graph.rings(np.ones(graph.edges.count, dtype=bool))
    areas = graph.areas(sequence, starts)
    parent = _parents(graph, sequence, starts, areas)
    rings = np.repeat(np.arange(len(areas)), np.diff(starts))
    vertices = graph.points[graph.origin[sequence]]
    by_place = np.lexsort((vertices[:, 0], -vertices[:, 1], rings))
    anchor = vertices[by_place[starts[:-1]]]
    outer = np.flatnonzero(areas > 0)
    outer = outer[np.lexsort((-areas[outer], anchor[outer, 0], -anchor[outer, 1]))]
    face = np.full(len(areas), len(outer), dtype=np.int32)
    face[outer] = np.arange(len(outer), dtype=np.int32)
    held = np.flatnonzero((areas <= 0) & (parent >= 0))
    face[held] = face[parent[held]]
    doubled = np.bincount(face, weights=areas.astype(np.float64), minlength=len(outer) + 1)
    doubled[-1] = np.inf
    of_half = np.empty(len(graph.origin), dtype=np.int32)
    of_half[sequence] = face[rings]
    return Faces(of_half, doubled / 2.0, np.vstack([anchor[outer], np.zeros((1, 2), dtype=np.int64)]))
