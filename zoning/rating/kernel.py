"""The float32 block kernel: ratings, classes, zones and their reasons for a block of cells in one pass.

It stays as the independent reference when a faster kernel comes. Import it inside functions: it loads the compiler.

A land-use type is SD where a required value is missing. A crop is rated by its best variant whose gates are open: SD if
all of these are SD, N if none is open. A zone is rated by its second-best crop (the best of a one-crop basket).

Order in every cell: ``decided`` (unless 0) stands as it is, not rated. Else zones with role ``before`` (CAN) claim;
then the competing zones, class first, then their order; then ``residual``. A cell is **SD** if a zone that could have
claimed it (its claim gates open) has no rating for want of a required value, unless a ``before`` zone took the cell; if
no zone claims and the residual zone's own basket is SD; or if no land-use type at all could be rated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.rating.kernel_loops import OUTSIDE, classify_cells
from zoning.zoning_errors import RulesError

if TYPE_CHECKING:
    from zoning.rules.compiled_rules import CompiledRules

_ = translator("zoning")


@dataclass(frozen=True, kw_only=True)
class ZoneAptitude:
    """How apt each cell is for one zone, whoever won the cell (the zone's own gates applied, not its claim's)."""

    zone: str
    """Zone code."""
    cls: npt.NDArray[np.uint8]
    """Class code of the speaking crop, (N,); N also where a gate is shut; 255 outside."""
    score: npt.NDArray[np.float32]
    """Score of the speaking crop, (N,), 0–1; 0 where a gate is shut, NaN where SD or outside."""
    land_use_type: npt.NDArray[np.int16]
    """Index in ``rules.land_use_types`` of the speaking crop's best variant; −1 where a gate is shut or outside."""


@dataclass(frozen=True, kw_only=True)
class BlockResult:
    """What the kernel says of each cell; every array has shape (N,)."""

    zone: npt.NDArray[np.uint8]
    """Zone number (:attr:`zoning.rules.zone_rules.Zone.number`); 0 outside."""
    cls: npt.NDArray[np.uint8]
    """Class of the zone here: 0 SD, 1 N, 2 S3, 3 S2, 4 S1; 255 where not rated (decided, residual without basket)."""
    score: npt.NDArray[np.float32]
    """Score of the speaking crop inside its class's band, 0–1; NaN where not rated or SD."""
    land_use_type: npt.NDArray[np.int16]
    """Index in ``rules.land_use_types`` of the best variant of the crop that speaks for the zone; −1 where none."""
    limiting: npt.NDArray[np.int16]
    """Index in ``rules.characteristics`` of the factor with the lowest rating; −1 where none."""
    limiting_value: npt.NDArray[np.float32]
    """Its value in its own unit; NaN where none."""
    second_limiting: npt.NDArray[np.int16]
    """Index of the factor with the second lowest rating; −1 where none."""
    runner_up: npt.NDArray[np.uint8]
    """Number of the next zone that could claim the cell (gates open, minimum class reached); 0 where none."""
    runner_up_class: npt.NDArray[np.uint8]
    """Its class; 255 where none."""
    margin: npt.NDArray[np.float32]
    """Score of the winner minus score of the runner-up; NaN where there is none. Below zero where the order decided
    within one class."""
    incomplete: npt.NDArray[np.uint16]
    """Bit *i* set: ``rules.optional[i]`` was missing for the winner's rating or gates."""
    aptitudes: tuple[ZoneAptitude, ...] = ()
    """One per requested zone."""


def classify_block(
    values: npt.NDArray[np.float32],
    gates: npt.NDArray[np.uint32],
    decided: npt.NDArray[np.uint8],
    residual: npt.NDArray[np.uint8],
    rules: CompiledRules,
    *,
    aptitudes: Sequence[str] = (),
) -> BlockResult:
    """Classify ``N`` cells. Releases the interpreter lock; blocks may run in threads.

    The module's docstring says what becomes of a cell.

    Parameters
    ----------
    values
        float32 (C, N): row *c* is ``rules.characteristics[c]`` in its own unit, NaN where missing.
    gates
        uint32 (N,): bit *i* set where ``rules.gates[i]`` is open (:func:`zoning.rules.gates.gate_bits`).
    decided
        uint8 (N,): zone number fixed by precedence, 0 where zones compete, 255 outside.
    residual
        uint8 (N,): zone number for cells no zone takes (GAN, GAF, FOR).
    rules
        Compiled ruleset.
    aptitudes
        Codes of the zones whose own aptitude is wanted everywhere inside, decided cells included.

    Raises
    ------
    RulesError
        If a shape or type does not fit the rules, or a wanted zone has no basket.
    """
    cells = values.shape[-1]
    _check(values, rules, (gates, decided, residual), cells=cells)
    rated = [zone.code for zone in rules.rated_zones]
    _check_zones(aptitudes, rated)
    out = _Outputs(cells, len(aptitudes))
    classify_cells(
        np.ascontiguousarray(values),
        gates,
        decided,
        residual,
        rules.tables,
        rules.zone("SD").number,
        np.array([rated.index(code) for code in aptitudes], dtype=np.int32),
        out.bytes,
        out.shorts,
        out.floats,
        out.incomplete,
        out.apt_cls,
        out.apt_score,
        out.apt_type,
    )
    return out.result(aptitudes)


class _Outputs:
    """The arrays the loops write into, already saying "outside"."""

    def __init__(self, cells: int, zones: int) -> None:
        self.bytes = np.zeros((4, cells), dtype=np.uint8)
        self.bytes[1] = self.bytes[3] = OUTSIDE
        self.shorts = np.full((3, cells), -1, dtype=np.int16)
        self.floats = np.full((3, cells), np.nan, dtype=np.float32)
        self.incomplete = np.zeros(cells, dtype=np.uint16)
        self.apt_cls = np.full((zones, cells), OUTSIDE, dtype=np.uint8)
        self.apt_score = np.full((zones, cells), np.nan, dtype=np.float32)
        self.apt_type = np.full((zones, cells), -1, dtype=np.int16)

    def result(self, codes: Sequence[str]) -> BlockResult:
        """Name the rows."""
        zone, cls, runner_up, runner_up_class = self.bytes
        land_use_type, limiting, second_limiting = self.shorts
        score, limiting_value, margin = self.floats
        return BlockResult(
            zone=zone,
            cls=cls,
            score=score,
            land_use_type=land_use_type,
            limiting=limiting,
            limiting_value=limiting_value,
            second_limiting=second_limiting,
            runner_up=runner_up,
            runner_up_class=runner_up_class,
            margin=margin,
            incomplete=self.incomplete,
            aptitudes=tuple(
                ZoneAptitude(
                    zone=code, cls=self.apt_cls[row], score=self.apt_score[row], land_use_type=self.apt_type[row]
                )
                for row, code in enumerate(codes)
            ),
        )


def _check_zones(aptitudes: Sequence[str], rated: Sequence[str]) -> None:
    unknown = [code for code in aptitudes if code not in rated]
    if unknown:
        raise RulesError(
            _("Zonas sin canasta de cultivos: {codes}").format(codes=", ".join(unknown)),
            expected=_("Se esperaba una de: {codes}").format(codes=", ".join(rated)),
        )


def _check(
    values: npt.NDArray[np.float32], rules: CompiledRules, columns: tuple[npt.NDArray[np.generic], ...], *, cells: int
) -> None:
    expected = (len(rules.characteristics), cells)
    if values.shape != expected or values.dtype != np.float32:
        raise RulesError(
            _("Valores de forma {shape} y tipo {kind}").format(shape=values.shape, kind=values.dtype),
            expected=_("Se esperaba forma {shape} y tipo float32").format(shape=expected),
        )
    for column, kind in zip(columns, (np.uint32, np.uint8, np.uint8), strict=True):
        if column.shape != (cells,) or column.dtype != kind:
            raise RulesError(
                _("Una columna de forma {shape} y tipo {kind}").format(shape=column.shape, kind=column.dtype),
                expected=_("Se esperaba forma {shape} y tipo {kind}").format(shape=(cells,), kind=np.dtype(kind).name),
            )
