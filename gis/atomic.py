"""Writing that is complete or absent: fill beside the target, flush to the disk, rename into place.

A temporary name starts with a dot and carries the host and process that made it, so that the leftovers of a killed
process are recognised and cleared by the next writer of the same target.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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


def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def _temporary_sibling(path: Path) -> Path:
    return path.with_name(f".{path.stem}.{_host()}-{os.getpid()}-{secrets.token_hex(4)}.tmp{path.suffix}")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _clear_leftovers(path: Path) -> None:
    """Remove what killed processes of this host left beside ``path``."""
    if os.name != "posix" or not path.parent.is_dir():  # elsewhere signal 0 is not a question but an order
        return
    stem, suffix = re.escape(path.stem), re.escape(path.suffix)
    pattern = re.compile(rf"\.{stem}\.{_host()}-(\d+)-[0-9a-f]{{8}}\.tmp{suffix}([-.].+)?")
    for sibling in path.parent.iterdir():
        found = pattern.fullmatch(sibling.name)
        if found and not _alive(int(found[1])):
            _remove(sibling)


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


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
    temporary = _temporary_sibling(target)
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(target)
        try:
            yield temporary
            _flush(temporary)
            temporary.replace(target)
            _flush_folder(target.parent)
        finally:
            for leftover in (temporary, *(Path(f"{temporary}{end}") for end in ("-journal", "-wal", "-shm"))):
                _remove(leftover)


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
    folder = _temporary_sibling(target)
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(target)
        folder.mkdir()
    try:
        yield folder
    finally:
        _remove(folder)


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
    temporary = _temporary_sibling(target)
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(target)
        if previous.exists() and not target.exists():
            previous.replace(target)
        try:
            temporary.mkdir()
            yield temporary
            for file in sorted(temporary.rglob("*")):
                if file.is_file():
                    _flush(file)
            if not target.exists():
                temporary.replace(target)
            elif not _exchange(temporary, target):
                _remove(previous)
                target.replace(previous)
                temporary.replace(target)
                _remove(previous)
            _flush_folder(target.parent)
        finally:
            _remove(temporary)


def sha256_of(path: Path | str) -> str:
    """Return the SHA-256 of a file in hexadecimal, read in blocks.

    Raises
    ------
    StorageError
        When the file cannot be read.
    """
    with storage_errors(path), Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
