"""The prices of one municipality: its own first, else those of its reference markets, each labelled with its age."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from market_prices.figures import KEY_NAMES, json_ready
from market_prices.vocabulary.market_words import STALE_DAYS, kind_name
from market_prices.vocabulary.vocabulary import Market, Vocabulary

_SAME_TIME_DAYS = 60
"""Series of one product and market whose last prices lie within this many days are all current."""
_LEVEL_ORDER = {"wholesale": 0, "farm_gate": 1, "retail": 2}


@dataclass(frozen=True, kw_only=True)
class PriceCard:
    """The last price of one product in one market, as a producer needs it."""

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

    def as_dict(self) -> dict[str, Any]:
        """Return the card ready for JSON."""
        return {name: json_ready(value) for name, value in dataclasses.asdict(self).items()} | {
            "flags": list(self.flags)
        }


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


def municipal_prices(own: Market, latest: pd.DataFrame, vocabulary: Vocabulary, today: dt.date) -> MunicipalPrices:
    """Choose and order the cards of a municipality.

    Parameters
    ----------
    own
        The market of the municipality.
    latest
        Last prices of its own and its reference markets, as ``Book.latest`` returns them.
    vocabulary
        Meaning of the ids.
    today
        Day of reading.
    """
    references = tuple(vocabulary.market(each) for each in vocabulary.reference_markets(own.municipality))
    local = {each.id for each in vocabulary.all_products if each.local}
    mine = latest[latest["market"] == own.id]
    wanted = latest[(latest["market"] != own.id) & latest["product"].isin(local | set(mine["product"]))]
    rank = {each.id: number for number, each in enumerate(references, start=1)}
    chosen = [current_series(mine, single=False), current_series(wanted, single=True)]
    rows = [row for part in chosen for __, row in part.iterrows()]
    fresh_own = {row["product"] for row in rows if row["market"] == own.id and row["age_days"] <= STALE_DAYS}
    cards = [
        _card(row, own, vocabulary, primary=row["market"] == own.id or row["product"] not in fresh_own) for row in rows
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
    if frame.empty:
        return frame
    youngest = frame.groupby(["product", "market"])["age_days"].transform("min")
    current = frame[frame["age_days"] <= youngest + _SAME_TIME_DAYS]
    ordered = current.assign(order=current["level"].map(_LEVEL_ORDER)).sort_values(
        ["product", "market", "order", "age_days", "variety", "unit", "quantity", "source"], kind="stable"
    )
    kept = ordered.drop_duplicates(["product", "market"]) if single else ordered
    return kept.drop(columns="order")


def _card(row: pd.Series, own: Market, vocabulary: Vocabulary, *, primary: bool) -> PriceCard:
    product = next((each for each in vocabulary.all_products if each.id == row["product"]), None)
    kind = row["kind"] if row["market"] == own.id or row["kind"] == "estimated" else "reference"
    given: dict[str, Any] = {name: row[name] for name in KEY_NAMES} | {
        name: row[name] for name in ("date", "time", "price", "kg_note", "age_text", "previous_date")
    }
    optional = ("low", "high", "price_per_kg", "previous_price", "change", "change_pct")
    given |= {"kind": kind, "kind_name": kind_name(kind), "previous_date": _or_none(row["previous_date"])}
    return PriceCard(
        **given,
        **{name: _or_none(row[name]) for name in optional},
        variety_name=product.variety_name(row["variety"]) if product else row["variety"],
        demo=vocabulary.source(row["source"]).demo,
        age_days=int(row["age_days"]),
        stale=bool(row["stale"]),
        flags=tuple(row["flags"].split()),
        primary=primary,
    )


def _or_none(value: Any) -> Any:  # noqa: ANN401  a cell may be anything
    """Return ``None`` for a missing cell."""
    return None if pd.isna(value) else value
