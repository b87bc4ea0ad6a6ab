"""Downscaled climate keeps what its source says where the source says it, and the bounds that physics sets."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.grid import Grid
from gis.rasters.coarse_field import CoarseField
from layers.preparation.climate import (
    GENTLEST,
    STEEPEST,
    fit_lapse,
    monthly_anomalies,
    monthly_shares,
    reduce_to_sea_level,
)
from layers.preparation.prepare_rasters import CELLS

WGS84 = pyproj.CRS.from_epsg(4326)
SIDE = 0.05


def field(values: np.ndarray, unit: str = "degC") -> CoarseField:
    return CoarseField(values=values, unit=unit, crs=WGS84, transform=Affine(SIDE, 0, -65.0, 0, -SIDE, -18.0))


def relief(rows: int = 12, cols: int = 12) -> np.ndarray:
    across, down = np.meshgrid(np.arange(cols), np.arange(rows))
    return 1500.0 + 900.0 * np.sin(across / 2.0) * np.cos(down / 3.0)


@given(
    rate=st.floats(-12.0, 2.0),
    west_east=st.floats(-3.0, 3.0),
    south_north=st.floats(-3.0, 3.0),
)
def test_a_true_rate_is_found_whatever_the_trend_and_never_leaves_its_bounds(
    rate: float, west_east: float, south_north: float
) -> None:
    z = relief()
    lon, lat = field(z[np.newaxis]).places
    temperature = 20.0 + rate * z / 1000.0 + west_east * lon + south_north * lat
    lapse = fit_lapse(temperature, z, lon=lon, lat=lat)
    assert lapse.fitted == pytest.approx(rate, abs=1e-6)
    assert lapse.used == pytest.approx(min(max(rate, STEEPEST), GENTLEST), abs=1e-6)


def test_flat_land_has_no_rate_to_fit() -> None:
    z = np.full((12, 12), 400.0)
    lon, lat = field(z[np.newaxis]).places
    lapse = fit_lapse(np.full((12, 12), 18.0), z, lon=lon, lat=lat)
    assert lapse.fitted is None
    assert STEEPEST <= lapse.used <= GENTLEST


def test_an_even_slope_cannot_be_told_from_a_trend_of_place() -> None:
    lon, lat = field(relief()[np.newaxis]).places
    lapse = fit_lapse(20.0 + 3.0 * lon, 1000.0 + 2000.0 * (lon + 65.0), lon=lon, lat=lat)
    assert lapse.fitted is None


def test_missing_cells_do_not_bend_the_rate() -> None:
    z = relief()
    lon, lat = field(z[np.newaxis]).places
    temperature = 25.0 - 0.005 * z
    temperature[::3] = np.nan
    assert fit_lapse(temperature, z, lon=lon, lat=lat).used == pytest.approx(-5.0)


def _grid() -> Grid:
    place = pyproj.Transformer.from_crs(4326, 32720, always_xy=True)
    left, bottom, right, top = place.transform_bounds(-64.85, -18.45, -64.55, -18.15)
    return Grid.covering((left, bottom, right, top), crs="EPSG:32720", cell=1000)


def test_downscaling_follows_t_ref_plus_l_times_the_rise() -> None:
    z = relief()
    coarse = field((25.0 - 0.006 * z)[np.newaxis])
    level = reduce_to_sea_level(coarse, z)
    grid = _grid()
    fine = np.linspace(300, 3000, grid.size, dtype=np.float32).reshape(grid.shape)
    found = level.field.sampler(grid).rows(0, grid.rows, slopes=level.slopes, covariate=fine)[0]
    np.testing.assert_allclose(found, 25.0 - 0.006 * fine, atol=1e-3)


def test_where_elevation_equals_the_reference_the_source_is_unchanged() -> None:
    z = np.full((12, 12), 1200.0)
    values = np.random.default_rng(1).normal(18, 1, (12, 12))
    coarse = field(values[np.newaxis])
    level = reduce_to_sea_level(coarse, z)
    grid = _grid()
    flat = np.full(grid.shape, 1200.0, dtype=np.float32)
    raised = level.field.sampler(grid).rows(0, grid.rows, slopes=level.slopes, covariate=flat)
    np.testing.assert_allclose(raised, coarse.sampler(grid).rows(0, grid.rows), atol=1e-4)


@settings(max_examples=30)
@given(st.lists(st.floats(0, 400), min_size=12, max_size=12))
def test_a_years_rain_is_neither_made_nor_lost_by_its_months(months: list[float]) -> None:
    rain = np.array(months)[:, np.newaxis, np.newaxis] * np.ones((12, 3, 3))
    shares = monthly_shares(field(rain, "mm/month")).values
    np.testing.assert_allclose(shares.sum(axis=0), 1.0)
    assert (shares >= 0).all()


def test_the_anomalies_of_a_year_add_to_nothing() -> None:
    mean = field(np.random.default_rng(2).normal(15, 4, (12, 4, 4)))
    np.testing.assert_allclose(monthly_anomalies(mean, mean).values.mean(axis=0), 0.0, atol=1e-12)


def test_beyond_the_source_nothing_is_invented() -> None:
    values = np.ones((1, 4, 4))
    values[0, 0, 0] = np.nan
    grid = _grid()
    found = field(values).sampler(grid).rows(0, grid.rows)[0]
    place = pyproj.Transformer.from_crs(32720, 4326, always_xy=True)
    lon, lat = place.transform(*np.meshgrid(grid.xs, grid.ys))
    outside = (lon > -65.0 + 4 * SIDE) | (lat < -18.0 - 4 * SIDE)
    assert np.isnan(found[outside]).all()
    assert np.isfinite(found[~outside]).mean() > 0.9


def test_the_mean_of_fine_cells_stands_in_each_coarse_one(mirror_template: object) -> None:
    coarse = CoarseField.read(mirror_template / "worldclim.tif", unit="m")  # type: ignore[operator]
    mean = coarse.average_of(mirror_template / "dem.tif")  # type: ignore[operator]
    inner = np.isfinite(mean)
    assert inner.mean() > 0.8
    np.testing.assert_allclose(mean[inner], coarse.values[0][inner], atol=35.0)


@settings(max_examples=200)
@given(theme=st.sampled_from(["temperature_mean", "temperature_min", "temperature_max"]), data=st.data())
def test_no_mean_of_whole_months_lies_on_a_round_temperature(theme: str, data: st.DataObject) -> None:
    cells = CELLS[theme]
    stored = data.draw(st.lists(st.integers(-1500, 3500), min_size=1, max_size=12))
    mean = float(read(stored, cells.scale, cells.offset).sum(dtype=np.float32) / np.float32(len(stored)))
    assert abs(mean / cells.scale - round(mean / cells.scale)) * cells.scale > 1e-6 * abs(mean) + 1e-4


@settings(max_examples=200)
@given(st.lists(st.integers(0, 6000), min_size=1, max_size=12))
def test_no_sum_of_whole_months_lies_on_a_round_rain(stored: list[int]) -> None:
    cells = CELLS["precipitation"]
    total = float(read(stored, cells.scale, cells.offset).sum(dtype=np.float32))
    if total < 3000.0:
        assert abs(total / cells.scale - round(total / cells.scale)) * cells.scale > 1e-6 * total


def read(stored: list[int], scale: float, offset: float) -> np.ndarray:
    """Return values as a reader of the file has them."""
    return np.array(stored, np.float32) * np.float32(scale) + np.float32(offset)
