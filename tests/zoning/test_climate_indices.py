from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from zoning.land.climate_indices import (
    chill_hours,
    extreme_minimum,
    fournier_index,
    growing_degree_days,
    huglin_index,
    season_maximum,
    season_mean,
    season_minimum,
    season_total,
)
from zoning.seasons import SOUTHERN, window_months

WARM = window_months(*SOUTHERN.warm_months)
VINE = window_months(*SOUTHERN.vineyard_months)
MONTHS = np.arange(1, 13, dtype=np.float32)[:, None]


def test_fournier_meets_the_two_oracles() -> None:
    uniform = np.full((12, 1), 100, dtype=np.float32)
    wet_summer = np.array([110, 100, 90, 40, 20, 10, 8, 12, 25, 50, 75, 110], dtype=np.float32)[:, None]
    assert fournier_index(uniform)[0] == 1200
    assert fournier_index(wet_summer)[0] == pytest.approx(985.0708, abs=1e-3)


def test_fournier_of_a_desert_is_zero_and_of_a_gap_missing() -> None:
    rain = np.zeros((12, 2), dtype=np.float32)
    rain[4, 1] = np.nan
    index = fournier_index(rain)
    assert index[0] == 0
    assert np.isnan(index[1])


def test_a_window_wraps_around_the_end_of_the_year() -> None:
    assert window_months(11, 2) == (11, 12, 1, 2)
    assert season_total(MONTHS, window_months(11, 2))[0] == 11 + 12 + 1 + 2
    assert season_mean(MONTHS, window_months(11, 2))[0] == 6.5
    assert season_minimum(MONTHS, window_months(11, 2))[0] == 1
    assert season_maximum(MONTHS, window_months(11, 2))[0] == 12


def test_chill_follows_the_mean_july_proxy_and_never_goes_below_zero() -> None:
    hours = chill_hours(np.array([12.0, 18.71, 30.0], dtype=np.float32))
    assert hours[0] == pytest.approx(1819 - 97.2 * 12, abs=1e-3)
    assert hours[1] == pytest.approx(0.4, abs=0.1)
    assert hours[2] == 0


def test_the_extreme_minimum_is_the_coldest_month_less_the_offset() -> None:
    assert extreme_minimum(MONTHS, (5, 6, 7), offset=8)[0] == 5 - 8
    with pytest.raises(InputError, match="descuento"):
        extreme_minimum(MONTHS, (5,), offset=-1)


def test_heat_sums_of_a_constant_climate_have_a_closed_form() -> None:
    mean = np.full((12, 1), 20, dtype=np.float32)
    maximum = np.full((12, 1), 26, dtype=np.float32)
    assert growing_degree_days(mean, WARM)[0] == pytest.approx(10 * (31 + 30 + 31 + 31 + 28.25 + 31 + 30), rel=1e-6)
    assert huglin_index(mean, maximum, VINE)[0] == pytest.approx(13 * (31 + 30 + 31 + 31 + 28.25 + 31), rel=1e-6)


def test_a_month_too_cold_to_grow_takes_nothing_from_the_others() -> None:
    mean = np.full((12, 1), 20, dtype=np.float32)
    mean[0] = -30
    assert growing_degree_days(mean, WARM)[0] == pytest.approx(10 * (31 + 30 + 31 + 28.25 + 31 + 30), rel=1e-6)


def test_a_missing_month_matters_only_inside_the_window() -> None:
    monthly = MONTHS.copy()
    monthly[6] = np.nan
    assert np.isnan(season_mean(monthly, (6, 7))[0])
    assert season_mean(monthly, (5, 6))[0] == 5.5
    assert np.isnan(season_minimum(monthly, (6, 7))[0])


@pytest.mark.parametrize("months", [(0,), (13,), ()])
def test_what_is_no_month_is_refused(months: tuple[int, ...]) -> None:
    with pytest.raises(InputError):
        season_total(MONTHS, months)


def test_a_layer_that_is_not_monthly_is_refused() -> None:
    with pytest.raises(InputError, match="11 bandas"):
        season_mean(MONTHS[:11], (1,))


@given(st.integers(1, 12), st.integers(1, 12), st.floats(-20, 35))
def test_mean_lies_between_extremes_and_shifts_with_the_climate(first: int, last: int, shift: float) -> None:
    months = window_months(first, last)
    warm = MONTHS + np.float32(shift)
    mean = season_mean(warm, months)[0]
    assert season_minimum(warm, months)[0] - 1e-3 <= mean <= season_maximum(warm, months)[0] + 1e-3
    assert mean == pytest.approx(season_mean(MONTHS, months)[0] + shift, abs=1e-3)
