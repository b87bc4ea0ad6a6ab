"""Class limits of one factor: a lower side, an upper side, or both, and the curve that ranks inside a class.

Bands of the rating are the same for every source: N [0, .40), S3 [.40, .60), S2 [.60, .85), S1 [.85, 1].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gis.messages import translator
from zoning.rules.shown_values import shown_number, shown_numbers
from zoning.zoning_errors import LimitsError

_ = translator("zoning")

SD, N, S3, S2, S1, NR = 0, 1, 2, 3, 4, 255
"""Class codes, uint8 everywhere: no data, unsuitable, marginal, moderate, high; 255 is not rated."""

CLASS_NAMES = {SD: "SD", N: "N", S3: "S3", S2: "S2", S1: "S1", NR: "NR"}
"""Class code to the name a user reads."""

CLASS_CODES = {name: code for code, name in CLASS_NAMES.items()}
"""Name of a class to its code."""

BAND_LOW = {N: 0.0, S3: 0.40, S2: 0.60, S1: 0.85}
"""Lowest rating of each class."""

BAND_HIGH = {N: 0.40, S3: 0.60, S2: 0.85, S1: 1.0}
"""End of each class's band, excluded but for S1."""

TRAPEZOID_SHARES = (0.2, 0.5, 0.8)
"""Share of the way from the absolute to the optimal limit where S3, S2 and S1 begin."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a factor, lower or upper.

    On an upper side everything is mirrored: ``zero`` is the largest number and ``full`` the smallest.
    """

    zero: float
    """Where the rating reaches 0."""
    s3: float
    """Limit between N and S3; infinite (−∞ lower, +∞ upper) where the source states none and N is never reached."""
    s2: float
    """Limit between S3 and S2."""
    s1: float
    """Limit between S2 and S1."""
    full: float
    """Where the rating reaches 1."""
    strict: bool = False
    """The value ``s3`` itself is still N (trapezoids); otherwise a limit belongs to the better class."""
    step: bool = False
    """Equal limits are meant: the class between them does not exist."""

    @property
    def breakpoints(self) -> tuple[float, float, float, float, float]:
        """The five places where the rating is 0, .40, .60, .85 and 1."""
        return (self.zero, self.s3, self.s2, self.s1, self.full)

    @property
    def rising(self) -> bool:
        """Whether more is better (a lower side)."""
        return self.full > self.s1

    @property
    def open(self) -> bool:
        """Whether N is never reached on this side."""
        return math.isinf(self.s3)

    def fails(self, value: float, limit: float) -> bool:
        """Whether ``value`` lies on the worse side of ``limit``."""
        if self.strict and limit == self.s3:
            return value <= limit if self.rising else value >= limit
        return value < limit if self.rising else value > limit

    @classmethod
    def from_classes(cls, s3: float | None, s2: float, s1: float, *, step: bool = False) -> Side:
        """Build a side from class limits; μ is 0 at s3 − g and 1 at s1 + g with g = (s1 − s3)/2.

        ``s3=None`` is a side that never makes N: the ramp inside S3 is then as wide as that of S2.

        Raises
        ------
        LimitsError
            If the limits are neither all rising nor all falling, or equal without ``step``.

        Examples
        --------
        >>> Side.from_classes(13, 16, 18).breakpoints
        (10.5, 13.0, 16.0, 18.0, 20.5)
        """
        values = tuple(float(value) for value in (s3, s2, s1) if value is not None)
        if not all(math.isfinite(value) for value in values):
            raise LimitsError(
                _("Límites que no son números: {values}").format(values=shown_numbers(values)),
                expected=_("Se esperaban números finitos"),
            )
        gaps = [after - before for before, after in pairwise(values)]
        if any(gap > 0 for gap in gaps) and any(gap < 0 for gap in gaps):
            raise LimitsError(
                _("Límites que no son monótonos: S3, S2, S1 = {values}").format(values=shown_numbers(values)),
                expected=_("Se esperaban límites que sólo suban (lado inferior) o sólo bajen (lado superior)"),
                remedy=_("Corríjalos con la otra fuente o quite la fila con una nota; nunca se ordenan solos"),
            )
        if not any(gaps) or (0.0 in gaps and not step):
            raise LimitsError(
                _("Límites iguales sin declarar un escalón: S3, S2, S1 = {values}").format(
                    values=shown_numbers(values)
                ),
                expected=_("Se esperaban límites distintos, o step = true si el escalón es intencional"),
            )
        if s3 is None:
            s3_limit, lowest = math.copysign(math.inf, s2 - s1), 2.0 * s2 - s1
        else:
            s3_limit, lowest = float(s3), float(s3)
        reach = (s1 - lowest) / 2.0
        zero = s3_limit if s3 is None else lowest - reach
        return cls(zero=zero, s3=s3_limit, s2=float(s2), s1=float(s1), full=s1 + reach, step=step)

    @classmethod
    def from_trapezoid(cls, absolute: float, optimal: float) -> Side:
        """Build a side from an absolute and an optimal limit: S1 from .8 of the way, S2 from .5, S3 beyond .2.

        Raises
        ------
        LimitsError
            If both limits are equal or no number.

        Examples
        --------
        >>> [round(value, 6) for value in Side.from_trapezoid(7, 20).breakpoints]
        [7.0, 9.6, 13.5, 17.4, 20.0]
        """
        way = optimal - absolute
        if not (math.isfinite(way) and way):
            raise LimitsError(
                _("Trapecio con límites {absolute} y {optimal}").format(
                    absolute=shown_number(absolute), optimal=shown_number(optimal)
                ),
                expected=_("Se esperaba un límite absoluto distinto del óptimo"),
            )
        s3, s2, s1 = (absolute + share * way for share in TRAPEZOID_SHARES)
        return cls(zero=float(absolute), s3=s3, s2=s2, s1=s1, full=float(optimal), strict=True)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of one factor: a lower side (too little), an upper side (too much), or both.

    Raises
    ------
    LimitsError
        If there is no side, a lower side falls, an upper side rises, or the two sides cross.
    """

    low: Side | None = None
    """Too little below it; ``None`` where less is never worse."""
    high: Side | None = None
    """Too much above it; ``None`` where more is never worse."""

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise LimitsError(
                _("Un factor sin límites"), expected=_("Se esperaba un lado inferior, uno superior o ambos")
            )
        if self.low is not None and not self.low.rising:
            raise LimitsError(
                _wrong_way(_("inferior"), self.low), expected=_("Se esperaba S3 < S2 < S1 en el lado inferior")
            )
        if self.high is not None and self.high.rising:
            raise LimitsError(
                _wrong_way(_("superior"), self.high), expected=_("Se esperaba S3 > S2 > S1 en el lado superior")
            )
        if self.low is not None and self.high is not None and self.low.s1 > self.high.s1:
            raise LimitsError(
                _("El lado inferior (S1 desde {low}) cruza el superior (S1 hasta {high})").format(
                    low=shown_number(self.low.s1), high=shown_number(self.high.s1)
                ),
                expected=_("Se esperaba un óptimo entre los dos lados"),
            )

    def without_low(self) -> Limits | None:
        """Return the upper side alone, or ``None`` if there is none (irrigation drops the lower rain limit)."""
        return None if self.high is None else Limits(high=self.high)

    def next_class_at(self, value: float, code: int) -> float | None:
        """Return the limit that would have to be passed to leave class ``code`` upwards; ``None`` in S1.

        Examples
        --------
        >>> Limits(low=Side.from_classes(13, 16, 18)).next_class_at(15.0, S3)
        16.0
        """
        if code not in (N, S3, S2):
            return None
        name = {N: "s3", S3: "s2", S2: "s1"}[code]
        for side in (self.low, self.high):
            if side is not None and side.fails(value, float(getattr(side, name))):
                return float(getattr(side, name))
        return None

    def fall_at(self, value: float) -> float | None:
        """Return the limit of S1 nearest to ``value``, beyond which the class is S2; ``None`` if no side states one.

        Examples
        --------
        >>> Limits(low=Side.from_classes(13, 16, 18), high=Side.from_classes(35, 30, 26)).fall_at(25.0)
        26.0
        """
        ends = [side.s1 for side in (self.low, self.high) if side is not None and math.isfinite(side.s1)]
        return min(ends, key=lambda end: (abs(end - value), end)) if ends else None


def comparison_limits(side: Side) -> tuple[np.float32, np.float32, np.float32]:
    """Return S3, S2 and S1 as float32, so that ``value >= limit`` (lower) or ``<=`` (upper) decides the class.

    A strict S3 limit becomes the next float32, which turns ``>`` into ``>=``.
    """
    s3, s2, s1 = np.float32(side.s3), np.float32(side.s2), np.float32(side.s1)
    if side.strict:
        s3 = np.nextafter(s3, np.float32(np.inf if side.rising else -np.inf))
    return s3, s2, s1


def _wrong_way(name: str, side: Side) -> str:
    return _("Lado {name} al revés: S3, S2, S1 = {values}").format(
        name=name, values=shown_numbers((side.s3, side.s2, side.s1))
    )
