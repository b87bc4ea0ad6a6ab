"""Reading the cells of a raster as they are stored, by window, wherever the raster lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from gis.crs import CRS84, parse_crs
from gis.errors import GridError
from gis.grid import Bounds
from gis.messages import translator
from gis.rasters.lattice import Lattice
from gis.rasters.raster import limit_cache, open_raster
from gis.rasters.raster_source import RasterSource
from gis.rasters.remote_blocks import block_spans, expect_blocks, remote_errors

_ = translator("gis")


@dataclass(frozen=True, eq=False)
class NativeRaster:
    """An open raster on its own cells.

    Use it inside :func:`native_raster` only.
    """

    source: RasterSource
    lattice: Lattice
    bands: int
    dtype: str
    """numpy name of the cell type of the first band."""
    nodata: float | None
    """Stored value that means missing, if one is declared."""
    scale: float
    """Value of one stored step of the first band."""
    offset: float
    """Value of a stored 0 of the first band."""
    unit: str
    """Declared unit of the first band, empty where none is."""
    handle: Any

    @property
    def name(self) -> str:
        """Name of the file without folders."""
        return Path(self.source.name).name

    @classmethod
    def of(cls, source: RasterSource, handle: Any) -> Self:  # noqa: ANN401  rasterio ships no types
        """Describe an open dataset.

        Raises
        ------
        CrsError
            When it has no reference system.
        GridError
            When it is not north up.
        """
        place = handle.transform
        if place.b or place.d or place.a <= 0 or place.e >= 0:
            raise GridError(
                _("{path} está girado, o no tiene el norte arriba").format(path=source.name),
                expected=_("Se esperaban celdas con el norte arriba"),
            )
        lattice = Lattice(
            parse_crs(handle.crs, what=source.name),
            left=place.c,
            top=place.f,
            width=place.a,
            height=-place.e,
            rows=handle.height,
            cols=handle.width,
        )
        return cls(
            source=source,
            lattice=lattice,
            bands=int(handle.count),
            dtype=str(handle.dtypes[0]),
            nodata=None if handle.nodata is None else float(handle.nodata),
            scale=float(handle.scales[0]),
            offset=float(handle.offsets[0]),
            unit=str(handle.units[0] or ""),
            handle=handle,
        )

    def paste(self, into: NDArray[Any], lattice: Lattice, *, bands: Sequence[int]) -> None:
        """Put the stored cells that lie in ``lattice`` where they belong; what lies outside stays as it is.

        Parameters
        ----------
        into
            Shape (bands, rows, cols) of ``lattice``.
        lattice
            Cells of the same size as these.
        bands
            Band numbers from 1.

        Raises
        ------
        GridError
            When the cells do not fit.
        InputError
            When the file turns out damaged.
        """
        row, col = lattice.place_of(self.lattice, what=self.source.name)
        top, left = max(row, 0), max(col, 0)
        bottom, right = min(row + self.lattice.rows, lattice.rows), min(col + self.lattice.cols, lattice.cols)
        if bottom <= top or right <= left:
            return
        window = Window(left - col, top - row, right - left, bottom - top)
        with remote_errors(self.source):
            expect_blocks(self.source, self.handle, window, bands)
            into[:, top:bottom, left:right] = self.handle.read(list(bands), window=window)


def bytes_in_box(raster: NativeRaster, bounds: Bounds) -> int | None:
    """Return how many bytes of a raster's file lie in a box, all its bands; ``None`` where the format does not say.

    Parameters
    ----------
    raster
        An open raster.
    bounds
        West, south, east, north in degrees.

    Raises
    ------
    InputError
        When the file turns out damaged.
    """
    place = raster.lattice
    to_own = pyproj.Transformer.from_crs(CRS84, place.crs, always_xy=True)
    over = place.over(to_own.transform_bounds(*bounds, densify_pts=21))
    row, col = place.place_of(over, what=raster.name)
    top, left = max(row, 0), max(col, 0)
    bottom, right = min(row + over.rows, place.rows), min(col + over.cols, place.cols)
    if bottom <= top or right <= left:
        return 0
    with remote_errors(raster.source):
        window = Window(left, top, right - left, bottom - top)
        spans = block_spans(raster.handle, window, range(1, raster.bands + 1))
    return sum(length for _first, length in dict.fromkeys(spans)) or None


@contextmanager
def native_raster(source: RasterSource) -> Iterator[NativeRaster]:
    """Open a raster on its own cells; only its header is read until cells are asked for.

    Yields
    ------
    NativeRaster
        Open inside the block.

    Raises
    ------
    MissingError
        When there is no such file.
    InputError
        When it is damaged or no raster.
    CrsError
        When it has no reference system.
    GridError
        When it is not north up.
    """
    if source.opener is None:
        with open_raster(source.name) as handle:
            yield NativeRaster.of(source, handle)
        return
    limit_cache()
    # Neighbouring files are not asked for: every question would be a request.
    with (
        remote_errors(source),
        rasterio.Env(GDAL_PAM_ENABLED="NO", GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"),
        rasterio.open(source.name, opener=source.opener) as handle,
    ):
        yield NativeRaster.of(source, handle)


def filled_window(
    rasters: Sequence[NativeRaster], lattice: Lattice, *, bands: Sequence[int] = (1,), fill: float
) -> NDArray[Any]:
    """Return the stored cells of several rasters that lie side by side, ``fill`` where none of them lies.

    Parameters
    ----------
    rasters
        Rasters on the cells of ``lattice``, of one cell type.
    lattice
        The window.
    bands
        Band numbers from 1.
    fill
        Stored value where no raster lies.

    Returns
    -------
    numpy.ndarray
        Cell type of the rasters (float32 where there is none), shape (bands, rows, cols).

    Raises
    ------
    GridError
        When the cells of a raster do not fit.
    InputError
        When a file turns out damaged.
    """
    dtype = rasters[0].dtype if rasters else "float32"
    out = np.full((len(bands), *lattice.shape), fill, dtype=dtype)
    for raster in rasters:
        raster.paste(out, lattice, bands=bands)
    return out
