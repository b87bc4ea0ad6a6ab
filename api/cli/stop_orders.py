"""An order to stop, from the keyboard or from another program: what is half done goes, and the program ends soon.

The first order unwinds the main thread, as Ctrl-C does, so that everything is left the usual way. Where that takes too
long, because other threads compute, or at the second order, worker processes are ended, drafts removed and the process
left at once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from gis.drafts import drop_drafts

PATIENCE_S = 2.0
"""How long the usual way may take."""

_WORDS_S = 0.5
"""How long the usual way may take to say its words."""

_ORDERS = ("SIGINT", "SIGTERM", "SIGHUP")
_SHOW_CURSOR = b"\r\x1b[?25h\x1b[K"
"""Undoes what a progress bar did to a terminal."""


class StopOrders:
    """Takes orders to stop, from :meth:`listen` on.

    Parameters
    ----------
    code
        Of a process that was stopped.
    words
        Returns what is said on standard error, and on standard output, where the usual way has not said it.
    """

    def __init__(self, code: int, words: Callable[[], tuple[str, str]]) -> None:
        self._code, self._words = code, words
        self._came = False
        self._turn, self._ended = threading.Lock(), threading.Event()

    def listen(self) -> None:
        """Take the orders; one that whoever started the program wants ignored is ignored."""
        for name in _ORDERS:
            number = getattr(signal, name, None)  # not every system has all
            if number is not None and signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
                signal.signal(number, self._take)

    def stopped(self) -> bool:
        """Say whether an order came; who is told so is the one to say it to the user."""
        if self._came and not self._turn.acquire(blocking=False):
            self._ended.wait()  # it is being said, and the process left
        return self._came

    def end(self, code: int) -> int:
        """Take note that the program has said what there is to say, and return its code."""
        self._code = code
        self._ended.set()
        return code

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        if self._came or self._ended.is_set():
            self._end()
        self._came = True
        # What breaks off in the middle of a library, or under a thread that goes on, is nobody's fault.
        sys.unraisablehook = threading.excepthook = _say_nothing
        patience = threading.Timer(PATIENCE_S, self._end)
        patience.daemon = True
        patience.start()
        raise KeyboardInterrupt

    def _end(self) -> None:
        for process in multiprocessing.active_children():
            process.kill()
        drop_drafts()
        if not self._turn.acquire(blocking=False):
            self._ended.wait(_WORDS_S)
        elif not self._ended.is_set():
            error, answer = self._words()
            if sys.stderr.isatty():
                os.write(2, _SHOW_CURSOR)
            os.write(2, error.encode())  # not through a stream, whose lock the main thread may hold
            os.write(1, answer.encode())
        drop_drafts()  # what a thread that had just begun has laid meanwhile
        os._exit(self._code)


def _say_nothing(_fault: object) -> None:
    """Take the place of what prints the traceback of a fault that nobody can catch."""
