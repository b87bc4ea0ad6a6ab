"""Older parametric indices, for comparison with the law of the minimum; they never set a class."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gis.errors import InputError
from gis.messages import translator

_ = translator("zoning")


def storie(ratings: Sequence[float]) -> float:
    """Storie index of ratings 0–100: the product of their shares, 0–100 (Storie 1933).

    Raises
    ------
    InputError
        If there is no rating.

    Examples
    --------
    >>> round(storie([95, 85, 60, 90]), 3)
    43.605
    """
    if not ratings:
        raise InputError(_("Ninguna calificación"), expected=_("Se esperaba al menos una, de 0 a 100"))
    return 100.0 * math.prod(rating / 100.0 for rating in ratings)


def khiddir(ratings: Sequence[float]) -> float:
    """Square-root index of ratings 0–100: the worst times the root of the product of the others (Khiddir 1986).

    Raises
    ------
    InputError
        If there is no rating.

    Examples
    --------
    >>> round(khiddir([95, 85, 60, 90]), 4)
    51.1498
    """
    if not ratings:
        raise InputError(_("Ninguna calificación"), expected=_("Se esperaba al menos una, de 0 a 100"))
    worst, *others = sorted(ratings)
    return worst * math.sqrt(math.prod(rating / 100.0 for rating in others))
