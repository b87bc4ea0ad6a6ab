"""What a producer reads about each product, prepared for the page: figures in words, newest first, nothing invented."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from api.pages.page_numbers import age, day, money, written
from api.pages.sparkline import MOST_POINTS, Sparkline, sparkline
from gis.messages import LANGUAGES, current_language, translator
from layers.spelling import plain_text
from market_prices.book import Book
from market_prices.readings.price_cards import PriceCard

_ = translator("api")

PAGE_SIZE = 24
"""Products of one page, so that it fits in the first round trip of a weak connection."""


@dataclass(frozen=True, kw_only=True)
class PriceFilter:
    """What the reader asked for."""

    q: str = ""
    """Part of a product's name; accents and case do not matter."""
    kind: str = ""
    """``observed``, ``reference`` or ``estimated``; empty means all."""
    page: int = 1
    """Page, from 1."""


@dataclass(frozen=True, kw_only=True)
class PriceLine:
    """One price in words."""

    price: str
    unit: str
    per_kg: str
    """Empty where no conversion is known."""
    kg_note: str
    """Why no price per kg is given."""
    trend: str
    """``up``, ``down``, ``same`` or empty where there is no previous price."""
    sign: str
    trend_text: str
    before: str
    """The previous price and its day."""
    spread: str
    """Lowest and highest price of that day, or empty."""
    kind: str
    kind_text: str
    source: str
    """Market and price level."""
    date_iso: str
    date_text: str
    age_text: str
    stale: bool
    doubt: str
    """Said of a price that looks like an error and nobody has decided on; empty of others."""
    variety: str


@dataclass(frozen=True, kw_only=True)
class ProductCard:
    """One product: the line to read first, those to compare it with, and its history."""

    id: str
    name: str
    first: PriceLine
    others: tuple[PriceLine, ...]
    spark: Sparkline | None


@dataclass(frozen=True, kw_only=True)
class PricePage:
    """One page of a municipality's prices."""

    filter: PriceFilter
    fresh: tuple[ProductCard, ...]
    stale: tuple[ProductCard, ...]
    """Products whose newest price is too old to be called today's."""
    has_own: bool
    """Whether any price was observed in the municipality itself."""
    kinds: tuple[tuple[str, str], ...]
    found_text: str
    none_text: str
    previous: str
    """Query of the page before this one, or empty."""
    next: str
    remaining: int
    """Products after this page."""
    demo: bool
    """Some price is simulated: it must be said."""


def price_page(book: Book, code: str, asked: PriceFilter) -> PricePage:
    """Prepare the prices of one municipality.

    Parameters
    ----------
    book
        The price book.
    code
        Municipal code, six digits.
    asked
        Search, kind and page.

    Raises
    ------
    gis.errors.VallesError
        The book cannot be read, or knows no such municipality.
    """
    told = book.municipal(code)
    every = told.cards
    groups = _by_product(every, asked)
    start = (asked.page - 1) * PAGE_SIZE
    here = groups[start : start + PAGE_SIZE]
    histories = book.recent([group[0].series_id for group in here], MOST_POINTS)
    cards = [_product(group, histories[group[0].series_id], told.today) for group in here]
    kinds = (("", _("Todos los precios")), ("observed", _("Observados aquí")), ("reference", _("De referencia")))
    return PricePage(
        filter=asked,
        fresh=tuple(card for card in cards if not card.first.stale),
        stale=tuple(card for card in cards if card.first.stale),
        has_own=any(card.kind == "observed" for card in every),
        kinds=kinds,
        found_text=_found(len(groups)),
        none_text=_("Ningún producto coincide con la búsqueda.") if every else _("Todavía no hay precios cargados."),
        previous=_page_query(asked, asked.page - 1) if asked.page > 1 else "",
        next=_page_query(asked, asked.page + 1) if start + PAGE_SIZE < len(groups) else "",
        demo=told.demo,
        remaining=max(len(groups) - start - PAGE_SIZE, 0),
    )


def _found(count: int) -> str:
    return _("1 producto.") if count == 1 else _("{n} productos.").format(n=count)


def _page_query(asked: PriceFilter, page: int) -> str:
    values = {"q": asked.q, "kind": asked.kind, "page": str(page) if page > 1 else ""}
    if current_language() != LANGUAGES[0]:
        values["lang"] = current_language()
    return "?" + urlencode({name: value for name, value in values.items() if value})


def _by_product(cards: Iterable[PriceCard], asked: PriceFilter) -> list[list[PriceCard]]:
    """Return the wanted cards by product, the fresh products first, then by name; in each the main line first."""
    wanted = plain_text(asked.q)
    groups: dict[str, list[PriceCard]] = {}
    for card in cards:
        if (not asked.kind or card.kind == asked.kind) and wanted in plain_text(f"{card.product_name} {card.product}"):
            groups.setdefault(card.product, []).append(card)
    for group in groups.values():
        group.sort(key=lambda card: (not card.primary, card.stale))
    return sorted(groups.values(), key=lambda group: (group[0].stale, plain_text(group[0].product_name)))


def _product(group: list[PriceCard], history: Sequence[tuple[date, float | None]], today: date) -> ProductCard:
    first, *others = group
    return ProductCard(
        id=first.product,
        name=first.product_name[:1].upper() + first.product_name[1:],
        first=price_line(first, today),
        others=tuple(price_line(card, today) for card in others),
        spark=sparkline(history, currency=first.currency, today=today),
    )


def _number(value: object) -> float | None:
    number = float(value) if isinstance(value, (int, float)) else math.nan
    return None if math.isnan(number) else number


def price_line(card: PriceCard, today: date) -> PriceLine:
    """Return one price in words, as they are on the day of reading."""
    price, per_kg = _number(card.price), _number(card.price_per_kg)
    trend, sign, trend_text, before = _trend(card, today)
    low, high = _number(card.low), _number(card.high)
    written_day = day(card.date, today)
    plain_kilo = card.unit == "kg" and _number(card.quantity) == 1
    return PriceLine(
        price=_("sin dato") if price is None else money(price, card.currency),
        unit=_("por {unit}").format(unit=card.unit_name),
        per_kg="" if per_kg is None or plain_kilo else _("{price} por kg").format(price=money(per_kg, card.currency)),
        kg_note="" if per_kg is not None else card.kg_note,
        trend=trend,
        sign=sign,
        trend_text=trend_text,
        before=before,
        spread=""
        if low is None or high is None or low == high
        else _("entre {low} y {high}").format(low=money(low, card.currency), high=money(high, card.currency)),
        kind=card.kind,
        kind_text=_kind(card.kind),
        source=" · ".join(part for part in (card.market_name, card.level_name) if part),
        date_iso=card.date.isoformat(),
        date_text=_("{day}, {hour} h").format(day=written_day, hour=card.time) if card.time else written_day,
        age_text=age(card.age_days),
        stale=card.stale,
        doubt=_("puede ser un error, está por revisar") if "suspected_error" in card.flags else "",
        variety=card.variety_name,
    )


def _kind(kind: str) -> str:
    names: Mapping[str, str] = {
        "observed": _("Observado aquí"),
        "reference": _("Referencia"),
        "estimated": _("Estimado"),
    }
    return names.get(kind, kind)


def _trend(card: PriceCard, today: date) -> tuple[str, str, str, str]:
    """Return the direction since the previous price, its sign, the words that say it, and that price with its day."""
    change, before = _number(card.change), _number(card.previous_price)
    if change is None or before is None or card.previous_date is None:
        return "", "", "", ""
    was = _("antes {price}, el {date}").format(price=money(before, card.currency), date=day(card.previous_date, today))
    share = _number(card.change_pct)
    percent = "" if share is None else f" {written(abs(share), 0 if abs(share) >= 1 else 1)} %"
    if change > 0:
        return "up", "▲", _("Subió{percent}").format(percent=percent), was
    if change < 0:
        return "down", "▼", _("Bajó{percent}").format(percent=percent), was
    return "same", "=", _("Igual"), was
