"""Why a place is as apt as it is for each overlay: every criterion with its value, limits and source."""

from __future__ import annotations

import math
from typing import Any

from zoning.land.overlay_land import OverlayLand
from zoning.rating.overlay_rating import rate_overlay
from zoning.rating.point_rating import rate_one
from zoning.rules.limits import CLASS_NAMES
from zoning.rules.ruleset import Overlay
from zoning.study.aptitude import incomplete_words
from zoning.study.factor_record import factor_record, json_number


def explain_overlays(overlays: tuple[Overlay, ...], land: OverlayLand, *, row: int, col: int) -> list[dict[str, Any]]:
    """Return the overlays of one cell of the run, JSON-ready.

    Parameters
    ----------
    overlays
        Of the ruleset.
    land
        Measures them.
    row, col
        Cell of the run.

    Returns
    -------
    list of dict
        ``overlay, name, chain, class, score, limiting, second_limiting, incomplete`` (Spanish words of the criteria
        without a layer) and ``factors``, each with ``name, characteristic, title, value, unit, limits, class, score,
        source, required`` and the limit of the next class. A number that is not known is ``None``.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged.
    """
    names = tuple({each.characteristic.name for overlay in overlays for each in overlay.factors})
    values = land.at(names, row, col)
    return [_overlay(each, land, values) for each in overlays]


def _overlay(overlay: Overlay, land: OverlayLand, values: dict[str, float]) -> dict[str, Any]:
    rated = rate_overlay(overlay, {name: [value] for name, value in values.items()}, places=1)
    first, second = int(rated.limiting[0]), int(rated.second_limiting[0])
    return {
        "overlay": overlay.code,
        "name": overlay.name,
        "chain": overlay.chain,
        "class": CLASS_NAMES[int(rated.cls[0])],
        "score": json_number(float(rated.score[0])),
        "limiting": overlay.factors[first].name if first >= 0 else None,
        "second_limiting": overlay.factors[second].name if second >= 0 else None,
        "incomplete": list(incomplete_words(overlay, land)),
        "factors": [
            factor_record(rate_one(each, values.get(each.characteristic.name, math.nan))) for each in overlay.factors
        ],
    }
