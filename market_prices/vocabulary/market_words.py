"""The closed words of a price record and what a reader sees for each: levels, kinds, availability, sale types."""

from __future__ import annotations

from collections.abc import Mapping

from gis.messages import Figure, translator
from layers.spelling import plain_text
from market_prices.price_errors import ObservationError

_ = translator("market_prices")

LEVELS = ("farm_gate", "wholesale", "retail")
"""Price levels, from the field to the table."""
KINDS = ("observed", "reference", "estimated")
"""``observed`` in the municipality, ``reference`` from another market, ``estimated`` = reference − freight − margin."""
AVAILABILITY = ("", "NC", "NA")
"""Priced; NC: there was product but no price was taken; NA: there was no product. Never a price of 0."""
SALES = ("", "cash", "financed")
"""Not stated; paid in cash; financed by the buyer."""
STALE_DAYS = 60
"""A price older than this many days is never called today's."""

_LEVEL_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "farm_gate": ("farm_gate", "farm gate", "finca", "en finca", "chacra", "productor", "pie de finca", "producer"),
    "wholesale": ("wholesale", "mayorista", "por mayor", "al por mayor", "mayoreo"),
    "retail": ("retail", "minorista", "por menor", "al por menor", "detalle", "consumidor"),
}
_SALE_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "cash": ("cash", "contado", "al contado", "efectivo"),
    "financed": ("financed", "financiado", "financiada", "habilitado", "adelanto", "financiado por el comprador"),
}
_AVAILABILITY_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "NC": ("NC", "no recolectado", "sin recolectar", "había pero no se tomó", "no se tomo"),
    "NA": ("NA", "no hay", "no hubo", "ausente", "sin producto"),
}
_CURRENCIES: Mapping[str, tuple[str, ...]] = {
    "BOB": ("BOB", "Bs", "Bs.", "boliviano", "bolivianos"),
    "USD": ("USD", "US$", "$us", "dólar", "dólares"),
}


def _spellings(table: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {plain_text(each): code for code, names in table.items() for each in names}


_LEVEL_INDEX = _spellings(_LEVEL_SPELLINGS)
_SALE_INDEX = _spellings(_SALE_SPELLINGS)
_AVAILABILITY_INDEX = _spellings(_AVAILABILITY_SPELLINGS)
_CURRENCY_INDEX = _spellings(_CURRENCIES)
_CURRENCY_CODE_LETTERS = 3


def level_code(text: str) -> str:
    """Return the price level that ``text`` names, in Spanish or English.

    Raises
    ------
    ObservationError
        The text names none.

    Examples
    --------
    >>> level_code("Por mayor")
    'wholesale'
    """
    code = _LEVEL_INDEX.get(plain_text(text))
    if code is None:
        raise ObservationError(
            _("Nivel de precio desconocido: «{text}»").format(text=text),
            expected=_("en finca, mayorista o minorista"),
        )
    return code


def sale_code(text: str) -> str:
    """Return the sale type that ``text`` names; empty stays empty.

    Raises
    ------
    ObservationError
        The text names none.
    """
    if not text.strip():
        return ""
    code = _SALE_INDEX.get(plain_text(text))
    if code is None:
        raise ObservationError(
            _("Tipo de venta desconocido: «{text}»").format(text=text), expected=_("contado o financiado")
        )
    return code


def availability_code(text: str) -> str:
    """Return the availability that ``text`` names; empty stays empty.

    Raises
    ------
    ObservationError
        The text names none.
    """
    if not text.strip():
        return ""
    code = _AVAILABILITY_INDEX.get(plain_text(text))
    if code is None:
        raise ObservationError(
            _("Disponibilidad desconocida: «{text}»").format(text=text),
            expected=_("NC (había, no se tomó el precio) o NA (no había)"),
        )
    return code


def currency_code(text: str) -> str:
    """Return the three-letter currency of ``text``; empty is BOB.

    Raises
    ------
    ObservationError
        The text is no currency code.
    """
    if not text.strip():
        return "BOB"
    known = _CURRENCY_INDEX.get(plain_text(text))
    bare = text.strip().upper()
    if known is None and not (len(bare) == _CURRENCY_CODE_LETTERS and bare.isascii() and bare.isalpha()):
        raise ObservationError(
            _("Moneda desconocida: «{text}»").format(text=text), expected=_("Bs o un código de tres letras como BOB")
        )
    return known or bare


def level_name(code: str) -> str:
    """Return what a reader sees for a price level."""
    return {"farm_gate": _("en finca"), "wholesale": _("mayorista"), "retail": _("minorista")}.get(code, code)


def kind_name(code: str) -> str:
    """Return what a reader sees for a kind of price."""
    return {
        "observed": _("precio local observado"),
        "reference": _("precio de referencia de otro mercado"),
        "estimated": _("precio estimado"),
    }.get(code, code)


def age_text(days: int) -> str:
    """Say how old a price is; past 60 days it says that it is not today's.

    Examples
    --------
    >>> age_text(0), age_text(3)
    ('de hoy', 'de hace 3 días')
    >>> age_text(94)
    'de hace 94 días: no es un precio actual'
    """
    if days <= 0:
        return _("de hoy")
    if days == 1:
        return _("de ayer")
    if days <= STALE_DAYS:
        return _("de hace {days} días").format(days=days)
    return _("de hace {days} días: no es un precio actual").format(days=days)


def figure_text(value: float) -> str:
    """Return a figure as the language of the context writes it.

    Examples
    --------
    >>> figure_text(12.5), figure_text(1234567.0), figure_text(0.091)
    ('12,5', '1234567', '0,091')
    """
    return f"{Figure(value):.6f}".rstrip("0").rstrip(".,")
