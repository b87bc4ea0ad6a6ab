"""Copernicus DEM: the values of its tiles, across their seams, at the borders of hemispheres, voids apart from land."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import product_tiles as tiles
import pytest
from folder_supply import cells, place, record, supply

from gis.errors import InputError, MissingError
from layers.sources.copernicus_dem import CopernicusDem

SEAM = (-64.02, -18.02, -63.98, -17.98)
CORNERS = ((-19, -65), (-19, -64), (-18, -65), (-18, -64))


@pytest.fixture
def adapter() -> CopernicusDem:
    return CopernicusDem(record("copernicus_glo30"))


def _around(bounds: tiles.Box) -> tiles.Box:
    return (bounds[0] - 0.03, bounds[1] - 0.03, bounds[2] + 0.03, bounds[3] + 0.03)


def _worst(path: Path) -> float:
    values, x, y = cells(path)
    assert np.isfinite(values).all()
    return float(np.abs(values[0] - tiles.elevation_at(x, y)).max())


def test_four_tiles_become_one_field_without_a_seam(adapter: CopernicusDem, tmp_path: Path) -> None:
    for lat, lon in CORNERS:
        tiles.copernicus(tmp_path / "web", lat, lon, _around(SEAM))
    (entry,) = adapter.make(place(SEAM), supply(adapter, tmp_path / "web"), tmp_path)
    assert (entry.theme, entry.unit, entry.steps) == ("elevation", "m", ())
    assert "Airbus" in entry.attribution
    assert _worst(tmp_path / entry.file) < 1e-3
    _values, x, y = cells(tmp_path / entry.file)
    assert x.min() <= SEAM[0] - 0.0199
    assert y.max() >= SEAM[3] + 0.0199


@pytest.mark.parametrize(
    ("lat", "lon", "name"),
    [
        (0, 0, "N00_00_E000_00"),
        (-1, -1, "S01_00_W001_00"),
        (-18, -65, "S18_00_W065_00"),
        (51, 7, "N51_00_E007_00"),
        (-1, 102, "S01_00_E102_00"),
    ],
)
def test_tiles_are_named_by_their_south_western_corner(adapter: CopernicusDem, lat: int, lon: int, name: str) -> None:
    (only,) = adapter.wanted(place((lon + 0.4, lat + 0.4, lon + 0.6, lat + 0.6)))
    assert only.name == f"Copernicus_DSM_COG_10_{name}_DEM.tif"
    assert only.address.endswith(f".amazonaws.com/Copernicus_DSM_COG_10_{name}_DEM/{only.name}")
    assert only.may_be_absent
    assert not only.whole


def test_the_equator_and_greenwich_are_a_seam_like_any_other(adapter: CopernicusDem, tmp_path: Path) -> None:
    here = (-0.01, -0.01, 0.01, 0.01)
    for lat in (-1, 0):
        for lon in (-1, 0):
            tiles.copernicus(tmp_path / "web", lat, lon, _around(here))
    (entry,) = adapter.make(place(here), supply(adapter, tmp_path / "web"), tmp_path)
    assert _worst(tmp_path / entry.file) < 1e-3


@pytest.mark.parametrize("edge", [50, -50])
def test_wider_columns_beyond_fifty_degrees_join_narrower_ones(
    adapter: CopernicusDem, tmp_path: Path, edge: int
) -> None:
    here = (-69.51, edge - 0.005, -69.49, edge + 0.005)
    for lat in (edge - 1, edge):
        tiles.copernicus(tmp_path / "web", lat, -70, _around(here))
    (entry,) = adapter.make(place(here), supply(adapter, tmp_path / "web"), tmp_path)
    values, x, y = cells(tmp_path / entry.file)
    assert x[0, 1] - x[0, 0] == pytest.approx(1 / 3600)
    off = np.abs(values[0] - tiles.elevation_at(x, y))
    wide = (y > 50 + 0.5 / 3600) | (y < -50 + 0.5 / 3600)
    assert off[~wide].max() < 1e-3
    assert 0 < off[wide].max() < 0.2, "between two of the wider columns the field is linear, within decimetres here"


def test_a_tile_that_does_not_exist_leaves_no_data_and_is_told(adapter: CopernicusDem, tmp_path: Path) -> None:
    for lat, lon in CORNERS[:3]:
        tiles.copernicus(tmp_path / "web", lat, lon, _around(SEAM))
    (entry,) = adapter.make(place(SEAM), supply(adapter, tmp_path / "web"), tmp_path)
    assert "Copernicus_DSM_COG_10_S18_00_W064_00_DEM" in entry.steps[0]
    values, x, y = cells(tmp_path / entry.file)
    absent = (x > -64 - 0.4 / 3600) & (y > -18 + 0.6 / 3600)
    assert np.isnan(values[0][absent]).all()
    assert np.isfinite(values[0][~absent]).all(), "land keeps its elevation up to the edge of what is absent"


def test_a_void_inside_a_tile_is_no_elevation_and_the_sea_is_zero(adapter: CopernicusDem, tmp_path: Path) -> None:
    here = (-64.52, -18.52, -64.48, -18.48)

    def field(x: tiles.Floats, y: tiles.Floats, _band: int) -> tiles.Floats:
        values = np.where(x > -64.49, 0.0, tiles.elevation_at(x, y))
        return np.where(y > -18.49, -32767.0, values)

    tiles.copernicus(tmp_path / "web", -19, -65, _around(here), field)
    (entry,) = adapter.make(place(here), supply(adapter, tmp_path / "web"), tmp_path)
    values, x, y = cells(tmp_path / entry.file)
    assert np.isnan(values[0][y > -18.49]).all()
    assert (values[0][(y < -18.49) & (x > -64.49)] == 0.0).all()


def test_a_place_without_any_tile_is_refused(adapter: CopernicusDem, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="ninguna tesela"):
        adapter.make(place((-140.2, -30.2, -140.1, -30.1)), supply(adapter, tmp_path), tmp_path)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"dtype": "int16"}, "int16"),
        ({"crs": "EPSG:32720"}, "UTM"),
        ({"width": 1 / 1200, "height": 1 / 1200}, "celdas de"),
        ({"left": -66.0}, "esquina"),
    ],
)
def test_a_file_that_is_no_tile_of_the_product_is_refused_by_name(
    adapter: CopernicusDem, tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    here = (-64.52, -18.52, -64.48, -18.48)
    name = "Copernicus_DSM_COG_10_S19_00_W065_00_DEM"
    told_of = {"crs": "EPSG:4326", "left": -65 - 0.5 / 3600, "top": -18 + 0.5 / 3600, "width": 1 / 3600}
    usual = {**told_of, "height": 1 / 3600, "rows": 3600, "cols": 3600, "dtype": "float32"}
    true = tiles.TrueFile(**{**usual, **changed})  # type: ignore[arg-type]  one of them is another
    true.write(tmp_path / "web" / name / f"{name}.tif", _around(here), lambda x, y, _b: tiles.elevation_at(x, y))
    with pytest.raises(InputError, match=told) as refused:
        adapter.make(place(here), supply(adapter, tmp_path / "web"), tmp_path)
    assert name in refused.value.found
    assert refused.value.expected
    assert refused.value.remedy
    assert not list(tmp_path.glob("*.tif")), "nothing is half-written"
