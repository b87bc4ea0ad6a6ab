"""What would have to change for the next better class: of one land-use type, and of a zone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zoning.rating.point_rating import PointFactor, PointLandUse, PointRating, PointZone
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.limits import CLASS_NAMES, S1, S2, S3, SD, N


def next_class_of(each: PointLandUse) -> dict[str, Any] | None:
    """Say what lifts a land-use type by one class.

    Parameters
    ----------
    each
        A land-use type rated at a point.

    Returns
    -------
    dict or None
        ``class``, the next one, and ``changes``: one for every factor that holds the type where it is, with ``factor,
        title, value, unit, limit`` and ``direction`` (``at_least`` or ``at_most``; ``above`` or ``below`` where the
        limit itself does not do). Of a type without data, ``class`` is ``None`` and the changes name the factors to
        be measured. ``None`` in the best class.
    """
    if each.cls == S1:
        return None
    if each.cls == SD:
        missing = [factor for factor in each.factors if factor.cls == SD and factor.factor.required]
        return {"class": None, "changes": [_measure(factor) for factor in missing]}
    held = [factor for factor in each.factors if factor.cls == each.cls and factor.next_limit is not None]
    return {"class": CLASS_NAMES[each.cls + 1], "changes": [_change(factor) for factor in held]}


def next_class_of_zone(zone: PointZone, rated: PointRating, rules: CompiledRules) -> dict[str, Any] | None:
    """Say which land-use types have to be lifted for a zone to rise by one class.

    A zone speaks by its second-best crop: to rise, as many crops as speak must be in the next class. Those that are
    already count; of the others the best are named, each by its best variant whose gates are open.

    Returns
    -------
    dict or None
        ``class`` and ``land_use_types``, ids whose own next class says what is to be done; ``None`` in the best class,
        where gates are shut and where too few crops can be rated.
    """
    if zone.cls not in {N, S3, S2} or zone.shut_gates:
        return None
    place = [each.code for each in rules.rated_zones].index(zone.zone)
    wanted = zone.cls + 1
    crops = [best for group in rules.baskets[place] if (best := _best([rated.land_use_types[i] for i in group]))]
    crops.sort(key=lambda each: (-each.cls, -each.score, each.land_use_type.id))
    speaks = rules.rated_zones[place].speaks
    if len(crops) < speaks:
        return None
    lifted = [each.land_use_type.id for each in crops[:speaks] if each.cls < wanted]
    return {"class": CLASS_NAMES[wanted], "land_use_types": lifted}


def _best(variants: Sequence[PointLandUse]) -> PointLandUse | None:
    ready = [each for each in variants if not each.shut_gates and each.cls != SD]
    return max(ready, key=lambda each: each.score) if ready else None


def _change(each: PointFactor) -> dict[str, Any]:
    factor = each.factor
    limit = float(each.next_limit) if each.next_limit is not None else float("nan")
    rising = each.value <= limit
    side = factor.limits.low if rising else factor.limits.high
    strict = side is not None and side.strict and limit == side.s3
    direction = ("above" if strict else "at_least") if rising else ("below" if strict else "at_most")
    return {
        "factor": factor.name,
        "title": factor.characteristic.title,
        "value": float(f"{each.value:.7g}"),
        "unit": factor.unit,
        "limit": float(f"{limit:.7g}"),
        "direction": direction,
    }


def _measure(each: PointFactor) -> dict[str, Any]:
    factor = each.factor
    return {
        "factor": factor.name,
        "title": factor.characteristic.title,
        "value": None,
        "unit": factor.unit,
        "limit": None,
        "direction": "measure",
    }
