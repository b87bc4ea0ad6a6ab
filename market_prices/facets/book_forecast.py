"""Forecasts read from a book: silent where nothing beats the last price, the same again from the same records."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Unpack

import pandas as pd
import sqlalchemy as sa

from market_prices.book_tables import quality_decision
from market_prices.facets.asked_words import AskedMonths
from market_prices.facets.book_analysis import BookAnalysis
from market_prices.forecasting import price_forecast
from market_prices.forecasting.conformal_bands import calibrate
from market_prices.forecasting.price_forecast import Calibration, forecast_rows, judge
from market_prices.forecasting.price_panel import PricePanel
from market_prices.forecasting.rolling_origin import MINIMUM_MONTHS, RollingOrigin
from market_prices.indicators.indicator_table import season_table
from market_prices.ledger.book_engine import reading
from market_prices.ledger.pooled_prices import medians_by_month, newest_batch, pooled_prices
from market_prices.ledger.price_reading import Selection
from market_prices.quality.flag_book import price_marks
from market_prices.readings.monthly_series import joined_tables
from market_prices.vocabulary.index_items import GENERAL_CHANGE
from market_prices.vocabulary.vocabulary import Vocabulary

_KEPT = 8
"""Calibrations that an open book remembers."""
_Key = tuple[str, dt.date | None, dt.date | None, int, int]


class BookForecast(BookAnalysis):
    """Reading with a look ahead; ``Book`` adds opening and writing.

    Parameters
    ----------
    engine, vocabulary, clock
        As in :class:`market_prices.facets.book_reader.BookReader`.
    """

    def __init__(self, engine: sa.Engine, vocabulary: Vocabulary, clock: Callable[[], dt.datetime]) -> None:
        super().__init__(engine, vocabulary, clock)
        self._calibrations: dict[_Key, Calibration] = {}
        self._calibrating = threading.Lock()

    def forecast(
        self, product: str | None = None, market: str | None = None, **asked: Unpack[AskedMonths]
    ) -> pd.DataFrame:
        """Return the price of the next three months of each series, or the last one and why nothing beats it.

        The forecast is the mean of four small models of the logarithm of the nominal price; no price index is used.
        Its intervals are learnt from the errors of all long series of the same source, and say how many outcomes they
        have held so far. With ``as_of`` the answer of that day comes again.

        Parameters
        ----------
        product, market
            Any spelling; all when omitted.
        asked
            As :class:`market_prices.facets.asked_words.AskedMonths` says; ``as_of``, or ``until``, is then the present.

        Returns
        -------
        pandas.DataFrame
            The key of the series with its names, ``last_date``, ``age_days`` and ``stale``, and the columns of
            :data:`market_prices.forecasting.price_forecast.COLUMNS`; units are in ``attrs["units"]``. Three rows a
            series; one without a month where the series is estimated or too old.

        Raises
        ------
        UnknownNameError
            Product, market or unit is in no vocabulary.
        ObservationError
            A date or ``level`` is none.
        BookError
            The book cannot be read.
        """
        wanted = self._selection(product, market, **asked)
        now = pd.Period(self._present(wanted), freq="M")
        series = self._monthly(self._prices_only(wanted) if product is None else wanted)
        parts = []
        for one in series.each:
            if not (one.prices > 0).any() or one.key["product"] == GENERAL_CHANGE:
                continue
            found = judge(one.prices, now=now, estimated=one.key["kind"] == "estimated")
            needed = found.silence in {"", "not_better", "untested"}
            bands = self._calibration(str(one.key["source"]), wanted) if needed else {}
            season = season_table(one.prices, one.index)["index"] if found.speaks else pd.Series(dtype=float)
            parts.append(forecast_rows(found, bands, season).assign(series_id=one.number))
        return joined_tables(series, parts, price_forecast.COLUMNS, price_forecast.UNITS, self._present(wanted))

    def _calibration(self, source: str, wanted: Selection) -> Calibration:
        """Return the intervals of a source, remembered until something is recorded."""
        with self._calibrating:
            with reading(self._engine) as connection:
                key: _Key = (source, wanted.as_of, wanted.end, newest_batch(connection), _newest_decision(connection))
                known = self._calibrations.get(key)
                if known is not None:
                    return known
                kept = pooled_prices(
                    connection, wanted, source=source, fewest=MINIMUM_MONTHS, without=(GENERAL_CHANGE,)
                )
                kept = _without_errors(connection, kept, wanted)
            bands = calibrate(RollingOrigin(PricePanel.of(medians_by_month(kept))))
            while len(self._calibrations) >= _KEPT:
                del self._calibrations[next(iter(self._calibrations))]
            self._calibrations[key] = bands
            return bands


def _newest_decision(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(quality_decision.c.id), 0))).scalar_one())


def _without_errors(connection: sa.Connection, frame: pd.DataFrame, wanted: Selection) -> pd.DataFrame:
    """Leave out the prices that a steward has confirmed to be errors."""
    marks = price_marks(connection, frame["series_id"].unique().tolist(), as_of=wanted.as_of)
    if marks.empty:
        return frame
    slot = ["series_id", "date", "time"]
    wrong = set(marks.loc[marks["confirmed"], slot].itertuples(index=False, name=None))
    return frame[[each not in wrong for each in frame[slot].itertuples(index=False, name=None)]]
