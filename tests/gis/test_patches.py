"""The minimum mapping unit on rasters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gis.coverage.patches import merge_small_patches, minimum_cells
from gis.errors import InputError

OUTSIDE = 0
SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))


def _patches(codes: np.ndarray) -> np.ndarray:
    """Number 4-connected patches by their first cell, by flood fill."""
    labels = np.full(codes.shape, -1)
    count = 0
    for start in np.ndindex(codes.shape):
        if labels[start] >= 0:
            continue
        stack = [start]
        labels[start] = count
        while stack:
            row, col = stack.pop()
            for dr, dc in SIDES:
                there = (row + dr, col + dc)
                inside = 0 <= there[0] < codes.shape[0] and 0 <= there[1] < codes.shape[1]
                if inside and labels[there] < 0 and codes[there] == codes[start]:
                    labels[there] = count
                    stack.append(there)
        count += 1
    return labels


def _borders(labels: np.ndarray, patch: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for row, col in np.argwhere(labels == patch).tolist():
        for dr, dc in SIDES:
            there = (row + dr, col + dc)
            if 0 <= there[0] < labels.shape[0] and 0 <= there[1] < labels.shape[1] and labels[there] != patch:
                found[int(labels[there])] = found.get(int(labels[there]), 0) + 1
    return found


def _reference(codes: np.ndarray, *, min_cells: int, frozen: frozenset[int]) -> tuple[np.ndarray, bool]:
    """Merge one patch at a time, looking at the whole raster anew; also say whether a tie was met."""
    codes = codes.copy()
    still = frozen | {OUTSIDE}
    tied = False
    while True:
        labels = _patches(codes)
        sizes = np.bincount(labels.ravel())
        code_of = {int(label): int(code) for label, code in zip(labels.ravel(), codes.ravel(), strict=True)}
        choices = []
        for patch in np.flatnonzero(sizes < min_cells).tolist():
            borders = {other: n for other, n in _borders(labels, patch).items() if code_of[other] not in still}
            if code_of[patch] not in still and borders:
                choices.append((sizes[patch], patch, borders))
        if not choices:
            return codes, tied
        size, patch, borders = min(choices, key=lambda choice: choice[:2])
        longest = max(borders.values())
        best = [other for other, length in borders.items() if length == longest]
        tied |= len(best) > 1 or sum(choice[0] == size for choice in choices) > 1
        codes[labels == patch] = code_of[min(best)]


codes_strategy = arrays(
    np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 4), fill=st.nothing()
)


@given(codes=codes_strategy, min_cells=st.integers(1, 12), frozen=st.frozensets(st.integers(1, 4), max_size=2))
@settings(max_examples=150, deadline=None)
def test_equals_the_slow_reference(codes: np.ndarray, min_cells: int, frozen: frozenset[int]) -> None:
    expected, _tied = _reference(codes, min_cells=min_cells, frozen=frozen)
    np.testing.assert_array_equal(merge_small_patches(codes, min_cells=min_cells, frozen=frozen), expected)


@given(codes=codes_strategy, min_cells=st.integers(1, 12), order=st.permutations([1, 2, 3, 4]))
@settings(max_examples=80, deadline=None)
def test_the_numbers_of_the_codes_play_no_part(codes: np.ndarray, min_cells: int, order: list[int]) -> None:
    table = np.array([0, *order, *range(5, 256)], dtype=np.uint8)
    first = merge_small_patches(codes, min_cells=min_cells, frozen=frozenset({2}))
    second = merge_small_patches(table[codes], min_cells=min_cells, frozen=frozenset({int(table[2])}))
    np.testing.assert_array_equal(table[first], second)


@given(codes=codes_strategy, min_cells=st.integers(1, 12), turns=st.integers(1, 3), flip=st.booleans())
@settings(max_examples=150, deadline=None)
def test_turning_the_raster_turns_the_result_where_nothing_ties(
    codes: np.ndarray, min_cells: int, turns: int, flip: bool
) -> None:
    def turned(array: np.ndarray) -> np.ndarray:
        return np.rot90(array[::-1] if flip else array, turns)

    expected, tied = _reference(codes, min_cells=min_cells, frozen=frozenset())
    if not tied:
        result = merge_small_patches(np.ascontiguousarray(turned(codes)), min_cells=min_cells, frozen=frozenset())
        np.testing.assert_array_equal(result, turned(expected))


@given(codes=codes_strategy, min_cells=st.integers(1, 30))
@settings(max_examples=80, deadline=None)
def test_frozen_codes_and_the_outside_neither_disappear_nor_receive(codes: np.ndarray, min_cells: int) -> None:
    result = merge_small_patches(codes, min_cells=min_cells, frozen=frozenset({1}))
    np.testing.assert_array_equal(result == 1, codes == 1)
    np.testing.assert_array_equal(result == OUTSIDE, codes == OUTSIDE)


def test_no_patch_stays_below_the_minimum_on_a_noisy_raster() -> None:
    rng = np.random.default_rng(3)
    codes = rng.integers(1, 6, (90, 110)).astype(np.uint8)
    result = merge_small_patches(codes, min_cells=40, frozen=frozenset({5}))
    labels = _patches(result)
    sizes = np.bincount(labels.ravel())
    code_of = np.zeros(len(sizes), dtype=int)
    code_of[labels] = result
    small = [patch for patch in np.flatnonzero(sizes < 40).tolist() if code_of[patch] != 5]
    assert sizes.max() > 40
    for patch in small:
        assert {code_of[other] for other in _borders(labels, patch)} == {5}


def test_a_small_patch_joins_the_neighbour_with_the_longest_border() -> None:
    codes = np.array([[1, 1, 1, 1], [1, 2, 2, 3], [1, 3, 3, 3], [3, 3, 3, 3]], dtype=np.uint8)
    # Both borders are three sides long: the first patch takes it.
    assert (merge_small_patches(codes, min_cells=3, frozen=frozenset())[1, 1:3] == 1).all()
    codes[1:3, 0] = 3
    assert (merge_small_patches(codes, min_cells=3, frozen=frozenset())[1, 1:3] == 3).all()


def test_everything_below_the_minimum_becomes_one_patch() -> None:
    codes = np.arange(1, 26, dtype=np.uint8).reshape(5, 5)
    assert len(np.unique(merge_small_patches(codes, min_cells=1000, frozen=frozenset()))) == 1


def test_the_input_stays_as_it_was_and_equal_runs_give_equal_bytes() -> None:
    codes = np.random.default_rng(1).integers(0, 4, (60, 60)).astype(np.uint8)
    copy = codes.copy()
    first = merge_small_patches(codes, min_cells=9, frozen=frozenset())
    assert first.tobytes() == merge_small_patches(codes, min_cells=9, frozen=frozenset()).tobytes()
    np.testing.assert_array_equal(codes, copy)


@pytest.mark.parametrize(
    "codes", [np.zeros((2, 2)), np.zeros(4, dtype=np.uint8), np.zeros((0, 3), dtype=np.uint8)], ids=str
)
def test_an_array_of_another_kind_is_refused(codes: np.ndarray) -> None:
    with pytest.raises(InputError, match="uint8"):
        merge_small_patches(codes, min_cells=2, frozen=frozenset())


def test_a_minimum_below_one_cell_is_refused() -> None:
    with pytest.raises(InputError, match="al menos 1"):
        merge_small_patches(np.ones((2, 2), dtype=np.uint8), min_cells=0, frozen=frozenset())


def test_the_minimum_area_rounds_up_to_whole_cells() -> None:
    assert minimum_cells(400_000, cell=30) == 445
    assert minimum_cells(900, cell=30) == 1
    assert minimum_cells(0, cell=30) == 1
    with pytest.raises(InputError, match="celda"):
        minimum_cells(1, cell=0)
