"""The compiled loops that turn values into codes with the position inside them, and back; see ``positions``."""

# ruff: noqa: PLR0917  compiled functions take their arguments by position

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int32]

_LAST = np.float32(254)


@compiled()
def extremes(values: Floats) -> tuple[np.float32, np.float32]:
    """Return the smallest and the largest finite value; 0 and 0 where there is none."""
    low, high = np.float32(np.inf), np.float32(-np.inf)
    for i in range(values.size):
        value = values[i]
        if np.isfinite(value):
            low, high = min(low, value), max(high, value)
    if low > high:
        return np.float32(0), np.float32(0)
    return low, high


@compiled()
def encode_cells(
    values: Floats, places: Places, cuts: Floats, first: npt.NDArray[np.int32], begin: Floats, scale: Floats,
    codes: Bytes, positions: Bytes,
) -> None:  # fmt: skip
    """Write the code of every value where its cell stands, and the difference of its position from that before it.

    ``begin`` and ``scale`` say where each code begins and how many parts one unit has there.
    """
    count = cuts.size
    low, high = np.float32(0), np.float32(0)
    if count:
        low, high = cuts[0], cuts[count - 1]
    steps = first.size / (np.float64(high) - np.float64(low)) if high > low else 0.0
    before = 0
    for i in range(values.size):
        value = values[i]
        code = 0
        if np.isnan(value):
            code = 0
        elif count == 0 or value < low:
            code = 1
        elif value >= high:
            code = count + 1
        else:
            code = first[min(int((np.float64(value) - np.float64(low)) * steps), first.size - 1)]
            while cuts[code] <= value:
                code += 1
            code += 1
        codes[places[i]] = np.uint8(code)
        position = 0
        if code != 0 and value > begin[code]:
            part = (value - begin[code]) * scale[code]
            position = 1 + (int(part) if part < _LAST else 254)
        positions[i] = np.uint8((position - before) & 255)
        before = position


@compiled()
def add_up(differences: Bytes, positions: Bytes) -> None:
    """Turn differences into positions."""
    position = 0
    for i in range(differences.size):
        position = (position + differences[i]) & 255
        positions[i] = np.uint8(position)


@compiled()
def decode_cells(
    codes: Bytes, places: Places, positions: Bytes, begin: Floats, step: Floats, end: Floats, out: Floats,
) -> None:  # fmt: skip
    """Write the value of every cell, NaN where it is missing; it lies in its code's interval whatever the rounding."""
    half = np.float32(0.5)
    for i in range(places.size):
        code = codes[places[i]]
        value = min(begin[code] + (np.float32(positions[i]) - half) * step[code], end[code])
        out[i] = begin[code] if positions[i] == 0 else value


@compiled()
def decode_chosen(
    codes: Bytes, places: Places, positions: Bytes, chosen: Places, begin: Floats, step: Floats, end: Floats,
    out: Floats,
) -> None:  # fmt: skip
    """Write the values of the chosen cells only, as :func:`decode_cells` does."""
    half = np.float32(0.5)
    for i in range(chosen.size):
        cell = chosen[i]
        code = codes[places[cell]]
        value = min(begin[code] + (np.float32(positions[cell]) - half) * step[code], end[code])
        out[i] = begin[code] if positions[cell] == 0 else value
