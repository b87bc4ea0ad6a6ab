"""Climate brought down to the relief: lapse rates fitted on the coarse source, means of one with months of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.rasters.coarse_field import CoarseField

STEEPEST = -6.5
"""Lower bound of a lapse rate, °C/km: the environmental lapse rate of the standard atmosphere."""
GENTLEST = -4.5
"""Upper bound of a lapse rate, °C/km."""
_DEFAULT = -5.5
_FEWEST_CELLS = 12
_LEAST_RELIEF_M = 200.0


@dataclass(frozen=True, kw_only=True)
class Lapse:
    """How temperature changes with elevation in a source."""

    used: float
    """Rate applied, °C/km, within the bounds."""
    fitted: float | None
    """Rate fitted by least squares before it was bounded, °C/km; ``None`` where there was too little relief to fit."""
    cells: int
    """Cells of the source that were fitted."""


def fit_lapse(
    temperature: NDArray[np.float64],
    elevation: NDArray[np.float64],
    *,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    bounds: tuple[float, float] = (STEEPEST, GENTLEST),
) -> Lapse:
    """Fit T = a + b·lon + c·lat + L·z by least squares over the cells that have both values.

    Parameters
    ----------
    temperature
        °C, any shape, NaN where missing.
    elevation
        Metres, mean of each cell, same shape.
    lon, lat
        Degrees, same shape.
    bounds
        Lowest and highest rate allowed, °C/km.

    Returns
    -------
    Lapse
        With fewer than 12 cells, less than 200 m between them, or an even slope that no fit can tell from a trend of
        place, the rate is the middle of the bounds.

    Examples
    --------
    >>> z = np.linspace(500.0, 3000.0, 40)
    >>> lon, lat = np.cos(z), np.sin(z)
    >>> round(fit_lapse(25 - 0.005 * z + lon, z, lon=lon, lat=lat).used, 3)
    -5.0
    """
    valid = np.isfinite(temperature) & np.isfinite(elevation)
    cells = int(valid.sum())
    low, high = bounds
    if cells < _FEWEST_CELLS or np.ptp(elevation[valid]) < _LEAST_RELIEF_M:
        return Lapse(used=float(np.clip(_DEFAULT, low, high)), fitted=None, cells=cells)
    columns = [np.ones(cells), *(each[valid] - each[valid].mean() for each in (lon, lat)), elevation[valid] / 1000.0]
    solution, _residual, rank, _singular = np.linalg.lstsq(np.column_stack(columns), temperature[valid], rcond=1e-9)
    if rank < len(columns):  # land that rises evenly one way cannot be told from a trend that way
        return Lapse(used=float(np.clip(_DEFAULT, low, high)), fitted=None, cells=cells)
    fitted = float(solution[-1])
    return Lapse(used=float(np.clip(fitted, low, high)), fitted=fitted, cells=cells)


@dataclass(frozen=True, eq=False, kw_only=True)
class SeaLevelField:
    """Temperature reduced to sea level on its source's cells, and the rates that bring it back up."""

    field: CoarseField
    """°C at elevation 0, one band per period."""
    lapses: tuple[Lapse, ...]
    """One per band."""

    @property
    def slopes(self) -> tuple[float, ...]:
        """Rates of the bands, °C per metre."""
        return tuple(each.used / 1000.0 for each in self.lapses)


def reduce_to_sea_level(field: CoarseField, elevation: NDArray[np.float64]) -> SeaLevelField:
    """Fit a lapse rate to every band of a temperature field and take its effect away: T₀ = T − L·z_ref.

    Read at the cells of a grid and with L·z added back this is T(z) = T_ref + L·(z − z_ref).

    Parameters
    ----------
    field
        °C on the source's own cells.
    elevation
        Metres, mean of each of those cells, shape (rows, cols).
    """
    lon, lat = field.places
    lapses = tuple(fit_lapse(band, elevation, lon=lon, lat=lat) for band in field.values)
    level = np.empty_like(field.values)
    for place, lapse in enumerate(lapses):
        np.subtract(field.values[place], lapse.used / 1000.0 * elevation, out=level[place])
    return SeaLevelField(field=field.with_values(level), lapses=lapses)


def monthly_anomalies(months: CoarseField, mean: CoarseField) -> CoarseField:
    """Return how far each month lies from the year's mean of the same source, °C.

    Parameters
    ----------
    months
        Twelve bands, °C: means, minima or maxima.
    mean
        Twelve bands of monthly means of the same source, °C.
    """
    return months.with_values(months.values - mean.values.mean(axis=0, keepdims=True))


def monthly_shares(months: CoarseField) -> CoarseField:
    """Return the share of the year's rain that falls in each month; where it never rains every month has a twelfth.

    Parameters
    ----------
    months
        Twelve bands, mm/month.
    """
    total = months.values.sum(axis=0, keepdims=True)
    count = months.values.shape[0]
    shares = np.where(total > 0, months.values / np.where(total > 0, total, 1.0), 1.0 / count)
    return months.with_values(np.where(np.isfinite(total), shares, np.nan), unit="1")
