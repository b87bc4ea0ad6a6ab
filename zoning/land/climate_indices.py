"""Season statistics and agroclimatic indices from monthly climate, as plain array functions.

Every function takes monthly arrays of shape ``(12, ...)``, January first, and returns an array of the remaining shape
in float32. A missing month (NaN) inside the window makes the result missing; a month outside the window never does.
Windows are explicit month numbers in order, so a southern growing season wraps around the year's end.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.messages import translator
from zoning.seasons import DECEMBER, check_month

_ = translator("zoning")

Floats = npt.NDArray[np.float32]

MONTH_DAYS = (31.0, 28.25, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0)
"""Mean days of each month, January first."""


def season_mean(monthly: Floats, months: tuple[int, ...]) -> Floats:
    """Return the mean of the months of a window; every month counts the same, as in the annual mean BIO1.

    Parameters
    ----------
    monthly
        Shape (12, ...), any unit.
    months
        Month numbers of the window.

    Raises
    ------
    InputError
        If ``monthly`` has not twelve months or the window is empty or names no month.

    Examples
    --------
    >>> season_mean(np.arange(1, 13, dtype=np.float32)[:, None], (12, 1))
    array([6.5], dtype=float32)
    """
    mean: Floats = season_total(monthly, months) / np.float32(len(months))
    return mean


def season_total(monthly: Floats, months: tuple[int, ...]) -> Floats:
    """Return the sum over the months of a window; same parameters and errors as :func:`season_mean`."""
    _check(monthly, months)
    total: Floats = monthly[months[0] - 1].astype(np.float32, copy=True)
    for month in months[1:]:
        total += monthly[month - 1]
    return total


def season_minimum(monthly: Floats, months: tuple[int, ...]) -> Floats:
    """Return the lowest month of a window; same parameters and errors as :func:`season_mean`."""
    _check(monthly, months)
    lowest: Floats = monthly[months[0] - 1].astype(np.float32, copy=True)
    for month in months[1:]:
        np.minimum(lowest, monthly[month - 1], out=lowest)
    return lowest


def season_maximum(monthly: Floats, months: tuple[int, ...]) -> Floats:
    """Return the highest month of a window; same parameters and errors as :func:`season_mean`."""
    _check(monthly, months)
    highest: Floats = monthly[months[0] - 1].astype(np.float32, copy=True)
    for month in months[1:]:
        np.maximum(highest, monthly[month - 1], out=highest)
    return highest


def extreme_minimum(minimum: Floats, months: tuple[int, ...], *, offset: float) -> Floats:
    """Return the lowest night to expect in a window, degC: the coldest monthly mean minimum less an offset.

    Parameters
    ----------
    minimum
        Monthly mean of the daily minimum, shape (12, ...), degC.
    months
        Month numbers of the window.
    offset
        From the mean to the extreme of the minima, degC (default 8, spread 6 to 10).

    Raises
    ------
    InputError
        If the shape or the window is wrong, or the offset is negative.
    """
    if offset < 0:
        raise InputError(
            _("El descuento de heladas es {offset} °C.").format(offset=offset),
            expected=_("Debe ser cero o mayor."),
            remedy=_("Corrija frost_offset en ruleset.toml."),
        )
    extreme: Floats = season_minimum(minimum, months) - np.float32(offset)
    return extreme


def chill_hours(coldest_mean: Floats) -> Floats:
    """Return winter chill in hours from the mean temperature of the coldest month, degC.

    CH = max(0, 1819 − 97.2·T), the Mean-July proxy, July standing for the coldest month: its order is meaningful, its
    hours are not.

    Examples
    --------
    >>> chill_hours(np.array([10.0, 25.0], dtype=np.float32))
    array([847.,   0.], dtype=float32)
    """
    hours: Floats = np.maximum(np.float32(0), np.float32(1819.0) - np.float32(97.2) * coldest_mean)
    return hours


def growing_degree_days(mean: Floats, months: tuple[int, ...], *, base: float = 10.0) -> Floats:
    """Return Σ max(0, Tm − base)·days over a window, degC·d.

    Parameters
    ----------
    mean
        Monthly mean temperature, shape (12, ...), degC.
    months
        Month numbers of the window.
    base
        Temperature below which nothing grows, degC.

    Raises
    ------
    InputError
        If the shape or the window is wrong.
    """
    _check(mean, months)
    total = np.zeros(mean.shape[1:], dtype=np.float32)
    for month in months:
        total += np.maximum(np.float32(0), mean[month - 1] - np.float32(base)) * np.float32(MONTH_DAYS[month - 1])
    return total


def huglin_index(mean: Floats, maximum: Floats, months: tuple[int, ...], *, length_factor: float = 1.0) -> Floats:
    """Return the Huglin heliothermal index of a vineyard, degC·d (Tonietto & Carbonneau 2004).

    HI = K·Σ max(0, ((Tm − 10) + (Tx − 10))/2)·days.

    Parameters
    ----------
    mean, maximum
        Monthly mean temperature and mean of the daily maximum, shape (12, ...), degC.
    months
        Month numbers of the window.
    length_factor
        K, day length; 1 at these latitudes.

    Raises
    ------
    InputError
        If the shapes or the window are wrong.
    """
    _check(mean, months)
    _check(maximum, months)
    total = np.zeros(mean.shape[1:], dtype=np.float32)
    for month in months:
        heat = (mean[month - 1] + maximum[month - 1]) * np.float32(0.5) - np.float32(10)
        total += np.maximum(np.float32(0), heat) * np.float32(MONTH_DAYS[month - 1])
    return total * np.float32(length_factor)


def fournier_index(rain: Floats) -> Floats:
    """Return the modified Fournier index of rain aggressiveness, mm: FI = 12·Σp²/Σp.

    Parameters
    ----------
    rain
        Monthly rain, shape (12, ...), mm.

    Raises
    ------
    InputError
        If ``rain`` has not twelve months.

    Examples
    --------
    >>> fournier_index(np.full((12, 1), 100, dtype=np.float32))
    array([1200.], dtype=float32)
    """
    _check(rain, tuple(range(1, DECEMBER + 1)))
    total = rain.sum(axis=0, dtype=np.float32)
    squares = np.square(rain).sum(axis=0, dtype=np.float32)
    dry = total <= 0
    return np.where(dry, np.float32(0), np.float32(12) * squares / np.where(dry, np.float32(1), total))


def _check(monthly: Floats, months: tuple[int, ...]) -> None:
    if monthly.shape[0] != DECEMBER:
        raise InputError(
            _("Una capa mensual tiene {found} bandas.").format(found=monthly.shape[0]),
            expected=_("Debe tener doce, de enero a diciembre."),
            remedy=_("Vuelva a preparar la capa con valles layers fetch."),
        )
    if not months:
        raise InputError(
            _("Una ventana de meses está vacía."),
            expected=_("Debe nombrar al menos un mes."),
            remedy=_("Corrija la ventana de siembra en ruleset.toml."),
        )
    for month in months:
        check_month(month)
