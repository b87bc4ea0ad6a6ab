"""The compiled loops that say where cells lie: their municipality, their open gates, and what decides them unrated."""

# ruff: noqa: PLR0917  compiled functions take arguments by position

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from gis.wide_bytes import BYTES, both, choose, either, equal, load, look_up_two, spread, store
from zoning.rating.row_tables import RowTables

Bytes = npt.NDArray[np.uint8]

PROTECTED, COVER, REST, STEEP = range(4)
"""Rows of what the tables say of a block: zone of its protected areas, of its land cover, of what is left; steep."""

LOOKED = 4
"""Rows in all."""

_MUNICIPALITY, _PROTECTED, _BUILT, _COVER, _HIGH, _SLOPE = range(6)
_NONE, _TOP, _ALL = np.uint8(0), np.uint8(128), np.uint8(255)
_WATER, _TOWN, _FOREST, _URBAN = 1, 2, 1, 2


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
def look_up_row(wide: bool, line: Bytes, table: Bytes, target: Bytes, row: int) -> None:
    """Write the byte of a table (1, 256) at each code of ``line`` (1, cells, a multiple of 64) to a row of ``target``.

    ``wide`` is for processors that look up tables of bytes in one instruction; the bytes are the same.
    """
    if not wide:
        found = target[row]
        for j in range(line.shape[1]):
            found[j] = table[0, line[0, j]]
        return
    a, b, c, d = load(table, 0, 0), load(table, 0, 64), load(table, 0, 128), load(table, 0, 192)
    top = spread(_TOP)
    for place in range(0, line.shape[1], BYTES):
        codes = load(line, 0, place)
        store(target, row, place, choose(both(codes, top), look_up_two(c, codes, d), look_up_two(a, codes, b)))


@compiled()
def copy_cells(source: Bytes, row: int, start: int, n: int, target: Bytes, to: int) -> None:
    """Copy ``n`` cells of a row from ``start`` on to the row ``to`` of a block, whose other cells become 0."""
    whole = n // BYTES * BYTES
    for part in range(0, whole, BYTES):
        store(target, to, part, load(source, row, start + part))
    if n < target.shape[1]:
        for j in range(whole, n):
            target[to, j] = source[row, start + j]
        target[to, n:] = 0


@compiled()
def decide_cells(
    start: int, n: int, wide: bool, codes: Bytes, places: Bytes, rows: RowTables, here: Bytes, looked: Bytes,
    fixed: int, inside: int, free: int, left: int, kept: Bytes,
) -> None:  # fmt: skip
    """Write to four rows of ``kept`` what is known of the ``n`` cells of a block before any is rated.

    The zone number of what needs no rating (water, town, parks, forest by law), 0 elsewhere; 255 inside; 255 inside
    where nothing is decided; the zone of what nobody takes. ``here`` and ``looked`` are room to work in: the block's
    own places and the code of its slope, six rows, and :data:`LOOKED` rows.
    """
    for row in range(places.shape[0]):
        copy_cells(places, row, start, n, here, row)
    cover = here[_COVER : _COVER + 1]
    look_up_row(wide, here[_PROTECTED : _PROTECTED + 1], rows.protected.reshape(1, -1), looked, PROTECTED)
    look_up_row(wide, cover, rows.cover.reshape(1, -1), looked, COVER)
    look_up_row(wide, cover, rows.residual.reshape(1, -1), looked, REST)
    for s in range(rows.slope_band.size):
        copy_cells(codes, rows.slope_band[s], start, n, here, _SLOPE)
        look_up_row(wide, here[_SLOPE : _SLOPE + 1], rows.steep.reshape(1, -1), looked, STEEP)
    none, every = spread(_NONE), spread(_ALL)
    water, town = spread(rows.built[_WATER]), spread(rows.built[_TOWN])
    forest, urban = spread(rows.numbers[_FOREST]), spread(rows.numbers[_URBAN])
    for part in range(0, here.shape[1], BYTES):
        built = load(here, _BUILT, part)
        mapped = choose(both(built, spread(np.uint8(_WATER))), water, none)
        mapped = choose(both(built, spread(np.uint8(_TOWN))), town, mapped)
        area = choose(mapped, mapped, load(looked, PROTECTED, part))
        shown = load(looked, COVER, part)
        decided = choose(equal(area, urban), area, choose(shown, shown, area))
        decided = choose(decided, decided, choose(load(looked, STEEP, part), forest, none))
        lies = choose(either(load(here, _MUNICIPALITY, part), load(here, _HIGH, part)), every, none)
        store(kept, fixed, part, both(decided, lies))
        store(kept, inside, part, lies)
        store(kept, free, part, choose(decided, none, lies))
        store(kept, left, part, load(looked, REST, part))
