"""What a polygon's statistics mean in words: what limits it, why it is what it is, what is missing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from zoning.land.precedence import PRESENT_USES
from zoning.rules.characteristic import QUANTITIES
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.limits import CLASS_NAMES, NR, S1, SD, N
from zoning.rules.zone_rules import DECIDED, RESIDUAL, Zone
from zoning.study.polygon_statistics import PolygonStatistics
from zoning.study.required_data import least_access, required_words
from zoning.study.sentences import Limitation, SentenceFacts, enumeration, spanish_part

RESTRICTION_TEXT = "sin nuevos desmontes"

FOREST_ON_FARMLAND, CROPS_ON_WILDLAND = 0.25, 0.05
"""Mapped forest in a productive zone, and mapped crops in one that is not, from these shares on are a use conflict
(supuesto)."""

_LETTERS_OF_CLASS = 3
_NEXT = {N: "S3", 2: "S2", 3: "S1", S1: "S2"}
_NO_ACCESS, _FULL_ACCESS = 0.005, 0.995


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
    """Required layers that are not there."""
    decided_by: Mapping[str, str] = field(default_factory=dict)
    """Zone code to the layers that decide it, such as ``la capa de aguas``."""
    legal_slope: str = ""
    """Slope above which the law makes forest, written out."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A polygon in words and in the numbers of its limiting factor."""

    facts: SentenceFacts
    limiting: Mapping[str, float]
    """``p10``, ``p50``, ``p90``, ``limit`` and ``gap`` in the factor's unit; empty where the zone is not rated."""
    rated: bool


def tell(
    zone: Zone, found: PolygonStatistics, rules: CompiledRules, names: Names, *, index: int, legal: bool, conflict: bool
) -> Told:
    """Put the statistics of a polygon into words.

    Parameters
    ----------
    zone, legal
        What it is, and whether the law says so.
    found
        Its statistics.
    rules
        That made its cells.
    names
        Words.
    index
        Its row in the coverage.
    conflict
        Whether its runner-up is as good by a hair.

    Raises
    ------
    zoning.zoning_errors.RulesError
        The rules lack a zone that the statistics name.
    """
    rated = found.cls not in {NR, SD} and found.land_use_type >= 0
    decided = zone.role == DECIDED or legal
    facts = SentenceFacts(
        zone_name=zone.name,
        subclass="",
        limitation=None,
        class_share=found.class_share,
        runner_up_name=rules.zone(found.runner_up).name if found.runner_up else "",
        conflict=conflict,
        # What is decided is not cleared anyway: the field says it, the sentence need not.
        restriction="" if decided or round(found.restricted_share, 6) <= 0 else RESTRICTION_TEXT,
        restriction_share=found.restricted_share,
        use_conflict=_use_conflict(zone, found),
    )
    if not rated:
        reason = _decision(zone, found, rules, names, index=index, legal=legal)
        reason = reason or _residue(zone, found, rules)
        return Told(facts=replace(facts, reason=reason), limiting={}, rated=False)
    limiting = _limiting(found, rules)
    second = rules.characteristics[found.second_limiting].quantity.title if found.second_limiting >= 0 else ""
    # Titles bear their article, which a bare noun after "sin datos de" must not.
    missing = (QUANTITIES[name].title.split(" ", 1)[1] for name in rules.incomplete_names(found.incomplete))
    facts = replace(
        facts,
        subclass=_subclass(found, rules),
        limitation=_limitation(found, rules, names, limiting),
        reason=_residue(zone, found, rules),
        second_title=second,
        incomplete=tuple(missing),
        alone=zone.role != RESIDUAL and not found.runner_up,
    )
    return Told(facts=facts, limiting=limiting, rated=True)


def missing_words(zone: Zone, found: PolygonStatistics, told: Told, rules: CompiledRules) -> tuple[str, ...]:
    """Return what a polygon was rated without, or what keeps it from being rated."""
    if zone.code != "SD":
        return told.facts.incomplete
    return tuple(word for bit, word in enumerate(required_words(rules)) if found.incomplete >> bit & 1)


def _limiting(found: PolygonStatistics, rules: CompiledRules) -> dict[str, float]:
    low, middle, high = found.limiting_values
    numbers = {"p10": low, "p50": middle, "p90": high}
    factor = rules.factor_of(found.land_use_type, found.limiting)
    if factor is None or not math.isfinite(middle):
        return numbers
    limits = factor.limits
    limit = limits.fall_at(middle) if found.cls == S1 else limits.next_class_at(middle, found.cls)
    if limit is not None and math.isfinite(limit):
        numbers |= {"limit": limit, "gap": limit - middle}
    return numbers


def _limitation(
    found: PolygonStatistics, rules: CompiledRules, names: Names, limiting: Mapping[str, float]
) -> Limitation | None:
    if found.limiting < 0 or not math.isfinite(limiting["p50"]):
        return None
    kind = rules.land_use_types[found.land_use_type]
    measured = rules.characteristics[found.limiting]
    # Some crops go by two names; one is enough inside a sentence.
    crop = names.crops.get(kind.crop, kind.crop).split(" / ", 1)[0]
    return Limitation(
        crop=crop,
        irrigated=kind.water == "irrigated",
        title=measured.quantity.title,
        value=limiting["p50"],
        unit=measured.unit,
        limit=limiting.get("limit"),
        next_class=_NEXT.get(found.cls) if "limit" in limiting else None,
        best=found.cls == S1,
        months=kind.window,
    )


def _subclass(found: PolygonStatistics, rules: CompiledRules) -> str:
    name = CLASS_NAMES[found.cls]
    if found.cls == S1:
        return name
    # The factor that the sentence names comes first, whatever limits the other cells.
    named = dict.fromkeys(index for index in (found.limiting, *found.also_limiting) if index >= 0)
    letters = [rules.characteristics[index].quantity.letter for index in named]
    return name + "".join(list(dict.fromkeys(letter for letter in letters if letter))[:_LETTERS_OF_CLASS])


def _decision(
    zone: Zone, found: PolygonStatistics, rules: CompiledRules, names: Names, *, index: int, legal: bool
) -> str:
    """Say by what a zone was decided; empty where it was not."""
    protected = names.protected.get(index, "")
    if zone.code == "SD":
        words = [word for bit, word in enumerate(required_words(rules)) if found.incomplete >> bit & 1]
        layers = f" (no está la capa {enumeration(names.missing_layers)})" if names.missing_layers else ""
        what = f"dato de {enumeration(tuple(words))}" if words else "algún dato obligatorio"
        return f"falta {what}{layers}, y sin él no se califica"
    if legal and protected:
        return f"área protegida por ley ({protected}), no compite con otros usos"
    if legal:
        slope = f"más de {names.legal_slope} de pendiente" if names.legal_slope else "por su pendiente"
        return f"bosque de protección por ley ({slope}), no compite con otros usos"
    if zone.role == DECIDED:
        by = names.decided_by.get(zone.code, "la cobertura del suelo")
        return f"así figura en {by}; no compite con otros usos"
    return ""


def _residue(zone: Zone, found: PolygonStatistics, rules: CompiledRules) -> str:
    """Say why no productive zone took what is left; empty where one did."""
    if zone.role != RESIDUAL:
        return ""
    access = least_access(rules)
    outside = 1.0 - found.reached_share
    if not access or outside <= _NO_ACCESS:
        text = "aquí no entra ninguna zona productiva, porque ninguna alcanza su clase mínima con sus accesos"
    elif outside >= _FULL_ACCESS:
        text = f"aquí no entra ninguna zona productiva, porque todo queda fuera del acceso que piden («{access}»)"
    else:
        text = (
            f"aquí no entra ninguna zona productiva: {spanish_part(outside)} queda fuera del acceso que piden "
            f"(«{access}») y en el resto ninguna alcanza su clase mínima"
        )
    cover = rules.ruleset.cover
    if zone.code == cover.unknown_zone:
        return f"{text}; falta la capa de cobertura que diga si es pasto o bosque"
    if zone.code == cover.forest_zone:
        return f"{text}; la cobertura del suelo es de bosque"
    return text


def _use_conflict(zone: Zone, found: PolygonStatistics) -> str:
    crops, forest = PRESENT_USES.index("cultivos"), PRESENT_USES.index("bosque")
    if zone.role in {DECIDED, RESIDUAL}:
        share = found.use_shares[crops]
        wild = zone.code not in {"URB", "AGUA", "SD"}
        return f"hoy hay cultivos en {spanish_part(share)}" if wild and share >= CROPS_ON_WILDLAND else ""
    share = found.use_shares[forest]
    return f"hoy hay bosque en {spanish_part(share)}" if share >= FOREST_ON_FARMLAND else ""
