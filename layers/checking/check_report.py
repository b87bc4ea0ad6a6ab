"""What a check of the prepared layers found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class LayerCheck:
    """What was found in one prepared layer."""

    name: str
    title: str
    required: bool
    coverage: float | None = None
    """Share of the territory's cells with a value, 0 to 1; ``None`` for vectors."""
    missing: float | None = None
    """Share of the territory's cells without one, 0 to 1."""
    low: float | None = None
    """Lowest value, in ``unit``."""
    high: float | None = None
    """Highest value, in ``unit``."""
    unit: str = ""
    features: int | None = None
    """Number of features; ``None`` for rasters."""
    native_cell_m: float | None = None
    """Side of a cell of the source on the ground, m."""
    date: str = ""
    licence: str = ""
    attribution: str = ""
    defects: tuple[str, ...] = ()
    """What would falsify a zoning."""
    warnings: tuple[str, ...] = ()
    """What a reader should know."""


@dataclass(frozen=True, kw_only=True)
class ClimateGap:
    """How far one climate source lies from another in one municipality, or in all of them together."""

    code: str
    """Municipal code; empty for the whole territory."""
    name: str
    source: str
    """The source that is compared."""
    against: str
    """The source that it is compared with."""
    temperature_c: float | None
    """Mean annual temperature of ``source`` less that of ``against``, °C."""
    rain_share: float | None
    """Annual rain of ``source`` over that of ``against``, less 1."""


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """What was found in all layers of a workspace."""

    layers: tuple[LayerCheck, ...]
    defects: tuple[str, ...] = ()
    """What concerns several layers or absent ones."""
    warnings: tuple[str, ...] = ()
    climate: tuple[ClimateGap, ...] = ()
    """Where the climate sources differ, the whole territory first."""
    boundaries: tuple[str, ...] = ()
    """What was found and mended in the municipal boundaries, a sentence each."""

    @property
    def ok(self) -> bool:
        """Whether nothing would falsify a zoning."""
        return not self.defects and not any(each.defects for each in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON can hold it."""
        return {"ok": self.ok, **asdict(self)}
