"""What a territory says about each of its municipalities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Seat:
    """The town from which a municipality is governed."""

    name: str
    lon: float
    """Longitude, degrees east, WGS84."""
    lat: float
    """Latitude, degrees north, WGS84."""
    altitude_m: float | None = None
    """Metres above the sea; ``None`` where no source states it."""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Municipality:
    """One municipality of a territory."""

    code: str
    """Official code, with its leading zeros."""
    name: str
    """Canonical name."""
    aliases: tuple[str, ...] = ()
    """Every other spelling seen in a source."""
    province: str = ""
    seat: Seat | None = None
    area_km2: float | None = None
    """Square kilometres stated by the source; measured areas come from the boundary."""
    reference_markets: tuple[str, ...] = ()
    """Markets whose prices stand in where it has none of its own; empty means those of the territory."""


def read_municipality(record: Mapping[str, Any]) -> Municipality:
    """Make a municipality from its table of a ``territory.toml``.

    Raises
    ------
    KeyError
        A key is missing.
    TypeError
        A value has the wrong type.
    """
    seat = record.get("seat")
    return Municipality(
        code=str(record["code"]),
        name=str(record["name"]),
        aliases=tuple(record.get("aliases", ())),
        province=str(record.get("province", "")),
        seat=None if seat is None else Seat(**seat),
        area_km2=record.get("area_km2"),
        reference_markets=tuple(record.get("reference_markets", ())),
    )
