"""Ratings in plain numpy: one factor, and all factors of a land-use type. The reference that the kernel is held to.

Classes come from comparing float32 values with float32 limits, exactly as in the kernel; ratings are float64.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.rules.land_use_types import Factor
from zoning.rules.limits import BAND_HIGH, BAND_LOW, S1, S2, S3, SD, Limits, N, Side, comparison_limits
from zoning.zoning_errors import RulesError

_ = translator("zoning")

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]

SMALLEST = 1e-4
"""A smaller rating counts as this in the geometric mean, so that the rank inside N does not hang on the last digit."""


@dataclass(frozen=True, kw_only=True)
class FactorRating:
    """How each cell does on one factor."""

    mu: Floats
    """Rating 0–1, NaN where missing."""
    cls: Codes
    """Class code, SD where missing."""


@dataclass(frozen=True, kw_only=True)
class TypeRating:
    """How each cell does on all factors of a land-use type, gates apart."""

    cls: Codes
    """Worst factor class; SD where a required value is missing."""
    score: Floats
    """Geometric mean rescaled into the band of the class, 0–1; NaN where SD."""
    limiting: npt.NDArray[np.int64]
    """Index into ``factors`` of the lowest rating; −1 where none."""
    second_limiting: npt.NDArray[np.int64]
    """Index into ``factors`` of the second lowest rating; −1 where none."""


def rate_side(values: npt.NDArray[np.float32], side: Side) -> tuple[Floats, Codes]:
    """Rate one side: rating 0–1 and class code, shapes of ``values``; NaN rates NaN and SD."""
    sign = 1.0 if side.rising else -1.0
    s3, s2, s1 = (sign * limit for limit in comparison_limits(side))
    x = np.float32(sign) * values
    cls = np.select([np.isnan(x), x >= s1, x >= s2, x >= s3], [SD, S1, S2, S3], N).astype(np.uint8)
    zero, p3, p2, p1, full = (sign * place for place in side.breakpoints)
    if side.open:
        p3 = 2.0 * p2 - p1
        zero = p3 - (p1 - p3)
    ends = {N: (zero, p3), S3: (p3, p2), S2: (p2, p1), S1: (p1, full)}
    mu = np.full(x.shape, np.nan)
    for code, (start, stop) in ends.items():
        here = cls == code
        low, high = BAND_LOW[code], BAND_HIGH[code]
        share = (x[here].astype(np.float64) - start) / (stop - start) if stop > start else np.zeros(int(here.sum()))
        mu[here] = within_band(low + (high - low) * share, code)
    return mu, cls


def within_band(rating: Floats, code: int) -> Floats:
    """Clip ratings into the half-open band of a class; S1 alone includes its end.

    Examples
    --------
    >>> bool(within_band(np.array([0.85]), S2)[0] < 0.85)
    True
    """
    top = BAND_HIGH[code] if code == S1 else float(np.nextafter(np.float32(BAND_HIGH[code]), np.float32(0)))
    return np.clip(rating, BAND_LOW[code], top)


def rate_factor(values: npt.ArrayLike, factor: Factor) -> FactorRating:
    """Rate one factor: the worse of its sides, no worse than its cap.

    Parameters
    ----------
    values
        Values in the factor's unit, any shape, NaN where missing; compared as float32.
    factor
        The factor.

    Examples
    --------
    >>> from zoning.rules.characteristic import Characteristic
    >>> from zoning.rules.limits import Limits
    >>> depth = Factor(
    ...     name="soil_depth",
    ...     characteristic=Characteristic("soil_depth"),
    ...     limits=Limits(low=Side.from_classes(50, 75, 100)),
    ... )
    >>> rate_factor([40, 50, 60, 75, 95, 100, float("nan")], depth).cls.tolist()
    [1, 2, 2, 3, 3, 4, 0]
    """
    x = np.asarray(values, dtype=np.float32)
    rated = [rate_side(x, side) for side in (factor.limits.low, factor.limits.high) if side is not None]
    mu = np.min([each for each, _cls in rated], axis=0)
    cls = np.min([each for _mu, each in rated], axis=0)
    known = cls != SD
    cls = np.where(known, np.maximum(cls, factor.cap), SD).astype(np.uint8)
    return FactorRating(mu=np.where(known, np.maximum(mu, BAND_LOW[factor.cap]), np.nan), cls=cls)


RatingBook = MutableMapping[tuple[str, Limits, int], FactorRating]
"""Ratings already made of the same values: what many land-use types share is rated once."""


def rate_factors(
    values: Mapping[str, npt.ArrayLike], factors: Sequence[Factor], *, book: RatingBook | None = None
) -> TypeRating:
    """Combine factors: class by the law of the minimum, score by the geometric mean rescaled into the band.

    Parameters
    ----------
    values
        Characteristic key to values, all of one shape; an absent key is missing everywhere.
    factors
        Flagged ones are out of class and mean. A missing required value makes SD; a missing optional one is left out.
    book
        Ratings made before of the same ``values``, and those made now.

    Raises
    ------
    RulesError
        If no factor is rated: there is no shape to answer in.
    """
    rated = [index for index, factor in enumerate(factors) if not factor.flagged]
    shape = np.broadcast_shapes(*(np.shape(values[key]) for key in values))
    absent = np.full(shape, np.nan)
    kept: RatingBook = {} if book is None else book
    ratings = [_rated_once(values, factors[index], absent, kept) for index in rated]
    if not ratings:
        raise RulesError(_("Ningún factor que calificar"), expected=_("Se esperaba al menos uno que no esté marcado"))
    mu, cls = np.stack([each.mu for each in ratings]), np.stack([each.cls for each in ratings])
    column = (-1,) + (1,) * len(shape)
    required = np.array([factors[index].required for index in rated]).reshape(column)
    weights = np.array([factors[index].weight for index in rated]).reshape(column)
    known = cls != SD
    sd = np.any(~known & required, axis=0) | ~np.any(known, axis=0)
    worst = np.where(sd, SD, np.min(np.where(known, cls, S1), axis=0)).astype(np.uint8)
    logs = np.where(known, np.log(np.maximum(np.where(known, mu, 1.0), SMALLEST)), 0.0)
    mean = np.exp((weights * logs).sum(axis=0) / np.maximum((weights * known).sum(axis=0), 1e-30))
    first, second = _lowest_two(np.where(known, mu, np.inf))
    numbers = np.asarray([*rated, -1])
    return TypeRating(
        cls=worst,
        score=np.where(sd, np.nan, rescale(mean, worst)),
        limiting=numbers[np.where(sd, -1, first)],
        second_limiting=numbers[np.where(sd, -1, second)],
    )


def _rated_once(values: Mapping[str, npt.ArrayLike], factor: Factor, absent: Floats, book: RatingBook) -> FactorRating:
    key = (factor.characteristic.key, factor.limits, factor.cap)
    if key not in book:
        book[key] = rate_factor(values.get(factor.characteristic.key, absent), factor)
    return book[key]


def rescale(mean: Floats, cls: Codes) -> Floats:
    """Rescale a geometric mean into the band of its class: lo + (hi − lo)·(G − lo)/(1 − lo), clipped.

    Examples
    --------
    >>> rescale(np.array([0.8]), np.array([S3], dtype=np.uint8)).round(4).tolist()
    [0.5333]
    """
    score = np.full(np.shape(mean), np.nan)
    for code, low in BAND_LOW.items():
        here = cls == code
        high = BAND_HIGH[code]
        score[here] = within_band(low + (high - low) * (mean[here] - low) / (1.0 - low), code)
    return score


def _lowest_two(mu: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    order = np.argsort(mu, axis=0, kind="stable")
    sorted_mu = np.take_along_axis(mu, order, axis=0)
    first = np.where(np.isinf(sorted_mu[0]), -1, order[0])
    if len(mu) == 1:
        return first, np.full_like(first, -1)
    return first, np.where(np.isinf(sorted_mu[1]), -1, order[1])
