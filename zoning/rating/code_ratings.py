"""What codes rate: the curves evaluated at the values of each code, as words of a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zoning.rating.interval_codes import representatives
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.limits import BAND_HIGH, BAND_LOW, S1, S2, S3, N

Floats = npt.NDArray[np.float32]

CODES = 256
"""Rows of one characteristic."""

CLASS_SHIFT = 14
"""The two highest bits of a rating are its class less one."""

SMALLEST = 1e-4
"""A smaller rating counts as this, as in :mod:`zoning.rating.reference`."""

SAMPLES = 9
"""Values of each code that are rated: its ends and what lies between."""

_POSITIONS = 1_022


def code_samples(rules: CompiledRules, cuts: Mapping[str, Floats], *, samples: int = SAMPLES) -> Floats:
    """Rate values of every code with every curve, as the float32 kernel does.

    Parameters
    ----------
    rules
        Compiled rules.
    cuts
        Characteristic key to the cut points its codes were made with.
    samples
        Values of each code, from 2: its ends.

    Returns
    -------
    numpy.ndarray
        float32 (samples, curves, 256): ratings from the lowest to the highest value of each code in equal steps; 2 for
        code 0 and for codes not in use.
    """
    from zoning.rating.rating_loops import finish_curve, rate_side  # noqa: PLC0415  the compiler is loaded on demand

    tables = rules.tables
    found = np.full((samples, tables.curve_column.size, CODES), 2.0, dtype=np.float32)
    for curve, column in enumerate(tables.curve_column):
        points = cuts.get(rules.characteristics[column].key)
        if points is None:
            continue
        low, high = (_finite(end) for end in representatives(points))
        for place in range(samples):
            values = low + (high - low) * np.float32(place / (samples - 1)) if 0 < place < samples - 1 else low
            values = np.minimum(values, high) if place < samples - 1 else high
            rated = np.empty(len(values), dtype=np.float32)
            for side in range(tables.curve_sides[curve]):
                rate_side(values, tables.curve_side[curve, side], rated, len(values), side == 0)
            finish_curve(values, tables.curve_floor[curve], rated, len(values))
            found[place, curve, 1 : len(values) + 1] = rated
    return found


def _finite(values: Floats) -> Floats:
    """Return values with the largest number in place of the infinite: beyond all limits the rating stands still."""
    return np.clip(values, np.float32(-1e30), np.float32(1e30))


def rating_words(mu: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.uint16]:
    """Return ratings as words without a slot: class less one, then 1 to 1022 inside the band, then four bits of 0."""
    words = np.zeros(mu.shape, dtype=np.int64)
    for code in (N, S3, S2, S1):
        low, high = float(np.float32(BAND_LOW[code])), float(np.float32(BAND_HIGH[code]))
        here = mu >= low
        place = 1 + np.rint(np.clip((mu - low) / (high - low), 0.0, 1.0) * (_POSITIONS - 1)).astype(np.int64)
        words = np.where(here, (code - 1) << CLASS_SHIFT | place << 4, words)
    return words.astype(np.uint16)
