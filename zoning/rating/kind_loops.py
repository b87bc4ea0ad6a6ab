"""The compiled loops that find which cells of a strip are of one kind; see :mod:`zoning.rating.cell_kinds`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]

_EMPTY = -1


@compiled()
def mix_band(codes: Bytes, places: Places, words: Keys, keys: Keys) -> None:
    """Add what a code of one band means to the key of every cell."""
    for i in range(places.size):
        keys[i] ^= words[codes[places[i]]]


@compiled()
def number_kinds(keys: Keys, slots: Places, kind: Places, first: Places) -> int:
    """Give every distinct key a number, in the order of their first cells; return how many there are.

    ``slots`` has a power of two of elements, more than twice the cells, all −1; ``first`` becomes each kind's cell.
    """
    mask = np.uint64(slots.size - 1)
    count = 0
    for i in range(keys.size):
        key = keys[i]
        if i > 0 and key == keys[i - 1]:
            kind[i] = kind[i - 1]
            continue
        slot = (key ^ (key >> np.uint64(29))) & mask
        while slots[slot] != _EMPTY and keys[first[slots[slot]]] != key:
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] == _EMPTY:
            slots[slot] = count
            first[count] = i
            count += 1
        kind[i] = slots[slot]
    return count
