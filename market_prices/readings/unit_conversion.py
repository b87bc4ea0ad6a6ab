"""Prices told in the unit that a reader asks for, where product, place and package say how much that is."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd

from gis.messages import translator
from market_prices.price_errors import ObservationError
from market_prices.vocabulary.measures import Sale, Unit
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

_MOST_NOTES = 4
"""Reasons that a refusal lists."""


def prices_in_unit(frame: pd.DataFrame, unit: str, quantity: float, vocabulary: Vocabulary) -> pd.DataFrame:
    """Add the price in another unit: ``asked_unit`` (its name), ``asked_price`` and ``asked_note``, why there is none.

    Weights go by product, variety, market and date, those of the asked unit as sold without a named package; pieces and
    litres convert among themselves. Nothing is guessed: without a known weight on both sides there is no price.

    Parameters
    ----------
    frame
        Prices with names, as ``Book.latest`` and ``Book.series`` return them.
    unit, quantity
        Id of the asked unit, and how many of it.
    vocabulary
        Measures and their conversions.

    Raises
    ------
    ObservationError
        Not one of the prices can be told in that unit.
    """
    label = vocabulary.measures.label(unit, quantity)
    seen: dict[tuple[Any, ...], tuple[float, str]] = {}
    names = ("product", "variety", "market", "unit", "quantity", "package", "source", "date")
    told = []
    for each in zip(*(frame[name] for name in names), strict=True):
        if each not in seen:
            seen[each] = _factor(dict(zip(names, each, strict=True)), unit, quantity, vocabulary)
        told.append(seen[each])
    factors = np.array([each[0] for each in told], dtype=float)
    notes = [each[1] for each in told]
    prices = frame["price"].astype(float)
    done = frame.assign(
        asked_unit=label,
        asked_price=np.round(prices.to_numpy() * factors, 4),
        asked_note=pd.Series(notes, index=frame.index, dtype=object),
    )
    if prices.notna().any() and done["asked_price"].isna().all():
        raise ObservationError(
            _("No se puede decir ningún precio por {unit}").format(unit=label),
            expected="; ".join(sorted({each for each in notes if each})[:_MOST_NOTES]),
            remedy=_("Pida el precio en la medida en que se vende, o anote la conversión en measures.toml"),
        )
    done.attrs["units"] = {**frame.attrs.get("units", {}), "asked_price": "currency per asked_unit"}
    return done


def _factor(row: dict[str, Any], unit: str, quantity: float, vocabulary: Vocabulary) -> tuple[float, str]:
    """Return what a price of the row is multiplied by, NaN where not known, and why."""
    measures = vocabulary.measures
    if row["unit"] == unit:
        return quantity / float(row["quantity"]), ""
    pieces = _same_kind(measures.units.get(str(row["unit"])), measures.units.get(unit))
    if pieces is not None:
        return quantity * pieces / float(row["quantity"]), ""
    date = row["date"].isoformat() if isinstance(row["date"], dt.date) else str(row["date"])
    place = {name: str(row[name]) for name in ("product", "variety", "market", "source")}
    sold = measures.weight(Sale(**place, unit=str(row["unit"]), package=str(row["package"])), date)
    asked = measures.weight(Sale(**place, unit=unit), date)
    for weight, name in ((sold, str(row["unit"])), (asked, unit)):
        if weight.kg is None:
            return math.nan, _("{unit}: {note}").format(unit=measures.label(name, 1.0), note=weight.note)
    if sold.kg is None or asked.kg is None:
        return math.nan, ""
    return quantity * asked.kg / (float(row["quantity"]) * sold.kg), ""


def _same_kind(sold: Unit | None, asked: Unit | None) -> float | None:
    """Return how many of the sold unit one of the asked is, by pieces or litres; ``None`` where neither is told."""
    if sold is None or asked is None:
        return None
    for one, other in ((sold.units, asked.units), (sold.litres, asked.litres)):
        if one is not None and other is not None:
            return other / one
    return None
