"""Markdown tables and figures as a Spanish reader writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SIGNS = {"degC": "°C", "degC·d": "°C·d", "mm/month": "mm/mes", "mm/year": "mm/año", "class": "clase", "pH": ""}


def unit_sign(unit: str) -> str:
    """Return a unit as a Spanish reader writes it.

    Examples
    --------
    >>> unit_sign("degC"), unit_sign("mm")
    ('°C', 'mm')
    """
    return _SIGNS.get(unit, unit)


def quoted(text: object) -> str:
    """Return a text that stays in its cell: no bars, no line breaks."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table, one line a row.

    Examples
    --------
    >>> print(table(("a",), [("x | y",)]), end="")
    | a |
    |---|
    | x \\| y |
    """
    lines = [heads, ["---"] * len(heads), *rows]
    shown = ["| " + " | ".join(quoted(cell) for cell in line) + " |" for line in lines]
    shown[1] = "|" + "---|" * len(heads)
    return "\n".join(shown) + "\n"


def figure(value: float) -> str:
    """Return a number with a decimal comma and no needless zeros.

    Examples
    --------
    >>> figure(11.5), figure(1000.0), figure(-17.4)
    ('11,5', '1000', '-17,4')
    """
    return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")
