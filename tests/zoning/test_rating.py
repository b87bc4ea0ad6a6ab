"""Classes and ratings of single factors and of land-use types agree with the method's worked numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoning.rating.parametric import khiddir, storie
from zoning.rating.reference import rate_factor, rate_factors, rescale
from zoning.rules.characteristic import Characteristic
from zoning.rules.land_use_types import Factor
from zoning.rules.limits import BAND_LOW, CLASS_NAMES, S1, S2, S3, SD, Limits, N, Side
from zoning.zoning_errors import LimitsError

QUANTITY = Characteristic("soil_depth")
OTHERS = [Characteristic(name) for name in ("slope", "ph", "huglin", "clay", "rain_annual")]


def factor(limits: Limits, characteristic: Characteristic = QUANTITY, **more: object) -> Factor:
    return Factor(name=str(more.pop("name", characteristic.key)), characteristic=characteristic, limits=limits, **more)


def names(codes: np.ndarray) -> list[str]:
    return [CLASS_NAMES[int(code)] for code in codes]


def band(mu: float) -> int:
    return max(code for code, low in BAND_LOW.items() if mu >= low)


def test_tomato_depth_classes() -> None:
    depth = factor(Limits(low=Side.from_classes(50, 75, 100)))
    assert names(rate_factor([40, 50, 60, 75, 95, 100], depth).cls) == ["N", "S3", "S3", "S2", "S2", "S1"]


def test_trapezoid_keeps_its_corners_and_its_middle() -> None:
    limits = Limits(low=Side.from_trapezoid(7, 20), high=Side.from_trapezoid(35, 27))
    rating = rate_factor([7, 13.5, 20, 31, 35], factor(limits))
    share_of_the_way = np.interp(rating.mu, [0, 0.40, 0.60, 0.85, 1], [0, 0.2, 0.5, 0.8, 1])
    assert share_of_the_way == pytest.approx([0, 0.5, 1, 0.5, 0], abs=1e-6)
    assert names(rating.cls) == ["N", "S2", "S1", "S2", "N"]


def test_trapezoid_at_one_fifth_is_still_unsuitable() -> None:
    limits = Limits(low=Side.from_trapezoid(0, 10))
    assert names(rate_factor([2, 2.0001, 5, 8], factor(limits)).cls) == ["N", "S3", "S2", "S1"]


def test_a_side_without_published_s3_never_excludes() -> None:
    limits = Limits(high=Side.from_classes(None, 800, 700))
    rating = rate_factor([700, 701, 800, 801, 5000], factor(limits))
    assert names(rating.cls) == ["S1", "S2", "S2", "S3", "S3"]
    assert rating.mu[-1] == pytest.approx(0.40)


def test_a_step_skips_its_class() -> None:
    limits = Limits(low=Side.from_classes(0.7, 0.7, 0.8, step=True))
    rating = rate_factor([0.69, 0.7, 0.8], factor(limits))
    assert names(rating.cls) == ["N", "S2", "S1"]
    assert np.all(np.isfinite(rating.mu))


def test_one_sided_factor_has_no_other_ramp() -> None:
    assert rate_factor([1e6], factor(Limits(low=Side.from_classes(1, 2, 3)))).mu[0] == 1


def test_cap_keeps_a_coarse_layer_from_excluding() -> None:
    capped = factor(Limits(low=Side.from_classes(5, 5.5, 6)), Characteristic("ph"), cap=S3)
    rating = rate_factor([3.0, 5.6], capped)
    assert names(rating.cls) == ["S3", "S2"]
    assert rating.mu[0] == pytest.approx(0.40)


@pytest.mark.parametrize(
    ("limits", "message"),
    [((30, 16, 18), "monótonos"), ((5, 5, 6), "escalón"), ((5, 5, 5), "iguales"), ((1, float("nan"), 3), "números")],
)
def test_limits_out_of_order_are_refused_not_sorted(limits: tuple[float, float, float], message: str) -> None:
    with pytest.raises(LimitsError, match=message):
        Side.from_classes(*limits)


def test_sides_that_cross_or_point_the_wrong_way_are_refused() -> None:
    low, high = Side.from_classes(1, 2, 3), Side.from_classes(9, 8, 7)
    for wrong in ({"low": high}, {"high": low}, {}, {"low": Side.from_classes(6, 7, 8), "high": high}):
        with pytest.raises(LimitsError):
            Limits(**wrong)


def test_law_of_the_minimum_and_older_indices() -> None:
    assert min(95, 85, 60, 90) == 60
    assert storie([95, 85, 60, 90]) == pytest.approx(43.605)
    assert khiddir([95, 85, 60, 90]) == pytest.approx(51.1498, abs=1e-4)


def test_geometric_mean_is_rescaled_into_the_band_of_the_worst_factor() -> None:
    rising = Limits(low=Side.from_classes(50, 75, 100))
    factors = [factor(rising), factor(rising, OTHERS[0])]
    result = rate_factors({"soil_depth": [60.0], "slope": [200.0]}, factors)
    mu = rate_factor([60.0], factors[0]).mu[0]
    mean = mu**0.5
    assert result.cls[0] == S3
    assert result.score[0] == pytest.approx(0.40 + 0.20 * (mean - 0.40) / 0.60)
    assert (result.limiting[0], result.second_limiting[0]) == (0, 1)


def test_missing_required_is_sd_and_missing_optional_is_left_out() -> None:
    rising = Limits(low=Side.from_classes(50, 75, 100))
    factors = [factor(rising), factor(rising, OTHERS[0], required=False)]
    nan = float("nan")
    result = rate_factors({"soil_depth": [nan, 200.0], "slope": [200.0, nan]}, factors)
    assert result.cls.tolist() == [SD, S1]
    assert np.isnan(result.score[0])
    assert result.limiting.tolist() == [-1, 0]
    assert result.second_limiting.tolist() == [-1, -1]


def test_flagged_factor_is_out_of_class_and_mean() -> None:
    rising = Limits(low=Side.from_classes(50, 75, 100))
    values = {"soil_depth": [80.0], "slope": [0.0]}
    alone = rate_factors(values, [factor(rising)])
    beside = rate_factors(values, [factor(rising), factor(rising, OTHERS[0], flagged=True)])
    assert (alone.cls[0], alone.score[0]) == (beside.cls[0], beside.score[0])


number = st.floats(-500, 500, allow_nan=False, width=32)
rising_limits = (
    st.lists(number, min_size=3, max_size=3, unique=True)
    .map(sorted)
    .filter(lambda limits: min(np.diff(limits)) > 0.01)
    .map(lambda limits: Side.from_classes(*map(float, limits)))
)


@given(side=rising_limits, x=number, more=st.floats(0, 500, width=32))
def test_improving_a_higher_is_better_factor_never_lowers_class_or_rating(side: Side, x: float, more: float) -> None:
    rating = rate_factor([x, x + more], factor(Limits(low=side)))
    assert rating.cls[1] >= rating.cls[0]
    assert rating.mu[1] >= rating.mu[0] - 1e-12


@given(side=rising_limits, x=number)
def test_mirrored_limits_rate_mirrored_values_alike(side: Side, x: float) -> None:
    mirror = Side.from_classes(-side.s3, -side.s2, -side.s1)
    assert rate_factor([x], factor(Limits(low=side))).cls[0] == rate_factor([-x], factor(Limits(high=mirror))).cls[0]


@given(side=rising_limits, trapezoid=st.booleans())
def test_class_is_the_band_of_the_rating_at_every_limit_and_beside_it(side: Side, trapezoid: bool) -> None:
    used = Side.from_trapezoid(side.s3, side.s1) if trapezoid else side
    limits = np.array([used.s3, used.s2, used.s1], dtype=np.float32)
    inf = np.float32(np.inf)
    places = np.concatenate([limits, np.nextafter(limits, inf), np.nextafter(limits, -inf), limits + 1, limits - 1])
    rating = rate_factor(places, factor(Limits(low=used)))
    assert [band(mu) for mu in rating.mu] == rating.cls.tolist()


@given(
    sides=st.lists(rising_limits, min_size=2, max_size=5),
    x=st.lists(number, min_size=5, max_size=5),
    order=st.permutations(range(5)),
)
def test_order_and_repetition_of_factors_change_no_class(sides: list[Side], x: list[float], order: list[int]) -> None:
    factors = [factor(Limits(low=side), OTHERS[place]) for place, side in enumerate(sides)]
    values = {each.key: [value] for each, value in zip(OTHERS, x, strict=True)}
    straight = rate_factors(values, factors)
    shuffled = rate_factors(values, [factors[place] for place in order if place < len(factors)])
    doubled = rate_factors(values, [*factors, factors[0]])
    assert straight.cls[0] == shuffled.cls[0] == doubled.cls[0]
    assert straight.score[0] == pytest.approx(shuffled.score[0])


@given(
    sides=st.lists(rising_limits, min_size=1, max_size=5),
    x=st.lists(number, min_size=5, max_size=5),
    weights=st.lists(st.floats(0.01, 10), min_size=5, max_size=5),
)
def test_weights_rank_inside_the_class_and_never_lift_it(
    sides: list[Side], x: list[float], weights: list[float]
) -> None:
    plain = [factor(Limits(low=side), OTHERS[place]) for place, side in enumerate(sides)]
    weighed = [factor(each.limits, each.characteristic, weight=w) for each, w in zip(plain, weights, strict=False)]
    values = {each.key: [value] for each, value in zip(OTHERS, x, strict=True)}
    result = rate_factors(values, weighed)
    assert result.cls[0] == rate_factors(values, plain).cls[0]
    assert band(result.score[0]) == result.cls[0]


@given(mean=st.floats(0, 1), code=st.sampled_from([N, S3, S2, S1]))
def test_rescaled_score_stays_in_its_band(mean: float, code: int) -> None:
    assert band(rescale(np.array([mean]), np.array([code]))[0]) == code


def test_next_limit_is_the_one_that_has_to_be_passed() -> None:
    limits = Limits(low=Side.from_classes(13, 16, 18), high=Side.from_classes(35, 30, 26))
    assert limits.next_class_at(17.0, S2) == 18
    assert limits.next_class_at(28.0, S2) == 26
    assert limits.next_class_at(40.0, N) == 35
    assert limits.next_class_at(20.0, S1) is None
