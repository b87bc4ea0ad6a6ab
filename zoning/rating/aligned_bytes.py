"""Bytes that begin where a line of the processor's cache does: sixty-four of them are then one read, not two."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

_LINE = 64


@compiled()
def aligned_bytes(rows: int, columns: int) -> npt.NDArray[np.uint8]:
    """Return zeros of shape (rows, columns); the columns are a multiple of 64."""
    held = np.zeros(rows * columns + _LINE, dtype=np.uint8)
    first = (_LINE - held.ctypes.data % _LINE) % _LINE
    return held[first : first + rows * columns].reshape(rows, columns)
