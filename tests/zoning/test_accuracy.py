"""Accuracy of a map from reference points: the published example, and what must hold for any sample."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zoning
from gis.errors import InputError
from zoning.validation.sample_size import allocate_points, sample_size

FOREST = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
"""Olofsson et al. 2014, table 8: deforestation, forest gain, stable forest, stable non-forest; 640 points."""
FOREST_HA = [18_000.0, 13_500.0, 288_000.0, 580_500.0]


@st.composite
def samples(draw: st.DrawFn, smallest: int = 2) -> tuple[list[list[int]], list[float]]:
    size = draw(st.integers(2, 5))
    row = st.lists(st.integers(0, 60), min_size=size, max_size=size).filter(lambda each: sum(each) >= smallest)
    matrix = draw(st.lists(row, min_size=size, max_size=size))
    areas = draw(st.lists(st.floats(1.0, 1e6), min_size=size, max_size=size))
    return matrix, areas


def test_the_worked_example_of_olofsson_comes_out() -> None:
    found = zoning.assess_accuracy(FOREST, FOREST_HA)
    assert int(found.samples.sum()) == 640
    assert found.overall == pytest.approx(0.947, abs=5e-4)
    assert 1.96 * found.se_overall == pytest.approx(0.018, abs=6e-4)
    assert found.users == pytest.approx([0.88, 0.73, 0.93, 0.96], abs=5e-3)
    assert 1.96 * found.se_users == pytest.approx([0.07, 0.10, 0.04, 0.02], abs=5e-3)
    assert found.producers == pytest.approx([0.75, 0.85, 0.93, 0.96], abs=5e-3)
    assert 1.96 * found.se_producers == pytest.approx([0.21, 0.25, 0.03, 0.02], abs=5e-3)
    assert found.area_ha == pytest.approx([21_158, 11_686, 285_770, 581_386], abs=0.5)
    assert 1.96 * found.se_area_ha == pytest.approx([6_158, 3_756, 15_510, 16_282], abs=0.8)


def test_the_sample_size_of_olofsson_comes_out() -> None:
    areas = {"a": 0.020, "b": 0.015, "c": 0.320, "d": 0.645}
    expected = {"a": 0.70, "b": 0.60, "c": 0.90, "d": 0.95}
    assert sample_size(areas, expected, standard_error=0.01) == 641


def test_a_frame_brings_the_names_of_its_classes() -> None:
    names = ["HOR", "ANU"]
    frame = pd.DataFrame([[9, 1], [2, 8]], index=names, columns=names)
    assert zoning.assess_accuracy(frame, pd.Series([10.0, 30.0], index=names)).classes == ("HOR", "ANU")
    with pytest.raises(InputError, match="ANU, HOR"):
        zoning.assess_accuracy(frame, pd.Series([10.0, 30.0], index=names[::-1]))


def test_a_result_cannot_be_changed() -> None:
    found = zoning.assess_accuracy(FOREST, FOREST_HA)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.overall = 1.0  # type: ignore[misc]  # the point of the test
    with pytest.raises(ValueError, match="read-only"):
        found.users[0] = 1.0


@pytest.mark.parametrize(
    ("matrix", "areas", "said"),
    [
        ([[5, 1], [0, 0]], [1.0, 1.0], "«VID» está vacía"),
        ([[5, 1], [1, 4]], [1.0, 1.0, 1.0], r"\(3,\)"),
        ([[5, 1, 0], [1, 4, 0]], [1.0, 1.0], r"\(2, 3\)"),
        ([5, 1], [1.0, 1.0], r"\(2,\)"),
        ([[5, -1], [1, 4]], [1.0, 1.0], "fila «HOR», columna «VID»: -1"),
        ([[5, 0.5], [1, 4]], [1.0, 1.0], "0.5"),
        ([[5, float("nan")], [1, 4]], [1.0, 1.0], "nan"),
        ([[5, 1], [1, 4]], [1.0, -1.0], "«VID»: -1"),
        ([[5, 1], [1, 4]], [0.0, 0.0], "«HOR»: 0"),
        ([[5, 1], [1, 4]], [0.0, 5.0], "6 puntos y 0 ha"),
        ([["a", 1], [1, 4]], [1.0, 1.0], "no son números"),
    ],
)
def test_what_is_no_error_matrix_is_refused_by_name(matrix: object, areas: list[float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        zoning.assess_accuracy(matrix, areas, classes=["HOR", "VID"])  # type: ignore[arg-type]  # bad on purpose


def test_a_class_on_the_ground_that_the_map_lacks_is_estimated_and_has_no_users_accuracy() -> None:
    found = zoning.assess_accuracy([[8, 2], [0, 0]], [100.0, 0.0])
    assert found.area_ha == pytest.approx([80, 20])
    assert found.overall == pytest.approx(0.8)
    assert np.isnan(found.users[1])
    assert found.producers[1] == 0


def test_one_point_in_a_class_gives_no_standard_error() -> None:
    found = zoning.assess_accuracy([[1, 0], [2, 8]], [10.0, 90.0])
    assert np.isnan(found.se_overall)
    assert np.isnan(found.se_users[0])
    assert np.isfinite(found.se_users[1])


@given(samples())
def test_the_estimated_areas_add_up_to_the_map(sample: tuple[list[list[int]], list[float]]) -> None:
    found = zoning.assess_accuracy(*sample)
    assert found.area_ha.sum() == pytest.approx(sum(sample[1]))
    assert found.proportions.sum() == pytest.approx(1)


@given(samples())
def test_every_accuracy_is_a_share_and_every_error_is_at_least_0(sample: tuple[list[list[int]], list[float]]) -> None:
    found = zoning.assess_accuracy(*sample)
    shares = np.concatenate([[found.overall], found.users, found.producers[~np.isnan(found.producers)]])
    assert ((shares >= 0) & (shares <= 1 + 1e-12)).all()
    errors = np.concatenate([[found.se_overall], found.se_users, found.se_area_ha])
    assert (errors >= 0).all()
    assert found.overall == pytest.approx(float(np.dot(found.users, sample[1]) / sum(sample[1])))


@given(samples(), st.floats(0.01, 1e4))
def test_the_unit_of_area_does_not_matter(sample: tuple[list[list[int]], list[float]], factor: float) -> None:
    matrix, areas = sample
    one, other = zoning.assess_accuracy(matrix, areas), zoning.assess_accuracy(matrix, [a * factor for a in areas])
    assert other.overall == pytest.approx(one.overall)
    assert other.producers == pytest.approx(one.producers, nan_ok=True)
    assert other.se_area_ha == pytest.approx(one.se_area_ha * factor)


@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_the_classes_does_not_matter(
    sample: tuple[list[list[int]], list[float]], random: np.random.Generator
) -> None:
    matrix, areas = np.array(sample[0]), np.array(sample[1])
    order = list(range(len(areas)))
    random.shuffle(order)
    one, other = zoning.assess_accuracy(matrix, areas), zoning.assess_accuracy(matrix[order][:, order], areas[order])
    assert other.overall == pytest.approx(one.overall)
    assert other.area_ha == pytest.approx(one.area_ha[order])
    assert other.se_producers == pytest.approx(one.se_producers[order], nan_ok=True)


@given(samples(), st.integers(2, 5))
def test_more_points_of_the_same_kind_shrink_the_error(sample: tuple[list[list[int]], list[float]], times: int) -> None:
    matrix, areas = sample
    one, other = zoning.assess_accuracy(matrix, areas), zoning.assess_accuracy(np.array(matrix) * times, areas)
    assert other.overall == pytest.approx(one.overall)
    assert other.se_overall <= one.se_overall + 1e-12


@given(st.lists(st.integers(1, 50), min_size=2, max_size=5))
def test_a_perfect_map_is_perfect_without_error(diagonal: list[int]) -> None:
    found = zoning.assess_accuracy(np.diag(np.array(diagonal) + 1), np.arange(1.0, len(diagonal) + 1))
    assert found.overall == pytest.approx(1)
    assert found.se_overall == pytest.approx(0)
    assert found.area_ha == pytest.approx(found.mapped_area_ha)


@given(
    st.dictionaries(st.sampled_from("ABCDEFGH"), st.floats(0.0, 1e6), min_size=1).filter(lambda a: max(a.values()) > 0),
    st.integers(0, 500),
    st.integers(0, 40),
)
def test_every_stratum_gets_its_minimum_and_the_sum_is_kept(areas: dict[str, float], points: int, minimum: int) -> None:
    found = allocate_points(points, areas, minimum=minimum)
    present = [name for name, area in areas.items() if area > 0]
    assert sum(found.values()) == max(points, minimum * len(present))
    assert all(found[name] >= minimum for name in present)
    assert all(found[name] == 0 for name in areas if name not in present)


@pytest.mark.parametrize("error", [0.0, -0.1, 0.5, float("nan")])
def test_an_impossible_precision_is_refused(error: float) -> None:
    with pytest.raises(InputError, match="Error estándar"):
        sample_size({"a": 1.0}, 0.8, standard_error=error)


def test_a_sample_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="ningún estrato"):
        sample_size({}, 0.8, standard_error=0.1)
    with pytest.raises(InputError, match="«a»: -1"):
        allocate_points(10, {"a": -1.0, "b": 2.0})
    with pytest.raises(InputError, match=r"«a»: 1\.5"):
        sample_size({"a": 1.0}, {"a": 1.5}, standard_error=0.1)
