"""A file of compressed pieces, each read alone by its number: one descriptor for every thread, no library below."""

from __future__ import annotations

import os
import struct
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from gis.atomic import storage_error, storage_errors
from gis.errors import InputError, MissingError
from gis.messages import translator

if TYPE_CHECKING:
    import pyarrow as pa

_ = translator("gis")

ZSTD_LEVEL = 3

_MAGIC = b"vallesF1"
_TAIL = struct.Struct("<QQ8s")
_WORDS = 3


def zstd() -> pa.Codec:
    """Return the compressor; every call of it stands alone, so that threads may share it."""
    import pyarrow as pa  # noqa: PLC0415  an eighth of a second that only files of frames pay for

    return pa.Codec("zstd", compression_level=ZSTD_LEVEL)


def damaged(path: Path) -> InputError:
    """Return the error that says that a file of this program is not as it was written."""
    return InputError(
        _("{path} está dañado").format(path=path),
        expected=_("Se esperaba un archivo entero, como lo escribió este programa"),
        remedy=_("Bórrelo: se hace de nuevo"),
    )


class SharedFile:
    """A file open for reading at any place by any number of threads.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.StorageError
        The disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file: Any = path.open("rb", buffering=0)
        except FileNotFoundError as error:
            raise MissingError(_("No existe {path}").format(path=path)) from error
        except OSError as error:
            raise storage_error(path, error) from error
        self.size = os.fstat(self._file.fileno()).st_size
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close it."""
        self._file.close()

    def read(self, offset: int, length: int) -> bytes:
        """Return some bytes.

        Raises
        ------
        gis.errors.InputError
            The file ends before.
        gis.errors.StorageError
            The disk refuses.
        """
        if not 0 <= offset <= self.size - length:
            raise damaged(self.path)
        with storage_errors(self.path):
            found = self._read(offset, length)
        if len(found) != length:
            raise damaged(self.path)
        return found

    def _read(self, offset: int, length: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), length, offset)
        with self._lock:  # a system without reading at a place
            self._file.seek(offset)
            return bytes(self._file.read(length))


class FrameWriter:
    """Write pieces in any order. Use it as a context; write it where a whole folder appears at once.

    Parameters
    ----------
    path
        The file.
    places
        How many numbers there are; those without a piece read as nothing.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """

    def __init__(self, path: Path, places: int) -> None:
        self._path, self._codec = path, zstd()
        self._index = np.zeros((places, _WORDS), dtype="<u8")

    def __enter__(self) -> Self:
        with storage_errors(self._path):
            self._file = self._path.open("wb")
            self._file.write(_MAGIC)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with storage_errors(self._path), self._file as file:
            if kind is None:
                end = file.tell()
                file.write(self._index.tobytes())
                file.write(_TAIL.pack(end, len(self._index), _MAGIC))

    def write(self, place: int, content: bytes) -> None:
        """Write the piece of a number, once."""
        packed = self._codec.compress(content, asbytes=True)
        with storage_errors(self._path):
            self._index[place] = self._file.tell(), len(packed), len(content)
            self._file.write(packed)


class FrameReader:
    """Read pieces by their number, from any thread.

    Parameters
    ----------
    path
        A file of :class:`FrameWriter`.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.InputError
        It is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file, self._codec = SharedFile(path), zstd()
        size = self._file.size
        if size < len(_MAGIC) + _TAIL.size:
            raise damaged(path)
        start, places, magic = _TAIL.unpack(self._file.read(size - _TAIL.size, _TAIL.size))
        if magic != _MAGIC or start + places * 8 * _WORDS + _TAIL.size != size:
            raise damaged(path)
        stored = self._file.read(start, places * 8 * _WORDS)
        self._index: NDArray[np.uint64] = np.frombuffer(stored, dtype="<u8").reshape(places, _WORDS)

    def __len__(self) -> int:
        return len(self._index)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, place: int) -> NDArray[np.uint8] | None:
        """Return the bytes of a piece; ``None`` where there is none.

        Raises
        ------
        gis.errors.InputError
            The file turns out damaged.
        """
        offset, packed, length = self._index[place].tolist()
        if not packed:
            return None
        return unpacked(self._codec, self._file.read(offset, packed), length, self.path)


def unpacked(codec: pa.Codec, packed: bytes | memoryview, length: int, path: Path) -> NDArray[np.uint8]:
    """Return what was compressed.

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
