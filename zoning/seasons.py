"""Seasons: windows of months that may wrap around the year's end."""

from __future__ import annotations

from dataclasses import dataclass

from gis.errors import InputError
from gis.messages import translator

_ = translator("zoning")

DECEMBER = 12
"""The last month."""
_HALF_YEAR = 6


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The months in which the indices of a hemisphere are counted."""

    coldest_month: int
    """Month of the winter chill, 1–12."""
    warm_months: tuple[int, int]
    """First and last month of the growing degree days."""
    vineyard_months: tuple[int, int]
    """First and last month of the Huglin index."""

    @property
    def northern(self) -> bool:
        """Whether its winter is that of the north: the coldest month from November to April."""
        return self.coldest_month <= 4 or self.coldest_month >= 11  # noqa: PLR2004  April and November


SOUTHERN = Calendar(coldest_month=7, warm_months=(10, 4), vineyard_months=(10, 3))
"""Chill in July, warmth from October to April, Huglin from October to March (Tonietto and Carbonneau 2004)."""
NORTHERN = Calendar(coldest_month=1, warm_months=(4, 10), vineyard_months=(4, 9))
"""The same half a year later: Huglin from April to September, as Huglin (1978) counted it."""


def half_a_year_later(month: int) -> int:
    """Return the month of the same season in the other hemisphere.

    Raises
    ------
    InputError
        If the number is no month.

    Examples
    --------
    >>> half_a_year_later(9), half_a_year_later(1)
    (3, 7)
    """
    check_month(month)
    return (month - 1 + _HALF_YEAR) % DECEMBER + 1


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
