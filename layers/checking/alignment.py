"""Whether layers lie over one another: relief under its temperature, streams in its valleys, water in the land cover.

Temperature that was brought down to the relief carries the relief's own pattern, cell by cell; where the two match best
at another place than their own, one of them was moved. Streams run along the bottoms of valleys; where they lie lower
after a shift, relief or streams were moved. Metres read as feet leave the pattern in place and change its rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

MOST_SHIFT = 12
"""Cells by which a layer is moved to and fro."""
LEAST_SHIFT = 2
"""Cells from which on a shift counts; below it the best match is not sharp."""
_SMOOTH = 15
_CLEAR = 0.3
_CLEAR_RATE = 0.6
_DETAIL_M = 3.0
_BETTER = 0.03
_FEWEST = 400
_LOWER_SHARE = 0.12
_STEPS_EACH_WAY = 12
_EVERY = 2


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Where a layer fits best, in cells from where it lies."""

    rows: int
    """To the south."""
    cols: int
    """To the east."""

    @property
    def cells(self) -> float:
        """Length, cells."""
        return float(np.hypot(self.rows, self.cols))


def relief_shift(relief: Floats, temperature: Floats) -> Shift | None:
    """Return by how much the relief has been moved against its temperature; ``None`` where nothing can be told.

    Parameters
    ----------
    relief
        Elevation, m, shape (rows, cols), NaN where missing.
    temperature
        °C, same shape.
    """
    high, known = _detail(relief)
    warm, there = _detail(temperature)
    both = known & there
    edge = MOST_SHIFT + 1
    if min(relief.shape) <= 2 * edge + 8 or both.sum() < _FEWEST:
        return None
    inner = (slice(edge, relief.shape[0] - edge, _EVERY), slice(edge, relief.shape[1] - edge, _EVERY))
    match: dict[tuple[int, int], float] = {}
    for down in range(-MOST_SHIFT, MOST_SHIFT + 1):
        for right in range(-MOST_SHIFT, MOST_SHIFT + 1):
            moved = (
                slice(edge + down, relief.shape[0] - edge + down, _EVERY),
                slice(edge + right, relief.shape[1] - edge + right, _EVERY),
            )
            match[down, right] = _correlation(high[moved], warm[inner], known[moved] & there[inner])
    best = min(match, key=lambda place: (match[place], abs(place[0]) + abs(place[1])))
    if match[best] > -_CLEAR or match[0, 0] - match[best] < _BETTER:
        return Shift(rows=0, cols=0) if match[best] <= -_CLEAR else None
    return Shift(rows=best[0], cols=best[1])


def lapse_rate(relief: Floats, temperature: Floats) -> float | None:
    """Return the change of temperature with elevation in the fine pattern of both, °C/km; ``None`` without one."""
    high, known = _detail(relief)
    warm, there = _detail(temperature)
    both = known & there
    if both.sum() < _FEWEST or _correlation(high, warm, both) > -_CLEAR_RATE or float(high[both].std()) < _DETAIL_M:
        return None
    z, t = high[both].astype(np.float64), warm[both].astype(np.float64)
    return float((z * t).sum() / (z * z).sum() * 1000.0)


def stream_shift(relief: Floats, rows: NDArray[np.int64], cols: NDArray[np.int64], *, reach: int) -> Shift | None:
    """Return where the streams fit the valleys best; ``None`` where nothing can be told.

    Parameters
    ----------
    relief
        Elevation, m, shape (rows, cols), NaN where missing.
    rows, cols
        Cells of the streams.
    reach
        Cells tried each way.
    """
    size = 2 * reach + 1
    known = np.isfinite(relief)
    filled = np.where(known, relief, np.float32(0))
    weight = ndimage.uniform_filter(known.astype(np.float32), size=2 * size + 1)
    mean = ndimage.uniform_filter(filled, size=2 * size + 1) / np.maximum(weight, np.float32(1e-6))
    high = np.where(known, relief - mean, np.nan).astype(np.float32)
    near = (rows >= reach) & (rows < relief.shape[0] - reach) & (cols >= reach) & (cols < relief.shape[1] - reach)
    row, col = rows[near], cols[near]
    if row.size < _FEWEST:
        return None
    spread = float(np.nanstd(high))
    step = max(1, reach // _STEPS_EACH_WAY)
    heights: dict[tuple[int, int], float] = {}
    for down in range(-(reach // step) * step, reach + 1, step):
        for right in range(-(reach // step) * step, reach + 1, step):
            under = high[row + down, col + right]
            known_here = np.isfinite(under)
            if known_here.sum() >= _FEWEST:
                heights[down, right] = float(under[known_here].mean())
    if (0, 0) not in heights or not spread > 0:
        return None
    best = min(heights, key=lambda place: (heights[place], abs(place[0]) + abs(place[1])))
    if heights[0, 0] - heights[best] < _LOWER_SHARE * spread or heights[best] > 0:
        return Shift(rows=0, cols=0)
    return Shift(rows=best[0], cols=best[1])


def _detail(values: Floats) -> tuple[Floats, Mask]:
    """Return values less their mean around, and where that is known."""
    known = np.isfinite(values)
    filled = np.where(known, values, np.float32(0))
    weight = ndimage.uniform_filter(known.astype(np.float32), size=_SMOOTH)
    mean = ndimage.uniform_filter(filled, size=_SMOOTH) / np.maximum(weight, np.float32(1e-6))
    whole = known & (weight > 1.0 - 1e-4)
    return np.where(whole, values - mean, np.float32(0)).astype(np.float32), whole


def _correlation(one: Floats, other: Floats, both: Mask) -> float:
    if both.sum() < _FEWEST:
        return 0.0
    x, y = one[both].astype(np.float64), other[both].astype(np.float64)
    x -= x.mean()
    y -= y.mean()
    scale = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum() / scale) if scale > 0 else 0.0
