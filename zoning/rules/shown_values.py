"""Values as a refusal shows them: numbers with the decimal sign of the reader, texts in quotes, nothing endless."""

from __future__ import annotations

import math
from collections.abc import Iterable

from gis.messages import Figure, translator

_ = translator("zoning")

MOST_LETTERS = 60
"""Letters of a text that are shown."""

_DIGITS = 6
_TINY = 1e-6


def shown(value: object) -> str:
    """Return a value of a TOML or JSON document as a person reads it.

    Examples
    --------
    >>> shown(16.5), shown("lejos"), shown(None), shown([1, 2]), shown({"a": 1})
    ('16,5', '«lejos»', 'null', 'una lista', 'una tabla')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return shown_number(value)
    if isinstance(value, str):
        return f"«{short(value)}»"
    return _("una lista") if isinstance(value, (list, tuple)) else _("una tabla")


def shown_number(value: float) -> str:
    """Return a number to six digits; what binary arithmetic left behind it goes.

    Examples
    --------
    >>> shown_number(9.600000000000001), shown_number(-250000.0)
    ('9,6', '−250000')
    """
    try:
        number = float(value)
    except OverflowError:
        number = math.inf if value > 0 else -math.inf
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    return f"{Figure(float(f'{number:.{_DIGITS}g}')):.10g}"


def rounded(value: float) -> float:
    """Return a number to six significant digits, 0 where it is next to nothing.

    Examples
    --------
    >>> rounded(500.00003), rounded(1.4e-45)
    (500.0, 0.0)
    """
    return 0.0 if abs(value) < _TINY else float(f"{value:.{_DIGITS}g}")


def shown_numbers(values: Iterable[float]) -> str:
    """Return several numbers; a decimal comma wants another sign between them.

    Examples
    --------
    >>> shown_numbers([13.5, 16.0])
    '13,5; 16'
    """
    return "; ".join(shown_number(each) for each in values)


def short(text: str) -> str:
    """Return a text on one line, cut where it is long.

    Examples
    --------
    >>> short("a" * 70) == "a" * 60 + "…", short("dos  palabras")
    (True, 'dos palabras')
    """
    line = " ".join(text[: MOST_LETTERS + 1].split())
    return line if len(text) <= MOST_LETTERS else line[:MOST_LETTERS] + "…"
