"""The index that stands beside the files of a stack or of its copy: JSON of a version, and the lengths of the files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from gis.atomic import storage_errors
from gis.errors import InputError
from gis.messages import translator

_ = translator("zoning")

Index = TypeVar("Index")


def index_text(content: Mapping[str, Any], *, version: int) -> str:
    """Return an index as JSON; float32 numbers survive it exactly.

    Parameters
    ----------
    content
        What it says, of plain types.
    version
        Of its shape.
    """
    return json.dumps({"format": version, **content}, ensure_ascii=False, indent=1) + "\n"


def parse_index(
    text: str | bytes,
    make: Callable[[Mapping[str, Any]], Index],
    *,
    version: int,
    place: str,
    remedy: str = "",
) -> Index | None:
    """Read an index from :func:`index_text`; ``None`` if it is one of another version.

    Parameters
    ----------
    text
        What is read.
    make
        Makes the index of what it says; a ValueError, KeyError, TypeError or AttributeError means that it cannot.
    version
        Of the shape that ``make`` knows.
    place
        Where it was found.
    remedy
        What to do where it is damaged.

    Raises
    ------
    gis.errors.InputError
        It is damaged.
    """
    try:
        content = json.loads(text)
        return make(content) if content["format"] == version else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            _("{path} está dañado").format(path=place),
            expected=_("Se esperaba el índice de una pila de capas"),
            remedy=remedy,
        ) from error


def read_index(path: Path, make: Callable[[Mapping[str, Any]], Index], *, version: int) -> Index | None:
    """Read the index of a folder; ``None`` where there is none, or one of another version.

    Parameters
    ----------
    path
        Its file.
    make, version
        As of :func:`parse_index`.

    Raises
    ------
    gis.errors.InputError
        It is damaged.
    gis.errors.StorageError
        The disk refuses.
    """
    if not path.is_file():
        return None
    with storage_errors(path):
        content = path.read_bytes()
    remedy = _("Borre la carpeta {folder}: se hace de nuevo").format(folder=path.parent)
    return parse_index(content, make, version=version, place=str(path), remedy=remedy)


def sizes_of(folder: Path, names: Iterable[str]) -> dict[str, int]:
    """Return the length of some files of a folder, bytes."""
    return {name: (folder / name).stat().st_size for name in names}


def is_whole(folder: Path, sizes: Mapping[str, int]) -> bool:
    """Whether the files of a folder are there with the lengths they were written with, bytes; never without any."""
    paths = {folder / name: size for name, size in sizes.items()}
    return bool(paths) and all(path.is_file() and path.stat().st_size == size for path, size in paths.items())
