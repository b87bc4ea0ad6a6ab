"""Raster files come back as written, with the same bytes every time; bad ones are refused in words."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.errors import RasterioIOError
from rasterio.transform import from_origin

from gis.atomic import sha256_of
from gis.errors import CrsError, GridError, InputError, MissingError, StorageError, VallesError
from gis.grid import Grid
from gis.rasters.cells import encode
from gis.rasters.cog import CogWriter, RasterReader, write_cog
from gis.rasters.disk_words import disk_words
from gis.rasters.raster import Raster, raster_info
from gis.rasters.warp import warp

ROOT = Path(__file__).resolve().parents[2]
GRID = Grid.covering((300_000, 7_900_000, 318_000, 7_921_000), crs="EPSG:32720", cell=30)


def _names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def _hills(grid: Grid) -> Raster:
    x, y = np.meshgrid(grid.xs, grid.ys)
    values = (1500 + 400 * np.sin(x / 900) * np.cos(y / 700)).astype(np.float32)
    values[: grid.rows // 7, : grid.cols // 5] = np.nan
    return Raster.of(values, unit="m", grid=grid)


@pytest.fixture(scope="module")
def hills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cog") / "hills.tif"
    write_cog(path, _hills(GRID), names=["elevation"], tags={"notice": "prueba"})
    return path


def _plain(path: Path, values: np.ndarray, *, crs: str | None = "EPSG:32720", nodata: float | None = -9999.0) -> Path:
    place = from_origin(300_000, 8_000_000, 100, 100) if crs != "EPSG:4326" else from_origin(-64.5, -18, 0.001, 0.001)
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype=values.dtype.name,
        crs=crs, transform=place, nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return path


def test_a_raster_comes_back_as_written(hills: Path) -> None:
    with RasterReader(hills) as reader:
        assert reader.grid.same_as(GRID)
        assert (reader.names, reader.units, reader.tags["notice"]) == (("elevation",), ("m",), "prueba")
        strips = [reader.read(start, stop)[0] for start, stop in GRID.strips(97)]
    np.testing.assert_array_equal(np.vstack(strips), _hills(GRID).filled())


def test_the_file_is_a_cloud_optimised_geotiff(hills: Path) -> None:
    with rasterio.open(hills) as file:
        assert file.block_shapes == [(256, 256)]
        assert file.overviews(1)
        first_block = int(file.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1))
        first_directory = int(file.get_tag_item("IFD_OFFSET", "TIFF", bidx=1))
        overview = int(file.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1, ovr=0))
    assert first_directory < 1000 < overview < first_block


def test_the_same_raster_gives_the_same_bytes(hills: Path, tmp_path: Path) -> None:
    with CogWriter(tmp_path / "again.tif", GRID, names=["elevation"], unit="m", tags={"notice": "prueba"}) as writer:
        for start, stop in GRID.strips(50):
            writer.write(_hills(GRID).filled()[start:stop], row=start)
    assert sha256_of(hills) == sha256_of(tmp_path / "again.tif")


@settings(max_examples=60)
@given(st.lists(st.one_of(st.floats(-300, 300), st.just(float("nan"))), min_size=1, max_size=30))
def test_scaled_cells_keep_values_to_half_a_step_and_missing_stays_missing(values: list[float]) -> None:
    array = np.array(values)
    stored = encode(array, dtype="int16", scale=0.01, nodata=-32768)
    assert ((stored == -32768) == np.isnan(array)).all()
    known = ~np.isnan(array)
    assert (np.abs(stored[known] * 0.01 - array[known]) <= 0.005 + 1e-9).all()


@settings(max_examples=60)
@given(st.lists(st.one_of(st.floats(-300, 300), st.just(float("nan"))), min_size=1, max_size=30))
def test_cells_beside_the_round_numbers_keep_values_to_half_a_step_too(values: list[float]) -> None:
    array, offset = np.array(values), 0.01 / 24
    stored = encode(array, dtype="int16", scale=0.01, nodata=-32768, offset=offset)
    assert ((stored == -32768) == np.isnan(array)).all()
    known = ~np.isnan(array)
    assert (np.abs(stored[known] * 0.01 + offset - array[known]) <= 0.005 + 1e-9).all()


def test_an_offset_is_told_by_the_file_and_applied_by_every_reader(tmp_path: Path) -> None:
    grid = Grid.covering((0, 0, 120, 90), crs="EPSG:32720", cell=30)
    values = np.linspace(-5, 30, grid.size, dtype=np.float32).reshape(grid.shape)
    values[0, 0] = np.nan
    with CogWriter(
        tmp_path / "t.tif", grid, names=["t"], unit="degC", dtype="int16", scale=0.01, offset=0.004
    ) as writer:
        writer.write(values)
    with RasterReader(tmp_path / "t.tif") as reader:
        read = reader.read(0, grid.rows)[0]
    np.testing.assert_allclose(read, values, atol=0.005001)
    steps = (read[~np.isnan(read)] - 0.004) / 0.01
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-3)
    np.testing.assert_array_equal(warp(tmp_path / "t.tif", grid, unit="degC", method="nearest").filled(), read)


def test_a_value_that_does_not_fit_is_refused_never_wrapped(tmp_path: Path) -> None:
    grid = Grid.covering((0, 0, 60, 30), crs="EPSG:32720", cell=30)
    with pytest.raises(InputError, match="no caben"):
        write_cog(
            tmp_path / "a.tif",
            Raster.of([[1.0, 400.0]], unit="degC", grid=grid),
            names=["t"],
            dtype="int16",
            scale=0.01,
        )
    assert _names(tmp_path) == []


def test_classes_and_palettes(tmp_path: Path) -> None:
    codes = np.arange(GRID.size, dtype=np.uint8).reshape(GRID.shape) % 5
    write_cog(
        tmp_path / "c.tif",
        Raster.of(codes, unit="class", grid=GRID),
        names=["c"],
        dtype="uint8",
        colours={1: (9, 8, 7, 255)},
    )
    with rasterio.open(tmp_path / "c.tif") as file:
        assert file.colormap(1)[1] == (9, 8, 7, 255)
        np.testing.assert_array_equal(file.read(1), codes)
        assert set(np.unique(file.read(1, out_shape=(35, 30)))) <= set(range(5))
    with pytest.raises(InputError, match="Paleta"):
        CogWriter(tmp_path / "d.tif", GRID, names=["a"], unit="m", colours={1: (0, 0, 0, 0)})


def test_strips_of_the_wrong_shape_or_place_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GridError), CogWriter(tmp_path / "a.tif", GRID, names=["a", "b"], unit="m") as writer:
        writer.write(np.zeros((1, 10, GRID.cols), np.float32))
    with pytest.raises(GridError), CogWriter(tmp_path / "a.tif", GRID, names=["a"], unit="m") as writer:
        writer.write(np.zeros((10, GRID.cols), np.float32), row=GRID.rows - 5)
    assert _names(tmp_path) == []


def test_threads_read_through_handles_of_their_own(hills: Path) -> None:
    expected, failures = _hills(GRID).filled(), []
    with RasterReader(hills) as reader:

        def read(start: int) -> None:
            for row in range(start, GRID.rows - 8, 40):
                same = np.array_equal(reader.read(row, row + 8)[0], expected[row : row + 8], equal_nan=True)
                failures.extend([] if same else [row])

        threads = [threading.Thread(target=read, args=(start,)) for start in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_reading_outside_the_file_is_refused(hills: Path) -> None:
    with RasterReader(hills) as reader:
        with pytest.raises(GridError):
            reader.read(0, GRID.rows + 1)
        with pytest.raises(MissingError, match="banda"):
            reader.read(0, 1, [1])
        with pytest.raises(MissingError, match="Tiene: elevation"):
            reader.band_named("rain")


def test_a_full_disk_leaves_the_old_file_and_one_clear_error(tmp_path: Path) -> None:
    code = (
        "import sys, numpy as np, resource, signal; from gis.grid import Grid; from gis.rasters.cog import write_cog\n"
        "from gis.rasters.raster import Raster; from gis.errors import StorageError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); limit = int(sys.argv[2])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "g = Grid.covering((0, 0, 30000, 30000), crs='EPSG:32720', cell=30)\n"
        "values = np.random.default_rng(0).random(g.shape, dtype=np.float32)\n"
        "try: write_cog(sys.argv[1], Raster.of(values, unit='m', grid=g), names=['a'])\n"
        "except StorageError as error: print('refused', error); sys.exit(3)\n"
    )
    target = tmp_path / "a.tif"
    target.write_text("before")
    for limit in (200_000, 4_200_000):  # too small for the draft; large enough for half of the file
        done = subprocess.run(
            [sys.executable, "-c", code, str(target), str(limit)], capture_output=True, text=True, cwd=ROOT, check=False
        )
        assert done.returncode == 3, done.stderr
        assert target.read_text() == "before"
        assert _names(tmp_path) == ["a.tif"]


def test_a_read_only_folder_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        write_cog(tmp_path / "file" / "a.tif", _hills(GRID), names=["a"])


@pytest.mark.parametrize("share", [0.05, 0.5, 0.98])
def test_a_truncated_raster_is_refused(hills: Path, tmp_path: Path, share: float) -> None:
    whole = hills.read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: int(len(whole) * share)])
    for use in (raster_info, RasterReader, lambda path: warp(path, GRID, unit="m")):
        with pytest.raises(InputError, match=r"cortado|dañado"):
            use(tmp_path / "cut.tif")


def test_a_damaged_block_is_an_error_of_the_house(hills: Path, tmp_path: Path) -> None:
    broken = bytearray(hills.read_bytes())
    broken[-60_000:] = b"\0" * 60_000
    (tmp_path / "broken.tif").write_bytes(bytes(broken))
    with RasterReader(tmp_path / "broken.tif") as reader, pytest.raises(InputError, match="no se puede leer"):
        reader.read(0, GRID.rows)
    with pytest.raises(InputError, match="no se puede leer"):
        warp(tmp_path / "broken.tif", GRID, unit="m")


def test_bad_rasters_are_refused_one_clear_error_each(tmp_path: Path) -> None:
    ones = np.ones((5, 5), np.float32)
    (tmp_path / "empty.tif").write_bytes(b"")
    (tmp_path / "text.tif").write_text("no soy un ráster")
    missing_everywhere = _plain(tmp_path / "void.tif", np.full((5, 5), -9999, np.float32))
    not_a_number = _plain(tmp_path / "nan.tif", np.full((5, 5), np.nan, np.float32), nodata=None)
    nowhere = _plain(tmp_path / "nowhere.tif", ones, crs=None)
    degrees = tmp_path / "degrees.tif"
    with rasterio.open(
        degrees, "w", driver="GTiff", width=5, height=5, count=1, dtype="float32", crs="EPSG:32720",
        transform=from_origin(-64.5, -18.0, 0.01, 0.01),
    ) as file:  # fmt: skip
        file.write(ones, 1)
    cases: list[tuple[Path, type[VallesError], str]] = [
        (tmp_path / "absent.tif", MissingError, "No existe"),
        (tmp_path / "empty.tif", InputError, "vacío"),
        (tmp_path / "text.tif", InputError, "no se puede leer"),
        (missing_everywhere, InputError, "ninguna celda con dato"),
        (not_a_number, InputError, "ninguna celda con dato"),
        (nowhere, CrsError, "no dice en qué sistema"),
        (degrees, CrsError, "parecen grados"),
    ]
    for path, kind, words in cases:
        with pytest.raises(kind, match=words):
            raster_info(path)
        with pytest.raises(kind, match=words):
            warp(path, GRID, unit="m")


def test_a_prepared_raster_in_degrees_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match=r"grado|degree"):
        RasterReader(_plain(tmp_path / "d.tif", np.ones((5, 5), np.float32), crs="EPSG:4326"))


def test_shapes_and_units_belong_to_the_type() -> None:
    with pytest.raises(GridError):
        Raster.of(np.zeros((3, 3)), unit="m", grid=GRID)
    with pytest.raises(GridError):
        Raster(np.zeros(GRID.shape), np.zeros(GRID.shape, np.uint8), "m", GRID)  # type: ignore[arg-type]  the point
    with pytest.raises(MissingError):
        _hills(GRID).band(1)


def test_memory_stays_flat_however_large_the_file(tmp_path: Path) -> None:
    code = (
        "import sys, numpy as np, resource\n"
        "from gis.grid import Grid; from gis.rasters.cog import CogWriter, RasterReader\n"
        "g = Grid.covering((0, 0, 90000, 120000), crs='EPSG:32720', cell=30)\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "start = peak()\n"
        "with CogWriter(sys.argv[1], g, names=['a', 'b', 'c'], unit='m', dtype='int16') as w:\n"
        "    for a, b in g.strips(256): w.write(np.full((3, b - a, g.cols), a, np.float32), row=a)\n"
        "with RasterReader(sys.argv[1]) as r:\n"
        "    for a, b in g.strips(256): assert r.read(a, b)[2, 0, 5] == a\n"
        "print((peak() - start) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.tif")], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert int(done.stdout) < 160, "MB over the start; the file is 72 MB and its values 144 MB"


def test_a_disk_too_small_for_a_raster_is_told_before_the_library_fills_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    grid = Grid.covering((0, 0, 300, 300), crs="EPSG:32720", cell=30)
    monkeypatch.setattr("gis.rasters.cog.room", lambda _path: grid.size * 4 - 1)
    with (
        pytest.raises(StorageError, match="No queda espacio"),
        CogWriter(tmp_path / "a.tif", grid, names=["a"], unit="m"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
    assert not capfd.readouterr().err


def test_what_the_library_refuses_on_a_full_disk_is_lack_of_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis.rasters.disk_words.room", lambda _path: 0)
    with pytest.raises(StorageError, match="No queda espacio"), disk_words(tmp_path / "a.tif"):
        raise RasterioIOError("Write failed. See previous exception for details.")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="sizes of files are limited otherwise there")
def test_a_disk_that_fills_up_while_a_raster_is_written_is_told_by_us_alone(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys\n"
        "import numpy as np\n"
        "from gis.grid import Grid\n"
        "from gis.errors import StorageError\n"
        "from gis.rasters.cog import CogWriter\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "grid = Grid.covering((0, 0, 30_000, 30_000), crs='EPSG:32720', cell=30)\n"
        "try:\n"
        "    with CogWriter(sys.argv[1], grid, names=['a'], unit='m') as writer:\n"
        "        writer.write(np.ones(grid.shape, dtype=np.float32))\n"
        "except StorageError as error:\n"
        "    print(error.found)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.tif")], capture_output=True, text=True, check=False, timeout=60
    )
    assert "a.tif" in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
