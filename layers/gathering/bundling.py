"""Packing what a workspace's layers are made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gis.atomic import storage_errors, write_atomically
from gis.errors import MissingError
from gis.messages import translator
from layers.gathering.gathering import sources_folder
from layers.mirrors.bundle import Bundle, write_bundle
from layers.mirrors.mirror import MIRROR_FILE, Mirror
from layers.preparation.fetch import mirror_cache
from layers.preparation.job import Progress
from layers.preparation.prepare_boundaries import own_boundary
from layers.provenance import read_provenance
from layers.territory import TERRITORY_FILE
from layers.territory_file import territory_toml
from layers.workspace import Workspace

_ = translator("layers")


def bundle_sources(
    workspace: Workspace, path: Path, *, mirror: str = "", everything: bool = False, progress: Progress | None = None
) -> Bundle:
    """Pack what another office needs to prepare a workspace's layers; see :func:`write_bundle`.

    That is the gathered open data, or a mirror that the user names; the boundary file that the workspace has of its
    own, in the place of any other; and ``territory.toml`` without its addresses, from which ``valles init --from``
    makes the territory there.
    Own layers are named and not packed: what is kept of them is already on this grid.

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
    beside = {TERRITORY_FILE: _territory_file(workspace)}
    own = own_boundary(workspace)
    if own is not None:
        others = tuple(each for each in source.layers if each.theme != own.theme and each.file != own.file)
        source = Mirror(source.place, (own, *others))
        beside[own.file] = workspace.root / own.file
    made = write_bundle(
        source, path, cache=mirror_cache(workspace), beside=beside, everything=everything, progress=progress
    )
    records = read_provenance(workspace.layers_dir)
    return replace(made, not_packed=tuple(sorted(name for name, each in records.items() if each.own is not None)))


def _territory_file(workspace: Workspace) -> Path:
    """Return the ``territory.toml`` to hand on: addresses may hold passwords, and name places of this disk only."""
    own = workspace.root / TERRITORY_FILE
    if not workspace.territory.addresses:
        return own
    bare = mirror_cache(workspace) / TERRITORY_FILE
    with storage_errors(bare):
        bare.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(bare, territory_toml(replace(workspace.territory, addresses={})))
    return bare
