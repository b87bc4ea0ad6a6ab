"""A price's history as a line the size of a word, drawn in the page itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.pages.page_numbers import day, money
from gis.messages import translator

_ = translator("api")

WIDTH, HEIGHT = 96, 24
"""Size of the drawing in its own units."""
_EDGE = 2
LEAST_POINTS = 3
"""Fewer prices than this are no history."""
MOST_POINTS = 24
"""The last so many prices are drawn."""


@dataclass(frozen=True, kw_only=True)
class Sparkline:
    """A drawn history and what it says to whoever cannot see it."""

    path: str
    """SVG path in a box of ``WIDTH`` × ``HEIGHT``."""
    end: tuple[int, int]
    """Where the last price stands."""
    text: str
    """The history in words."""


def sparkline(points: Sequence[tuple[date, float | None]], *, currency: str = "BOB", today: date) -> Sparkline | None:
    """Draw prices over time; a missing price is a gap in the line, never a zero.

    Parameters
    ----------
    points
        Day and price, oldest first; ``None`` or NaN where there was no price.
    currency
        Code of the currency, for the words.
    today
        The reader's day, for the words.

    Examples
    --------
    >>> drawn = sparkline([(date(2026, 1, n), float(n)) for n in (1, 2, 3)], today=date(2026, 2, 1))
    >>> drawn.path
    'M2 22 48 12 94 2'
    """
    shown = points[-MOST_POINTS:]
    known = [(when, float(price)) for when, price in shown if price is not None and not math.isnan(price)]
    if len(known) < LEAST_POINTS:
        return None
    first, last = known[0][0], known[-1][0]
    low, high = min(price for _when, price in known), max(price for _when, price in known)
    days, range_ = max((last - first).days, 1), high - low

    def place(when: date, price: float) -> tuple[int, int]:
        x = _EDGE + (WIDTH - 2 * _EDGE) * (when - first).days / days
        y = HEIGHT / 2 if range_ == 0 else HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * (price - low) / range_
        return round(x), round(y)

    strokes: list[str] = []
    broken = True
    for when, price in shown:
        if price is None or math.isnan(price):
            broken = True
            continue
        x, y = place(when, price)
        strokes.append(f"{'M' if broken else ''}{x} {y}")
        broken = False
    path = strokes[0] + "".join(stroke if stroke.startswith("M") else f" {stroke}" for stroke in strokes[1:])
    text = _("De {first} a {last}: entre {low} y {high}").format(
        first=day(first, today), last=day(last, today), low=money(low, currency), high=money(high, currency)
    )
    return Sparkline(path=path, end=place(*known[-1]), text=text)
