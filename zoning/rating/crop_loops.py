"""The compiled loops that find the best crop of every cell: the words of all characteristics, and'ed.

The two loops give the same bytes; the first is for processors that look up tables of bytes in one instruction.
"""

# ruff: noqa: PLR0917  compiled functions take arguments by position

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from gis.wide_bytes import BYTES, add, both, choose, leading_zeros, load, look_up, look_up_two, shift, spread, store
from zoning.rating.aligned_bytes import aligned_bytes

Bytes = npt.NDArray[np.uint8]

BLOCK = 1024
"""Cells looked at together by the plain loop."""

WIDE_BLOCK = 4 * BYTES
"""Cells that share one read of a table."""

TABLE = 2 * BYTES
"""Codes of a table that is looked up in one instruction."""

_ALL, _NONE, _ONE, _EIGHT = np.uint8(255), np.uint8(0), np.uint8(1), 8


@compiled()
def wide_block(codes: Bytes, planes: Bytes, ranks: Bytes, scratch: Bytes, best: Bytes, at: int) -> None:
    """Find the best crops of 256 cells; ``best`` is one row, written from ``at`` on.

    Row ``plane · characteristics + characteristic`` of ``planes`` is a table of 128 bytes: eight bits of the words. The
    rows of ``ranks``: zeros before the highest bit of twice a byte and one, and what each bit of a word stands for.
    """
    bands = codes.shape[0]
    count = planes.shape[0] // bands
    for plane in range(count):
        a = b = c = d = spread(_ALL)
        for band in range(bands):
            row = plane * bands + band
            low, high = load(planes, row, 0), load(planes, row, BYTES)
            a = both(a, look_up_two(low, load(codes, band, 0), high))
            b = both(b, look_up_two(low, load(codes, band, BYTES), high))
            c = both(c, look_up_two(low, load(codes, band, 2 * BYTES), high))
            d = both(d, look_up_two(low, load(codes, band, 3 * BYTES), high))
        store(scratch, plane, 0, a)
        store(scratch, plane, BYTES, b)
        store(scratch, plane, 2 * BYTES, c)
        store(scratch, plane, 3 * BYTES, d)
    first, last, names = load(ranks, 0, 0), load(ranks, 0, BYTES), load(ranks, 1, 0)
    none = spread(_NONE)
    for part in range(0, WIDE_BLOCK, BYTES):
        bits = rank = none
        for plane in range(count - 1, -1, -1):
            here = load(scratch, plane, part)
            bits = choose(here, here, bits)
            rank = choose(here, spread(np.uint8(plane * _EIGHT)), rank)
        rank = add(rank, look_up_two(first, shift(bits, spread(_ONE)), last))
        store(best, 0, at + part, choose(bits, look_up(names, rank), none))


@compiled()
def best_of_planes(codes: Bytes, planes: Bytes, ranks: Bytes, best: Bytes) -> None:
    """Write what the highest bit of each cell's word stands for; codes below 128, rows of cells together in memory."""
    bands, cells = codes.shape
    scratch, x = aligned_bytes(planes.shape[0] // bands, WIDE_BLOCK), aligned_bytes(bands, WIDE_BLOCK)
    tables, found = aligned_bytes(planes.shape[0], TABLE), aligned_bytes(1, WIDE_BLOCK)
    tables[:] = planes
    whole = cells // WIDE_BLOCK * WIDE_BLOCK
    for start in range(0, whole, WIDE_BLOCK):
        for band in range(bands):
            for part in range(0, WIDE_BLOCK, BYTES):
                store(x, band, part, load(codes, band, start + part))
        wide_block(x, tables, ranks, scratch, best, start)
    if whole < cells:
        x[:, : cells - whole] = codes[:, whole:]
        wide_block(x, tables, ranks, scratch, found, 0)
        best[0, whole:] = found[0, : cells - whole]


@compiled()
def best_of_words(codes: Bytes, words: npt.NDArray[np.uint64], names: Bytes, best: Bytes) -> None:
    """Write what the highest bit of each cell's word stands for."""
    bands, cells = codes.shape
    found = np.empty(BLOCK, dtype=np.uint64)
    for start in range(0, cells, BLOCK):
        count = min(BLOCK, cells - start)
        found[:] = ~np.uint64(0)
        for band in range(bands):
            line, table = codes[band, start : start + count], words[band]
            for i in range(count):
                found[i] &= table[line[i]]
        for i in range(count):
            best[start + i] = names[leading_zeros(found[i])]
