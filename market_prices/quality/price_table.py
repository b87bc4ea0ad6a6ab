"""The prices that are examined, as columns in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class PriceTable:
    """(n,) prices ordered by series, day and time; rows without a price are not in it."""

    frame: pd.DataFrame
    """The rows, in the same order, with all that was known of them."""
    series: np.ndarray
    """(n,) int: series of each price."""
    product: np.ndarray
    """(n,) int: product of each price."""
    market: np.ndarray
    """(n,) int: market of each price."""
    day: np.ndarray
    """(n,) int: days since 1970-01-01."""
    price: np.ndarray
    """(n,) float: currency per quantity of unit."""
    log: np.ndarray
    """(n,) float: natural logarithm of the price."""

    def __len__(self) -> int:
        return len(self.price)

    def shifted(self, values: np.ndarray, step: int) -> np.ndarray:
        """Return ``values`` of the price ``step`` places on in the same series (negative: back); NaN where none is."""
        found = np.full(len(self), np.nan)
        if abs(step) >= len(self):
            return found
        here, there = (slice(None, -step), slice(step, None)) if step > 0 else (slice(-step, None), slice(None, step))
        found[here] = np.where(self.series[here] == self.series[there], values[there], np.nan)
        return found


def price_table(frame: pd.DataFrame) -> PriceTable:
    """Make the table of a frame with ``series_id``, ``product``, ``market``, ``date``, ``time`` and ``price``."""
    prices = frame["price"].to_numpy(dtype=float)
    kept = frame[np.isfinite(prices) & (prices > 0)]
    days = np.asarray(pd.to_datetime(kept["date"]).to_numpy(dtype="datetime64[D]").astype(np.int64))
    ordered = kept.assign(day=days).sort_values(["series_id", "day", "time"], kind="stable", ignore_index=True)
    price = ordered["price"].to_numpy(dtype=float)
    return PriceTable(
        frame=ordered,
        series=ordered["series_id"].to_numpy(dtype=np.int64),
        product=pd.factorize(ordered["product"])[0],
        market=pd.factorize(ordered["market"])[0],
        day=ordered["day"].to_numpy(dtype=np.int64),
        price=price,
        log=np.log(price),
    )
