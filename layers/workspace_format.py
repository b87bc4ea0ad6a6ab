"""Versions of the workspace: an older one is upgraded with a backup, a newer one is refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from gis.atomic import storage_errors, write_atomically
from gis.errors import InputError
from gis.messages import translator

_ = translator("layers")

WORKSPACE_FORMAT = 1
"""Version of the workspace that this program writes."""


def upgrade_workspace(file: Path) -> None:
    """Bring a ``territory.toml`` to the format of this program, keeping a copy of the old file beside it.

    Raises
    ------
    gis.errors.InputError
        The file states no whole number as its format, or a newer one than this program knows, or is no valid TOML.
    gis.errors.StorageError
        It cannot be read or written.
    """
    try:
        with storage_errors(file):
            text = file.read_text(encoding="utf-8-sig")
        found = tomllib.loads(text).get("workspace_format", 0)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(_("{file}: no es TOML válido ({why})").format(file=file, why=error)) from error
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise InputError(
            _("{file}: workspace_format = {found!r}").format(file=file, found=found),
            expected=_("Un número entero, {known} o menor").format(known=WORKSPACE_FORMAT),
        )
    if found > WORKSPACE_FORMAT:
        raise InputError(
            _("{file} es de un programa más nuevo (formato {found})").format(file=file, found=found),
            expected=_("El formato {known} o uno anterior").format(known=WORKSPACE_FORMAT),
            remedy=_("Actualice Valles, o abra una copia de respaldo de este espacio de trabajo"),
        )
    if found < WORKSPACE_FORMAT:
        _upgrade(file, text, found)


def _upgrade(file: Path, text: str, found: int) -> None:
    backup = file.with_name(f"{file.name}.formato-{found}.bak")
    if not backup.exists():
        write_atomically(backup, text)
    for version in range(found, WORKSPACE_FORMAT):
        text = _STEPS[version](text)
    write_atomically(file, text)


def _state_the_format(text: str) -> str:
    """Format 0 is a file that states no format, as one written by hand may."""
    stated = re.sub(r"(?m)^\s*workspace_format\s*=.*\n?", "", text)
    return f"workspace_format = 1\n{stated}"


_STEPS: Mapping[int, Callable[[str], str]] = {0: _state_the_format}
