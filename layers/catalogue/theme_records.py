"""What a theme of the catalogue says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["raster", "vector", "table"]
Requirement = Literal["required", "optional", "context", "reference"]
"""What a zoning cannot do without, what it uses where it is there, what is shown beside it, and official layers to hold
it against, listed where they were taken."""
Method = Literal["bilinear", "average", "nearest", "mode"]
ColumnKind = Literal["text", "number", "boolean", "municipality"]


@dataclass(frozen=True, kw_only=True)
class Band:
    """One band of a raster theme."""

    name: str
    """Name of the prepared band."""
    unit: str
    low: float
    """Lowest value that is physically possible, in ``unit``."""
    high: float
    """Highest value that is physically possible, in ``unit``."""
    aliases: tuple[str, ...] = ()
    """Names of the band in sources."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a prepared vector layer."""

    name: str
    kind: ColumnKind = "text"
    aliases: tuple[str, ...] = ()
    """Names of the column in sources, the most trustworthy first."""
    inverted: bool = False
    """The source states the contrary, as *intermittent* does for *permanent*."""


@dataclass(frozen=True, kw_only=True)
class Theme:
    """One theme of the catalogue."""

    id: str
    """Name in a mirror."""
    title: str
    """What a reader sees."""
    kind: Kind
    requirement: Requirement
    prepared: str = ""
    """Name of the prepared layer; empty when nothing is prepared from it."""
    bands: tuple[Band, ...] = ()
    columns: tuple[Column, ...] = ()
    method: Method = "bilinear"
    """How a raster is brought onto the grid where its cells are coarser than the grid's."""
    tiled: bool = False
    """Vector tiles are written beside it."""
    every_column: bool = False
    """The prepared layer keeps the columns of the source besides ``columns``."""

    @property
    def unit(self) -> str:
        """Unit of the bands; several are joined by semicolons."""
        return "; ".join(dict.fromkeys(band.unit for band in self.bands))
