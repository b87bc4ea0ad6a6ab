"""The compiled loop that takes the smallest of twelve rows for sixteen crops at once."""

# ruff: noqa: PLW3301  the nesting is the tree that the processor takes

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

BLOCK = 2_048
"""Cells brought together, so that rows of codes do not fight for the same cache lines."""

PITCH = BLOCK + 64

Bytes = npt.NDArray[np.uint8]

_LANES, _LAYERS = 16, 12
_SLOT, _LAST = np.uint16(15), np.uint16(15)
_CLASS, _FOUR, _EIGHT, _ONE, _ZERO = np.uint16(14), np.uint16(4), np.uint16(8), np.uint16(1), np.uint16(0)


@compiled()
def best_of_rows(codes: Bytes, table: npt.NDArray[np.uint16], best: Bytes, limiting: Bytes) -> None:
    """Write class << 4 | crop of the best crop of every cell, and the layer that limits it."""
    layers, cells = codes.shape
    x = np.zeros((_LAYERS, PITCH), dtype=np.uint8)
    t0, t1, t2, t3, t4, t5 = table[0], table[1], table[2], table[3], table[4], table[5]
    t6, t7, t8, t9, ta, tb = table[6], table[7], table[8], table[9], table[10], table[11]
    for start in range(0, cells, BLOCK):
        n = min(BLOCK, cells - start)
        for layer in range(layers):
            x[layer, :n] = codes[layer, start : start + n]
        for i in range(n):
            r0, r1, r2, r3 = t0[x[0, i]], t1[x[1, i]], t2[x[2, i]], t3[x[3, i]]
            r4, r5, r6, r7 = t4[x[4, i]], t5[x[5, i]], t6[x[6, i]], t7[x[7, i]]
            r8, r9, ra, rb = t8[x[8, i]], t9[x[9, i]], ta[x[10, i]], tb[x[11, i]]
            found = _ZERO
            for k in range(_LANES):
                low = min(min(min(r0[k], r1[k]), min(r2[k], r3[k])), min(min(r4[k], r5[k]), min(r6[k], r7[k])))
                word = min(low, min(min(r8[k], r9[k]), min(ra[k], rb[k])))
                cls = ((word >> _CLASS) + _ONE) if word >> _FOUR != _ZERO else _ZERO
                found = max(found, (cls << _EIGHT) | (np.uint16(_LAST - np.uint16(k)) << _FOUR) | (word & _SLOT))
            best[start + i] = ((found >> _EIGHT) << _FOUR) | (_LAST - ((found >> _FOUR) & _LAST))
            limiting[start + i] = found & _SLOT
