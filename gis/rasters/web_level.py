"""One zoom of the WebMercator pyramid as a file: a tiled GeoTIFF of many bands whose blocks are the tiles.

Written and read here by hand, because a tile then is one stretch of the file: the blocks of all its bands stand one
after the other. Any program that reads BigTIFF with zstd reads it (the bands are separate planes).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from gis.atomic import storage_errors
from gis.grid import Bounds
from gis.rasters.piece_file import unpacked, zstd
from gis.rasters.shared_file import SharedFile, damaged
from gis.rasters.web_tile import TILE_PIXELS, tile_bounds

AREA = TILE_PIXELS * TILE_PIXELS
"""Pixels of a tile."""

_HEADER = struct.Struct("<2sHHHQ")
_ENTRY = struct.Struct("<HHQ8s")
_SHORT, _LONG, _DOUBLE, _ASCII, _LONG8 = 3, 4, 12, 2, 16
_SIZES = {_SHORT: "<H", _LONG: "<I", _DOUBLE: "<d", _LONG8: "<Q"}
_WIDTH, _HEIGHT, _SAMPLES, _OFFSETS, _COUNTS, _NAMES = 256, 257, 277, 324, 325, 42112
_ZSTD_TIFF, _SEPARATE, _TILED = 50_000, 2, 256
_GEO_KEYS = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 3857)
"""A projected raster of areas in EPSG:3857."""


@dataclass(frozen=True, kw_only=True)
class TileRange:
    """The tiles of one zoom that hold something."""

    zoom: int
    """Zoom."""
    col: int
    """x of the first column."""
    row: int
    """y of the first row."""
    cols: int
    """Columns."""
    rows: int
    """Rows."""

    @classmethod
    def covering(cls, bounds: Bounds, zoom: int) -> Self:
        """Return the tiles that bounds in WebMercator touch, m."""
        left, _bottom, right, top = tile_bounds(zoom, 0, 0)
        side, most = right - left, 2**zoom - 1
        first_col, last_col = (min(max(int((x - left) // side), 0), most) for x in (bounds[0], bounds[2]))
        first_row, last_row = (min(max(int((top - y) // side), 0), most) for y in (bounds[3], bounds[1]))
        return cls(
            zoom=zoom, col=first_col, row=first_row, cols=last_col - first_col + 1, rows=last_row - first_row + 1
        )

    @property
    def count(self) -> int:
        """Tiles."""
        return self.rows * self.cols

    def place(self, x: int, y: int) -> int | None:
        """Return the number of a tile, row by row; ``None`` outside.

        Examples
        --------
        >>> TileRange(zoom=3, col=2, row=4, cols=3, rows=1).place(4, 4)
        2
        """
        row, col = y - self.row, x - self.col
        return row * self.cols + col if 0 <= row < self.rows and 0 <= col < self.cols else None


class WebLevelWriter:
    """Write the tiles of one zoom in any order. Use it as a context; write it where a whole folder appears at once.

    Parameters
    ----------
    path
        The file.
    tiles
        Which tiles it may hold; those not written are 0.
    names
        Description of each band.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """

    def __init__(self, path: Path, tiles: TileRange, names: Sequence[str]) -> None:
        self._path, self._tiles, self._names, self._codec = path, tiles, tuple(names), zstd()
        self._offsets = np.zeros((len(names), tiles.count), dtype="<u8")
        self._counts = np.zeros((len(names), tiles.count), dtype="<u4")

    def __enter__(self) -> Self:
        with storage_errors(self._path):
            self._file = self._path.open("wb")
            self._file.write(_HEADER.pack(b"II", 43, 8, 0, 0))
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with storage_errors(self._path), self._file as file:
            if kind is None:
                directory = self._directory(file)
                file.seek(0)
                file.write(_HEADER.pack(b"II", 43, 8, 0, directory))

    def packed(self, codes: NDArray[np.uint8]) -> list[bytes]:
        """Return the blocks of a tile, ready to be written; any thread may ask. A band of zeros has none.

        Parameters
        ----------
        codes
            uint8, shape (bands, 65 536), row by row.
        """
        return [self._codec.compress(np.ascontiguousarray(row), asbytes=True) if row.any() else b"" for row in codes]

    def write(self, place: int, blocks: Sequence[bytes]) -> None:
        """Write a tile, once.

        Parameters
        ----------
        place
            Its number (:meth:`TileRange.place`).
        blocks
            From :meth:`packed`.
        """
        with storage_errors(self._path):
            for band, block in enumerate(blocks):
                if block:
                    self._offsets[band, place], self._counts[band, place] = self._file.tell(), len(block)
                    self._file.write(block)

    def _directory(self, file: Any) -> int:  # noqa: ANN401  an open file
        """Write the table of contents and return where it stands."""
        tiles, bands = self._tiles, len(self._names)
        left, _bottom, right, top = tile_bounds(tiles.zoom, tiles.col, tiles.row)
        pixel = (right - left) / TILE_PIXELS
        words = "".join(
            f'<Item name="DESCRIPTION" sample="{band}" role="description">{escape(name)}</Item>'
            for band, name in enumerate(self._names)
        )
        tags: list[tuple[int, int, Sequence[Any] | bytes]] = [
            (_WIDTH, _LONG, [tiles.cols * TILE_PIXELS]),
            (_HEIGHT, _LONG, [tiles.rows * TILE_PIXELS]),
            (258, _SHORT, [8] * bands),
            (259, _SHORT, [_ZSTD_TIFF]),
            (262, _SHORT, [1]),
            (_SAMPLES, _SHORT, [bands]),
            (284, _SHORT, [_SEPARATE]),
            (322, _SHORT, [_TILED]),
            (323, _SHORT, [_TILED]),
            (_OFFSETS, _LONG8, self._offsets.tobytes()),
            (_COUNTS, _LONG, self._counts.tobytes()),
            (338, _SHORT, [0] * (bands - 1)),
            (339, _SHORT, [1] * bands),
            (33550, _DOUBLE, [pixel, pixel, 0.0]),
            (33922, _DOUBLE, [0.0, 0.0, 0.0, left, top, 0.0]),
            (34735, _SHORT, _GEO_KEYS),
            (_NAMES, _ASCII, f"<GDALMetadata>{words}</GDALMetadata>\0".encode()),
            (42113, _ASCII, b"0\0"),
        ]
        entries = []
        for tag, kind, content in tags:
            raw = content if isinstance(content, bytes) else b"".join(struct.pack(_SIZES[kind], v) for v in content)
            count = len(raw) // (1 if kind == _ASCII else struct.calcsize(_SIZES[kind]))
            if not count:
                continue
            if len(raw) > 8:  # noqa: PLR2004  what is longer than eight bytes stands elsewhere
                at = file.tell()
                file.write(raw)
                raw = struct.pack("<Q", at)
            entries.append(_ENTRY.pack(tag, kind, count, raw.ljust(8, b"\0")))
        file.write(b"\0" * (-file.tell() % 8))
        start: int = file.tell()
        file.write(struct.pack("<Q", len(entries)) + b"".join(entries) + struct.pack("<Q", 0))
        return start


class WebLevelReader:
    """Read tiles of one zoom, from any thread. Use it as a context, or close it.

    Parameters
    ----------
    path
        A file of :class:`WebLevelWriter`.
    tiles
        Which tiles it was made for.
    bands
        Number of its bands.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.InputError
        It is damaged, or another.
    """

    def __init__(self, path: Path, tiles: TileRange, bands: int) -> None:
        self._file, self._codec = SharedFile(path), zstd()
        self.tiles = tiles
        with ExitStack() as opened:
            opened.callback(self._file.close)
            tags = self._tags()
            shape = (tags.get(_WIDTH, (0, 0, 0))[2], tags.get(_HEIGHT, (0, 0, 0))[2])
            if shape != (tiles.cols * TILE_PIXELS, tiles.rows * TILE_PIXELS):
                raise damaged(path)
            self._offsets = self._array(tags.get(_OFFSETS), "<u8", bands)
            self._counts = self._array(tags.get(_COUNTS), "<u4", bands)
            opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, place: int, bands: Sequence[int]) -> NDArray[np.uint8]:
        """Return the stored codes of a tile, uint8, shape (bands wanted, 65 536).

        Parameters
        ----------
        place
            Its number (:meth:`TileRange.place`).
        bands
            Bands from 0.

        Raises
        ------
        gis.errors.InputError
            The file turns out damaged.
        """
        wanted = np.asarray(bands, dtype=np.intp)
        offsets, counts = self._offsets[wanted, place].tolist(), self._counts[wanted, place].tolist()
        out = np.zeros((len(wanted), AREA), dtype=np.uint8)
        held = [each for each in range(len(wanted)) if counts[each]]
        if not held:
            return out
        start, stop = min(offsets[each] for each in held), max(offsets[each] + counts[each] for each in held)
        if stop - start > 2 * sum(counts):
            for each in held:
                alone = self._file.read(offsets[each], counts[each])
                out[each] = unpacked(self._codec, alone, AREA, self._file.path)
            return out
        stretch = memoryview(self._file.read(start, stop - start))
        for each in held:
            block = stretch[offsets[each] - start : offsets[each] - start + counts[each]]
            out[each] = unpacked(self._codec, block, AREA, self._file.path)
        return out

    def _tags(self) -> dict[int, tuple[int, int, int]]:
        """Return kind, count and value or place of every tag."""
        order, magic, _eight, _zero, start = _HEADER.unpack(self._file.read(0, _HEADER.size))
        if (order, magic) != (b"II", 43) or not start:
            raise damaged(self._file.path)
        (count,) = struct.unpack("<Q", self._file.read(start, 8))
        if count > 64:  # noqa: PLR2004  no such file has that many
            raise damaged(self._file.path)
        stored = self._file.read(start + 8, count * _ENTRY.size)
        return {
            tag: (kind, number, int.from_bytes(value, "little"))
            for tag, kind, number, value in _ENTRY.iter_unpack(stored)
        }

    def _array(self, tag: tuple[int, int, int] | None, kind: str, bands: int) -> NDArray[Any]:
        number = bands * self.tiles.count
        if tag is None or tag[1] != number:
            raise damaged(self._file.path)
        length = number * np.dtype(kind).itemsize
        stored = tag[2].to_bytes(8, "little")[:length] if length <= 8 else self._file.read(tag[2], length)  # noqa: PLR2004
        return np.frombuffer(stored, dtype=kind).reshape(bands, self.tiles.count)
