"""The prices of all long series of a source, for what is learnt from many series at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import batch, observation, series
from market_prices.ledger.price_reading import Selection, holds, known

MOST_RECORDS = 200_000
"""Records that are read; series beyond are left out, the later ones first, so that an answer does not take minutes."""
COLUMNS = ("series_id", "date", "time", "price")


def newest_batch(connection: sa.Connection) -> int:
    """Return the number of the last entry: while it is the same, so are the prices."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(batch.c.id), 0))).scalar_one())


def pooled_prices(
    connection: sa.Connection, wanted: Selection, *, source: str, fewest: int, without: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return the prices of the long series of a source, as known at a date; estimated ones are left out.

    Parameters
    ----------
    wanted
        Only its ``as_of`` and ``end`` count.
    source
        Whose prices.
    fewest
        Records below which a series is left out.
    without
        Products that are no prices.

    Returns
    -------
    pandas.DataFrame
        The columns of :data:`COLUMNS`, by series and day.
    """
    told, shape, given = observation.alias("told"), wanted.shape(), wanted.given()
    dated = [told.c.price.is_not(None), *([told.c.date <= wanted.end] if wanted.end is not None else [])]
    counted = (
        sa.select(series.c.id, sa.func.count())
        .join(told, told.c.series_id == series.c.id)
        .where(series.c.source == source, series.c.kind != "estimated", series.c.product.not_in(without))
        .where(*dated, *known(told, shape))
        .group_by(series.c.id)
        .order_by(series.c.id)
    )
    chosen: list[int] = []
    records = 0
    for number, many in connection.execute(counted, given).all():
        if many >= fewest and (not chosen or records + many <= MOST_RECORDS):
            chosen.append(number)
            records += many
    query = (
        sa.select(*(told.c[name] for name in COLUMNS))
        .where(told.c.series_id.in_(chosen), *dated, *holds(told, shape))
        .order_by(told.c.series_id, told.c.date)
    )
    found = connection.execute(query, given).all() if chosen else []
    return pd.DataFrame([tuple(each) for each in found], columns=list(COLUMNS))


def medians_by_month(frame: pd.DataFrame) -> dict[int, pd.Series]:
    """Return the median price by month (PeriodIndex, months without a price left out) of each series.

    Parameters
    ----------
    frame
        ``series_id``, ``date`` and ``price``.
    """
    days = frame["date"].to_numpy(dtype="datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)  # since 1970-01
    medians = frame["price"].astype(float).groupby([frame["series_id"].to_numpy(), months]).median()
    found = {}
    for number, one in medians.groupby(level=0):
        starts = one.index.get_level_values(1).to_numpy().astype("datetime64[M]").astype("datetime64[s]")
        found[int(str(number))] = pd.Series(one.to_numpy(), index=pd.DatetimeIndex(starts).to_period("M"))
    return found
