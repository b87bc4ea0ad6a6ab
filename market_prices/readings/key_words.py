"""What a reader calls the parts of a series key, and its weight: asked once for every different one in an answer."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from market_prices.vocabulary.market_words import kind_name, level_name
from market_prices.vocabulary.measures import Sale, Weight
from market_prices.vocabulary.vocabulary import Vocabulary

_NAMES = ("product", "variety", "market", "unit", "package", "source")
"""What the weight of a sale depends on, besides the day."""
_SALE = itemgetter(*_NAMES)


class KeyWords:
    """The words of one answer, in the language of whoever asks: make a new one for each.

    Parameters
    ----------
    vocabulary
        Meaning of the ids.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._measures = vocabulary.measures
        self._products = {each.id: each.name for each in (*vocabulary.index_items, *vocabulary.all_products)}
        self._markets = {each.id: each.name for each in vocabulary.all_markets}
        self._sources = {each.id: each.name for each in vocabulary.all_sources}
        self._levels: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._units: dict[tuple[str, float], str] = {}
        self._weights: dict[tuple[str, ...] | str, Weight] = {}

    def names(self, key: Mapping[str, Any]) -> dict[str, str]:
        """Return the names of product, market, level, kind, source and unit, as ``product_name`` and so on."""
        level, kind, sold = key["level"], key["kind"], (key["unit"], key["quantity"])
        if level not in self._levels:
            self._levels[level] = level_name(level)
        if kind not in self._kinds:
            self._kinds[kind] = kind_name(kind)
        if sold not in self._units:
            self._units[sold] = self._measures.label(*sold)
        return {
            "product_name": self._products.get(key["product"], key["product"]),
            "market_name": self._markets.get(key["market"], key["market"]),
            "level_name": self._levels[level],
            "kind_name": self._kinds[kind],
            "source_name": self._sources.get(key["source"], key["source"]),
            "unit_name": self._units[sold],
        }

    def dated(self, key: Mapping[str, Any]) -> bool:
        """Say whether the weight of what is sold may depend on the day."""
        return key["unit"] in self._measures.dated

    def weight(self, key: Mapping[str, Any], date: str) -> Weight:
        """Return the weight of one unit of what is sold on an ISO date."""
        unit = key["unit"]
        if unit not in self._measures.rules:
            asked: tuple[str, ...] | str = unit  # the same whatever is sold, and wherever
        else:
            asked = (*_SALE(key), date) if unit in self._measures.dated else _SALE(key)
        found = self._weights.get(asked)
        if found is None:
            found = self._measures.weight(Sale(**dict(zip(_NAMES, _SALE(key), strict=True))), date)
            self._weights[asked] = found
        return found
