"""A raster is the same however it is cut into strips and however many threads make them, and costs as little memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from gis.errors import GridError, InputError
from gis.grid import Grid
from gis.rasters import cells as cells_module
from gis.rasters.cell_runs import CellRuns
from gis.rasters.cells import NODATA, encode
from gis.rasters.coarse_field import CoarseField
from gis.rasters.cog import CogWriter
from gis.rasters.stored_field import stored_field
from gis.rasters.warp import warper

ROOT = Path(__file__).resolve().parents[2]
PLACE = pyproj.Transformer.from_crs(4326, 32720, always_xy=True)
GRID = Grid.covering(PLACE.transform_bounds(-64.8, -18.5, -64.5, -18.2), crs="EPSG:32720", cell=150)

Rows = Callable[[int, int], np.ndarray]


@pytest.fixture(scope="module")
def coarse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("coarse") / "soil.tif"
    rng = np.random.default_rng(3)
    values = rng.integers(-400, 900, (3, 70, 60), dtype=np.int16)
    values[:, rng.random((70, 60)) < 0.1] = -32768
    with rasterio.open(
        path, "w", driver="GTiff", width=60, height=70, count=3, dtype="int16", crs="EPSG:4326", nodata=-32768,
        transform=from_origin(-64.85, -18.15, 0.006, 0.006),
    ) as target:  # fmt: skip
        target.write(values)
        target.scales, target.offsets = (0.1, 0.01, 1.0), (0.0, 2.0, -273.15)
    return path


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("classes") / "cover.tif"
    rng = np.random.default_rng(4)
    with rasterio.open(
        path, "w", driver="GTiff", width=900, height=900, count=1, dtype="uint8", crs="EPSG:4326", nodata=0,
        transform=from_origin(-64.83, -18.17, 0.0004, 0.0004), tiled=True, blockxsize=256, blockysize=256,
    ) as target:  # fmt: skip
        target.write(rng.integers(0, 6, (1, 900, 900), dtype=np.uint8) * 10)
    return path


def in_strips(rows: Rows, height: int, *, threads: int) -> np.ndarray:
    with ThreadPoolExecutor(threads) as pool:
        made = list(pool.map(lambda each: rows(*each), GRID.strips(height)))
    return np.concatenate(made, axis=1)


@settings(max_examples=12, deadline=None)
@given(height=st.integers(1, 250), threads=st.integers(1, 4))
def test_a_field_in_a_file_reads_as_one_in_memory_however_it_is_cut(coarse: Path, height: int, threads: int) -> None:
    whole = CoarseField.read(coarse, unit="%", bands=[3, 1]).sampler(GRID).rows(0, GRID.rows)
    assert np.isfinite(whole).mean() > 0.5
    with stored_field(coarse, bands=[3, 1]) as field:
        cut = in_strips(field.sampler(GRID).rows, height, threads=threads)
    np.testing.assert_array_equal(cut, whole)


@settings(max_examples=8, deadline=None)
@given(height=st.integers(20, 250), threads=st.integers(1, 3))
def test_the_most_frequent_class_is_the_same_however_it_is_cut(classes: Path, height: int, threads: int) -> None:
    with warper(classes, GRID, method="mode") as source:
        np.testing.assert_array_equal(
            in_strips(source.rows, height, threads=threads), source.rows(0, GRID.rows), strict=True
        )


def test_the_most_frequent_class_is_the_one_that_a_count_finds(classes: Path) -> None:
    with rasterio.open(classes) as source:
        stored, place = source.read(1), source.transform
    with warper(classes, GRID, method="mode") as opened:
        found = opened.rows(0, GRID.rows)[0]
    back = pyproj.Transformer.from_crs(32720, 4326, always_xy=True)
    right = judged = 0
    for row, col in np.random.default_rng(5).integers(2, min(GRID.shape) - 2, (60, 2)):
        x, y = GRID.xs[col], GRID.ys[row]
        lon, lat = back.transform([x - 75, x + 75], [y + 75, y - 75])
        (left, top), (far, low) = (~place @ (lon[0], lat[0])), (~place @ (lon[1], lat[1]))
        if min(left, top) < 0 or max(far, low) > 900:
            continue
        part = stored[round(top) : round(low), round(left) : round(far)]
        numbers, counts = np.unique(part[part > 0], return_counts=True)
        clear = np.sort(counts)[-1] - np.sort(counts)[-2] >= 3
        judged += clear
        right += clear and found[row, col] == numbers[counts.argmax()]
    assert judged >= 3
    assert right == judged


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-1e4, 1e4, width=32) | st.sampled_from([np.nan, np.inf, -np.inf]), min_size=1, max_size=40),
    st.sampled_from([("int16", 0.5, 0.0), ("int16", 1.0, 0.0417), ("int32", 0.001, 0.0), ("uint8", 60.0, -1e4)]),
)
def test_the_compiled_loop_stores_what_the_plain_one_stores(
    values: list[float], how: tuple[cells_module.CellType, float, float]
) -> None:
    dtype, scale, offset = how
    array = np.array([values], np.float32)
    stored = []
    for worth in (1, 1 << 40):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cells_module, "_WORTH_COMPILING", worth)
            try:
                stored.append(encode(array, dtype=dtype, scale=scale, nodata=NODATA[dtype], offset=offset).tolist())
            except InputError:
                stored.append("refused")
    assert stored[0] == stored[1]


@settings(max_examples=40)
@given(st.integers(1, 9), st.integers(1, 30), st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_wanted_cells_are_kept_whatever_the_strips(rows: int, cols: int, seed: int, height: int) -> None:
    wanted = np.random.default_rng(seed).random((rows, cols)) < 0.5
    runs = CellRuns(wanted[start : start + height] for start in range(0, rows, height))
    assert runs.shape == wanted.shape
    assert runs.any() == wanted.any()
    np.testing.assert_array_equal(runs.rows(0, rows), wanted)
    np.testing.assert_array_equal(runs.rows(rows - 1, rows), wanted[-1:])
    with pytest.raises(GridError):
        runs.rows(0, rows + 1)


def test_a_file_is_the_same_whatever_the_strips_it_is_written_in(tmp_path: Path) -> None:
    grid = Grid.covering((0, 0, 21_000, 18_900), crs="EPSG:32720", cell=30)
    values = np.random.default_rng(6).normal(20, 5, (2, *grid.shape)).astype(np.float32)
    values[:, 100:300, :350] = np.nan
    files = []
    for height in (16, 64, 256):
        path = tmp_path / f"{height}.tif"
        with CogWriter(path, grid, names=["a", "b"], unit="m", dtype="int16", scale=0.01, strip_rows=height) as writer:
            for start, stop in grid.strips(height):
                writer.write(values[:, start:stop], row=start)
        files.append(path.read_bytes())
    assert files[0] == files[1] == files[2]


def test_the_mean_of_fine_cells_is_that_of_a_plain_count(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    fine = rng.normal(1500, 300, (640, 640)).astype(np.float32)
    with rasterio.open(
        tmp_path / "dem.tif", "w", driver="GTiff", width=640, height=640, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(-65, -18, 0.001, 0.001), tiled=True, blockxsize=512, blockysize=512,
    ) as target:  # fmt: skip
        target.write(fine[np.newaxis])
    field = CoarseField(
        values=np.zeros((1, 64, 64)), unit="m", crs=pyproj.CRS(4326), transform=Affine(0.01, 0, -65, 0, -0.01, -18)
    )
    expected = fine.reshape(64, 10, 64, 10).mean(axis=(1, 3))
    np.testing.assert_allclose(field.average_of(tmp_path / "dem.tif"), expected, rtol=1e-6)


def test_a_territory_ten_times_as_large_takes_no_more_memory(coarse: Path, classes: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from types import SimpleNamespace\n"
        "from gis.grid import Grid; from gis.rasters.cell_runs import CellRuns\n"
        "from gis.rasters.raster import raster_info; import numpy as np\n"
        "from layers.catalogue.themes import theme; from layers.preparation.prepare_rasters import *\n"
        "def peak():\n"
        "    told = Path('/proc/self/status').read_text().splitlines()\n"
        "    return next(int(each.split()[1]) for each in told if each.startswith('VmHWM')) // 1024\n"
        "def prepare(share):\n"
        "    side = round(28_000 * share ** 0.5)\n"
        "    box = (311_000, 7_984_000 - side, 311_000 + side, 7_984_000)\n"
        "    grid = Grid.covering(box, crs='EPSG:32720', cell=20)\n"
        "    inside = CellRuns(np.ones((b - a, grid.cols), bool) for a, b in grid.strips(256))\n"
        "    place = SimpleNamespace(territory=SimpleNamespace(notice=''))\n"
        "    bench = SimpleNamespace(grid=grid, inside=inside, workspace=place, progress=lambda *_: None)\n"
        "    for name, file in (('soil', sys.argv[1]), ('land_cover', sys.argv[2])):\n"
        "        known, info = theme(name), raster_info(file)\n"
        "        numbers = list(range(1, info.bands + 1))\n"
        "        bands = [Band(name=str(n), unit=known.bands[0].unit, low=-1e6, high=1e6) for n in numbers]\n"
        "        with strips_of(bench, Path(file), numbers, theme=known, info=info, masked=True) as strip:\n"
        "            write_strips(bench, Path(sys.argv[3]) / 'a.tif', strip, bands=bands, cells=CELLS[name])\n"
        "    return peak()\n"
        "small = prepare(1); print(small, prepare(10))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(coarse), str(classes), str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    small, large = map(int, done.stdout.split())
    assert large - small < 120, "MB; the larger raster of three bands is 235 MB"
