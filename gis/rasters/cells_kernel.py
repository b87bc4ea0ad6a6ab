"""The compiled loop that turns values into stored cells."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.jit import compiled


@compiled()
def store_cells(  # noqa: PLR0917  compiled code takes its arguments by position
    values: NDArray[np.float32],
    scale: np.float32,
    offset: np.float32,
    low: float,
    high: float,
    nodata: int,
    out: NDArray[Any],
) -> bool:
    """Fill ``out`` with (values − offset) / scale, rounded to even, ``nodata`` where a value is not finite.

    Parameters
    ----------
    values
        Shape (rows, cols).
    scale, offset
        ``value = stored · scale + offset``.
    low, high
        Least and greatest stored value that fits.
    nodata
        Stored value that means missing.
    out
        Whole numbers, same shape.

    Returns
    -------
    bool
        Whether all values fit; if not, ``out`` means nothing.
    """
    least, most = np.float32(0), np.float32(0)
    for row in range(values.shape[0]):
        for col in range(values.shape[1]):
            above = values[row, col] - offset
            missing = not np.isfinite(above)
            rounded = np.float32(0) if missing else np.rint(above / scale)
            least, most = min(least, rounded), max(most, rounded)
            out[row, col] = nodata if missing else np.int64(rounded)
    return bool(least >= low and most <= high)
