"""What a bulletin says, before anybody writes it down in words, on paper or in a table."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

from market_prices.bulletin.alert_level import Alert, level_name, reason_name
from market_prices.readings.figures import json_ready

WEEKS = 26
"""Weeks of the small charts."""


@dataclass(frozen=True, kw_only=True)
class BulletinLine:
    """One price of one kind: what a product fetched in one market this week, or the last that is known."""

    product: str
    product_name: str
    variety_name: str
    market: str
    market_name: str
    level: str
    level_name: str
    unit: str
    quantity: float
    """Units the price is for."""
    unit_name: str
    currency: str
    kind: str
    """``observed``, ``reference`` or ``estimated``; never two on one line."""
    kind_name: str
    source: str
    source_name: str
    demo: bool
    """Simulated: it must be said."""
    date: dt.date
    """Day of the last price behind the figure."""
    age_days: int
    """Days from there to the day of the bulletin."""
    age_text: str
    stale: bool
    """Older than 60 days: told apart, never as today's."""
    basis: str
    """``week``: median of the seven days to the bulletin; ``last``: of the seven days to the last price."""
    price: float
    """Median, currency per quantity of unit."""
    low: float
    """Lowest price of those days, currency per quantity of unit."""
    high: float
    """Highest price of those days, currency per quantity of unit."""
    count: int
    """Prices of those days."""
    price_per_kg: float | None
    """Currency per kilogram; ``None`` where no conversion is known."""
    kg_note: str
    change_week: float | None
    """Change since the median of the seven days one week before, %; ``None`` where there was none."""
    change_month: float | None
    """The same four weeks before, %."""
    change_year: float | None
    """The same 52 weeks before, %."""
    alert: Alert
    """Of this very series."""
    doubtful: bool
    """Looks like an error and nobody has decided: shown as such, never headlined."""
    left_out: int
    """Prices of these seven days that look like errors and are not in the figures."""
    history: tuple[float | None, ...]
    """Median of each of the last 26 weeks, the oldest first; ``None`` where there was none."""

    def as_dict(self) -> dict[str, Any]:
        """Return the line ready for JSON, the alert in columns of its own."""
        told = {one.name: json_ready(getattr(self, one.name)) for one in dataclasses.fields(self)}
        del told["alert"]
        told["history"] = list(self.history)
        return told | {
            "alert": self.alert.level,
            "alert_name": level_name(self.alert.level),
            "alert_basis": self.alert.basis,
            "alert_value": self.alert.value,
            "alert_month": self.alert.month,
            "alert_note": reason_name(self.alert.reason),
        }


@dataclass(frozen=True, kw_only=True)
class NationalAlert:
    """A product whose national price index stands out."""

    product: str
    product_name: str
    alert: Alert

    def as_dict(self) -> dict[str, Any]:
        """Return the alert ready for JSON."""
        told = {"product": self.product, "product_name": self.product_name}
        return told | dataclasses.asdict(self.alert) | {"level_name": level_name(self.alert.level)}


@dataclass(frozen=True, kw_only=True)
class BulletinData:
    """All that one bulletin says."""

    place: str
    """Six-digit code of the municipality; ``region`` for the whole."""
    name: str
    """Name of the municipality; empty for the region."""
    date: dt.date
    """Day of the bulletin; ages count to here."""
    lines: tuple[BulletinLine, ...]
    """By kind (observed, reference, estimated), market and product; none is stale."""
    stale: tuple[BulletinLine, ...]
    """Last prices older than 60 days, to be told apart; without changes or alert."""
    national: tuple[NationalAlert, ...]
    """Products in alert or crisis by the national index."""
    attributions: tuple[str, ...]
    """Whom to name for the figures."""

    @property
    def first_day(self) -> dt.date:
        """First of the seven days of the bulletin."""
        return self.date - dt.timedelta(days=6)

    @property
    def demo(self) -> bool:
        """Some figure is simulated: it must be said."""
        return any(each.demo for each in (*self.lines, *self.stale))

    @property
    def sure(self) -> tuple[BulletinLine, ...]:
        """Lines that may be headlined."""
        return tuple(each for each in self.lines if not each.doubtful)

    @property
    def doubtful(self) -> tuple[BulletinLine, ...]:
        """Lines whose price looks like an error."""
        return tuple(each for each in self.lines if each.doubtful)
