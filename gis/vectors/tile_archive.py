"""Reading tiles out of a PMTiles archive, kept open and shared by threads."""

from __future__ import annotations

import gzip
import json
import mmap
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

from pmtiles.tile import Compression, deserialize_directory, deserialize_header, find_tile, zxy_to_tileid

from gis.atomic import storage_errors
from gis.errors import InputError, MissingError
from gis.grid import Bounds
from gis.messages import translator

_ = translator("gis")

_HEADER_BYTES = 127
_DEGREES = 1e7
_MAX_DEPTH = 4
_MAX_ZOOM = 30


class TileArchive:
    """A PMTiles file, mapped into memory; any number of threads may ask at once.

    Parameters
    ----------
    path
        The archive.

    Raises
    ------
    MissingError
        When there is no such file.
    InputError
        When it is no PMTiles archive, or ends before its tiles do.
    StorageError
        When it cannot be opened.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise MissingError(_("No existe el archivo de teselas {path}").format(path=self.path))
        with storage_errors(self.path):
            self._file = self.path.open("rb")
            self._map = _mapped(self._file)
        self._directory = lru_cache(maxsize=64)(self._read_directory)
        try:
            self._header = self._read_header()
        except InputError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; tiles already given stay good."""
        self._directory.cache_clear()
        if self._map is not None:
            self._map.close()
        self._file.close()

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north of the tiles, degrees."""
        names = ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")
        west, south, east, north = (float(self._header[name]) / _DEGREES for name in names)
        return (west, south, east, north)

    @property
    def zooms(self) -> tuple[int, int]:
        """First and last zoom level."""
        return (int(self._header["min_zoom"]), int(self._header["max_zoom"]))

    @property
    def gzipped(self) -> bool:
        """Whether tiles are compressed with gzip."""
        return bool(self._header["tile_compression"] == Compression.GZIP)

    def metadata(self) -> dict[str, Any]:
        """Return the archive's own description, with the fields of its vector layers.

        Raises
        ------
        InputError
            When it cannot be read.
        """
        raw = self._bytes(self._header["metadata_offset"], self._header["metadata_length"])
        try:
            text = gzip.decompress(raw) if self._header["internal_compression"] == Compression.GZIP else raw
            return dict(json.loads(text))
        except (OSError, EOFError, ValueError) as error:
            raise self._damaged(_("su descripción no se puede leer")) from error

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return the stored bytes of a tile, or ``None`` where there is none.

        Parameters
        ----------
        z, x, y
            Place in the WebMercator pyramid, y from the north.

        Returns
        -------
        bytes or None
            A vector tile, compressed as :attr:`gzipped` says.

        Raises
        ------
        InputError
            When a directory of the archive is damaged.
        """
        if not (0 <= z <= _MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
            return None
        wanted = zxy_to_tileid(z, x, y)
        offset, length = self._header["root_offset"], self._header["root_length"]
        for _depth in range(_MAX_DEPTH):
            found = find_tile(self._directory(offset, length), wanted)
            if not found:
                return None
            if found.run_length:
                return self._bytes(self._header["tile_data_offset"] + found.offset, found.length)
            offset, length = self._header["leaf_directory_offset"] + found.offset, found.length
        return None

    def _bytes(self, offset: int, length: int) -> bytes:
        return b"" if self._map is None else self._map[offset : offset + length]

    def _read_header(self) -> dict[str, Any]:
        start, size = self._bytes(0, _HEADER_BYTES), 0 if self._map is None else len(self._map)
        if len(start) < _HEADER_BYTES or not start.startswith(b"PMTiles"):
            raise self._damaged(_("no empieza como un archivo PMTiles"))
        header = cast("dict[str, Any]", deserialize_header(start))
        parts = ("root", "metadata", "leaf_directory", "tile_data")
        end = max(header[f"{part}_offset"] + header[f"{part}_length"] for part in parts)
        if end > size:
            raise self._damaged(_("mide {size} bytes y le faltan {missing}").format(size=size, missing=end - size))
        return header

    def _read_directory(self, offset: int, length: int) -> Any:  # noqa: ANN401  the reader's own records
        try:
            return deserialize_directory(self._bytes(offset, length))
        except (OSError, EOFError, ValueError) as error:
            raise self._damaged(_("un directorio no se puede leer")) from error

    def _damaged(self, reason: str) -> InputError:
        return InputError(
            _("{path} no sirve como archivo de teselas: {reason}").format(path=self.path, reason=reason),
            expected=_("Se esperaba un archivo PMTiles entero"),
            remedy=_("Vuelva a generarlo"),
        )


def _mapped(file: BinaryIO) -> mmap.mmap | None:
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:  # an empty file cannot be mapped
        return None
