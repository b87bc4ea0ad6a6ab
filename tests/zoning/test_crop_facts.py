"""Every number of the crop library is the published one: each file is compared with the table of facts, row by row."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from zoning.rules.crop_library import Crop, Requirement, load_crops
from zoning.rules.limits import Side

pytestmark = pytest.mark.real_data

SLOPES = {
    "irrigated, basin/furrow": "slope_irrigated_field",
    "high management, full mechanisation": "slope_mechanised",
    "low management, animal traction or hand": "slope_hand",
}
FACTORS = {
    "temp_growing_cycle": ("temperature", "temp_mean"),
    "temp_annual": ("temperature", "temp_annual"),
    "rain_annual": ("rain", "rain_annual"),
    "rain_growing_cycle": ("rain", "rain_season"),
    "tmin_growing_cycle": ("temperature_min", "temp_min"),
    "tmax_growing_cycle": ("temperature_max", "temp_max"),
    "tmin_absolute": ("temperature_absolute_min", "extreme_min"),
}
"""Name of a factor in the facts to its name in a crop file and what it is compared with; the others keep theirs."""

UNITS = {"ph": "pH", "drainage": "clase", "flooding": "clase", "sum_basic_cations": "cmol(+)/kg"}
OTHERWISE = ("killing_temp", "growing_days", "chill_hours", "texture", "altitude")
"""Rows that are no limits of a factor: two have a table of their own, chill is stated by cultivar, two are words."""

LOW, HIGH = ("s3_lo", "s2_lo", "s1_lo"), ("s3_hi", "s2_hi", "s1_hi")
TRAPEZOID = ("abs_min", "opt_min", "opt_max", "abs_max")

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[Row]:
    file = next(path for path in (shared_data / "facts", shared_data.parent / "facts") if path.is_dir())
    with (file / "crop_requirements.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def crops() -> dict[str, Crop]:
    return load_crops()


def numbers(row: Row, names: tuple[str, ...]) -> list[float | None]:
    return [float(row[name]) if row[name] else None for name in names]


def source_of(row: Row) -> str:
    return "ecocrop" if "EcoCrop" in row["source"] else "luset"


def candidates(crop: Crop, row: Row) -> Iterator[Requirement]:
    """Return what a crop file holds of the factor and the source of a row."""
    name, characteristic = FACTORS.get(row["factor"], (row["factor"], row["factor"]))
    factor = crop.factors.get(SLOPES.get(row["statistic"], name))
    for key, found in factor.candidates.items() if factor else ():
        if key.startswith(source_of(row)) and found.characteristic == characteristic:
            yield found


def published(row: Row) -> tuple[list[float | None] | None, list[float | None] | None]:
    """Return S3, S2, S1 of the lower and the upper side as the row prints them; a trapezoid gives its corners."""
    if row["scheme"] == "trapezoid4":
        corners = numbers(row, TRAPEZOID)
        return corners[:2], corners[:1:-1]
    low, high = numbers(row, LOW), numbers(row, HIGH)
    if row["direction"] == "lower_better":
        return None, low
    return (low if any(each is not None for each in low) else None), (
        high if any(each is not None for each in high) else None
    )


def kept(side: Side | None, row: Row) -> list[float | None] | None:
    if side is None:
        return None
    if row["scheme"] == "trapezoid4":
        return [side.zero, side.full]
    return [None if math.isinf(side.s3) else side.s3, side.s2, side.s1]


def agrees(found: Requirement, row: Row) -> bool:
    return all(
        ours is wanted if ours is None or wanted is None else ours == pytest.approx(wanted)
        for ours, wanted in zip(
            (kept(found.limits.low, row), kept(found.limits.high, row)), published(row), strict=True
        )
    )


def limit_rows(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["scheme"] in {"classes3", "trapezoid4"} and row["factor"] not in OTHERWISE]


def test_every_published_limit_stands_in_its_crop_file_or_is_declared(rows: list[Row], crops: dict[str, Crop]) -> None:
    exact, declared, left_out = 0, [], []
    for row in limit_rows(rows):
        found = list(candidates(crops[row["crop_id"]], row))
        if any(agrees(each, row) for each in found):
            exact += 1
        elif any(each.note.startswith(("Corregido", "La fuente")) for each in found):
            declared.append((row["crop_id"], row["factor"]))
        else:
            left_out.append((row["crop_id"], row["factor"]))
    assert exact > 400
    assert declared == [
        ("vainita", "slope"),
        ("citricos", "temp_annual"),
        ("citricos", "rain_annual"),
        ("palta", "rain_annual"),
    ]
    assert left_out == [("mani", "humidity")]


def test_no_number_of_a_published_source_is_of_our_own_making(rows: list[Row], crops: dict[str, Crop]) -> None:
    seen = {id(each) for row in limit_rows(rows) for each in candidates(crops[row["crop_id"]], row)}
    for crop in crops.values():
        for name, factor in crop.factors.items():
            for key, each in factor.candidates.items():
                if key.startswith(("luset", "ecocrop")):
                    assert id(each) in seen, (crop.id, name, key)


def test_units_are_those_of_the_facts(rows: list[Row], crops: dict[str, Crop]) -> None:
    for row in limit_rows(rows):
        for each in candidates(crops[row["crop_id"]], row):
            assert each.unit == UNITS.get(row["factor"], row["unit"]), row


def test_citations_name_the_record_of_the_facts(rows: list[Row], crops: dict[str, Crop]) -> None:
    for row in limit_rows(rows):
        if source_of(row) == "luset":
            table, factor = row["source"].split("data/")[1].split(".rda factor ")
            cited = [each.source for each in candidates(crops[row["crop_id"]], row)]
            assert not cited or any(f"tabla {table}" in each and f"factor {factor}" in each for each in cited), row
        else:
            code = row["source"].split("CODE=")[1].rstrip(")")
            assert any(f"ficha {code}," in each.source for each in candidates(crops[row["crop_id"]], row)), row


def test_frost_and_cycle_are_those_of_the_facts(rows: list[Row], crops: dict[str, Crop]) -> None:
    for row in rows:
        crop = crops[row["crop_id"]]
        values = [each for each in numbers(row, TRAPEZOID) if each is not None]
        if row["factor"] == "growing_days":
            assert crop.cycle_days == (values[0], values[-1]), row
        elif row["factor"] == "killing_temp" and values:
            assert crop.killing_temperature == values[0], row


def test_chill_stays_inside_the_range_that_the_tables_give_the_crop(rows: list[Row], crops: dict[str, Crop]) -> None:
    ranges: dict[str, list[float]] = {}
    for row in rows:
        if row["factor"] == "chill_hours":
            ranges.setdefault(row["crop_id"], []).extend(float(row[name]) for name in ("abs_min", "abs_max"))
    rated = {crop.id: crop.factors["chill"] for crop in crops.values() if "chill" in crop.factors}
    assert set(rated) <= set(ranges)
    for name, factor in rated.items():
        for each in factor.candidates.values():
            assert each.limits.low is not None
            assert min(ranges[name]) <= each.limits.low.s3 <= each.limits.low.s1 <= max(ranges[name]), name
            assert each.source


def test_every_crop_of_the_facts_is_in_the_library(rows: list[Row], crops: dict[str, Crop]) -> None:
    assert {row["crop_id"] for row in rows} == set(crops)
    for row in rows:
        assert crops[row["crop_id"]].name == row["crop_es"]
