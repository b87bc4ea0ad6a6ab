"""Lines cut at each other exactly, and the faces they enclose."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coverage.noding import OUTSIDE, UNKNOWN, Edges, node, pack, unique_edges, unpack
from gis.coverage.planar import build_graph, find_faces

ticks = st.integers(0, 60)
point = st.tuples(ticks, ticks)


def _edges(lines: list[tuple[tuple[int, int], tuple[int, int]]], *, code: int = UNKNOWN, unit: int = UNKNOWN) -> Edges:
    array = np.array(lines, dtype=np.int64).reshape(-1, 2, 2)
    count = len(array)
    return Edges(
        array[:, 0],
        array[:, 1],
        np.tile(np.array([[code, UNKNOWN if code == UNKNOWN else 0]]), (count, 1)),
        np.tile(np.array([[unit, UNKNOWN if unit == UNKNOWN else OUTSIDE]]), (count, 1)),
    )


def _box(left: int, bottom: int, right: int, top: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    return list(zip(corners, corners[1:] + corners[:1], strict=True))


def test_packing_keeps_the_order_and_comes_back() -> None:
    points = np.array([[0, 5], [1, 0], [2**30, 2**30 - 1]], dtype=np.int64)
    keys = pack(points)
    assert (np.diff(keys) > 0).all()
    np.testing.assert_array_equal(unpack(keys), points)


@given(one=st.lists(st.tuples(point, point), min_size=1, max_size=1), star=point, ends=st.sets(point, min_size=1))
@settings(max_examples=200, deadline=None)
def test_noded_edges_meet_only_at_their_ends(
    one: list[tuple[tuple[int, int], tuple[int, int]]], star: tuple[int, int], ends: set[tuple[int, int]]
) -> None:
    rays = [(star, end) for end in sorted(ends) if end != star]
    directions = {tuple(np.array(end) - star) for _start, end in rays}
    slopes = [tuple(int(part) for part in np.array(way) // np.gcd(*way)) for way in directions]
    if one[0][0] == one[0][1] or not rays or len(set(slopes)) < len(slopes):
        return
    result = node(_edges(one, code=1), _edges(rays, unit=0))
    lines = shapely.linestrings(np.stack([result.start, result.end], axis=1).astype(float))
    first, second = shapely.STRtree(lines).query(lines, predicate="intersects")
    meets = shapely.intersection(lines[first[first < second]], lines[second[first < second]])
    vertices = {tuple(vertex) for vertex in np.concatenate([result.start, result.end]).tolist()}
    assert (shapely.get_type_id(meets) == shapely.GeometryType.POINT).all()
    assert {tuple(map(int, where)) for where in shapely.get_coordinates(meets)} <= vertices
    for source in (one[0], *rays):
        line = shapely.LineString(source)
        moved = [np.array(vertex) for vertex in vertices if shapely.distance(line, shapely.Point(vertex)) <= 0.5]
        assert any((vertex == source[0]).all() for vertex in moved)


def test_a_line_on_a_unit_border_becomes_one_edge_that_knows_both() -> None:
    result = node(_edges([((0, 0), (10, 0))], code=3), _edges([((12, 0), (4, 0))], unit=1))
    known = {
        (tuple(start), tuple(end)): (tuple(code), tuple(unit))
        for start, end, code, unit in zip(
            result.start.tolist(), result.end.tolist(), result.code.tolist(), result.unit.tolist(), strict=True
        )
    }
    nothing = (UNKNOWN, UNKNOWN)
    assert known == {
        ((0, 0), (4, 0)): ((3, 0), nothing),
        ((4, 0), (10, 0)): ((3, 0), (OUTSIDE, 1)),
        ((10, 0), (12, 0)): (nothing, (OUTSIDE, 1)),
    }


def test_edges_that_fall_into_one_lose_what_lay_between() -> None:
    two = Edges(
        np.array([[0, 0], [5, 5]]),
        np.array([[5, 5], [0, 0]]),
        np.array([[1, 2], [3, 2]]),
        np.full((2, 2), UNKNOWN),
    )
    assert unique_edges(two).code.tolist() == [[1, 3]]


def test_faces_know_their_holes_islands_and_outside() -> None:
    lines = [*_box(0, 0, 40, 40), *_box(10, 10, 30, 30), *_box(15, 15, 20, 20), *_box(50, 0, 60, 10)]
    graph = build_graph(unique_edges(_edges(lines, code=1)))
    faces = find_faces(graph)
    assert faces.area.tolist() == [1600 - 400, 400 - 25, 25, 100, np.inf]
    assert faces.anchor[:-1].tolist() == [[0, 40], [10, 30], [15, 20], [50, 10]]


@given(xs=st.sets(st.integers(1, 59), max_size=6), ys=st.sets(st.integers(1, 59), max_size=6))
@settings(max_examples=50, deadline=None)
def test_the_faces_of_a_lattice_are_its_cells(xs: set[int], ys: set[int]) -> None:
    across = [((x, 0), (x, 60)) for x in sorted({0, 60, *xs})]
    down = [((0, y), (60, y)) for y in sorted({0, 60, *ys})]
    faces = find_faces(build_graph(node(_edges(across, code=1), _edges(down, unit=0))))
    cells = [
        (b - a) * (d - c)
        for a, b in zip(sorted({0, *xs}), sorted({60, *xs}), strict=True)
        for c, d in zip(sorted({0, *ys}), sorted({60, *ys}), strict=True)
    ]
    assert sorted(faces.area[:-1].tolist()) == sorted(cells)
