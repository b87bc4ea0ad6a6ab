"""A file that any number of threads read at any place through one descriptor, with no library below."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from gis.atomic import storage_error, storage_errors
from gis.errors import InputError, MissingError
from gis.messages import translator

_ = translator("gis")


def damaged(path: Path) -> InputError:
    """Return the error that says that a file of this program is not as it was written."""
    return InputError(
        _("{path} está dañado").format(path=path),
        expected=_("Se esperaba un archivo entero, como lo escribió este programa"),
        remedy=_("Bórrelo: se hace de nuevo"),
    )


class SharedFile:
    """A file open for reading at any place by any number of threads.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.StorageError
        The disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file: Any = path.open("rb", buffering=0)
        except FileNotFoundError as error:
            raise MissingError(_("No existe {path}").format(path=path)) from error
        except OSError as error:
            raise storage_error(path, error) from error
        self.size = os.fstat(self._file.fileno()).st_size
        """Its length, bytes."""
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close it."""
        self._file.close()

    def read(self, offset: int, length: int) -> bytes:
        """Return some bytes.

        Parameters
        ----------
        offset, length
            Where they begin and how many they are, bytes.

        Raises
        ------
        gis.errors.InputError
            The file ends before.
        gis.errors.StorageError
            The disk refuses.
        """
        if not 0 <= offset <= self.size - length:
            raise damaged(self.path)
        with storage_errors(self.path):
            found = self._read(offset, length)
        if len(found) != length:
            raise damaged(self.path)
        return found

    def _read(self, offset: int, length: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), length, offset)
        with self._lock:  # a system without reading at a place
            self._file.seek(offset)
            return bytes(self._file.read(length))
