"""Land cover: WorldCover's classes as they are, MapBiomas' translated, what no table knows refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import product_tiles as tiles
import pytest
from folder_supply import cells, place, record, supply

from gis.errors import InputError, MissingError
from gis.grid import Grid
from gis.rasters.warp import warp
from layers.catalogue.themes import theme
from layers.sources.cover_classes import mapbiomas_table, worldcover_classes
from layers.sources.mapbiomas import MapBiomasBolivia
from layers.sources.worldcover import WorldCover

SEAM = (-63.01, -18.01, -62.99, -17.99)
CORNERS = ((-21, -66), (-21, -63), (-18, -66), (-18, -63))
NEAR = (-64.06, -18.56, -64.0, -18.5)


def test_worldcover_keeps_every_cell_of_ten_metres_across_its_seams(tmp_path: Path) -> None:
    adapter = WorldCover(record("esa_worldcover_2021"))
    for lat, lon in CORNERS:
        tiles.worldcover(tmp_path / "web", lat, lon, SEAM)
    (entry,) = adapter.make(place(SEAM), supply(adapter, tmp_path / "web"), tmp_path)
    values, x, y = cells(tmp_path / entry.file)
    assert values.shape == (1, 240, 240)
    assert (values[0] == tiles.cover_at(x, y)).all()
    assert (entry.theme, entry.unit) == ("land_cover", "class")


def test_worldcover_names_tiles_by_multiples_of_three_degrees() -> None:
    adapter = WorldCover(record("esa_worldcover_2021"))
    names = [each.name for each in adapter.wanted(place((-0.1, -0.1, 0.1, 0.1)))]
    assert names == [
        f"ESA_WorldCover_10m_2021_v200_{corner}_Map.tif" for corner in ("S03W003", "S03E000", "N00W003", "N00E000")
    ]
    (bolivian,) = adapter.wanted(place((-64.6, -17.6, -64.5, -17.5)))
    assert bolivian.address.endswith("/v200/2021/map/ESA_WorldCover_10m_2021_v200_S18W066_Map.tif")


def test_where_worldcover_has_no_tile_there_is_no_class(tmp_path: Path) -> None:
    adapter = WorldCover(record("esa_worldcover_2021"))
    tiles.worldcover(tmp_path / "web", -21, -66, SEAM)
    (entry,) = adapter.make(place(SEAM), supply(adapter, tmp_path / "web"), tmp_path)
    values, x, y = cells(tmp_path / entry.file)
    there = (x < -63) & (y < -18)
    assert (np.isfinite(values[0]) == there).all()
    assert "S18W066" in entry.steps[0]
    with pytest.raises(MissingError, match="ninguna tesela"):
        adapter.make(place((-140.2, -30.2, -140.1, -30.1)), supply(adapter, tmp_path), tmp_path)


def test_the_most_frequent_class_wins_a_cell_of_the_grid(tmp_path: Path) -> None:
    adapter = WorldCover(record("esa_worldcover_2021"))

    def mostly_trees(x: tiles.Floats, y: tiles.Floats, _band: int) -> tiles.Floats:
        across = np.floor((x - NEAR[0]) * 12_000 + 0.5).astype(int)
        return np.where(across % 3 == 0, 40.0, np.where(y > -18.53, 10.0, 0.0))

    tiles.worldcover(tmp_path / "web", -21, -66, NEAR, mostly_trees)
    (entry,) = adapter.make(place(NEAR), supply(adapter, tmp_path / "web"), tmp_path)
    bounds = (_metres(-64.05, -18.55), _metres(-64.01, -18.51))
    grid = Grid.covering((*bounds[0], *bounds[1]), crs="EPSG:32720", cell=100)
    catalogued = theme("land_cover")
    assert catalogued is not None
    found = warp(tmp_path / entry.file, grid, unit="class", method=catalogued.method)
    half = grid.rows // 2
    assert set(np.unique(found.filled()[: half - 2])) == {10.0}, "two columns of three are trees"
    assert set(np.unique(found.filled()[half + 2 :])) == {40.0}, "cells without data do not vote"


def _metres(lon: float, lat: float) -> tuple[float, float]:
    import pyproj  # noqa: PLC0415  one use

    x, y = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:32720", always_xy=True).transform(lon, lat)
    return float(x), float(y)


def test_mapbiomas_becomes_the_catalogues_classes(tmp_path: Path) -> None:
    adapter = MapBiomasBolivia(record("mapbiomas_bolivia"))
    tiles.mapbiomas(tmp_path / "web", NEAR)
    (entry,) = adapter.make(place(NEAR), supply(adapter, tmp_path / "web"), tmp_path)
    values, x, y = cells(tmp_path / entry.file)
    table = mapbiomas_table().becomes
    wanted = np.vectorize(table.__getitem__)(tiles.biomas_at(x, y)).astype(float)
    wanted[wanted == 0] = np.nan
    assert np.array_equal(values[0], wanted, equal_nan=True)
    assert np.isnan(values[0]).any(), "what was not observed has no class"
    assert {10, 20, 30, 40, 60, 80} <= set(np.unique(values[np.isfinite(values)]))


def test_every_class_of_mapbiomas_becomes_one_that_worldcover_has() -> None:
    assert set(mapbiomas_table().becomes.values()) <= {0, *worldcover_classes()}


@pytest.mark.parametrize("code", [17, 75, 254])
def test_a_class_that_the_legend_does_not_know_is_named(tmp_path: Path, code: int) -> None:
    adapter = MapBiomasBolivia(record("mapbiomas_bolivia"))
    spoiled = (NEAR[0] + 0.02, NEAR[1] + 0.02)

    def field(x: tiles.Floats, y: tiles.Floats, _band: int) -> tiles.Floats:
        near = (np.abs(x - spoiled[0]) < 0.0005) & (np.abs(y - spoiled[1]) < 0.0005)
        return np.where(near, float(code), tiles.biomas_at(x, y))

    tiles.mapbiomas(tmp_path / "web", NEAR, field)
    with pytest.raises(InputError, match=rf"bolivia_coverage_2024\.tif.*{code} \(\d+\)"):
        adapter.make(place(NEAR), supply(adapter, tmp_path / "web"), tmp_path)
    assert not list(tmp_path.glob("*.tif"))


def test_a_place_outside_bolivia_is_told_so(tmp_path: Path) -> None:
    adapter = MapBiomasBolivia(record("mapbiomas_bolivia"))
    tiles.mapbiomas(tmp_path / "web", NEAR)
    with pytest.raises(InputError, match="no cubre este lugar"):
        adapter.make(place((-77.1, -12.1, -77.0, -12.0)), supply(adapter, tmp_path / "web"), tmp_path)


def test_cover_of_another_cell_type_or_cell_is_refused(tmp_path: Path) -> None:
    adapter = WorldCover(record("esa_worldcover_2021"))
    for dtype, cell in (("uint16", 1 / 12_000), ("uint8", 1 / 3_000)):
        true = tiles.TrueFile(
            crs="EPSG:4326", left=-66, top=-18, width=cell, height=cell, rows=9_000, cols=9_000, dtype=dtype
        )
        true.write(
            tmp_path / "web" / "ESA_WorldCover_10m_2021_v200_S21W066_Map.tif",
            (-65.5, -18.3, -65.4, -18.2),
            lambda x, y, _b: tiles.cover_at(x, y),
        )
        with pytest.raises(InputError, match="no es del producto"):
            adapter.make(place((-65.5, -18.3, -65.4, -18.2)), supply(adapter, tmp_path / "web"), tmp_path)
