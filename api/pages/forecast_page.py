"""What is expected of each product's price, in words: with how sure it is, or why nothing beats the last price."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages.page_numbers import age, day, money, month_names, written
from gis.messages import current_language, translator
from layers.spelling import plain_text
from market_prices.book import Book, records
from market_prices.readings.price_cards import MunicipalPrices, PriceCard

_ = translator("api")

_KEY = ("product", "market", "variety", "level", "unit", "quantity", "package", "source")
_NEAR = 1.0
"""A season that moves a price by less than this, %, is not told."""
_Row = Mapping[str, Any]
_Series = list[list[_Row]]
"""The months of each series of a market."""


@dataclass(frozen=True, kw_only=True)
class MonthLine:
    """One month to come."""

    month: str
    price: str
    between: str
    """The 80 % interval; empty where too few errors were measured."""


@dataclass(frozen=True, kw_only=True)
class ForecastCard:
    """What may be said of one product."""

    id: str
    name: str
    variety: str
    source: str
    """Market and price level."""
    unit: str
    last: str
    """The last price: median of its month."""
    last_text: str
    """Month and age of it."""
    months: tuple[MonthLine, ...]
    """Empty where nothing is said of the coming months."""
    speaks: bool
    """A forecast is given; else the last price stands in the months."""
    why: str
    """Why there is none; empty where there is one."""
    proof: tuple[str, ...]
    """What was measured: errors of this series, and how often the interval held."""
    season: str
    """What the season usually does; empty where it is not known."""
    stale: bool
    demo: bool


class ForecastShelf:
    """Forecasts of whole markets, remembered while book, day and language stay the same: the first reader waits."""

    _MOST = 32

    def __init__(self) -> None:
        self._held: dict[tuple[int, str, date, str, str], _Series] = {}
        self._lock = threading.Lock()

    def of(self, book: Book, market: str, state: str) -> _Series:
        """Return the forecasts of a market.

        Parameters
        ----------
        book, market
            Whose.
        state
            Of the book, from :meth:`market_prices.book.Book.state`.

        Raises
        ------
        gis.errors.VallesError
            The book cannot be read.
        """
        key = (id(book.vocabulary), state, book.today, current_language(), market)
        with self._lock:
            held = self._held.get(key)
            if held is None:
                found: dict[tuple[Any, ...], list[_Row]] = {}
                for row in records(book.forecast(None, market)):
                    found.setdefault(tuple(row[name] for name in _KEY), []).append(row)
                held = list(found.values())
                while len(self._held) >= self._MOST:
                    del self._held[next(iter(self._held))]
                self._held[key] = held
        return held


def forecast_cards(told: MunicipalPrices, forecasts: Sequence[Sequence[_Row]]) -> list[ForecastCard]:
    """Return what may be said of each product of a municipality: forecasts first, then by name.

    Parameters
    ----------
    told
        The prices of the municipality: which series speak for it.
    forecasts
        The months of each series of its markets, as ``Book.forecast`` has them.
    """
    by_key = {tuple(rows[0][name] for name in _KEY): rows for rows in forecasts}
    groups: dict[str, list[tuple[PriceCard, Sequence[_Row]]]] = {}
    for card in sorted(told.cards, key=lambda each: (not each.primary, each.stale)):
        rows = by_key.get(tuple(getattr(card, name) for name in _KEY))
        if rows:
            groups.setdefault(card.product, []).append((card, rows))
    chosen = [min(group, key=_order) for group in groups.values()]
    cards = [_card(card, rows, told.today) for card, rows in chosen]
    return sorted(cards, key=lambda each: (not each.speaks, not each.months, plain_text(each.name), each.id))


def _order(one: tuple[PriceCard, Sequence[_Row]]) -> tuple[Any, ...]:
    """Put a series with a forecast first, then one that is not stale, then the youngest; equals keep their order."""
    card, rows = one
    return bool(rows[0]["silence"]), card.stale, card.age_days if card.stale else 0


def _card(card: PriceCard, rows: Sequence[_Row], today: date) -> ForecastCard:
    first = rows[0]
    speaks = not first["silence"]
    return ForecastCard(
        id=card.product,
        name=card.product_name[:1].upper() + card.product_name[1:],
        variety=card.variety_name,
        source=" · ".join(part for part in (card.kind_name, card.market_name, card.level_name) if part),
        unit=_("por {unit}").format(unit=card.unit_name),
        last=money(first["last_price"], card.currency),
        last_text=_("mediana de {month}; el último dato es del {day}, {age}").format(
            month=_month(first["last_month"], today), day=day(card.date, today), age=age(card.age_days)
        ),
        months=tuple(_line(row, card.currency, today) for row in rows if row["date"] and (speaks or _has_band(row))),
        speaks=speaks,
        why=first["reason"],
        proof=_proof(first),
        season=_season(rows),
        stale=card.stale,
        demo=card.demo,
    )


def _has_band(row: _Row) -> bool:
    return row["low80"] is not None and row["high80"] is not None


def _line(row: _Row, currency: str, today: date) -> MonthLine:
    between = ""
    if _has_band(row):
        between = _("{low} a {high}").format(low=written(row["low80"], 2), high=written(row["high80"], 2))
    return MonthLine(month=_month(row["date"], today), price=money(row["price"], currency), between=between)


def _month(iso: str, today: date) -> str:
    name = month_names()[int(iso[5:7]) - 1]
    return name if iso[:4] == str(today.year) else f"{name} {iso[:4]}"


def _proof(row: _Row) -> tuple[str, ...]:
    told = []
    if row["tests"] and row["mase"] is not None and row["mase_naive"] is not None and not row["silence"]:
        told.append(
            _(
                "Probado {n} veces en esta serie: erró {ours} veces lo que el precio suele cambiar en un mes; "
                "repetir el último precio erró {naive}."
            ).format(n=row["tests"], ours=written(row["mase"], 2), naive=written(row["mase_naive"], 2))
        )
    if row["coverage80"] is not None:
        told.append(
            _(
                "Entre los dos números debe caer el precio 8 de cada 10 veces; medido a un mes: {share} % de {n}."
            ).format(share=written(row["coverage80"], 0), n=written(row["coverage_outcomes"]))
        )
    elif row["interval_note"]:
        told.append(row["interval_note"])
    return tuple(told)


def _season(rows: Sequence[_Row]) -> str:
    """Say what the season usually does to the price between the last month and the first that comes."""
    row = rows[0]
    now, then = row["season_index_last"], row["season_index"]
    if now is None or then is None or not row["date"]:
        return ""
    percent = 100 * (then / now - 1)
    if abs(percent) < _NEAR:
        return ""
    text = (
        _("En {then} suele estar {percent} % más caro que en {now}.")
        if percent > 0
        else _("En {then} suele estar {percent} % más barato que en {now}.")
    )
    names = month_names()
    return text.format(
        then=names[int(row["date"][5:7]) - 1], now=names[int(row["last_month"][5:7]) - 1], percent=written(abs(percent))
    )
