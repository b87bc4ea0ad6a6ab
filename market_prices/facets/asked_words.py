"""What several questions to a book may name, written once: keywords, all of which may be omitted."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict


class AskedLatest(TypedDict, total=False):
    """Which last prices."""

    as_of: dt.date | str | None
    """Only what had been recorded by the end of this day (UTC)."""
    level: str | None
    """``farm_gate``, ``wholesale`` or ``retail``, or their Spanish names."""
    unit: str | None
    """Any spelling; it may count (``"3 libras"``)."""
    kind: str | None
    """``observed``, ``reference`` or ``estimated``."""


class AskedMonths(TypedDict, total=False):
    """Which series month by month."""

    as_of: dt.date | str | None
    """Only what had been recorded by the end of this day (UTC), prices and price index alike."""
    until: dt.date | str | None
    """Only prices and price index dated up to this day, whenever recorded."""
    level: str | None
    """Only series of this price level."""
    unit: str | None
    """Only series in this unit."""
    variety: str | None
    """Only series of this variety."""


class AskedPairs(TypedDict, total=False):
    """Which pairs of markets."""

    other: str | None
    """Only pairs with this market too."""
    as_of: dt.date | str | None
    """Only what had been recorded by the end of this day (UTC), prices and road calendar alike."""
    until: dt.date | str | None
    """Only prices dated up to this day."""
    level: str | None
    """Only this price level."""
    variety: str | None
    """Only this variety."""
    frequency: str | None
    """``weekly`` or ``monthly``; by how often prices come when omitted."""
