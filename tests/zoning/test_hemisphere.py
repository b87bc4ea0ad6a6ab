"""North of the equator summer is in July: rules, windows and indices follow, and the wrong half is refused."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import jsonschema
import numpy as np
import pytest
from shapely import box

import zoning
from gis.errors import InputError
from layers.territory import Municipality, Territory
from layers.workspace import Workspace
from zoning.land.climate_columns import climate_columns
from zoning.land.land_inventory import CLIMATE_LAYERS
from zoning.rules.characteristic import Characteristic
from zoning.rules.ruleset_file import parse_ruleset, schema_text
from zoning.rules.starter import starter_remarks, starter_text
from zoning.seasons import NORTHERN, SOUTHERN, half_a_year_later
from zoning.zoning_errors import RulesError

KEYS = ("gdd", "huglin", "chill_hours", "temp_mean@{}", "extreme_min@{}", "rain_season@{}")


def _year(month_of_heat: int) -> dict[str, np.ndarray]:
    months = np.arange(1, 13)[:, np.newaxis]
    wave = np.cos(2 * np.pi * (months - month_of_heat) / 12).astype(np.float32)
    return {
        "temperature_mean": 16 + 7 * wave,
        "temperature_min": 9 + 7 * wave,
        "temperature_max": 23 + 7 * wave,
        "precipitation": 60 + 50 * wave,
    }


def test_a_place_and_its_mirror_image_across_the_equator_have_the_same_climate() -> None:
    south, north = _year(1), _year(7)
    themes = tuple(CLIMATE_LAYERS)
    for here, there in (("09-01", "03-07"), ("11-03", "05-09")):
        one = climate_columns(
            tuple(Characteristic.parse(key.format(here)) for key in KEYS),
            themes, south.__getitem__, frost_offset=8.0, calendar=SOUTHERN,
        )  # fmt: skip
        other = climate_columns(
            tuple(Characteristic.parse(key.format(there)) for key in KEYS),
            themes, north.__getitem__, frost_offset=8.0, calendar=NORTHERN,
        )  # fmt: skip
        for key in KEYS:
            mine, theirs = one[key.format(here)], other[key.format(there)]
            assert np.allclose(mine, theirs, rtol=0.02), key  # months of 30 and 31 days change places


def test_the_northern_starter_is_the_southern_one_half_a_year_later() -> None:
    south, north = parse_ruleset(starter_text("lugar")), parse_ruleset(starter_text("lugar", northern=True))
    assert (south.calendar, north.calendar) == (SOUTHERN, NORTHERN)
    assert set(north.windows) == set(south.windows)
    for crop, windows in south.windows.items():
        later = [tuple(map(half_a_year_later, each.months)) for each in windows]
        assert [each.months for each in north.windows[crop]] == later
        assert all("supuesto" in each.source for each in north.windows[crop])
    assert "julio" not in starter_text("lugar", northern=True).split("format = 1")[0]
    jsonschema.validate(tomllib.loads(starter_text("lugar", northern=True)), json.loads(schema_text()))


def test_the_starter_says_what_of_it_does_not_fit_elsewhere() -> None:
    told = " ".join(starter_remarks(["010101"], northern=False))
    assert "071302" in told
    assert "CAN" in told
    assert "071302" not in " ".join(starter_remarks(["071302"], northern=False))
    assert "seis meses" in " ".join(starter_remarks(["1"], northern=True))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("coldest_month = 13", "no es un mes"),
        ('warm_months = "abril"', "Ventana de meses"),
        ('vineyard_months = "04"', "Ventana de meses"),
    ],
)
def test_a_calendar_of_no_months_is_refused(line: str, said: str) -> None:
    key = line.partition(" ")[0]
    text = "\n".join(line if each.startswith(key) else each for each in starter_text("x", northern=True).splitlines())
    with pytest.raises(RulesError, match=said):
        parse_ruleset(text)


def _workspace(folder: Path, territory: Territory, *, north: bool) -> Workspace:
    half, place = ("326", 880_000) if north else ("327", 7_950_000)
    there = replace(
        territory,
        id="lugar",
        crs=f"EPSG:{half}20",
        municipalities=(Municipality(code="000001", name="Arriba", province="Otra"),),
    )
    workspace = Workspace.init(folder, there, files={"ruleset.toml": starter_text("lugar", northern=not north)})
    frame = gpd.GeoDataFrame(
        {"code": ["000001"], "name": ["Arriba"]}, geometry=[box(400_000, place, 406_000, place + 5_000)], crs=there.crs
    )
    frame.to_file(workspace.layers_dir / "municipalities.gpkg", layer="municipalities", driver="GPKG")
    return workspace


@pytest.mark.parametrize(("north", "said"), [(True, "al norte del ecuador"), (False, "al sur del ecuador")])
def test_rules_of_the_other_hemisphere_are_refused(
    small_territory: Territory, tmp_path: Path, *, north: bool, said: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        zoning.run(_workspace(tmp_path / "w", small_territory, north=north))
    assert "calendar" in caught.value.remedy
