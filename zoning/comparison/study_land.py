"""The land and the rules of a study opened again, so that its cells can be rated under other conditions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.messages import translator
from zoning.land.cell_places import CellPlaces
from zoning.land.column_stack import stack_columns
from zoning.land.land_data import LandData
from zoning.land.precedence import Precedence
from zoning.land.scenario_land import reopen_changes
from zoning.rules.characteristic import Characteristic
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.crop_library import library_hash
from zoning.rules.gates import gate_bits
from zoning.rules.ruleset_file import parse_ruleset
from zoning.study.run_job import RunJob, open_job, workspace_ruleset
from zoning.study.study import Study

if TYPE_CHECKING:
    from zoning.rating.kernel import BlockResult

_ = translator("zoning")

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.uint32]


@dataclass(frozen=True, eq=False, kw_only=True)
class CellBlock:
    """What is known of some cells before they are rated; every array has one value per cell."""

    columns: dict[str, Floats]
    """Characteristic key to values, NaN where missing."""
    decided: Codes
    """Zone number fixed before the competition, 0 where zones compete."""
    residual: Codes
    """Zone number of what no zone takes."""
    opened: Bits
    """Gates that a scenario opens, as bits of ``gates``."""
    gates: tuple[str, ...]
    """Names of the gates in bit order."""
    municipality: npt.NDArray[np.str_]
    """Six-digit codes."""

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.decided)

    def take(self, chosen: npt.NDArray[np.bool_]) -> CellBlock:
        """Return the block of the chosen cells only."""
        return replace(
            self,
            columns={key: column[chosen] for key, column in self.columns.items()},
            decided=self.decided[chosen],
            residual=self.residual[chosen],
            opened=self.opened[chosen],
            municipality=self.municipality[chosen],
        )

    def opened_for(self, gates: Sequence[str]) -> Bits:
        """Return the opened gates as bits of another list of gates."""
        bits = np.zeros(self.cells, dtype=np.uint32)
        for bit, name in enumerate(gates):
            if name in self.gates:
                mine = np.uint32(1 << self.gates.index(name))
                bits |= np.where((self.opened & mine) > 0, np.uint32(1 << bit), np.uint32(0))
        return bits

    def gate_bits(self, rules: CompiledRules) -> Bits:
        """Return the gates that are open under some rules, as bits in their order."""
        found = gate_bits(
            rules.gates, self.columns, cells=self.cells, flagged=rules.flagged, municipality=self.municipality
        )
        return found | self.opened_for(rules.gate_names)


def rate_block(block: CellBlock, rules: CompiledRules) -> BlockResult:
    """Rate the cells of a block under some rules."""
    from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler is paid for by who computes

    values = stack_columns(block.columns, rules.characteristics, cells=block.cells)
    return classify_block(values, block.gate_bits(rules), block.decided, block.residual, rules)


def reopen_job(study: Study) -> RunJob:
    """Return what a study was made with, provided that it is all still there.

    Raises
    ------
    gis.errors.InputError
        The rules, a layer or a file of the scenario are no longer those of the study.
    gis.errors.MissingError
        Something that the study was made with is gone.
    """
    manifest, workspace = study.manifest, study.workspace
    text = str(manifest.get("ruleset") or "")
    ruleset = parse_ruleset(text) if text else workspace_ruleset(workspace)[0]
    record = manifest.get("scenario")
    reopen_changes(workspace, ruleset, record)
    job = open_job(
        workspace,
        scale=int(manifest["scale"]),
        cell=float(manifest["cell_m"]),
        ruleset=ruleset,
        climate=str(manifest["climate"]),
        scenario=str(record["name"]) if record else None,
    )
    now = {name: layer.prepared_sha256 for name, layer in job.inventory.layers.items()}
    changed = [each["name"] for each in manifest["layers"] if now.get(each["name"]) != each["sha256"]]
    if ruleset.hash != manifest["ruleset_hash"]:
        changed.insert(0, "ruleset.toml")
    if library_hash(job.crops) != manifest["crops_hash"]:
        changed.append("crops")
    if changed:
        raise InputError(
            _("Cambió desde que se hizo el estudio «{name}»: {what}").format(name=study.name, what=", ".join(changed)),
            expected=_("Se esperaban las mismas reglas y capas"),
            remedy=_("Haga el estudio otra vez con valles zone --name {name}").format(name=study.name),
        )
    return job


class StudyLand:
    """The land of one study at chosen cells. Use it as a context; strips may be read from several threads.

    Parameters
    ----------
    job
        From :func:`reopen_job`.
    places
        Cells that will be asked for.
    wanted
        Characteristics that will be asked for beside those of the study's own rules.
    like
        The same cells of another study of the same layers, whose distances are taken over.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged.
    """

    def __init__(
        self,
        job: RunJob,
        places: CellPlaces,
        wanted: Collection[Characteristic] = (),
        *,
        like: StudyLand | None = None,
    ) -> None:
        self.job = job
        self.places = places
        self._inputs = tuple(sorted({*job.rules.inputs, *wanted}))
        self._codes = np.array(["", *job.frame.codes])
        ruleset = job.rules.ruleset
        with ExitStack() as stack:
            self._land = stack.enter_context(
                LandData(
                    job.workspace,
                    job.grid,
                    job.inventory,
                    frost_offset=ruleset.frost.offset,
                    calendar=ruleset.calendar,
                    changes=job.changes,
                )
            )
            self._land.prepare(self._inputs, places, like=None if like is None else like._land)  # noqa: SLF001  another of this class
            counts = "slope" not in job.inventory.flagged
            self._precedence = stack.enter_context(
                Precedence(job.workspace, job.grid, ruleset, places, slope_counts=counts, changes=job.changes)
            )
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._stack.close()

    def strip(self, start: int, stop: int, *, read: dict[Path, Floats] | None = None) -> CellBlock:
        """Return the wanted cells of rows ``start`` to ``stop`` (not included).

        Parameters
        ----------
        start, stop
            First row and the one after the last.
        read
            What another of this class has read of the same cells, by file (:meth:`~LandData.columns`).

        Raises
        ------
        gis.errors.VallesError
            A layer turns out damaged.
        """
        columns = self._land.columns(self._inputs, start, stop, self.places, read=read)
        strip = self._precedence.strip(start, stop, columns.get("slope"))
        gates = self.job.rules.gate_names
        return CellBlock(
            columns=columns,
            decided=strip.decided,
            residual=strip.residual,
            opened=self._land.opened(gates, start, stop, self.places),
            gates=gates,
            municipality=self._codes[self.job.frame.unit[start:stop][self.places.inside[start:stop]]],
        )
