"""Writing that is complete or absent: fill beside the target, flush to the disk, rename into place.

The leftovers of a killed process are recognised by their names (:mod:`gis.drafts`) and cleared by the next writer of
the same target, or by :func:`clear_leftovers`.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gis.drafts import beside, clear_drafts, draft_of, remove
from gis.errors import StorageError, VallesError
from gis.messages import translator

_ = translator("gis")

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_PERMISSION = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


def storage_error(path: Path | str, error: OSError) -> StorageError:
    """Say in words why the disk refused ``path``.

    Parameters
    ----------
    path
        What was being written or read.
    error
        The refusal of the operating system.

    Returns
    -------
    StorageError
        To be raised by the caller.
    """
    if error.errno in _NO_SPACE:
        return StorageError(
            _("No queda espacio en el disco para {path}").format(path=path),
            expected=_("Hace falta espacio libre; no quedó nada a medio escribir"),
            remedy=_("Libere espacio o elija otra carpeta y repita la orden"),
        )
    if error.errno in _NO_PERMISSION:
        return StorageError(
            _("No se puede escribir {path}: es de solo lectura o falta permiso").format(path=path),
            expected=_("Hace falta una carpeta en la que se pueda escribir"),
            remedy=_("Cambie los permisos o elija otra carpeta"),
        )
    return StorageError(
        _("El disco rechazó {path}: {reason}").format(path=path, reason=error.strerror or error),
        remedy=_("Revise la carpeta y el disco y repita la orden"),
    )


@contextmanager
def storage_errors(path: Path | str) -> Iterator[None]:
    """Turn every refusal of the operating system inside the block into a :class:`StorageError`.

    Raises
    ------
    StorageError
        When the block raised an ``OSError`` that is not already an error of the house.
    """
    try:
        yield
    except VallesError:
        raise
    except OSError as error:
        raise storage_error(path, error) from error


def clear_leftovers(folder: Path | str) -> None:
    """Remove the drafts, of whatever name, that killed processes left in a folder; what a living one writes stays.

    Raises
    ------
    StorageError
        When the folder cannot be read.
    """
    with storage_errors(folder):
        clear_drafts(Path(folder))


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(path: Path) -> None:
    if os.name == "posix":
        _flush(path)


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Give a temporary path in the same folder; when the block ends well it becomes ``path``.

    Parameters
    ----------
    path
        The file to write. Missing parent folders are made.

    Yields
    ------
    Path
        A path with the same suffix, to be created by the block.

    Raises
    ------
    StorageError
        When the folder is read-only, the disk is full, or the block wrote nothing.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic_path(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("hola")
    >>> (folder / "a.txt").read_text()
    'hola'
    """
    target = Path(path)
    with storage_errors(target):
        beside(target)
        with draft_of(target) as temporary:
            yield temporary
            _flush(temporary)
            temporary.replace(target)
            _flush_folder(target.parent)


@contextmanager
def scratch_folder(path: Path | str) -> Iterator[Path]:
    """Give an empty folder on the disk of ``path``, for drafts of it; it is gone when the block ends.

    Yields
    ------
    Path
        A hidden folder beside ``path``.

    Raises
    ------
    StorageError
        When the folder cannot be made.
    """
    target = Path(path)
    with storage_errors(target):
        beside(target)
    with draft_of(target) as folder:
        with storage_errors(target):
            folder.mkdir()
        yield folder


def write_atomically(path: Path | str, content: bytes | str) -> None:
    """Write a small file whole or not at all; text is UTF-8.

    Raises
    ------
    StorageError
        When the disk refuses.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step of the kernel; ``False`` where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return int(renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)) == 0


@contextmanager
def atomic_folder(path: Path | str) -> Iterator[Path]:
    """Give an empty temporary folder; when the block ends well it becomes ``path``, replacing what was there.

    On Linux old and new are exchanged in one step. Elsewhere there is an instant without the folder, and the old one
    is kept under the name ``.<name>.previous`` until the new one stands; the next call restores it after a kill.

    Yields
    ------
    Path
        The folder to fill.

    Raises
    ------
    StorageError
        When the disk refuses.
    """
    target = Path(path)
    previous = target.with_name(f".{target.name}.previous")
    with storage_errors(target):
        beside(target)
        if previous.exists() and not target.exists():
            previous.replace(target)
        with draft_of(target) as temporary:
            temporary.mkdir()
            yield temporary
            for file in sorted(temporary.rglob("*")):
                if file.is_file():
                    _flush(file)
            if not target.exists():
                temporary.replace(target)
            elif not _exchange(temporary, target):
                remove(previous)
                target.replace(previous)
                temporary.replace(target)
                remove(previous)
            _flush_folder(target.parent)


def sha256_of(path: Path | str) -> str:
    """Return the SHA-256 of a file in hexadecimal, read in blocks.

    Raises
    ------
    StorageError
        When the file cannot be read.
    """
    with storage_errors(path), Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
