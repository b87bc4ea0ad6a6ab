"""A raster kept on its own coarse cells, and its smooth reading at the cells of a fine grid.

Climate comes in cells of kilometres. It is computed with there, where it is small, and only then read at the cells of
the grid: bilinear between the centres of its cells, plus a slope times a covariate known on the fine grid, such as a
lapse rate times the elevation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import pyproj
from affine import Affine
from numpy.typing import NDArray
from rasterio.windows import Window
from scipy.ndimage import map_coordinates

from gis.crs import CRS84, parse_crs
from gis.errors import GridError, MissingError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.raster import open_raster, raster_info

_ = translator("gis")

LATTICE = 64
"""Cells between two places whose coordinates are transformed exactly; between them coordinates are linear.

On the UTM plane the error is the square of the spacing times the curvature of the parallels, below 0.1 m at 2 km.
"""
_MUCH_FINER = 0.5
_LOW = 256
"""Rows of a fine raster that are averaged at once."""
_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, eq=False, kw_only=True)
class CoarseField:
    """Values on the native cells of a source.

    Raises
    ------
    GridError
        When the values are not bands × rows × columns, or the cells are not aligned with the axes.
    """

    values: NDArray[np.float64]
    """Shape (bands, rows, cols), NaN where missing."""
    unit: str
    crs: pyproj.CRS
    """Reference system of the cells, often geographic."""
    transform: Affine
    """From (column, row) to the coordinates of ``crs``."""

    def __post_init__(self) -> None:
        if self.values.ndim != 3 or self.transform.b or self.transform.d:  # noqa: PLR2004  bands, rows, columns
            raise GridError(
                _("Campo de forma {shape}, girado o plano").format(shape=self.values.shape),
                expected=_("Se esperaban bandas × filas × columnas con el norte arriba"),
            )

    @classmethod
    def read(cls, path: Path | str, *, unit: str, bands: Sequence[int] | None = None) -> CoarseField:
        """Read bands (from 1; all by default) of a raster file on their own cells; scale and offset are applied.

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
        wanted = list(bands) if bands else list(range(1, info.bands + 1))
        if max(wanted) > info.bands or min(wanted) < 1:
            raise MissingError(
                _("{path} no tiene la banda {band}").format(path=path, band=max(wanted)),
                expected=_("Tiene {bands} bandas").format(bands=info.bands),
            )
        with open_raster(path) as source:
            values = np.empty((len(wanted), source.height, source.width))
            for place, band in enumerate(wanted):
                values[place] = np.ma.filled(source.read(band, masked=True).astype(np.float64), np.nan)
                values[place] *= source.scales[band - 1]
                values[place] += source.offsets[band - 1]
            transform = Affine(*tuple(source.transform)[:6])
        return cls(values=values, unit=unit, crs=info.crs, transform=transform)

    def with_values(self, values: NDArray[Any], *, unit: str | None = None) -> CoarseField:
        """Return other values, shape (bands, rows, cols), on the same cells.

        Raises
        ------
        GridError
            When the shape of a band differs.
        """
        if values.shape[1:] != self.values.shape[1:]:
            raise GridError(
                _("Valores de forma {shape}").format(shape=values.shape),
                expected=_("Se esperaban bandas de {shape}").format(shape=self.values.shape[1:]),
            )
        return replace(self, values=np.asarray(values, dtype=np.float64), unit=self.unit if unit is None else unit)

    @cached_property
    def places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude of the cell centres in degrees, each of shape (rows, cols)."""
        rows, cols = self.values.shape[1:]
        col, row = np.meshgrid(np.arange(cols) + 0.5, np.arange(rows) + 0.5)
        x, y = self.transform.c + self.transform.a * col, self.transform.f + self.transform.e * row
        lon, lat = pyproj.Transformer.from_crs(self.crs, CRS84, always_xy=True).transform(x, y)
        return np.asarray(lon), np.asarray(lat)

    def average_of(self, path: Path | str, *, band: int = 1) -> NDArray[np.float64]:
        """Return the mean of another raster inside each native cell, shape (rows, cols), NaN where it has no data.

        A cell of the other raster counts where its centre lies. One with cells more than half as large as these is
        read bilinearly at their centres instead.

        Raises
        ------
        MissingError
            When the file is not there.
        InputError
            When it is damaged.
        """
        info = raster_info(path)
        rows, cols = self.values.shape[1:]
        lon, lat = self.places
        if info.cell_m > _MUCH_FINER * _side(lon, lat):
            return _read_at(path, band, lon, lat)
        total, count = np.zeros(rows * cols), np.zeros(rows * cols)
        with open_raster(path) as source:
            for window in _low_windows(source, band):
                raw = source.read(band, window=window, masked=True).astype(np.float64)
                values = np.ma.filled(raw, np.nan) * source.scales[band - 1] + source.offsets[band - 1]
                row, col = self._cells_of(source.transform, window, info.crs)
                keep = (col >= 0) & (col < cols) & (row >= 0) & (row < rows) & np.isfinite(values)
                cell = (row * cols + col)[keep].astype(np.int64)
                total += np.bincount(cell, weights=values[keep], minlength=rows * cols)
                count += np.bincount(cell, minlength=rows * cols)
        mean = np.divide(total, count, out=np.full(rows * cols, np.nan), where=count > 0)
        return mean.reshape(rows, cols)

    def _cells_of(
        self,
        place: Any,  # noqa: ANN401  rasterio ships no types
        window: Window,
        crs: pyproj.CRS,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the native rows and columns, which may lie outside, in which the cells of a window of a raster are."""
        down = (window.row_off + np.arange(window.height) + 0.5)[:, np.newaxis]
        across = (window.col_off + np.arange(window.width) + 0.5)[np.newaxis]
        x, y = place.c + place.a * across, place.f + place.e * down
        if crs != self.crs:  # where the axes are the same a row stays a row, and a vector is enough
            to_native = pyproj.Transformer.from_crs(crs, self.crs, always_xy=True)
            across, down = np.broadcast_arrays(x, y)
            x, y = (np.asarray(each) for each in to_native.transform(across, down))
        col = np.floor((x - self.transform.c) / self.transform.a)
        row = np.floor((y - self.transform.f) / self.transform.e)
        return row, col

    @property
    def shape(self) -> tuple[int, int, int]:
        """Bands, rows, columns."""
        return cast("tuple[int, int, int]", self.values.shape)

    def native_rows(self, top: int, bottom: int) -> NDArray[np.float64]:
        """Return the values of native rows ``top`` to ``bottom`` (not included), shape (bands, rows, cols)."""
        return self.values[:, top:bottom]

    def sampler(self, grid: Grid) -> FieldSampler:
        """Return what reads this field at the cells of ``grid``."""
        return FieldSampler(field=self, grid=grid)


class Field(Protocol):
    """Values on native cells, in memory or in a file."""

    @property
    def crs(self) -> pyproj.CRS:
        """Reference system of the cells."""
        ...

    @property
    def transform(self) -> Affine:
        """From (column, row) to the coordinates of ``crs``."""
        ...

    @property
    def shape(self) -> tuple[int, int, int]:
        """Bands, rows, columns."""
        ...

    def native_rows(self, top: int, bottom: int) -> NDArray[np.float64]:
        """Return the values of native rows, shape (bands, rows, cols), NaN where missing."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class FieldSampler:
    """A field read at the cells of a grid, strip by strip; by several threads, if one likes."""

    field: Field
    grid: Grid

    @cached_property
    def _lattice(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Fractional native column and row of every ``LATTICE``-th cell centre of the grid, and one beyond."""
        cols = np.arange(0, self.grid.cols + LATTICE, LATTICE)
        rows = np.arange(0, self.grid.rows + LATTICE, LATTICE)
        x = self.grid.left + (cols + 0.5) * self.grid.cell
        y = self.grid.top - (rows + 0.5) * self.grid.cell
        across, down = np.meshgrid(x, y)
        to_native = pyproj.Transformer.from_crs(self.grid.crs, parse_crs(self.field.crs, what=""), always_xy=True)
        native_x, native_y = to_native.transform(across, down)
        place = self.field.transform
        return (np.asarray(native_x) - place.c) / place.a - 0.5, (np.asarray(native_y) - place.f) / place.e - 0.5

    def rows(
        self,
        start: int,
        stop: int,
        *,
        slopes: Sequence[float] | None = None,
        covariate: NDArray[np.float32] | None = None,
        inside: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.float32]:
        """Return rows ``start`` to ``stop`` (not included).

        Bilinear between the centres of native cells; a missing neighbour is left out as long as the native cell that
        holds the place has a value. Beyond the edge of the source, and where the covariate is missing, the result is.

        Parameters
        ----------
        start, stop
            Rows of the grid.
        slopes
            Of each band, its unit per unit of the covariate.
        covariate
            Shape (stop − start, cols), NaN where missing; needed with ``slopes``.
        inside
            Shape (stop − start, cols); cells that are false stay missing and cost nothing.

        Returns
        -------
        numpy.ndarray
            float32, shape (bands, stop − start, cols), NaN where missing.
        """
        from gis.rasters.field_kernel import sample_field  # noqa: PLC0415  the compiler is paid for by who samples

        bands, native_rows, _native_cols = self.field.shape
        out = np.empty((bands, stop - start, self.grid.cols), dtype=np.float32)
        steep = np.zeros(bands) if slopes is None else np.asarray(slopes, dtype=np.float64)
        along = np.zeros((1, 1), np.float32) if covariate is None else np.ascontiguousarray(covariate, np.float32)
        mask = np.ones((1, 1), np.bool_) if inside is None else np.ascontiguousarray(inside)
        lattice_col, lattice_row = self._lattice
        near = lattice_row[start // LATTICE : (stop - 1) // LATTICE + 2]
        top = int(np.clip(np.floor(near.min()) - 1, 0, native_rows - 1))
        bottom = int(np.clip(np.floor(near.max()) + 3, top + 1, native_rows))
        held = np.ascontiguousarray(self.field.native_rows(top, bottom).transpose(1, 2, 0))
        sample_field(held, top, native_rows, lattice_col, lattice_row, start, LATTICE, steep, along, mask, out)
        return out


def _low_windows(source: Any, band: int) -> Iterator[Window]:  # noqa: ANN401  rasterio ships no types
    """Yield the blocks of a band, large ones in parts of few rows."""
    for _index, window in source.block_windows(band):
        for top in range(0, window.height, _LOW):
            height = min(_LOW, window.height - top)
            yield Window(window.col_off, window.row_off + top, window.width, height)


def _side(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> float:
    """Return the geometric mean of the sides of a cell, m, from the mean spacing of the centres."""
    along = np.ptp(lon) * np.cos(np.radians(lat.mean())) / max(lon.shape[1] - 1, 1)
    across = np.ptp(lat) / max(lat.shape[0] - 1, 1)
    return float(np.sqrt(along * across) * _METRES_PER_DEGREE)


def _read_at(path: Path | str, band: int, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    coarse = CoarseField.read(path, unit="", bands=[band])
    x, y = pyproj.Transformer.from_crs(CRS84, coarse.crs, always_xy=True).transform(lon, lat)
    place = coarse.transform
    row, col = (np.asarray(y) - place.f) / place.e - 0.5, (np.asarray(x) - place.c) / place.a - 0.5
    found = map_coordinates(coarse.values[0], [row, col], order=1, cval=np.nan, mode="constant")
    return np.asarray(found, dtype=np.float64)
