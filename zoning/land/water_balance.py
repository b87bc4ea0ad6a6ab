"""How much of a crop's water the rain gives: the ratio W = Σ min(Pe, ETc) / ΣETc over the months of its season.

Reported beside the class, which stays with the rain of the season until class limits for W are sourced.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoning.land.climate_indices import MONTH_DAYS
from zoning.seasons import window_months

Floats = npt.NDArray[np.float64]

_SOLAR = 0.0820
"""Solar constant, MJ m⁻² min⁻¹."""
_LATENT = 0.408
"""From MJ m⁻² to mm of water."""


@dataclass(frozen=True, kw_only=True)
class WaterBalance:
    """The water of one crop in one season."""

    ratio: float
    """W, 0–1."""
    demand_mm: float
    """ΣETc, mm."""
    effective_rain_mm: float
    """Σ min(Pe, ETc), mm."""


def extraterrestrial_radiation(latitude: float, day: float) -> float:
    """Return the radiation above the air on a day, MJ m⁻² d⁻¹ (FAO-56, equation 21).

    Parameters
    ----------
    latitude
        Degrees, south negative.
    day
        Number of the day in the year, from 1.

    Examples
    --------
    >>> round(extraterrestrial_radiation(-20.0, 246), 1)  # FAO-56, example 8
    32.2
    """
    turn = 2 * math.pi * day / 365
    nearness = 1 + 0.033 * math.cos(turn)
    declination = 0.409 * math.sin(turn - 1.39)
    phi = math.radians(latitude)
    sunset = math.acos(min(max(-math.tan(phi) * math.tan(declination), -1.0), 1.0))
    height = sunset * math.sin(phi) * math.sin(declination) + math.cos(phi) * math.cos(declination) * math.sin(sunset)
    return 24 * 60 / math.pi * _SOLAR * nearness * height


def hargreaves(mean: float, low: float, high: float, *, radiation: float) -> float:
    """Return the reference evapotranspiration, mm/d (Hargreaves and Samani 1985; FAO-56, equation 52).

    Parameters
    ----------
    mean, low, high
        Mean temperature and means of the daily minimum and maximum, degC.
    radiation
        Above the air, MJ m⁻² d⁻¹.

    Examples
    --------
    >>> round(hargreaves(20.65, 14.8, 26.6, radiation=40.55), 2)  # FAO-56, example 20 with its own radiation: 5.0
    5.03
    """
    return 0.0023 * (mean + 17.8) * math.sqrt(max(high - low, 0.0)) * radiation * _LATENT


def effective_rain(rain: float) -> float:
    """Return the monthly rain that a crop can use, mm (USDA Soil Conservation Service, as in CROPWAT).

    Examples
    --------
    >>> effective_rain(100.0), effective_rain(300.0)
    (84.0, 155.0)
    """
    return rain * (125 - 0.2 * rain) / 125 if rain <= 250 else 125 + 0.1 * rain  # noqa: PLR2004  where the parts meet


def monthly_kc(
    kc: tuple[float, float, float], days: tuple[float, float, float, float], months: tuple[int, ...]
) -> tuple[float, ...]:
    """Return the crop coefficient at the middle of each month, the stages stretched to the season (FAO-56, figure 34).

    Parameters
    ----------
    kc
        Of the initial, middle and end stage.
    days
        Length of the initial, development, middle and late stage, days.
    months
        Month numbers of the season in order.

    Examples
    --------
    >>> [round(each, 2) for each in monthly_kc((0.6, 1.15, 0.8), (30, 40, 45, 30), (9, 10, 11, 12, 1))]
    [0.6, 0.78, 1.15, 1.15, 0.97]
    """
    first, middle, last = kc
    ends = np.cumsum(days) / sum(days)
    lengths = np.array([MONTH_DAYS[month - 1] for month in months])
    centres = (np.cumsum(lengths) - lengths / 2) / lengths.sum()
    curve = np.interp(centres, [0.0, ends[0], ends[1], ends[2], 1.0], [first, first, middle, middle, last])
    return tuple(float(each) for each in curve)


def water_balance(
    monthly: dict[str, Floats],
    window: tuple[int, int],
    kc: tuple[float, float, float],
    days: tuple[float, float, float, float],
    *,
    latitude: float,
) -> WaterBalance | None:
    """Return the water balance of a crop in one place, ``None`` where a month of the season is missing.

    Parameters
    ----------
    monthly
        ``temperature_mean``, ``temperature_min``, ``temperature_max`` (degC) and ``precipitation`` (mm), each of shape
        (12,), January first.
    window
        First and last month of the season.
    kc, days
        As in :func:`monthly_kc`.
    latitude
        Degrees, south negative.
    """
    months = window_months(*window)
    demand = supply = 0.0
    for month, coefficient in zip(months, monthly_kc(kc, days, months), strict=True):
        mean, low, high, rain = (
            float(monthly[name][month - 1])
            for name in ("temperature_mean", "temperature_min", "temperature_max", "precipitation")
        )
        middle = sum(MONTH_DAYS[: month - 1]) + MONTH_DAYS[month - 1] / 2
        radiation = extraterrestrial_radiation(latitude, middle)
        reference = hargreaves(mean, low, high, radiation=radiation) * MONTH_DAYS[month - 1]
        asked = coefficient * max(reference, 0.0)
        demand += asked
        supply += min(effective_rain(rain), asked)
    if not math.isfinite(demand + supply) or demand <= 0:
        return None
    return WaterBalance(ratio=supply / demand, demand_mm=demand, effective_rain_mm=supply)
