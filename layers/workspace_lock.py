"""A lock that the operating system releases by itself when its holder dies, so a killed program leaves none behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gis.atomic import storage_error
from gis.errors import StorageError
from gis.messages import translator

_ = translator("layers")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file ``path`` while the block runs.

    Raises
    ------
    gis.errors.StorageError
        Another program holds it, or its folder cannot be written.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise storage_error(path.parent, error) from error
    try:
        try:
            _take(handle)
        except OSError as error:
            raise StorageError(
                _("Otro programa está escribiendo en {folder}").format(folder=path.parent),
                remedy=_("Espere a que termine y vuelva a intentarlo"),
            ) from error
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
