"""The rows of a zoning: every polygon with its zone, class, limiting factor, runner-up and sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.vectors.vector import area_ha
from zoning.land.precedence import LEGAL
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.limits import CLASS_NAMES
from zoning.rules.zone_rules import DECIDED, Zone
from zoning.study.polygon_facts import RESTRICTION_TEXT, Names, missing_words, tell
from zoning.study.polygon_statistics import PolygonStatistics
from zoning.study.sentences import sentence
from zoning.study.study_uncertainty import stability_words
from zoning.uncertainty.polygon_stability import PolygonStability

Codes = npt.NDArray[np.uint8]

LEGAL_BIT = 0x80
"""Added to a zone number on the map of codes where the zone is given by law, so that legal forest is not merged."""

COLUMNS = (
    "zone_id", "municipality", "municipality_name", "zone", "zone_name", "chain", "legal", "area_ha", "class",
    "subclass", "score", "limiting", "limiting_p10", "limiting_p50", "limiting_p90", "limiting_limit", "limiting_gap",
    "second_limiting", "runner_up", "margin", "conflict", "stability", "entropy", "flip_factor", "rule_id",
    "use_conflict", "restriction", "anmi_share", "incomplete", "ruleset_hash", "explanation",
)  # fmt: skip
"""Fields of every polygon, in the order of the files."""


def polygon_frame(
    coverage: gpd.GeoDataFrame,
    statistics: list[PolygonStatistics],
    rules: CompiledRules,
    names: Names,
    *,
    area_crs: str,
    conflict_below: float,
    stabilities: Sequence[PolygonStability] | None = None,
) -> gpd.GeoDataFrame:
    """Give every polygon of a coverage its fields.

    Parameters
    ----------
    coverage
        ``unit``, ``code`` (zone number, with :data:`LEGAL_BIT` where it is given by law) and single Polygons.
    statistics
        One per row of the coverage.
    rules
        That made the cells.
    names
        Words.
    area_crs
        Equal-area system in which every hectare is measured.
    conflict_below
        Margin under which a runner-up of the same class is a conflict.
    stabilities
        One per row of the coverage; ``None`` where nothing was drawn.

    Returns
    -------
    geopandas.GeoDataFrame
        :data:`COLUMNS` and ``geometry``, in the order of the coverage.

    Raises
    ------
    gis.errors.CrsError
        ``area_crs`` is not in metres.
    """
    areas = area_ha(coverage, area_crs).to_numpy()
    counters: dict[str, int] = {}
    rows: list[dict[str, Any]] = []
    for index, (unit, code, found) in enumerate(zip(coverage["unit"], coverage["code"], statistics, strict=True)):
        zone = rules.zone(int(code) & ~LEGAL_BIT)
        legal = bool(int(code) & LEGAL_BIT)
        prefix = f"{unit}-{zone.code}"
        counters[prefix] = counters.get(prefix, 0) + 1
        sure = None if stabilities is None else stabilities[index]
        row = _row(zone, found, rules, names, index=index, legal=legal, conflict_below=conflict_below, sure=sure)
        row["zone_id"] = f"{prefix}-{counters[prefix]:04d}"
        row["municipality"] = str(unit)
        row["municipality_name"] = names.municipalities.get(str(unit), str(unit))
        row["area_ha"] = float(areas[index])
        rows.append(row)
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(_TYPES)
    return gpd.GeoDataFrame(table, geometry=np.asarray(coverage.geometry.array, dtype=object), crs=coverage.crs)


_TEXTS = (
    "limiting", "second_limiting", "runner_up", "flip_factor", "rule_id", "use_conflict", "restriction", "incomplete",
)  # fmt: skip
_FLOATS = (
    "score", "limiting_p10", "limiting_p50", "limiting_p90", "limiting_limit", "limiting_gap", "margin", "stability",
    "entropy", "anmi_share", "area_ha",
)  # fmt: skip
_TYPES: dict[str, Any] = {
    **dict.fromkeys(_TEXTS, "object"),
    **dict.fromkeys(_FLOATS, "float64"),
    "legal": "bool",
    "conflict": "bool",
}


def legal_codes(zone: Codes, flags: Codes, undecided: tuple[int, ...]) -> Codes:
    """Return zone numbers with :data:`LEGAL_BIT` where the law gave the zone, same shape.

    Parameters
    ----------
    zone, flags
        Columns of the cells.
    undecided
        Zones that the law never gives, such as town and water on park land.
    """
    legal = ((flags & LEGAL) > 0) & ~np.isin(zone, undecided)
    return np.where(legal, zone | np.uint8(LEGAL_BIT), zone).astype(np.uint8)


def _row(
    zone: Zone,
    found: PolygonStatistics,
    rules: CompiledRules,
    names: Names,
    *,
    index: int,
    legal: bool,
    conflict_below: float,
    sure: PolygonStability | None,
) -> dict[str, Any]:
    runner_up = rules.zone(found.runner_up) if found.runner_up else None
    conflict = runner_up is not None and found.runner_up_class == found.cls and found.margin < conflict_below
    told = tell(zone, found, rules, names, index=index, legal=legal, conflict=conflict)
    facts, limiting, rated = told.facts, told.limiting, told.rated
    missing = missing_words(zone, found, told, rules)
    number = float("nan")
    decided = zone.role == DECIDED or legal
    facts = replace(facts, stability=stability_words(zone.code, sure, decided=decided))
    name = "SD" if zone.code == "SD" else CLASS_NAMES.get(found.cls, "NR")
    return {
        "zone": zone.code,
        "zone_name": zone.name,
        "chain": zone.chain,
        "legal": legal,
        "class": name,
        "subclass": facts.subclass or name,
        "score": found.score if rated else number,
        "limiting": _key(rules, found.limiting) if rated else None,
        "limiting_p10": limiting.get("p10", number),
        "limiting_p50": limiting.get("p50", number),
        "limiting_p90": limiting.get("p90", number),
        "limiting_limit": limiting.get("limit", number),
        "limiting_gap": limiting.get("gap", number),
        "second_limiting": _key(rules, found.second_limiting) if rated else None,
        "runner_up": runner_up.code if runner_up else None,
        "margin": found.margin,
        "conflict": conflict,
        "stability": sure.stability if sure else number,
        "entropy": sure.entropy if sure else number,
        "flip_factor": sure.flip_factor if sure else None,
        "rule_id": f"{zone.code}/{rules.land_use_types[found.land_use_type].id}" if rated else zone.code,
        "use_conflict": facts.use_conflict or None,
        "restriction": RESTRICTION_TEXT if round(found.restricted_share, 6) > 0 else None,
        "anmi_share": round(found.restricted_share, 6),
        "incomplete": f"incompleto: {', '.join(missing)}" if missing else None,
        "ruleset_hash": rules.ruleset.hash,
        "explanation": sentence(facts),
    }


def _key(rules: CompiledRules, index: int) -> str | None:
    return rules.characteristics[index].key if index >= 0 else None
