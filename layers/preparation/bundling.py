"""Packing what a workspace's layers are made from."""

from __future__ import annotations

from pathlib import Path

from gis.errors import MissingError
from gis.messages import translator
from layers.preparation.fetch import mirror_cache
from layers.preparation.gathering import sources_folder
from layers.preparation.job import Progress
from layers.sources.bundle import Bundle, write_bundle
from layers.sources.mirror import MIRROR_FILE, Mirror
from layers.workspace import Workspace

_ = translator("layers")


def bundle_sources(
    workspace: Workspace, path: Path, *, mirror: str = "", everything: bool = False, progress: Progress | None = None
) -> Bundle:
    """Pack the gathered open data of a workspace, or a mirror that the user names; see :func:`write_bundle`.

    Raises
    ------
    gis.errors.MissingError
        Nothing has been gathered and no mirror is named.
    gis.errors.VallesError
        A file is absent or not the one stated, nothing may be handed on, or the disk refuses.
    """
    gathered = sources_folder(workspace)
    if not mirror and not (gathered / MIRROR_FILE).is_file():
        raise MissingError(
            _("Este espacio de trabajo no guarda fuentes: no se ha traído nada de internet"),
            expected=_("Lo que deja `valles layers fetch`, o un espejo"),
            remedy=_("Use primero `valles layers fetch`, o diga qué espejo empacar con --mirror"),
        )
    source = Mirror.read(mirror or gathered)
    return write_bundle(source, path, cache=mirror_cache(workspace), everything=everything, progress=progress)
