"""Reading a prepared raster strip by strip, from any number of threads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyproj
from numpy.typing import NDArray
from rasterio.windows import Window

from gis.crs import require_metres
from gis.errors import GridError, MissingError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.handle_pool import HandlePool
from gis.rasters.raster import open_raster, raster_errors
from gis.rasters.raster_place import Place, raster_place

_ = translator("gis")


class RasterReader:
    """A raster file on a metric grid, open for reading by any number of threads.

    Parameters
    ----------
    path
        A raster with square cells in metres, north up; or its name in a virtual file system, as text.

    Raises
    ------
    MissingError
        When there is no such file.
    InputError
        When it is damaged or no raster.
    CrsError
        When it is not in metres.
    GridError
        When its cells are not square and north up.

    Notes
    -----
    Use it as a context: leaving it closes its handles, of which there are as many as threads ever read at once.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = raster_place(path)
        with open_raster(self.path) as source:
            crs = require_metres(source.crs, what=str(self.path))
            self.grid = _grid_of(source, crs, self.path)
            self.bands = int(source.count)
            self.names = tuple(name or "" for name in source.descriptions)
            self.units = tuple(unit or "" for unit in source.units)
            self.tags = dict(source.tags())
            self.dtype = str(source.dtypes[0])
            self._nodata = source.nodatavals
            self._scales = tuple(zip(source.scales, source.offsets, strict=True))
        self._handles = HandlePool(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file in all threads."""
        self._handles.close()

    def band_named(self, name: str) -> int:
        """Return the number, from 0, of a band by its description.

        Raises
        ------
        MissingError
            When no band has that name.
        """
        if name not in self.names:
            raise MissingError(
                _("{path} no tiene la banda «{name}»").format(path=self.path, name=name),
                expected=_("Tiene: {names}").format(names=", ".join(self.names)),
            )
        return self.names.index(name)

    def read(self, row_start: int, row_stop: int, bands: Sequence[int] | None = None) -> NDArray[np.float32]:
        """Read a strip of whole rows.

        Parameters
        ----------
        row_start, row_stop
            First row and the one after the last.
        bands
            Bands from 0; ``None`` is all.

        Returns
        -------
        numpy.ndarray
            float32 with scale applied and NaN where missing, shape (bands, rows, cols).

        Raises
        ------
        GridError
            When the rows are not inside the file.
        MissingError
            When a band is not there.
        InputError
            When the file turns out damaged.
        """
        return self.read_window(row_start, row_stop, 0, self.grid.cols, bands)

    def read_cells(
        self, row_start: int, row_stop: int, inside: NDArray[np.bool_], bands: Sequence[int] | None = None
    ) -> NDArray[np.float32]:
        """Read the chosen cells of whole rows; only they are decoded, so that half a strip costs half.

        Parameters
        ----------
        row_start, row_stop
            First row and the one after the last.
        inside
            Cells wanted, shape (rows, cols).
        bands
            Bands from 0; ``None`` is all.

        Returns
        -------
        numpy.ndarray
            As of :meth:`read`, row by row, shape (bands, cells).

        Raises
        ------
        GridError
            When the rows are not inside the file, or the choice has another shape.
        MissingError
            When a band is not there.
        InputError
            When the file turns out damaged.
        """
        if inside.shape != (row_stop - row_start, self.grid.cols):
            raise GridError(
                _("Máscara de forma {shape}").format(shape=inside.shape),
                expected=_("Se esperaba {expected}").format(expected=(row_stop - row_start, self.grid.cols)),
            )
        wanted, raw = self._raw(row_start, row_stop, 0, self.grid.cols, bands)
        return self._decoded(raw.reshape(len(wanted), -1).take(np.flatnonzero(inside), axis=1), wanted)

    def read_window(
        self, row_start: int, row_stop: int, col_start: int, col_stop: int, bands: Sequence[int] | None = None
    ) -> NDArray[np.float32]:
        """Read a rectangle of cells; see :meth:`read`.

        Raises
        ------
        GridError
            When the rectangle is not inside the file.
        MissingError
            When a band is not there.
        InputError
            When the file turns out damaged.
        """
        wanted, raw = self._raw(row_start, row_stop, col_start, col_stop, bands)
        return self._decoded(raw, wanted)

    def read_stored(
        self, row_start: int, row_stop: int, col_start: int, col_stop: int, bands: Sequence[int] | None = None
    ) -> NDArray[Any]:
        """Read a rectangle of cells as they are stored, without scale and nodata, shape (bands, rows, cols).

        Raises
        ------
        GridError
            When the rectangle is not inside the file.
        MissingError
            When a band is not there.
        InputError
            When the file turns out damaged.
        """
        return self._raw(row_start, row_stop, col_start, col_stop, bands)[1]

    def _raw(
        self, row_start: int, row_stop: int, col_start: int, col_stop: int, bands: Sequence[int] | None
    ) -> tuple[list[int], NDArray[Any]]:
        """Return the bands wanted and their stored cells."""
        wanted = list(range(self.bands)) if bands is None else list(bands)
        if not (0 <= row_start < row_stop <= self.grid.rows and 0 <= col_start < col_stop <= self.grid.cols):
            raise GridError(
                _("Filas {start} a {stop}, columnas {left} a {right}").format(
                    start=row_start, stop=row_stop, left=col_start, right=col_stop
                ),
                expected=_("Se esperaban dentro de {rows} × {cols}").format(rows=self.grid.rows, cols=self.grid.cols),
            )
        if any(not 0 <= band < self.bands for band in wanted):
            raise MissingError(
                _("{path} no tiene las bandas {bands}").format(path=self.path, bands=wanted),
                expected=_("Tiene {bands} bandas").format(bands=self.bands),
            )
        window = Window(col_start, row_start, col_stop - col_start, row_stop - row_start)
        with raster_errors(self.path), self._handles.lent() as handle:
            raw: NDArray[Any] = handle.read([band + 1 for band in wanted], window=window)
        return wanted, raw

    def value_at(self, row: int, col: int) -> NDArray[np.float32]:
        """Return the values of one cell, NaN where missing, shape (bands,).

        Raises
        ------
        GridError
            When the cell is outside the file.
        InputError
            When the file turns out damaged.
        """
        return self.read_window(row, row + 1, col, col + 1)[:, 0, 0]

    def _decoded(self, raw: NDArray[Any], bands: Sequence[int]) -> NDArray[np.float32]:
        out = raw.astype(np.float32)
        for place, band in enumerate(bands):
            nodata, (scale, offset) = self._nodata[band], self._scales[band]
            if scale != 1.0:
                out[place] *= np.float32(scale)
            if offset:
                out[place] += np.float32(offset)
            if nodata is not None and not np.isnan(nodata):
                missing = raw[place] == nodata
                if missing.any():
                    out[place][missing] = np.nan
        return out


def _grid_of(source: Any, crs: pyproj.CRS, path: Place) -> Grid:  # noqa: ANN401  rasterio ships no types
    transform = source.transform
    if transform.b or transform.d or transform.a <= 0 or abs(transform.a + transform.e) > 1e-9 * transform.a:
        raise GridError(
            _("{path} tiene celdas de {width} × {height} m o giradas").format(
                path=path, width=transform.a, height=-transform.e
            ),
            expected=_("Se esperaban celdas cuadradas con el norte arriba"),
            remedy=_("Llévelo primero a la grilla del territorio"),
        )
    return Grid(crs, transform.a, left=transform.c, top=transform.f, rows=source.height, cols=source.width)
