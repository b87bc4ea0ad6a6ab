"""The last prices as plain rows: the columns of the table, without building one, for a page that shows a few."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from market_prices.figures import LATEST_COLUMNS, json_ready
from market_prices.vocabulary.market_words import STALE_DAYS, age_text, kind_name, level_name
from market_prices.vocabulary.measures import Sale
from market_prices.vocabulary.vocabulary import Vocabulary

_NUMBERS = ("low", "price", "high", "offered", "previous_price")


def light_figures(rows: Iterable[Mapping[str, Any]], vocabulary: Vocabulary, today: dt.date) -> list[dict[str, Any]]:
    """Return the last prices ready for JSON, as :func:`market_prices.figures.latest_figures` and ``records`` give them.

    Parameters
    ----------
    rows
        As :func:`market_prices.ledger.price_reading.latest_rows` returns them.
    vocabulary
        Meaning of the ids.
    today
        Day from which ages count.
    """
    products = {each.id: each.name for each in (*vocabulary.index_items, *vocabulary.all_products)}
    markets = {each.id: each.name for each in vocabulary.all_markets}
    return [_figures(dict(each), products, markets, vocabulary, today) for each in rows]


def _figures(
    row: dict[str, Any], products: Mapping[str, str], markets: Mapping[str, str], vocabulary: Vocabulary, today: dt.date
) -> dict[str, Any]:
    for name in _NUMBERS:
        row[name] = None if row[name] is None else float(row[name])
    names = ("product", "variety", "market", "unit", "package", "source")
    weight = vocabulary.measures.weight(Sale(**{name: row[name] for name in names}), row["date"].isoformat())
    age = max((today - row["date"]).days, 0)
    price, before = row["price"], row["previous_price"]
    change = None if before is None else round(price - before, 4)
    row |= {
        "product_name": products.get(row["product"], row["product"]),
        "market_name": markets.get(row["market"], row["market"]),
        "level_name": level_name(row["level"]),
        "kind_name": kind_name(row["kind"]),
        "source_name": vocabulary.source(row["source"]).name,
        "unit_name": vocabulary.measures.label(row["unit"], row["quantity"]),
        "price_per_kg": None if weight.kg is None else round(price / (weight.kg * row["quantity"]), 4),
        "kg_note": weight.note,
        "age_days": age,
        "age_text": age_text(age),
        "stale": age > STALE_DAYS,
        "change": change,
        "change_pct": None if change is None else round(100.0 * change / before, 1),
    }
    return {name: json_ready(row[name]) for name in LATEST_COLUMNS}
