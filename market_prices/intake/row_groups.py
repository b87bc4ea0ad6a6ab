"""Numbering the rows that belong together, without sorting and without a table of keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

_LARGEST = 2**62


def group_numbers(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Return (rows,) int64: equal numbers where all ``columns`` are equal, missing equal to missing, from 0 on.

    Groups are numbered in the order in which they first appear.

    Examples
    --------
    >>> group_numbers(pd.DataFrame({"a": ["x", "y", "x"], "b": [1.0, 1.0, float("nan")]}), ["a", "b"]).tolist()
    [0, 1, 2]
    """
    numbers = np.zeros(len(frame), dtype=np.int64)
    size = 1
    for name in columns:
        codes, found = pd.factorize(frame[name], use_na_sentinel=False)
        if size * max(len(found), 1) > _LARGEST:
            numbers, kept = pd.factorize(numbers)
            size = len(kept)
        numbers = numbers * max(len(found), 1) + codes
        size *= max(len(found), 1)
    return np.asarray(pd.factorize(numbers)[0], dtype=np.int64)
