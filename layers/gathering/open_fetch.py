"""Fetching a territory's layers from open data: gather the products it takes, then prepare what they brought."""

from __future__ import annotations

import time
from dataclasses import replace

from gis.messages import translator
from layers.gathering.gather_plan import absent_products, plan_gathering
from layers.gathering.gathering import gather
from layers.mirrors.mirror import Mirror
from layers.preparation.fetch import fetch
from layers.preparation.fetch_report import FetchItem, FetchReport
from layers.preparation.job import Progress
from layers.sources.registry import Catalogue, catalogue
from layers.transfer.telling import Told
from layers.transfer.web_client import WebClient
from layers.workspace import Workspace

_ = translator("layers")


def fetch_open_data(
    workspace: Workspace,
    *,
    plan: bool = False,
    progress: Progress | None = None,
    told: Told | None = None,
    client: WebClient | None = None,
    books: Catalogue | None = None,
) -> FetchReport:
    """Bring the products that a territory takes, cut to it, and prepare its layers from them.

    Parameters
    ----------
    workspace
        Where the layers are written; its ``territory.toml`` may choose products and their addresses.
    plan
        Only say which files would travel, how large, from where and under which licence; nothing is written.
    progress
        Told ``(stage, done, total)`` as layers are prepared.
    told
        Told ``(file, bytes come, bytes in all)`` as files travel.
    client
        Who asks the web.
    books
        The catalogue of products; by default the one that comes with the program.

    Returns
    -------
    FetchReport
        With ``sources``, one for each product, before the layers.

    Raises
    ------
    layers.transfer.web_errors.UnreachableError
        Nobody could be reached and nothing is here.
    gis.errors.VallesError
        The boundaries cannot be had, a choice in ``territory.toml`` is wrong, or the disk refuses.
    """
    started = time.monotonic()
    known, asking = books or catalogue(), client or WebClient()
    if plan:
        sources = plan_gathering(workspace, known, asking)
        return FetchReport(items=(), sources=sources, seconds=time.monotonic() - started)
    gathered = gather(workspace, client=asking, told=told, known=known)
    sources = (*gathered.items, *absent_products(workspace, known))
    items: tuple[FetchItem, ...] = ()
    if gathered.layers or workspace.territory.boundaries:
        items = fetch(workspace, Mirror(str(gathered.folder), gathered.layers), progress=progress).items
    told_already = {theme for each in sources if each.status in {"failed", "absent"} for theme in each.themes}
    return FetchReport(
        items=tuple(_named(each) for each in items if each.files or each.theme not in told_already),
        sources=sources,
        seconds=time.monotonic() - started,
    )


def _named(item: FetchItem) -> FetchItem:
    """Say of a theme that nothing brings what to do about it here, where there is no mirror to mend."""
    if item.status != "failed" or item.files or not item.required:
        return item
    return replace(
        item,
        detail=_("Ningún producto elegido trae «{title}» ({theme})").format(title=item.title, theme=item.theme),
        expected=_("Un producto para ese tema en territory.toml, [sources]"),
        remedy=_("Elíjalo, o dé la capa con `valles layers add`"),
    )
