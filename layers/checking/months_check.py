"""The twelve months of a climate source: in their order, in their hemisphere, and minimum below mean below maximum."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gis.messages import Figure, translator

_ = translator("layers")

Floats = NDArray[np.float64]

_MONTHS = 12
_SMOOTHER = 0.8
_LEAST_RANGE_C = 2.0
_ROUGH = 1.1
_CROSSED_SHARE = 0.001
_SEASONS_FROM_DEG = 12.0
_LEAST_RAIN_GAP = 0.04
_MENDED = 0.35
_SUMMER = {True: range(5, 10), False: (11, 12, 1, 2, 3)}
_NAMES = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


def swapped_months(means: Floats) -> tuple[int, int] | None:
    """Return the two months whose exchange makes a year of temperatures smooth, ``None`` where it is smooth already.

    The sum of the steps around the year is twice the range where temperature rises once and falls once; two exchanged
    bands raise it, and exchanging them back lowers it by a fifth at least.

    Parameters
    ----------
    means
        Mean of each month over the territory, °C, shape (12,).

    Examples
    --------
    >>> year = 20 + 4 * np.cos(2 * np.pi * np.arange(12) / 12)
    >>> swapped_months(year), swapped_months(year[[0, 1, 6, 3, 4, 5, 2, 7, 8, 9, 10, 11]])
    (None, (3, 7))
    """
    if means.shape != (_MONTHS,) or not np.isfinite(means).all() or np.ptp(means) < _LEAST_RANGE_C:
        return None
    now = _steps(means)
    if now <= _ROUGH * 2 * float(np.ptp(means)):
        return None
    tried = []
    for one, other in combinations(range(_MONTHS), 2):
        back = means.copy()
        back[[one, other]] = means[[other, one]]
        tried.append((_steps(back), one + 1, other + 1))
    least, one, other = min(tried)
    return (one, other) if least <= _SMOOTHER * now else None


def exchanged_rain(one: Floats, other: Floats) -> tuple[int, int] | None:
    """Return the two months whose exchange makes two sources of rain share out the year alike; ``None`` without any.

    Rain may rise and fall several times a year, so that a single source cannot give an exchange away. Two sources that
    differ in two months only, and there by each other's value, can: exchanging them leaves at most a third of the gap.

    Parameters
    ----------
    one, other
        Mean of each month over the territory, mm, shape (12,).

    Examples
    --------
    >>> year = 70 + 50 * np.cos(2 * np.pi * np.arange(12) / 12)
    >>> exchanged_rain(year, 1.3 * year), exchanged_rain(year[[0, 1, 6, 3, 4, 5, 2, 7, 8, 9, 10, 11]], 1.3 * year)
    (None, (3, 7))
    """
    totals = float(one.sum()), float(other.sum())
    if (
        one.shape != (_MONTHS,)
        or other.shape != (_MONTHS,)
        or not all(np.isfinite(each) and each > 0 for each in totals)
    ):
        return None
    mine, theirs = one / totals[0], other / totals[1]
    now = float(np.abs(mine - theirs).sum())
    if now < _LEAST_RAIN_GAP:
        return None
    tried = []
    for first, second in combinations(range(_MONTHS), 2):
        back = mine.copy()
        back[[first, second]] = mine[[second, first]]
        tried.append((float(np.abs(back - theirs).sum()), first + 1, second + 1))
    least, first, second = min(tried)
    return (first, second) if least <= _MENDED * now else None


def rain_warnings(rain: Mapping[str, Floats]) -> list[str]:
    """Say which two sources of rain exchange two months; nobody can tell which of them is wrong.

    Parameters
    ----------
    rain
        Source to its rain at the same places, mm, shape (12, places), NaN where missing.
    """
    told = []
    for one, other in combinations(sorted(rain), 2):
        pair = exchanged_rain(_mean(rain[one]), _mean(rain[other]))
        if pair is not None:
            told.append(
                _(
                    "precipitation_{one} y precipitation_{other}: {first} y {second} parecen cambiados en una de ellas"
                ).format(one=one, other=other, first=_NAMES[pair[0] - 1], second=_NAMES[pair[1] - 1])
            )
    return told


def month_defects(months: Mapping[str, Floats], source: str, *, latitude: float) -> list[str]:
    """Say what contradicts itself in the months of one climate source.

    Parameters
    ----------
    months
        ``temperature_mean``, ``temperature_min`` and ``temperature_max`` as far as they are there: values at the same
        places, shape (12, places), NaN where missing.
    source
        Its name.
    latitude
        Middle of the territory, degrees; near the equator no month is summer.
    """
    told = []
    for name, values in sorted(months.items()):
        pair = swapped_months(_mean(values))
        if pair is not None:
            told.append(
                _("{name}_{source}: los meses de {one} y {other} parecen cambiados entre sí").format(
                    name=name, source=source, one=_NAMES[pair[0] - 1], other=_NAMES[pair[1] - 1]
                )
            )
    mean = months.get("temperature_mean")
    for name, sign in (("temperature_min", 1.0), ("temperature_max", -1.0)):
        if mean is None or name not in months:
            continue
        gap = sign * (months[name] - mean)
        known = np.isfinite(gap)
        crossed = float((gap[known] > 0).mean()) if known.any() else 0.0
        if crossed > _CROSSED_SHARE:
            words = (
                _("{name}_{source} supera a la media en {share:.1%} de los lugares y meses")
                if sign > 0
                else _("{name}_{source} queda bajo la media en {share:.1%} de los lugares y meses")
            )
            told.append(words.format(name=name, source=source, share=Figure(crossed)))
    if mean is not None and abs(latitude) >= _SEASONS_FROM_DEG:
        told += _wrong_summer(_mean(mean), source, northern=latitude > 0)
    return told


def _wrong_summer(means: Floats, source: str, *, northern: bool) -> list[str]:
    if not np.isfinite(means).all() or np.ptp(means) < _LEAST_RANGE_C:
        return []
    warmest = int(means.argmax()) + 1
    if warmest not in _SUMMER[not northern]:
        return []
    return [
        _("temperature_mean_{source}: el mes más cálido es {month}, verano del otro hemisferio").format(
            source=source, month=_NAMES[warmest - 1]
        )
    ]


def _mean(values: Floats) -> Floats:
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.asarray(np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan))


def _steps(means: Floats) -> float:
    return float(np.abs(np.diff(np.append(means, means[0]))).sum())
