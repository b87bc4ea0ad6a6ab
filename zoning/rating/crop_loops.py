"""The compiled loop that takes the smallest of ten rows for sixteen crops at once."""

# ruff: noqa: PLW3301  the nesting is the tree that the processor takes

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

Bytes = npt.NDArray[np.uint8]

_LANES, _LAST = 16, 15
_CLASS, _SLOT = np.uint16(0xE000), np.uint16(15)
_CLASS_SHIFT, _CROP_SHIFT, _ZERO = np.uint16(13), np.uint16(4), np.uint16(0)


@compiled()
def best_of_rows(codes: Bytes, table: npt.NDArray[np.uint16], best: Bytes, limiting: Bytes) -> None:
    """Write class << 4 | crop of the best crop of every cell, and the layer that limits it."""
    last = codes.shape[0] - 1
    t0, t1, t2, t3, t4 = table[0], table[1], table[2], table[3], table[4]
    t5, t6, t7, t8, t9 = table[5], table[6], table[7], table[8], table[9]
    c0, c1, c2, c3 = codes[0], codes[min(1, last)], codes[min(2, last)], codes[min(3, last)]
    c4, c5, c6 = codes[min(4, last)], codes[min(5, last)], codes[min(6, last)]
    c7, c8, c9 = codes[min(7, last)], codes[min(8, last)], codes[min(9, last)]
    for i in range(codes.shape[1]):
        r0, r1, r2, r3, r4 = t0[c0[i]], t1[c1[i]], t2[c2[i]], t3[c3[i]], t4[c4[i]]
        r5, r6, r7, r8, r9 = t5[c5[i]], t6[c6[i]], t7[c7[i]], t8[c8[i]], t9[c9[i]]
        found = _ZERO
        for k in range(_LANES):
            low = min(min(min(r0[k], r1[k]), min(r2[k], r3[k])), min(min(r4[k], r5[k]), min(r6[k], r7[k])))
            word = min(low, min(r8[k], r9[k]))
            found = max(found, (word & _CLASS) | np.uint16((_LAST - k) << 4) | (word & _SLOT))
        best[i] = ((found >> _CLASS_SHIFT) << _CROP_SHIFT) | (_SLOT - ((found >> _CROP_SHIFT) & _SLOT))
        limiting[i] = found & _SLOT
