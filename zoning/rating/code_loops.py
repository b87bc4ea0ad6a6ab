"""The compiled loop that turns values into interval codes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

_ONE = np.uint8(1)


@compiled()
def encode_values(
    values: npt.NDArray[np.float32], cuts: npt.NDArray[np.float32], first: npt.NDArray[np.int32],
    out: npt.NDArray[np.uint8],
) -> None:  # fmt: skip
    """Write the code of every value: one more than the number of cuts that are not above it; 0 for NaN."""
    count = cuts.size
    if count == 0:
        for i in range(values.size):
            out[i] = 0 if np.isnan(values[i]) else 1
        return
    low, high = cuts[0], cuts[count - 1]
    scale = first.size / (np.float64(high) - np.float64(low)) if high > low else 0.0
    for i in range(values.size):
        value = values[i]
        if value < low:
            out[i] = _ONE
        elif value >= high:
            out[i] = np.uint8(count + 1)
        elif value >= low:
            step = min(int((np.float64(value) - np.float64(low)) * scale), first.size - 1)
            code = first[step]
            while cuts[code] <= value:
                code += 1
            out[i] = np.uint8(code + 1)
        else:
            out[i] = 0
