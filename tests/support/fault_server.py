"""A web server on loopback that serves files with Range and ETag, and misbehaves on demand.

::

    with FaultServer(folder) as server:          # or FaultServer(), then server.put("a/b.tif", data)
        server.fault("a/b.tif", Drop(after=1000), times=2)
        ...                                      # fetch server.address + "a/b.tif"
        server.body_bytes("a/*")                 # bytes of content sent so far
        server.log                               # every request: method, path, range, status, sent

A fault holds for the next ``times`` requests (``None``: for ever) whose path matches the pattern (``fnmatch``); faults
of a path are used up in the order in which they were set. In a test: the fixture ``fault_server`` (mark the test
``network``).
"""

from __future__ import annotations

import fnmatch
import hashlib
import http.server
import threading
import time
import urllib.parse
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from types import TracebackType
from typing import Self

BLOCK = 16_384
PAGE = b"<!DOCTYPE html><html><head><title>Entrar</title></head><body>Acepte las condiciones</body></html>"


@dataclass(frozen=True)
class Drop:
    """Announce the whole answer, send so many bytes of it, then cut the connection."""

    after: int = 0


@dataclass(frozen=True)
class Truncated:
    """Announce and send only the first bytes, as if the file ended there."""

    length: int


@dataclass(frozen=True)
class Corrupt:
    """Flip one byte of the content."""

    at: int = 0


@dataclass(frozen=True)
class Status:
    """Answer with a status and a page in HTML; ``retry_after`` is the header's text."""

    code: int
    retry_after: str = ""


@dataclass(frozen=True)
class Slow:
    """Wait before the answer and between blocks of it."""

    before_s: float = 0.0
    between_s: float = 0.0
    block: int = BLOCK


@dataclass(frozen=True)
class Change:
    """Put other content in the place of the file after so many bytes of this answer, then cut the connection."""

    content: bytes
    after: int = 0


@dataclass(frozen=True)
class Redirect:
    """Send elsewhere; an address without a scheme is one of this server."""

    to: str
    code: int = 302


@dataclass(frozen=True)
class Html:
    """Answer 200 with a page in HTML, as a portal does that wants a login."""

    page: bytes = PAGE
    content_type: str = "text/html; charset=utf-8"


@dataclass(frozen=True)
class NoRange:
    """Ignore Range: send everything with 200."""


@dataclass(frozen=True)
class NoTag:
    """Send neither ETag nor Last-Modified."""


Fault = Drop | Truncated | Corrupt | Status | Slow | Change | Redirect | Html | NoRange | NoTag


@dataclass
class Seen:
    """One request as it was answered."""

    method: str
    path: str
    range: str
    agent: str
    status: int
    sent: int
    """Bytes of content sent so far."""


@dataclass
class _Planned:
    pattern: str
    fault: Fault
    left: int | None


class FaultServer:
    """Files on loopback; use it as a context."""

    def __init__(self, root: Path | None = None) -> None:
        self.log: list[Seen] = []
        self.at_once = 0
        self.most_at_once = 0
        self._root = root
        self._files: dict[str, tuple[bytes, str]] = {}
        self._faults: list[_Planned] = []
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """Base address, ending with a slash."""
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, path: str, content: bytes, *, content_type: str = "application/octet-stream") -> str:
        """Serve content under a path; return its address."""
        with self._lock:
            self._files[path] = content, content_type
        return self.address + path

    def fault(self, pattern: str, fault: Fault, *, times: int | None = 1) -> None:
        """Misbehave in the next ``times`` answers to paths that match."""
        with self._lock:
            self._faults.append(_Planned(pattern, fault, times))

    def mend(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._faults.clear()

    def body_bytes(self, pattern: str = "*") -> int:
        """Bytes of content sent for paths that match."""
        return sum(each.sent for each in self.log if fnmatch.fnmatch(each.path, pattern))

    def requests(self, pattern: str = "*", method: str = "GET") -> list[Seen]:
        """Requests for paths that match."""
        return [each for each in self.log if each.method == method and fnmatch.fnmatch(each.path, pattern)]

    def find(self, path: str) -> tuple[bytes, str] | None:
        with self._lock:
            found = self._files.get(path)
        if found is None and self._root is not None and ".." not in path:
            file = self._root / path
            if file.is_file():
                return file.read_bytes(), "application/octet-stream"
        return found

    def faults_of(self, path: str) -> list[Fault]:
        """Use up and return the fault due for a path: one that breaks the answer, and any that only alter it."""
        due: list[Fault] = []
        with self._lock:
            for planned in self._faults:
                alters = isinstance(planned.fault, NoRange | NoTag | Slow)
                taken = any(not isinstance(each, NoRange | NoTag | Slow) for each in due)
                if planned.left == 0 or not fnmatch.fnmatch(path, planned.pattern) or (taken and not alters):
                    continue
                due.append(planned.fault)
                if planned.left is not None:
                    planned.left -= 1
        return due

    def count(self, step: int) -> None:
        with self._lock:
            self.at_once += step
            self.most_at_once = max(self.most_at_once, self.at_once)


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, _request: object, _client_address: object) -> None:
        """Say nothing of clients that went away: the tests kill them."""


class _Handler(http.server.BaseHTTPRequestHandler):
    owner: FaultServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every small answer waits 40 ms for an acknowledgement

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self.owner.count(1)
        try:
            self._answer(body=True)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            self.owner.count(-1)

    def _answer(self, *, body: bool) -> None:
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).lstrip("/")
        faults = self.owner.faults_of(path)
        slow = next((each for each in faults if isinstance(each, Slow)), Slow())
        time.sleep(slow.before_s)
        for fault in faults:
            match fault:
                case Status(code, retry_after):
                    headers = {"Retry-After": retry_after} if retry_after else {}
                    return self._send(path, code, {"Content-Type": "text/html", **headers}, PAGE, body=body)
                case Html(page, content_type):
                    return self._send(path, 200, {"Content-Type": content_type}, page, body=body)
                case Redirect(to, code):
                    target = to if "://" in to else self.owner.address + to
                    return self._send(path, code, {"Location": target}, b"", body=body)
        found = self.owner.find(path)
        if found is None:
            return self._send(path, 404, {"Content-Type": "text/html"}, PAGE, body=body)
        return self._send_file(path, *found, faults=faults, slow=slow, body=body)

    def _send_file(
        self, path: str, content: bytes, content_type: str, *, faults: list[Fault], slow: Slow, body: bool
    ) -> None:
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        change = next((each for each in faults if isinstance(each, Change)), None)
        cut = next((each.after for each in faults if isinstance(each, Drop | Change)), None)
        content = _spoilt(content, faults)
        headers = {"Content-Type": content_type, "ETag": tag, "Last-Modified": formatdate(0, usegmt=True)}
        if any(isinstance(each, NoTag) for each in faults):
            headers = {"Content-Type": content_type}
        if self.headers.get("If-Match", tag) != tag:
            return self._send(path, 412, headers, b"", body=body)
        status, part = 200, content
        if not any(isinstance(each, NoRange) for each in faults):
            headers["Accept-Ranges"] = "bytes"
            span = _span(self.headers.get("Range", ""), len(content))
            if span is not None and self.headers.get("If-Range", tag) in {tag, headers.get("Last-Modified")}:
                first, last = span
                if first >= len(content):
                    headers["Content-Range"] = f"bytes */{len(content)}"
                    return self._send(path, 416, headers, b"", body=body)
                status, part = 206, content[first : last + 1]
                headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        self._send(path, status, headers, part, body=body, cut=cut, slow=slow)
        if change is not None:
            self.owner.put(path, change.content, content_type=content_type)
        return None

    def _send(
        self,
        path: str,
        status: int,
        headers: dict[str, str],
        content: bytes,
        *,
        body: bool,
        cut: int | None = None,
        slow: Slow = Slow(),
    ) -> None:
        asked = self.headers.get("Range", ""), self.headers.get("User-Agent", "")
        seen = Seen(self.command, path, *asked, status, 0)
        self.owner.log.append(seen)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        end = len(content) if cut is None else min(cut, len(content))
        while body and seen.sent < end:
            block = content[seen.sent : min(seen.sent + slow.block, end)]
            seen.sent += len(block)
            self.wfile.write(block)
            time.sleep(slow.between_s)
        if seen.sent < len(content) and body:
            self.wfile.flush()
            self.close_connection = True


def _spoilt(content: bytes, faults: list[Fault]) -> bytes:
    for fault in faults:
        match fault:
            case Truncated(length):
                content = content[:length]
            case Corrupt(at):
                content = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
    return content


def _span(text: str, length: int) -> tuple[int, int] | None:
    """Return the first and last byte that a Range header of one range asks for."""
    unit, _equals, span = text.partition("=")
    first, dash, last = span.partition("-")
    if unit != "bytes" or not dash or "," in span:
        return None
    if not first:
        return max(0, length - int(last)), length - 1
    return int(first), min(int(last), length - 1) if last else length - 1
