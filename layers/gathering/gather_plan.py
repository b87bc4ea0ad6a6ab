"""What gathering open data would bring: files, sizes, licences; nothing is written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from gis.errors import VallesError
from gis.messages import translator
from gis.rasters.native import bytes_in_box, native_raster
from gis.rasters.raster_source import RasterSource
from layers.gathering.gathered_place import boundary_piece_place, planned_place
from layers.gathering.gathering import sources_folder
from layers.preparation.gather_report import GatheredFile, GatherItem, failed_source, item_of
from layers.sources.kept_piece import piece_settings, standing_piece
from layers.sources.product import Place, Product, Wanted
from layers.sources.registry import BOUNDARIES, Catalogue
from layers.transfer.addresses import is_address
from layers.transfer.range_file import RemoteFile
from layers.transfer.web_client import AT_ONCE, WebClient
from layers.transfer.web_errors import NoRangesError, RefusedError, refused
from layers.workspace import Workspace

_ = translator("layers")


def plan_gathering(workspace: Workspace, books: Catalogue, client: WebClient) -> tuple[GatherItem, ...]:
    """Say of every product that a territory takes which files would travel, and how much of each.

    Whole files are asked for their size; of rasters read by parts the directory is read, and the blocks in the place
    are added up.

    Raises
    ------
    gis.errors.VallesError
        A choice in ``territory.toml`` is wrong, or it is not known where the territory lies.
    """
    chosen = books.chosen(workspace.territory)
    place = planned_place(workspace)
    items = []
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="valles-web") as pool:
        for product_id, themes in chosen.items():
            item = item_of(books.record(product_id), themes)
            try:
                product = books.adapter(product_id, workspace.territory, root=workspace.root)
                item = replace(item, address=product.record.address)
                where = boundary_piece_place(workspace) if BOUNDARIES in themes else place
                items.append(_planned(item, product, where, workspace=workspace, client=client, pool=pool))
            except VallesError as error:
                items.append(failed_source(item, error))
    return (*items, *absent_products(workspace, books))


def absent_products(workspace: Workspace, books: Catalogue) -> tuple[GatherItem, ...]:
    """Return the products of themes that nothing brings because their file has to be supplied by the user."""
    brought = {theme for themes in books.chosen(workspace.territory).values() for theme in themes}
    items = []
    for record in books.records:
        lacking = tuple(each for each in record.themes if each not in brought)
        stated = {*workspace.territory.addresses, *workspace.territory.sources}
        if record.address or not lacking or stated & {record.id, *lacking}:
            continue
        item = item_of(record, lacking, status="absent")
        remedy = _('Descárguelo y escriba en territory.toml, [addresses]: {id} = "carpeta"').format(id=record.id)
        items.append(replace(item, detail=_("hay que darlo: no se trae de internet"), remedy=remedy))
    return tuple(items)


def _planned(
    item: GatherItem,
    product: Product,
    place: Place,
    *,
    workspace: Workspace,
    client: WebClient,
    pool: ThreadPoolExecutor,
) -> GatherItem:
    wanted = tuple(product.wanted(place))
    folder = sources_folder(workspace) / item.product
    if standing_piece(folder, piece_settings(product, place, wanted)) is not None:
        return replace(item, status="kept", bytes=0)
    sized = [pool.submit(_size, client, item.product, each, place) for each in wanted]
    files = [
        GatheredFile(name=each.name, address=each.address, whole=each.whole, bytes=size.result())
        for each, size in zip(wanted, sized, strict=True)
    ]
    there = [each for each, size in zip(files, sized, strict=True) if size.result() != _ABSENT]
    known = [each.bytes for each in there if each.bytes is not None]
    return replace(item, files=tuple(there), bytes=sum(known) if len(known) == len(there) else None)


_ABSENT = -1


def _size(client: WebClient, product_id: str, wanted: Wanted, place: Place) -> int | None:
    """Return the bytes that would travel; ``_ABSENT`` for a file that is not there and may be."""
    if not is_address(wanted.address):
        path = Path(wanted.address)
        if path.is_file():
            return path.stat().st_size
        if wanted.may_be_absent:
            return _ABSENT
        raise refused(wanted.address, 404)
    try:
        if not wanted.whole:
            return _part(client, product_id, wanted, place)
    except NoRangesError:
        pass  # it will come whole
    except RefusedError as error:
        if wanted.may_be_absent and error.absent:
            return _ABSENT
        raise
    found = client.announced(wanted.address)
    if found.status in {404, 410} and wanted.may_be_absent:
        return _ABSENT
    if found.status != 200:  # noqa: PLR2004  all is well
        raise refused(wanted.address, found.status)
    return found.size


def _part(client: WebClient, product_id: str, wanted: Wanted, place: Place) -> int | None:
    name = f"plan/{product_id}/{wanted.name}"
    file = RemoteFile(client, wanted.address, name)
    with native_raster(RasterSource(name, file)) as raster:
        found = bytes_in_box(raster, place.bounds)
    return found if found is None else found + file.fetched
