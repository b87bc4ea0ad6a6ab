"""Reading a file on the web by parts, so that only the parts that are read travel."""

from __future__ import annotations

import io
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, cast

from urllib3.exceptions import HTTPError

from gis.errors import StorageError, VallesError
from gis.messages import translator
from layers.transfer.content import SNIFFED, stranger
from layers.transfer.telling import Told
from layers.transfer.web_client import AT_ONCE, Announced, WebClient, reason_of
from layers.transfer.web_errors import NoRangesError, changed, refused, unreachable, wrong_page

_ = translator("layers")

PAGE = 1024
"""Bytes of a page: what is fetched starts and ends at multiples of it."""
HEAD = 8 * PAGE
"""Bytes fetched first: the directory of a cloud-optimised raster stands there."""
_MOST_PAGES = (96 << 20) // PAGE
_LONGEST = 8 << 20
_GAP_PAGES = 4
_PARTIAL, _OK, _CHANGED = 206, 200, 412


class RemoteFile:
    """A file on the web, its pages kept as they come; any number of threads may read it.

    Parameters
    ----------
    client
        Who asks.
    address
        Where the file lies.
    name
        Name that messages and the raster library give it; must be unlike any other in use.
    told
        Told ``(name, bytes fetched, 0)`` as parts come.

    Raises
    ------
    layers.transfer.web_errors.NoRangesError
        The server gives it only whole.
    layers.transfer.web_errors.RefusedError, layers.transfer.web_errors.UnreachableError
        The server does not give it, or nobody answers.
    layers.transfer.web_errors.UnexpectedContentError
        A page came instead.
    """

    def __init__(self, client: WebClient, address: str, name: str, *, told: Told | None = None) -> None:
        self.name = name
        self.fetched = 0
        self._client = client
        self._address = address
        self._told = told
        self._pages: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.RLock()
        self._failure: VallesError | None = None
        self._announced = self._begin()

    def __call__(self, name: str, mode: str = "rb") -> BinaryIO:
        """Open the file for reading, as ``opener`` of a :class:`gis.rasters.raster_source.RasterSource`.

        Raises
        ------
        gis.errors.StorageError
            Another name is asked for, as that of a companion file that does not exist.
        """
        if name != self.name or mode not in {"r", "rb"}:
            raise StorageError(_("No existe {path}").format(path=name))
        return cast("BinaryIO", _Cursor(self))

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self._announced.size or 0

    def failure(self) -> VallesError | None:
        """Return, once, what went wrong behind the back of the raster library."""
        with self._lock:
            found, self._failure = self._failure, None
        return found

    def expect(self, spans: Sequence[tuple[int, int]]) -> None:
        """Fetch parts that are about to be read, neighbours together and several at a time.

        Parameters
        ----------
        spans
            First byte and number of bytes of each.

        Raises
        ------
        gis.errors.VallesError
            As :meth:`read`.
        """
        wanted = sorted({page for first, length in spans for page in _pages(first, length, self.size)})
        with self._lock:
            runs = _runs([page for page in wanted if page not in self._pages])
        if len(wanted) > _MOST_PAGES // 2:
            return  # would push itself out again: better fetched as it is read
        if len(runs) < 2:  # noqa: PLR2004  nothing to share out
            for run in runs:
                self._fetch(*run)
            return
        with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="valles-web") as pool:
            for done in [pool.submit(self._fetch, *run) for run in runs]:
                done.result()

    def read(self, first: int, length: int) -> bytes:
        """Return bytes from ``first`` on, fetching the pages that are not here.

        Raises
        ------
        layers.transfer.web_errors.SourceChangedError
            The file changed since its first part was read.
        layers.transfer.web_errors.RefusedError, layers.transfer.web_errors.UnreachableError
            The server no longer gives it.
        """
        length = max(0, min(length, self.size - first))
        numbers = _pages(first, length, self.size)
        parts: dict[int, bytes] = {}
        with self._lock:
            for number in numbers:
                if number in self._pages:
                    self._pages.move_to_end(number)
                    parts[number] = self._pages[number]
        for start, stop in _runs([number for number in numbers if number not in parts]):
            parts |= self._fetch(start, stop)
        whole = b"".join(parts[number] for number in numbers)
        skipped = first - numbers[0] * PAGE if numbers else 0
        return whole[skipped : skipped + length]

    def excused(self, first: int, length: int) -> bytes:
        """Return bytes as :meth:`read`, or none with the reason noted: the raster library hides what is raised."""
        try:
            return self.read(first, length)
        except VallesError as error:
            with self._lock:
                self._failure = error
            return b""

    def _first(self) -> tuple[Announced, bytes]:
        """Fetch the first bytes, from the beginning again where the connection drops."""
        patience = self._client.patience
        for failures in range(1, patience.attempts + 1):
            body = b""
            try:
                with self._client.answer(self._address, headers={"Range": f"bytes=0-{HEAD - 1}"}) as answer:
                    announced = Announced.of(answer)
                    if announced.status not in {_OK, _PARTIAL}:
                        raise refused(self._address, announced.status)
                    for block in self._client.blocks(answer):
                        body += block
                        if announced.status == _OK and len(body) >= SNIFFED:
                            break
            except HTTPError as error:
                why = reason_of(error)
                time.sleep(min(patience.backoff_s * 2 ** (failures - 1), patience.backoff_most_s))
            else:
                return announced, body
        raise unreachable(self._address, why)

    def _begin(self) -> Announced:
        """Fetch the first bytes and note which file they are of."""
        announced, body = self._first()
        what = stranger(self.name, body[:SNIFFED], announced.content_type)
        if what:
            raise wrong_page(self._address, self.name, what)
        if announced.status == _OK or announced.size is None:
            raise NoRangesError(
                _("{address} no se deja leer por partes").format(address=self._address),
                expected=_("Un servidor que admita Range"),
                remedy=_("Se trae el archivo entero"),
            )
        self._keep(0, body[: len(body) // PAGE * PAGE] if len(body) < announced.size else body)
        self._note(len(body))
        return announced

    def _fetch(self, start: int, stop: int) -> dict[int, bytes]:
        """Fetch pages from ``start`` up to, not including, ``stop``."""
        first, last = start * PAGE, min(stop * PAGE, self.size)
        body, failures, patience = b"", 0, self._client.patience
        while len(body) < last - first:
            got = len(body)
            why = _("la conexión se cortó")
            try:
                for block in self._part(first + got, last):
                    body += block
            except HTTPError as error:
                why = reason_of(error)
            failures = failures + 1 if len(body) == got else 0
            if failures >= patience.attempts:
                raise unreachable(self._address, why)
            if failures:
                time.sleep(min(patience.backoff_s * 2 ** (failures - 1), patience.backoff_most_s))
        self._note(len(body))
        return self._keep(start, body[: last - first])

    def _part(self, first: int, last: int) -> Iterable[bytes]:
        """Ask for bytes from ``first`` up to ``last`` of the very file whose beginning was read."""
        pinned = self._announced
        headers = {"Range": f"bytes={first}-{last - 1}"}
        if pinned.tag and not pinned.tag.startswith("W/"):
            headers["If-Match"] = pinned.tag
        with self._client.answer(self._address, headers=headers) as answer:
            now = Announced.of(answer)
            if now.status in {_OK, _CHANGED} or (now.status == _PARTIAL and _other(now, pinned)):
                raise changed(self._address)
            start = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
            if now.status != _PARTIAL or start != str(first):
                raise refused(self._address, now.status)
            yield from self._client.blocks(answer)

    def _keep(self, start: int, body: bytes) -> dict[int, bytes]:
        parts = {start + at // PAGE: body[at : at + PAGE] for at in range(0, len(body), PAGE)}
        with self._lock:
            self._pages.update(parts)
            while len(self._pages) > _MOST_PAGES:
                self._pages.popitem(last=False)
        return parts

    def _note(self, count: int) -> None:
        with self._lock:
            self.fetched += count
            fetched = self.fetched
        if self._told is not None:
            self._told(self.name, fetched, 0)


def _other(now: Announced, pinned: Announced) -> bool:
    return (now.size, now.tag, now.modified) != (pinned.size, pinned.tag, pinned.modified)


def _pages(first: int, length: int, size: int) -> range:
    """Return the pages in which bytes lie."""
    end = min(first + length, size)
    return range(first // PAGE, -(-end // PAGE)) if end > first else range(0)


def _runs(pages: Sequence[int]) -> list[tuple[int, int]]:
    """Join sorted pages into runs of neighbours, each short enough for one request."""
    runs: list[tuple[int, int]] = []
    for page in pages:
        if runs and page - runs[-1][1] <= _GAP_PAGES and page - runs[-1][0] < _LONGEST // PAGE:
            runs[-1] = runs[-1][0], page + 1
        else:
            runs.append((page, page + 1))
    return runs


class _Cursor(io.RawIOBase):
    """A place in a remote file."""

    def __init__(self, file: RemoteFile) -> None:
        super().__init__()
        self._file = file
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        wanted = self._file.size - self._at if size < 0 else size
        found = self._file.excused(self._at, wanted)
        self._at += len(found)
        return found

    def readall(self) -> bytes:
        return self.read()
