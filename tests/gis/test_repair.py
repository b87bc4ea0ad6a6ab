"""Polygons that nearly tile become a valid coverage, and what changed is measured."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coverage.repair import repair_coverage
from gis.errors import CoverageError, CrsError, InputError
from gis.vectors.vector import read_vector


def _frame(*shapes: shapely.Geometry) -> geopandas.GeoDataFrame:
    names = [f"m{at}" for at in range(len(shapes))]
    return geopandas.GeoDataFrame({"unit": names}, geometry=list(shapes), crs="EPSG:32720")


def _require_coverage(frame: geopandas.GeoDataFrame) -> None:
    assert frame.is_valid.all()
    assert shapely.coverage_is_valid(frame.geometry.to_numpy())


def test_an_overlap_goes_and_is_measured() -> None:
    frame = _frame(shapely.box(0, 0, 1010, 1000), shapely.box(1000, 0, 2000, 1000))
    repaired, report = repair_coverage(frame, snap_m=0.0)
    _require_coverage(repaired)
    assert report.overlap_m2 == pytest.approx(10_000)
    assert report.overlap_after_m2 == 0
    assert repaired.area.sum() == pytest.approx(2_000_000)
    assert report.moved_m2 == pytest.approx(10_000)


def test_a_hole_between_neighbours_is_filled_and_an_enclave_stays() -> None:
    hole, enclave = shapely.box(990, 400, 1005, 430), shapely.box(900, 700, 1300, 900)
    inside_one = shapely.box(100, 100, 120, 120)
    west = shapely.difference(shapely.box(0, 0, 1000, 1000), shapely.union_all([hole, enclave, inside_one]))
    east = shapely.difference(shapely.box(1000, 0, 2000, 1000), shapely.union_all([hole, enclave]))
    repaired, report = repair_coverage(_frame(west, east), snap_m=0.5)
    _require_coverage(repaired)
    assert (report.gaps, report.gap_m2) == (1, pytest.approx(450))
    assert (report.holes, report.hole_m2) == (2, pytest.approx(80_400))
    # The longest border of the hole is that of the western one.
    assert repaired.area.tolist() == pytest.approx([west.area + 450, east.area])


def test_borders_closer_than_the_snapping_distance_become_one() -> None:
    west = shapely.Polygon([(0, 0), (1000, 0), (1001.2, 500), (1000, 1000), (0, 1000)])
    east = shapely.Polygon([(1001, 0), (2000, 0), (2000, 1000), (1000.5, 1000), (1002, 500)])
    repaired, report = repair_coverage(_frame(west, east), snap_m=5.0)
    _require_coverage(repaired)
    shared = shapely.intersection(*repaired.geometry)
    assert shapely.length(shared) == pytest.approx(1000, rel=1e-3)
    assert report.overlap_after_m2 == 0


def test_a_valid_coverage_comes_back_as_it_was() -> None:
    frame = _frame(shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)).assign(name=["a", "b"])
    repaired, report = repair_coverage(frame, snap_m=100.0)
    assert repaired["name"].tolist() == ["a", "b"]
    assert repaired.crs == frame.crs
    assert all(one.equals(other) for one, other in zip(repaired.geometry, frame.geometry, strict=True))
    assert (report.overlap_m2, report.gaps, report.holes, report.mended, report.moved_m2) == (0, 0, 0, 0, 0)


def test_a_row_that_crosses_itself_is_mended_and_counted() -> None:
    crossed = shapely.Polygon([(0, 0), (0, 1000), (1000, 1000), (1000, 0), (400, 0), (600, -10), (600, 0), (400, -10)])
    assert not crossed.is_valid
    repaired, report = repair_coverage(_frame(crossed, shapely.box(1000, 0, 2000, 1000)), snap_m=0.0)
    _require_coverage(repaired)
    assert report.mended == 1


@given(
    xs=st.lists(st.floats(-4, 4), min_size=4, max_size=4),
    ys=st.lists(st.integers(1, 999), min_size=4, max_size=4, unique=True),
    snap=st.sampled_from([0.0, 1.0, 6.0]),
)
@settings(max_examples=60, deadline=None)
def test_any_wavering_border_becomes_a_coverage_and_stays_one(xs: list[float], ys: list[int], snap: float) -> None:
    border = [(1000 + x, y) for x, y in zip(xs, sorted(ys), strict=True)]
    west = shapely.Polygon([(0, 0), (1000, 0), *border, (1000, 1000), (0, 1000)])
    frame = _frame(west, shapely.box(1000, 0, 2000, 1000))
    repaired, report = repair_coverage(frame, snap_m=snap)
    _require_coverage(repaired)
    assert report.overlap_after_m2 <= 1e-6
    again, second = repair_coverage(repaired, snap_m=snap)
    assert (second.overlap_m2, second.gaps, second.moved_m2) == (0, 0, 0)
    assert [shape.wkb for shape in again.geometry] == [shape.wkb for shape in repaired.geometry]


def test_rows_on_one_another_are_refused_by_name() -> None:
    frame = _frame(shapely.box(0, 0, 1000, 1000), shapely.box(0, 0, 2000, 1000))
    with pytest.raises(CoverageError, match="m0 y m1 comparten 100 % de la menor"):
        repair_coverage(frame, snap_m=1.0)


def test_a_frame_in_degrees_is_refused() -> None:
    with pytest.raises(CrsError, match="metros"):
        repair_coverage(_frame(shapely.box(0, 0, 1, 1)).set_crs(4326, allow_override=True), snap_m=1.0)


def test_rows_without_a_polygon_are_refused_by_name() -> None:
    with pytest.raises(InputError, match="La fila m1 no tiene geometría"):
        repair_coverage(_frame(shapely.box(0, 0, 1, 1), shapely.Polygon()), snap_m=0.0)
    with pytest.raises(InputError, match="La fila m1 es Point"):
        repair_coverage(_frame(shapely.box(0, 0, 1, 1), shapely.Point(3, 3)), snap_m=0.0)
    with pytest.raises(InputError, match="0 filas"):
        repair_coverage(_frame(shapely.box(0, 0, 1, 1)).iloc[:0], snap_m=0.0)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "rows", "overlap_km2", "gaps"),
    [("municipios_valles_crucenos", 11, 0.059, 7), ("municipios_contexto", 54, 0.409, 51)],
)
def test_the_real_municipalities_become_a_coverage(
    shared_data: Path, file: str, rows: int, overlap_km2: float, gaps: int
) -> None:
    frame = read_vector(shared_data / "geo" / f"{file}.geojson", crs="EPSG:32720")
    repaired, report = repair_coverage(frame, snap_m=1.0)
    _require_coverage(repaired)
    assert len(repaired) == rows
    assert report.overlap_m2 / 1e6 == pytest.approx(overlap_km2, abs=0.001)
    assert report.overlap_after_m2 == 0
    assert (report.gaps, report.holes) == (gaps, 0)
    change = np.abs(repaired.area.to_numpy() - frame.area.to_numpy()) / frame.area.to_numpy()
    assert change.max() < 5e-4
