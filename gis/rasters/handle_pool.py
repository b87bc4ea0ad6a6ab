"""Open handles of one raster file, lent to whoever reads: as many as ever read at once, however many threads come."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gis.rasters.raster import limit_cache
from gis.rasters.raster_place import Place, open_handle


class HandlePool:
    """Handles of a raster file.

    Parameters
    ----------
    path
        The file.
    level
        Overview that the handles read: −1 the file itself, 0 its first overview.
    """

    def __init__(self, path: Place, *, level: int = -1) -> None:
        self.path = path
        self._chosen = {} if level < 0 else {"overview_level": level}
        self._lock = threading.Lock()
        self._idle: list[Any] = []
        self._era = 0

    @contextmanager
    def lent(self) -> Iterator[Any]:
        """Lend a handle that nobody else has.

        Raises
        ------
        rasterio.errors.RasterioError
            The file cannot be opened.
        """
        with self._lock:
            handle, era = self._idle.pop() if self._idle else None, self._era
        if handle is None:
            limit_cache()
            handle = open_handle(self.path, **self._chosen)
        try:
            yield handle
        finally:
            with self._lock:
                kept = era == self._era
                if kept:
                    self._idle.append(handle)
            if not kept:
                handle.close()

    def close(self) -> None:
        """Close the handles; those that are lent are closed when they come back."""
        with self._lock:
            idle, self._idle, self._era = self._idle, [], self._era + 1
        for handle in idle:
            handle.close()

    def __len__(self) -> int:
        """Return how many handles wait to be lent."""
        return len(self._idle)
