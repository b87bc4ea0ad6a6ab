"""What a load brings at the farm gate: price less losses on the way, commission and freight, each term told.

Net = price · (1 − loss) · (1 − commission) − freight, per kilogram of what is loaded. Freight is what was last paid, if
the book has it; else the cheaper of a shared load (a rate per tonne and kilometre) and of whole hired vehicles. The
break-even distance is where freight eats up what the best sale without freight would leave.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gis.messages import translator
from market_prices.selling.road_network import Distance
from market_prices.vocabulary.market_words import figure_text
from market_prices.vocabulary.selling_terms import SellingTerms, Share
from market_prices.vocabulary.vocabulary import Product

_ = translator("market_prices")


@dataclass(frozen=True, kw_only=True)
class Freight:
    """What it costs to bring one kilogram to a market."""

    per_kg: float
    """Bs per kg."""
    assumed: bool
    """The rate or the distance is an assumption."""
    note: str
    """Where it comes from, in words a user reads."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a market pays, and what reaching it takes."""

    price_per_kg: float
    """Bs per kg, as quoted there."""
    at_farm_gate: bool
    """The price is paid at the farm: nothing is to be taken from it."""
    distance: Distance | None
    """Way to the market; ``None``: not known."""
    freight: Freight | None
    """``None``: not known."""
    loss: Share | None
    commission: Share | None


@dataclass(frozen=True, kw_only=True)
class NetPrice:
    """What is left of an offer, per kilogram of what is loaded, Bs."""

    price: float
    loss: float
    commission: float
    freight: float
    net: float
    estimated: bool
    """Some term is an assumption."""
    notes: tuple[str, ...]
    """Where each term comes from."""


def net_price(offer: Offer) -> NetPrice | None:
    """Return what is left of an offer, ``None`` where a term is not known: a missing term is never 0.

    Examples
    --------
    >>> share = Share(share=0.1, source="supuesto", assumed=True)
    >>> told = net_price(Offer(price_per_kg=5.0, at_farm_gate=False, distance=Distance(100.0, assumed=False),
    ...     freight=Freight(per_kg=0.3, assumed=False, note="pagado"), loss=share, commission=share))
    >>> (told.loss, told.commission, told.freight, round(told.net, 3), told.estimated)
    (0.5, 0.45, 0.3, 3.75, True)
    """
    price = offer.price_per_kg
    if offer.at_farm_gate:
        note = _("Se paga en la finca: sin flete, pérdidas ni comisión")
        return NetPrice(price=price, loss=0, commission=0, freight=0, net=price, estimated=False, notes=(note,))
    if offer.freight is None or offer.loss is None or offer.commission is None:
        return None
    loss = round(price * offer.loss.share, 6)
    commission = round((price - loss) * offer.commission.share, 6)
    return NetPrice(
        price=price,
        loss=loss,
        commission=commission,
        freight=offer.freight.per_kg,
        net=price - loss - commission - offer.freight.per_kg,
        estimated=offer.freight.assumed or offer.loss.assumed or offer.commission.assumed,
        notes=(
            offer.freight.note,
            _("Pérdida de {share} %: {source}").format(share=_percent(offer.loss), source=offer.loss.source),
            _("Comisión de {share} %: {source}").format(
                share=_percent(offer.commission), source=offer.commission.source
            ),
        ),
    )


def usual_freight(terms: SellingTerms, distance: Distance | None, load_kg: float) -> Freight | None:
    """Return the cheaper of a shared load and of hired vehicles, ``None`` where distance or rates are not known.

    Parameters
    ----------
    terms
        Rates and vehicles.
    distance
        Way to the market.
    load_kg
        The whole load, kg.
    """
    if distance is None:
        return None
    if distance.km == 0:
        return Freight(per_kg=0.0, assumed=False, note=_("Mercado del propio municipio: sin flete"))
    far = _("{km} km (estimados)") if distance.assumed else _("{km} km")
    way = far.format(km=figure_text(round(distance.km)))
    offers = []
    if terms.shared_per_tonne_km is not None:
        per_kg = terms.shared_per_tonne_km * distance.km / 1000
        rate = figure_text(terms.shared_per_tonne_km)
        note = _("Flete de {way} en carga compartida a {rate} Bs por tonelada y km: {source}").format(
            way=way, rate=rate, source=terms.shared_source
        )
        offers.append(Freight(per_kg=per_kg, assumed=distance.assumed or terms.shared_assumed, note=note))
    for each in terms.vehicles:
        trips = math.ceil(load_kg / each.capacity_kg)
        note = _("Flete de {way} en {vehicle}, {trips} viaje(s) a {rate} Bs por km: {source}").format(
            way=way, vehicle=each.name, trips=trips, rate=figure_text(each.per_km), source=each.source
        )
        cost = trips * each.per_km * distance.km / load_kg
        offers.append(Freight(per_kg=cost, assumed=distance.assumed or each.assumed, note=note))
    return min(offers, key=lambda each: each.per_kg, default=None)


def break_even_km(offer: Offer, alternative: float) -> float | None:
    """Return how far the market could be until selling there leaves no more than ``alternative``, km.

    Parameters
    ----------
    offer
        With its freight and distance.
    alternative
        What the same kilogram leaves in the best other sale, Bs; 0 where there is none.

    Returns
    -------
    float or None
        ``None`` where a term is not known, or freight does not depend on distance; 0 where no distance would do.

    Examples
    --------
    >>> none = Share(share=0.0, source="", assumed=False)
    >>> offer = Offer(price_per_kg=5.0, at_farm_gate=False, distance=Distance(100.0, assumed=False),
    ...     freight=Freight(per_kg=0.5, assumed=False, note=""), loss=none, commission=none)
    >>> break_even_km(offer, 3.0)
    400.0
    """
    told = net_price(offer)
    if told is None or offer.distance is None or not offer.distance.km or not told.freight:
        return None
    per_km = told.freight / offer.distance.km
    return max(0.0, round((told.net + told.freight - alternative) / per_km, 1))


def loss_of(terms: SellingTerms, product: Product | None, distance: Distance | None) -> Share | None:
    """Return the loss on the way of a product; none is lost where there is no way."""
    if distance is not None and distance.km == 0:
        return Share(share=0.0, source=_("sin camino no hay pérdida de camino"), assumed=False)
    return terms.loss(product.id, product.group) if product is not None else None


def _percent(share: Share) -> str:
    return figure_text(round(100 * share.share, 1))
