"""The compiled loops that find the open gates of a block of cells, and where what a crop or a zone asks of them holds.

Rows of bytes hold eight gates each, sixty-four cells at a time.
"""

# ruff: noqa: PLR0917  compiled functions take arguments by position

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from gis.wide_bytes import BYTES, both, choose, equal, load, look_up_two, spread, store
from zoning.rating.place_loops import look_up_gates
from zoning.rating.row_tables import RowTables

Bytes = npt.NDArray[np.uint8]

_ALL, _NONE, _TOP = np.uint8(255), np.uint8(0), np.uint8(128)
_IRRIGATED = 4


@compiled()
def wide_gates(
    start: int, codes: Bytes, gate_band: npt.NDArray[np.int32], gate_planes: Bytes, count: int, gates: Bytes
) -> None:
    """Leave open the gates of a block that the codes leave open: ``count`` rows of ``gates``, eight each."""
    top = spread(_TOP)
    for b in range(gate_band.size):
        for byte in range(count):
            row = b * 4 + byte
            low, next_low = load(gate_planes, row, 0), load(gate_planes, row, 64)
            high, next_high = load(gate_planes, row, 128), load(gate_planes, row, 192)
            for part in range(0, gates.shape[1], BYTES):
                line = load(codes, gate_band[b], start + part)
                above_half = look_up_two(high, line, next_high)
                opens = choose(both(line, top), above_half, look_up_two(low, line, next_low))
                store(gates, byte, part, both(load(gates, byte, part), opens))


@compiled()
def split_gates(words: npt.NDArray[np.uint32], count: int, gates: Bytes) -> None:
    """Write the lowest bytes of words to ``count`` rows."""
    for byte in range(count):
        line = gates[byte]
        for j in range(words.size):
            line[j] = np.uint8(words[j] >> np.uint32(8 * byte))


@compiled()
def open_gates(
    start: int, n: int, codes: Bytes, places: Bytes, wide: bool, rows: RowTables, words: npt.NDArray[np.uint32],
    gates: Bytes,
) -> None:  # fmt: skip
    """Write the open gates of a block to rows of ``gates``; ``words`` holds those that its places may open."""
    count = rows.words.gate_bytes
    if not wide or start + gates.shape[1] > codes.shape[1]:
        look_up_gates(start, n, codes, places, rows, words)
        split_gates(words, count, gates)
        return
    split_gates(words, count, gates)
    wide_gates(start, codes, rows.gate_band, rows.gate_planes, count, gates)
    if rows.scenario_open[1] != 0:
        for byte in range(count):
            opened = np.uint8(rows.scenario_open[1] >> np.uint32(8 * byte))
            for j in range(n):
                gates[byte, j] |= opened if places[2, start + j] & _IRRIGATED else _NONE


@compiled()
def hold_condition(need: int, forbid: int, count: int, gates: Bytes, condition: int, holds: Bytes) -> None:
    """Write 255 to a row of ``holds`` where the gates of a cell are open and shut as they should, else 0."""
    for part in range(0, gates.shape[1], BYTES):
        found = spread(_ALL)
        for byte in range(count):
            wanted, asked = np.uint8(need >> (8 * byte)), np.uint8((need | forbid) >> (8 * byte))
            if asked != 0:
                found = both(found, equal(both(load(gates, byte, part), spread(asked)), spread(wanted)))
        store(holds, condition, part, found)
