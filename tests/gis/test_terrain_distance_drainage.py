"""Slope, aspect, distance and drainage against closed forms and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from gis.errors import GridError, InputError, UnitError
from gis.grid import Grid
from gis.rasters.raster import Raster
from gis.relief.distance import distance_to
from gis.relief.drainage import Drainage, height_above_drainage
from gis.relief.hillshade import hillshade
from gis.relief.terrain import aspect_degrees, share_below, slope_percent


def _grid(rows: int, cols: int, cell: float = 30.0) -> Grid:
    return Grid.covering((0, 0, cols * cell, rows * cell), crs="EPSG:32720", cell=cell)


def _plane(grid: Grid, east: float, north: float) -> NDArray[np.float64]:
    x, y = np.meshgrid(grid.xs, grid.ys)
    return 1000.0 + east * x + north * y


@settings(max_examples=40, deadline=None)
@given(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5), st.sampled_from([10.0, 30.0, 90.0]), st.integers(0, 2**32 - 1))
def test_a_plane_has_its_slope_everywhere_at_edges_and_beside_holes(
    east: float, north: float, cell: float, seed: int
) -> None:
    grid = _grid(9, 7, cell)
    heights = _plane(grid, east, north)
    heights[np.random.default_rng(seed).random(grid.shape) < 0.3] = np.nan
    slope = slope_percent(Raster.of(heights, unit="m", grid=grid))
    assert (slope.unit, slope.values.dtype) == ("%", np.float32)
    assert not (slope.valid & np.isnan(heights)).any(), "a missing elevation never becomes flat"
    np.testing.assert_allclose(slope.values[slope.valid], 100 * math.hypot(east, north), rtol=2e-3, atol=2e-2)


def test_horn_weighs_the_middle_row_twice() -> None:
    heights = np.zeros((3, 3))
    heights[1, 2] = 60.0
    slope = slope_percent(Raster.of(heights, unit="m", grid=_grid(3, 3)))
    assert slope.values[1, 1] == pytest.approx(100 * 2 * 60 / (8 * 30))


@pytest.mark.parametrize(
    ("east", "north", "faces"),
    [(0, -0.1, 0), (-0.1, -0.1, 45), (-0.1, 0, 90), (0, 0.1, 180), (0.1, 0, 270), (0.1, -0.1, 315)],
)
def test_ground_that_falls_to_the_north_faces_north(east: float, north: float, faces: float) -> None:
    grid = _grid(5, 5)
    aspect = aspect_degrees(Raster.of(_plane(grid, east, north), unit="m", grid=grid))
    assert aspect.valid.all()
    np.testing.assert_allclose(aspect.values, faces, atol=0.05)


def test_level_ground_has_no_aspect_and_no_slope() -> None:
    flat = Raster.of(np.full((4, 4), 5.0), unit="m", grid=_grid(4, 4))
    assert not aspect_degrees(flat).valid.any()
    assert (slope_percent(flat).values == 0).all()


@pytest.mark.parametrize("unit", ["ft", "degC", ""])
def test_slope_refuses_heights_that_are_not_metres(unit: str) -> None:
    with pytest.raises(UnitError, match="metros"):
        slope_percent(Raster.of(np.zeros((3, 3)), unit=unit, grid=_grid(3, 3)))
    with pytest.raises(UnitError):
        slope_percent(Raster.of(np.zeros((2, 3, 3)), unit="m", grid=_grid(3, 3)))


def test_the_share_of_gentle_ground_counts_what_is_known() -> None:
    slope = Raster.of([[5.0, 7.0, 5.0], [np.nan, 5.0, 9.0]], unit="%", grid=_grid(2, 3))
    share = share_below(slope, 6.0, factor=2)
    np.testing.assert_allclose(share.values, [[2 / 3, 1 / 2]])
    with pytest.raises(UnitError):
        share_below(Raster.of([[1.0]], unit="m", grid=_grid(1, 1)), 6.0, factor=1)


def test_light_from_the_north_west_brightens_the_north_west_face() -> None:
    grid = _grid(5, 5)
    bright, dark = (hillshade(Raster.of(_plane(grid, s, -s), unit="m", grid=grid)).values[2, 2] for s in (0.5, -0.5))
    level = hillshade(Raster.of(np.zeros((5, 5)), unit="m", grid=grid)).values[2, 2]
    assert bright > level > dark > 0
    assert level == round(1 + 254 * math.sin(math.radians(45)))


masks = arrays(
    np.bool_, st.tuples(st.integers(1, 14), st.integers(1, 14)), elements=st.sampled_from([False] * 5 + [True])
)


@settings(max_examples=120, deadline=None)
@given(masks)
def test_distance_is_that_of_brute_force(mask: NDArray[np.bool_]) -> None:
    grid = _grid(*mask.shape, cell=25.0)
    found = distance_to(mask, grid)
    if not mask.any():
        assert np.isinf(found).all()
        return
    rows, cols = np.indices(mask.shape)
    marked = np.argwhere(mask)
    brute = np.min([np.hypot(rows - r, cols - c) for r, c in marked], axis=0) * 25.0
    np.testing.assert_allclose(found, brute, rtol=1e-6)


def test_a_distance_buffer_is_a_disc_not_a_diamond() -> None:
    mask = np.zeros((41, 41), np.bool_)
    mask[20, 20] = True
    assert int((distance_to(mask, _grid(41, 41, 1.0)) <= 10.0).sum()) == 317


def test_distance_refuses_a_mask_of_another_shape() -> None:
    with pytest.raises(GridError):
        distance_to(np.zeros((2, 3), np.bool_), _grid(3, 2))


def _valley() -> tuple[Raster, NDArray[np.bool_]]:
    """A straight valley that falls to the south, sides rising 3 m a cell, stream in the middle column."""
    grid = _grid(12, 9)
    rows, cols = np.indices(grid.shape)
    streams = cols == 4
    return Raster.of(500.0 - 1.0 * rows + 3.0 * np.abs(cols - 4), unit="m", grid=grid), streams


def test_height_above_a_straight_valley_is_the_height_of_its_side() -> None:
    elevation, streams = _valley()
    height = height_above_drainage(elevation, streams)
    across = np.abs(np.arange(9) - 4)
    np.testing.assert_allclose(height.values, np.broadcast_to(3.0 * across, (12, 9)), atol=1e-3)


def test_water_that_leaves_without_a_stream_has_no_height() -> None:
    elevation, streams = _valley()
    only_south = streams & (np.indices(streams.shape)[0] > 9)
    height = height_above_drainage(elevation, only_south)
    assert height.valid[2, 4]
    assert not height_above_drainage(elevation, np.zeros_like(streams)).valid.any()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_drop_reaches_the_edge_and_none_is_lost(seed: int) -> None:
    random = np.random.default_rng(seed)
    grid = _grid(15, 11)
    heights = np.round(random.normal(1000, 40, grid.shape), 0)
    heights[random.random(grid.shape) < 0.08] = np.nan
    drainage = Drainage(Raster.of(heights, unit="m", grid=grid))
    down = drainage._down.reshape(grid.shape)
    own = np.arange(grid.size).reshape(grid.shape)
    area = drainage.upstream_km2().filled()
    outlets = (down == own) & ~np.isnan(heights)
    cells = np.isfinite(heights).sum()
    assert area[outlets].sum() * 1e6 / 900 == pytest.approx(cells)
    filled = drainage.filled.reshape(grid.shape)
    assert (filled[np.isfinite(heights)] >= heights[np.isfinite(heights)]).all()
    known = np.flatnonzero(np.isfinite(heights).ravel())
    assert (filled.ravel()[known] >= filled.ravel()[down.ravel()[known]]).all(), "water never climbs"


def test_streams_join_and_grow_downstream() -> None:
    x, y = np.meshgrid(_grid(60, 60).xs, _grid(60, 60).ys)
    heights = 1000 + 0.2 * np.abs(np.abs(x - 900) - 300 * (y > 900)) + 0.1 * y
    streams = Drainage(Raster.of(heights, unit="m", grid=_grid(60, 60))).streams(0.15)
    assert set(streams["order"]) >= {1, 2}
    assert (streams.length > 0).all()
    assert streams.loc[streams["order"] == 2, "area_km2"].max() > streams.loc[streams["order"] == 1, "area_km2"].max()
    none = Drainage(Raster.of(heights, unit="m", grid=_grid(60, 60))).streams(1e6)
    assert len(none) == 0


def test_drainage_refuses_what_it_cannot_use() -> None:
    with pytest.raises(UnitError):
        Drainage(Raster.of(np.zeros((3, 3)), unit="ft", grid=_grid(3, 3)))
    with pytest.raises(InputError, match="ninguna celda"):
        Drainage(Raster.of(np.full((3, 3), np.nan), unit="m", grid=_grid(3, 3)))
    with pytest.raises(GridError):
        height_above_drainage(_valley()[0], np.zeros((2, 2), np.bool_))
