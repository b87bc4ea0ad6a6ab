"""Overlays rated like any land-use type: class by the worst criterion, a reason, and what was missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoning.rating.reference import rate_factors
from zoning.rules.limits import SD
from zoning.rules.ruleset import Overlay

CHUNK = 65_536
"""Places rated at once, so that memory stays flat."""


@dataclass(frozen=True, kw_only=True)
class OverlayRating:
    """One overlay in many places, each array of shape (N,)."""

    cls: npt.NDArray[np.uint8]
    """Class code; SD where a required criterion is missing."""
    score: npt.NDArray[np.float64]
    """Rank inside the class, 0–1; NaN where SD."""
    limiting: npt.NDArray[np.int64]
    """Index in ``overlay.factors`` of the lowest rating; −1 where none."""
    second_limiting: npt.NDArray[np.int64]
    """Index of the second lowest; −1 where none."""


def missing_criteria(overlay: Overlay, offered: Collection[str]) -> tuple[str, ...]:
    """Return the names of the characteristics that an overlay wants and no layer gives."""
    return tuple(each.characteristic.name for each in overlay.factors if each.characteristic.name not in offered)


def rate_overlay(overlay: Overlay, values: Mapping[str, npt.ArrayLike], *, places: int) -> OverlayRating:
    """Rate an overlay.

    Parameters
    ----------
    overlay
        With its criteria.
    values
        Characteristic name to float values, shape (places,), NaN where missing; a name that is absent is missing
        everywhere: SD if the criterion is required, else the overlay is rated without it.
    places
        How many there are.

    Raises
    ------
    RulesError
        If the overlay has no criterion.
    """
    columns = {name: np.asarray(column, dtype=np.float32) for name, column in values.items()}
    rating = OverlayRating(
        cls=np.full(places, SD, dtype=np.uint8),
        score=np.full(places, np.nan),
        limiting=np.full(places, -1, dtype=np.int64),
        second_limiting=np.full(places, -1, dtype=np.int64),
    )
    for first in range(0, places, CHUNK):
        part = slice(first, min(first + CHUNK, places))
        nothing = {"": np.empty(part.stop - first, dtype=np.float32)}
        rated = rate_factors(nothing | {name: column[part] for name, column in columns.items()}, overlay.factors)
        for name in ("cls", "score", "limiting", "second_limiting"):
            getattr(rating, name)[part] = getattr(rated, name)
    return rating
