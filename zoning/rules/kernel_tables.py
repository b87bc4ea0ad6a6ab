"""The rules as plain arrays, the only form the kernel reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from zoning.rules.land_use_types import Factor, LandUseType
from zoning.rules.limits import BAND_LOW, Side, comparison_limits
from zoning.rules.zone_rules import BEFORE, COMPETES, Zone

ROLE_BEFORE, ROLE_COMPETES, ROLE_RESIDUAL = 0, 1, 2
"""Roles of rated zones inside the kernel."""

SIDE_COLUMNS = 8
"""Sign, limits S3 S2 S1, and rating per unit inside N, S3, S2 and S1."""


class KernelTables(NamedTuple):
    """Arrays of one compiled ruleset; ranges ``a[i]:a[i + 1]`` index the next array."""

    curve_column: npt.NDArray[np.int32]
    """Row of ``values`` each curve reads, shape (curves,)."""
    curve_sides: npt.NDArray[np.int32]
    """One or two sides, shape (curves,)."""
    curve_side: npt.NDArray[np.float32]
    """Rows of :func:`_side_row`, shape (curves, 2, 8)."""
    curve_floor: npt.NDArray[np.float32]
    """Lowest rating the curve may give (its cap class), shape (curves,)."""
    type_start: npt.NDArray[np.int32]
    """Shape (land-use types + 1,): range of each one's factors."""
    factor_curve: npt.NDArray[np.int32]
    """Curve of each rated factor."""
    factor_weight: npt.NDArray[np.float32]
    """Weight of each rated factor, summing to 1 over its land-use type."""
    factor_required: npt.NDArray[np.uint8]
    """1 where a missing value means SD."""
    factor_bit: npt.NDArray[np.uint16]
    """Bit of the optional group of the factor, 0 for required ones."""
    type_absent: npt.NDArray[np.uint16]
    """Optional groups that no layer of the territory gives, shape (land-use types,)."""
    type_need: npt.NDArray[np.uint32]
    """Gates that must be open, shape (land-use types,)."""
    type_forbid: npt.NDArray[np.uint32]
    """Gates that must be shut, shape (land-use types,)."""
    zone_number: npt.NDArray[np.uint8]
    """Raster number of each rated zone: decided-before ones, competing ones in order, residual ones."""
    zone_role: npt.NDArray[np.int32]
    """0 before, 1 competes, 2 residual."""
    zone_minimum: npt.NDArray[np.uint8]
    """Worst class with which it claims."""
    zone_speaks: npt.NDArray[np.int32]
    """1 best crop, 2 second-best."""
    zone_masks: npt.NDArray[np.uint32]
    """Shape (zones, 4): aptitude need, aptitude forbid, claim need, claim forbid (claim includes aptitude)."""
    zone_start: npt.NDArray[np.int32]
    """Shape (zones + 1,): range of each zone's crops."""
    crop_start: npt.NDArray[np.int32]
    """Shape (crops + 1,): range of each basket crop's land-use types."""
    crop_type: npt.NDArray[np.int32]
    """Land-use types of the basket crops, in order of preference at equal score."""
    zone_optional_start: npt.NDArray[np.int32]
    """Shape (zones + 1,): range of the optional columns that the zone's gates read."""
    zone_optional_column: npt.NDArray[np.int32]
    """Row of ``values``."""
    zone_optional_bit: npt.NDArray[np.uint16]
    """Bit of its optional group."""
    zone_absent: npt.NDArray[np.uint16]
    """Optional groups the zone's gates need and no layer gives, shape (zones,)."""


def _side_row(side: Side) -> list[float]:
    """Mirror a side so that more is better: sign, three comparison limits, and the rise per unit in each class."""
    sign = 1.0 if side.rising else -1.0
    s3, s2, s1 = (sign * float(limit) for limit in comparison_limits(side))
    zero, _, exact_s2, exact_s1, full = (sign * value for value in side.breakpoints)
    exact_s3 = sign * side.s3 if not side.open else 2.0 * exact_s2 - exact_s1

    def steepness(rise: float, run: float) -> float:
        return rise / run if run > 0 else 0.0

    return [
        sign,
        s3,
        s2,
        s1,
        0.0 if side.open else steepness(0.40, exact_s3 - zero),
        steepness(0.20, exact_s2 - exact_s3),
        steepness(0.25, exact_s1 - exact_s2),
        steepness(0.15, full - exact_s1),
    ]


class CurveBook:
    """Collects distinct curves, so that a curve shared by many land-use types is evaluated once."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        self.columns = columns
        self.known: dict[tuple[object, ...], int] = {}
        self.column: list[int] = []
        self.count: list[int] = []
        self.rows: list[npt.NDArray[np.float32]] = []
        self.floor: list[float] = []

    def index(self, factor: Factor) -> int:
        """Return the number of the factor's curve, entering it if it is new."""
        key = (factor.characteristic.key, factor.limits, factor.cap)
        if key not in self.known:
            rows = np.zeros((2, SIDE_COLUMNS), dtype=np.float32)
            sides = [side for side in (factor.limits.low, factor.limits.high) if side is not None]
            for row, side in enumerate(sides):
                rows[row] = _side_row(side)
            self.known[key] = len(self.column)
            self.column.append(self.columns[factor.characteristic.key])
            self.count.append(len(sides))
            self.rows.append(rows)
            self.floor.append(BAND_LOW[factor.cap])
        return self.known[key]


def masks(gates: Sequence[str], bits: Mapping[str, int]) -> tuple[int, int]:
    """Return the bits that must be open and those that must be shut; ``!name`` means shut.

    Examples
    --------
    >>> masks(["riego", "!camino"], {"riego": 0, "camino": 1})
    (1, 2)
    """
    need = sum({1 << bits[gate] for gate in gates if not gate.startswith("!")})
    forbid = sum({1 << bits[gate[1:]] for gate in gates if gate.startswith("!")})
    return need, forbid


def starts(lengths: Sequence[int]) -> npt.NDArray[np.int32]:
    """Return the ranges of consecutive groups.

    Examples
    --------
    >>> starts([2, 3]).tolist()
    [0, 2, 5]
    """
    return np.concatenate([[0], np.cumsum(np.asarray(lengths, dtype=np.int64))]).astype(np.int32)


def build_tables(
    types: Sequence[LandUseType],
    zones: Sequence[Zone],
    *,
    baskets: Sequence[Sequence[Sequence[int]]],
    columns: Mapping[str, int],
    gate_bits: Mapping[str, int],
    optional_bits: Mapping[str, int],
    absent: Sequence[int],
    zone_optional: Sequence[Sequence[tuple[int, int]]],
    zone_absent: Sequence[int],
) -> KernelTables:
    """Turn land-use types and rated zones into arrays.

    Parameters
    ----------
    types, zones
        Rated land-use types, and rated zones: decided before, competing in order, residual.
    baskets
        For each zone, for each basket crop, indices of its land-use types.
    columns
        Characteristic key to its row in ``values``.
    gate_bits, optional_bits
        Gate name to bit number; optional characteristic name to bit number.
    absent, zone_absent
        Bit mask of the optional groups no layer gives, per land-use type and per zone.
    zone_optional
        For each zone, (row in ``values``, bit mask) of optional characteristics its gates read.
    """
    crops = [crop for basket in baskets for crop in basket]
    read = [pair for pairs in zone_optional for pair in pairs]
    zone_masks = [
        (*masks(zone.gates, gate_bits), *masks((*zone.gates, *zone.competition_gates), gate_bits)) for zone in zones
    ]
    roles = [{BEFORE: ROLE_BEFORE, COMPETES: ROLE_COMPETES}.get(zone.role, ROLE_RESIDUAL) for zone in zones]
    return KernelTables(
        **_type_tables(types, columns=columns, gate_bits=gate_bits, optional_bits=optional_bits),
        type_absent=np.array(absent, dtype=np.uint16),
        zone_number=np.array([zone.number for zone in zones], dtype=np.uint8),
        zone_role=np.array(roles, dtype=np.int32),
        zone_minimum=np.array([zone.minimum for zone in zones], dtype=np.uint8),
        zone_speaks=np.array([zone.speaks for zone in zones], dtype=np.int32),
        zone_masks=np.array(zone_masks, dtype=np.uint32).reshape(-1, 4),
        zone_start=starts([len(basket) for basket in baskets]),
        crop_start=starts([len(crop) for crop in crops]),
        crop_type=np.array([index for crop in crops for index in crop], dtype=np.int32),
        zone_optional_start=starts([len(pairs) for pairs in zone_optional]),
        zone_optional_column=np.array([column for column, _bit in read], dtype=np.int32),
        zone_optional_bit=np.array([bit for _column, bit in read], dtype=np.uint16),
        zone_absent=np.array(zone_absent, dtype=np.uint16),
    )


def _type_tables(
    types: Sequence[LandUseType],
    *,
    columns: Mapping[str, int],
    gate_bits: Mapping[str, int],
    optional_bits: Mapping[str, int],
) -> dict[str, npt.NDArray[Any]]:
    """Curves, factors and gates of the land-use types."""
    book = CurveBook(columns)
    rated = [[factor for factor in each.factors if not factor.flagged] for each in types]
    flat = [factor for factors in rated for factor in factors]
    curves = [book.index(factor) for factor in flat]
    weights = [factor.weight / sum(other.weight for other in factors) for factors in rated for factor in factors]
    bits = [
        1 << optional_bits[factor.characteristic.name]
        if not factor.required and factor.characteristic.name in optional_bits
        else 0
        for factor in flat
    ]
    type_masks = np.array([masks(each.gates, gate_bits) for each in types], dtype=np.uint32).reshape(-1, 2)
    return {
        "curve_column": np.array(book.column, dtype=np.int32),
        "curve_sides": np.array(book.count, dtype=np.int32),
        "curve_side": np.array(book.rows, dtype=np.float32).reshape(-1, 2, SIDE_COLUMNS),
        "curve_floor": np.array(book.floor, dtype=np.float32),
        "type_start": starts([len(factors) for factors in rated]),
        "factor_curve": np.array(curves, dtype=np.int32),
        "factor_weight": np.array(weights, dtype=np.float32),
        "factor_required": np.array([factor.required for factor in flat], dtype=np.uint8),
        "factor_bit": np.array(bits, dtype=np.uint16),
        "type_need": np.ascontiguousarray(type_masks[:, 0]),
        "type_forbid": np.ascontiguousarray(type_masks[:, 1]),
    }
