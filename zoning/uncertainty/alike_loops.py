"""The compiled loops that find cells alike: those that lie between the same limits of a draw in every characteristic.

A zone asks for classes, gates and the order only, never for the place inside a class. So of all cells alike one is
zoned, and its zone is theirs. Values stand in steps of their range in the block, so that the limits of a draw become a
table over the steps; cells stand in runs of similar ones, so that a table mostly says the same of a whole run.
"""

# ruff: noqa: PLR0917  compiled functions take arguments by position

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gis.jit import compiled
from zoning.uncertainty.drawn_loops import Drawn

STEPS = 16_383
"""Steps of a characteristic in a block; 0 is a missing value."""

RUN = 64
"""Cells that are looked at together."""

Floats = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint16]
Keys = npt.NDArray[np.uint64]

_MIX_A, _MIX_B, _MIX_C = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _32, _40 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32), np.uint64(40)
_ZERO, _ONE = np.uint64(0), np.uint64(1)
_EMPTY = -1


class Steps(NamedTuple):
    """The characteristics of a block in steps."""

    step: Words
    """Step of every value, 0 where missing, (C, N)."""
    low: Floats
    """Value of step 1, (C,)."""
    width: Floats
    """From one step to the next, (C,)."""
    run_low: Words
    """Smallest step of each run of cells, (C, runs)."""
    run_high: Words
    """Largest."""


class Limits(NamedTuple):
    """The class limits of a draw; ``start[c]:start[c + 1]`` are those of characteristic ``c``, rising."""

    start: npt.NDArray[np.int32]
    """Where the limits of each characteristic begin, and where the last ones end, (C + 1,)."""
    value: Floats
    """In the unit of the characteristic."""
    above: npt.NDArray[np.uint8]
    """1 where the limit itself still belongs to what lies below."""


@compiled()
def mixed(word: np.uint64) -> np.uint64:
    """Return a well-spread 64-bit word (splitmix64, Steele, Lea and Flood 2014)."""
    x = word * _MIX_A + _MIX_A
    x = (x ^ (x >> _30)) * _MIX_B
    x = (x ^ (x >> _27)) * _MIX_C
    return x ^ (x >> _31)


@compiled()
def place_keys(gates: npt.NDArray[np.uint32], decided: npt.NDArray[np.uint8], residual: npt.NDArray[np.uint8],
               out: Keys) -> None:  # fmt: skip
    """Write a key of what is known of each cell besides its values."""
    for i in range(gates.size):
        out[i] = mixed(np.uint64(gates[i]) | np.uint64(decided[i]) << _32 | np.uint64(residual[i]) << _40)


@compiled()
def put_in_steps(base: Floats, out: Words, low: Floats, width: Floats, run_low: Words, run_high: Words) -> None:
    """Fill the arrays of :class:`Steps`."""
    rows, cells = base.shape
    for c in range(rows):
        least, most = np.float32(np.inf), np.float32(-np.inf)
        for i in range(cells):
            if not np.isnan(base[c, i]):
                least, most = min(least, base[c, i]), max(most, base[c, i])
        low[c] = least if least <= most else np.float32(0)
        width[c] = (most - least) / np.float32(STEPS - 1) if least < most else np.float32(0)
        scale = 1.0 / np.float64(width[c]) if width[c] > 0 else 0.0
        for i in range(cells):
            value = base[c, i]
            far = 0.0 if np.isnan(value) else (np.float64(value) - np.float64(low[c])) * scale
            out[c, i] = np.uint16(0 if np.isnan(value) else min(int(far + 0.5) + 1, STEPS))
        for r in range(run_low.shape[1]):
            least_step, most_step = out[c, r * RUN], out[c, r * RUN]
            for i in range(r * RUN, min((r + 1) * RUN, cells)):
                least_step, most_step = min(least_step, out[c, i]), max(most_step, out[c, i])
            run_low[c, r], run_high[c, r] = least_step, most_step


@compiled()
def fill_table(c: int, steps: Steps, factor: np.float32, plus: np.float32, limits: Limits, table: Words) -> None:
    """Write how many limits each step of characteristic ``c`` reaches in a draw; a missing value reaches one more."""
    first, last = limits.start[c], limits.start[c + 1]
    low, width = steps.low[c], steps.width[c]
    table[0] = last - first + 1
    begin = 1
    for k in range(first, last):
        limit, above = limits.value[k], limits.above[k]
        start, stop = begin, STEPS + 1
        while start < stop:
            middle = (start + stop) // 2
            value = (low + np.float32(middle - 1) * width) * factor + plus
            if value > limit or (value == limit and above == 0):
                stop = middle
            else:
                start = middle + 1
        table[begin:start] = k - first
        begin = start
    table[begin : STEPS + 1] = last - first


@compiled()
def add_steps(
    c: int, steps: Steps, table: Words, words: Keys, run_keys: Keys, keys: Keys, apart: npt.NDArray[np.uint8],
) -> None:  # fmt: skip
    """Add a characteristic to the keys: of a whole run where it lies between two limits, else of each of its cells."""
    for r in range(apart.size):
        low, high = steps.run_low[c, r], steps.run_high[c, r]
        if table[low] == table[high] and (low > 0 or high == 0):
            run_keys[r] += words[table[low]]
        else:
            apart[r] = 1
            for i in range(r * RUN, min((r + 1) * RUN, keys.size)):
                keys[i] += words[table[steps.step[c, i]]]


@compiled()
def add_values(
    values: Floats, first: int, last: int, limits: Limits, words: Keys, run_keys: Keys, keys: Keys,
    apart: npt.NDArray[np.uint8],
) -> None:  # fmt: skip
    """Add a characteristic that the draw makes anew; its limits are those from ``first`` to ``last``."""
    for r in range(apart.size):
        start, stop = r * RUN, min((r + 1) * RUN, keys.size)
        least, most, missing = values[start], values[start], 0
        for i in range(start, stop):
            least, most = min(least, values[i]), max(most, values[i])
            missing += np.isnan(values[i])
        low = reached_by(least, first, last, limits)
        if missing == 0 and low == reached_by(most, first, last, limits):
            run_keys[r] += words[low]
        else:
            apart[r] = 1
            for i in range(start, stop):
                keys[i] += words[reached_by(values[i], first, last, limits)]


@compiled()
def reached_by(value: float, first: int, last: int, limits: Limits) -> int:
    """Return how many limits a value reaches; a missing one reaches one more than there are."""
    if np.isnan(value):
        return last - first + 1
    reached = 0
    for k in range(first, last):
        reached += value > limits.value[k] or (value == limits.value[k] and limits.above[k] == 0)
    return reached


@compiled()
def find_alike(
    steps: Steps, drawn: Drawn, limits: Limits, places: Keys, mixed_runs: npt.NDArray[np.uint8], keys: Keys,
    like: npt.NDArray[np.int32], first: npt.NDArray[np.int64],
) -> int:  # fmt: skip
    """Give cells alike one number, in ``like``, and keep the first of each in ``first``; return how many kinds.

    ``mixed_runs`` marks the runs whose cells have different ``places``.
    """
    apart, run_keys = mixed_runs.copy(), np.zeros(mixed_runs.size, dtype=np.uint64)
    keys[:] = places
    table = np.empty(STEPS + 1, dtype=np.uint16)
    for c in range(drawn.factor.size):
        begin, end = limits.start[c], limits.start[c + 1]
        words = np.empty(end - begin + 2, dtype=np.uint64)
        for k in range(words.size):
            words[k] = mixed(np.uint64(c) << _32 | np.uint64(k) | _ONE << _40)
        if drawn.made_row[c] >= 0:
            add_values(drawn.made[drawn.made_row[c]], begin, end, limits, words, run_keys, keys, apart)
        else:
            fill_table(c, steps, drawn.factor[c], drawn.plus[c], limits, table)
            add_steps(c, steps, table, words, run_keys, keys, apart)
    return number_kinds(run_keys, keys, apart, like, first)


@compiled()
def number_kinds(
    run_keys: Keys, keys: Keys, apart: npt.NDArray[np.uint8], like: npt.NDArray[np.int32],
    first: npt.NDArray[np.int64],
) -> int:  # fmt: skip
    """Give cells of equal keys equal numbers, in the order of their first cells; a key is a run's and a cell's."""
    cells, size = keys.size, 1
    while size < 2 * cells:
        size *= 2
    mask = np.uint64(size - 1)
    slots = np.full(size, _EMPTY, dtype=np.int32)
    count = 0
    for r in range(apart.size):
        start, stop = r * RUN, min((r + 1) * RUN, cells)
        kind = _EMPTY
        for i in range(start, stop):
            if i > start and (apart[r] == 0 or keys[i] + run_keys[r] == keys[i - 1]):
                like[i] = kind
                keys[i] = keys[i - 1]
                continue
            keys[i] += run_keys[r]
            slot = keys[i] & mask
            while slots[slot] != _EMPTY and keys[first[slots[slot]]] != keys[i]:
                slot = (slot + _ONE) & mask
            if slots[slot] == _EMPTY:
                slots[slot] = count
                first[count] = i
                count += 1
            kind = slots[slot]
            like[i] = kind
    return count
