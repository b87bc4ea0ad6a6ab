"""A file of named arrays, each packed by itself, that any number of threads read and that tells when it is damaged.

Packing is LZ4: unpacking costs little more than reading.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from gis.rasters.piece_file import PieceReader, PieceWriter, lz4, unpacked
from gis.rasters.shared_file import damaged

_MAGIC = b"vallesA1"


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
    payload: bytes = lz4().compress(content.tobytes(), asbytes=True)
    return Packed(payload=payload, dtype=content.dtype.str, shape=content.shape, check=zlib.crc32(payload), notes=notes)


class ArrayWriter(PieceWriter):
    """Write arrays in any order, each under its name, from one thread; used and refused as :class:`PieceWriter` is."""

    magic: ClassVar[bytes] = _MAGIC

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._index: dict[str, list[Any]] = {}

    def write(self, name: str, packed: Packed) -> None:
        """Write one array, once."""
        offset = self._append(packed.payload)
        self._index[name] = [offset, len(packed.payload), packed.dtype, packed.shape, packed.check, packed.notes]

    def _directory(self) -> bytes:
        return json.dumps(self._index, separators=(",", ":")).encode()


class ArrayReader(PieceReader):
    """Read the arrays of an :class:`ArrayWriter` by their names; used and refused as :class:`PieceReader` is."""

    magic: ClassVar[bytes] = _MAGIC

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._codec = lz4()
        self._index: dict[str, list[Any]] = json.loads(self._directory)

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
        payload = self._piece(offset, length, check)
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
        content = unpacked(self._codec, packed.payload, size, self.path)
        return content.view(kind).reshape(packed.shape), packed.notes
