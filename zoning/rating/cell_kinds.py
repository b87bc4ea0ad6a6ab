"""Cells of one kind: alike in every class, gate and decision, so that one of them is zoned for all.

Between two class limits or gate limits of the rules no class and no gate changes, whatever the value. Cells whose
values lie between the same limits in every characteristic, and where areas and cover decide the same, have the same
zone, class, runner-up and aptitudes; only scores and limiting factors differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoning.rating.interval_codes import Codes, Floats, representatives

Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int32]

_CODES = 256
_SEED = 20_480


@dataclass(frozen=True, eq=False, kw_only=True)
class Kinds:
    """Which cells of a strip are of one kind."""

    kind: Places
    """Number of each cell's kind, shape (cells,)."""
    first: Places
    """A cell of each kind, shape (kinds,)."""


def class_words(cuts: Mapping[str, Floats], needed: Mapping[str, Floats]) -> dict[str, Keys]:
    """Return a random word for each code of each characteristic, the same for codes between the same limits.

    Parameters
    ----------
    cuts
        Characteristic key to the cut points of its codes.
    needed
        Characteristic key to the limits that the rules compare it with, all of them cut points
        (:func:`zoning.rating.interval_codes.cut_points` with nothing to spare).

    Returns
    -------
    dict
        Characteristic key to uint64 (256,).
    """
    random = np.random.default_rng(_SEED)
    found: dict[str, Keys] = {}
    for key, points in cuts.items():
        words = random.integers(0, 1 << 63, size=_CODES + 1, dtype=np.uint64)
        low, _high = representatives(points)
        run = np.searchsorted(needed[key], low, side="right") + 1
        table = np.zeros(_CODES, dtype=np.uint64)
        table[0] = words[0]
        table[1 : len(low) + 1] = words[run]
        found[key] = table
    return found


def find_kinds(bands: Mapping[str, Codes], places: Places, words: Mapping[str, Keys], other: Keys) -> Kinds:
    """Find which cells of a strip are of one kind. Two kinds are taken for one by a chance of 2⁻⁶⁴ a pair.

    Parameters
    ----------
    bands
        Characteristic key to codes, shape (rows · cols,).
    places
        Where each cell stands in them, shape (cells,).
    words
        From :func:`class_words`.
    other
        What else cells of a kind must have in common, as a number, shape (cells,).
    """
    from zoning.rating.kind_loops import mix_band, number_kinds  # noqa: PLC0415  the compiler is loaded on demand

    # Multiplied by an odd number small numbers spread over all bits.
    keys = (other + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for key, codes in bands.items():
        mix_band(codes, places, words[key], keys)
    size = 1 << max(int(2 * len(places)).bit_length(), 4)
    kind, first = np.empty(len(places), dtype=np.int32), np.empty(len(places), dtype=np.int32)
    count = number_kinds(keys, np.full(size, -1, dtype=np.int32), kind, first)
    return Kinds(kind=kind, first=first[:count].copy())
