"""The compiled loops that rate: one curve, its logarithm, one land-use type.

All loops over cells are branch-free so that the compiler vectorises them; logarithm and exponential are polynomials for
the same reason (Cephes, S. Moshier: ``logf``, ``expf``; error below 2e-7).
"""

# ruff: noqa: PLR0917  compiled functions take their arguments by position

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from zoning.rules.kernel_tables import KernelTables

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_ZERO, _ONE, _TWO, _HALF = np.float32(0), np.float32(1), np.float32(2), np.float32(0.5)
_B3, _B2, _B1 = np.float32(0.40), np.float32(0.60), np.float32(0.85)
_TOP_N = np.nextafter(_B3, _ZERO)
_TOP_3 = np.nextafter(_B2, _ZERO)
_TOP_2 = np.nextafter(_B1, _ZERO)
_SPAN_N, _SPAN_3, _SPAN_2 = _B3, np.float32((0.60 - 0.40) / (1 - 0.40)), np.float32((0.85 - 0.60) / (1 - 0.60))
_MISSING = np.float32(2)
SD_SCORE = np.float32(-1)
"""Score that means SD, below every rating."""

_HUGE = np.float32(9)

_SQRT_HALF, _LN2_HIGH, _LN2_LOW = np.float32(0.707106781186547524), np.float32(0.693359375), np.float32(-2.12194440e-4)
_L0, _L1, _L2 = np.float32(7.0376836292e-2), np.float32(-1.1514610310e-1), np.float32(1.1676998740e-1)
_L3, _L4, _L5 = np.float32(-1.2420140846e-1), np.float32(1.4249322787e-1), np.float32(-1.6668057665e-1)
_L6, _L7, _L8 = np.float32(2.0000714765e-1), np.float32(-2.4999993993e-1), np.float32(3.3333331174e-1)
_LOG2E = np.float32(1.44269504088896341)
_E0, _E1, _E2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
_E3, _E4, _E5 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)
_LOWEST, _LOG_FLOOR = np.float32(-87.0), np.float32(np.log(1e-4))
_EXPONENT_BIAS, _MANTISSA, _HALF_BITS = np.int32(126), np.int32(0x007FFFFF), np.int32(0x3F000000)
_MANTISSA_BITS, _BIAS = np.int32(23), np.int32(127)


@compiled()
def rate_side(x: Floats, row: Floats, out: Floats, n: int, first: bool) -> None:
    """Rate one side of a curve into ``out``, keeping the smaller rating unless it is the first side."""
    sign, s3, s2, s1, kn, k3, k2, k1 = row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
    for i in range(n):
        y = sign * x[i]
        best = min(_B1 + (y - s1) * k1, _ONE)
        good = min(max(_B1 - (s1 - y) * k2, _B2), _TOP_2)
        fair = min(max(_B2 - (s2 - y) * k3, _B3), _TOP_3)
        poor = min(max(_B3 - (s3 - y) * kn, _ZERO), _TOP_N)
        mu = best if y >= s1 else (good if y >= s2 else (fair if y >= s3 else poor))
        out[i] = mu if first else min(mu, out[i])


@compiled()
def finish_curve(x: Floats, floor: float, mu: Floats, n: int) -> bool:
    """Apply the cap, mark missing values, and say whether there was one."""
    lowest = np.float32(floor)
    missing = 0
    for i in range(n):
        gone = x[i] != x[i]
        mu[i] = _MISSING if gone else max(mu[i], lowest)
        missing += 1 if gone else 0
    return missing > 0


@compiled()
def log_block(mu: Floats, out: Floats, scratch: npt.NDArray[np.int32], n: int) -> None:
    """Natural logarithm of ratings; below 1e-4 counts as 1e-4, a missing rating gives 0."""
    bits = mu.view(np.int32)
    mantissa = scratch.view(np.float32)
    for i in range(n):
        b = bits[i]
        out[i] = np.float32((b >> _MANTISSA_BITS) - _EXPONENT_BIAS)
        scratch[i] = (b & _MANTISSA) | _HALF_BITS
    for i in range(n):
        m, e = mantissa[i], out[i]
        small = m < _SQRT_HALF
        e = e - _ONE if small else e
        z = (m + m - _ONE) if small else (m - _ONE)
        q = z * z
        p = ((((((((_L0 * z + _L1) * z + _L2) * z + _L3) * z + _L4) * z + _L5) * z + _L6) * z + _L7) * z + _L8) * z * q
        p = p + e * _LN2_LOW - _HALF * q
        result = z + p + e * _LN2_HIGH
        out[i] = _ZERO if mu[i] > _ONE else max(result, _LOG_FLOOR)


@compiled()
def exp_block(x: Floats, out: Floats, scratch: npt.NDArray[np.int32], n: int) -> None:
    """Exponential of numbers ≤ 0 (those below −87 count as −87)."""
    power = scratch.view(np.float32)
    for i in range(n):
        v = min(max(x[i], _LOWEST), _ZERO)
        k = np.int32(v * _LOG2E - _HALF)
        z = np.float32(k)
        v = v - z * _LN2_HIGH
        v = v - z * _LN2_LOW
        p = ((((_E0 * v + _E1) * v + _E2) * v + _E3) * v + _E4) * v + _E5
        out[i] = p * v * v + v + _ONE
        scratch[i] = (k + _BIAS) << _MANTISSA_BITS
    for i in range(n):
        out[i] = out[i] * power[i]


@compiled()
def score_block(worst: Floats, mean: Floats, out: Floats, n: int) -> None:
    """Rescale the geometric mean into the band of the worst rating; a negative ``worst`` is SD."""
    for i in range(n):
        w, g = worst[i], mean[i]
        best = min(max(g, _B1), _ONE)
        good = min(max(_B2 + (g - _B2) * _SPAN_2, _B2), _TOP_2)
        fair = min(max(_B3 + (g - _B3) * _SPAN_3, _B3), _TOP_3)
        poor = min(max(g * _SPAN_N, _ZERO), _TOP_N)
        score = best if w >= _B1 else (good if w >= _B2 else (fair if w >= _B3 else poor))
        out[i] = SD_SCORE if w < _ZERO else score


@compiled()
def score_type(
    t: int, mu: Floats, log_mu: Floats, gaps: Bytes, tables: KernelTables, worst: Floats, mean: Floats, share: Floats,
    n: int,
) -> None:  # fmt: skip
    """Smallest rating and logarithm of the weighted geometric mean of land-use type ``t``."""
    incomplete = False
    for i in range(n):
        worst[i] = _TWO
        mean[i] = _ZERO
    for j in range(tables.type_start[t], tables.type_start[t + 1]):
        k, weight = tables.factor_curve[j], tables.factor_weight[j]
        rating, log_rating = mu[k], log_mu[k]
        for i in range(n):
            worst[i] = min(worst[i], rating[i])
            mean[i] += weight * log_rating[i]
        if gaps[k] and not incomplete:
            incomplete = True
            for i in range(n):
                share[i] = _ZERO
    if not incomplete:
        return
    for j in range(tables.type_start[t], tables.type_start[t + 1]):
        k, weight = tables.factor_curve[j], tables.factor_weight[j]
        lost = -_HUGE if tables.factor_required[j] else _HUGE
        rating = mu[k]
        for i in range(n):
            gone = rating[i] > _ONE
            worst[i] = min(worst[i], lost) if gone else worst[i]
            share[i] += _ZERO if gone else weight
    for i in range(n):
        mean[i] = mean[i] / max(share[i], np.float32(1e-6))
