"""Asking for files over HTTP: patient, polite, and never more than a few at a time."""

from __future__ import annotations

import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, ResponseError

from gis.errors import InputError
from gis.messages import translator
from layers.transfer.addresses import is_address, shown
from layers.transfer.web_errors import unreachable

_ = translator("layers")

AT_ONCE = 4
"""Transfers under way at the same time, over all servers."""
BLOCK = 1 << 16
"""Bytes read from the connection at a time."""
_NO_HEAD = frozenset({400, 403, 405, 501})
_PASSING = frozenset({429, 500, 502, 503, 504})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long and how often to try."""

    connect_s: float = 20.0
    """Time for a connection to be made, s."""
    read_s: float = 60.0
    """Longest silence in an answer, s."""
    connects: int = 3
    """Attempts to be connected at all."""
    attempts: int = 6
    """Failures in a row, without a byte between them, that end it."""
    backoff_s: float = 0.5
    """First pause between attempts, s; it doubles."""
    backoff_most_s: float = 30.0
    """Longest pause, s."""
    retry_after_most_s: int = 120
    """Longest pause that a server may ask for by ``Retry-After``, s."""
    redirects: int = 5


@dataclass(frozen=True, kw_only=True)
class Announced:
    """What a server says of a file before giving it."""

    status: int
    size: int | None
    """Bytes; ``None`` when it does not say."""
    tag: str
    """ETag, quotes included; empty when it gives none."""
    modified: str
    """Last-Modified as it came."""
    ranges: bool
    """It gives parts of the file."""
    content_type: str

    @classmethod
    def of(cls, answer: urllib3.BaseHTTPResponse) -> Announced:
        """Read the headers of an answer; the size is that of the whole file."""
        length = answer.headers.get("Content-Length", "")
        size = int(length) if length.isdigit() else None
        if answer.status == HTTPStatus.PARTIAL_CONTENT:
            total = answer.headers.get("Content-Range", "").rpartition("/")[2]
            size = int(total) if total.isdigit() else None
        return cls(
            status=answer.status,
            size=size,
            tag=answer.headers.get("ETag", ""),
            modified=answer.headers.get("Last-Modified", ""),
            ranges=answer.status == HTTPStatus.PARTIAL_CONTENT or answer.headers.get("Accept-Ranges", "") == "bytes",
            content_type=answer.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        )

    @property
    def validator(self) -> str:
        """What ``If-Range`` may name: a strong ETag, else the date of the last change; empty when there is neither."""
        return self.modified if self.tag.startswith("W/") or not self.tag else self.tag


class WebClient:
    """Asks for files; one serves any number of threads.

    Parameters
    ----------
    patience
        How long and how often to try.
    """

    def __init__(self, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._managers: dict[str, urllib3.PoolManager] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    @contextmanager
    def answer(
        self, address: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        """Ask for an address and give the answer, its body still to be read; wait for a turn first.

        Passing failures (no connection, 429, 5xx) are tried again with growing pauses; redirects are followed, on the
        web only. The last answer is given whatever its status.

        Raises
        ------
        layers.transfer.web_errors.UnreachableError
            Nobody answers after all attempts.
        gis.errors.InputError
            Redirects go round in circles or off the web.
        """
        asked = {"User-Agent": user_agent(), "Accept-Encoding": "identity", **(headers or {})}
        with self._turns:
            found = self._ask(address, method, asked)
            try:
                yield found
            finally:
                _finish(found)

    def announced(self, address: str) -> Announced:
        """Ask what a file is like: by ``HEAD``, or by its first byte of a server that refuses to be asked so.

        Raises
        ------
        layers.transfer.web_errors.UnreachableError
            Nobody answers.
        """
        with self.answer(address, method="HEAD") as answer:
            found = Announced.of(answer)
        if found.status not in _NO_HEAD:
            return found
        with self.answer(address, headers={"Range": "bytes=0-0"}) as answer:
            found = Announced.of(answer)
        return replace(found, status=HTTPStatus.OK) if found.status == HTTPStatus.PARTIAL_CONTENT else found

    def blocks(self, answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        """Give the body as it comes, without waiting for blocks to fill: a cut loses nothing that has arrived.

        Raises
        ------
        urllib3.exceptions.HTTPError
            The connection was cut, or nothing came for too long.
        layers.transfer.web_errors.UnreachableError
            The work was stopped meanwhile.
        """
        while block := answer.read1(BLOCK, decode_content=False):
            yield block
            if self._stopped.is_set():
                raise unreachable(str(answer.geturl() or ""), _("la orden se interrumpió"))

    def stop(self) -> None:
        """End every transfer under way at its next block: what has come stays for the next call."""
        self._stopped.set()

    def _ask(self, address: str, method: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        try:
            return self._manager(address).request(
                method, address, headers=dict(headers), preload_content=False, retries=self._retries()
            )
        except ValueError as error:  # urllib3's errors of an address are such too
            raise InputError(
                _("{address} lleva fuera de la web: {why}").format(address=shown(address), why=error),
                expected=_("Una dirección http:// o https://"),
            ) from error
        except MaxRetryError as error:
            if isinstance(error.reason, ResponseError):
                raise InputError(
                    _("{address} manda de una dirección a otra sin fin").format(address=shown(address)),
                    expected=_("A lo sumo {count} desvíos").format(count=self.patience.redirects),
                    remedy=_("Revise la dirección; otra se escribe en territory.toml, [addresses]"),
                ) from error
            raise unreachable(address, reason_of(error)) from error
        except HTTPError as error:
            raise unreachable(address, reason_of(error)) from error

    def _retries(self) -> urllib3.Retry:
        patience = self.patience
        return urllib3.Retry(
            total=None,
            connect=patience.connects - 1,
            read=patience.attempts - 1,
            status=patience.attempts - 1,
            other=0,
            redirect=patience.redirects,
            status_forcelist=_PASSING,
            allowed_methods=("GET", "HEAD"),
            backoff_factor=patience.backoff_s,
            backoff_max=patience.backoff_most_s,
            raise_on_status=False,
            retry_after_max=patience.retry_after_most_s,
        )

    def _manager(self, address: str) -> urllib3.PoolManager:
        proxy = _proxy(address)
        with self._lock:
            if proxy not in self._managers:
                told = {
                    "timeout": urllib3.Timeout(connect=self.patience.connect_s, read=self.patience.read_s),
                    "maxsize": AT_ONCE,
                }
                self._managers[proxy] = (
                    urllib3.ProxyManager(proxy, **told) if proxy else urllib3.PoolManager(**told)  # type: ignore[arg-type]
                )
            return self._managers[proxy]


@cache
def user_agent() -> str:
    """Return the name under which the program asks."""
    try:
        return f"valles/{version('valles')}"
    except PackageNotFoundError:
        return "valles"


def _proxy(address: str) -> str:
    """Return the proxy that the environment prescribes for an address; empty for none."""
    parts = urllib.parse.urlsplit(address)
    host = parts.hostname or ""
    if host in _LOOPBACK or urllib.request.proxy_bypass(host):
        return ""
    found = urllib.request.getproxies().get(parts.scheme, "")
    return found if is_address(found) else ""


def _finish(answer: urllib3.BaseHTTPResponse) -> None:
    """Give the connection back if little of the answer is left to read, else close it: the rest is not wanted."""
    left = getattr(answer, "length_remaining", None)
    if answer.closed or (left is not None and left <= BLOCK):
        answer.drain_conn()
        answer.release_conn()
    else:
        answer.close()


def reason_of(error: BaseException) -> str:
    """Say in short what the deepest cause was."""
    cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    text = str(cause)
    known = {
        "Name or service not known": _("no se encuentra ese servidor"),
        "name resolution": _("no se encuentra ese servidor"),
        "nodename nor servname": _("no se encuentra ese servidor"),
        "getaddrinfo failed": _("no se encuentra ese servidor"),
        "Connection refused": _("el servidor no admite la conexión"),
        "unreachable": _("no hay red"),
        "timed out": _("el servidor no respondió a tiempo"),
        "closed connection": _("la conexión se cortó"),
        "Connection reset": _("la conexión se cortó"),
        "IncompleteRead": _("la conexión se cortó"),
        "CERTIFICATE": _("el certificado del servidor no es válido"),
    }
    return next((told for key, told in known.items() if key in text), text)
