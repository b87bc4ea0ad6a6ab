"""Fetching a territory's layers from the mirror that a user names: a folder, an archive, or an address of either."""

from __future__ import annotations

from pathlib import PurePosixPath

from layers.mirrors.mirror import Mirror
from layers.preparation.fetch import fetch, mirror_cache
from layers.preparation.fetch_report import FetchReport
from layers.preparation.job import Progress
from layers.transfer.addresses import is_address, path_of
from layers.transfer.download import download
from layers.transfer.telling import Told
from layers.transfer.web_client import WebClient
from layers.workspace import Workspace


def fetch_mirror(
    workspace: Workspace,
    place: str,
    *,
    plan: bool = False,
    progress: Progress | None = None,
    told: Told | None = None,
) -> FetchReport:
    """Prepare the layers that a mirror brings; see :func:`layers.preparation.fetch.fetch`.

    Parameters
    ----------
    workspace
        Where the layers are written.
    place
        Folder, its ``mirror.toml``, an archive that ``valles layers bundle`` wrote, or the address of any of them.
    plan
        Only say what would be prepared. An archive on the web is downloaded all the same: what it holds stands in it.
    progress
        Told ``(stage, done, total)`` as layers are prepared.
    told
        Told ``(file, bytes come, bytes in all)`` as files travel.

    Raises
    ------
    gis.errors.VallesError
        The mirror is not there or not valid, or the workspace refuses.
    """
    if is_address(place) and path_of(place).lower().endswith(".zip"):
        archive = mirror_cache(workspace) / PurePosixPath(path_of(place)).name
        with workspace.writing():
            download(WebClient(), place, archive, told=told)
        place = str(archive)
    return fetch(workspace, Mirror.read(place), plan=plan, progress=progress, told=told)
