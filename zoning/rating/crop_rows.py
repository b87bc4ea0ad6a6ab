"""Class of up to sixteen crops at once, and which does best: the law of the minimum alone, no rank, no gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.rating.code_ratings import CLASS_SHIFT, CODES, rating_words
from zoning.rating.interval_codes import Codes, Floats, limit_cuts, representatives
from zoning.rating.reference import rate_side
from zoning.rating.row_tables import LANES, NEUTRAL
from zoning.rules.limits import Limits
from zoning.zoning_errors import RulesError

_ = translator("zoning")

MOST_LAYERS = 10
"""Characteristics that are taken together."""

_CLASS_BITS, _PLACES = 13, 0x3FF


@dataclass(frozen=True, eq=False, kw_only=True)
class CropRows:
    """Limits of crops as rows over codes."""

    cuts: Mapping[str, Floats]
    """Characteristic to the cut points of its codes, in the order of the codes."""
    table: npt.NDArray[np.uint16]
    """Shape (10, 256, 16): ``class << 13 | place in it << 4 | layer`` of every code for every crop; class 0 is SD."""


def crop_rows(crops: Sequence[Mapping[str, Limits]], keys: Sequence[str]) -> CropRows:
    """Turn the limits of crops into rows.

    Parameters
    ----------
    crops
        For each crop, characteristic to limits; every value is required.
    keys
        Characteristics in the order of the codes.

    Raises
    ------
    RulesError
        There are more than sixteen crops or ten characteristics, a crop has no limits, or a characteristic has more
        than 254.
    """
    if len(crops) > LANES or not 0 < len(keys) <= MOST_LAYERS or not all(crops):
        raise RulesError(
            _("{crops} cultivos y {layers} características").format(crops=len(crops), layers=len(keys)),
            expected=_("Se esperaban a lo sumo {crops} y {layers}").format(crops=LANES, layers=MOST_LAYERS),
        )
    table = np.full((MOST_LAYERS, CODES, LANES), NEUTRAL, dtype=np.uint16)
    cuts = {}
    for layer, key in enumerate(keys):
        cuts[key] = limit_cuts([crop[key] for crop in crops if key in crop])
        low, _high = representatives(cuts[key])
        for lane, crop in enumerate(crops):
            if key in crop:
                sides = [side for side in (crop[key].low, crop[key].high) if side is not None]
                mu = np.min([rate_side(low, side)[0] for side in sides], axis=0)
                table[layer, 0, lane] = layer  # a rating of 0 is SD, and the slot says what is missing
                table[layer, 1 : len(low) + 1, lane] = _with_class(rating_words(mu.astype(np.float32))) | layer
    # Crops that are not there lose against every other.
    table[:, :, len(crops) :] = 0
    return CropRows(cuts=cuts, table=table)


def _with_class(words: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
    """Return ratings with the class itself, not one less, in three bits, and nine bits of the place inside it."""
    wide = words.astype(np.int64)
    return ((wide >> CLASS_SHIFT) + 1) << _CLASS_BITS | ((wide >> 4 & _PLACES) >> 1) << 4


def best_crops(codes: Codes, rows: CropRows) -> tuple[Codes, Codes]:
    """Say of every cell which crop reaches the best class, the first of equals, and what limits it.

    Parameters
    ----------
    codes
        uint8 (characteristics, N): interval codes (:func:`zoning.rating.interval_codes.encode`), 0 where missing.
    rows
        From :func:`crop_rows`.

    Returns
    -------
    tuple
        uint8 (N,): class code << 4 | number of the crop; and uint8 (N,): number of the characteristic that limits it,
        or that is missing.

    Raises
    ------
    RulesError
        The codes are not those of the rows.
    """
    from zoning.rating.crop_loops import best_of_rows  # noqa: PLC0415  the compiler is paid for by who computes

    if codes.ndim != 2 or codes.shape[0] != len(rows.cuts) or codes.dtype != np.uint8:  # noqa: PLR2004  bands, cells
        raise RulesError(
            _("Códigos de forma {shape} y tipo {kind}").format(shape=codes.shape, kind=codes.dtype),
            expected=_("Se esperaban {count} filas de tipo uint8").format(count=len(rows.cuts)),
        )
    best, limiting = (np.empty(codes.shape[1], dtype=np.uint8) for _each in range(2))
    best_of_rows(codes, rows.table, best, limiting)
    return best, limiting
