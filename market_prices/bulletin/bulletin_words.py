"""Days, prices and changes as they are said in a bulletin."""

from __future__ import annotations

import datetime as dt

from gis.messages import Figure, translator
from market_prices.bulletin.bulletin_records import BulletinData, BulletinLine

_ = translator("market_prices")


def day_words(day: dt.date, *, year: bool = True) -> str:
    """Return a day as it is said.

    Examples
    --------
    >>> day_words(dt.date(2026, 8, 25)), day_words(dt.date(2026, 8, 25), year=False)
    ('25 de agosto de 2026', '25 de agosto')
    """
    months = (
        *(_("enero"), _("febrero"), _("marzo"), _("abril"), _("mayo"), _("junio")),
        *(_("julio"), _("agosto"), _("septiembre"), _("octubre"), _("noviembre"), _("diciembre")),
    )
    text = _("{day} de {month} de {year}") if year else _("{day} de {month}")
    return text.format(day=day.day, month=months[day.month - 1], year=day.year)


def place_words(bulletin: BulletinData) -> str:
    """Return what the place of a bulletin is called."""
    return bulletin.name or _("la región")


def week_words(bulletin: BulletinData) -> str:
    """Return the seven days of a bulletin."""
    if bulletin.first_day.month == bulletin.date.month:
        return _("semana del {first} al {last}").format(first=bulletin.first_day.day, last=day_words(bulletin.date))
    first = day_words(bulletin.first_day, year=bulletin.first_day.year != bulletin.date.year)
    return _("semana del {first} al {last}").format(first=first, last=day_words(bulletin.date))


def amount(value: float) -> str:
    """Return a price: whole where it is whole, else with two decimals.

    Examples
    --------
    >>> amount(120.0), amount(36.454)
    ('120', '36,45')
    """
    whole = abs(value - round(value)) < 0.005  # noqa: PLR2004  half of the last digit shown
    return f"{Figure(value):.0f}" if whole else f"{Figure(value):.2f}"


def money(value: float, currency: str) -> str:
    """Return a price with its currency: ``Bs 36,45``."""
    return f"{_('Bs') if currency == 'BOB' else currency} {amount(value)}"


def spoken_money(value: float, currency: str) -> str:
    """Return a price as it is read aloud."""
    if currency != "BOB":
        return f"{amount(value)} {currency}"
    return _("1 boliviano") if amount(value) == "1" else _("{amount} bolivianos").format(amount=amount(value))


def percent(change: float | None) -> str:
    """Return a change as it stands in a table.

    Examples
    --------
    >>> percent(12.4), percent(-0.2), percent(None)
    ('+12 %', '0 %', 'sin dato')
    """
    if change is None:
        return _("sin dato")
    return f"{Figure(round(change)):+.0f} %" if round(change) else "0 %"


def product_words(line: BulletinLine) -> str:
    """Return the product with a capital, and its variety."""
    name = line.product_name[:1].upper() + line.product_name[1:]
    return f"{name} ({line.variety_name})" if line.variety_name else name


def change_words(line: BulletinLine) -> str:
    """Return the change since last week in words; empty where last week had no price."""
    change = line.change_week
    if change is None:
        return ""
    if not round(change):
        return _("igual que la semana pasada")
    text = _("subió {percent} % en la semana") if change > 0 else _("bajó {percent} % en la semana")
    return text.format(percent=f"{Figure(round(abs(change))):.0f}")


def longer_words(line: BulletinLine) -> str:
    """Return the changes since the month and the year before in words; empty where nothing is known."""
    told = []
    for change, up, down, same in (
        (
            line.change_month,
            _("subió {percent} % en el mes"),
            _("bajó {percent} % en el mes"),
            _("igual que hace un mes"),
        ),
        (
            line.change_year,
            _("subió {percent} % en el año"),
            _("bajó {percent} % en el año"),
            _("igual que hace un año"),
        ),
    ):
        if change is not None:
            text = same if not round(change) else up if change > 0 else down
            told.append(text.format(percent=f"{Figure(round(abs(change))):.0f}"))
    return ", ".join(told)


def section_words(kind: str, bulletin: BulletinData) -> str:
    """Return the heading above the lines of one kind."""
    own = _("Observados en {place}").format(place=bulletin.name) if bulletin.name else _("Observados en los municipios")
    return {
        "observed": own,
        "reference": _("De referencia, de otros mercados: falta descontar el flete"),
        "estimated": _("Estimados, nadie los ha visto"),
    }.get(kind, kind)


def nothing_words(bulletin: BulletinData) -> str:
    """Say honestly that there is nothing to tell."""
    if not bulletin.stale:
        return _("Todavía no hay precios para {place} en el libro.").format(place=place_words(bulletin))
    return _("No hay precios de los últimos 60 días para {place}.").format(place=place_words(bulletin))
