"""Cells under the pixels of a tile: stored values only, from the overview that fits, from any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyproj
import pytest

from gis.crs import require_metres
from gis.errors import InputError, MissingError
from gis.grid import Grid
from gis.rasters.cog import CogWriter
from gis.rasters.png import encode_palette_png
from gis.rasters.tile_sampler import TileSampler
from gis.rasters.web_tile import TILE_PIXELS, tile_bounds

ROWS, COLS, CELL = 1_100, 900, 30.0


@pytest.fixture(scope="module")
def sampler(tmp_path_factory: pytest.TempPathFactory) -> TileSampler:
    """Return a sampler whose two bands say row and column of each cell, in eights, from 1."""
    path = tmp_path_factory.mktemp("sampled") / "cells.tif"
    grid = Grid(require_metres("EPSG:32720", what="x"), CELL, left=400_000, top=7_980_000, rows=ROWS, cols=COLS)
    row, col = np.mgrid[:ROWS, :COLS]
    cells = np.stack([row // 8 + 1, col // 8 + 1]).astype(np.uint8)
    with CogWriter(
        path, grid, names=["row", "col"], unit="", dtype="uint8", nodata=0, classes=True, thinned=True
    ) as file:
        for start, stop in grid.strips(256):
            file.write(cells[:, start:stop], row=start)
    return TileSampler(path)


def tile_at_middle(z: int) -> tuple[int, int, int]:
    x, y = pyproj.Transformer.from_crs("EPSG:32720", "EPSG:3857", always_xy=True).transform(413_500, 7_963_500)
    half = tile_bounds(0, 0, 0)[2]
    side = 2 * half / 2**z
    return z, int((x + half) // side), int((half - y) // side)


@pytest.mark.parametrize("z", [4, 7, 8, 9, 10, 11, 12, 13, 15, 20])
def test_a_pixel_gets_a_cell_from_where_it_lies(sampler: TileSampler, z: int) -> None:
    tile = tile_at_middle(z)
    cells = sampler.cells(*tile)
    assert cells is not None
    found = sampler.read(cells, [0, 1]).reshape(2, TILE_PIXELS, TILE_PIXELS)
    rows, cols = sampler.places(tile_bounds(*tile), exact=True)
    inside = (rows >= 0) & (rows < ROWS) & (cols >= 0) & (cols < COLS)
    assert inside.any()
    # Where the interpolated place falls on the other side of the grid's edge there is nothing to compare.
    inside &= found[0] > 0
    assert (found[0][~inside] == 0).all() or z > 7
    width = 1 if cells.level < 0 else ROWS / sampler.shapes[cells.level][0]
    assert width <= max(1, 2 * 156_543 * 0.951 / 2**z / CELL)
    for band, places in zip(found, (rows, cols), strict=True):
        # A thinned overview keeps one cell of each of its own, anywhere in it.
        off = np.abs(places[inside] - ((band[inside].astype(float) - 1) * 8 + 4))
        assert off.max() <= 4 + width + 0.05


def test_wide_pixels_read_an_overview(sampler: TileSampler) -> None:
    levels = {z: sampler.cells(*tile_at_middle(z)).level for z in (8, 10, 11, 12, 13)}
    assert levels[13] == levels[12] == -1
    assert levels[8] > levels[11] >= 0


def test_tiles_elsewhere_have_no_cells(sampler: TileSampler) -> None:
    z, x, y = tile_at_middle(14)
    assert sampler.cells(z, x + 100, y) is None
    assert sampler.cells(14, 0, 0) is None
    with pytest.raises(InputError):
        sampler.cells(2, 4, 0)


def test_threads_see_the_same_cells(sampler: TileSampler) -> None:
    tile = tile_at_middle(11)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _n: sampler.read(sampler.cells(*tile), [1]), range(8)))
    assert all(np.array_equal(found[0], each) for each in found)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        TileSampler(tmp_path / "none.tif")


def test_a_palette_refuses_what_it_cannot_draw() -> None:
    palette = np.zeros((2, 4), np.uint8)
    for places, colours in (
        (np.full((2, 2), 2, np.uint8), palette),
        (np.zeros((2, 2), np.int16), palette),
        (np.zeros((2, 2), np.uint8), palette[:, :3]),
        (np.zeros((0, 2), np.uint8), palette),
        (np.zeros((2, 2), np.uint8), np.zeros((257, 4), np.uint8)),
    ):
        with pytest.raises(InputError):
            encode_palette_png(places, colours)
