"""Figures and dates as a reader of the page's language writes them."""

from __future__ import annotations

import math
from datetime import date

from gis.messages import current_language, translator

_ = translator("api")


def written(value: float, decimals: int = 0) -> str:
    """Return a number with the decimal sign and the thousands sign of the current language.

    Examples
    --------
    >>> written(13838.26, 1)
    '13.838,3'
    """
    text = f"{value + 0.0:,.{decimals}f}"
    return text if current_language() == "en" else text.translate(str.maketrans(",.", ".,"))


def money(value: float, currency: str = "BOB") -> str:
    """Return a price: whole where it is whole, else with two decimals.

    Examples
    --------
    >>> money(120.0), money(6.5), money(12, "USD")
    ('Bs 120', 'Bs 6,50', 'USD 12')
    """
    sign = {"BOB": "Bs"}.get(currency, currency)
    whole = math.isclose(value, round(value), abs_tol=0.005)
    return f"{sign} {written(value, 0 if whole else 2)}"


def month_names() -> tuple[str, ...]:
    """Return the twelve months, shortened.

    Examples
    --------
    >>> month_names()[0]
    'ene'
    """
    return (
        _("ene"), _("feb"), _("mar"), _("abr"), _("may"), _("jun"),
        _("jul"), _("ago"), _("sep"), _("oct"), _("nov"), _("dic"),
    )  # fmt: skip


def day(value: date, today: date) -> str:
    """Return a date in words, with its year unless it is this year's.

    Examples
    --------
    >>> day(date(2026, 6, 6), date(2026, 11, 22)), day(date(2022, 6, 15), date(2026, 11, 22))
    ('6 jun', '15 jun 2022')
    """
    months = month_names()
    text = f"{value.day} {months[value.month - 1]}"
    return text if value.year == today.year else f"{text} {value.year}"


def age(days: int) -> str:
    """Return how long ago something was, in the unit a person would count in.

    Parameters
    ----------
    days
        Days since then.

    Examples
    --------
    >>> [age(days) for days in (0, 1, 5, 20, 94, 1621)]
    ['hoy', 'ayer', 'hace 5 días', 'hace 2 semanas', 'hace 3 meses', 'hace 4 años']
    """
    if days <= 0:
        return _("hoy")
    if days == 1:
        return _("ayer")
    for longest, unit, words in (
        (13, 1, _("hace {n} días")),
        (59, 7, _("hace {n} semanas")),
        (729, 30, _("hace {n} meses")),
    ):
        if days <= longest:
            return words.format(n=days // unit)
    return _("hace {n} años").format(n=days // 365)
