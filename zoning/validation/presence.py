"""Presence: whether the fields, orchards and vineyards that somebody mapped lie where the map calls land productive.

Presence proves something, absence nothing: a map of fields is never complete. Nothing of the zoning uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zoning.rules.uncertainty_rules import STABLE
from zoning.study.study import Study
from zoning.validation.blanks import known
from zoning.validation.mapped_farming import KINDS, FarmingCells, rate_mapped_farming

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

EXPECTED_SHARE, EXPECTED_LIFT = 0.90, 1.5
"""What the method asks for: at most a tenth of the mapped fields N everywhere, and more than chance would give."""

LIFT_ZONES = ("HOR", "FRU", "VID", "ANU")
"""Zones whose lift is printed."""


@dataclass(frozen=True, kw_only=True)
class KindPresence:
    """Cells of one kind of mapped farming."""

    kind: str
    """One of :data:`~zoning.validation.mapped_farming.KINDS`, ``all`` or ``anywhere``."""
    cells: int
    """How many."""
    hectares: float
    """What the cells amount to, ha."""
    unknown: int
    """Cells without the layers to say anything: in no share."""
    apt: float | None
    """Share that a productive zone rates S1 to S3 where its own gates are open, whatever its minimum class."""
    claimable: float | None
    """Share that a productive zone could win, all its cuts passed: gates, minimum class, roads and settlements."""
    inside: float | None
    """Share that the map gives to :data:`LIFT_ZONES`."""
    lift: float | None
    """``inside`` over the share of these zones in the whole territory."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Presence:
    """A study held against mapped farming."""

    source: str
    """Where the fields come from."""
    productive: tuple[str, ...]
    """Zones that count as productive."""
    kinds: tuple[KindPresence, ...]
    """Each kind that is mapped, and ``all``."""
    anywhere: KindPresence
    """The same for cells all over the territory, one of every 20 × 20: what chance would give. A figure of the fields
    that is no higher than this one proves nothing."""
    base: float
    """Share of the territory in :data:`LIFT_ZONES`."""
    by_zone: pd.DataFrame
    """``zone, cells, share, base, lift``: where the map puts the mapped fields."""
    stable_ha: float | None
    """Hectares with stability ≥ .8; ``None`` without a run of uncertainty."""

    @property
    def total(self) -> KindPresence:
        """All kinds together."""
        return self.kinds[-1]

    @property
    def passed(self) -> bool:
        """Whether the method's two expectations hold."""
        total = self.total
        return (total.claimable or 0.0) >= EXPECTED_SHARE and (total.lift or 0.0) > EXPECTED_LIFT

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "source": self.source,
            "productive": list(self.productive),
            "lift_zones": list(LIFT_ZONES),
            "expected": {"claimable": EXPECTED_SHARE, "lift": EXPECTED_LIFT},
            "passed": self.passed,
            "base": self.base,
            "kinds": [vars(each) for each in self.kinds],
            "anywhere": vars(self.anywhere),
            "zones": [
                {key: known(value) if isinstance(value, float) else value for key, value in row.items()}
                for row in self.by_zone.to_dict(orient="records")
            ],
            "stable_ha": known(self.stable_ha),
        }


def check_presence(study: Study) -> Presence:
    """Rate the cells of mapped farming with the rules and layers of a study, and see where its map puts them.

    Parameters
    ----------
    study
        Made from the layers the workspace has now; the rules are those of the study.

    Raises
    ------
    gis.errors.MissingError
        The workspace has no layer of mapped cover, or no farming is mapped in it.
    gis.errors.InputError
        A layer or the study is damaged.
    """
    return _presence(study, rate_mapped_farming(study))


def _presence(study: Study, cells: FarmingCells) -> Presence:
    numbers = {str(each["zone"]): int(each["number"]) for each in study.manifest["zones"]}
    areas = study.zones.groupby("zone")["area_ha"].sum()
    whole = float(areas.sum())
    base = float(areas.reindex(list(LIFT_ZONES), fill_value=0.0).sum()) / whole
    inside = np.isin(cells.zones, [numbers[code] for code in LIFT_ZONES if code in numbers])

    def measure(kind: str, mask: Mask) -> KindPresence:
        sure = mask & cells.known
        within = _share(inside, mask)
        return KindPresence(
            kind=kind,
            cells=int(mask.sum()),
            hectares=round(float(mask.sum()) * cells.cell_ha, 4),
            unknown=int((mask & ~cells.known).sum()),
            apt=_share(cells.apt, sure),
            claimable=_share(cells.claimable, sure),
            inside=within,
            lift=within / base if within is not None and base > 0 else None,
        )

    each = [
        measure(kind, cells.kinds == number)
        for number, kind in enumerate(KINDS, start=1)
        if (cells.kinds == number).any()
    ]
    farmed = cells.kinds > 0
    stability = pd.to_numeric(study.zones["stability"], errors="coerce")
    stable = study.zones["area_ha"][stability >= STABLE].sum()
    return Presence(
        source=_source(study),
        productive=cells.productive,
        kinds=(*each, measure("all", farmed)),
        anywhere=measure("anywhere", cells.control),
        base=base,
        by_zone=_by_zone(
            cells.zones[farmed], numbers, {str(code): float(area) / whole for code, area in areas.items()}
        ),
        stable_ha=float(stable) if stability.notna().any() else None,
    )


def _by_zone(zones: Codes, numbers: dict[str, int], bases: dict[str, float]) -> pd.DataFrame:
    table = pd.DataFrame(
        {"zone": code, "cells": int((zones == number).sum()), "base": bases.get(code, 0.0)}
        for code, number in numbers.items()
    )
    table["share"] = table["cells"] / len(zones)
    table["lift"] = (table["share"] / table["base"]).where(table["base"] > 0)
    return table[(table["cells"] > 0) | (table["base"] > 0)].reset_index(drop=True)


def _share(what: Mask, of: Mask) -> float | None:
    count = int(of.sum())
    return float((what & of).sum()) / count if count else None


def _source(study: Study) -> str:
    layers = study.manifest.get("layers", [])
    return next((str(each.get("source", "")) for each in layers if each.get("name") == "cover"), "")
