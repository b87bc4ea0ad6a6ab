"""What gathering open data did, or would do, product by product."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from gis.errors import VallesError
from layers.sources.product import ProductRecord

GatherStatus = Literal["planned", "gathered", "kept", "failed", "absent", "nothing"]


@dataclass(frozen=True, kw_only=True)
class GatheredFile:
    """One file of a product that a place needs."""

    name: str
    address: str
    whole: bool
    """It travels in one piece; otherwise only the part in the place."""
    bytes: int | None = None
    """Bytes that would travel; ``None`` when nobody says."""


@dataclass(frozen=True, kw_only=True)
class GatherItem:
    """One product of a gathering."""

    product: str
    """Id in the catalogue of sources."""
    title: str
    themes: tuple[str, ...]
    """Themes that it brings here."""
    status: GatherStatus
    address: str = ""
    licence: str = ""
    attribution: str = ""
    date: str = ""
    files: tuple[GatheredFile, ...] = ()
    bytes: int | None = None
    """Bytes that would travel, or that did; ``None`` when it is not known."""
    detail: str = ""
    """Why it failed, or what the user should know."""
    expected: str = ""
    remedy: str = ""
    seconds: float = 0.0


def item_of(record: ProductRecord, themes: tuple[str, ...], *, status: GatherStatus = "planned") -> GatherItem:
    """Return an item with what the catalogue says about its product."""
    return GatherItem(
        product=record.id,
        title=record.title,
        themes=themes,
        status=status,
        address=record.address,
        licence=record.licence,
        attribution=record.attribution,
        date=record.date,
    )


def failed_source(item: GatherItem, error: VallesError) -> GatherItem:
    """Return an item that failed, with the three parts of the error."""
    return replace(
        item,
        status="failed",
        detail=error.found,
        expected=error.expected,
        remedy=error.remedy,
    )
