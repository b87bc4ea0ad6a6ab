"""Measured characteristics as the rating kernel wants them: one row each, in its order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from zoning.rules.characteristic import Characteristic

Floats = npt.NDArray[np.float32]


def stack_columns(columns: Mapping[str, Floats], rows: tuple[Characteristic, ...], *, cells: int) -> Floats:
    """Return the kernel's ``values``: one row per characteristic, NaN where it is missing, shape (len(rows), cells)."""
    values = np.full((len(rows), cells), np.nan, dtype=np.float32)
    for place, each in enumerate(rows):
        if each.key in columns:
            values[place] = columns[each.key]
    return values
