"""Writing spreadsheets: whole or not at all, and the same bytes for the same content."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from gis.atomic import atomic_path

if TYPE_CHECKING:
    import openpyxl

_EPOCH = (1980, 1, 1, 0, 0, 0)
_SAVED = re.compile(rb"(<\w+:modified[^>]*>)[^<]*")


def save_workbook(book: openpyxl.Workbook, path: Path | str) -> None:
    """Write a workbook atomically and without the hour in it, so that the same content gives the same bytes.

    Parameters
    ----------
    book
        What to write; its stamps of making and saving are replaced.
    path
        The file, ending in ``.xlsx``.

    Raises
    ------
    StorageError
        The file cannot be written.
    """
    book.properties.created = book.properties.modified = dt.datetime(*_EPOCH)  # noqa: DTZ001  a mark, not a moment
    plain = io.BytesIO()
    book.save(plain)
    with (
        atomic_path(path) as temporary,
        zipfile.ZipFile(plain) as parts,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in sorted(parts.namelist(), key=lambda each: (each != "[Content_Types].xml", each)):
            content = parts.read(name)
            if name == "docProps/core.xml":
                content = _without_hour(content)
            target.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)


def _without_hour(content: bytes) -> bytes:
    # The writer stamps the moment of saving over what was set, under whatever prefix its name has by then.
    return _SAVED.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
