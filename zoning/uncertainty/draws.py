"""One draw: limits, weights, temperature, rain, frost and elevation, each moved by its stated spread.

Every ± of the ruleset is the standard deviation of a normal distribution cut at two deviations, drawn from a generator
of the draw's own, so that neither workers nor the number of draws change a draw. One side of a curve moves as a whole,
and the same limits move alike wherever they stand: a crop's table is wrong by the same amount in every window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from zoning.rules.compiled_rules import CompiledRules

CUT = 2.0
"""Deviations beyond which nothing is drawn."""

DRAW_STREAM, NOISE_STREAM = 0, 1
"""First word of the key of a generator: of draws, of realisations of the elevation error."""

_S3, _S1, _LIMITS = 1, 3, slice(1, 4)
_SMALLEST_WEIGHT = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Draw:
    """What one zoning among many differs in."""

    temperature: float
    """Added to every temperature, degC."""
    rain: float
    """Factor of every rain, without unit."""
    frost_offset: float
    """Added to the offset from mean to extreme minima, degC."""
    realisation: int
    """Number of the realisation of the elevation error, from 0."""
    rules: CompiledRules
    """With limits and weights of this draw."""


def generator(seed: int, stream: int, number: int) -> np.random.Generator:
    """Return the random numbers of one draw or realisation, which depend on nothing but these three."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(stream, number))))


def make_draws(rules: CompiledRules, count: int, *, seed: int) -> tuple[Draw, ...]:
    """Draw ``count`` variants of the rules and of the climate.

    Parameters
    ----------
    rules
        Compiled; their ruleset states the spreads.
    count
        Number of draws, from 1.
    seed
        The same seed gives the same draws; the first ones are the same whatever ``count``.
    """
    groups, widths = _sides(rules)
    return tuple(_draw(rules, groups, widths, number, seed=seed) for number in range(count))


def _draw(
    rules: CompiledRules, groups: npt.NDArray[np.int64], widths: npt.NDArray[np.float64], number: int, *, seed: int
) -> Draw:
    spread, frost = rules.ruleset.spread, rules.ruleset.frost
    random = generator(seed, DRAW_STREAM, number)
    temperature, rain = (float(value) for value in normal(random, 2))
    low, high = frost.offset_spread
    offset = float(random.uniform(low, high)) if high > low else frost.offset
    shifts = normal(random, widths.size) * widths * (spread.limit_percent / 100.0)
    sides = rules.tables.curve_side.copy()
    sides[..., _LIMITS] += shifts.astype(np.float32)[groups][..., np.newaxis]
    tables = rules.tables._replace(curve_side=sides, factor_weight=_weights(rules, random))
    return Draw(
        temperature=temperature * spread.temperature_degc,
        rain=max(1.0 + rain * spread.rain_percent / 100.0, 0.0),
        frost_offset=offset - frost.offset,
        realisation=number % spread.realisations,
        rules=replace(rules, tables=tables),
    )


def normal(random: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """Draw from the standard normal distribution cut at two deviations, shape (count,).

    Examples
    --------
    >>> bool(np.abs(normal(generator(1, 0, 0), 1000)).max() <= CUT)
    True
    """
    low, high = ndtr(-CUT), ndtr(CUT)
    drawn: npt.NDArray[np.float64] = np.asarray(ndtri(random.uniform(low, high, count)))
    return drawn


def _sides(rules: CompiledRules) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the number of each distinct side, shape (curves, 2), and how far S3 lies from S1 in it, in its unit."""
    tables = rules.tables
    known: dict[tuple[str, bytes], int] = {}
    widths: list[float] = []
    groups = np.zeros(tables.curve_side.shape[:2], dtype=np.int64)
    for curve, column in enumerate(tables.curve_column.tolist()):
        for side, row in enumerate(tables.curve_side[curve]):
            key = (rules.characteristics[column].name, row.tobytes())
            if key not in known:
                known[key] = len(widths)
                widths.append(_width(row))
            groups[curve, side] = known[key]
    return groups, np.array(widths)


def _width(row: npt.NDArray[np.float32]) -> float:
    s3, s2, s1 = (float(value) for value in row[_S3 : _S1 + 1])
    return abs(s1 - s3) if np.isfinite(s3) else 2.0 * abs(s1 - s2)


def _weights(rules: CompiledRules, random: np.random.Generator) -> npt.NDArray[np.float32]:
    """Draw the weights of every land-use type from a Dirichlet distribution around its own."""
    tables, concentration = rules.tables, rules.ruleset.spread.weight_concentration
    if not np.isfinite(concentration):
        return tables.factor_weight
    drawn = np.maximum(random.standard_gamma(concentration * tables.factor_weight.astype(np.float64)), _SMALLEST_WEIGHT)
    whole = np.add.reduceat(drawn, tables.type_start[:-1])
    shares: npt.NDArray[np.float64] = drawn / np.repeat(whole, np.diff(tables.type_start))
    return shares.astype(np.float32)
