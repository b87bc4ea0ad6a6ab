"""The compiled exact Euclidean distance transform; imported only by :mod:`gis.relief.distance`."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from gis.jit import compiled


@compiled()
def columns_pass(mask: NDArray[np.bool_], reach: NDArray[np.int32], far: int) -> None:
    """Fill the number of rows to the nearest marked cell of the same column, ``far`` where there is none."""
    rows, cols = mask.shape
    for col in range(cols):
        reach[0, col] = 0 if mask[0, col] else far
    for row in range(1, rows):
        for col in range(cols):
            reach[row, col] = 0 if mask[row, col] else min(far, reach[row - 1, col] + 1)
    for row in range(rows - 2, -1, -1):
        for col in range(cols):
            reach[row, col] = min(reach[row, col], reach[row + 1, col] + 1)


@compiled(parallel=True)
def rows_pass(reach: NDArray[np.int32], far: int, cell: float, out: NDArray[np.float32]) -> None:
    """Fill the distance, m, from the lower envelope of the parabolas of each row; infinite where nothing is marked.

    The two passes are those of Meijster, Roerdink and Hesselink (2000), *A general algorithm for computing distance
    transforms in linear time*: whole numbers throughout, so the result is exact.
    """
    rows, cols = reach.shape
    for row in numba.prange(rows):
        sites = np.empty(cols, np.int64)
        starts = np.empty(cols, np.int64)
        last = -1
        for col in range(cols):
            if reach[row, col] >= far:
                continue
            height = np.int64(reach[row, col])
            start = np.int64(0)
            while last >= 0:
                site = sites[last]
                other = np.int64(reach[row, site])
                at = starts[last]
                if (at - site) ** 2 + other * other > (at - col) ** 2 + height * height:
                    last -= 1
                    continue
                gap = (col * col - site * site + height * height - other * other) // (2 * (col - site))
                start = gap + 1
                break
            if start < cols:
                last += 1
                sites[last] = col
                starts[last] = start
        if last < 0:
            out[row, :] = math.inf
            continue
        for col in range(cols - 1, -1, -1):
            site = sites[last]
            height = np.int64(reach[row, site])
            out[row, col] = math.sqrt((col - site) ** 2 + height * height) * cell
            if col == starts[last] and last > 0:
                last -= 1
