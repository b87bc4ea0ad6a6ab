"""What grows where: the land-use types of the method's list, at the seats, under both real climates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from gis.crs import require_metres
from gis.grid import Grid
from gis.rasters.warp import warp
from layers.territory import Municipality, builtin_territory
from zoning.land.climate_indices import MONTH_DAYS
from zoning.rating.point_rating import PointLandUse, PointRating, rate_point
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.crop_library import load_crops
from zoning.rules.limits import N
from zoning.rules.ruleset_file import load_ruleset

pytestmark = pytest.mark.real_data

DAYS = np.array(MONTH_DAYS)
LAPSE = -5.5e-3
FLAGGED = {"slope", "height_above_stream"}
NOT_UNSUITABLE = [
    *[(place, crop) for place in ("Pampa Grande", "Mairana", "Comarapa", "Saipina") for crop in ("tomate", "pimenton")],
    ("Comarapa", "frutilla"),
    ("Quirusillas", "papa"),
    ("Saipina", "cana"),
    ("Vallegrande", "durazno"),
    ("Vallegrande", "ciruelo_jp"),
    ("Samaipata", "vid"),
]
TOO_WET = {("chelsa", "Samaipata", "vid"): "rain"}
"""CHELSA is 45 % wetter than WorldClim: 1,226 mm at Samaipata pass the 1,130 mm at which EcoCrop ends for vine."""

TEMPERATURE = ("temperature", "frost")


@pytest.fixture(scope="module")
def rules() -> CompiledRules:
    ruleset = load_ruleset()
    return compile_rules(ruleset, load_crops(), available={*ruleset.required, "ph", "organic_carbon"}, flagged=FLAGGED)


def sample(path: Path, place: Municipality, unit: str) -> np.ndarray:
    crs = require_metres("EPSG:32720", what="test")
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(place.seat.lon, place.seat.lat)
    grid = Grid.covering((x - 1, y - 1, x + 1, y + 1), crs=crs, cell=1000.0)
    values = warp(path, grid, unit=unit, method="nearest").values
    return values.reshape(-1, *grid.shape)[:, 0, 0].astype(np.float64)


def climate(data: Path, place: Municipality, source: str) -> tuple[np.ndarray, ...]:
    names = (("tavg", "degC"), ("tmin", "degC"), ("tmax", "degC"), ("prcp", "mm"))
    mean, low, high, rain = (sample(data / "geo" / f"chelsa21_{name}_monthly.tif", place, u) for name, u in names)
    if source == "worldclim":
        elevation, annual, total = sample(data / "geo" / "worldclim21_5m.tif", place, "")
        shift = annual + LAPSE * (place.seat.altitude_m - elevation) - np.average(mean, weights=DAYS)
        return mean + shift, low + shift, high + shift, rain * total / rain.sum()
    return mean, low, high, rain


def point(data: Path, name: str, source: str, rules: CompiledRules) -> PointRating:
    place = next(each for each in builtin_territory("valles_crucenos").municipalities if each.name == name)
    mean, low, high, rain = climate(data, place, source)
    soil = sample(data / "geo" / "suelos_soilgrids2_5m.tif", place, "")
    warm = [10, 11, 12, 1, 2, 3]
    degrees = [max(0.0, (mean[m - 1] + high[m - 1]) / 2 - 10) * DAYS[m - 1] for m in warm]
    annual = {
        "temp_annual": np.average(mean, weights=DAYS),
        "rain_annual": rain.sum(),
        "chill_hours": max(0.0, 1819 - 97.2 * mean[6]),
        "huglin": sum(degrees),
        "ph": soil[3],
        "organic_carbon": soil[4],
    }
    values = {}
    for each in rules.characteristics:
        months = [month - 1 for month in each.month_numbers]
        seasonal = {
            "temp_mean": lambda m: np.average(mean[m], weights=DAYS[m]),
            "extreme_min": lambda m: low[m].min() - 8.0,
            "rain_season": lambda m: rain[m].sum(),
        }
        values[each.key] = float(seasonal[each.name](months) if months else annual[each.name])
    return rate_point(rules, values, rules.gate_names)


def best(rated: PointRating, crop: str, water: str) -> PointLandUse:
    variants = [
        each for each in rated.land_use_types if (each.land_use_type.crop, each.land_use_type.water) == (crop, water)
    ]
    return max(variants, key=lambda each: (each.cls, each.score))


@pytest.mark.parametrize("source", ["worldclim", "chelsa"])
def test_crops_that_are_grown_under_irrigation_are_suitable_but_for_one_named_exception(
    shared_data: Path, rules: CompiledRules, source: str
) -> None:
    rated = {name: point(shared_data, name, source, rules) for name in {name for name, _ in NOT_UNSUITABLE}}
    for name, crop in NOT_UNSUITABLE:
        variant = best(rated[name], crop, "irrigated")
        excused = TOO_WET.get((source, name, crop))
        assert variant.cls > N or variant.limiting == excused, (source, name, crop, variant.limiting)


@pytest.mark.parametrize("source", ["worldclim", "chelsa"])
def test_cold_municipalities_hold_back_cane_and_peanut_by_temperature(
    shared_data: Path, rules: CompiledRules, source: str
) -> None:
    for name in ("Moro Moro", "Pucará"):
        cane = best(point(shared_data, name, source, rules), "cana", "irrigated")
        assert cane.cls == N
        assert cane.limiting in TEMPERATURE
    peanut = best(point(shared_data, "Moro Moro", source, rules), "mani", "rainfed")
    assert peanut.cls == N or peanut.limiting in TEMPERATURE


def test_cane_is_gated_to_its_municipality(shared_data: Path, rules: CompiledRules) -> None:
    open_gates = [name for name in rules.gate_names if name != "cane_municipality"]
    rated = point(shared_data, "Saipina", "worldclim", rules)
    assert rated.zone == "CAN"
    shut = {zone.zone: zone for zone in rated.zones}["CAN"]
    assert shut.claims
    values = {f.factor.characteristic.key: f.value for each in rated.land_use_types for f in each.factors}
    assert rate_point(rules, values, open_gates).zone == "HOR"
