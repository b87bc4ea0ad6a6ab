"""Which series a book holds, by market and product."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from market_prices.book_tables import batch, quality_decision, quality_flag, series


def series_numbers(connection: sa.Connection, market: str, products: Collection[str]) -> dict[int, str]:
    """Return the numbers of the series of some products in one market, and the product of each."""
    query = sa.select(series.c.id, series.c.product).where(series.c.market == market).order_by(series.c.id)
    return {int(each.id): each.product for each in connection.execute(query) if each.product in products}


def book_state(connection: sa.Connection) -> tuple[int, int, int]:
    """Return the numbers of the last entry, flag and decision: while they are the same, so is every answer."""
    last = [sa.select(sa.func.coalesce(sa.func.max(each.c.id), 0)) for each in (batch, quality_flag, quality_decision)]
    told = connection.execute(sa.select(*(each.scalar_subquery() for each in last))).one()
    return int(told[0]), int(told[1]), int(told[2])
