"""Recognising, by its first bytes, content that is not what the name of a file promises."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from gis.messages import translator

_ = translator("layers")

SNIFFED = 512
"""First bytes that are looked at."""
_PAGES = frozenset({".html", ".htm", ".xhtml"})
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".tiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"),
    ".gz": (b"\x1f\x8b",),
    ".gpkg": (b"SQLite format 3\x00",),
    ".xlsx": (b"PK\x03\x04",),
    ".parquet": (b"PAR1",),
}
_TITLE = re.compile(rb"<title[^>]*>\s*(.{1,80}?)\s*</title", re.IGNORECASE | re.DOTALL)


def stranger(name: str, first: bytes, content_type: str) -> str:
    r"""Say what came when it is not what a name promises; empty when nothing speaks against it.

    Parameters
    ----------
    name
        Name of the file wanted.
    first
        The first bytes that came.
    content_type
        Announced type, lower case, without parameters.

    Examples
    --------
    >>> stranger("a.tif", b"II*\x00....", "image/tiff")
    ''
    >>> stranger("a.tif", b"<html><title>Acceso</title>", "text/html")
    'una página web («Acceso»)'
    """
    ending = PurePosixPath(name).suffix.lower()
    start = first.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if ending not in _PAGES and (start.startswith((b"<!doctype html", b"<html")) or content_type == "text/html"):
        title = _TITLE.search(first)
        if title is None:
            return _("una página web")
        return _("una página web («{title}»)").format(title=title[1].decode("utf-8", "replace"))
    known = _BEGINNINGS.get(ending, ())
    if known and len(first) >= len(known[0]) and not first.startswith(known):
        return _("algo que no es un archivo {ending}").format(ending=ending)
    return ""
