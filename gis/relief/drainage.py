"""Where water goes on an elevation: height above the nearest stream along the flow, and the streams themselves."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.errors import GridError, InputError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.raster import Raster
from gis.relief.terrain import require_elevation

_ = translator("gis")

_SQUARE_KILOMETRE = 1e6


class Drainage:
    """The flow directions of an elevation, sinks filled, found once and asked several times.

    Parameters
    ----------
    elevation
        One band in m. Water leaves at the edge of the data.

    Raises
    ------
    UnitError
        When the elevation is not one band in metres.
    InputError
        When no cell has an elevation.
    """

    def __init__(self, elevation: Raster) -> None:
        require_elevation(elevation)
        if not elevation.valid.any():
            raise InputError(_("La altitud no tiene ninguna celda con dato"), expected=_("Se esperaba al menos una"))
        from gis.relief.drainage_kernel import flood, steepest  # noqa: PLC0415  only who computes pays for the compiler

        self.grid: Grid = elevation.grid
        self.valid: NDArray[np.bool_] = np.ascontiguousarray(elevation.valid)
        heights = np.ascontiguousarray(elevation.filled())
        self.filled: NDArray[np.float32] = np.full(self.grid.size, np.nan, np.float32)
        order = np.empty(self.grid.size, np.int64)
        count, self._down = flood(heights, self.valid, self.filled, order)
        self._order = order[:count]
        steepest(self.filled, self.grid.shape, self._order, self._down)

    def upstream_km2(self) -> Raster:
        """Return the area that drains through each cell, km², itself included.

        Raises
        ------
        GridError
            Never for a drainage built from a raster.
        """
        from gis.relief.drainage_kernel import upstream_cells  # noqa: PLC0415  as above

        cells = np.full(self.grid.size, np.nan)
        upstream_cells(self._order, self._down, cells)
        area = cells * self.grid.cell**2 / _SQUARE_KILOMETRE
        return Raster.of(area.reshape(self.grid.shape).astype(np.float32), unit="km²", grid=self.grid)

    def height_above(self, streams: NDArray[np.bool_]) -> Raster:
        """Return the height of each cell above the stream cell its water reaches first (HAND).

        Nobre et al. (2011), *Height Above the Nearest Drainage*.

        Parameters
        ----------
        streams
            bool, shape (rows, cols).

        Returns
        -------
        Raster
            float32 m, never negative; missing where the water leaves the data without meeting a stream.

        Raises
        ------
        GridError
            When the mask has another shape.
        """
        if streams.shape != self.grid.shape:
            raise GridError(
                _("Máscara de forma {shape}").format(shape=streams.shape),
                expected=_("Se esperaba {expected}").format(expected=self.grid.shape),
            )
        from gis.relief.drainage_kernel import hand_down_levels  # noqa: PLC0415  only who computes pays for the compiler

        above = np.full(self.grid.size, np.nan, np.float32)
        marked = np.ascontiguousarray(streams & self.valid, dtype=np.bool_).ravel()
        hand_down_levels(self._order, self._down, marked, self.filled, above)
        height = np.maximum(above.reshape(self.grid.shape), 0.0)
        return Raster.of(np.where(self.valid, height, np.float32(np.nan)), unit="m", grid=self.grid)

    def streams(self, min_area_km2: float) -> geopandas.GeoDataFrame:
        """Return the stream reaches that drain at least an area, as lines from source to mouth.

        Parameters
        ----------
        min_area_km2
            Smallest area drained, km².

        Returns
        -------
        geopandas.GeoDataFrame
            ``order`` (Strahler), ``area_km2`` (at the lower end) and lines in the CRS of the grid; empty when there
            is none.

        Raises
        ------
        GridError
            Never for a drainage built from a raster.
        """
        area = self.upstream_km2().filled()
        channel = np.nan_to_num(area, nan=0.0) >= min_area_km2
        empty = {"order": pd.Series(dtype="int64"), "area_km2": pd.Series(dtype="float64")}
        if not channel.any():
            return geopandas.GeoDataFrame(empty, geometry=[], crs=self.grid.crs)
        from gis.relief.drainage_kernel import reaches, strahler  # noqa: PLC0415  as above

        flat = channel.ravel()
        cells, owner = reaches(self._order, self._down, flat)
        rows, cols = np.divmod(cells, self.grid.cols)
        places = np.column_stack([self.grid.xs[cols], self.grid.ys[rows]])
        lines: NDArray[Any] = np.asarray(shapely.linestrings(places, indices=owner), dtype=object)
        # The last cell of a reach belongs to the junction: order and area are those of the cell before it.
        last = np.flatnonzero(np.r_[owner[1:] != owner[:-1], True])
        columns = {
            "order": strahler(self._order, self._down, flat)[cells[last - 1]],
            "area_km2": area.ravel()[cells[last - 1]].astype(np.float64),
        }
        return geopandas.GeoDataFrame(columns, geometry=list(lines), crs=self.grid.crs)


def height_above_drainage(elevation: Raster, streams: NDArray[np.bool_]) -> Raster:
    """Return the height of each cell above the stream its water reaches, m; see :meth:`Drainage.height_above`.

    Parameters
    ----------
    elevation
        One band in m.
    streams
        bool, shape (rows, cols).

    Raises
    ------
    UnitError
        When the elevation is not one band in metres.
    GridError
        When the mask has another shape.
    InputError
        When no cell has an elevation.
    """
    return Drainage(elevation).height_above(streams)
