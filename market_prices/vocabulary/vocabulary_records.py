"""Records of the vocabulary from their TOML tables; what cannot be is refused by key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from market_prices.price_errors import ObservationError
from market_prices.vocabulary.measures import Conversion, Unit
from market_prices.vocabulary.vocabulary import Market, Notice, PriceSource, Product, Variety

PRODUCT_KINDS = ("crop", "product", "service", "input", "transport")
"""What a group of products may be."""
_NOTICE_COLUMNS = {"source": "source", "product": "product", "variety": "variety", "market": "market", "unit": "unit"}


def product_of(groups: Mapping[str, Mapping[str, Any]], key: str, record: Mapping[str, Any]) -> Product:
    """Make a product of a ``[product.ID]`` table; its group says what kind of thing it is and whose chain."""
    group = groups.get(record["group"], {})
    return Product(
        id=key,
        name=record["name"],
        group=record["group"],
        kind=group.get("kind", "product"),
        chain=record.get("chain", group.get("chain", "")),
        scientific=record.get("scientific", ""),
        synonyms=tuple(record.get("synonyms", ())),
        varieties=tuple(
            Variety(id=each, name=data["name"], synonyms=tuple(data.get("synonyms", ())), wfp_id=data.get("wfp_id"))
            for each, data in record.get("varieties", {}).items()
        ),
        local=bool(record.get("local", False)),
        wfp_id=record.get("wfp_id"),
    )


def _degrees(record: Mapping[str, Any], key: str, limit: float) -> float | None:
    value = record.get(key)
    if value is None:
        return None
    if not -limit <= float(value) <= limit:
        raise ObservationError(f"{key} = {value}")
    return float(value)


def market_of(key: str, record: Mapping[str, Any]) -> Market:
    """Make a market of a ``[market.ID]`` table.

    Raises
    ------
    ObservationError
        The kind is none, or a coordinate is beyond the globe.
    """
    kind = record["kind"]
    if kind not in {"city", "wholesale", "local", "index"}:
        raise ObservationError(f"kind = {kind}")
    return Market(
        id=key,
        name=record["name"],
        kind=kind,
        municipality=str(record.get("municipality", "")),
        municipality_name=record.get("municipality_name", ""),
        department=record.get("department", ""),
        lon=_degrees(record, "lon", 180),
        lat=_degrees(record, "lat", 90),
        days=tuple(record.get("days", ())),
        hours=record.get("hours", ""),
        buyers=record.get("buyers", ""),
        associations=record.get("associations", ""),
        contact=record.get("contact", ""),
        synonyms=tuple(record.get("synonyms", ())),
        wfp_id=record.get("wfp_id"),
        source=record.get("source", ""),
    )


def source_of(key: str, record: Mapping[str, Any]) -> PriceSource:
    """Make a source of a ``[source.ID]`` table."""
    return PriceSource(
        id=key,
        name=record["name"],
        licence=record.get("licence", ""),
        attribution=record.get("attribution", ""),
        demo=bool(record.get("demo", False)),
    )


def _positive(record: Mapping[str, Any], key: str) -> float | None:
    value = record.get(key)
    if value is not None and not float(value) > 0:
        raise ObservationError(f"{key} = {value}")
    return None if value is None else float(value)


def unit_of(key: str, record: Mapping[str, Any]) -> Unit:
    """Make a unit of a ``[unit.ID]`` table.

    Raises
    ------
    ObservationError
        A figure is not above 0.
    """
    return Unit(
        id=key,
        name=record["name"],
        plural=record.get("plural", record["name"]),
        kind=record["kind"],
        kg=_positive(record, "kg"),
        litres=_positive(record, "litres"),
        units=_positive(record, "units"),
        synonyms=tuple(record.get("synonyms", ())),
        note=record.get("note", ""),
        source=record.get("source", ""),
    )


def _date(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, dt.date) else dt.date.fromisoformat(value).isoformat()


def conversion_of(record: Mapping[str, Any]) -> Conversion:
    """Make a conversion of a ``[[conversion]]`` table.

    Raises
    ------
    ObservationError
        The weight is not above 0.
    """
    return Conversion(
        unit=record["unit"],
        kg=_positive(record, "kg"),
        source=record["source"],
        product=record.get("product", ""),
        variety=record.get("variety", ""),
        markets=tuple(record.get("markets", ())),
        package=record.get("package", ""),
        provider=record.get("provider", ""),
        first=_date(record, "from"),
        last=_date(record, "to"),
    )


def notice_of(record: Mapping[str, Any]) -> Notice:
    """Make a notice of a ``[[notice]]`` table."""
    selectors = {column: record[key] for key, column in _NOTICE_COLUMNS.items() if key in record}
    return Notice(
        code=record["code"],
        text=record["text"],
        selectors=selectors,
        first=_date(record, "from"),
        last=_date(record, "to"),
    )
