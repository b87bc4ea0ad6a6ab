"""Raster tiles show what lies there and meet without a seam."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pyproj
import pytest
from numpy.typing import NDArray

from gis.errors import InputError
from gis.grid import Grid
from gis.rasters.cog import write_cog
from gis.rasters.png import encode_png
from gis.rasters.raster import Raster
from gis.rasters.web_tile import read_tile, tile_bounds, web_tile
from gis.relief.hillshade import hillshade_tile

GRID = Grid.covering((380_000, 7_940_000, 440_000, 7_990_000), crs="EPSG:32720", cell=250)


@pytest.fixture(scope="module")
def relief(tmp_path_factory: pytest.TempPathFactory) -> Path:
    x, y = np.meshgrid(GRID.xs, GRID.ys)
    path = tmp_path_factory.mktemp("tiles") / "relief.tif"
    write_cog(path, Raster.of(1000 + 500 * np.sin(x / 5000) * np.cos(y / 4000), unit="m", grid=GRID), names=["z"])
    return path


def _decode(png: bytes) -> NDArray[np.uint8]:
    cols, rows, _depth, kind = struct.unpack(">IIBB", png[16:26])
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[kind]
    start = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[start - 4 : start])
    lines = np.frombuffer(zlib.decompress(png[start + 4 : start + 4 + length]), np.uint8)
    return lines.reshape(rows, 1 + cols * channels)[:, 1:].reshape(rows, cols, channels)


def test_a_png_comes_back_as_encoded() -> None:
    pixels = np.arange(5 * 7 * 4, dtype=np.uint8).reshape(5, 7, 4)
    np.testing.assert_array_equal(_decode(encode_png(pixels)), pixels)
    with pytest.raises(InputError):
        encode_png(np.zeros((2, 2), np.float32))  # type: ignore[arg-type]  the point


def test_tiles_halve_and_meet() -> None:
    left, bottom, right, top = tile_bounds(9, 164, 282)
    assert tile_bounds(10, 328, 564)[0] == pytest.approx(left)
    assert tile_bounds(10, 329, 565)[1:3] == pytest.approx((bottom, right))
    assert tile_bounds(9, 165, 282)[0] == pytest.approx(right)
    assert tile_bounds(9, 164, 281)[1] == pytest.approx(top)
    with pytest.raises(InputError):
        tile_bounds(2, 4, 0)


def test_a_tile_reads_the_values_of_the_place(relief: Path) -> None:
    z, x, y = 10, 330, 565
    values = read_tile(relief, z, x, y)
    assert values is not None
    left, _bottom, right, top = tile_bounds(z, x, y)
    pixel = (right - left) / 256
    to_utm = pyproj.Transformer.from_crs(3857, 32720, always_xy=True)
    places = [(40, 60), (128, 128), (200, 90)]
    for row, col in places:
        east, north = to_utm.transform(left + (col + 0.5) * pixel, top - (row + 0.5) * pixel)
        if np.isfinite(values[0, row, col]):
            assert values[0, row, col] == pytest.approx(1000 + 500 * np.sin(east / 5000) * np.cos(north / 4000), abs=6)
    assert np.isfinite(values).any()
    assert read_tile(relief, 10, 10, 10) is None


def test_a_rendered_tile_is_a_png_and_nothing_where_nothing_is(relief: Path) -> None:
    def grey(values: NDArray[np.float32]) -> NDArray[np.uint8]:
        return np.nan_to_num(values[0] / 8).clip(0, 255).astype(np.uint8)

    tile = web_tile(relief, 10, 330, 565, grey)
    assert tile is not None
    assert _decode(tile).shape == (256, 256, 1)
    assert web_tile(relief, 10, 0, 0, grey) is None
    assert hillshade_tile(relief, 10, 0, 0) is None


def test_shaded_tiles_meet_without_a_seam(relief: Path) -> None:
    left, right = (hillshade_tile(relief, 12, x, 2262) for x in (1320, 1321))
    assert left is not None
    assert right is not None
    one, other = _decode(left).astype(int), _decode(right).astype(int)
    light = [np.where(tile[..., 0] > 0, tile[..., 1], -tile[..., 1]) for tile in (one, other)]
    across = np.abs(light[0][:, -1] - light[1][:, 0])
    within = np.abs(np.diff(light[0], axis=1))
    assert across.mean() <= 2 * within.mean() + 1
