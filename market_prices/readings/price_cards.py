"""The prices of one municipality: its own first, else those of its reference markets, each labelled with its age."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import pandas as pd

from market_prices.vocabulary.market_words import STALE_DAYS, kind_name
from market_prices.vocabulary.vocabulary import Market, Vocabulary

_SAME_TIME_DAYS = 60
"""Series of one product and market whose last prices lie within this many days are all current."""
_CHOOSING = ("product", "market", "level", "age_days", "variety", "unit", "quantity", "source")
"""What tells which series of a product and market are current, and in which order."""
_LEVEL_ORDER = {"wholesale": 0, "farm_gate": 1, "retail": 2}


@dataclass(frozen=True, kw_only=True)
class PriceCard:
    """The last price of one product in one market, as a producer needs it."""

    series_id: int
    """Number of its series in the book; no part of what is told."""
    product: str
    product_name: str
    variety: str
    variety_name: str
    market: str
    market_name: str
    level: str
    """``farm_gate``, ``wholesale`` or ``retail``."""
    level_name: str
    unit: str
    quantity: float
    """Units the price is for."""
    unit_name: str
    """What the price is for, in words: ``kg``, ``caja``, ``quintal de 46 kg``."""
    package: str
    currency: str
    kind: str
    """``observed`` in the municipality, ``reference`` from another market, or ``estimated``."""
    kind_name: str
    source: str
    source_name: str
    demo: bool
    """Simulated: it must be said."""
    date: dt.date
    time: str
    low: float | None
    """Currency per quantity of unit; ``None`` where not told."""
    price: float
    """Currency per quantity of unit."""
    high: float | None
    """Currency per quantity of unit; ``None`` where not told."""
    price_per_kg: float | None
    """Currency per kilogram; ``None`` where no conversion is known."""
    kg_note: str
    """Where the weight comes from, or why there is none."""
    age_days: int
    """Days between the price and the day of reading."""
    age_text: str
    stale: bool
    """Older than 60 days: it is not today's price and must not be called so."""
    previous_date: dt.date | None
    previous_price: float | None
    """Currency per quantity of unit, in the same series."""
    change: float | None
    """Price less the one before."""
    change_pct: float | None
    """Change, % of the one before."""
    flags: tuple[str, ...]
    """Doubts about the figure, by code."""
    primary: bool
    """To be shown first; the others are there to compare."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> PriceCard:
        """Return the card of these fields, all of them.

        A region has 1,500 cards, and the initialiser of a frozen record makes a call for each of its 33 fields.
        """
        card = object.__new__(cls)
        card.__dict__.update(fields)
        return card

    def as_dict(self) -> dict[str, Any]:
        """Return the card ready for JSON."""
        told = self.__dict__.copy()
        del told["series_id"]
        told["date"] = self.date.isoformat()
        told["previous_date"] = None if self.previous_date is None else self.previous_date.isoformat()
        told["flags"] = list(self.flags)
        return told


@dataclass(frozen=True, kw_only=True)
class MunicipalPrices:
    """The price cards of one municipality."""

    municipality: str
    """Six-digit code."""
    name: str
    market: Market
    """Its own market."""
    references: tuple[Market, ...]
    """Where reference prices come from."""
    today: dt.date
    """Day of reading; ages count from here."""
    cards: tuple[PriceCard, ...]
    """By product name; the primary ones of a product first."""

    @property
    def demo(self) -> bool:
        """Some figure is simulated: it must be said."""
        return any(each.demo for each in self.cards)

    def as_dict(self) -> dict[str, Any]:
        """Return everything ready for JSON."""
        return {
            "municipality": self.municipality,
            "name": self.name,
            "market": self.market.id,
            "references": [each.id for each in self.references],
            "today": self.today.isoformat(),
            "demo": self.demo,
            "cards": [each.as_dict() for each in self.cards],
        }


def region_prices(
    owns: Sequence[Market], latest: Iterable[Mapping[str, Any]], vocabulary: Vocabulary, today: dt.date
) -> tuple[MunicipalPrices, ...]:
    """Choose and order the cards of some municipalities.

    Parameters
    ----------
    owns
        The market of each municipality.
    latest
        Last prices of these and of their reference markets, as ``light_figures`` returns them.
    vocabulary
        Meaning of the ids.
    today
        Day of reading.
    """
    by_market: dict[str, list[Mapping[str, Any]]] = {}
    for each in latest:
        by_market.setdefault(each["market"], []).append(each)
    references = {each for own in owns for each in vocabulary.reference_markets(own.municipality)}
    single = {each: _picked(by_market[each], single=True) for each in sorted(references & set(by_market))}
    maker = _CardMaker(vocabulary)
    return tuple(_municipal(own, by_market.get(own.id, []), single, maker, today) for own in owns)


def _municipal(
    own: Market,
    mine: Sequence[Mapping[str, Any]],
    single: Mapping[str, Sequence[Mapping[str, Any]]],
    maker: _CardMaker,
    today: dt.date,
) -> MunicipalPrices:
    vocabulary = maker.vocabulary
    references = tuple(vocabulary.market(each) for each in vocabulary.reference_markets(own.municipality))
    wanted = {each.id for each in vocabulary.all_products if each.local} | {each["product"] for each in mine}
    others = {each.id for each in references} - {own.id}
    rank = {each.id: number for number, each in enumerate(references, start=1)}
    rows = _picked(mine, single=False)
    rows += [row for market in sorted(others) for row in single.get(market, ()) if row["product"] in wanted]
    fresh_own = {row["product"] for row in rows if row["market"] == own.id and row["age_days"] <= STALE_DAYS}
    cards = [
        maker.card(row, own=row["market"] == own.id, primary=row["market"] == own.id or row["product"] not in fresh_own)
        for row in rows
    ]
    cards.sort(
        key=lambda each: (
            each.product_name,
            each.product,
            rank.get(each.market, 0),
            each.variety,
            each.level,
            each.unit,
        )
    )
    return MunicipalPrices(
        municipality=own.municipality,
        name=own.municipality_name or own.name,
        market=own,
        references=references,
        today=today,
        cards=tuple(cards),
    )


def current_series(frame: pd.DataFrame, *, single: bool) -> pd.DataFrame:
    """Leave out series of a product and market that stopped long before its freshest; keep one of them if ``single``.

    Among the current ones wholesale comes before farm gate and retail, because that is what a producer is offered.
    """
    rows = frame[list(_CHOOSING)].to_dict("records")
    return frame.iloc[_current(rows, single=single)]


def _picked(rows: Sequence[Mapping[str, Any]], *, single: bool) -> list[Mapping[str, Any]]:
    return [rows[at] for at in _current(rows, single=single)]


def _current(rows: Sequence[Mapping[Any, Any]], *, single: bool) -> list[int]:
    """Return the positions of the rows that :func:`current_series` keeps, in its order."""
    places: dict[tuple[str, str], list[int]] = {}
    for at, each in enumerate(rows):
        places.setdefault((each["product"], each["market"]), []).append(at)
    current: list[int] = []
    for place in sorted(places):
        among = places[place]
        if len(among) > 1:
            oldest = min(rows[at]["age_days"] for at in among) + _SAME_TIME_DAYS
            among = sorted((at for at in among if rows[at]["age_days"] <= oldest), key=lambda at: _order(rows[at]))
        current += among[:1] if single else among
    return current


def _order(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return _LEVEL_ORDER[row["level"]], row["age_days"], row["variety"], row["unit"], row["quantity"], row["source"]


class _CardMaker:
    """Makes cards; the one of a reference market is the same for every municipality that shows it so."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._products = {each.id: each for each in vocabulary.all_products}
        self._demo = {each.id for each in vocabulary.all_sources if each.demo}
        self._kinds: dict[str, str] = {}
        self._made: dict[tuple[int, str, bool], PriceCard] = {}

    def card(self, row: Mapping[str, Any], *, own: bool, primary: bool) -> PriceCard:
        """Return the card of a row of last prices.

        Parameters
        ----------
        own
            It is of the market of the municipality.
        primary
            To be shown first.
        """
        kind = row["kind"] if own or row["kind"] == "estimated" else "reference"
        made = self._made.get((row["series_id"], kind, primary))
        if made is not None:
            return made
        if kind not in self._kinds:
            self._kinds[kind] = kind_name(kind)
        product = self._products.get(row["product"])
        fields = {
            **row,
            "kind": kind,
            "kind_name": self._kinds[kind],
            "variety_name": product.variety_name(row["variety"]) if product else row["variety"],
            "demo": row["source"] in self._demo,
            "flags": tuple(row["flags"].split()),
            "primary": primary,
        }
        card = PriceCard.of(dict(zip(_FIELDS, _of_card(fields), strict=True)))
        self._made[row["series_id"], kind, primary] = card
        return card


_FIELDS = tuple(PriceCard.__dataclass_fields__)
_of_card = itemgetter(*_FIELDS)
