"""A territory is laid out where lengths are nearly true, anywhere on Earth."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import is_metric
from gis.errors import CrsError, InputError
from gis.projection_choice import LAST_LIMIT, UTM_LIMIT, Kind, choose_projection, distortion_of


@settings(max_examples=60, deadline=None)
@given(
    west=st.floats(-179.0, 165.0),
    south=st.floats(-79.0, 70.0),
    width=st.floats(0.01, 12.0),
    height=st.floats(0.01, 9.0),
    across=st.floats(0, 1),
    down=st.floats(0, 1),
)
def test_no_length_in_the_territory_is_further_from_true_than_what_is_stated(
    *, west: float, south: float, width: float, height: float, across: float, down: float
) -> None:
    choice = choose_projection([west, west + width], [south, south + height])
    assert is_metric(choice.crs)
    assert choice.distortion <= (UTM_LIMIT if choice.kind is Kind.UTM else LAST_LIMIT)
    # A geodesic of one kilometre anywhere inside is as long on the plane as the choice says, to its own precision.
    lon, lat = west + across * width, south + down * height
    for bearing in (0.0, 37.0, 90.0):
        there = pyproj.Geod(ellps="WGS84").fwd(lon, lat, bearing, 1000.0)
        to_plane = pyproj.Transformer.from_crs("EPSG:4326", choice.crs, always_xy=True)
        x, y = to_plane.transform([lon, there[0]], [lat, there[1]])
        assert abs(np.hypot(x[1] - x[0], y[1] - y[0]) / 1000.0 - 1.0) <= choice.distortion + 2e-4


@settings(max_examples=60, deadline=None)
@given(west=st.floats(-179.0, 170.0), south=st.floats(-79.0, 78.0), width=st.floats(0.01, 8.0))
def test_the_utm_zone_is_left_only_where_no_zone_fits(west: float, south: float, width: float) -> None:
    choice = choose_projection([west, west + width], [south, south + 1.0])
    assert (choice.kind is Kind.UTM) == (choice.utm_distortion <= UTM_LIMIT)
    if choice.kind is Kind.UTM:
        code = choice.crs.to_epsg()
        assert code is not None
        assert code % 100 in choice.utm_zones
        assert (code // 100 == 327) == (south + 0.5 < 0)
    else:
        assert choice.distortion < choice.utm_distortion


@pytest.mark.parametrize(
    ("box", "kind", "name"),
    [
        ((-64.8, -63.5, -19.2, -17.4), Kind.UTM, "EPSG:32720"),
        ((-66.3, -65.7, -18.0, -17.4), Kind.UTM, "EPSG:32719"),
        ((-69.6, -57.5, -22.9, -9.7), Kind.EQUAL_AREA, "+proj=laea"),
        ((-75.6, -66.4, -55.9, -17.5), Kind.TRANSVERSE_MERCATOR, "+proj=tmerc"),
        ((10.0, 33.0, 85.0, 86.0), Kind.EQUAL_AREA, "+proj=laea"),
    ],
)
def test_known_lands_get_the_system_a_cartographer_would_choose(
    box: tuple[float, float, float, float], kind: Kind, name: str
) -> None:
    choice = choose_projection(box[:2], box[2:])
    assert choice.kind is kind
    assert choice.name.startswith(name)


def test_what_lies_on_both_sides_of_the_180th_meridian_is_refused_in_words() -> None:
    with pytest.raises(InputError, match=r"meridiano 180.*--only"):
        choose_projection([-179.9, 179.9], [-17.0, -16.0])


def test_a_continent_and_a_place_off_the_earth_are_refused() -> None:
    with pytest.raises(InputError, match="continente"):
        choose_projection([20.0, 179.0], [41.0, 80.0])
    with pytest.raises(CrsError, match="No hay tal lugar"):
        choose_projection([296.0, 297.0], [-18.0, -17.0])
    with pytest.raises(InputError, match="ningún lugar"):
        choose_projection([], [])
    with pytest.raises(CrsError, match="no son números"):
        choose_projection([float("nan")], [0.0])


def test_the_scale_on_the_central_meridian_of_a_utm_zone_is_the_known_one() -> None:
    assert distortion_of(pyproj.CRS("EPSG:32720"), np.array([-63.0]), np.array([-18.0])) == pytest.approx(
        0.0004, abs=1e-7
    )
