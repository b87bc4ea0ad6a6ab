"""Which of up to sixteen crops reaches the best class in every cell: the law of the minimum alone, no rank, no gates.

A word of 64 bits holds what one code of one characteristic allows: a bit for every class and crop, the best class
first and in it the first crop, set where that crop reaches at least that class. The words of all characteristics are
and'ed; the highest bit left says class and crop. A bit that some earlier one always goes with is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.rating.code_ratings import CODES
from zoning.rating.interval_codes import Codes, Floats, limit_cuts, representatives
from zoning.rating.reference import rate_side
from zoning.rules.limits import S1, S2, S3, Limits, N
from zoning.zoning_errors import RulesError

_ = translator("zoning")

MOST_CROPS = 16
"""Crops of one word."""

_WORD = 64

_TABLE = 128
"""Codes that a characteristic has at most: sixteen crops have six limits each on it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CropRows:
    """Limits of crops as words over codes."""

    cuts: Mapping[str, Floats]
    """Characteristic to the cut points of its codes, in the order of the codes."""
    words: npt.NDArray[np.uint64]
    """Shape (characteristics, 256): what each code allows."""
    names: Codes
    """Shape (65,): class code << 4 | crop that the bits stand for, the highest first; 0 where none is left."""
    planes: Codes
    """The words of the first 128 codes in bytes, highest first, shape (bytes in use · characteristics, 128)."""
    ranks: Codes
    """Shape (2, 128): zeros above the highest bit of 2·i + 1 in a byte, and the first of ``names``."""


def crop_rows(crops: Sequence[Mapping[str, Limits]], keys: Sequence[str]) -> CropRows:
    """Turn the limits of crops into words.

    Parameters
    ----------
    crops
        For each crop, characteristic to limits; every value is required.
    keys
        Characteristics in the order of the codes.

    Raises
    ------
    RulesError
        There are more than sixteen crops, no characteristic, or a crop without limits.
    """
    if len(crops) > MOST_CROPS or not keys or not all(crops):
        raise RulesError(
            _("{crops} cultivos y {layers} características").format(crops=len(crops), layers=len(keys)),
            expected=_("Se esperaban a lo sumo {crops} cultivos, con límites").format(crops=MOST_CROPS),
        )
    bits = [(code, crop) for code in (S1, S2, S3, N) for crop in range(len(crops))]
    cuts = {key: limit_cuts([crop[key] for crop in crops if key in crop]) for key in keys}
    classes = np.full((len(crops), len(keys), CODES), S1)
    for number, crop in enumerate(crops):
        for row, key in enumerate(keys):
            if key in crop:
                classes[number, row] = _classes(crop[key], cuts[key])
    bits = _telling(bits, classes)
    words = np.zeros((len(keys), CODES), dtype=np.uint64)
    for place, (code, number) in enumerate(bits):
        words |= (classes[number] >= code).astype(np.uint64) << np.uint64(_WORD - 1 - place)
    names = np.zeros(_WORD + 1, dtype=np.uint8)
    names[: len(bits)] = [code << 4 | number for code, number in bits]
    zeros = [8 - (2 * number + 1).bit_length() for number in range(_TABLE)]
    used = -(-len(bits) // 8)
    planes = words[:, :_TABLE].astype(">u8").view(np.uint8).reshape(len(keys), _TABLE, 8)[:, :, :used]
    return CropRows(
        cuts=cuts,
        words=words,
        names=names,
        planes=np.ascontiguousarray(planes.transpose(2, 0, 1)).reshape(-1, _TABLE),
        ranks=np.array([zeros, [*names[:_WORD], *[0] * _WORD]], dtype=np.uint8),
    )


def _telling(bits: Sequence[tuple[int, int]], classes: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return the bits that can be the highest of a word: one whose every code also sets an earlier one never is."""
    kept: list[tuple[int, int]] = []
    for code, number in bits:
        own = classes[number] >= code
        if not any((own <= (classes[other] >= before)).all() for before, other in kept):
            kept.append((code, number))
    return kept


def _classes(limits: Limits, cuts: Floats) -> npt.NDArray[np.int64]:
    """Return the class of every code, shape (256,); SD where missing, and for codes not in use."""
    low, _high = representatives(cuts)
    found = np.zeros(CODES, dtype=np.int64)
    sides = [side for side in (limits.low, limits.high) if side is not None]
    found[1 : len(low) + 1] = np.min([rate_side(low, side)[1] for side in sides], axis=0)
    return found


def best_crops(codes: Codes, rows: CropRows, *, wide: bool | None = None, out: Codes | None = None) -> Codes:
    """Say of every cell which crop reaches the best class, the first of equals. Releases the interpreter lock.

    Parameters
    ----------
    codes
        uint8 (characteristics, N): interval codes (:func:`zoning.rating.interval_codes.encode`), 0 where missing.
    rows
        From :func:`crop_rows`.
    wide
        Whether to take sixty-four cells at a time; ``None`` does where the processor can. The answer is the same.
    out
        uint8 (N,), cells together in memory: where to write the answer; ``None`` makes a new array.

    Returns
    -------
    numpy.ndarray
        uint8 (N,): class code << 4 | number of the crop; 0 where every crop misses a value.

    Raises
    ------
    RulesError
        The codes are not those of the rows.
    """
    from gis.wide_bytes import usable  # noqa: PLC0415  the compiler is paid for by who computes
    from zoning.rating.crop_loops import best_of_planes, best_of_words  # noqa: PLC0415  as above

    if codes.ndim != 2 or codes.shape[0] != len(rows.cuts) or codes.dtype != np.uint8:  # noqa: PLR2004  bands, cells
        raise RulesError(
            _("Códigos de forma {shape} y tipo {kind}").format(shape=codes.shape, kind=codes.dtype),
            expected=_("Se esperaban {count} filas de tipo uint8").format(count=len(rows.cuts)),
        )
    best: Codes = np.empty(codes.shape[1], dtype=np.uint8) if out is None else out
    if usable() if wide is None else wide:
        lying = codes if codes.strides[1] == 1 else np.ascontiguousarray(codes)
        best_of_planes(lying, rows.planes, rows.ranks, best.reshape(1, -1))
    else:
        best_of_words(codes, rows.words, rows.names, best)
    return best
