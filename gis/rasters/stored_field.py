"""A coarse field that stays in its file: only the native rows that a strip needs are in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from affine import Affine
from numpy.typing import NDArray
from rasterio.windows import Window

from gis.errors import MissingError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.coarse_field import FieldSampler
from gis.rasters.raster import open_raster, raster_errors, raster_info

_ = translator("gis")


@dataclass(frozen=True, eq=False, kw_only=True)
class StoredField:
    """Bands of an open raster file on their own cells; use it inside :func:`stored_field` only."""

    path: Path
    bands: tuple[int, ...]
    """From 1."""
    crs: pyproj.CRS
    transform: Affine
    handle: Any
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Bands, rows, columns."""
        return len(self.bands), int(self.handle.height), int(self.handle.width)

    def native_rows(self, top: int, bottom: int) -> NDArray[np.float64]:
        """Return the values of native rows, scale and offset applied, shape (bands, rows, cols), NaN where missing.

        Raises
        ------
        gis.errors.InputError
            The file turns out damaged.
        """
        window = Window(0, top, self.shape[2], bottom - top)
        values = np.empty((len(self.bands), bottom - top, self.shape[2]))
        with self._turn, raster_errors(self.path):
            for place, band in enumerate(self.bands):
                raw = self.handle.read(band, window=window, masked=True)
                values[place] = np.ma.filled(raw.astype(np.float64), np.nan)
                values[place] *= self.handle.scales[band - 1]
                values[place] += self.handle.offsets[band - 1]
        return values

    def sampler(self, grid: Grid) -> FieldSampler:
        """Return what reads this field at the cells of ``grid``."""
        return FieldSampler(field=self, grid=grid)


@contextmanager
def stored_field(path: Path | str, *, bands: Sequence[int]) -> Iterator[StoredField]:
    """Open bands (from 1) of a raster file.

    Raises
    ------
    MissingError
        When the file or a band is not there.
    InputError
        When the file is damaged or holds no data.
    CrsError
        When it has no reference system.
    """
    info = raster_info(path)
    if max(bands) > info.bands or min(bands) < 1:
        raise MissingError(
            _("{path} no tiene la banda {band}").format(path=path, band=max(bands)),
            expected=_("Tiene {bands} bandas").format(bands=info.bands),
        )
    with open_raster(path) as source:
        transform = Affine(*tuple(source.transform)[:6])
        yield StoredField(path=Path(path), bands=tuple(bands), crs=info.crs, transform=transform, handle=source)
