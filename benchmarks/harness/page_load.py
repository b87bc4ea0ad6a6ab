"""Ask a server for many pages over a few kept-open connections, cheaply enough not to be what is measured."""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

_CHUNK = 1 << 18


@dataclass(eq=False)
class Answers:
    """What came back."""

    seconds: float = 0.0
    """Wall time from the first question to the last answer, s."""
    milliseconds: list[float] = field(default_factory=list)
    """From question to answer, of each page."""
    states: Counter[int] = field(default_factory=Counter)
    """Pages by HTTP state."""
    bytes: int = 0
    """Length of all bodies."""
    bodies: dict[str, bytes] = field(default_factory=dict)
    """Bodies by path, where they are kept."""

    @property
    def per_second(self) -> float:
        """Pages a second."""
        return len(self.milliseconds) / self.seconds


class _Line:
    """One connection."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.path, self.begin, self.got = "", 0.0, bytearray()

    def ask(self, path: str, host: str) -> None:
        """Send a question."""
        self.path, self.begin = path, time.perf_counter()
        self.got.clear()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: image/png\r\n\r\n".encode())

    def answer(self) -> tuple[int, bytes] | None:
        """Take what has come; state and body once the answer is whole."""
        came = self.socket.recv(_CHUNK)
        if not came:
            message = f"the server closed the connection at {self.path}"
            raise ConnectionError(message)
        self.got += came
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.got[:end]).lower()
        state, told = int(head[9:12]), head.find(b"\r\ncontent-length:")
        if told < 0 and state not in {204, 304}:
            message = f"an answer of unknown length at {self.path}"
            raise ConnectionError(message)
        length = int(head[told + 17 :].split(b"\r\n", 1)[0]) if told >= 0 else 0
        if len(self.got) < end + 4 + length:
            return None
        return state, bytes(self.got[end + 4 : end + 4 + length])


def load(address: tuple[str, int], paths: Sequence[str], *, lines: int = 8, keep: bool = False) -> Answers:
    """Ask for every path once, so many at a time.

    Parameters
    ----------
    address
        Host and port.
    paths
        What is asked for, in this order.
    lines
        Connections, each with one question under way.
    keep
        Whether the bodies are wanted.
    """
    waiting, found, host = deque(paths), Answers(), f"{address[0]}:{address[1]}"
    with selectors.DefaultSelector() as watch:
        begin = time.perf_counter()
        for _each in range(min(lines, len(paths))):
            line = _Line(address)
            watch.register(line.socket, selectors.EVENT_READ, line)
            line.ask(waiting.popleft(), host)
        while watch.get_map():
            for key, _events in watch.select(timeout=60):
                line = key.data
                answer = line.answer()
                if answer is None:
                    continue
                now = time.perf_counter()
                found.milliseconds.append((now - line.begin) * 1e3)
                found.states[answer[0]] += 1
                found.bytes += len(answer[1])
                if keep:
                    found.bodies[line.path] = answer[1]
                if waiting:
                    line.ask(waiting.popleft(), host)
                else:
                    watch.unregister(line.socket)
                    line.socket.close()
        found.seconds = time.perf_counter() - begin
    return found
