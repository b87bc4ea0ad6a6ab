"""Vector files inside a zip archive, read where they lie: an archive in an archive too, one level deep."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from gis.atomic import storage_errors
from gis.errors import InputError
from gis.messages import translator

_ = translator("gis")

ZIP = ".zip"
"""Ending of an archive."""
_ENDINGS = (".shp", ".gpkg", ".geojson", ".json", ".fgb")
_DATABASE = ".gdb"
_LARGEST_INNER = 512 * 1024 * 1024


def vector_members(path: Path | str) -> tuple[str, ...]:
    """Return the names under which the vector files of an archive are opened, sorted; the archive is not unpacked.

    Parameters
    ----------
    path
        A zip archive of shapefiles, file geodatabases, GeoPackages, GeoJSON or FlatGeobuf, or of archives of them.

    Raises
    ------
    InputError
        When it is no zip archive, is cut short, or holds no vector file.
    StorageError
        When it cannot be read.
    """
    file = Path(path)
    try:
        with storage_errors(file), zipfile.ZipFile(file) as archive:
            found = sorted(_members(archive, f"/vsizip/{{{file.resolve()}}}", deep=True))
    except zipfile.BadZipFile as error:
        raise InputError(
            _("{path} no es un archivo zip entero: {reason}").format(path=file, reason=error),
            remedy=_("Vuelva a descargarlo"),
        ) from error
    if not found:
        raise InputError(
            _("{path} no trae ninguna capa vectorial").format(path=file),
            expected=_("Un zip con shapefiles, geodatabase, GeoPackage o GeoJSON"),
        )
    return tuple(found)


def _members(archive: zipfile.ZipFile, prefix: str, *, deep: bool) -> Iterator[str]:
    seen = set()
    for info in archive.infolist():
        name = PurePosixPath(info.filename)
        database = next((part for part in (name, *name.parents) if part.suffix.lower() == _DATABASE), None)
        if database is not None:
            if database not in seen:
                seen.add(database)
                yield f"{prefix}/{database}"
        elif name.suffix.lower() in _ENDINGS and not info.is_dir():
            yield f"{prefix}/{name}"
        elif deep and name.suffix.lower() == ZIP and info.file_size <= _LARGEST_INNER:
            with archive.open(info) as inner, zipfile.ZipFile(io.BytesIO(inner.read())) as within:
                yield from _members(within, f"/vsizip/{{{prefix}/{name}}}", deep=False)
