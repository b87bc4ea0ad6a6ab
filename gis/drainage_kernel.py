"""The compiled walk upstream; imported only by :mod:`gis.drainage`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.jit import compiled


@compiled()
def hand_down_levels(
    upward: NDArray[np.integer[Any]],
    downstream: NDArray[np.integer[Any]],
    streams: NDArray[np.bool_],
    heights: NDArray[np.float32],
    above: NDArray[np.float32],
) -> None:
    """Fill the height of each cell above the first stream cell downstream of it, NaN where there is none.

    Parameters
    ----------
    upward
        Flat cell numbers, every cell after the one it drains to.
    downstream
        Flat cell number that each cell drains to; itself at an outlet.
    streams
        Flat mask of stream cells.
    heights
        Flat heights, m.
    above
        Flat result, m; cells outside the drainage keep what they hold.
    """
    level = np.full(heights.size, np.float32(math.nan))
    for place in range(upward.size):
        cell = upward[place]
        level[cell] = heights[cell] if streams[cell] else level[downstream[cell]]
        above[cell] = heights[cell] - level[cell]
