"""The reference job: twelve crops on ten layers, class by the law of the minimum, every cell to its best crop.

The answer is one byte a cell: class << 4 | crop, the first of the crops with the best class; 0 where a value is
missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from gis.jit import compiled
from zoning.rating.crop_rows import CropRows, crop_rows
from zoning.rating.interval_codes import encode
from zoning.rules.limits import Limits, Side, comparison_limits

CROPS, LAYERS = 12, 10
SEED = 20_260_822
MISSING = 0.001
"""Share of the cells of each layer without a value; half of them in one patch."""

KEYS = tuple(f"layer_{number}" for number in range(LAYERS))


@dataclass(frozen=True, eq=False)
class Reference:
    """Limits and layers of the job; the same bytes for the same side."""

    side: int
    crops: tuple[Mapping[str, Limits], ...]
    rows: CropRows
    values: np.ndarray
    """float32 (10, side, side), NaN where missing."""

    @property
    def codes(self) -> np.ndarray:
        """uint8 (10, side, side): the layers as interval codes."""
        return np.stack([encode(self.values[number], self.rows.cuts[key]) for number, key in enumerate(KEYS)])

    def comparisons(self, crop: int, layer: int) -> list[tuple[int, float]]:
        """Return (1 for ≥, −1 for ≤, limit) of each side's three limits; three or six."""
        limits = self.crops[crop][KEYS[layer]]
        sides = [(side, sign) for side, sign in ((limits.low, 1), (limits.high, -1)) if side is not None]
        return [(sign, float(limit)) for side, sign in sides for limit in comparison_limits(side)]


def reference(side: int) -> Reference:
    """Make the job for a square of cells."""
    rng = np.random.default_rng(SEED)
    crops = tuple({key: _limits(rng, number % 2 == 1) for number, key in enumerate(KEYS)} for _crop in range(CROPS))
    values = np.stack([_layer(rng, side) for _key in KEYS])
    return Reference(side, crops, crop_rows(crops, KEYS), values)


def _limits(rng: np.random.Generator, both: bool) -> Limits:
    low = np.sort(rng.uniform(0, 50, 3)).astype(np.float32)
    high = np.sort(rng.uniform(55, 100, 3)).astype(np.float32)
    lower = Side.from_classes(*(float(value) for value in low))
    return Limits(low=lower, high=Side.from_classes(*(float(value) for value in high[::-1])) if both else None)


def _layer(rng: np.random.Generator, side: int) -> np.ndarray:
    rough = gaussian_filter(rng.normal(size=(side, side)), max(side / 40, 2), mode="wrap")
    values = 50 + 22 * rough / rough.std() + rng.normal(0, 0.4, (side, side))
    values[rng.random((side, side)) < MISSING / 2] = np.nan
    patch = max(int(side * np.sqrt(MISSING / 2)), 1)
    row, col = (int(each) for each in rng.integers(0, side - patch, 2))
    values[row : row + patch, col : col + patch] = np.nan
    return values.astype(np.float32)


def by_numpy(job: Reference, values: np.ndarray, answer: np.ndarray) -> None:
    """Do the job with whole-array comparisons on one window, values (10, N); the answer goes into (N,)."""
    best = np.zeros(values.shape[1], dtype=np.uint8)
    answer[:] = 0
    for crop in range(CROPS):
        worst = np.full(values.shape[1], 4, dtype=np.uint8)
        for layer in range(LAYERS):
            compared = job.comparisons(crop, layer)
            for first in range(0, len(compared), 3):
                cls = np.ones(values.shape[1], dtype=np.uint8)
                for sign, limit in compared[first : first + 3]:
                    cls += values[layer] >= np.float32(limit) if sign > 0 else values[layer] <= np.float32(limit)
                np.minimum(worst, cls, out=worst)
        wins = worst > best
        best[wins] = worst[wins]
        answer[wins] = worst[wins] << 4 | crop
    answer[np.isnan(values).any(axis=0)] = 0


def by_xarray(job: Reference, layers: object) -> np.ndarray:
    """Do the job as one writes it with xarray on dask: whole expressions, computed at the end."""
    import xarray as xr  # noqa: PLC0415  a peer

    classes = []
    for crop in range(CROPS):
        factors = []
        for layer in range(LAYERS):
            compared = job.comparisons(crop, layer)
            for first in range(0, len(compared), 3):
                passed = [
                    layers[layer] >= np.float32(limit) if sign > 0 else layers[layer] <= np.float32(limit)
                    for sign, limit in compared[first : first + 3]
                ]
                factors.append(1 + sum(each.astype("uint8") for each in passed))
        classes.append(xr.concat(factors, "factor").min("factor"))
    by_crop = xr.concat(classes, "crop")
    answer = by_crop.max("crop") * 16 + by_crop.argmax("crop")
    return answer.where(layers.notnull().all("layer"), 0).astype("uint8").values


def limit_arrays(job: Reference) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper limits, float32 (12, 10, 3) each; infinite where there is none."""
    low = np.full((CROPS, LAYERS, 3), -np.inf, dtype=np.float32)
    high = np.full((CROPS, LAYERS, 3), np.inf, dtype=np.float32)
    for crop in range(CROPS):
        for layer in range(LAYERS):
            for place, (sign, limit) in enumerate(job.comparisons(crop, layer)):
                (low if sign > 0 else high)[crop, layer, place % 3] = limit
    return low, high


@compiled()
def by_float_blocks(values: np.ndarray, low: np.ndarray, high: np.ndarray, answer: np.ndarray) -> None:
    """Do the job with compiled loops over blocks of float32 values that stay in the cache."""
    layers, cells = values.shape
    worst, best = np.empty(1024, dtype=np.uint8), np.empty(1024, dtype=np.uint8)
    for start in range(0, cells, 1024):
        n = min(1024, cells - start)
        best[:] = 0
        for crop in range(low.shape[0]):
            worst[:] = 4
            for layer in range(layers):
                row = values[layer, start : start + n]
                a, b, c = low[crop, layer, 0], low[crop, layer, 1], low[crop, layer, 2]
                d, e, f = high[crop, layer, 0], high[crop, layer, 1], high[crop, layer, 2]
                for i in range(n):
                    x = row[i]
                    cls = 1 + (x >= a and x <= d) + (x >= b and x <= e) + (x >= c and x <= f)
                    cls = 0 if np.isnan(x) else cls
                    worst[i] = min(worst[i], np.uint8(cls))
            for i in range(n):
                found = np.uint8(worst[i] << 4 | (15 - crop))
                best[i] = max(best[i], found)
        for i in range(n):
            answer[start + i] = 0 if best[i] >> 4 == 0 else (best[i] & 240) | (15 - (best[i] & 15))
