"""A file of compressed pieces, each read alone by its number."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gis.rasters.piece_file import PieceReader, PieceWriter, unpacked, zstd

_MAGIC = b"vallesF2"
_WORDS = 4
"""What the directory says of a number: where its piece begins, its length packed, its length, its CRC-32."""


class FrameWriter(PieceWriter):
    """Write pieces in any order, each under its number; used and refused as :class:`PieceWriter` is.

    Parameters
    ----------
    path
        The file.
    places
        How many numbers there are; those without a piece read as nothing.
    """

    magic: ClassVar[bytes] = _MAGIC

    def __init__(self, path: Path, places: int) -> None:
        super().__init__(path)
        self._codec = zstd()
        self._index = np.zeros((places, _WORDS), dtype="<u8")

    def write(self, place: int, content: bytes) -> None:
        """Write the piece of a number, once."""
        packed = self._codec.compress(content, asbytes=True)
        self._index[place] = self._append(packed), len(packed), len(content), zlib.crc32(packed)

    def _directory(self) -> bytes:
        return self._index.tobytes()


class FrameReader(PieceReader):
    """Read the pieces of a :class:`FrameWriter` by their number; used and refused as :class:`PieceReader` is."""

    magic: ClassVar[bytes] = _MAGIC

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._codec = zstd()
        self._index: NDArray[np.uint64] = np.frombuffer(self._directory, dtype="<u8").reshape(-1, _WORDS)

    def __len__(self) -> int:
        return len(self._index)

    def read(self, place: int) -> NDArray[np.uint8] | None:
        """Return the bytes of a piece; ``None`` where there is none.

        Raises
        ------
        gis.errors.InputError
            The file turns out damaged.
        """
        offset, packed, length, check = self._index[place].tolist()
        if not packed:
            return None
        return unpacked(self._codec, self._piece(offset, packed, check), length, self.path)
