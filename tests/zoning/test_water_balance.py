"""How much of a crop's water the rain gives, held to the worked examples of FAO-56."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoning.land.water_balance import (
    effective_rain,
    extraterrestrial_radiation,
    hargreaves,
    monthly_kc,
    water_balance,
)
from zoning.rules.crop_library import load_crops
from zoning.study.water_words import coefficients

TOMATO = ((0.6, 1.15, 0.8), (30, 40, 45, 30))


def _climate(rain: float) -> dict[str, np.ndarray]:
    flat = {"temperature_mean": 20.0, "temperature_min": 13.0, "temperature_max": 27.0, "precipitation": rain}
    return {name: np.full(12, value) for name, value in flat.items()}


def test_radiation_and_hargreaves_are_those_of_the_worked_examples() -> None:
    assert extraterrestrial_radiation(-20, 246) == pytest.approx(32.2, abs=0.05)  # example 8
    assert extraterrestrial_radiation(45, 196) == pytest.approx(40.6, abs=0.1)  # example 20, 15 July
    assert hargreaves(20.7, 14.8, 26.6, radiation=40.6) == pytest.approx(5.0, abs=0.05)  # example 20


def test_the_rain_that_counts_is_that_of_the_soil_conservation_service() -> None:
    assert [effective_rain(rain) for rain in (0, 100, 250, 400)] == [0, 84, 150, 165]


def test_the_coefficient_stays_between_those_of_its_stages() -> None:
    curve = monthly_kc(*TOMATO, (9, 10, 11, 12, 1))
    assert curve[0] == 0.6
    assert max(curve) == 1.15
    assert 0.8 < curve[-1] < 1.15


def test_no_rain_gives_nothing_and_plenty_gives_all() -> None:
    dry, wet = (water_balance(_climate(rain), (9, 1), *TOMATO, latitude=-18) for rain in (0.0, 1000.0))
    assert dry is not None
    assert wet is not None
    assert dry.ratio == 0
    assert wet.ratio == 1
    assert wet.effective_rain_mm == pytest.approx(wet.demand_mm)


def test_a_missing_month_is_no_ratio_and_a_month_outside_the_season_does_not_matter() -> None:
    climate = _climate(80.0)
    climate["precipitation"][5] = np.nan
    assert water_balance(climate, (9, 1), *TOMATO, latitude=-18) is not None
    climate["precipitation"][10] = np.nan
    assert water_balance(climate, (9, 1), *TOMATO, latitude=-18) is None


@given(st.floats(0, 500), st.floats(0, 500))
def test_more_rain_never_lowers_the_ratio(one: float, more: float) -> None:
    less, rather = (water_balance(_climate(rain), (12, 4), *TOMATO, latitude=-18) for rain in (one, one + more))
    assert less is not None
    assert rather is not None
    assert 0 <= less.ratio <= rather.ratio + 1e-12 <= 1 + 1e-9


def test_every_coefficient_is_of_a_crop_of_the_library_and_possible() -> None:
    table = coefficients()
    assert "FAO-56" in table["source"]
    assert set(table["crops"]) <= set(load_crops())
    for each in table["crops"].values():
        assert len(each["kc"]) == 3
        assert all(0.1 < value <= 1.3 for value in each["kc"])
        assert len(each["days"]) == 4
        assert all(day > 0 for day in each["days"])
