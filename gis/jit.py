"""Compiled kernels: numba behind one typed decorator, with a cache directory that can be written.

Modules that hold kernels are imported by the functions that call them, never at the top of a module, so that a command
which computes nothing does not pay for the compiler.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


def _cache_directory() -> str:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "valles" / "numba"
    try:
        base.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=base):
            return str(base)
    except OSError:
        return str(Path(tempfile.gettempdir()) / "valles-numba")


def compiled(*, parallel: bool = False, fastmath: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a function with numba, without the interpreter lock, cached on disk.

    Parameters
    ----------
    parallel
        Let ``numba.prange`` loops use all cores.
    fastmath
        Allow reordering of floating point operations; never where a comparison with a limit decides a class.
    """
    os.environ.setdefault("NUMBA_CACHE_DIR", _cache_directory())
    import numba  # noqa: PLC0415  the compiler costs half a second: only kernels pay for it

    decorate = numba.njit(cache=True, nogil=True, parallel=parallel, fastmath=fastmath)

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        return cast("Callable[P, R]", decorate(function))

    return wrap
