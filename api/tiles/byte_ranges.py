"""Files by HTTP range: what a PMTiles reader in a browser needs, byte for byte.

A file is replaced as a whole by an atomic rename, so an open handle always sees one version of it; the entity tag tells
a reader that the next answer comes from another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from api.problems import problem
from gis.errors import MissingError
from gis.messages import translator

_ = translator("api")
_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*")  # more digits are no place in a file


@dataclass(frozen=True)
class ByteRange:
    """Bytes ``start`` to ``stop`` (exclusive) of a file."""

    start: int
    stop: int


def read_range(header: str, size: int) -> ByteRange | None:
    """Return the range that a ``Range`` header asks of a file of ``size`` bytes.

    Returns
    -------
    ByteRange or None
        ``None`` where the whole file is to be sent: another unit, several ranges, or no range at all. An empty range
        (``start >= stop``) cannot be satisfied.

    Examples
    --------
    >>> read_range("bytes=10-19", 100)
    ByteRange(start=10, stop=20)
    >>> read_range("bytes=-5", 100)
    ByteRange(start=95, stop=100)
    """
    match = _RANGE.fullmatch(header)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return ByteRange(max(0, size - int(last)), size if int(last) else 0)
    if last and int(last) < int(first):
        return None
    return ByteRange(int(first), min(size, int(last) + 1) if last else size)


def file_response(request: Request, path: Path, media_type: str, *, max_age: int) -> Response:
    """Return the answer to GET or HEAD of a file, whole or in part.

    Parameters
    ----------
    request
        Its ``Range``, ``If-Range`` and ``If-None-Match`` headers are heeded.
    path
        The file.
    media_type
        What it holds.
    max_age
        Seconds for which it may be kept.

    Raises
    ------
    MissingError
        If the file is not there.
    """
    try:
        handle = path.open("rb")
    except OSError as error:
        raise MissingError(_("El archivo {name} no está").format(name=path.name)) from error
    state = path.stat()
    size = handle.seek(0, 2)
    tag = f'"{state.st_mtime_ns:x}-{size:x}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Last-Modified": formatdate(state.st_mtime, usegmt=True),
        "Cache-Control": f"public, max-age={max_age}",
    }
    if tag in request.headers.get("if-none-match", ""):
        handle.close()
        return Response(status_code=304, headers=headers)
    wanted = read_range(request.headers.get("range", ""), size)
    if wanted is not None and request.headers.get("if-range", tag) != tag:
        wanted = None
    if wanted is not None and wanted.start >= wanted.stop:
        handle.close()
        detail = _("{name} tiene {size} bytes").format(name=path.name, size=size)
        return problem(request, 416, detail, headers={"Content-Range": f"bytes */{size}"})
    sent = wanted or ByteRange(0, size)
    headers["Content-Length"] = str(sent.stop - sent.start)
    if wanted is not None:
        headers["Content-Range"] = f"bytes {sent.start}-{sent.stop - 1}/{size}"
    status = 200 if wanted is None else 206
    if request.method == "HEAD":
        handle.close()
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(_pieces(handle, sent), status, headers, media_type)


def _pieces(handle: BinaryIO, sent: ByteRange) -> Iterator[bytes]:
    with handle:
        handle.seek(sent.start)
        left = sent.stop - sent.start
        while left > 0:
            piece = handle.read(min(_CHUNK, left))
            if not piece:
                return
            left -= len(piece)
            yield piece
