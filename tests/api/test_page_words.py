"""Figures, days and small histories read as a person of the page's language writes them."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.map_words import map_words
from api.pages.page_numbers import day, money, written
from api.pages.sparkline import HEIGHT, WIDTH, sparkline
from gis.messages import use_language

TODAY = date(2026, 11, 22)
DAYS = [TODAY - timedelta(days=7 * back) for back in range(40, -1, -1)]


def test_a_number_is_written_as_the_language_does() -> None:
    assert written(1383328.4, 1) == "1.383.328,4"
    with use_language("en"):
        assert written(1383328.4, 1) == "1,383,328.4"


def test_a_price_shows_cents_only_where_it_has_them() -> None:
    assert [money(5), money(5.5), money(1234.56), money(7, "USD")] == ["Bs 5", "Bs 5,50", "Bs 1.234,56", "USD 7"]


def test_a_day_of_another_year_says_its_year() -> None:
    assert day(date(2022, 6, 15), TODAY) == "15 jun 2022"
    assert day(date(2026, 6, 6), TODAY) == "6 jun"


def test_a_missing_price_is_a_gap_and_never_a_zero() -> None:
    drawn = sparkline([(DAYS[0], 10.0), (DAYS[1], 12.0), (DAYS[2], None), (DAYS[3], 11.0)], today=TODAY)
    assert drawn is not None
    assert drawn.path.count("M") == 2
    assert "entre Bs 10 y Bs 12" in drawn.text


@pytest.mark.parametrize("prices", [[], [3.0], [3.0, 4.0], [3.0, None, float("nan"), 4.0]])
def test_two_prices_are_no_history(prices: list[float | None]) -> None:
    assert sparkline(list(zip(DAYS, prices, strict=False)), today=TODAY) is None


@given(st.lists(st.floats(0.01, 1e6), min_size=3, max_size=40))
def test_a_history_stays_in_its_box_and_ends_at_the_last_price(prices: list[float]) -> None:
    drawn = sparkline(list(zip(DAYS, prices, strict=False)), today=TODAY)
    assert drawn is not None
    numbers = [int(text) for text in re.findall(r"\d+", drawn.path)]
    assert all(0 <= x <= WIDTH for x in numbers[::2])
    assert all(0 <= y <= HEIGHT for y in numbers[1::2])
    assert drawn.end == (numbers[-2], numbers[-1])


def test_a_dearer_day_stands_higher() -> None:
    drawn = sparkline([(DAYS[0], 10.0), (DAYS[1], 30.0), (DAYS[2], 20.0)], today=TODAY)
    assert drawn is not None
    first, second, third = (int(text) for text in re.findall(r"\d+", drawn.path)[1::2])
    assert second < third < first


def test_every_place_of_the_scripts_messages_is_named() -> None:
    places = {key: re.findall(r"\{(\w*)\}", text) for key, text in map_words().items()}
    assert {key: names for key, names in places.items() if names} == {
        "whole_territory": ["n"],
        "scale": ["scale"],
        "cell": ["cell"],
        "honest_scale": ["scale"],
        "paper_scale": ["scale"],
        "show_only": ["zone"],
        "table_caption": ["name"],
        "point": ["lat", "lon"],
        "cell_differs": ["zone"],
        "chain_of": ["chain", "members"],
        "chain_incomplete": ["what"],
        "compared": ["to", "area", "percent"],
        "draws": ["n"],
        "stability_of_draws": ["share"],
        "price_newest": ["day"],
        "trial_needs": ["layers", "what", "seconds"],
        "trial_use": ["value"],
        "trial_bad_file": ["file"],
        "trial_caption": ["name"],
        "trial_moved": ["area", "name"],
        "trial_nothing_moves": ["name"],
        "trial_remove": ["what"],
        "trial_unknown": ["reason"],
        "trial_tip": ["zone"],
        "trial_sheet": ["changes"],
        "trial_ungate": ["zones"],
        "trial_today": ["value"],
        "trial_bad_number": ["text"],
        "trial_up": ["zone"],
        "trial_down": ["zone"],
        "trial_not_applied": ["what"],
    }
