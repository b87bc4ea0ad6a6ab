"""How unusual the last price of a series is: one level from ALPS, else from IFPA, else none and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.messages import translator
from market_prices.indicators.alps import alps, alps_classes
from market_prices.indicators.ifpa import ifpa, ifpa_classes
from market_prices.indicators.indicator_table import DECIMALS
from market_prices.indicators.price_deflator import real_prices
from market_prices.vocabulary.market_words import STALE_DAYS

_ = translator("market_prices")

LEVELS = ("normal", "stress", "alert", "crisis")
"""From usual to extreme: the classes of ALPS."""
NO_LEVEL = "none"
_OF_IFPA = {"moderately_high": "stress", "abnormally_high": "alert"}


@dataclass(frozen=True, kw_only=True)
class Alert:
    """The alert of one series on one day."""

    level: str = NO_LEVEL
    """One of :data:`LEVELS`, or ``none``."""
    basis: str = ""
    """``alps_real``, ``alps``, ``ifpa_real`` or ``ifpa``; empty without a level."""
    value: float | None = None
    """ALPS, standard deviations, or IFPA, weighted standard deviations."""
    month: str = ""
    """Month that was judged, ``2026-08``."""
    reason: str = ""
    """Why there is no level: ``no_price``, ``stale`` or ``short_series``; empty where there is one."""


def alert_of(prices: pd.Series, index: pd.Series, *, last: dt.date | None, day: dt.date) -> Alert:
    """Judge the last month of a series.

    ALPS of real prices is taken where the price index is known, else of nominal ones; a series too short for it is
    judged by IFPA, whose moderately high is ``stress`` and whose abnormally high is ``alert``.

    Parameters
    ----------
    prices
        Prices by month up to ``day`` (complete PeriodIndex, NaN in gaps), currency per unit.
    index
        General consumer price index by month; empty where it does not deflate this series.
    last
        Day of the last price.
    day
        The present: a series whose last price is older than 60 days has no level.
    """
    if last is None or not prices.notna().any():
        return Alert(reason="no_price")
    if (day - last).days > STALE_DAYS:
        return Alert(reason="stale", month=str(prices.last_valid_index()))
    place = int(np.flatnonzero(prices.notna().to_numpy())[-1])
    month = prices.index[place]
    real = real_prices(prices, index)[0] if len(index.dropna()) else pd.Series(np.nan, index=prices.index, dtype=float)
    for basis, reckon, told in (("alps_real", alps, real), ("alps", alps, prices)):
        value = _at(reckon(told), place)
        if value is not None:
            return Alert(level=str(alps_classes([value])[0]), basis=basis, value=value, month=str(month))
    for basis, told in (("ifpa_real", real), ("ifpa", prices)):
        value = _at(ifpa(told), place)
        if value is not None:
            level = _OF_IFPA.get(str(ifpa_classes([value])[0]), "normal")
            return Alert(level=level, basis=basis, value=value, month=str(month))
    return Alert(reason="short_series", month=str(month))


def _at(values: pd.Series, place: int) -> float | None:
    value = float(values.to_numpy(dtype=float)[place])
    return None if np.isnan(value) else round(value, DECIMALS)


def level_name(level: str) -> str:
    """Return what a reader sees for an alert level."""
    return {
        "normal": _("normal"),
        "stress": _("tensión"),
        "alert": _("alerta"),
        "crisis": _("crisis"),
    }.get(level, _("sin dato"))


def reason_name(reason: str) -> str:
    """Say why there is no alert level."""
    return {
        "no_price": _("no hay precios"),
        "stale": _("el último precio tiene más de 60 días"),
        "short_series": _("faltan años de precios para saber qué es normal"),
    }.get(reason, "")
