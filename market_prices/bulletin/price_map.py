"""For every municipality and product: the last price that speaks for it, and how unusual it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa

from market_prices.bulletin.alert_level import NO_LEVEL, Alert, level_name, reason_name
from market_prices.bulletin.price_choice import Moment, alerts_of, last_prices
from market_prices.ledger.series_directory import series_numbers
from market_prices.readings.price_cards import current_series
from market_prices.vocabulary.index_items import INDEX_MARKET
from market_prices.vocabulary.market_words import kind_name
from market_prices.vocabulary.vocabulary import Market, Vocabulary

PRICE_PROPERTIES = {
    "market": "string",
    "market_name": "string",
    "kind": "string",
    "kind_name": "string",
    "price": "number",
    "currency": "string",
    "unit_name": "string",
    "price_per_kg": "number",
    "level": "string",
    "level_name": "string",
    "source_name": "string",
    "date": "string",
    "age_days": "integer",
    "age_text": "string",
    "stale": "boolean",
    "change_pct": "number",
    "flags": "string",
    "demo": "boolean",
}
"""What is told of the price, and its JSON type."""
PROPERTIES = {
    "id": "string",
    "municipality": "string",
    "municipality_name": "string",
    "product": "string",
    "product_name": "string",
    **PRICE_PROPERTIES,
    "alert": "string",
    "alert_name": "string",
    "alert_basis": "string",
    "alert_value": "number",
    "alert_month": "string",
    "alert_market": "string",
    "alert_note": "string",
}
"""Columns of :func:`price_map`, and their JSON types."""
_Key = tuple[str, str]


def price_map(connection: sa.Connection, vocabulary: Vocabulary, moment: Moment, index: pd.Series) -> pd.DataFrame:
    """Return a row per municipality and product: every local product, and every other that has a price.

    The price is the municipality's own if it is not stale, else that of its first reference market whose price is not,
    else the youngest. The alert is that of the first of these series that has one, else that of the national index.

    Parameters
    ----------
    connection
        To the book.
    vocabulary
        Meaning of the ids.
    moment
        Up to when prices are dated, from when on, and what was known.
    index
        General consumer price index by month; may be empty.

    Returns
    -------
    pandas.DataFrame
        The columns of :data:`PROPERTIES`; a missing figure is ``None``, an unknown alert ``none``.
    """
    places = vocabulary.local_markets()
    references = {each.id: vocabulary.reference_markets(each.municipality) for each in places}
    markets = dict.fromkeys([*references, *(market for each in references.values() for market in each)])
    latest = current_series(last_prices(connection, vocabulary, tuple(markets), moment), single=True)
    prices: dict[_Key, Mapping[Any, Any]] = {(row["product"], row["market"]): row for row in latest.to_dict("records")}
    local = {each.id: each.name for each in vocabulary.all_products if each.local}
    names = local | {row["product"]: row["product_name"] for row in prices.values()}
    fresh = {key: row["series_id"] for key, row in prices.items() if not row["stale"]}
    national = {product: number for number, product in series_numbers(connection, INDEX_MARKET, names).items()}
    found = alerts_of(connection, {*fresh.values(), *national.values()}, index, moment)
    alerts = {key: found[number] for key, number in fresh.items() if number in found}
    alerts |= {(product, INDEX_MARKET): found[number] for product, number in national.items() if number in found}
    rows = []
    for place in places:
        heard_in = (place.id, *references[place.id])
        for product in sorted(names, key=lambda each: (names[each], each)):
            price = _best([prices[product, market] for market in heard_in if (product, market) in prices])
            heard = [
                (market, alerts[product, market]) for market in (*heard_in, INDEX_MARKET) if (product, market) in alerts
            ]
            rows.append(
                {
                    "id": f"{place.municipality}:{product}",
                    "municipality": place.municipality,
                    "municipality_name": place.municipality_name or place.name,
                    "product": product,
                    "product_name": names[product],
                    **_price(price, place, vocabulary),
                    **_alert(heard, price),
                }
            )
    frame = pd.DataFrame(rows, columns=list(PROPERTIES))
    ages = [each["age_days"] for each in rows]  # with gaps, pandas would make them fractions
    return frame.assign(age_days=pd.Series(ages, index=frame.index, dtype=object))


def _best(prices: list[Mapping[Any, Any]]) -> Mapping[Any, Any] | None:
    """Return the first price that is not stale, else the youngest."""
    order = {id(each): (bool(each["stale"]), int(each["age_days"]) if each["stale"] else 0) for each in prices}
    return min(prices, key=lambda each: order[id(each)], default=None)


def _alert(heard: list[tuple[str, Alert]], price: Mapping[Any, Any] | None) -> dict[str, Any]:
    """Return the first alert that has a level, else why there is none."""
    none = ("", Alert(reason="no_price" if price is None else "stale"))
    market, alert = next((each for each in heard if each[1].level != NO_LEVEL), heard[0] if heard else none)
    return {
        "alert": alert.level,
        "alert_name": level_name(alert.level),
        "alert_basis": alert.basis or None,
        "alert_value": alert.value,
        "alert_month": alert.month or None,
        "alert_market": market or None,
        "alert_note": reason_name(alert.reason) or None,
    }


def _price(price: Mapping[Any, Any] | None, place: Market, vocabulary: Vocabulary) -> dict[str, Any]:
    if price is None:
        return dict.fromkeys(PRICE_PROPERTIES)
    told = {name: price[name] for name in PRICE_PROPERTIES if name in price}
    kind = price["kind"] if price["market"] == place.id or price["kind"] == "estimated" else "reference"
    return told | {
        "kind": kind,
        "kind_name": kind_name(kind),
        "date": price["date"].isoformat(),
        "demo": vocabulary.source(price["source"]).demo,
    }
