"""The row kernel: zones, classes and their reasons from interval codes, many times as fast as from values.

Its classes, zones, runners-up and their classes are those of the float32 kernel on every cell: a code knows its class,
and the competition asks for classes and the order only. What a code does not know is the place inside the class: the
score of a crop is known to within :func:`score_error`, which decides which of two nearly equal crops speaks for a zone,
the score and the margin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.rating.code_ratings import SMALLEST, code_samples
from zoning.rating.interval_codes import Codes, Floats
from zoning.rating.row_tables import RANK_STEPS, RowTables
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.limits import BAND_LOW, S1, S2, S3
from zoning.zoning_errors import RulesError

_ = translator("zoning")

PLACES = ("municipality", "protected", "built", "cover")
"""Rows that say where a cell lies: number of its municipality (0 outside), set of categories of protected areas, bits
of mapped water, mapped town and irrigation of a scenario, and class of the land cover (0 unknown)."""

MANY_PLACES = (*PLACES, "municipality_high")
"""The same rows where a byte cannot number the municipalities: the last is the higher byte of the number."""

SCORE_QUANTUM = 0.025
"""Largest error of a score in S3 or better that the default rules may have; :func:`score_error` says what it is for
any. A margin, the difference of two scores, errs by at most twice that."""

_BYTE = 256
_SLOPES = {S3: 1 / 3, S2: 0.625, S1: 1.0}

OUTSIDE = 255
"""Class of a cell outside every municipality, or not rated."""

CLASSES = 6
"""Classes that cells are counted by: SD, N, S3, S2, S1 and not rated."""


@dataclass(frozen=True, kw_only=True)
class RowResult:
    """What the row kernel says of each cell; every array has shape (N,), meanings as in ``BlockResult``."""

    zone: Codes
    """Zone number; 0 outside."""
    cls: Codes
    """Class of the zone here; 255 where not rated."""
    runner_up: Codes
    """Number of the next zone that could claim the cell; 0 where none."""
    runner_up_class: Codes
    """Its class; 255 where none."""
    counts: npt.NDArray[np.int64]
    """Cells by municipality number, zone number and class (:data:`CLASSES`), counted in the same pass."""
    score: Floats | None = None
    """Score of the speaking crop, within the quantisation; NaN where not rated. ``None`` unless reasons were asked."""
    margin: Floats | None = None
    """Score of the winner minus that of the runner-up, within twice the quantisation; NaN where there is none."""
    land_use_type: npt.NDArray[np.int16] | None = None
    """Best variant of the crop that speaks for the zone; −1 where none."""
    limiting: npt.NDArray[np.int16] | None = None
    """Characteristic with the lowest rating; −1 where none."""
    second_limiting: npt.NDArray[np.int16] | None = None
    """Characteristic with the second lowest rating; −1 where none."""
    incomplete: npt.NDArray[np.uint16] | None = None
    """Bit *i* set: ``rules.optional[i]`` was missing."""
    aptitudes: Mapping[str, Codes] = field(default_factory=dict)
    """For each zone that was asked for, the class of the crop that speaks for it, whoever won the cell (its own gates
    applied, not its claim's): N also where a gate is shut, SD where unknown, 255 outside."""


def zone_rows(
    codes: Codes,
    places: Codes,
    rules: CompiledRules,
    rows: RowTables,
    *,
    municipalities: int,
    reasons: bool = False,
    aptitudes: Sequence[str] = (),
    wide: bool | None = None,
) -> RowResult:
    """Zone ``N`` cells. Releases the interpreter lock; blocks may run in threads.

    Parameters
    ----------
    codes
        uint8 (bands, N): interval codes in the order of the cut points that ``rows`` was built with.
    places
        uint8 (4, N): :data:`PLACES`; or (5, N): :data:`MANY_PLACES`.
    rules
        Compiled rules.
    rows
        The same rules as rows (:func:`zoning.rating.row_tables.build_rows`).
    municipalities
        Number of municipalities.
    reasons
        Whether score, margin, speaking type and limiting factors are wanted as well.
    aptitudes
        Codes of the zones whose own class is wanted everywhere inside, decided cells included.
    wide
        Whether to take sixty-four cells at a time; ``None`` does where the processor can. The answer is the same.

    Raises
    ------
    RulesError
        If a shape or type does not fit, a wanted zone has no basket, or reasons are wanted of rows without ranks.
    """
    from gis.wide_bytes import usable  # noqa: PLC0415  the compiler is paid for by who computes
    from zoning.rating.class_loops import zone_by_class  # noqa: PLC0415  as above

    rated = rated_zones(rules, aptitudes)
    _require_bytes(codes, places, municipalities)
    told = np.zeros((4, cells := codes.shape[-1]), dtype=np.uint8)
    told[1] = told[3] = OUTSIDE
    apt = np.full((len(aptitudes), cells), OUTSIDE, dtype=np.uint8)
    highest = max(zone.number for zone in rules.zones)
    counts = np.zeros((municipalities + 1, highest + 1, CLASSES), dtype=np.int64)
    lying = codes if codes.strides[-1] == 1 else np.ascontiguousarray(codes)
    wide = rows.words.fits and (usable() if wide is None else wide)
    zone_by_class(lying, places, rows, rules.tables, wide, rated, told, apt, counts)
    zone, cls, runner_up, runner_up_class = told
    found = RowResult(
        zone=zone,
        cls=cls,
        runner_up=runner_up,
        runner_up_class=runner_up_class,
        counts=counts,
        aptitudes=dict(zip(aptitudes, apt, strict=True)),
    )
    return _with_reasons(found, lying, places, rules, rows) if reasons else found


def _with_reasons(found: RowResult, codes: Codes, places: Codes, rules: CompiledRules, rows: RowTables) -> RowResult:
    from zoning.rating.reason_loops import explain_cells  # noqa: PLC0415  the compiler is paid for by who computes

    if not rows.group_band.size:
        raise RulesError(
            _("Tablas sin puntajes"), expected=_("Se esperaban tablas con puntajes, porque se piden razones")
        )
    cells = codes.shape[-1]
    told = np.stack([found.zone, found.cls, found.runner_up, found.runner_up_class])
    shorts = np.full((3, cells), -1, dtype=np.int16)
    floats = np.full((2, cells), np.nan, dtype=np.float32)
    incomplete = np.zeros(cells, dtype=np.uint16)
    explain_cells(codes, places, rows, rules.tables, told, shorts, floats, incomplete)
    return replace(
        found,
        score=floats[0],
        margin=floats[1],
        land_use_type=shorts[0],
        limiting=shorts[1],
        second_limiting=shorts[2],
        incomplete=incomplete,
    )


def _require_bytes(codes: Codes, places: Codes, municipalities: int) -> None:
    cells = codes.shape[-1]
    for array, count in ((codes, codes.shape[0]), (places, len(place_names(municipalities)))):
        if array.shape != (count, cells) or array.dtype != np.uint8:
            raise RulesError(
                _("Códigos de forma {shape} y tipo {kind}").format(shape=array.shape, kind=array.dtype),
                expected=_("Se esperaba forma {shape} y tipo uint8").format(shape=(count, cells)),
            )


def rated_zones(rules: CompiledRules, wanted: Sequence[str]) -> npt.NDArray[np.int32]:
    """Return the places of wanted zones among the rated ones.

    Raises
    ------
    RulesError
        If one has no basket.
    """
    rated = [zone.code for zone in rules.rated_zones]
    unknown = [code for code in wanted if code not in rated]
    if unknown:
        raise RulesError(
            _("Zonas sin canasta de cultivos: {codes}").format(codes=", ".join(unknown)),
            expected=_("Se esperaba una de: {codes}").format(codes=", ".join(rated)),
        )
    return np.array([rated.index(code) for code in wanted], dtype=np.int32)


def place_names(municipalities: int) -> tuple[str, ...]:
    """Return the rows of places that so many municipalities take.

    Examples
    --------
    >>> len(place_names(255)), len(place_names(256))
    (4, 5)
    """
    return PLACES if municipalities < _BYTE else MANY_PLACES


def score_error(rules: CompiledRules, cuts: Mapping[str, Floats]) -> float:
    """Return how far the score of a crop may lie from that of the exact values, in class S3 or better.

    Inside one code a rating μ moves by at most the sum of its steps, and the code's own logarithm stands in the middle.
    A score is ``lo + (hi − lo)·(G − lo)/(1 − lo)`` with ``G = exp Σ w·ln μ``, Σ w = 1 and G ≤ 1: it errs by at most
    1, .625 and .333 (its slope in S1, S2 and S3) times the largest error of a logarithm, and a factor is never in a
    worse class than its land-use type. Rounding adds half a step of the fixed point for every factor. Inside N, which
    claims no land by default, a logarithm may err by more.

    Parameters
    ----------
    rules
        Compiled rules.
    cuts
        Cut points of the codes.

    Examples
    --------
    >>> from zoning import load_crops, load_ruleset
    >>> from zoning.rating.interval_codes import cut_points
    >>> from zoning.rules.compiled_rules import compile_rules
    >>> layers = {"slope", "temp_mean", "temp_annual", "extreme_min", "rain_season", "rain_annual", "chill_hours"}
    >>> rules = compile_rules(load_ruleset(), load_crops(), available=layers | {"huglin", "ph", "soil_depth"})
    >>> score_error(rules, cut_points(rules)) <= SCORE_QUANTUM
    True
    """
    samples = code_samples(rules, cuts)
    steps = np.abs(np.diff(np.log(np.clip(samples.astype(np.float64), SMALLEST, None)), axis=0)).sum(axis=0) / 2
    worst = 0.0
    for code, slope in _SLOPES.items():
        here = (samples.min(axis=0) >= np.float32(BAND_LOW[code])) & (samples.max(axis=0) <= 1)
        worst = max(worst, slope * float(steps[here].max(initial=0.0)))
    factors = int(np.diff(rules.tables.type_start).max(initial=0))
    return worst + (factors + 1) / 2 / RANK_STEPS
