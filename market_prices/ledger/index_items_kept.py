"""The items of price indexes as the book knows them: an id given once stays, and a reader may ask for it by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import index_item
from market_prices.ledger.book_engine import reading
from market_prices.price_errors import UnknownNameError
from market_prices.vocabulary.index_items import INDEX_SOURCE, IndexItem, find_item
from market_prices.vocabulary.vocabulary import Vocabulary


def known_items(connection: sa.Connection) -> Mapping[str, IndexItem]:
    """Return the items by code."""
    found = connection.execute(sa.select(index_item).where(index_item.c.source == INDEX_SOURCE)).all()
    return {each.code: IndexItem(code=each.code, product=each.product, name=each.name) for each in found}


def keep_items(connection: sa.Connection, items: Iterable[IndexItem]) -> None:
    """Write the items that are new."""
    known = known_items(connection)
    fresh = [
        {"source": INDEX_SOURCE, "code": each.code, "product": each.product, "name": each.name}
        for each in items
        if each.code not in known
    ]
    if fresh:
        connection.execute(sa.insert(index_item), fresh)


def product_meant(engine: sa.Engine, text: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """Return the id of the product, or else of the index item, that a text names, and the variety it implies.

    Raises
    ------
    UnknownNameError
        It names neither; the nearest products are listed.
    BookError
        The book cannot be read.
    """
    try:
        meant, implied = vocabulary.product(text)
    except UnknownNameError:
        with reading(engine) as connection:
            item = find_item(text, known_items(connection).values())
        if item is None:
            raise
        return item.product, ""
    return meant.id, implied


def words_for(connection: sa.Connection, found: pd.DataFrame, vocabulary: Vocabulary) -> Vocabulary:
    """Return the vocabulary, with the items of price indexes where the column ``product`` of ``found`` has any."""
    return words_for_products(connection, found["product"].unique(), vocabulary)


def words_for_products(connection: sa.Connection, products: Iterable[str], vocabulary: Vocabulary) -> Vocabulary:
    """Return the vocabulary, with the items of price indexes where ``products`` has any."""
    if set(products) <= {each.id for each in vocabulary.all_products}:
        return vocabulary
    items = tuple(each.as_product() for each in known_items(connection).values())
    return dataclasses.replace(vocabulary, index_items=items)
