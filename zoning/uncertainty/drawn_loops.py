"""The compiled loops that give the values of a draw: measured ones moved, or made from the months anew."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

Floats = npt.NDArray[np.float32]

CHUNK = 4_096
"""Cells whose sum stays near the processor."""


class Drawn(NamedTuple):
    """The values of a block of cells in a draw."""

    base: Floats
    """Characteristics before the draw, NaN where missing, (C, N)."""
    made: Floats
    """Those that the draw makes anew, (D, N)."""
    made_row: npt.NDArray[np.int32]
    """Row of ``made`` that stands in place of each characteristic, −1 for none, (C,)."""
    factor: Floats
    """What the draw multiplies each characteristic with, (C,)."""
    plus: Floats
    """What it then adds, (C,)."""


@compiled()
def value_of(c: int, i: int, drawn: Drawn) -> float:
    """Value of characteristic ``c`` in cell ``i``."""
    if drawn.made_row[c] >= 0:
        made: float = drawn.made[drawn.made_row[c], i]
        return made
    moved: float = drawn.base[c, i] * drawn.factor[c] + drawn.plus[c]
    return moved


@compiled()
def take_values(drawn: Drawn, rows: npt.NDArray[np.int64], cells: npt.NDArray[np.int64]) -> Floats:
    """Return some characteristics of some cells, (rows, cells)."""
    out = np.empty((rows.size, cells.size), dtype=np.float32)
    for r in range(rows.size):
        c = rows[r]
        if drawn.made_row[c] >= 0:
            line, factor, plus = drawn.made[drawn.made_row[c]], np.float32(1), np.float32(0)
        else:
            line, factor, plus = drawn.base[c], drawn.factor[c], drawn.plus[c]
        for j in range(cells.size):
            out[r, j] = line[cells[j]] * factor + plus
    return out


@compiled()
def sum_heat(heat: Floats, days: Floats, shift: float, out: Floats) -> None:
    """Write Σ max(0, heat + shift) · days over months, ``heat`` of shape (months, N) in degC above the base."""
    warmer = np.float32(shift)
    for start in range(0, out.size, CHUNK):
        stop = min(start + CHUNK, out.size)
        out[start:stop] = 0
        for m in range(days.size):
            line, weight = heat[m], days[m]
            for i in range(start, stop):
                out[i] += max(line[i] + warmer, np.float32(0)) * weight
