"""One row per market: the last price there, each term of selling there, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gis.messages import translator
from market_prices.price_errors import ObservationError
from market_prices.selling.net_price import Freight, Offer, break_even_km, loss_of, net_price, usual_freight
from market_prices.selling.road_network import RoadNetwork
from market_prices.vocabulary.market_words import STALE_DAYS
from market_prices.vocabulary.measures import Sale
from market_prices.vocabulary.selling_terms import Share
from market_prices.vocabulary.vocabulary import Market, Product, Vocabulary

_ = translator("market_prices")

PRICE_COLUMNS = (
    *(
        "market",
        "market_name",
        "level",
        "level_name",
        "price",
        "unit_name",
        "kind",
        "kind_name",
        "source",
        "source_name",
    ),
    *("date", "age_days", "age_text", "stale", "flags"),
)
"""Columns of the last price that the table keeps as they are."""
UNITS = {
    "price": "Bs per unit of sale",
    "price_per_kg": "Bs per kg",
    "distance_km": "km",
    "loss_per_kg": "Bs per kg",
    "commission_per_kg": "Bs per kg",
    "freight_per_kg": "Bs per kg",
    "net_per_kg": "Bs per kg",
    "net_per_unit": "Bs per unit asked for",
    "net_total": "Bs for the whole load",
    "break_even_km": "km",
}
"""Unit of each column of figures, put in ``frame.attrs['units']``."""
COLUMNS = (
    *("best", *PRICE_COLUMNS, "price_per_kg", "distance_km", "distance_assumed", "loss_per_kg", "commission_per_kg"),
    *("freight_per_kg", "net_per_kg", "net_per_unit", "net_total", "estimated", "break_even_km", "why"),
)
"""Columns of the table, in order."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is to be sold, and where from."""

    product: Product
    own: Market
    """Market of the municipality it comes from."""
    quantity: float
    """Units."""
    unit: str
    """Id of the unit."""
    unit_name: str
    unit_kg: float
    """Weight of one unit, kg."""

    @property
    def kg(self) -> float:
        """Weight of the whole, kg."""
        return self.quantity * self.unit_kg


def load_of(
    vocabulary: Vocabulary,
    product: tuple[Product, str],
    own: Market,
    *,
    quantity: float,
    unit: str,
    unit_kg: float | None,
    day: str,
) -> Load:
    """Weigh a load.

    Parameters
    ----------
    vocabulary
        Meaning of the names.
    product
        Product and variety.
    own
        Market of the municipality.
    quantity
        Units, above 0.
    unit
        As people write it.
    unit_kg
        Weight of one unit where the asker knows it, kg.
    day
        ISO date at which the conversion must hold.

    Raises
    ------
    UnknownNameError
        The unit is in no vocabulary.
    ObservationError
        A figure is not above 0, or nothing tells what the unit weighs.
    """
    known, times = vocabulary.unit(unit)
    for name, value in ((_("La cantidad"), quantity), (_("El peso de la unidad"), 1.0 if unit_kg is None else unit_kg)):
        if not 0 < value < float("inf"):
            raise ObservationError(
                _("{name} es {value:g}").format(name=name, value=value), expected=_("Un número mayor que 0")
            )
    label = vocabulary.measures.label(known, times)
    sale = Sale(product=product[0].id, variety=product[1], market=own.id, unit=known)
    weight = unit_kg if unit_kg is not None else times * _known_weight(vocabulary, sale, day, label, own)
    return Load(product=product[0], own=own, quantity=quantity, unit=known, unit_name=label, unit_kg=weight)


def _known_weight(vocabulary: Vocabulary, sale: Sale, day: str, label: str, own: Market) -> float:
    told = vocabulary.measures.weight(sale, day)
    if told.kg is None:
        raise ObservationError(
            _("No se sabe cuánto pesa: {unit} de {product} en {market}").format(
                unit=label, product=vocabulary.product(sale.product)[0].name, market=own.municipality_name or own.name
            ),
            expected=_("Un peso conocido para llevar la carga: {note}").format(note=told.note),
            remedy=_("Pida en kg, diga el peso de la unidad o anótelo en measures.toml"),
        )
    return told.kg


def comparison_table(
    load: Load, latest: pd.DataFrame, paid: Mapping[str, Freight], vocabulary: Vocabulary
) -> pd.DataFrame:
    """Return one row per market that has a price of the product: what is fresh before what is old, best net first.

    Parameters
    ----------
    load
        What is to be sold.
    latest
        One last price per market, as ``Book.latest`` gives them.
    paid
        Freight that was really paid from the municipality, by id of the market it went to.
    vocabulary
        Roads, rates, losses and commissions.
    """
    network = RoadNetwork(vocabulary)
    rows = [_row(load, row, paid.get(row["market"]), network) for row in latest.to_dict("records")]
    fresh = [each for each in rows if each["net_per_kg"] is not None and not each["stale"]]
    for each in rows:
        others = [one["net_per_kg"] for one in fresh if one is not each]
        each["break_even_km"] = break_even_km(each.pop("offer"), max(others, default=0.0)) if each["offer"] else None
        each["best"] = False
    rows.sort(key=lambda each: (each["net_per_kg"] is None, each["stale"], -(each["net_per_kg"] or 0), each["market"]))
    if fresh:
        rows[0]["best"] = True
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in UNITS:
        table[name] = table[name].astype(float)
    table.attrs |= {
        "units": dict(UNITS),
        "winding": network.winding,
        "product": load.product.id,
        "municipality": load.own.municipality,
        "quantity": load.quantity,
        "unit": load.unit_name,
        "load_kg": round(load.kg, 3),
    }
    return table


def _row(load: Load, row: Mapping[Any, Any], paid: Freight | None, network: RoadNetwork) -> dict[str, Any]:
    offer, why = _offer(load, row, paid, network)
    told = net_price(offer) if offer is not None else None
    if offer is not None and told is None:
        why = _("no se conoce el camino, el flete, la pérdida o la comisión")
    distance = network.distance(load.own.id, row["market"])
    net = None if told is None else round(told.net, 4)
    return {name: row[name] for name in PRICE_COLUMNS} | {
        "offer": offer,
        "price_per_kg": None if offer is None else round(offer.price_per_kg, 4),
        "distance_km": None if distance is None else distance.km,
        "distance_assumed": distance is not None and distance.assumed,
        "loss_per_kg": None if told is None else round(told.loss, 4),
        "commission_per_kg": None if told is None else round(told.commission, 4),
        "freight_per_kg": None if told is None else round(told.freight, 4),
        "net_per_kg": net,
        "net_per_unit": None if net is None else round(net * load.unit_kg, 2),
        "net_total": None if net is None else round(net * load.kg, 2),
        "estimated": told is not None and told.estimated,
        "why": why if told is None else "; ".join(told.notes),
    }


def _offer(load: Load, row: Mapping[Any, Any], paid: Freight | None, network: RoadNetwork) -> tuple[Offer | None, str]:
    """Return what a market offers, or why it cannot be said."""
    if row["currency"] != "BOB":
        return None, _("el precio está en otra moneda ({currency})").format(currency=row["currency"])
    price = row["price_per_kg"]
    if pd.isna(price):
        if row["unit"] != load.unit:
            return None, _("el precio no se puede pasar a kg: {note}").format(note=row["kg_note"])
        price = row["price"] / row["quantity"] / load.unit_kg
    distance = network.distance(load.own.id, row["market"])
    here = distance is not None and distance.km == 0
    terms = network.vocabulary.selling
    direct = Share(share=0.0, source=_("venta directa en el mercado del municipio"), assumed=False)
    return (
        Offer(
            price_per_kg=float(price),
            at_farm_gate=here and row["level"] == "farm_gate",
            distance=distance,
            freight=paid or usual_freight(terms, distance, load.kg),
            loss=loss_of(terms, load.product, distance),
            commission=direct if here else terms.commission(row["market"], row["level"]),
        ),
        "",
    )


def paid_freight(latest: pd.DataFrame) -> dict[str, Freight]:
    """Return the freight that was last paid to each market, from a municipality's records of the product ``flete``.

    Its variety is the id of the market it went to. A rate older than 60 days, or in a unit without weight, is left out.
    """
    found = {}
    for row in latest.to_dict("records"):
        usable = row["currency"] == "BOB" and not pd.isna(row["price_per_kg"]) and row["age_days"] <= STALE_DAYS
        if row["variety"] and usable:
            note = _("Flete pagado, {age} ({source})").format(age=row["age_text"], source=row["source_name"])
            found[row["variety"]] = Freight(per_kg=float(row["price_per_kg"]), assumed=False, note=note)
    return found
