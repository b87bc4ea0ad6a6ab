"""Seasons: windows of months that may wrap around the year's end."""

from __future__ import annotations

from gis.errors import InputError
from gis.messages import translator

_ = translator("zoning")

DECEMBER = 12
"""The last month."""


def window_months(first: int, last: int) -> tuple[int, ...]:
    """Return the months from ``first`` to ``last``, both included, wrapping around the year's end.

    Parameters
    ----------
    first, last
        Month numbers, 1 to 12.

    Raises
    ------
    InputError
        If a number is no month.

    Examples
    --------
    >>> window_months(10, 3)
    (10, 11, 12, 1, 2, 3)
    >>> window_months(7, 7)
    (7,)
    """
    for month in (first, last):
        check_month(month)
    length = (last - first) % DECEMBER + 1
    return tuple((first - 1 + step) % DECEMBER + 1 for step in range(length))


def check_month(month: int) -> None:
    """Refuse a number that is no month.

    Raises
    ------
    InputError
        If ``month`` is not 1 to 12.
    """
    if not 1 <= month <= DECEMBER:
        raise InputError(
            _("{month} no es un mes.").format(month=month),
            expected=_("Los meses van de 1 a 12."),
            remedy=_("Corrija la ventana de siembra en ruleset.toml."),
        )
