"""Downloading whole files so that a cut at any byte costs nothing but the time.

Beside the file under way lie ``<name>.part``, what has come so far, and ``<name>.state``, whose part it is: address,
ETag, date and size. The next call goes on at that byte if the server still has the same file, else from zero.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import urllib3
from urllib3.exceptions import HTTPError

from gis.atomic import sha256_of, storage_errors, write_atomically
from gis.messages import translator
from layers.transfer.content import SNIFFED, stranger
from layers.transfer.telling import Told
from layers.transfer.web_client import Announced, WebClient, reason_of
from layers.transfer.web_errors import UnreachableError, refused, unreachable, wrong_page, wrong_sum

_ = translator("layers")

_OK, _PARTIAL, _NO_SUCH_RANGE = 200, 206, 416
_ABSENT = frozenset({404, 410})


@dataclass(frozen=True, kw_only=True)
class _State:
    """Whose part lies there."""

    address: str
    tag: str = ""
    modified: str = ""
    size: int | None = None
    whole: bool = False
    """The file has come entirely."""

    @property
    def validator(self) -> str:
        return self.modified if self.tag.startswith("W/") or not self.tag else self.tag


def download(
    client: WebClient, address: str, into: Path, *, sha256: str = "", absent: bool = False, told: Told | None = None
) -> Path | None:
    """Bring a file, going on where an earlier call was cut off.

    A file that stands is kept if its SHA-256 is the one asked for, or if the server still has the same one.

    Parameters
    ----------
    client
        Who asks.
    address
        Where the file lies.
    into
        Where it goes; it appears there only when it is whole.
    sha256
        What it must hold, hexadecimal; empty when the producer does not say.
    absent
        Whether the server may lack it.
    told
        Told as bytes come.

    Returns
    -------
    Path or None
        ``into``, or ``None`` when the file is absent and may be.

    Raises
    ------
    layers.transfer.web_errors.UnreachableError
        Nobody answers; what has come stays for the next call.
    layers.transfer.web_errors.RefusedError
        The server does not give it.
    layers.transfer.web_errors.UnexpectedContentError
        A page came instead, or a file that has twice another SHA-256.
    gis.errors.StorageError
        The disk refuses.
    """
    task = _Download(client, address, into, told=told)
    if task.stands(sha256):
        return into
    for attempt in (1, 2):
        if not task.run(absent=absent):
            return None
        found = sha256_of(task.part) if sha256 else ""
        if found == sha256:
            task.settle()
            return into
        task.forget()
        if attempt == 2:  # noqa: PLR2004  once more, then never again
            raise wrong_sum(address, found, sha256)
    return into


def forget(into: Path) -> None:
    """Drop a file that a download brought and what is known of it; the next download begins from zero.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    with storage_errors(into):
        for file in (into, into.with_name(f"{into.name}.part"), into.with_name(f"{into.name}.state")):
            file.unlink(missing_ok=True)


class _Download:
    """One file on its way."""

    def __init__(self, client: WebClient, address: str, into: Path, *, told: Told | None) -> None:
        self.client = client
        self.address = address
        self.into = into
        self.part = into.with_name(f"{into.name}.part")
        self._state_file = into.with_name(f"{into.name}.state")
        self._told = told
        with storage_errors(into):
            into.parent.mkdir(parents=True, exist_ok=True)

    def stands(self, sha256: str) -> bool:
        """Say whether the file has come before and is still the one the server has."""
        if not self.into.is_file():
            return False
        if sha256:
            return sha256_of(self.into) == sha256
        state = self._state()
        if state is None or not state.whole:
            return False
        try:
            now = self.client.announced(self.address)
        except UnreachableError:  # what is here is better than nothing
            return True
        if now.status != _OK:
            return True
        same = (now.tag, now.modified) == (state.tag, state.modified)
        return same and now.size in {None, self.into.stat().st_size}

    def run(self, *, absent: bool) -> bool:
        """Bring what is missing of the part; return whether there is such a file."""
        failures, patience = 0, self.client.patience
        while failures < patience.attempts:
            before, why = self._have(), ""
            try:
                done = self._once(absent=absent)
                if done is not None:
                    return done
            except HTTPError as error:
                why = reason_of(error)
            failures = failures + 1 if self._have() <= before else 0
            if failures:
                time.sleep(min(patience.backoff_s * 2 ** (failures - 1), patience.backoff_most_s))
        raise unreachable(self.address, why or _("la conexión se cortó"))

    def settle(self) -> None:
        """Give the part its name."""
        state = self._state() or _State(address=self.address)
        write_atomically(self._state_file, json.dumps(asdict(replace(state, whole=True))))
        with storage_errors(self.into):
            self.part.replace(self.into)

    def forget(self) -> None:
        """Begin from zero next time."""
        with storage_errors(self.part):
            self.part.unlink(missing_ok=True)
            self._state_file.unlink(missing_ok=True)

    def _once(self, *, absent: bool) -> bool | None:
        """Ask once; return whether the file is there, or ``None`` to ask again."""
        state, have = self._state(), self._have()
        headers = {}
        if have and state is not None and state.validator:
            headers = {"Range": f"bytes={have}-", "If-Range": state.validator}
        with self.client.answer(self.address, headers=headers) as answer:
            announced = Announced.of(answer)
            if absent and announced.status in _ABSENT:
                return False
            if announced.status == _NO_SUCH_RANGE:
                if state is not None and have == state.size:
                    return True
                self.forget()
                return None
            if announced.status != _OK and not (headers and announced.status == _PARTIAL):
                raise refused(self.address, announced.status)
            if announced.status == _PARTIAL and not _goes_on(answer, announced, state, have):
                self.forget()
                return None
            self._receive(answer, announced)
        size = announced.size
        if size is not None and self._have() > size:
            self.forget()
            return None
        return True if size is None or self._have() == size else None

    def _receive(self, answer: urllib3.BaseHTTPResponse, announced: Announced) -> None:
        """Append to the part, or begin it."""
        blocks = self.client.blocks(answer)
        if announced.status == _OK:
            first = b""
            while len(first) < SNIFFED and (block := next(blocks, b"")):
                first += block
            what = stranger(self.into.name, first[:SNIFFED], announced.content_type)
            if what:
                raise wrong_page(self.address, self.into.name, what)
            state = _State(address=self.address, tag=announced.tag, modified=announced.modified, size=announced.size)
            self.forget()
            with storage_errors(self.into):
                self.into.unlink(missing_ok=True)  # an older one that no longer stands
            write_atomically(self._state_file, json.dumps(asdict(state)))
            with storage_errors(self.part):
                self.part.write_bytes(first)
        done = self._have()
        self._tell(done, announced.size)
        with storage_errors(self.part), self.part.open("ab") as file:
            for block in blocks:
                file.write(block)
                done += len(block)
                self._tell(done, announced.size)
            file.flush()
            os.fsync(file.fileno())

    def _tell(self, done: int, size: int | None) -> None:
        if self._told is not None:
            self._told(self.into.name, done, size or 0)

    def _have(self) -> int:
        """Bytes that have come and can be gone on from."""
        state = self._state()
        if state is None or not self.part.is_file():
            return 0
        return self.part.stat().st_size

    def _state(self) -> _State | None:
        """Whose part lies there; ``None`` when that is not known, or is another address's."""
        try:
            with storage_errors(self._state_file):
                found = json.loads(self._state_file.read_text(encoding="utf-8")) if self._state_file.is_file() else {}
            state = _State(**found)
        except (ValueError, TypeError):
            return None
        return state if state.address == self.address else None


def _goes_on(answer: urllib3.BaseHTTPResponse, announced: Announced, state: _State | None, have: int) -> bool:
    """Say whether an answer continues the part at hand, of the same file."""
    start = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    same = state is not None and announced.size == state.size and announced.tag in {"", state.tag}
    return same and start == str(have)
