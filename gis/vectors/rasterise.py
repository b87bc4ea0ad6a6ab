"""Burning vector frames into a grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import geopandas
import numpy as np
import rasterio.features
import shapely
from numpy.typing import NDArray

from gis.crs import parse_crs
from gis.errors import InputError
from gis.grid import Grid
from gis.messages import translator

_ = translator("gis")

_TILE = 64


def _on_grid(frame: geopandas.GeoDataFrame, grid: Grid) -> NDArray[Any]:
    crs = parse_crs(frame.crs, what=_("La capa que se pasa a celdas"))
    moved = frame if crs == grid.crs else frame.to_crs(grid.crs)
    return np.asarray(moved.geometry.array, dtype=object)


def rasterise(frame: geopandas.GeoDataFrame, grid: Grid, *, all_touched: bool = False) -> NDArray[np.bool_]:
    """Say which cells a frame covers: by the centre of the cell, or by any touch.

    Parameters
    ----------
    frame
        Points, lines or polygons in any reference system.
    grid
        Where to burn them.
    all_touched
        Mark every cell that is touched; lines that must not break need it.

    Returns
    -------
    numpy.ndarray
        bool, shape (rows, cols).

    Raises
    ------
    CrsError
        When the frame has no reference system.
    """
    return _burn(_on_grid(frame, grid), None, grid, all_touched=all_touched).astype(np.bool_)


def rasterise_values(
    frame: geopandas.GeoDataFrame,
    values: Sequence[int] | NDArray[np.integer[Any]],
    grid: Grid,
    *,
    all_touched: bool = False,
) -> NDArray[np.int32]:
    """Burn one whole number per row; later rows win, 0 where there is none.

    Returns
    -------
    numpy.ndarray
        int32, shape (rows, cols).

    Raises
    ------
    InputError
        When there is not one value per row.
    CrsError
        When the frame has no reference system.
    """
    numbers = [int(value) for value in values]
    if len(numbers) != len(frame):
        raise InputError(
            _("{values} valores para {rows} filas").format(values=len(numbers), rows=len(frame)),
            expected=_("Se esperaba uno por fila"),
        )
    return _burn(_on_grid(frame, grid), numbers, grid, all_touched=all_touched)


def majority_mask(frame: geopandas.GeoDataFrame, grid: Grid, *, factor: int = 4) -> NDArray[np.bool_]:
    """Say which cells a frame covers by at least half, counting ``factor`` × ``factor`` sample points in each.

    Parameters
    ----------
    frame
        Polygons in any reference system; where they overlap a sample counts once.
    grid
        Where to burn them.
    factor
        Samples along the side of a cell.

    Returns
    -------
    numpy.ndarray
        bool, shape (rows, cols).

    Raises
    ------
    CrsError
        When the frame has no reference system.
    GridError
        When the factor is below 1.
    """
    geometry = _on_grid(frame, grid)
    out = np.zeros(grid.shape, np.bool_)
    if not len(geometry):
        return out
    touched = rasterise(frame, grid, all_touched=True)
    tree = shapely.STRtree(geometry)
    for rows, cols in _tiles_with(touched):
        tile = Grid(
            grid.crs,
            grid.cell,
            left=grid.left + cols.start * grid.cell,
            top=grid.top - rows.start * grid.cell,
            rows=rows.stop - rows.start,
            cols=cols.stop - cols.start,
        )
        near = geometry[np.sort(tree.query(shapely.box(*tile.bounds)))]
        samples = _burn(near, None, tile.finer(factor), all_touched=False)
        counts = samples.reshape(tile.rows, factor, tile.cols, factor).sum(axis=(1, 3), dtype=np.int32)
        out[rows, cols] = 2 * counts >= factor * factor
    return out


def _tiles_with(mask: NDArray[np.bool_]) -> Iterator[tuple[slice, slice]]:
    """Yield the square windows in which anything is marked."""
    for row in range(0, mask.shape[0], _TILE):
        for col in range(0, mask.shape[1], _TILE):
            rows, cols = slice(row, min(row + _TILE, mask.shape[0])), slice(col, min(col + _TILE, mask.shape[1]))
            if mask[rows, cols].any():
                yield rows, cols


def _burn(geometry: NDArray[Any], values: list[int] | None, grid: Grid, *, all_touched: bool) -> NDArray[np.int32]:
    kind = np.uint8 if values is None else np.int32
    if not len(geometry):
        return np.zeros(grid.shape, np.int32)
    shapes = zip(geometry, values or [1] * len(geometry), strict=True)
    burnt = rasterio.features.rasterize(
        shapes, out_shape=grid.shape, transform=grid.transform, fill=0, all_touched=all_touched, dtype=kind
    )
    return cast("NDArray[np.int32]", burnt)
