"""Gathering open data: the products that a territory takes become a mirror in its workspace, cut to the place.

Each product's piece stays in ``layers/.sources/<product>`` and is kept as long as product, place and files are the
same. What fails is listed and the others go on; what has been downloaded of it stays for the next call.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gis.atomic import storage_errors, write_atomically
from gis.errors import NothingHereError, StorageError, VallesError
from gis.messages import translator
from layers.catalogue.themes import theme
from layers.gathering.gathered_place import boundary_piece_place, place_of
from layers.mirrors.mirror import MIRROR_FILE, MirrorLayer
from layers.mirrors.mirror_text import mirror_text
from layers.preparation.gather_report import GatherItem, failed_source, item_of
from layers.sources.kept_piece import Piece, make_piece, piece_settings, standing_piece
from layers.sources.product import Place, Product, Wanted
from layers.sources.registry import BOUNDARIES, Catalogue, catalogue
from layers.sources.web_supply import WebSupply
from layers.transfer.telling import Told, one_at_a_time
from layers.transfer.web_client import AT_ONCE, WebClient
from layers.transfer.web_errors import RefusedError, SourceChangedError, UnexpectedContentError, UnreachableError
from layers.workspace import Workspace

_ = translator("layers")

SOURCES = ".sources"
"""Folder of the gathered pieces inside the folder of layers."""
_DOWNLOADS = ".downloads"
_ON_THE_WAY = (
    StorageError,
    UnreachableError,
    RefusedError,
    UnexpectedContentError,
    SourceChangedError,
    NothingHereError,
)
"""Errors that say nothing against the files that have come."""


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What a gathering left."""

    items: tuple[GatherItem, ...]
    folder: Path
    """The mirror."""
    layers: tuple[MirrorLayer, ...]
    """Its entries; empty when nothing could be gathered."""


def _required(item: GatherItem) -> bool:
    found = (theme(each) for each in item.themes)
    return any(each is not None and each.requirement == "required" for each in found)


def sources_folder(workspace: Workspace) -> Path:
    """Return the folder of a workspace's gathered mirror; it may not exist."""
    return workspace.layers_dir / SOURCES


def gather(
    workspace: Workspace, *, client: WebClient, told: Told | None = None, known: Catalogue | None = None
) -> Gathered:
    """Bring the products that a territory takes and write the mirror that they make.

    Parameters
    ----------
    workspace
        Whose territory says what is wanted; boundaries come first when it has none of its own.
    client
        Who asks.
    told
        Told ``(file, bytes come, bytes in all)``; from several threads, one at a time.
    known
        The catalogue of products; by default the one that comes with the program.

    Raises
    ------
    layers.transfer.web_errors.UnreachableError
        Nobody could be reached and nothing is here.
    gis.errors.VallesError
        The boundaries cannot be had, a choice in ``territory.toml`` is wrong, or the disk refuses.
    """
    books = known or catalogue()
    with workspace.writing():
        run = _Gathering(workspace, books, client, one_at_a_time(told))
        with run.downloads():
            done = run.all()
        return run.written(done)


@dataclass(frozen=True)
class _Task:
    """One product to gather."""

    item: GatherItem
    product: Product
    place: Place
    wanted: tuple[Wanted, ...]
    settings: str


class _Gathering:
    """One gathering under way."""

    def __init__(self, workspace: Workspace, books: Catalogue, client: WebClient, told: Told) -> None:
        self.workspace = workspace
        self.folder = sources_folder(workspace)
        self._books = books
        self._client = client
        self._told = told
        self._chosen = books.chosen(workspace.territory)
        self._entries: list[MirrorLayer] = []
        self._errors: list[VallesError] = []
        self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="valles-web")

    @contextmanager
    def downloads(self) -> Iterator[None]:
        """Keep the pool of downloads while the block runs; when it fails or is interrupted they end at once."""
        try:
            yield
        except BaseException:
            self._client.stop()
            raise
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def all(self) -> list[GatherItem]:
        """Gather every product, the boundaries before all others."""
        first = [each for each, themes in self._chosen.items() if BOUNDARIES in themes]
        done: list[GatherItem] = []
        for product_id in first:
            done += self._together([product_id], boundary_piece_place(self.workspace))
        for error in self._errors:
            raise error  # without boundaries nothing can be prepared
        place = place_of(self.workspace, self.folder, tuple(self._entries))
        rest = [each for each in self._chosen if each not in first]
        done += self._together(rest, place)
        self._refuse_silence(done)
        return done

    def written(self, items: list[GatherItem]) -> Gathered:
        """Write the mirror of what was gathered."""
        if self._entries:
            heading = _("Datos abiertos recortados al territorio; los escribe `valles layers fetch`.")
            write_atomically(self.folder / MIRROR_FILE, mirror_text(self._entries, heading=heading))
        return Gathered(items=tuple(items), folder=self.folder, layers=tuple(self._entries))

    def _together(self, products: list[str], place: Place) -> list[GatherItem]:
        """Gather several products: all begin to download at once, and are made one after the other."""
        items: dict[str, GatherItem] = {}
        tasks: list[tuple[_Task, WebSupply]] = []
        for product_id in products:
            found = self._task(product_id, place)
            if isinstance(found, GatherItem):
                items[product_id] = found
                continue
            standing = standing_piece(self.folder / product_id, found.settings)
            if standing is not None:
                items[product_id] = self._kept(found, standing)
                continue
            supply = self._supply(product_id)
            supply.begin(found.wanted, self._pool)
            tasks.append((found, supply))
        for task, supply in tasks:
            items[task.item.product] = self._made(task, supply)
        return [items[each] for each in products]

    def _task(self, product_id: str, place: Place) -> _Task | GatherItem:
        record = self._books.record(product_id)
        item = item_of(record, self._chosen[product_id])
        try:
            product = self._books.adapter(product_id, place.territory, root=self.workspace.root)
            wanted = tuple(product.wanted(place))
        except VallesError as error:
            return self._failed(item, error)
        item = replace(item, address=product.record.address)
        return _Task(item, product, place, wanted, piece_settings(product, place, wanted))

    def _supply(self, product_id: str) -> WebSupply:
        return WebSupply(self._client, product_id, self.folder / _DOWNLOADS / product_id, told=self._told)

    def _kept(self, task: _Task, piece: Piece) -> GatherItem:
        self._entries += piece.within(task.item.themes)
        return replace(task.item, status="kept", bytes=0)

    def _made(self, task: _Task, supply: WebSupply) -> GatherItem:
        started = time.monotonic()
        product_id = task.item.product
        try:
            try:
                piece = self._make(task, supply)
            except SourceChangedError:  # published anew under our eyes: once more from the beginning
                supply = self._supply(product_id)
                piece = self._make(task, supply)
        except NothingHereError as error:
            if not _required(task.item):
                return replace(task.item, status="nothing", detail=error.found)
            return self._failed(task.item, error)
        except VallesError as error:
            if not isinstance(error, _ON_THE_WAY):  # the adapter cannot use what came: it may be damaged
                _tell_dropped(error, supply.drop(error.found))
            return replace(self._failed(task.item, error), seconds=round(time.monotonic() - started, 2))
        self._entries += piece.within(task.item.themes)
        downloads = self.folder / _DOWNLOADS / product_id
        arrived = supply.fetched + sum(
            each.stat().st_size for each in downloads.glob("*") if each.suffix not in {".state", ".part"}
        )
        with storage_errors(downloads):
            shutil.rmtree(downloads, ignore_errors=True)
        return replace(
            task.item,
            status="gathered",
            bytes=arrived,
            detail="; ".join(supply.notes),
            seconds=round(time.monotonic() - started, 2),
        )

    def _make(self, task: _Task, supply: WebSupply) -> Piece:
        return make_piece(task.product, task.place, supply, self.folder / task.item.product, settings=task.settings)

    def _failed(self, item: GatherItem, error: VallesError) -> GatherItem:
        self._errors.append(error)
        return failed_source(item, error)

    def _refuse_silence(self, items: list[GatherItem]) -> None:
        """Say once that nobody answers, rather than of every product."""
        silent = [each for each in self._errors if isinstance(each, UnreachableError)]
        if silent and len(silent) == len(items):
            raise UnreachableError(
                _("Sin conexión: ninguno de los {count} productos responde ({why})").format(
                    count=len(items), why=silent[0].found
                ),
                expected=_("Una conexión a internet"),
                remedy=_("Repita la orden cuando la haya, o traiga las capas de otra oficina con --mirror"),
            )


def _tell_dropped(error: VallesError, names: tuple[str, ...]) -> None:
    """Say in an error which downloads were dropped because their content was refused."""
    if names:
        told = _("Se descartó lo descargado ({names}): la próxima orden lo trae otra vez").format(
            names=", ".join(names)
        )
        error.remedy = ". ".join(part.rstrip(".") for part in (error.remedy, told) if part)
