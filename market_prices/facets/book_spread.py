"""Prices of markets side by side, read from a book: how far apart, with the roads beside them, and who follows whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Unpack

import numpy as np
import pandas as pd

from gis.errors import InputError
from gis.messages import translator
from market_prices.facets.asked_words import AskedPairs
from market_prices.facets.book_analysis import BookAnalysis
from market_prices.indicators.market_spread import (
    FARTHEST_LAG,
    FREQUENCIES,
    period_frequency,
    period_medians,
    spread_table,
    transmission,
)
from market_prices.ledger.book_engine import reading
from market_prices.ledger.index_items_kept import words_for
from market_prices.ledger.price_reading import Selection, known_before
from market_prices.price_errors import ObservationError
from market_prices.quality.flag_book import road_blocks
from market_prices.quality.price_marks import marked_series
from market_prices.quality.quality_rules import quality_rules
from market_prices.readings.figures import with_names
from market_prices.vocabulary.market_words import STALE_DAYS

_ = translator("market_prices")

DECIMALS = 6
_LINE = ("product", "product_name", "level", "level_name", "variety", "currency", "per")
"""What two prices must share to be compared; ``per`` is what they are for."""
PAIR_COLUMNS = (*_LINE, "market_a", "market_name_a", "source_a", "market_b", "market_name_b", "source_b", "frequency")
SPREAD_UNITS = {
    "price_a": "currency per unit of the column per, median of the period",
    "price_b": "currency per unit of the column per, median of the period",
    "spread": "currency per unit of the column per, b less a",
    "spread_pct": "% of price_a",
    "road_blocks": "road blocks in the country, most in a day of the period",
    "road_days": "days of the period in the road calendar",
    "age_days": "days",
}
TRANSMISSION_UNITS = {
    "lag": "periods of the column frequency by which b follows a; negative: b leads",
    "correlation": "1, of the changes of the log prices",
    "changes": "pairs of changes",
    "p_value": "1, two-sided, times the lags tried",
}
_AGES = ("last_date", "age_days", "stale")
SPREAD_COLUMNS = (
    *PAIR_COLUMNS, "date", "price_a", "price_b", "spread", "spread_pct", "road_blocks", "road_days", "road_state",
    *_AGES,
)  # fmt: skip
TRANSMISSION_COLUMNS = (*PAIR_COLUMNS, *TRANSMISSION_UNITS, "significant", "note", *_AGES)


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """Two markets whose prices may be compared."""

    names: dict[str, Any]
    first: pd.Series
    second: pd.Series
    last: dt.date
    """Day of the last price of the one that fell silent first."""


class BookSpread(BookAnalysis):
    """Reading of several markets at once; ``Book`` adds opening and writing."""

    def spread(self, product: str, market: str | None = None, **asked: Unpack[AskedPairs]) -> pd.DataFrame:
        """Return the prices of each pair of markets side by side with their difference and the state of the roads.

        Prices are compared per kilogram where both weights are known, else only in the same unit; never across price
        levels, varieties or currencies. Estimated prices and price indexes are left out.

        Parameters
        ----------
        product
            Any spelling.
        market
            Only pairs with this market; all pairs when omitted.
        asked
            As :class:`market_prices.facets.asked_words.AskedPairs` says.

        Returns
        -------
        pandas.DataFrame
            The columns of :data:`SPREAD_COLUMNS`, one row a pair and period, gaps as rows; ``road_state`` is ``open``,
            ``blocked`` (as many blocks in a day as the quality rules say) or ``unknown``. Units are in ``attrs``.

        Raises
        ------
        UnknownNameError
            Product or market is in no vocabulary.
        ObservationError
            A date, level or frequency is none.
        BookError
            The book cannot be read.
        """
        wanted = self._of_pairs(product, asked)
        roads, limit = self._roads(wanted), quality_rules().shock_blocks
        parts = []
        for pair in self._pairs(wanted, self._market_ids(market, asked.get("other")), asked.get("frequency")):
            table = spread_table(pair.first, pair.second, roads).round(DECIMALS)
            state = np.where(table["road_blocks"] >= limit, "blocked", "open").astype(object)
            state[table["road_days"].to_numpy() == 0] = "unknown"
            dates = [each.start_time.date() for each in table.index]
            ages = self._ages(pair, wanted)
            parts.append(table.reset_index(drop=True).assign(date=dates, road_state=state, **pair.names, **ages))
        return _joined(parts, SPREAD_COLUMNS, SPREAD_UNITS)

    def transmission(self, product: str, market: str | None = None, **asked: Unpack[AskedPairs]) -> pd.DataFrame:
        """Return, for each pair of markets, the lag at which their price changes go together most.

        Parameters
        ----------
        product, market, asked
            As in :meth:`spread`.

        Returns
        -------
        pandas.DataFrame
            The columns of :data:`TRANSMISSION_COLUMNS`, one row a pair; without enough changes a figure is missing
            and ``note`` says so. Units are in ``attrs["units"]``.

        Raises
        ------
        UnknownNameError
            Product or market is in no vocabulary.
        ObservationError
            A date, level or frequency is none.
        BookError
            The book cannot be read.
        """
        wanted = self._of_pairs(product, asked)
        parts = []
        for pair in self._pairs(wanted, self._market_ids(market, asked.get("other")), asked.get("frequency")):
            found = transmission(pair.first, pair.second, FARTHEST_LAG[pair.names["frequency"]])
            few = _("hay {n} cambios comparables, muy pocos o sin movimiento").format(n=found.changes)
            row = {
                "lag": found.lag,
                "correlation": round(found.correlation, DECIMALS),
                "changes": found.changes,
                "p_value": round(found.p_value, DECIMALS),
                "significant": found.significant if found.lag is not None else None,
                "note": "" if found.lag is not None else few,
            }
            parts.append(pd.DataFrame([{**pair.names, **row, **self._ages(pair, wanted)}]))
        done = _joined(parts, TRANSMISSION_COLUMNS, TRANSMISSION_UNITS)
        done["lag"] = done["lag"].astype("Int64")
        return done

    def _of_pairs(self, product: str, asked: AskedPairs) -> Selection:
        unknown = set(asked) - set(AskedPairs.__annotations__)
        if unknown:
            raise InputError(
                _("No se sabe qué es {names}").format(names=", ".join(sorted(unknown))),
                expected=_("Uno de: {names}").format(names=", ".join(sorted(AskedPairs.__annotations__))),
            )
        days, level, variety = (asked.get("as_of"), asked.get("until")), asked.get("level"), asked.get("variety")
        return self._selection(product, None, as_of=days[0], until=days[1], level=level, variety=variety)

    def _ages(self, pair: _Pair, wanted: Selection) -> dict[str, Any]:
        age = max((self._present(wanted) - pair.last).days, 0)
        return {"last_date": pair.last, "age_days": age, "stale": age > STALE_DAYS}

    def _market_ids(self, *names: str | None) -> tuple[str, ...]:
        return tuple(self.vocabulary.market(each).id for each in names if each is not None)

    def _roads(self, wanted: Selection) -> dict[int, float]:
        with reading(self._engine) as connection:
            return road_blocks(connection, before=known_before(wanted.as_of))

    def _pairs(self, wanted: Selection, among: tuple[str, ...], frequency: str | None) -> Iterator[_Pair]:
        """Yield the pairs of markets that have periods in common."""
        if frequency is not None and frequency not in FREQUENCIES:
            raise ObservationError(
                _("Frecuencia desconocida: «{text}»").format(text=frequency),
                expected=_("weekly (semanal) o monthly (mensual)"),
            )
        with reading(self._engine) as connection:
            found = marked_series(connection, self._prices_only(wanted))
            words = words_for(connection, found, self.vocabulary)
        frame = with_names(found[(found["kind"] != "estimated") & found["price"].notna()], words)
        for __, told in _per_unit(frame).groupby(list(_LINE), sort=True):
            sides = sorted(told.groupby(["market", "source"]), key=lambda each: (each[0][0] not in among[:1], each[0]))
            for (names_a, a), (names_b, b) in combinations(sides, 2):
                if names_a[0] == names_b[0] or not set(among) <= {names_a[0], names_b[0]}:
                    continue
                often = frequency or min(period_frequency(each["date"]) for each in (a, b))  # monthly before weekly
                first, second = (period_medians(each["date"], each["value"], often) for each in (a, b))
                if max(first.index.min(), second.index.min()) > min(first.index.max(), second.index.max()):
                    continue
                key = {name: told[name].iloc[0] for name in _LINE}
                sides_named = {
                    f"{name}_{side}": each[name].iloc[0]
                    for side, each in (("a", a), ("b", b))
                    for name in ("market", "market_name", "source")
                }
                last = min(max(a["date"]), max(b["date"]))
                yield _Pair(names={**key, **sides_named, "frequency": often}, first=first, second=second, last=last)


def _per_unit(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``value``, the price, and ``per``, what it is for: a kilogram where the weight is known, else the unit."""
    known = frame["price_per_kg"].notna()
    value = frame["price_per_kg"].where(known, frame["price"].astype(float))
    return frame.assign(value=value.astype(float), per=frame["unit_name"].where(~known, "kg"))


def _joined(parts: list[pd.DataFrame], columns: tuple[str, ...], units: dict[str, str]) -> pd.DataFrame:
    done = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns))
    done = done[list(columns)]
    done.attrs["units"] = {**units, "age_days": "days"}
    return done
