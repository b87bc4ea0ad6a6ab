"""The rows of a zoning: every polygon with its zone, class, limiting factor, runner-up and sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.vectors.vector import area_ha
from zoning.land.precedence import LEGAL, PRESENT_USES
from zoning.rules.characteristic import QUANTITIES
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.limits import CLASS_NAMES, NR, S1, SD, N
from zoning.rules.zone_rules import DECIDED, RESIDUAL, Zone
from zoning.study.polygon_statistics import PolygonStatistics
from zoning.study.sentences import Limitation, SentenceFacts, sentence, spanish_share

Codes = npt.NDArray[np.uint8]

LEGAL_BIT = 0x80
"""Added to a zone number on the map of codes where the zone is given by law, so that legal forest is not merged."""

RESTRICTION_TEXT = "sin nuevos desmontes"

COLUMNS = (
    "zone_id", "municipality", "municipality_name", "zone", "zone_name", "chain", "legal", "area_ha", "class",
    "subclass", "score", "limiting", "limiting_p10", "limiting_p50", "limiting_p90", "limiting_limit", "limiting_gap",
    "second_limiting", "runner_up", "margin", "conflict", "stability", "entropy", "flip_factor", "rule_id",
    "use_conflict", "restriction", "anmi_share", "incomplete", "ruleset_hash", "explanation",
)  # fmt: skip
"""Fields of every polygon, in the order of the files."""

FOREST_ON_FARMLAND, CROPS_ON_WILDLAND = 0.25, 0.05
"""Mapped forest in a productive zone, and mapped crops in one that is not, from these shares on are a use conflict
(supuesto)."""

_LETTERS_OF_CLASS = 3
_NEXT = {1: "S3", 2: "S2", 3: "S1"}


@dataclass(frozen=True, kw_only=True)
class Names:
    """Words that the sentences need."""

    municipalities: Mapping[str, str]
    """Code to name."""
    crops: Mapping[str, str]
    """Crop id to Spanish name."""
    protected: Mapping[int, str]
    """Row of the coverage to the protected areas that decide or restrict it."""
    missing_layers: tuple[str, ...] = ()
    """Prepared layers that are not there."""


def polygon_frame(
    coverage: gpd.GeoDataFrame,
    statistics: list[PolygonStatistics],
    rules: CompiledRules,
    names: Names,
    *,
    area_crs: str,
    conflict_below: float,
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
        row = _row(zone, found, rules, names, index=index, legal=legal, conflict_below=conflict_below)
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
) -> dict[str, Any]:
    rated = found.cls not in {NR, SD} and found.land_use_type >= 0
    runner_up = rules.zone(found.runner_up) if found.runner_up else None
    conflict = runner_up is not None and found.runner_up_class == found.cls and found.margin < conflict_below
    limiting = _limiting(found, rules) if rated else {}
    facts = _facts(zone, found, rules, rated=rated, conflict=conflict)
    if rated:
        facts = replace(facts, limitation=_limitation(found, rules, names, limiting))
    else:
        uncovered = zone.code == rules.ruleset.cover.unknown_zone
        reason = _reason(zone, found, names, index=index, legal=legal, uncovered=uncovered)
        facts = replace(facts, reason=reason)
    number = float("nan")
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
        "stability": number,
        "entropy": number,
        "flip_factor": None,
        "rule_id": f"{zone.code}/{rules.land_use_types[found.land_use_type].id}" if rated else zone.code,
        "use_conflict": facts.use_conflict or None,
        "restriction": facts.restriction or None,
        "anmi_share": round(found.restricted_share, 6),
        "incomplete": f"incompleto: {', '.join(facts.incomplete)}" if facts.incomplete else None,
        "ruleset_hash": rules.ruleset.hash,
        "explanation": sentence(facts),
    }


def _facts(zone: Zone, found: PolygonStatistics, rules: CompiledRules, *, rated: bool, conflict: bool) -> SentenceFacts:
    restricted = found.restricted_share > 0 and zone.code not in {"URB", "AGUA"}
    common = SentenceFacts(
        zone_name=zone.name,
        subclass="",
        limitation=None,
        class_share=found.class_share,
        runner_up_name=rules.zone(found.runner_up).name if found.runner_up else "",
        conflict=conflict,
        restriction=RESTRICTION_TEXT if restricted else "",
        restriction_share=found.restricted_share,
        use_conflict=_use_conflict(zone, found),
    )
    if not rated:
        return common
    second = rules.characteristics[found.second_limiting].quantity.title if found.second_limiting >= 0 else ""
    # Titles bear their article, which a bare noun after "sin dato de" must not.
    missing = (QUANTITIES[name].title.split(" ", 1)[1] for name in rules.incomplete_names(found.incomplete))
    return replace(common, subclass=_subclass(found, rules), second_title=second, incomplete=tuple(missing))


def _limiting(found: PolygonStatistics, rules: CompiledRules) -> dict[str, float]:
    low, middle, high = found.limiting_values
    factor = rules.factor_of(found.land_use_type, found.limiting)
    limit = factor.limits.next_class_at(middle, found.cls) if factor is not None else None
    numbers = {"p10": low, "p50": middle, "p90": high}
    if limit is not None:
        numbers |= {"limit": limit, "gap": limit - middle}
    return numbers


def _limitation(
    found: PolygonStatistics, rules: CompiledRules, names: Names, limiting: Mapping[str, float]
) -> Limitation | None:
    if found.limiting < 0 or not math.isfinite(limiting["p50"]):
        return None
    kind = rules.land_use_types[found.land_use_type]
    measured = rules.characteristics[found.limiting]
    return Limitation(
        crop=names.crops.get(kind.crop, kind.crop),
        irrigated=kind.water == "irrigated",
        title=measured.quantity.title,
        value=limiting["p50"],
        unit=measured.unit,
        limit=limiting.get("limit"),
        next_class=_NEXT.get(found.cls) if "limit" in limiting else None,
    )


def _subclass(found: PolygonStatistics, rules: CompiledRules) -> str:
    name = CLASS_NAMES[found.cls]
    if found.cls == S1:
        return name
    letters = [rules.characteristics[index].quantity.letter for index in found.also_limiting]
    return name + "".join(list(dict.fromkeys(letter for letter in letters if letter))[:_LETTERS_OF_CLASS])


def _reason(zone: Zone, found: PolygonStatistics, names: Names, *, index: int, legal: bool, uncovered: bool) -> str:
    protected = names.protected.get(index, "")
    if zone.code == "SD":
        absent = ", ".join(names.missing_layers)
        return f"falta aquí una capa requerida ({absent})" if absent else "falta aquí un dato requerido"
    if legal and protected:
        return f"la reserva la ley ({protected}) y no compite con otros usos"
    if legal:
        return "la ley la reserva como bosque de protección por su pendiente"
    if zone.role == DECIDED:
        return "lo dice el mapa de uso del suelo y no compite con otros usos"
    if zone.role == RESIDUAL and found.cls in {NR, N, SD}:
        unknown = ", y falta la capa de cobertura que diga si es pasto o bosque" if uncovered else ""
        return f"ninguna zona productiva alcanza aquí su clase mínima con sus accesos{unknown}"
    return ""


def _use_conflict(zone: Zone, found: PolygonStatistics) -> str:
    crops, forest = PRESENT_USES.index("cultivos"), PRESENT_USES.index("bosque")
    if zone.role in {DECIDED, RESIDUAL}:
        share = found.use_shares[crops]
        wild = zone.code not in {"URB", "AGUA", "SD"}
        return f"hoy hay cultivos en el {spanish_share(share)}" if wild and share >= CROPS_ON_WILDLAND else ""
    share = found.use_shares[forest]
    return f"hoy es bosque el {spanish_share(share)}" if share >= FOREST_ON_FARMLAND else ""


def _key(rules: CompiledRules, index: int) -> str | None:
    return rules.characteristics[index].key if index >= 0 else None
