"""The marks that a slip of the pen leaves: a power of ten, digits out of order, another unit, another column."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from market_prices.quality.quality_rules import QualityRules, Ratio

_TEN = np.log(10.0)
_SAME = 1e-9
_MOST_ZEROS = 3


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """What may have happened to a price."""

    kind: str
    """``power_of_ten``, ``transposed``, ``column``, ``unit`` or ``isolated`` (no mark)."""
    suggested: float | None
    """What the price may have been, in its own unit; ``None`` where nothing says so."""
    detail: str = ""
    """The ratio's name, or the number of zeros."""


PLAIN = Pattern(kind="isolated", suggested=None)
"""No mark."""


def pattern(
    price: float, middle: float, *, unit: str, figures: tuple[float, ...], scale: float, rules: QualityRules
) -> Pattern:
    """Return the most likely mark of a price that is far from what was expected.

    Parameters
    ----------
    price
        Currency per quantity of unit.
    middle
        Logarithm of what was expected.
    unit
        Unit of the series.
    figures
        Figures of other columns of the same row, such as the quantity.
    scale
        Robust standard deviation that is usual here, logarithm.
    rules
        Thresholds.

    Examples
    --------
    >>> from market_prices.quality.quality_rules import quality_rules
    >>> pattern(0.45, np.log(45.2), unit="kg", figures=(), scale=0.1, rules=quality_rules())
    Pattern(kind='power_of_ten', suggested=45.0, detail='-2')
    """
    away = float(np.log(price) - middle)
    reach = max(rules.error_tolerance, 2.0 * scale)
    if abs(away) >= np.log(rules.error_transposed_factor):
        turned = _turned(price, middle, max(rules.error_transposed_tolerance, scale))
        zeros = round(away / _TEN)
        # 50 for 5 is both: where one explains as well as the other, a power of ten is likelier.
        if turned is not None and not (zeros and abs(away - zeros * _TEN) < abs(np.log(turned) - middle) + _SAME):
            return Pattern(kind="transposed", suggested=turned)
    found: list[tuple[float, Pattern]] = []
    zeros = int(np.clip(round(away / _TEN), -_MOST_ZEROS, _MOST_ZEROS))
    if zeros:
        # Nobody knows of a unit what everybody knows of zeros: at the same distance a power of ten is likelier.
        rest = 0.5 * abs(away - zeros * _TEN)
        found.append((rest, Pattern(kind="power_of_ten", suggested=_plain(price / 10.0**zeros), detail=f"{zeros:+d}")))
    if price in figures:
        found.append((-1.0, Pattern(kind="column", suggested=None, detail=f"{price:g}")))
    for ratio in _fitting(unit, rules):
        for sign in (1.0, -1.0):
            rest = abs(away - sign * np.log(ratio.value))
            fixed = _plain(price / ratio.value**sign)
            found.append((rest, Pattern(kind="unit", suggested=fixed, detail=ratio.name)))
    near = [each for each in found if each[0] <= (0.8 * reach if each[1].kind == "power_of_ten" else reach)]
    return min(near, key=lambda each: each[0])[1] if near else PLAIN


def unit_of_level(step: float, unit: str, rules: QualityRules) -> str:
    """Return the name of the ratio of units that would explain a lasting step (a logarithm); empty where none would."""
    rest = {each.name: abs(abs(step) - np.log(each.value)) for each in _fitting(unit, rules)}
    name = min(rest, key=lambda each: rest[each], default="")
    return name if name and rest[name] <= rules.error_tolerance else ""


def _fitting(unit: str, rules: QualityRules) -> list[Ratio]:
    return [each for each in rules.ratios if not each.units or unit in each.units]


def _turned(price: float, middle: float, reach: float) -> float | None:
    """Return the price with two neighbouring digits exchanged that comes nearest to what was expected, if near."""
    written = f"{price:.2f}".rstrip("0").rstrip(".")
    best: tuple[float, float] | None = None
    spots = [at for at, sign in enumerate(written) if sign.isdigit()]
    for left, right in pairwise(spots):
        if written[left] == written[right]:
            continue
        signs = list(written)
        signs[left], signs[right] = signs[right], signs[left]
        value = float("".join(signs))
        if value <= 0:
            continue
        rest = abs(float(np.log(value)) - middle)
        if rest <= reach and (best is None or rest < best[0]):
            best = (rest, value)
    return None if best is None else best[1]


def _plain(value: float) -> float:
    return float(f"{value:.4g}")
