"""Metres are guaranteed and axes cannot be swapped."""

from __future__ import annotations

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import equal_area_crs, parse_crs, refuse_degrees_as_metres, require_metres, utm_crs
from gis.errors import CrsError, GridError
from gis.grid import Grid, RowCol
from gis.messages import Figure, use_language

UTM = "EPSG:32720"
finite = st.floats(-1e6, 1e6, allow_nan=False, allow_subnormal=False)


@pytest.mark.parametrize("wrong", [None, "", "EPSG:4326", "EPSG:2263", "nonsense"])
def test_a_system_without_metres_is_refused_in_words(wrong: str | None) -> None:
    with pytest.raises(CrsError, match="La capa"):
        require_metres(wrong, what="La capa")


def test_a_geographic_grid_cannot_be_built() -> None:
    with pytest.raises(CrsError, match=r"grado|degree"):
        Grid.covering((-65, -19, -63, -17), crs="EPSG:4326", cell=0.001)


@pytest.mark.parametrize("cell", [0.0, -30.0, float("nan"), float("inf")])
def test_a_cell_must_be_a_positive_number(cell: float) -> None:
    with pytest.raises(GridError):
        Grid.covering((0, 0, 1, 1), crs=UTM, cell=cell)


@pytest.mark.parametrize("bounds", [(1, 0, 0, 1), (0, 1, 1, 0), (0, 0, 0, 1), (0, 0, float("nan"), 1)])
def test_empty_or_disordered_bounds_are_refused(bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(GridError):
        Grid.covering(bounds, crs=UTM, cell=30)


@given(finite, finite, st.floats(1, 5e4), st.floats(1, 5e4), st.sampled_from([10.0, 30.0, 90.0, 250.0]))
def test_a_covering_grid_covers_with_edges_on_whole_cells(
    x: float, y: float, dx: float, dy: float, cell: float
) -> None:
    grid = Grid.covering((x, y, x + dx, y + dy), crs=UTM, cell=cell)
    assert grid.left <= x
    assert grid.bottom <= y
    assert grid.right >= x + dx
    assert grid.top >= y + dy
    assert grid.left % cell == 0
    assert grid.top % cell == 0
    assert grid.right - cell < x + dx + 1e-6
    assert grid.bottom + cell > y - 1e-6


@given(st.integers(0, 6), st.integers(0, 9))
def test_the_centre_of_a_cell_lies_in_that_cell(row: int, col: int) -> None:
    grid = Grid.covering((300_000, 7_899_990, 300_300, 7_900_200), crs=UTM, cell=30)
    assert grid.shape == (7, 10)
    assert grid.rowcol(*grid.xy(row, col)) == RowCol(row, col)


def test_places_and_cells_outside_are_refused() -> None:
    grid = Grid.covering((0, 0, 90, 90), crs=UTM, cell=30)
    with pytest.raises(GridError, match="fuera"):
        grid.rowcol(91, 10)
    with pytest.raises(GridError, match="no existe"):
        grid.xy(3, 0)
    with pytest.raises(GridError):
        grid.rows_window(2, 2)


def test_strips_are_the_rows_of_the_whole() -> None:
    grid = Grid.covering((0, 0, 90, 300), crs=UTM, cell=30)
    ys = [y for start, stop in grid.strips(3) for y in grid.rows_window(start, stop).ys]
    assert ys == list(grid.ys)
    assert grid.coarser(4).bounds[0] == grid.left
    assert grid.coarser(4).shape == (3, 1)
    assert grid.finer(2).bounds == grid.bounds


def test_equal_area_measures_the_ellipsoid() -> None:
    box = ((-64.2, -18.5), (-64.1, -18.5), (-64.1, -18.4), (-64.2, -18.4))
    to_plane = pyproj.Transformer.from_crs(4326, equal_area_crs(-64.16, -18.3), always_xy=True)
    xs, ys = to_plane.transform(*zip(*box, strict=True))
    plane = abs(sum(xs[i - 1] * ys[i] - xs[i] * ys[i - 1] for i in range(4))) / 2
    ground, _length = pyproj.Geod(ellps="WGS84").polygon_area_perimeter(*zip(*box, strict=True))
    assert plane == pytest.approx(abs(ground), rel=1e-5)


def test_utm_zones_north_and_south() -> None:
    assert utm_crs(-64.1, -18.5).to_epsg() == 32720
    assert utm_crs(2.3, 48.8).to_epsg() == 32631
    assert utm_crs(180.0, -1.0).to_epsg() == 32760
    with pytest.raises(CrsError, match="No hay tal lugar"):
        utm_crs(-18.5, -164.1)


def test_degrees_that_claim_to_be_metres_and_the_reverse_are_refused() -> None:
    degrees, metres = (-64.8, -19.2, -63.5, -17.4), (3.0e5, 7.9e6, 4.5e5, 8.1e6)
    with pytest.raises(CrsError, match="parecen grados"):
        refuse_degrees_as_metres(pyproj.CRS(UTM), degrees, what="x")
    with pytest.raises(CrsError, match="parecen metros"):
        refuse_degrees_as_metres(pyproj.CRS("EPSG:4326"), metres, what="x")
    refuse_degrees_as_metres(pyproj.CRS(UTM), metres, what="x")
    refuse_degrees_as_metres(pyproj.CRS("EPSG:4326"), degrees, what="x")


def test_a_local_system_has_no_place_on_earth() -> None:
    with pytest.raises(CrsError, match="sistema local"):
        parse_crs('LOCAL_CS["croquis",UNIT["metre",1]]', what="El ráster")


def test_figures_are_written_as_the_language_writes_them() -> None:
    assert f"de {Figure(-5.75):.2f} a {Figure(5.1):+.1f}" == "de −5,75 a +5,1"
    with use_language("en"):
        assert f"{Figure(-5.75):.2f}" == "−5.75"
