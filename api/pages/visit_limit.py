"""How often one address may do something."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import deque
from collections.abc import Callable

ADDRESSES_MOST = 10_000
"""Addresses that are remembered; beyond, the one seen longest ago is forgotten."""
_V6_BITS = 64


class VisitLimit:
    """Count what comes from each address, in memory only.

    Parameters
    ----------
    most
        Allowed from one address …
    seconds
        … within so many seconds.
    clock
        Tells the time, s.

    Examples
    --------
    >>> limit = VisitLimit(most=1, seconds=60.0)
    >>> limit.allow("192.0.2.1"), limit.allow("192.0.2.1"), limit.allow("192.0.2.2")
    (True, False, True)
    """

    def __init__(self, *, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, deque[float]] = {}

    def allow(self, address: str) -> bool:
        """Tell whether this address may do it now, and count it if so."""
        return self.wait(address) == 0

    def wait(self, address: str) -> float:
        """Return after how many seconds this address may do it, 0 if it may now: then it is counted."""
        now = self._clock()
        name = _household(address)
        with self._lock:
            times = self._seen.pop(name, deque())
            while times and now - times[0] >= self._seconds:
                times.popleft()
            allowed = len(times) < self._most
            wait = 0.0 if allowed else times[0] + self._seconds - now
            if allowed:
                times.append(now)
            self._seen[name] = times
            while len(self._seen) > ADDRESSES_MOST:
                del self._seen[next(iter(self._seen))]
        return wait


def _household(address: str) -> str:
    """Return the address, of IPv6 only the part that one household shares."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{found}/{_V6_BITS}", strict=False)) if found.version == 6 else str(found)  # noqa: PLR2004
