"""A zoom as a file gives back its tiles, is read by other programs, and says when it is damaged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError, MissingError
from gis.grid import Grid
from gis.rasters.cog import CogWriter
from gis.rasters.handle_pool import HandlePool
from gis.rasters.raster_reader import RasterReader
from gis.rasters.tile_sampler import TileSampler
from gis.rasters.web_level import AREA, TileRange, WebLevelReader, WebLevelWriter
from gis.rasters.web_tile import tile_bounds

NAMES = ("temp_mean@01-06", "a<b", "plain")
TILES = TileRange(zoom=11, col=656, row=1128, cols=3, rows=2)


def codes_of(seed: int) -> np.ndarray:
    return np.repeat(np.random.default_rng(seed).integers(0, 255, (3, AREA // 16)), 16, axis=1).astype(np.uint8)


@pytest.fixture
def level(tmp_path: Path) -> Path:
    with WebLevelWriter(tmp_path / "11.tif", TILES, NAMES) as writer:
        for place in (4, 0):
            writer.write(place, writer.packed(codes_of(place)))
    return tmp_path / "11.tif"


def test_tiles_come_back_as_written_and_the_others_are_empty(level: Path) -> None:
    reader = WebLevelReader(level, TILES, 3)
    np.testing.assert_array_equal(reader.read(4, [0, 1, 2]), codes_of(4))
    np.testing.assert_array_equal(reader.read(0, [2, 0]), codes_of(0)[[2, 0]])
    assert not reader.read(5, [0, 1, 2]).any()
    with ThreadPoolExecutor(8) as pool:
        assert all(
            np.array_equal(each, codes_of(0)) for each in pool.map(lambda _n: reader.read(0, [0, 1, 2]), range(16))
        )
    reader.close()


def test_bands_far_apart_are_read_each_by_itself(tmp_path: Path) -> None:
    tiles, codes = TileRange(zoom=0, col=0, row=0, cols=1, rows=1), np.zeros((4, AREA), np.uint8)
    codes[0], codes[3] = 7, np.arange(AREA) // 256
    codes[1:3] = np.random.default_rng(1).integers(0, 256, (2, AREA))
    with WebLevelWriter(tmp_path / "0.tif", tiles, ["a", "b", "c", "d"]) as writer:
        writer.write(0, writer.packed(codes))
    with WebLevelReader(tmp_path / "0.tif", tiles, 4) as reader:
        np.testing.assert_array_equal(reader.read(0, [0, 3]), codes[[0, 3]])
        np.testing.assert_array_equal(reader.read(0, [3, 1]), codes[[3, 1]])


def test_other_programs_read_it_in_its_place(level: Path) -> None:
    with rasterio.open(level) as file:
        assert file.descriptions == NAMES
        assert (file.count, file.nodata, file.block_shapes[0]) == (3, 0, (256, 256))
        assert file.crs.to_epsg() == 3857 or "Pseudo-Mercator" in file.crs.to_wkt()
        assert file.compression.name == "zstd"
        left, bottom, right, top = tile_bounds(11, 657, 1129)
        window = file.window(left, bottom, right, top)
        np.testing.assert_array_equal(file.read(window=window).reshape(3, -1), codes_of(4))


def test_one_band_and_one_tile_are_enough(tmp_path: Path) -> None:
    tiles = TileRange(zoom=0, col=0, row=0, cols=1, rows=1)
    with WebLevelWriter(tmp_path / "0.tif", tiles, ["x"]) as writer:
        writer.write(0, writer.packed(codes_of(1)[:1]))
    np.testing.assert_array_equal(WebLevelReader(tmp_path / "0.tif", tiles, 1).read(0, [0]), codes_of(1)[:1])
    with rasterio.open(tmp_path / "0.tif") as file:
        np.testing.assert_array_equal(file.read().reshape(1, -1), codes_of(1)[:1])


def test_the_same_tiles_give_the_same_bytes(level: Path, tmp_path: Path) -> None:
    with WebLevelWriter(tmp_path / "again.tif", TILES, NAMES) as writer:
        for place in (4, 0):
            writer.write(place, writer.packed(codes_of(place)))
    assert (tmp_path / "again.tif").read_bytes() == level.read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_ends_early_is_refused(level: Path, share: float) -> None:
    content = level.read_bytes()
    level.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError):
        WebLevelReader(level, TILES, 3).read(4, [0, 1, 2])


def test_what_is_not_the_file_asked_for_is_refused(level: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        WebLevelReader(tmp_path / "none.tif", TILES, 3)
    with pytest.raises(InputError):
        WebLevelReader(level, TILES, 4)
    with pytest.raises(InputError):
        WebLevelReader(level, TileRange(zoom=11, col=0, row=0, cols=2, rows=2), 3)
    content = bytearray(level.read_bytes())
    content[16:200] = bytes(184)
    level.write_bytes(bytes(content))
    with pytest.raises(InputError):
        WebLevelReader(level, TILES, 3).read(4, [0, 1, 2])


@settings(max_examples=20, deadline=None)
@given(bounds=st.tuples(*[st.floats(-2e7, 2e7)] * 4), zoom=st.integers(0, 12))
def test_a_range_holds_every_place_of_its_bounds(bounds: tuple[float, ...], zoom: int) -> None:
    (left, right), (bottom, top) = sorted(bounds[:2]), sorted(bounds[2:])
    tiles = TileRange.covering((left, bottom, right, top), zoom)
    for x, y in ((left, top), (right, bottom)):
        first = tile_bounds(zoom, 0, 0)
        side = first[2] - first[0]
        at = tiles.place(int((x - first[0]) // side), int((first[3] - y) // side))
        assert at is not None
        assert 0 <= at < tiles.count


def test_handles_are_as_many_as_read_at_once_not_as_threads_that_ever_came(tmp_path: Path) -> None:
    grid = Grid.covering((400_000, 7_900_000, 410_000, 7_910_000), crs="EPSG:32720", cell=30)
    with CogWriter(tmp_path / "x.tif", grid, names=["x"], unit="", dtype="uint8", nodata=0, thinned=True) as writer:
        writer.write(np.ones((1, *grid.shape), np.uint8))
    reader, sampler = RasterReader(tmp_path / "x.tif"), TileSampler(tmp_path / "x.tif")
    middle = TileRange.covering(sampler.web_bounds, 12)
    for _turn in range(6):
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _n: reader.read(0, 10), range(9)))
            list(pool.map(lambda _n: sampler.read(sampler.cells(12, middle.col, middle.row), [0]), range(9)))
    assert 0 < len(reader._handles) <= 3
    assert sum(len(each) for each in sampler._handles.values()) <= 3
    reader.close()
    sampler.close()
    assert len(reader._handles) == 0
    assert reader.read(0, 1).shape == (1, 1, grid.cols)
    reader.close()


def test_a_handle_that_comes_back_after_the_file_was_closed_is_closed_too(tmp_path: Path) -> None:
    grid = Grid.covering((400_000, 7_900_000, 401_000, 7_901_000), crs="EPSG:32720", cell=100)
    with CogWriter(tmp_path / "x.tif", grid, names=["x"], unit="", dtype="uint8", nodata=0) as writer:
        writer.write(np.ones((1, *grid.shape), np.uint8))
    pool = HandlePool(tmp_path / "x.tif")
    with pool.lent() as handle:
        pool.close()
        assert not handle.closed
    assert handle.closed
    assert len(pool) == 0
