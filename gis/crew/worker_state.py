"""What a worker computes with: the same on all machines, or the result would depend on who did a piece."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DISTRIBUTIONS = ("valles", "numpy", "numba")
"""Distributions whose versions must agree."""


@cache
def worker_state(packages: tuple[str, ...]) -> Mapping[str, str]:
    """Return the versions that decide a result, and the text of our own packages.

    Parameters
    ----------
    packages
        Packages of ours that the work stands on; two states of one version are told apart.

    Examples
    --------
    >>> sorted(worker_state(("gis",)))
    ['gis', 'numba', 'numpy', 'python', 'valles']
    """
    state = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in DISTRIBUTIONS:
        try:
            state[name] = version(name)
        except PackageNotFoundError:
            state[name] = "–"
    return state | {name: _text_hash(name) for name in packages}


def _text_hash(package: str) -> str:
    folder = Path(import_module(package).__file__ or "").parent
    texts = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        texts.update(path.relative_to(folder).as_posix().encode())
        texts.update(path.read_bytes())
    return texts.hexdigest()[:12]


def packages_of(modules: Iterable[str]) -> tuple[str, ...]:
    """Return the packages of ours that work from some modules stands on.

    Examples
    --------
    >>> packages_of(["zoning.chunks.chunk_zoning", "numpy"])
    ('gis', 'zoning')
    """
    return tuple(sorted({"gis", *(name.partition(".")[0] for name in modules)} & {"gis", "layers", "zoning"}))
