"""What it costs to sell somewhere, as data: roads, freight, losses on the way and commissions, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from market_prices.price_errors import ObservationError


@dataclass(frozen=True, kw_only=True)
class Road:
    """The way between two places."""

    start: str
    """Name of a place: a market in any spelling, or a town that is none."""
    end: str
    """Name of a place."""
    low: float
    """Least length that the sources give, km."""
    high: float
    """Greatest length that the sources give, km."""

    @property
    def km(self) -> float:
        """Length in the middle of what the sources give, km."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, kw_only=True)
class Vehicle:
    """A vehicle that is hired whole."""

    name: str
    capacity_kg: float
    """Load, kg."""
    per_km: float
    """Hire, Bs per km driven with the load."""
    source: str
    assumed: bool
    """The figure is an assumption, and so is what follows from it."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share of a load or of its price, for one product, group or market, or for all."""

    share: float
    """0 to 1."""
    source: str
    assumed: bool
    product: str = ""
    group: str = ""
    market: str = ""
    level: str = ""
    """Price level it is taken from; empty: any."""


@dataclass(frozen=True, kw_only=True)
class SellingTerms:
    """Everything between the price in a market and the money at the farm gate."""

    roads: tuple[Road, ...] = ()
    shared_per_tonne_km: float | None = None
    """Freight of a load that travels with others, Bs per tonne and km; ``None``: not known."""
    shared_source: str = ""
    shared_assumed: bool = True
    vehicles: tuple[Vehicle, ...] = ()
    losses: tuple[Share, ...] = ()
    commissions: tuple[Share, ...] = ()

    def loss(self, product: str, group: str) -> Share | None:
        """Return the loss on the way of a product: its own, else its group's, else that of all; ``None``: not known."""
        own = [each for each in self.losses if each.product == product]
        shared = [each for each in self.losses if not each.product and each.group == group]
        every = [each for each in self.losses if not each.product and not each.group]
        return next(iter((*own, *shared, *every)), None)

    def commission(self, market: str, level: str) -> Share | None:
        """Return what whoever sells keeps of a price, the rule that fixes most; ``None``: not known."""
        fitting = [each for each in self.commissions if each.market in {"", market} and each.level in {"", level}]
        return max(fitting, key=lambda each: (bool(each.market), bool(each.level)), default=None)


def road_of(record: Mapping[str, Any]) -> Road:
    """Make a road of a ``[[road]]`` table: ``from``, ``to`` and ``km``, one figure or the least and the greatest.

    Raises
    ------
    ObservationError
        The length is none.
    """
    told = record["km"]
    low, high = (float(told[0]), float(told[1])) if isinstance(told, list) else (float(told), float(told))
    if not 0 < low <= high:
        raise ObservationError(f"km = {told}")
    return Road(start=str(record["from"]), end=str(record["to"]), low=low, high=high)


def vehicle_of(record: Mapping[str, Any]) -> Vehicle:
    """Make a vehicle of a ``[[vehicle]]`` table.

    Raises
    ------
    ObservationError
        A figure is not above 0.
    """
    return Vehicle(
        name=str(record["name"]),
        capacity_kg=_above_zero(record, "capacity_kg"),
        per_km=_above_zero(record, "per_km"),
        source=str(record["source"]),
        assumed=bool(record.get("assumed", False)),
    )


def share_of(record: Mapping[str, Any]) -> Share:
    """Make a share of a ``[[loss]]`` or ``[[commission]]`` table.

    Raises
    ------
    ObservationError
        The share is not from 0 to less than 1.
    """
    share = float(record["share"])
    if not 0 <= share < 1:
        raise ObservationError(f"share = {share}")
    return Share(
        share=share,
        source=str(record["source"]),
        assumed=bool(record.get("assumed", False)),
        product=str(record.get("product", "")),
        group=str(record.get("group", "")),
        market=str(record.get("market", "")),
        level=str(record.get("level", "")),
    )


def shared_freight(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of :class:`SellingTerms` that a ``[freight]`` table gives; none where there is no such table.

    Raises
    ------
    ObservationError
        The rate is not above 0.
    """
    record = tables.get("freight")
    if record is None:
        return {}
    return {
        "shared_per_tonne_km": _above_zero(record, "shared_per_tonne_km"),
        "shared_source": str(record["source"]),
        "shared_assumed": bool(record.get("assumed", False)),
    }


def _above_zero(record: Mapping[str, Any], key: str) -> float:
    value = float(record[key])
    if not value > 0:
        raise ObservationError(f"{key} = {value}")
    return value
