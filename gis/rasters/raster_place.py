"""Where a raster lies: a file of this disk, or a name in one of GDAL's virtual file systems.

``/vsicurl/https://…``, ``/vsis3/bucket/key``, ``/vsizip/…`` and the like are read by the raster library itself, keys of
an object store from the environment (``AWS_ACCESS_KEY_ID``, ``AZURE_STORAGE_…``, ``GS_…``). Such a name stays text: a
path would make one slash of two.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rasterio
import rasterio.shutil
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError

from gis.atomic import atomic_path
from gis.errors import InputError, MissingError, StorageError
from gis.messages import translator

_ = translator("gis")

Place = Path | str

RASTER_LIBRARY_ERRORS = (RasterioError, CPLE_BaseError)
"""What the raster library may raise: its public errors, and the ones it lets slip from below."""

_VIRTUAL = "/vsi"
_NO_RASTER = ("not recognized as being", "TIFFReadDirectory", "TIFFFetch", "Not a TIFF")
_PATIENT = {
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_CONNECTTIMEOUT": "10",
    "GDAL_HTTP_MAX_RETRY": "4",
    "GDAL_HTTP_RETRY_DELAY": "0.5",
}
"""No neighbours of a file are looked for, and a server that falters is asked again."""


def is_virtual(path: Place) -> bool:
    """Whether a name belongs to a virtual file system.

    Examples
    --------
    >>> is_virtual("/vsis3/bucket/stack.tif"), is_virtual("layers/soil.tif")
    (True, False)
    """
    return str(path).startswith(_VIRTUAL)


def raster_place(path: Place) -> Place:
    """Return a path for a file of this disk, and the text itself for a virtual name.

    Examples
    --------
    >>> raster_place("/vsicurl/http://host/stack.tif")
    '/vsicurl/http://host/stack.tif'
    """
    return str(path) if is_virtual(path) else Path(path)


def draft_place(path: Place) -> Path:
    """Return a file of this disk in whose folder drafts of a raster may be written."""
    return Path(tempfile.gettempdir()) / Path(str(path)).name if is_virtual(path) else Path(path)


@contextmanager
def published(path: Place, draft: Path) -> Iterator[Path]:
    """Give a file to fill; when the block ends well it stands under its name, whole, here or in an object store.

    Parameters
    ----------
    path
        Its name.
    draft
        A draft of it: a file meant for a virtual name is filled beside it and then sent.

    Raises
    ------
    gis.errors.StorageError
        When the disk or the virtual file system refuses.
    """
    if not is_virtual(path):
        with atomic_path(path) as temporary:
            yield temporary
        return
    whole = draft.with_name(f"whole{Path(str(path)).suffix}")
    yield whole
    try:
        with rasterio.Env(**_PATIENT):
            rasterio.shutil.copyfiles(str(whole), str(path))
    except RASTER_LIBRARY_ERRORS as error:
        raise StorageError(
            _("No se pudo escribir {path}: {reason}").format(path=path, reason=str(error.__cause__ or error)[:200]),
            expected=_("Hace falta un almacén que acepte escribir, y sus claves en el entorno"),
            remedy=_("Revise la dirección y las claves, o escriba en una carpeta y envíe el archivo después"),
        ) from error


@contextmanager
def open_place(path: Place) -> Iterator[Any]:
    """Open a raster of a virtual file system.

    Yields
    ------
    rasterio.io.DatasetReader
        The open raster.

    Raises
    ------
    MissingError
        There is nothing of that name, or it cannot be reached.
    InputError
        It is no raster.
    """
    handle = open_handle(path)
    with handle:
        yield handle


def open_handle(path: Place, **options: Any) -> Any:  # noqa: ANN401  rasterio ships no types
    """Open a raster for reading, wherever it lies, with options of the driver; the caller closes it.

    Raises
    ------
    MissingError
        There is nothing of a virtual name, or it cannot be reached.
    InputError
        What lies there is no raster.
    """
    if not is_virtual(path):
        return rasterio.open(path, **options)
    try:
        with rasterio.Env(**_PATIENT):
            return rasterio.open(str(path), **options)
    except RASTER_LIBRARY_ERRORS as error:
        reason = str(error.__cause__ or error)[:200]
        if any(word in reason for word in _NO_RASTER):
            raise InputError(
                _("{path} no es un ráster: {reason}").format(path=path, reason=reason),
                expected=_("Se esperaba un ráster entero, por ejemplo un GeoTIFF"),
            ) from error
        raise MissingError(
            _("No se puede abrir {path}: {reason}").format(path=path, reason=reason),
            expected=_("Se esperaba un ráster que el sistema de archivos virtual alcance"),
            remedy=_("Revise la dirección, la red y las claves del almacén, que se toman del entorno"),
        ) from error
