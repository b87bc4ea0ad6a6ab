"""Gives an adapter the files of its product: whole ones downloaded, rasters by the blocks that are read."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from gis.errors import MissingError
from gis.messages import translator
from gis.rasters.raster_source import RasterSource
from layers.sources.product import Wanted
from layers.transfer.addresses import is_address
from layers.transfer.download import download, forget
from layers.transfer.range_file import RemoteFile
from layers.transfer.telling import Told
from layers.transfer.web_client import WebClient
from layers.transfer.web_errors import NoRangesError, RefusedError

_ = translator("layers")


class WebSupply:
    """The files of one product, on the web or in a folder.

    Parameters
    ----------
    client
        Who asks.
    product_id
        Whose files; keeps the names of its rasters apart from those of others.
    folder
        Where whole files are downloaded to.
    told
        Told ``(name, bytes come, bytes in all)``.
    """

    def __init__(self, client: WebClient, product_id: str, folder: Path, *, told: Told | None = None) -> None:
        self.notes: list[str] = []
        """What the user should know about how the files came."""
        self._client = client
        self._product_id = product_id
        self._folder = folder
        self._told = told
        self._coming: dict[str, Future[Path | None]] = {}
        self._unproved: list[Path] = []
        self._open: dict[str, RemoteFile] = {}

    @property
    def fetched(self) -> int:
        """Bytes of rasters read by parts so far."""
        return sum(each.fetched for each in self._open.values())

    def begin(self, wanted: Iterable[Wanted], pool: ThreadPoolExecutor) -> None:
        """Start downloading the whole files, so that they come while other work goes on."""
        for each in wanted:
            if each.whole and is_address(each.address) and each.address not in self._coming:
                self._coming[each.address] = pool.submit(self._download, each)

    def file(self, wanted: Wanted) -> Path | None:
        """Return where a whole file lies; ``None`` when it is absent and may be.

        Raises
        ------
        gis.errors.MissingError
            It is not there, or nobody answers.
        gis.errors.InputError
            Something else came in its place.
        """
        if not is_address(wanted.address):
            return self._local(wanted)
        coming = self._coming.get(wanted.address)
        return self._download(wanted) if coming is None else coming.result()

    def raster(self, wanted: Wanted) -> RasterSource | None:
        """Return a raster that is read by window; ``None`` when it is absent and may be.

        A server that gives files only whole gives it whole.

        Raises
        ------
        gis.errors.MissingError
            It is not there, or nobody answers.
        gis.errors.InputError
            Something else came in its place.
        """
        if wanted.whole or not is_address(wanted.address):
            path = self.file(wanted)
            return None if path is None else RasterSource(str(path))
        name = f"{self._product_id}/{wanted.name}"
        try:
            if name not in self._open:
                self._open[name] = RemoteFile(self._client, wanted.address, name, told=self._told)
        except NoRangesError:
            self.notes.append(_("{name}: el servidor no da partes; se trajo entero").format(name=wanted.name))
            path = self._download(wanted)
            return None if path is None else RasterSource(str(path))
        except RefusedError as error:
            if wanted.may_be_absent and error.absent:
                return None
            raise
        return RasterSource(name, self._open[name])

    def drop(self, refusal: str) -> tuple[str, ...]:
        """Drop what was downloaded whole and turned out to be unusable, so that the next call brings it anew.

        A file whose published SHA-256 it has is what its producer meant, and stays.

        Parameters
        ----------
        refusal
            Why it was refused; the files that it names are dropped, all of them where it names none.

        Returns
        -------
        tuple of str
            Names of the dropped files.

        Raises
        ------
        gis.errors.StorageError
            The disk refuses.
        """
        named = [path for path in self._unproved if path.name in refusal]
        dropped = sorted(set(named or self._unproved))
        for path in dropped:
            forget(path)
        return tuple(path.name for path in dropped)

    def _download(self, wanted: Wanted) -> Path | None:
        path = download(
            self._client,
            wanted.address,
            self._folder / wanted.name,
            sha256=wanted.sha256,
            absent=wanted.may_be_absent,
            told=self._told,
        )
        if path is not None and not wanted.sha256:
            self._unproved.append(path)
        return path

    def _local(self, wanted: Wanted) -> Path | None:
        path = Path(wanted.address)
        if path.is_file():
            return path
        if wanted.may_be_absent:
            return None
        raise MissingError(
            _("No existe {path}").format(path=path),
            expected=_("El archivo en la carpeta que dice territory.toml, [addresses]"),
            remedy=_("Copie el archivo ahí, o corrija la dirección"),
        )
