"""What a disk refuses while a raster is written, in words."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from gis.atomic import storage_error
from gis.errors import StorageError, VallesError
from gis.messages import translator
from gis.rasters.raster_place import RASTER_LIBRARY_ERRORS, Place, draft_place

_ = translator("gis")

_LEAST_ROOM = 1 << 20
"""Bytes free on a disk that is not full."""


@contextmanager
def disk_words(path: Place) -> Iterator[None]:
    """While writing, whatever the raster library refuses is the disk's doing.

    Raises
    ------
    gis.errors.StorageError
        The block was refused by the disk or by the library.
    """
    _hush()
    try:
        yield
    except VallesError:
        raise
    except RASTER_LIBRARY_ERRORS as error:
        if room(path) < _LEAST_ROOM:  # the library does not say why
            raise no_room(path) from error
        raise StorageError(
            _("No se pudo escribir {path}: {reason}").format(path=path, reason=str(error.__cause__ or error)[:200]),
            expected=_(
                "Hace falta una carpeta en la que se pueda escribir y espacio libre; no quedó nada a medio hacer"
            ),
            remedy=_("Libere espacio o elija otra carpeta y repita la orden"),
        ) from error
    except OSError as error:
        raise storage_error(path, error) from error


def room(path: Place) -> int:
    """Return the bytes free where drafts of a raster are written."""
    return shutil.disk_usage(draft_place(path).parent).free


def no_room(path: Place) -> StorageError:
    """Return the refusal of a disk that is full, to be raised by the caller."""
    return storage_error(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


@cache
def _hush() -> None:
    """Keep the library of TIFF below from writing to standard error itself; what it refuses is raised all the same."""
    with suppress(OSError, AttributeError):
        maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
        for library in sorted({line.split(maxsplit=5)[5] for line in maps if "/libtiff" in line}):
            handler = ctypes.CDLL(library).TIFFSetErrorHandler
            handler.argtypes, handler.restype = [ctypes.c_void_p], ctypes.c_void_p
            handler(None)
