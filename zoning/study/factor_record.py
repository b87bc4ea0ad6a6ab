"""One factor at one point as JSON knows it."""

from __future__ import annotations

import math
from typing import Any

from zoning.rating.point_rating import PointFactor
from zoning.rules.limits import CLASS_NAMES, Limits, Side


def factor_record(each: PointFactor) -> dict[str, Any]:
    """Return a factor at a point: value, limits, class, source, and what the next class would take."""
    factor = each.factor
    return {
        "name": factor.name,
        "characteristic": factor.characteristic.key,
        "title": factor.characteristic.title,
        "value": json_number(each.value),
        "unit": factor.unit,
        "limits": _limits(factor.limits),
        "class": CLASS_NAMES[each.cls],
        "score": json_number(each.score),
        "source": factor.source,
        "weight": factor.weight,
        "required": factor.required,
        "flagged": factor.flagged,
        "next_class_limit": each.next_limit,
        "next_class_gap": None if each.next_limit is None else json_number(each.next_limit - each.value),
    }


def _limits(limits: Limits) -> dict[str, Any]:
    return {name: _side(side) for name, side in (("low", limits.low), ("high", limits.high)) if side is not None}


def _side(side: Side) -> dict[str, Any]:
    return {"s3": json_number(side.s3), "s2": json_number(side.s2), "s1": json_number(side.s1), "strict": side.strict}


def json_number(value: float) -> float | None:
    """Return a number as JSON knows it, seven digits long, ``None`` where it is missing."""
    return float(f"{value:.7g}") if math.isfinite(value) else None
