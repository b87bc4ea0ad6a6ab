"""Weights from judgements agree with Saaty's published examples, and contradictions are refused."""

from __future__ import annotations

import numpy as np
import pytest

from zoning.rules.ahp import RANDOM_INDEX, judge, weights_from
from zoning.zoning_errors import JudgementError

DRINKS = ["coffee", "wine", "tea", "beer", "soda", "milk", "water"]
PAIRS = (
    "coffee/wine 9, coffee/tea 5, coffee/beer 2, coffee/soda 1, coffee/milk 1, water/coffee 2, water/wine 9, "
    "water/tea 9, water/beer 3, water/soda 2, water/milk 3, tea/wine 3, beer/wine 9, beer/tea 3, beer/milk 1, "
    "soda/wine 9, soda/tea 4, soda/beer 2, soda/milk 2, milk/wine 9, milk/tea 3"
)


def drinks() -> np.ndarray:
    matrix = np.eye(len(DRINKS))
    for pair in PAIRS.split(", "):
        names, value = pair.split(" ")
        row, column = (DRINKS.index(name) for name in names.split("/"))
        matrix[row, column], matrix[column, row] = float(value), 1 / float(value)
    return matrix


def test_three_factors_give_saatys_weights() -> None:
    result = weights_from([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]])
    assert result.weights == pytest.approx((0.648329, 0.229651, 0.122020), abs=1e-6)
    assert result.lambda_max == pytest.approx(3.0036946, abs=1e-7)
    assert result.consistency_ratio == pytest.approx(0.003185, abs=1e-6)
    assert result.acceptable
    assert not result.doubtful


def test_drinks_example_agrees_with_the_publication() -> None:
    result = judge(drinks(), names=DRINKS)
    published = {
        "water": 0.327,
        "soda": 0.190,
        "coffee": 0.177,
        "milk": 0.129,
        "beer": 0.116,
        "tea": 0.042,
        "wine": 0.019,
    }
    assert result.by_name == pytest.approx(published, abs=6e-4)
    assert result.lambda_max == pytest.approx(7.176629, abs=1e-6)
    assert result.consistency_ratio == pytest.approx(0.0223, abs=1e-4)


def test_a_cycle_is_refused_and_names_a_judgement() -> None:
    cycle = [[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]
    assert judge(cycle).consistency_ratio == pytest.approx(6.13, abs=0.01)
    with pytest.raises(JudgementError, match="se contradicen"):
        weights_from(cycle)


@pytest.mark.parametrize("size", [1, 2, *RANDOM_INDEX])
def test_consistent_judgements_give_back_their_weights_at_every_size(size: int) -> None:
    weights = np.arange(1, size + 1) / np.arange(1, size + 1).sum()
    result = weights_from(weights[:, None] / weights[None, :])
    assert result.weights == pytest.approx(weights.tolist())
    assert result.consistency_ratio == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, 3], [1, 1]], "inverso"),
        ([[1, 0], [0, 1]], "es 0"),
        ([[1, -2], [-0.5, 1]], "es −2"),
        ([[2, 1], [1, 1]], "inverso"),
        ([[1, 2, 3], [0.5, 1, 1]], "cuadrada"),
        (np.ones((11, 11)), "a lo sumo 10"),
        ([[1, float("nan")], [1, 1]], "nan"),
    ],
)
def test_matrices_that_are_no_judgements_are_refused(matrix: object, message: str) -> None:
    with pytest.raises(JudgementError) as caught:
        weights_from(matrix)
    assert message in str(caught.value)


def test_rounded_reciprocals_are_accepted() -> None:
    assert weights_from([[1, 3], [0.33, 1]]).weights[0] == pytest.approx(0.75, abs=0.01)
