"""Bringing any raster file onto a grid."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import rasterio
import rasterio.crs
import rasterio.warp
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning

from gis.errors import InputError, MissingError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.lattice import Lattice
from gis.rasters.raster import Raster, open_raster, raster_errors, raster_info

_ = translator("gis")

# The library warps through nameless rasters of its own and silences what it says of them by changing the filters of the
# whole process and back: two threads undo each other's silence. What has no place is refused by our own words.
warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)

Method = Literal["bilinear", "average", "nearest", "mode", "min", "max"]
"""How values of several source cells become one."""

_RESAMPLING = {
    "bilinear": Resampling.bilinear,
    "average": Resampling.average,
    "nearest": Resampling.nearest,
    "mode": Resampling.mode,
    "min": Resampling.min,
    "max": Resampling.max,
}
_TOLERANCE = 0.01
"""Cells by which a projected place may be approximated: small enough that strips agree with the whole."""
_FINER = 0.6
"""Below this ratio of source cell to grid cell bilinear would skip source cells: the average is taken instead."""


def rasterio_crs(grid: Grid | Lattice) -> Any:  # noqa: ANN401  rasterio ships no types
    """Return the reference system of a grid in the raster library's own class."""
    code = grid.crs.to_epsg()
    return rasterio.crs.CRS.from_epsg(code) if code else rasterio.crs.CRS.from_wkt(grid.crs.to_wkt())


def warp(
    path: Path | str, grid: Grid, *, unit: str, method: Method = "bilinear", bands: Sequence[int] | None = None
) -> Raster:
    """Read a raster of any reference system onto a grid.

    Outside the source, and where the source has no data, the result is missing: nothing is extended. A declared scale
    and offset of the file are applied.

    Parameters
    ----------
    path
        A raster file.
    grid
        Where to put it. For a large territory call it strip by strip (:meth:`gis.grid.Grid.rows_window`).
    unit
        Unit of the values, kept with the result.
    method
        ``bilinear`` becomes ``average`` where the source is clearly finer than the grid.
    bands
        Band numbers from 1; ``None`` is all.

    Returns
    -------
    Raster
        float32, shape (rows, cols) for one band asked for by a file or list of one, else (bands, rows, cols).

    Raises
    ------
    MissingError
        When the file or a band is not there.
    InputError
        When the file is damaged or holds no data, or the method is unknown.
    CrsError
        When it has no reference system or contradicts it.
    """
    with warper(path, grid, method=method, bands=bands) as source:
        values = source.rows(0, grid.rows)
    return Raster.of(values[0] if len(values) == 1 else values, unit=unit, grid=grid)


class Warper:
    """Bands of a raster file, read onto a grid by any number of threads; use it inside :func:`warper` only.

    Parameters
    ----------
    path
        The file.
    grid
        Where to put it.
    bands
        Band numbers from 1.
    resampling
        How values of several source cells become one.
    """

    def __init__(self, path: Path, grid: Grid, *, bands: Sequence[int], resampling: Resampling) -> None:
        self._path = path
        self._grid = grid
        self._bands = tuple(bands)
        self._resampling = resampling
        self._local = threading.local()
        self._handles: list[Any] = []
        self._lock = threading.Lock()

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return rows ``start`` to ``stop`` (not included), NaN where missing, shape (bands, stop − start, cols).

        Raises
        ------
        InputError
            When the file turns out damaged.
        """
        grid = self._grid.rows_window(start, stop)
        values = np.full((len(self._bands), *grid.shape), np.nan, np.float32)
        with raster_errors(self._path):
            source = self._handle()
            for place, band in enumerate(self._bands):
                _warp_band(source, band, values[place], grid=grid, resampling=self._resampling)
                scale, offset = source.scales[band - 1], source.offsets[band - 1]
                if (scale, offset) != (1.0, 0.0):
                    values[place] *= np.float32(scale)
                    values[place] += np.float32(offset)
        return values

    def close(self) -> None:
        """Close the handles of all threads."""
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()
            self._local = threading.local()

    def _handle(self) -> Any:  # noqa: ANN401  rasterio ships no types
        handle = getattr(self._local, "handle", None)
        if handle is None:
            handle = rasterio.open(self._path)
            self._local.handle = handle
            with self._lock:
                self._handles.append(handle)
        return handle


@contextmanager
def warper(
    path: Path | str, grid: Grid, *, method: Method = "bilinear", bands: Sequence[int] | None = None
) -> Iterator[Warper]:
    """Open a raster of any reference system to be read onto a grid strip by strip; see :func:`warp`.

    Raises
    ------
    MissingError
        When the file or a band is not there.
    InputError
        When the file is damaged or holds no data, or the method is unknown.
    CrsError
        When it has no reference system or contradicts it.
    """
    if method not in _RESAMPLING:
        raise InputError(
            _("Método de remuestreo «{method}»").format(method=method),
            expected=_("Se esperaba uno de: {methods}").format(methods=", ".join(sorted(_RESAMPLING))),
        )
    info = raster_info(path)
    wanted = tuple(bands) if bands is not None else tuple(range(1, info.bands + 1))
    absent = [band for band in wanted if not 1 <= band <= info.bands]
    if absent or not wanted:
        raise MissingError(
            _("{path} no tiene la banda {band}").format(path=path, band=absent[0] if absent else "?"),
            expected=_("Tiene {bands} bandas").format(bands=info.bands),
        )
    chosen = "average" if method == "bilinear" and info.cell_m < _FINER * grid.cell else method
    opened = Warper(Path(path), grid, bands=wanted, resampling=_RESAMPLING[chosen])
    try:
        with open_raster(path):
            yield opened
    finally:
        opened.close()


def _warp_band(
    source: Any,  # noqa: ANN401  rasterio ships no types
    band: int,
    into: NDArray[np.float32],
    *,
    grid: Grid,
    resampling: Resampling,
) -> None:
    nodata = source.nodatavals[band - 1]
    codes = resampling in {Resampling.mode, Resampling.nearest} and source.dtypes[band - 1] == "uint8"
    if codes and nodata is not None:  # the library counts bytes in a quarter of the memory
        stored = np.full(into.shape, int(nodata), np.uint8)
        _reproject(source, band, stored, grid=grid, resampling=resampling, nodata=(nodata, nodata))
        into[...] = stored
        into[stored == int(nodata)] = np.nan
        return
    missing = np.nan if nodata is not None else None
    _reproject(source, band, into, grid=grid, resampling=resampling, nodata=(nodata, missing))


def _reproject(
    source: Any,  # noqa: ANN401  rasterio ships no types
    band: int,
    into: NDArray[Any],
    *,
    grid: Grid,
    resampling: Resampling,
    nodata: tuple[float | None, float | None],
) -> None:
    rasterio.warp.reproject(
        source=rasterio.band(source, band),
        destination=into,
        src_nodata=nodata[0],
        dst_transform=grid.transform,
        dst_crs=rasterio_crs(grid),
        dst_nodata=nodata[1],
        resampling=cast("Any", resampling),
        init_dest_nodata=nodata[0] is not None,
        warp_mem_limit=64,
        num_threads=1,  # with more, the library loses the errors of damaged blocks
        tolerance=_TOLERANCE,
    )
