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
def place_gates(start: int, n: int, places: Bytes, rows: RowTables, gates: npt.NDArray[np.uint32]) -> int:
    """Write the gates that the municipality of each of ``n`` cells may open; return how many cells lie inside."""
    inside = 0
    for j in range(n):
        unit = unit_of(places, start + j)
        inside += 1 if unit > 0 else 0
        gates[j] = rows.municipality_open[unit]
    return inside


@compiled()
def find_gaps(start: int, n: int, codes: Bytes, rows: RowTables, gaps: Bytes) -> None:
    """Write 1 where a value that rates is missing in ``n`` cells from ``start``, else 0."""
    gaps[:n] = rows.read_band.size < rows.column_band.size
    for b in range(rows.read_band.size):
        line = codes[rows.read_band[b], start : start + n]
        for j in range(n):
            gaps[j] |= np.uint8(line[j] == 0)


@compiled()
def look_up_gates(
    start: int, n: int, codes: Bytes, places: Bytes, rows: RowTables, gates: npt.NDArray[np.uint32]
) -> None:
    """Leave open the gates of a place that the codes leave open, and open those that a scenario opens."""
    for b in range(rows.gate_band.size):
        line, opens = codes[rows.gate_band[b], start : start + n], rows.gate_open[b]
        for j in range(n):
            gates[j] &= opens[line[j]]
    for j in range(n):
        gates[j] |= rows.scenario_open[(places[2, start + j] >> 2) & 1]


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
