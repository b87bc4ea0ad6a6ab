"""Borders between unlike cells, traced once and simplified once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gis.coverage.arc_simplify import simplify_arcs
from gis.coverage.arc_tracing import trace_arcs
from gis.coverage.zone_lines import fill_needed, grown

codes_strategy = arrays(np.uint8, st.tuples(st.integers(1, 10), st.integers(1, 10)), elements=st.integers(0, 3))


def _traced(codes: np.ndarray) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, np.ndarray]:
    padded = np.pad(codes, 1)
    degree = np.zeros_like(padded)
    xs, ys, starts, left, right = trace_arcs(padded, degree)
    points = np.stack([xs, ys], axis=1)
    arcs = [points[a:b] for a, b in pairwise(starts)]
    return arcs, left, right, (degree > 0).astype(np.uint8)


@given(codes=codes_strategy)
@settings(max_examples=120, deadline=None)
def test_every_border_side_belongs_to_exactly_one_arc_that_knows_its_codes(codes: np.ndarray) -> None:
    padded = np.pad(codes, 1)
    arcs, left, right, _state = _traced(codes)
    found: dict[tuple[int, int, str], tuple[int, int]] = {}
    for arc, port, starboard in zip(arcs, left.tolist(), right.tolist(), strict=True):
        for (x0, y0), (x1, y1) in zip(arc[:-1].tolist(), arc[1:].tolist(), strict=True):
            assert abs(x1 - x0) + abs(y1 - y0) == 1
            eastward_or_down = x1 > x0 or y1 > y0
            side = (min(x0, x1), min(y0, y1), "-" if y0 == y1 else "|")
            assert side not in found
            found[side] = (port, starboard) if eastward_or_down else (starboard, port)
    across = {
        (col, row, "-"): (int(padded[row - 1, col]), int(padded[row, col]))
        for row in range(1, padded.shape[0])
        for col in range(padded.shape[1])
    }
    down = {
        (col, row, "|"): (int(padded[row, col]), int(padded[row, col - 1]))
        for row in range(padded.shape[0])
        for col in range(1, padded.shape[1])
    }
    assert found == {side: pair for side, pair in {**across, **down}.items() if pair[0] != pair[1]}


@given(codes=codes_strategy, tolerance=st.sampled_from([0.8, 1.7, 5.0, 50.0]))
@settings(max_examples=120, deadline=None)
def test_simplified_arcs_meet_only_at_junctions_and_stay_within_the_tolerance(
    codes: np.ndarray, tolerance: float
) -> None:
    arcs, _left, _right, state = _traced(codes)
    if not arcs:
        return
    xs, ys = np.concatenate(arcs).astype(np.int32).T
    starts = np.append(0, np.cumsum([len(arc) for arc in arcs])).astype(np.int64)
    ends = [tuple(sorted([tuple(arc[0]), tuple(arc[-1])])) for arc in arcs]
    twins = np.array([ends.count(end) > 1 for end in ends])
    before = state.copy()
    keep = simplify_arcs(np.ascontiguousarray(xs), np.ascontiguousarray(ys), starts, twins, state, tolerance, 0.1)
    np.testing.assert_array_equal(state, before)
    lines = []
    for at, arc in enumerate(arcs):
        simple = arc[keep[starts[at] : starts[at + 1]] == 1]
        line = shapely.LineString(simple)
        assert line.is_simple
        assert shapely.hausdorff_distance(shapely.LineString(arc), shapely.segmentize(line, 0.1)) <= tolerance + 1e-9
        assert tuple(simple[0]) == tuple(arc[0])
        assert tuple(simple[-1]) == tuple(arc[-1])
        lines.append(line)
    for one in range(len(lines)):
        for other in range(one):
            meet = shapely.intersection(lines[one], lines[other])
            shared = {tuple(arcs[one][0]), tuple(arcs[one][-1])} & {tuple(arcs[other][0]), tuple(arcs[other][-1])}
            assert meet.length == 0
            assert {tuple(where) for where in shapely.get_coordinates(meet)} <= shared


def test_an_island_never_passes_to_the_other_side_of_a_line() -> None:
    codes = np.ones((30, 60), dtype=np.uint8)
    codes[15:] = 2
    # A bay with an island at its bottom: the straight chord would leave the island on the wrong shore.
    codes[15:20, 25:35] = 1
    codes[18, 30] = 3
    arcs, left, right, state = _traced(codes)
    xs, ys = np.concatenate(arcs).astype(np.int32).T
    starts = np.append(0, np.cumsum([len(arc) for arc in arcs])).astype(np.int64)
    twins = np.ones(len(arcs), dtype=bool)
    keep = simplify_arcs(np.ascontiguousarray(xs), np.ascontiguousarray(ys), starts, twins, state, 8.0, 0.1)
    shore = next(at for at in range(len(arcs)) if {int(left[at]), int(right[at])} == {1, 2})
    kept = arcs[shore][keep[starts[shore] : starts[shore + 1]] == 1]
    assert len(kept) > 2
    assert shapely.Polygon([*kept, (61, 0), (1, 0)]).contains(shapely.box(31, 19, 32, 20))


def test_growing_reaches_as_many_cells_as_asked() -> None:
    mask = np.zeros((11, 13), dtype=bool)
    mask[5, 6] = True
    for cells in range(6):
        expected = np.zeros_like(mask)
        expected[5 - cells : 6 + cells, 6 - cells : 7 + cells] = True
        np.testing.assert_array_equal(grown(mask, cells), expected)


@given(codes=codes_strategy)
@settings(max_examples=80, deadline=None)
def test_an_empty_cell_takes_the_code_of_the_nearest_defined_one(codes: np.ndarray) -> None:
    if not codes.any():
        return
    filled = fill_needed(codes, np.ones(codes.shape, dtype=bool))
    defined = np.argwhere(codes != 0)
    for row, col in np.argwhere(codes == 0).tolist():
        distance = ((defined - (row, col)) ** 2).sum(axis=1)
        first = defined[distance == distance.min()][0]
        assert filled[row, col] == codes[tuple(first)]
    np.testing.assert_array_equal(filled[codes != 0], codes[codes != 0])
