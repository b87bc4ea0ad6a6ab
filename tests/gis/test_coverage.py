"""From a code raster to polygons that partition their units."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gis.coverage.coverage_check import verify_coverage
from gis.coverage.partition import ZoneCoverage, zone_coverage
from gis.coverage.patch_kernels import label_patches
from gis.coverage.patches import merge_small_patches
from gis.coverage.repair import repair_coverage
from gis.errors import CoverageError, CrsError, InputError
from gis.grid import Grid
from gis.rasters.warp import warp
from gis.vectors.vector import read_vector

CELL = 30.0
LEFT, TOP = 420_000.0, 7_980_000.0


def _grid(rows: int, cols: int, cell: float = CELL) -> Grid:
    return Grid("EPSG:32720", cell, left=LEFT, top=TOP, rows=rows, cols=cols)


def _units(*shapes: shapely.Geometry) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(
        {"unit": [f"u{at}" for at in range(len(shapes))]}, geometry=list(shapes), crs="EPSG:32720"
    )


def _inset(grid: Grid) -> shapely.Polygon:
    """Return an oblique outline well inside a grid, on centimetres."""
    left, bottom, right, top = grid.bounds
    across, down = right - left, top - bottom
    shares = ((0.11, 0.17), (0.87, 0.09), (0.93, 0.71), (0.55, 0.93), (0.07, 0.81))
    return shapely.Polygon([(round(left + x * across, 2), round(bottom + y * down, 2)) for x, y in shares])


def _halves(shape: shapely.Polygon) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Cut an outline by a crooked line."""
    left, bottom, right, top = shape.bounds
    middle = (left + right) / 2
    blade = shapely.LineString([(middle - 41.37, bottom - 9), (middle + 27.11, (bottom + top) / 2), (middle, top + 9)])
    pieces = [piece for piece in shapely.get_parts(shapely.ops.split(shape, blade)) if piece.area > 1]
    repaired, _report = repair_coverage(_units(*pieces), snap_m=0.0)
    return tuple(repaired.geometry)


def _noisy(rows: int, cols: int, *, seed: int = 5, grain: int = 6) -> np.ndarray:
    """Return patches of several cells with single odd cells among them."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(1, 5, (rows // grain + 1, cols // grain + 1))
    codes = np.kron(coarse, np.ones((grain, grain), dtype=int))[:rows, :cols]
    odd = rng.random((rows, cols)) < 0.15
    codes[odd] = rng.integers(1, 5, int(odd.sum()))
    return codes.astype(np.uint8)


def _require_partition(result: ZoneCoverage, units: geopandas.GeoDataFrame) -> None:
    frame = result.frame
    assert set(frame.geom_type) == {"Polygon"}
    assert frame.is_valid.all()
    assert shapely.coverage_is_valid(frame.geometry.to_numpy())
    assert shapely.is_empty(shapely.coverage_invalid_edges(frame.geometry.to_numpy())).all()
    sums = frame.area.groupby(frame["unit"]).sum().reindex(units["unit"]).to_numpy()
    np.testing.assert_allclose(sums, units.area.to_numpy(), rtol=1e-6)
    for name, outline in zip(units["unit"], units.geometry, strict=True):
        parts = shapely.union_all(frame.geometry[frame["unit"] == name].to_numpy())
        assert shapely.symmetric_difference(parts, outline).area <= 1e-6 * outline.area


def _patch_count(codes: np.ndarray) -> int:
    return len(label_patches(np.ascontiguousarray(codes))[1])


codes_strategy = arrays(np.uint8, st.tuples(st.integers(2, 12), st.integers(2, 12)), elements=st.integers(1, 4))


@given(codes=codes_strategy, tolerance=st.sampled_from([0.0, 20.0, 60.0, 400.0]), cell=st.sampled_from([30.0, 33.37]))
@example(codes=np.array([[2, 2], [2, 1], [2, 2], [2, 2], [2, 2]], np.uint8), tolerance=0.0, cell=30.0)  # a sliver
@settings(max_examples=60, deadline=None)
def test_any_raster_partitions_crooked_units(codes: np.ndarray, tolerance: float, cell: float) -> None:
    grid = _grid(*codes.shape, cell)
    units = _units(*_halves(_inset(grid)))
    result = zone_coverage(codes, grid, units, min_area_m2=2.5 * cell**2, tolerance_m=tolerance, frozen=frozenset({1}))
    _require_partition(result, units)
    _require_no_small_part(result.frame, 2.5 * cell**2, frozenset({1}))


def _require_no_small_part(frame: geopandas.GeoDataFrame, min_area_m2: float, frozen: frozenset[int]) -> None:
    """Allow a part below the minimum only without a free neighbour in its unit."""
    free = frame[~frame["code"].isin(frozen)]
    for _unit, parts in free.groupby("unit"):
        shapes = parts.geometry.to_numpy()
        for at in np.flatnonzero(shapely.area(shapes) < min_area_m2):
            shared = shapely.length(shapely.intersection(np.delete(shapes, at), shapes[at]))
            assert not (shared > 1e-6).any()


@given(codes=codes_strategy, tolerance=st.sampled_from([0.0, 25.0, 100.0, 1000.0]))
@settings(max_examples=60, deadline=None)
def test_simplification_keeps_every_patch_and_who_touches_whom(codes: np.ndarray, tolerance: float) -> None:
    grid = _grid(*codes.shape)
    units = _units(shapely.box(*grid.bounds))
    rough = zone_coverage(codes, grid, units, min_area_m2=0, tolerance_m=0).frame
    smooth = zone_coverage(codes, grid, units, min_area_m2=0, tolerance_m=tolerance).frame
    assert len(rough) == len(smooth) == _patch_count(codes)
    assert sorted(rough["code"]) == sorted(smooth["code"])
    assert _touching_codes(rough) == _touching_codes(smooth)


def _touching_codes(frame: geopandas.GeoDataFrame) -> list[tuple[int, int]]:
    shapes, codes = frame.geometry.to_numpy(), frame["code"].to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shared = shapely.length(shapely.intersection(shapes[one], shapes[other])) > 1e-6
    pairs = (one < other) & shared
    return sorted(tuple(sorted((int(codes[a]), int(codes[b])))) for a, b in zip(one[pairs], other[pairs], strict=True))


@given(codes=codes_strategy)
@settings(max_examples=40, deadline=None)
def test_without_tolerance_every_cell_counts(codes: np.ndarray) -> None:
    grid = _grid(*codes.shape)
    frame = zone_coverage(codes, grid, _units(shapely.box(*grid.bounds)), min_area_m2=0, tolerance_m=0).frame
    areas = frame.area.groupby(frame["code"]).sum()
    assert areas.to_dict() == {code: CELL**2 * int((codes == code).sum()) for code in areas.index}
    assert sorted(areas.index) == np.unique(codes).tolist()


@pytest.mark.parametrize("tolerance", [20.0, 50.0, 125.0])
def test_no_line_moves_farther_than_the_tolerance(tolerance: float) -> None:
    codes = merge_small_patches(_noisy(90, 80), min_cells=12, frozen=frozenset())
    grid = _grid(*codes.shape)
    units = _units(shapely.box(*grid.bounds))
    rough = zone_coverage(codes, grid, units, min_area_m2=0, tolerance_m=0).frame
    smooth = zone_coverage(codes, grid, units, min_area_m2=0, tolerance_m=tolerance).frame
    true_lines = shapely.union_all(shapely.boundary(rough.geometry.to_numpy()))
    lines = shapely.union_all(shapely.boundary(smooth.geometry.to_numpy()))
    assert shapely.hausdorff_distance(shapely.segmentize(lines, 3.0), true_lines) <= tolerance + 0.01
    assert shapely.hausdorff_distance(shapely.segmentize(true_lines, 3.0), lines) <= tolerance + 0.01
    if tolerance > CELL:
        assert shapely.get_num_coordinates(lines) < 0.7 * shapely.get_num_coordinates(true_lines)


def test_one_code_returns_exactly_the_units() -> None:
    grid = _grid(20, 20)
    units = _units(*_halves(_inset(grid)))
    frame = zone_coverage(np.full((20, 20), 7, dtype=np.uint8), grid, units, min_area_m2=1e5, tolerance_m=50).frame
    assert frame["unit"].tolist() == ["u0", "u1"]
    assert frame["code"].tolist() == [7, 7]
    for part, outline in zip(frame.geometry, units.geometry, strict=True):
        assert shapely.normalize(part).equals(shapely.normalize(outline))


def test_a_split_unit_holds_the_same_zones_as_the_whole() -> None:
    codes = _noisy(60, 60)
    grid = _grid(60, 60)
    outline = _inset(grid)
    halves = _halves(outline)
    whole = zone_coverage(codes, grid, _units(outline), min_area_m2=0, tolerance_m=40).frame
    split = zone_coverage(codes, grid, _units(*halves), min_area_m2=0, tolerance_m=40)
    _require_partition(split, _units(*halves))
    together = split.frame.area.groupby(split.frame["code"]).sum()
    apart = whole.area.groupby(whole["code"]).sum()
    # Splinters below one cell change sides at the new border, and only there.
    assert (together - apart).abs().max() <= max(1, split.report.splinters) * CELL**2
    for code in apart.index:
        one = shapely.union_all(whole.geometry[whole["code"] == code].to_numpy())
        other = shapely.union_all(split.frame.geometry[split.frame["code"] == code].to_numpy())
        assert shapely.symmetric_difference(one, other).area <= max(1, split.report.splinters) * CELL**2


def test_a_frozen_pond_of_one_cell_keeps_its_place_and_area() -> None:
    codes = np.full((40, 40), 1, dtype=np.uint8)
    codes[20, 20] = 9
    grid = _grid(40, 40)
    frame = zone_coverage(
        codes, grid, _units(_inset(grid)), min_area_m2=4e5, tolerance_m=500, frozen=frozenset({9})
    ).frame
    pond = frame[frame["code"] == 9].geometry.item()
    x, y = grid.xy(20, 20)
    assert pond.equals(shapely.box(x - 15, y - 15, x + 15, y + 15))


def test_a_pond_cut_in_four_by_unit_borders_does_not_vanish() -> None:
    codes = np.full((20, 20), 1, dtype=np.uint8)
    codes[9, 9] = 9
    grid = _grid(20, 20)
    x, y = grid.xy(9, 9)
    left, bottom, right, top = grid.bounds
    x, y = x + 2.5, y - 1.25
    quarters = [
        shapely.box(left, bottom, x, y),
        shapely.box(x, bottom, right, y),
        shapely.box(left, y, x, top),
        shapely.box(x, y, right, top),
    ]
    units = _units(*quarters)
    result = zone_coverage(codes, grid, units, min_area_m2=4e4, tolerance_m=50, frozen=frozenset({9}))
    assert result.frame["code"].tolist().count(9) == 1
    assert result.report.splinters == 3
    _require_partition(result, units)


def test_frozen_parts_do_not_receive() -> None:
    codes = np.full((30, 30), 1, dtype=np.uint8)
    codes[5:25, 5:25] = 9
    codes[10:13, 10:13] = 2
    grid = _grid(30, 30)
    frame = zone_coverage(
        codes, grid, _units(shapely.box(*grid.bounds)), min_area_m2=1e5, tolerance_m=0, frozen=frozenset({9})
    ).frame
    assert frame.area.groupby(frame["code"]).sum().to_dict() == {1: 500 * 900, 2: 9 * 900, 9: 391 * 900}


def _beside_a_park(depth: int) -> geopandas.GeoDataFrame:
    """Zone 1 crosses the border of two units by ``depth`` cells; the rest of the first unit is the park 9."""
    codes = np.full((60, 40), 9, dtype=np.uint8)
    codes[:, 20:] = 1
    codes[20:30, 20 - depth : 20] = 1
    grid = _grid(60, 40)
    middle = LEFT + 20 * CELL
    left, bottom, right, top = grid.bounds
    units = _units(shapely.box(left, bottom, middle, top), shapely.box(middle, bottom, right, top))
    return zone_coverage(codes, grid, units, min_area_m2=4e5, tolerance_m=20, frozen=frozenset({9})).frame


def test_a_strip_too_narrow_to_draw_between_a_border_and_a_park_joins_the_park() -> None:
    assert list(_beside_a_park(1)["code"]) == [9, 1]


def test_a_piece_that_a_border_cuts_off_beside_a_park_stays_what_it_is() -> None:
    frame = _beside_a_park(6)
    assert list(zip(frame["unit"], frame["code"], strict=True)) == [("u0", 1), ("u0", 9), ("u1", 1)]
    assert frame.area.iloc[0] == pytest.approx(6 * 10 * CELL**2, rel=0.05)


def test_parts_that_a_unit_border_cuts_too_small_join_their_own_unit() -> None:
    codes = np.full((40, 40), 1, dtype=np.uint8)
    codes[10:30, 10:22] = 2
    grid = _grid(40, 40)
    left, bottom, right, top = grid.bounds
    x = left + 20 * CELL
    units = _units(shapely.box(left, bottom, x, top), shapely.box(x, bottom, right, top))
    result = zone_coverage(codes, grid, units, min_area_m2=50 * CELL**2, tolerance_m=0)
    areas = result.frame.set_index(["unit", "code"]).area.to_dict()
    assert areas == {("u0", 1): 600 * 900, ("u0", 2): 200 * 900, ("u1", 1): 800 * 900}
    assert result.report.merged == 1


def test_equal_runs_give_equal_bytes_and_rows_are_in_order() -> None:
    codes = merge_small_patches(_noisy(70, 60), min_cells=10, frozen=frozenset())
    grid = _grid(70, 60)
    units = _units(*_halves(_inset(grid)))
    first, second = (
        zone_coverage(codes, grid, units, min_area_m2=1e4, tolerance_m=40, frozen=frozenset({3})).frame
        for _run in range(2)
    )
    assert [shape.wkb for shape in first.geometry] == [shape.wkb for shape in second.geometry]
    keys = list(zip(first["unit"], first["code"], strict=True))
    assert keys == sorted(keys)


def test_the_order_of_the_units_changes_nothing_but_the_numbers() -> None:
    codes = _noisy(40, 40)
    grid = _grid(40, 40)
    units = _units(*_halves(_inset(grid)))
    first = zone_coverage(codes, grid, units, min_area_m2=9000, tolerance_m=40).frame
    second = zone_coverage(codes, grid, units.iloc[::-1].reset_index(drop=True), min_area_m2=9000, tolerance_m=40).frame
    assert [shapely.normalize(shape).wkb for shape in first.geometry] == [
        shapely.normalize(shape).wkb for shape in second.geometry
    ]
    assert first["unit"].tolist() == second["unit"].tolist()


def test_cells_without_a_code_take_the_nearest() -> None:
    codes = np.zeros((30, 30), dtype=np.uint8)
    codes[8:20, 8:15], codes[8:20, 15:22] = 1, 2
    grid = _grid(30, 30)
    units = _units(shapely.box(*grid.bounds))
    frame = zone_coverage(codes, grid, units, min_area_m2=0, tolerance_m=0).frame
    assert frame.area.groupby(frame["code"]).sum().to_dict() == {1: 450 * 900, 2: 450 * 900}


def test_a_unit_with_an_exclave_and_a_hole_is_partitioned_too() -> None:
    codes = _noisy(50, 50)
    grid = _grid(50, 50)
    left, bottom, right, top = grid.bounds
    hole = shapely.box(left + 200, bottom + 300, left + 500, bottom + 600)
    main = shapely.difference(shapely.box(left, bottom, right - 600, top), hole)
    units = _units(
        shapely.union_all([main, shapely.box(right - 250, bottom + 100, right - 50, bottom + 300)]),
        shapely.box(right - 600, bottom + 500, right, top),
    )
    units, _report = repair_coverage(units, snap_m=0.0)
    assert set(units.geom_type) == {"MultiPolygon", "Polygon"}
    _require_partition(zone_coverage(codes, grid, units, min_area_m2=9000, tolerance_m=40), units)


def test_units_beyond_the_grid_are_refused() -> None:
    grid = _grid(10, 10)
    left, bottom, right, top = grid.bounds
    units = _units(shapely.box(left, bottom, right + 500, top))
    with pytest.raises(CoverageError, match="u0 sale 500 m de la grilla"):
        zone_coverage(np.ones((10, 10), dtype=np.uint8), grid, units, min_area_m2=0, tolerance_m=0)


def test_a_unit_without_a_code_is_named() -> None:
    grid = _grid(10, 10)
    left, bottom, right, top = grid.bounds
    codes = np.zeros((10, 10), dtype=np.uint8)
    codes[:, :4] = 1
    units = _units(shapely.box(left, bottom, left + 150, top), shapely.box(left + 150, bottom, right, top))
    with pytest.raises(CoverageError, match="La unidad u1 no tiene ninguna celda"):
        zone_coverage(codes, grid, units, min_area_m2=0, tolerance_m=0)


def test_units_that_overlap_or_leave_a_slit_are_refused() -> None:
    grid = _grid(10, 10)
    left, bottom, right, top = grid.bounds
    codes = np.ones((10, 10), dtype=np.uint8)
    overlapping = _units(shapely.box(left, bottom, left + 160, top), shapely.box(left + 150, bottom, right, top))
    with pytest.raises(CoverageError, match="u0, u1 se solapan"):
        zone_coverage(codes, grid, overlapping, min_area_m2=0, tolerance_m=0)
    bent = [(left + 150, bottom + 100), (left + 140, bottom + 150), (left + 150, bottom + 200)]
    border = [(left + 150, bottom), bent[0], bent[2], (left + 150, top)]
    west = shapely.Polygon([(left, bottom), border[0], *bent, border[3], (left, top)])
    east = shapely.Polygon([*border, (right, top), (right, bottom)])
    slit = _units(west, east)
    with pytest.raises(CoverageError, match="hueco de 500 m²"):
        zone_coverage(codes, grid, slit, min_area_m2=0, tolerance_m=0)


def test_land_of_nobody_narrower_than_a_cell_stays_a_hole_of_the_map() -> None:
    grid = _grid(10, 10)
    left, bottom, right, top = grid.bounds
    bent = [(left + 150, bottom + 100), (left + 130, bottom + 150), (left + 150, bottom + 200)]
    border = [(left + 150, bottom), bent[0], bent[2], (left + 150, top)]
    west = shapely.Polygon([(left, bottom), border[0], *bent, border[3], (left, top)])
    east = shapely.Polygon([*border, (right, top), (right, bottom)])
    codes = np.ones((10, 10), dtype=np.uint8)
    drawn = zone_coverage(codes, grid, _units(west, east), min_area_m2=0, tolerance_m=0).frame
    assert drawn.geometry.area.sum() == pytest.approx(west.area + east.area)


def test_units_in_degrees_or_without_a_system_are_refused() -> None:
    grid = _grid(10, 10)
    codes = np.ones((10, 10), dtype=np.uint8)
    units = _units(shapely.box(*grid.bounds))
    with pytest.raises(CrsError, match="metros"):
        zone_coverage(codes, grid, units.to_crs(4326), min_area_m2=0, tolerance_m=0)
    with pytest.raises(CrsError, match="mismo sistema"):
        zone_coverage(codes, grid, units.to_crs(32719), min_area_m2=0, tolerance_m=0)
    with pytest.raises(CrsError, match="no dice en qué sistema"):
        zone_coverage(codes, grid, units.set_crs(None, allow_override=True), min_area_m2=0, tolerance_m=0)


def test_codes_or_numbers_that_do_not_fit_are_refused() -> None:
    grid = _grid(10, 10)
    units = _units(shapely.box(*grid.bounds))
    with pytest.raises(InputError, match="forma de la grilla"):
        zone_coverage(np.ones((9, 10), dtype=np.uint8), grid, units, min_area_m2=0, tolerance_m=0)
    with pytest.raises(InputError, match="no negativos"):
        zone_coverage(np.ones((10, 10), dtype=np.uint8), grid, units, min_area_m2=-1, tolerance_m=0)
    twice = _units(shapely.box(*grid.bounds), shapely.box(*grid.bounds)).assign(unit="u")
    with pytest.raises(InputError, match="cada unidad una vez"):
        zone_coverage(np.ones((10, 10), dtype=np.uint8), grid, twice, min_area_m2=0, tolerance_m=0)


def test_the_proof_names_who_overlaps_and_where() -> None:
    good = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]
    rim = shapely.box(0, 0, 20, 10).exterior
    verify_coverage(np.array(good), ["a", "b"], rim=rim, slack_m=0.01)
    for shapes in (
        [good[0], shapely.box(9, 0, 20, 10)],
        [good[0], shapely.box(11, 0, 20, 10)],
        [good[0], shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 5)])],
        [good[0], good[1], good[1]],
    ):
        with pytest.raises(CoverageError, match=r"de [ab], en \(\d"):
            verify_coverage(np.array(shapes), ["a", "b", "b"], rim=rim, slack_m=0.01)
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with pytest.raises(CoverageError, match="no son polígonos válidos; la primera, a"):
        verify_coverage(np.array([bow]), ["a"], rim=rim, slack_m=0.01)


@pytest.mark.real_data
def test_belts_of_real_altitude_partition_the_real_municipalities(shared_data: Path) -> None:
    geo = shared_data / "geo"
    boundary = read_vector(geo / "municipios_valles_crucenos.geojson", crs="EPSG:32720")
    units = repair_coverage(boundary, snap_m=1.0)[0].rename(columns={"cod_ine": "unit"})[["unit", "geometry"]]
    grid = Grid.covering(tuple(units.total_bounds), crs="EPSG:32720", cell=180.0, margin=3)
    elevation = warp(geo / "dem_viewfinder15s_3857.tif", grid, unit="m")
    noise = np.random.default_rng(2).normal(0, 60, grid.shape)
    belts = np.where(elevation.valid, np.clip((elevation.values + noise) // 300, 0, 20) + 1, 0).astype(np.uint8)
    park = frozenset({10})
    codes = merge_small_patches(belts, min_cells=13, frozen=park)
    result = zone_coverage(codes, grid, units, min_area_m2=4e5, tolerance_m=125.0, frozen=park)
    _require_partition(result, units)
    _require_no_small_part(result.frame, 4e5, park)
    assert result.frame["unit"].nunique() == 11
    assert result.report.area_error < 1e-7
    assert len(result.frame) > 500
