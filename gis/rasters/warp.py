"""Bringing any raster file onto a grid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import rasterio
import rasterio.crs
import rasterio.warp
from numpy.typing import NDArray
from rasterio.enums import Resampling

from gis.errors import InputError, MissingError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.lattice import Lattice
from gis.rasters.raster import Raster, open_raster, raster_info

_ = translator("gis")

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
    values = np.full((len(wanted), *grid.shape), np.nan, np.float32)
    with open_raster(path) as source:
        for place, band in enumerate(wanted):
            _warp_band(source, band, values[place], grid=grid, resampling=_RESAMPLING[chosen])
            scale, offset = source.scales[band - 1], source.offsets[band - 1]
            if (scale, offset) != (1.0, 0.0):
                values[place] = values[place] * np.float32(scale) + np.float32(offset)
    flat = values[0] if len(wanted) == 1 else values
    return Raster.of(flat, unit=unit, grid=grid)


def _warp_band(
    source: Any,  # noqa: ANN401  rasterio ships no types
    band: int,
    into: NDArray[np.float32],
    *,
    grid: Grid,
    resampling: Resampling,
) -> None:
    nodata = source.nodatavals[band - 1]
    rasterio.warp.reproject(
        source=rasterio.band(source, band),
        destination=into,
        src_nodata=nodata,
        dst_transform=grid.transform,
        dst_crs=rasterio_crs(grid),
        dst_nodata=np.nan if nodata is not None else None,
        resampling=cast("Any", resampling),
        init_dest_nodata=nodata is not None,
        warp_mem_limit=64,
        num_threads=1,  # with more, the library loses the errors of damaged blocks
        tolerance=_TOLERANCE,
    )
