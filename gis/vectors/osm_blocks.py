"""The blocks of an ``.osm.pbf`` file: whether it is whole, and of which day it is.

A file is a row of blocks, each preceded by its length, and a cut one ends inside a block: the reader of the features
takes what is there without a word, so that it has to be looked at here. The format is that of the OpenStreetMap wiki,
*PBF Format*: a four-byte length, a ``BlobHeader`` with the size of the ``Blob`` that follows, and that.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from gis.atomic import storage_errors
from gis.errors import InputError
from gis.messages import translator

_ = translator("gis")

_LARGEST_HEADER = 64 * 1024
_LARGEST_BLOB = 32 * 1024 * 1024
_SIZE_FIELD, _RAW_FIELD, _ZLIB_FIELD, _MOMENT_FIELD = 3, 1, 3, 32
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5


def extract_date(path: Path | str) -> str:
    """Refuse an extract that is not whole, and return the day of its data.

    Returns
    -------
    str
        ``2026-11-20``, or empty where the file does not say.

    Raises
    ------
    InputError
        When it is no ``.osm.pbf`` file or ends inside a block.
    StorageError
        When it cannot be read.
    """
    file = Path(path)
    moment = ""
    with storage_errors(file), file.open("rb") as stream:
        size = file.stat().st_size
        if not size:
            raise _damaged(file)
        while stream.tell() < size:
            length = int.from_bytes(stream.read(4), "big")
            if not 0 < length <= _LARGEST_HEADER:
                raise _damaged(file)
            kind, blob_size = _header(stream.read(length), file)
            if blob_size > _LARGEST_BLOB or stream.tell() + blob_size > size:
                raise _damaged(file)
            moment = _moment(stream, blob_size, file) if kind == b"OSMHeader" else moment
            if kind != b"OSMHeader":
                stream.seek(blob_size, 1)
    return moment


def _header(content: bytes, file: Path) -> tuple[bytes, int]:
    found = dict(_fields(content, file))
    kind, size = found.get(1), found.get(_SIZE_FIELD)
    if not isinstance(kind, bytes) or not isinstance(size, int):
        raise _damaged(file)
    return kind, size


def _moment(stream: BinaryIO, size: int, file: Path) -> str:
    blob = dict(_fields(stream.read(size), file))
    content = blob.get(_RAW_FIELD, b"")
    packed = blob.get(_ZLIB_FIELD)
    if isinstance(packed, bytes):
        try:
            content = zlib.decompressobj().decompress(packed, _LARGEST_BLOB)
        except zlib.error as error:
            raise _damaged(file) from error
    seconds = dict(_fields(content, file)).get(_MOMENT_FIELD) if isinstance(content, bytes) else None
    if not isinstance(seconds, int):
        return ""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
    except (OverflowError, ValueError):
        return ""


def _fields(content: bytes, file: Path) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of each field of a protocol-buffer message."""
    place = 0
    while place < len(content):
        key, place = _varint(content, place, file)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = _varint(content, place, file)
            yield number, value
            continue
        if kind == _BYTES:
            length, place = _varint(content, place, file)
        else:
            length = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(kind, len(content) + 1)
        if place + length > len(content):
            raise _damaged(file)
        yield number, content[place : place + length]
        place += length


def _varint(content: bytes, place: int, file: Path) -> tuple[int, int]:
    value = shift = 0
    while place < len(content):
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004  the last byte of a varint has no high bit
            return value, place
    raise _damaged(file)


def _damaged(file: Path) -> InputError:
    return InputError(
        _("{path} no es un extracto .osm.pbf entero").format(path=file),
        expected=_("Se esperaba un archivo que termina donde termina su último bloque"),
        remedy=_("Está cortado o es otra cosa: vuelva a descargarlo"),
    )
