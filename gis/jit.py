"""Compiled kernels: numba behind one typed decorator, with a cache directory that can be written.

Modules that hold kernels are imported by the functions that call them, never at the top of a module, so that a command
which computes nothing does not pay for the compiler.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

_WIDE = "wide_bytes.py"
"""Module whose instructions become part of the kernels that use them, in any package."""


def _cache_directory() -> str:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "valles" / "numba"
    try:
        base.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=base):
            return str(base)
    except OSError:
        return str(Path(tempfile.gettempdir()) / "valles-numba")


def _package_folder(file: Path) -> Path:
    """Return the folder of the top-level package that holds a module."""
    folder = file.parent
    while (folder.parent / "__init__.py").exists():
        folder = folder.parent
    return folder


@cache
def _kernel_state(folder: Path) -> str:
    """Identify the kernels of a package by their text.

    A kernel calls kernels of other modules; the compiler's own cache looks at one file and misses a change in another.
    """
    texts = {path: path.read_bytes() for path in sorted({*folder.rglob("*.py"), Path(__file__).with_name(_WIDE)})}
    kernels = [
        text for path, text in texts.items() if b"gis.jit" in text or "kernel" in path.stem or path.name == _WIDE
    ]
    return hashlib.sha256(b"".join(kernels)).hexdigest()[:16]


def compiled(*, parallel: bool = False, fastmath: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a function with numba, without the interpreter lock, cached on disk.

    Parameters
    ----------
    parallel
        Let ``numba.prange`` loops use all cores.
    fastmath
        Allow reordering of floating point operations; never where a comparison with a limit decides a class.
    """
    if not os.environ.get("NUMBA_CACHE_DIR"):  # an empty one would be the folder that the command was given in
        os.environ["NUMBA_CACHE_DIR"] = _cache_directory()
    import numba  # noqa: PLC0415  the compiler costs half a second: only kernels pay for it

    decorate = numba.njit(cache=True, nogil=True, parallel=parallel, fastmath=fastmath)

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        base = Path(os.environ["NUMBA_CACHE_DIR"])
        state = _kernel_state(_package_folder(Path(function.__code__.co_filename)))
        setattr(numba.config, "CACHE_DIR", str(base / state))  # noqa: B010  the module makes its settings at run time
        try:
            return cast("Callable[P, R]", decorate(function))
        finally:
            setattr(numba.config, "CACHE_DIR", str(base))  # noqa: B010  as above

    return wrap
