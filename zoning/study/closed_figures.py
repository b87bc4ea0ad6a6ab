"""Rounding figures so that what is printed still adds up: the method of the largest remainder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def apportion(
    parts: Sequence[float] | npt.NDArray[np.float64], whole: float, *, decimals: int
) -> npt.NDArray[np.float64]:
    """Round the parts of a whole so that the rounded parts add up to the rounded whole.

    Every part is first brought to the scale of the whole and rounded down; what is then missing is given, one last
    digit each, to the parts that lost most (Hamilton 1792). No part moves by a whole last digit.

    Parameters
    ----------
    parts
        Not negative, in any unit, shape (n,).
    whole
        What they add up to, in the same unit or, for shares, 1 or 100.
    decimals
        Digits after the point that are kept.

    Returns
    -------
    numpy.ndarray
        float64 (n,), each a multiple of ``10**-decimals``; zeros where the parts add up to nothing.

    Examples
    --------
    >>> apportion([1, 1, 1], 100, decimals=1).tolist()
    [33.4, 33.3, 33.3]
    """
    values = np.asarray(parts, dtype=np.float64)
    total = float(values.sum())
    if not total > 0:
        return np.zeros(values.shape)
    step = 10**decimals
    units = values * (whole * step / total)
    kept = np.floor(units)
    missing = round(whole * step) - int(kept.sum())
    # Of equal remainders the first is served, so that a rerun rounds the same way.
    order = np.argsort(-(units - kept), kind="stable")
    given = order[:missing] if missing > 0 else order[::-1][:-missing] if missing < 0 else order[:0]
    kept[given] += 1 if missing > 0 else -1
    rounded: npt.NDArray[np.float64] = np.round(kept / step, decimals)
    return rounded
