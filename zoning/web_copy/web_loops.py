"""The compiled loops that find which pixels of a tile no rule can tell apart."""

# ruff: noqa: C901, PLR0912, PLR0917  compiled functions take arguments by position; one pixel's story stays whole

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int32]

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


@compiled()
def find_kinds(codes: Bytes, same: Bytes, before: npt.NDArray[np.uint16], label: Numbers, first: Numbers) -> int:
    """Give each pixel the number of its kind, in the order in which kinds are met; return how many there are.

    Two pixels are of one kind if ``same[band, code]`` is equal in every band, and ``before`` is.

    Parameters
    ----------
    codes
        uint8, shape (bands, N).
    same
        uint8, shape (bands, 256): what each code counts as.
    before
        uint16, shape (N,): kinds found before, which are only split further.
    label
        Filled: the kind of each pixel, shape (N,).
    first
        Filled: the first pixel of each kind, shape (N,) or longer.
    """
    bands, cells = codes.shape
    seen = np.empty((cells, bands + 2), dtype=np.uint8)
    for i in range(cells):
        seen[i, bands], seen[i, bands + 1] = before[i] & 255, before[i] >> 8
    for b in range(bands):
        table, line = same[b], codes[b]
        for i in range(cells):
            seen[i, b] = table[line[i]]
    size = 1024
    while size < 2 * cells:
        size *= 2
    slots = np.full(size, -1, dtype=np.int32)
    count = 0
    for i in range(cells):
        row = seen[i]
        if i > 0:
            like = True
            for b in range(row.size):
                like &= row[b] == seen[i - 1, b]
            if like:
                label[i] = label[i - 1]
                continue
        key = np.uint64(0)
        for b in range(row.size):
            key = (key ^ np.uint64(row[b])) * _PRIME
            key ^= key >> _SHIFT
        slot = np.int64(key & np.uint64(size - 1))
        while True:
            known = slots[slot]
            if known < 0:
                slots[slot], label[i], first[count] = count, count, i
                count += 1
                break
            like, other = True, seen[first[known]]
            for b in range(row.size):
                like &= row[b] == other[b]
            if like:
                label[i] = known
                break
            slot = (slot + 1) & (size - 1)
    return count


@compiled()
def split_kinds(
    before: npt.NDArray[np.uint16], codes: Bytes, same: Bytes, stretches: int, table: Numbers, label: Numbers,
    first: Numbers,
) -> int:  # fmt: skip
    """Split kinds by one band more, in the order in which they are met; return how many there are then.

    Parameters
    ----------
    before
        Kind of each pixel, shape (N,).
    codes
        Codes of the band, shape (N,).
    same
        What each code counts as, below ``stretches``, shape (256,).
    stretches
        How many there are of it.
    table
        Scratch of −1, at least kinds before × ``stretches`` long.
    label, first
        Filled: as of :func:`find_kinds`.
    """
    count = 0
    for i in range(before.size):
        key = np.int64(before[i]) * stretches + same[codes[i]]
        known = table[key]
        if known < 0:
            known = count
            table[key], first[count] = count, i
            count += 1
        label[i] = known
    return count


@compiled()
def paint(label: npt.NDArray[np.uint16], of_kind: Bytes, larger: int, out: Bytes) -> bool:
    """Give each pixel the value of its kind, drawn ``larger`` times as wide and high; tell whether any is not 0.

    Parameters
    ----------
    label
        Shape (rows, cols).
    of_kind
        Value of each kind.
    larger
        Rows and columns that a pixel becomes.
    out
        Filled, shape (rows · larger, cols · larger).
    """
    found = np.uint8(0)
    for row in range(label.shape[0]):
        begin = row * larger
        for col in range(label.shape[1]):
            value = of_kind[label[row, col]]
            found |= value
            for each in range(larger):
                out[begin, col * larger + each] = value
        for each in range(1, larger):
            out[begin + each] = out[begin]
    return bool(found != 0)
