"""A file of named arrays, each packed by itself, that any number of threads read and that tells when it is damaged.

Packing is LZ4: unpacking costs little more than reading, which is what a stack's second file is for.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gis.atomic import storage_errors
from gis.rasters.frames import SharedFile, damaged

_MAGIC = b"vallesA1"
_TAIL = struct.Struct("<QQ8s")


def _codec() -> Any:  # noqa: ANN401  the library ships no types
    import pyarrow as pa  # noqa: PLC0415  loaded by who packs or unpacks only

    return pa.Codec("lz4_raw")


@dataclass(frozen=True, eq=False, kw_only=True)
class Packed:
    """One array as it is stored."""

    payload: bytes
    """Its bytes, packed."""
    dtype: str
    """Type of its elements."""
    shape: tuple[int, ...]
    """Its shape."""
    check: int
    """CRC-32 of the payload."""
    notes: tuple[float, ...] = ()
    """Numbers that are kept beside it."""


def pack(array: npt.NDArray[Any], notes: tuple[float, ...] = ()) -> Packed:
    """Pack an array; threads may pack at once.

    Parameters
    ----------
    array
        Any shape and plain type.
    notes
        Finite numbers to keep beside it.

    Examples
    --------
    >>> pack(np.zeros(1000, dtype=np.uint8)).shape
    (1000,)
    """
    content = np.ascontiguousarray(array)
    payload: bytes = _codec().compress(content.tobytes(), asbytes=True)
    return Packed(payload=payload, dtype=content.dtype.str, shape=content.shape, check=zlib.crc32(payload), notes=notes)


class ArrayWriter:
    """Write arrays under names, in any order, from one thread. Use it as a context, in a folder that appears at once.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._index: dict[str, list[Any]] = {}

    def __enter__(self) -> Self:
        with storage_errors(self._path):
            self._file = self._path.open("wb")
            self._file.write(_MAGIC)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with storage_errors(self._path), self._file as file:
            if kind is None:
                end = file.tell()
                text = json.dumps(self._index, separators=(",", ":")).encode()
                file.write(text)
                file.write(_TAIL.pack(end, zlib.crc32(text), _MAGIC))

    def write(self, name: str, packed: Packed) -> None:
        """Write one array, once."""
        with storage_errors(self._path):
            self._index[name] = [
                self._file.tell(), len(packed.payload), packed.dtype, packed.shape, packed.check, packed.notes,
            ]  # fmt: skip
            self._file.write(packed.payload)


class ArrayReader:
    """Read arrays by their names, from any thread. Use it as a context, or close it.

    Parameters
    ----------
    path
        A file of :class:`ArrayWriter`.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.InputError
        It is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = SharedFile(path)
        try:
            self._index = self._directory()
        except BaseException:
            self._file.close()
            raise
        self._codec = _codec()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def packed(self, name: str) -> Packed:
        """Return an array as it is stored, to be written elsewhere.

        Raises
        ------
        gis.errors.InputError
            The file is damaged, or has no such array.
        """
        if name not in self._index:
            raise damaged(self.path)
        offset, length, dtype, shape, check, notes = self._index[name]
        payload = self._file.read(offset, length)
        if zlib.crc32(payload) != check:
            raise damaged(self.path)
        return Packed(payload=payload, dtype=dtype, shape=tuple(shape), check=check, notes=tuple(notes))

    def read(self, name: str) -> tuple[npt.NDArray[Any], tuple[float, ...]]:
        """Return an array that must not be written to, and the numbers beside it.

        Raises
        ------
        gis.errors.InputError
            The file is damaged, or has no such array.
        """
        packed = self.packed(name)
        kind = np.dtype(packed.dtype)
        size = kind.itemsize * int(np.prod(packed.shape, dtype=np.int64))
        if not size:
            return np.zeros(packed.shape, dtype=kind), packed.notes
        try:
            content = self._codec.decompress(packed.payload, decompressed_size=size)
        except (OSError, ValueError) as error:
            raise damaged(self.path) from error
        return np.frombuffer(content, dtype=kind).reshape(packed.shape), packed.notes

    def _directory(self) -> Mapping[str, list[Any]]:
        size = self._file.size
        if size < len(_MAGIC) + _TAIL.size:
            raise damaged(self.path)
        end, check, magic = _TAIL.unpack(self._file.read(size - _TAIL.size, _TAIL.size))
        length = size - _TAIL.size - end
        if magic != _MAGIC or length < 0:
            raise damaged(self.path)
        text = self._file.read(end, length)
        if zlib.crc32(text) != check:
            raise damaged(self.path)
        found: dict[str, list[Any]] = json.loads(text)
        return found
