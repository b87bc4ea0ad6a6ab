"""Of a raster on the web only the blocks that the place touches travel, and always those of one and the same file."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import rasterio
from fault_server import Change, Drop, FaultServer, Html, NoRange, NoTag, Status
from numpy.typing import NDArray
from rasterio.transform import from_origin

from gis.errors import InputError, VallesError
from gis.rasters.native import bytes_in_box, filled_window, native_raster
from gis.rasters.raster_source import RasterSource
from layers.transfer.range_file import RemoteFile
from layers.transfer.web_client import Patience, WebClient
from layers.transfer.web_errors import NoRangesError, RefusedError, SourceChangedError, UnexpectedContentError

pytestmark = pytest.mark.network

SIDE = 2048
BLOCK = 512
WEST, NORTH = -65.0, -18.0
CELL = 1 / SIDE
NAME = "producto/tesela.tif"


def _client() -> WebClient:
    return WebClient(Patience(backoff_s=0.001, read_s=1, attempts=3))


def _write(path: Path, values: NDArray[np.generic], **options: object) -> bytes:
    with rasterio.open(
        path,
        "w",
        driver="COG",
        width=SIDE,
        height=SIDE,
        count=1,
        dtype=values.dtype,
        crs="EPSG:4326",
        transform=from_origin(WEST, NORTH, CELL, CELL),
        blocksize=BLOCK,
        compress="DEFLATE",
        **options,
    ) as target:
        target.write(values, 1)
    return path.read_bytes()


@pytest.fixture(scope="module")
def relief(tmp_path_factory: pytest.TempPathFactory) -> tuple[NDArray[np.float32], bytes]:
    down, across = np.mgrid[0:SIDE, 0:SIDE] / 200
    rough = np.random.default_rng(3).normal(0, 4, (SIDE, SIDE))
    values = (1500 + 600 * np.sin(down) * np.cos(across) + rough).astype(np.float32)
    return values, _write(tmp_path_factory.mktemp("cog") / "dem.tif", values, predictor=3, nodata=-32767)


@pytest.fixture(scope="module")
def cover(tmp_path_factory: pytest.TempPathFactory) -> tuple[NDArray[np.uint8], bytes]:
    rough = np.random.default_rng(4).choice([10, 20, 30, 40], (SIDE // 2, SIDE // 2), p=[0.7, 0.2, 0.07, 0.03])
    values = np.kron(rough, np.ones((2, 2))).astype(np.uint8)
    return values, _write(tmp_path_factory.mktemp("cog") / "cover.tif", values, nodata=0)


def _read(remote: RemoteFile, box: tuple[float, float, float, float], rows: int = 700) -> NDArray[np.generic]:
    with native_raster(RasterSource(NAME, remote)) as raster:
        part = raster.lattice.over(box)
        strips = [
            filled_window([raster], part.part(row, min(row + rows, part.rows), 0, part.cols), fill=0)
            for row in range(0, part.rows, rows)
        ]
    return np.concatenate(strips, axis=1)[0]


def _cells(values: NDArray[np.generic], box: tuple[float, float, float, float]) -> NDArray[np.generic]:
    west, south, east, north = box
    rows, cols = (NORTH - np.array([north, south])) * SIDE, (np.array([west, east]) - WEST) * SIDE
    return values[round(rows[0]) : round(rows[1]), round(cols[0]) : round(cols[1])]


def _block_bytes(data: bytes, box: tuple[float, float, float, float]) -> int:
    """Add up the blocks that a box touches, as the file's own directory tells them."""
    west, south, east, north = box
    total = 0
    with rasterio.MemoryFile(data) as memory, memory.open() as source:
        for row in range(int((NORTH - north) * SIDE) // BLOCK, (round((NORTH - south) * SIDE) - 1) // BLOCK + 1):
            for col in range(int((west - WEST) * SIDE) // BLOCK, (round((east - WEST) * SIDE) - 1) // BLOCK + 1):
                total += int(source.get_tag_item(f"BLOCK_SIZE_{col}_{row}", "TIFF", bidx=1))
    return total


BOXES = {
    "one block": (-64.75 + CELL, -18.5 + CELL, -64.5 - CELL, -18.25 - CELL),
    "four blocks": (-64.875, -18.375, -64.625, -18.125),
    "nine of sixteen": (-64.9, -18.7, -64.3, -18.1),
    "all": (-65.0, -19.0, -64.0, -18.0),
}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
@pytest.mark.parametrize("kind", ["relief", "cover"])
def test_at_most_one_and_a_half_times_the_blocks_travel_header_included(
    fault_server: FaultServer, request: pytest.FixtureRequest, kind: str, box: tuple[float, float, float, float]
) -> None:
    values, data = request.getfixturevalue(kind)
    box = tuple(round(value * SIDE) / SIDE for value in box)  # type: ignore[assignment]
    address = fault_server.put("tesela.tif", data)
    remote = RemoteFile(_client(), address, NAME)
    np.testing.assert_array_equal(_read(remote, box), _cells(values, box))
    assert fault_server.body_bytes() == remote.fetched
    assert remote.fetched <= 1.5 * _block_bytes(data, box)


def test_neighbouring_blocks_travel_in_one_request(
    fault_server: FaultServer, relief: tuple[NDArray[np.float32], bytes]
) -> None:
    remote = RemoteFile(_client(), fault_server.put("tesela.tif", relief[1]), NAME)
    _read(remote, BOXES["all"], rows=BLOCK)
    assert len(fault_server.requests()) <= 1 + SIDE // BLOCK
    before = fault_server.body_bytes()
    _read(remote, BOXES["all"], rows=BLOCK)
    assert fault_server.body_bytes() == before


def test_what_would_travel_is_known_from_the_directory_alone(
    fault_server: FaultServer, relief: tuple[NDArray[np.float32], bytes]
) -> None:
    remote = RemoteFile(_client(), fault_server.put("tesela.tif", relief[1]), NAME)
    box = tuple(round(value * SIDE) / SIDE for value in BOXES["nine of sixteen"])
    with native_raster(RasterSource(NAME, remote)) as raster:
        told = bytes_in_box(raster, box)  # type: ignore[arg-type]
        assert bytes_in_box(raster, (10.0, 10.0, 11.0, 11.0)) == 0
    assert told == _block_bytes(relief[1], box)  # type: ignore[arg-type]
    assert fault_server.body_bytes() < 20_000


@pytest.mark.parametrize("fault", [Drop(after=1000), Status(500), Status(429, retry_after="0")], ids=str)
def test_a_passing_fault_between_two_parts_goes_unnoticed(
    fault_server: FaultServer, relief: tuple[NDArray[np.float32], bytes], fault: Drop | Status
) -> None:
    remote = RemoteFile(_client(), fault_server.put("tesela.tif", relief[1]), NAME)
    fault_server.fault("tesela.tif", fault, times=2)
    box = tuple(round(value * SIDE) / SIDE for value in BOXES["four blocks"])
    np.testing.assert_array_equal(_read(remote, box), _cells(relief[0], box))  # type: ignore[arg-type]


@pytest.mark.parametrize("tagged", [True, False])
def test_a_file_that_changes_while_it_is_read_is_never_mixed(
    fault_server: FaultServer, relief: tuple[NDArray[np.float32], bytes], *, tagged: bool
) -> None:
    if not tagged:
        fault_server.fault("tesela.tif", NoTag(), times=None)
    remote = RemoteFile(_client(), fault_server.put("tesela.tif", relief[1]), NAME)
    fault_server.fault("tesela.tif", Change(content=relief[1] + b"x", after=5000))
    with pytest.raises(SourceChangedError, match="cambió mientras se leía") as error:
        _read(remote, BOXES["four blocks"])
    assert error.value.remedy


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (NoRange(), NoRangesError, "no se deja leer por partes"),
        (Html(), UnexpectedContentError, "página web"),
        (Status(404), RefusedError, "404"),
    ],
    ids=str,
)
def test_what_cannot_be_read_by_parts_is_told_at_the_door(
    fault_server: FaultServer,
    relief: tuple[NDArray[np.float32], bytes],
    fault: NoRange | Html | Status,
    kind: type[VallesError],
    words: str,
) -> None:
    address = fault_server.put("tesela.tif", relief[1])
    fault_server.fault("tesela.tif", fault, times=None)
    with pytest.raises(kind, match=words):
        RemoteFile(_client(), address, NAME)


def test_a_connection_lost_for_good_is_named_not_the_librarys_riddle(
    fault_server: FaultServer, relief: tuple[NDArray[np.float32], bytes]
) -> None:
    remote = RemoteFile(_client(), fault_server.put("tesela.tif", relief[1]), NAME)
    fault_server.fault("tesela.tif", Drop(after=0), times=None)
    with pytest.raises(VallesError, match="la conexión se cortó"):
        _read(remote, BOXES["four blocks"])


def test_a_file_that_is_no_raster_is_refused(fault_server: FaultServer) -> None:
    remote = RemoteFile(_client(), fault_server.put("tesela.tif", b"II*\x00" + b"\x07" * 9000), NAME)
    with pytest.raises(InputError, match="no se puede leer como ráster"):
        _read(remote, BOXES["four blocks"])


def test_several_threads_read_one_file(fault_server: FaultServer, relief: tuple[NDArray[np.float32], bytes]) -> None:
    remote = RemoteFile(_client(), fault_server.put("tesela.tif", relief[1]), NAME)
    found: list[bool] = []

    def look(first: int) -> None:
        found.append(remote.read(first, 90_000) == relief[1][first : first + 90_000])

    threads = [threading.Thread(target=look, args=(number * 50_001,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [True] * 8
