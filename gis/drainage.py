"""Where water goes on an elevation: height above the nearest stream along the flow, and the streams themselves."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.errors import GridError, InputError
from gis.grid import Grid
from gis.messages import translator
from gis.raster import Raster
from gis.terrain import require_elevation

_ = translator("gis")

_NODATA = -9999.0
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
        import pyflwdir  # noqa: PLC0415  brings the compiler along
        from pyflwdir import dem  # noqa: PLC0415  as above

        self.grid: Grid = elevation.grid
        self.valid: NDArray[np.bool_] = elevation.valid
        heights = np.where(elevation.valid, elevation.values, _NODATA).astype(np.float32)
        filled, directions = dem.fill_depressions(heights, outlets="edge", nodata=_NODATA)
        self.filled: NDArray[np.float32] = filled
        self._flow: Any = pyflwdir.from_array(
            directions, ftype="d8", transform=elevation.grid.transform, latlon=False, cache=True
        )

    def upstream_km2(self) -> Raster:
        """Return the area that drains through each cell, km², itself included.

        Raises
        ------
        GridError
            Never for a drainage built from a raster.
        """
        cells = np.asarray(self._flow.upstream_area(unit="cell"), dtype=np.float64)
        area = cells * self.grid.cell**2 / _SQUARE_KILOMETRE
        return Raster.of(np.where(self.valid, area, np.nan).astype(np.float32), unit="km²", grid=self.grid)

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
        from gis.drainage_kernel import hand_down_levels  # noqa: PLC0415  only who computes pays for the compiler

        above = np.full(self.grid.size, np.nan, np.float32)
        marked = np.ascontiguousarray(streams & self.valid, dtype=np.bool_).ravel()
        hand_down_levels(self._flow.idxs_seq, self._flow.idxs_ds, marked, self.filled.ravel(), above)
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
        order = self._flow.stream_order(mask=channel)
        features = self._flow.streams(mask=channel, strord=order, area=area.astype(np.float64))
        frame = geopandas.GeoDataFrame.from_features(features, crs=self.grid.crs)
        frame = frame.rename(columns={"strord": "order", "area": "area_km2"})
        return frame[["order", "area_km2", "geometry"]]


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
