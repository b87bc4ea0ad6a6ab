"""A file of compressed pieces with a directory at its end: only a whole file has its seal, and every piece is checked.

Pieces stand one after the other; the directory follows, and last a tail that says where the directory begins, its
CRC-32 and which kind of file this is. A file whose writer was interrupted has no tail and is refused.
"""

from __future__ import annotations

import struct
import zlib
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from gis.atomic import storage_errors
from gis.rasters.shared_file import SharedFile, damaged

if TYPE_CHECKING:
    import pyarrow as pa

_ZSTD_LEVEL = 3
"""How hard zstd tries: the level from which on it grows slower much faster than its output shrinks."""

_TAIL = struct.Struct("<QQ8s")


def zstd() -> pa.Codec:
    """Return the compressor of what shall be small; every call of it stands alone, so that threads may share it."""
    import pyarrow as pa  # noqa: PLC0415  an eighth of a second that only who packs or unpacks pays for

    return pa.Codec("zstd", compression_level=_ZSTD_LEVEL)


def lz4() -> pa.Codec:
    """Return the compressor of what shall be unpacked at the speed of reading; threads may share it."""
    import pyarrow as pa  # noqa: PLC0415  as above

    return pa.Codec("lz4_raw")


def unpacked(codec: pa.Codec, packed: bytes | memoryview, length: int, path: Path) -> NDArray[np.uint8]:
    """Return what was compressed, shape (length,); it must not be written to.

    Parameters
    ----------
    codec
        What compressed it.
    packed
        The compressed bytes.
    length
        Bytes that they unpack to.
    path
        The file they come from, named where they are damaged.

    Raises
    ------
    gis.errors.InputError
        It is not what was written.
    """
    try:
        found: NDArray[np.uint8] = np.frombuffer(codec.decompress(packed, decompressed_size=length), dtype=np.uint8)
    except (OSError, ValueError) as error:
        raise damaged(path) from error
    if len(found) != length:
        raise damaged(path)
    return found


class PieceWriter(ABC):
    """Write pieces one after the other, then the directory. Use it as a context, in a folder that appears at once.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """

    magic: ClassVar[bytes]
    """Eight bytes that say which kind of file this is, and which version of it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        with storage_errors(self._path):
            self._file = self._path.open("wb")
            self._file.write(self.magic)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with storage_errors(self._path), self._file as file:
            if kind is None:
                start, directory = file.tell(), self._directory()
                file.write(directory)
                file.write(_TAIL.pack(start, zlib.crc32(directory), self.magic))

    def _append(self, payload: bytes) -> int:
        """Write a piece and return where it begins."""
        with storage_errors(self._path):
            offset = self._file.tell()
            self._file.write(payload)
        return offset

    @abstractmethod
    def _directory(self) -> bytes:
        """Return what tells where each piece stands."""


class PieceReader:
    """Read pieces from any thread. Use it as a context, or close it.

    Parameters
    ----------
    path
        A file of the :class:`PieceWriter` with the same magic.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.InputError
        It is damaged, or of another kind or version.
    """

    magic: ClassVar[bytes]
    """As of the writer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = SharedFile(path)
        try:
            self._directory = self._sealed()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _piece(self, offset: int, length: int, check: int) -> bytes:
        """Return a piece whose CRC-32 is known."""
        payload = self._file.read(offset, length)
        if zlib.crc32(payload) != check:
            raise damaged(self.path)
        return payload

    def _sealed(self) -> bytes:
        """Return the directory, which its CRC-32 vouches for."""
        size = self._file.size
        if size < len(self.magic) + _TAIL.size:
            raise damaged(self.path)
        start, check, magic = _TAIL.unpack(self._file.read(size - _TAIL.size, _TAIL.size))
        length = size - _TAIL.size - start
        if magic != self.magic or length < 0:
            raise damaged(self.path)
        return self._piece(start, length, check)
