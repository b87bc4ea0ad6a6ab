"""The compiled loops that say where cells lie: their municipality, their open gates, and what decides them unrated."""

# ruff: noqa: PLR0917  compiled functions take arguments by position

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from zoning.rating.row_tables import RowTables

Bytes = npt.NDArray[np.uint8]

_HIGH = 4


@compiled()
def unit_of(places: Bytes, cell: int) -> np.int64:
    """Return the number of the municipality of a cell, 0 outside: one byte, or two where there is a fifth row."""
    low = np.int64(places[0, cell])
    return low if places.shape[0] <= _HIGH else low + (np.int64(places[_HIGH, cell]) << 8)


@compiled()
def look_up_gates(
    start: int, n: int, codes: Bytes, places: Bytes, rows: RowTables, gates: npt.NDArray[np.uint32], gaps: Bytes,
) -> int:  # fmt: skip
    """Find the open gates of ``n`` cells from ``start`` and where a value is missing; return how many lie inside."""
    inside = 0
    for j in range(n):
        unit = unit_of(places, start + j)
        inside += 1 if unit > 0 else 0
        gates[j] = rows.municipality_open[unit]
        gaps[j] = rows.read_band.size < rows.column_band.size
    if inside == 0:
        return 0
    for b in range(rows.gate_band.size):
        line, opens = codes[rows.gate_band[b]][start : start + n], rows.gate_open[b]
        for j in range(n):
            gates[j] &= opens[line[j]]
    for b in range(rows.read_band.size):
        line = codes[rows.read_band[b]][start : start + n]
        for j in range(n):
            gaps[j] |= np.uint8(line[j] == 0)
    for j in range(n):
        gates[j] |= rows.scenario_open[(places[2, start + j] >> 2) & 1]
    return inside


@compiled()
def decide_cells(start: int, n: int, codes: Bytes, places: Bytes, rows: RowTables, fixed: Bytes) -> None:
    """Write the zone number of what needs no rating (water, town, parks, forest by law) in ``n`` cells, 0 elsewhere."""
    for j in range(n):
        kept, built = rows.protected[places[1, start + j]], rows.built[places[2, start + j] & 3]
        kept, cover = built if built != 0 else kept, rows.cover[places[3, start + j]]
        fixed[j] = cover if cover != 0 and kept != rows.numbers[2] else kept
    for s in range(rows.slope_band.size):
        line = codes[rows.slope_band[s]]
        for j in range(n):
            if fixed[j] == 0 and rows.steep[line[start + j]] != 0:
                fixed[j] = rows.numbers[1]
