"""Interval codes: a byte that says between which cut points a value lies, so that its class is known exactly.

Every class limit of every curve on a characteristic, and every limit of a gate on it, is a cut point; the codes left
over refine the rank inside a class. Code 0 is missing; code *k* holds the values from cut *k* − 2 (included) to cut
*k* − 1 (excluded), so that 254 cuts give the codes 1 to 255.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.limits import Limits, comparison_limits
from zoning.zoning_errors import RulesError

_ = translator("zoning")

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]

MOST_CUTS = 254
"""Cut points that one byte holds beside the code of a missing value."""

SLOPE = "slope"
"""Characteristic that legal forest is cut by."""

_STEPS = (1.0, 2.5, 5.0)
_UNSUITABLE_SHARE = 0.25
_HALVINGS = 50


@dataclass(frozen=True)
class Curve:
    """One side of a curve as the kernel's tables hold it: sign, limits S3 S2 S1, rise per unit in N, S3, S2, S1."""

    row: Floats

    @property
    def sign(self) -> float:
        """1 where more is better, −1 where less is."""
        return float(self.row[0])

    @property
    def limits(self) -> list[float]:
        """Finite class limits, in the unit of the characteristic."""
        return [self.sign * float(value) for value in self.row[1:4] if math.isfinite(value)]

    @property
    def pieces(self) -> list[tuple[float, float, float]]:
        """Stretches with a slope: from, to, rating per unit; N counts a quarter, nobody claims land with it."""
        s3, s2, s1 = (float(value) for value in self.row[1:4])
        in_n, in_3, in_2, in_1 = (float(value) for value in self.row[4:8])
        start = s3 if math.isfinite(s3) else s2 - (0.20 / in_3 if in_3 else 0.0)
        ends = [(start, s2, in_3), (s2, s1, in_2)]
        if in_n and math.isfinite(s3):
            ends.append((s3 - 0.40 / in_n, s3, in_n * _UNSUITABLE_SHARE))
        if in_1:
            ends.append((s1, s1 + 0.15 / in_1, in_1))
        turned = [(self.sign * low, self.sign * high, rise) for low, high, rise in ends if high > low]
        return [(min(low, high), max(low, high), rise) for low, high, rise in turned]


def cut_points(rules: CompiledRules, *, spare: bool = True) -> dict[str, Floats]:
    """Choose the cut points of every characteristic that a ruleset reads.

    Parameters
    ----------
    rules
        Compiled rules. Characteristics whose resolution carries no rating or cut get none.
    spare
        Whether the codes that are left over refine the rank and hold round numbers, to which a planner may move a
        limit without encoding anew.

    Returns
    -------
    dict
        Characteristic key to its rising float32 cut points, at most 254.

    Raises
    ------
    RulesError
        If a characteristic has more class limits than a byte holds.

    Examples
    --------
    >>> from zoning import load_crops, load_ruleset
    >>> from zoning.rules.compiled_rules import compile_rules
    >>> rules = compile_rules(load_ruleset(), load_crops(), available={"slope", "temp_mean", "extreme_min"})
    >>> 18.5 in cut_points(rules)["temp_mean@09-01"]
    True
    """
    found: dict[str, Floats] = {}
    for each in rules.inputs:
        if each.name in rules.flagged:
            continue
        curves = _curves(rules, each.key)
        upward, downward = _limits(rules, each.key, each.name, curves)
        needed = _cuts(upward, downward)
        _checked(needed, each.key)
        if spare and needed:
            needed |= _round_cuts(curves, upward, downward, room=(MOST_CUTS - len(needed)) * 3 // 4)
            needed = _refined(needed, curves)
        found[each.key] = _checked(needed, each.key)
    return found


def limit_cuts(limits: Iterable[Limits]) -> Floats:
    """Return the cut points of some limits on one characteristic, nothing spared for the rank.

    Raises
    ------
    RulesError
        If there are more than a byte holds.

    Examples
    --------
    >>> from zoning.rules.limits import Side
    >>> limit_cuts([Limits(low=Side.from_classes(13, 16, 18))]).tolist()
    [13.0, 16.0, 18.0]
    """
    upward: set[float] = set()
    downward: set[float] = set()
    for each in limits:
        for side, ends in ((each.low, upward), (each.high, downward)):
            if side is not None:
                ends.update(float(limit) for limit in comparison_limits(side) if np.isfinite(limit))
    return _checked(_cuts(upward, downward), "")


def _checked(cuts: set[float], key: str) -> Floats:
    if len(cuts) > MOST_CUTS:
        raise RulesError(
            _("«{key}» tiene {count} límites de clase").format(key=key, count=len(cuts)),
            expected=_("Se esperaban a lo sumo {most}").format(most=MOST_CUTS),
        )
    return np.array(sorted(cuts), dtype=np.float32)


def _curves(rules: CompiledRules, key: str) -> list[Curve]:
    tables = rules.tables
    column = next((row for row, each in enumerate(rules.characteristics) if each.key == key), -1)
    return [
        Curve(tables.curve_side[curve, side])
        for curve in np.flatnonzero(tables.curve_column == column)
        for side in range(tables.curve_sides[curve])
    ]


def _limits(rules: CompiledRules, key: str, name: str, curves: Iterable[Curve]) -> tuple[set[float], set[float]]:
    """Return the limits from which it is better (or passed) upwards, and those up to which it is."""
    upward = {limit for curve in curves if curve.sign > 0 for limit in curve.limits}
    downward = {limit for curve in curves if curve.sign < 0 for limit in curve.limits}
    for gate in rules.gates:
        for condition in gate.conditions:
            if condition.characteristic.key == key:
                lowest, highest = condition.compared
                upward |= set() if lowest is None else {float(lowest)}
                downward |= set() if highest is None else {float(highest)}
    if name == SLOPE:
        downward.add(float(np.float32(rules.ruleset.cover.legal_forest_slope)))
    return upward, downward


def _cuts(upward: Iterable[float], downward: Iterable[float]) -> set[float]:
    """Return the values at which a new code begins: at the limit itself upwards, just above it downwards."""
    begins = {float(np.float32(value)) + 0.0 for value in upward}
    return begins | {float(np.nextafter(np.float32(value), np.float32(np.inf))) for value in downward}


def _round_cuts(curves: list[Curve], upward: set[float], downward: set[float], *, room: int) -> set[float]:
    """Return round numbers over the range of the limits, as fine as there is room for."""
    low, high = min([*upward, *downward]), max([*upward, *downward])
    if not curves:
        low, high = 0.0, 2.0 * high
    ways = (upward != set()) + (downward != set())
    count = room // max(ways, 1)
    if count < 1 or high <= low:
        return set()
    step = _step((high - low) / count)
    numbers = [step * each for each in range(math.ceil(low / step), math.floor(high / step) + 1)][:count]
    return _cuts(numbers if upward else (), numbers if downward else ())


def _step(least: float) -> float:
    """Return the smallest 1, 2.5 or 5 times a power of ten that is not below ``least``: halves are among the numbers.

    Examples
    --------
    >>> _step(0.12), _step(0.3), _step(21.0)
    (0.25, 0.5, 25.0)
    """
    power = 10.0 ** math.floor(math.log10(least))
    return float(next(step * power for step in (*_STEPS, 10.0) if step * power >= least * (1 - 1e-9)))


def _refined(cuts: set[float], curves: list[Curve]) -> set[float]:
    """Spend the remaining codes where some rating changes most, so that the widest code is as narrow as can be."""
    pieces = [piece for curve in curves for piece in curve.pieces]
    if not pieces:
        return cuts
    places = np.unique([*cuts, *(place for low, high, _rise in pieces for place in (low, high))])
    middles = (places[1:] + places[:-1]) / 2
    rises = np.zeros(len(middles))
    for low, high, rise in pieces:
        rises = np.where((middles > low) & (middles < high), np.maximum(rises, rise), rises)
    way = np.concatenate([[0.0], np.cumsum(rises * np.diff(places))])
    ordered = np.array(sorted(cuts))
    ends = np.concatenate([[way[0]], np.interp(ordered, places, way), [way[-1]]])
    lengths = np.diff(ends)
    room = MOST_CUTS - len(cuts)

    def parts(width: float) -> npt.NDArray[np.int64]:
        return np.maximum(np.ceil(lengths / width - 1e-9), 1).astype(np.int64)

    low_width, high_width = 0.0, max(float(way[-1]), 1e-9)
    for _half in range(_HALVINGS):
        width = (low_width + high_width) / 2
        few = (parts(width) - 1).sum() <= room
        low_width, high_width = (low_width, width) if few else (width, high_width)
    wanted = [
        start + (stop - start) * share / count
        for start, stop, count in zip(ends[:-1], ends[1:], parts(high_width), strict=True)
        for share in range(1, count)
    ]
    # Where no rating changes, way stands still and names no place: interp then takes an end, which is a place as well.
    extra = {float(np.float32(value)) + 0.0 for value in np.interp(wanted, way, places)}
    return cuts | set(sorted(extra - cuts)[:room])


def representatives(cuts: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and the highest float32 of every code from 1, each of shape (cuts + 1,)."""
    low = np.concatenate([[np.float32(-np.inf)], cuts]).astype(np.float32)
    high = np.concatenate([np.nextafter(cuts, np.float32(-np.inf)), [np.float32(np.inf)]]).astype(np.float32)
    return low, high


def encode(values: Floats, cuts: Floats) -> Codes:
    """Turn values into interval codes.

    Parameters
    ----------
    values
        Float32 values in their own unit, any shape, NaN where missing.
    cuts
        Rising cut points.

    Returns
    -------
    numpy.ndarray
        uint8, the shape of ``values``; 0 where missing.

    Examples
    --------
    >>> encode(np.array([9.0, 10.0, 12.0, np.nan], dtype=np.float32), np.array([10, 11], dtype=np.float32)).tolist()
    [1, 2, 3, 0]
    """
    from zoning.rating.code_loops import encode_values  # noqa: PLC0415  the compiler is paid for by who computes

    flat = np.ascontiguousarray(values, dtype=np.float32).ravel()
    out = np.zeros(flat.shape, dtype=np.uint8)
    encode_values(flat, np.ascontiguousarray(cuts), first_codes(cuts), out)
    return out.reshape(values.shape)


BINS = 2_048
"""Equal steps between the first and the last cut; each knows the code with which its search begins."""


def first_codes(cuts: Floats) -> npt.NDArray[np.int32]:
    """Return for each of :data:`BINS` steps how many cuts lie below the step before it, where a search may begin."""
    if not len(cuts):
        return np.zeros(BINS, dtype=np.int32)
    low, high = float(cuts[0]), float(cuts[-1])
    edges = low + (np.arange(BINS) - 1.0) * ((high - low) / BINS)
    found: npt.NDArray[np.int32] = np.searchsorted(cuts, edges.astype(np.float32), side="left").astype(np.int32)
    return found


def holds_cuts(cuts: Mapping[str, Floats], wanted: Mapping[str, Floats]) -> tuple[str, ...]:
    """Return the characteristics that ``wanted`` cuts somewhere where ``cuts`` does not, sorted."""
    return tuple(
        sorted(key for key, points in wanted.items() if key not in cuts or not np.isin(points, cuts[key]).all())
    )
