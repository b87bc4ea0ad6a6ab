"""Files of pieces give back what was written, by number or by name, and say when they are damaged."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from gis.errors import InputError, MissingError, StorageError
from gis.rasters.frames import FrameReader, FrameWriter
from gis.rasters.packed_arrays import ArrayReader, ArrayWriter, pack
from gis.rasters.shared_file import SharedFile

VALUES = np.arange(1_000, dtype=np.float32).reshape(2, 500)


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    with FrameWriter(tmp_path / "x.frames", 5) as writer:
        writer.write(3, b"three" * 1_000)
        writer.write(1, b"")
    return tmp_path / "x.frames"


@pytest.fixture
def arrays(tmp_path: Path) -> Path:
    with ArrayWriter(tmp_path / "x.arrays") as writer:
        writer.write("one", pack(VALUES, (1.5, -2.0)))
        writer.write("none", pack(np.zeros(0, dtype=np.uint8)))
    return tmp_path / "x.arrays"


def read_all(path: Path) -> None:
    """Read everything that a file of either kind holds."""
    if path.suffix == ".frames":
        with FrameReader(path) as pieces:
            for place in range(len(pieces)):
                pieces.read(place)
    else:
        with ArrayReader(path) as named:
            for name in ("one", "none"):
                named.read(name)


def test_pieces_come_back_by_their_number(frames: Path) -> None:
    with FrameReader(frames) as reader:
        found = reader.read(3)
        assert found is not None
        assert found.tobytes() == b"three" * 1_000
        assert reader.read(0) is None
        empty = reader.read(1)
        assert empty is not None
        assert not len(empty)
        assert len(reader) == 5


def test_arrays_come_back_by_their_name_with_the_numbers_beside_them(arrays: Path) -> None:
    with ArrayReader(arrays) as reader:
        found, notes = reader.read("one")
        np.testing.assert_array_equal(found, VALUES)
        assert notes == (1.5, -2.0)
        assert reader.read("none")[0].shape == (0,)
        with pytest.raises(InputError):
            reader.read("other")


def test_an_array_is_carried_to_another_file_as_it_is_stored(arrays: Path, tmp_path: Path) -> None:
    with ArrayReader(arrays) as reader, ArrayWriter(tmp_path / "y.arrays") as writer:
        for name in ("one", "none"):
            writer.write(name, reader.packed(name))
    assert (tmp_path / "y.arrays").read_bytes() == arrays.read_bytes()


@given(npst.arrays(st.sampled_from(["u1", "<u2", "<f4", "<i8"]), npst.array_shapes(min_side=0)))
def test_any_plain_array_comes_back(tmp_path_factory: pytest.TempPathFactory, values: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("any") / "x.arrays"
    with ArrayWriter(path) as writer:
        writer.write("x", pack(values))
    with ArrayReader(path) as reader:
        found, _notes = reader.read("x")
    assert (found.dtype, found.shape, found.tobytes()) == (values.dtype, values.shape, values.tobytes())


@pytest.mark.parametrize("kind", ["frames", "arrays"])
def test_not_one_byte_changes_unseen(kind: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(kind)
    content = path.read_bytes()
    eight = len(b"vallesF2")
    for place in range(eight, len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        with pytest.raises(InputError, match="dañado"):
            read_all(path)
    path.write_bytes(content)
    read_all(path)


@pytest.mark.parametrize("kind", ["frames", "arrays"])
def test_a_file_that_ends_early_is_refused(kind: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(kind)
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match="dañado"):
            read_all(path)


def test_one_kind_of_file_is_not_read_as_the_other(frames: Path, arrays: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="dañado"):
        ArrayReader(frames)
    with pytest.raises(InputError, match="dañado"):
        FrameReader(arrays)
    with pytest.raises(MissingError):
        FrameReader(tmp_path / "none.frames")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        SharedFile(tmp_path)


def test_a_writer_that_fails_seals_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with FrameWriter(tmp_path / "x.frames", 1) as writer:
            writer.write(0, b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(InputError):
        FrameReader(tmp_path / "x.frames")


@pytest.mark.parametrize("at_a_place", [True, False])
def test_threads_share_a_file(at_a_place: bool, arrays: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not at_a_place:  # as on a system that cannot read at a place
        monkeypatch.delattr(os, "pread", raising=False)
    content, file = arrays.read_bytes(), SharedFile(arrays)
    places = [(start, min(37, len(content) - start)) for start in range(0, len(content), 11)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda place: file.read(*place), places * 20))
    file.close()
    assert found == [content[start : start + length] for start, length in places] * 20
