"""One strip of sampled cells read for all draws: what is measured, and what each realisation of the elevation makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from zoning.land.cell_places import CellPlaces
from zoning.land.height_above_stream import HeightAboveStream
from zoning.land.land_data import LandData
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.gates import gate_bits
from zoning.stack.stack_cells import CellStrip, StackCells
from zoning.uncertainty.drawn_land import FROM_MONTHS, BlockLand, months_of, warmth_of
from zoning.uncertainty.elevation_error import ElevationError

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.uint32]


@dataclass(frozen=True, eq=False, kw_only=True)
class PlaceColumns:
    """What decides in some cells beside their values."""

    gates: Bits
    """Open gates, (N,)."""
    decided: Bytes
    """Zone fixed before the competition, 0 for none, (N,)."""
    residual: Bytes
    """Zone of what no zone takes, (N,)."""

    def part(self, cells: npt.NDArray[np.int64]) -> PlaceColumns:
        """Return some of the cells."""
        return PlaceColumns(gates=self.gates[cells], decided=self.decided[cells], residual=self.residual[cells])


@dataclass(frozen=True, eq=False, kw_only=True)
class StripLand:
    """The sampled cells of some rows; the first of the tuples is the land as measured, then its realisations."""

    rules: CompiledRules
    """Rules of the run."""
    land: BlockLand
    """What is measured, and what the realisations make of it."""
    decided: tuple[Bytes, ...]
    """Zone fixed before the competition, 0 for none, (N,) each."""
    gates: tuple[Bits, ...]
    """Open gates, (N,) each."""
    residual: Bytes
    """Zone of what no zone takes, (N,)."""

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(self.residual.size)

    def part(self, cells: npt.NDArray[np.int64]) -> StripLand:
        """Return some of the cells."""
        land = self.land
        return StripLand(
            rules=self.rules,
            land=BlockLand(
                columns=_cut(land.columns, cells),
                warmth={name: values[:, cells] for name, values in land.warmth.items()},
                heights=tuple(each[cells] for each in land.heights),
                realised=tuple(_cut(each, cells) for each in land.realised),
            ),
            decided=tuple(each[cells] for each in self.decided),
            gates=tuple(each[cells] for each in self.gates),
            residual=self.residual[cells],
        )

    def places(self, realisation: int | None = None) -> PlaceColumns:
        """Return what decides beside the values, as measured or with the elevation of a realisation."""
        where = 0 if realisation is None or len(self.gates) == 1 else realisation + 1
        return PlaceColumns(gates=self.gates[where], decided=self.decided[where], residual=self.residual)


def _cut(columns: Mapping[str, Floats], cells: npt.NDArray[np.int64]) -> dict[str, Floats]:
    return {key: values[cells] for key, values in columns.items()}


@dataclass(frozen=True, eq=False, kw_only=True)
class StripReader:
    """Reads strips of a stack; several threads may read at once.

    What is measured, what is decided and what gates compare come from the stack. Months are read from their layers, and
    the elevation where its error counts.
    """

    stack: StackCells
    """Stack of the study."""
    land: LandData
    """Its layers, for months and the elevation."""
    rules: CompiledRules
    """Rules of the run."""
    places: CellPlaces
    """The sampled cells."""
    error: ElevationError
    """Error of the elevation in each realisation."""
    heights: tuple[HeightAboveStream, ...]
    """Height above the stream in each realisation; empty where it does not count."""

    def read(self, start: int, stop: int) -> StripLand:
        """Read rows ``start`` to ``stop`` (not included) of a strip of the stack.

        Raises
        ------
        gis.errors.VallesError
            A layer or the stack turns out damaged.
        """
        rules = self.rules
        keys = [each.key for each in rules.inputs if each.name not in rules.flagged]
        strip = self.stack.strip(start, stop, keys)
        chosen = np.flatnonzero(self.places.inside[start:stop].ravel()[strip.where])
        columns = {key: strip.values(key, chosen) for key in strip.columns}
        sampled = replace(strip, where=strip.where[chosen], columns={})
        realised = [self._realised(number, start, stop, columns) for number in range(len(self.error))]
        moves = any(realised)
        seen = [columns, *({**columns, **each} for each in realised if moves)]
        decided = [sampled.decided(rules.ruleset, each.get("slope")) for each in seen]
        return StripLand(
            rules=rules,
            land=BlockLand(
                columns=columns,
                warmth=self._warmth(start, stop),
                heights=tuple(self._error(number, start, stop) for number in range(len(self.error))),
                realised=tuple(realised) if moves else (),
            ),
            decided=tuple(each.decided for each in decided),
            gates=tuple(self._gates(each, sampled) for each in seen),
            residual=decided[0].residual,
        )

    def _realised(self, number: int, start: int, stop: int, columns: Mapping[str, Floats]) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        if "slope" in columns:
            error = partial(self.error.rows, number)
            found["slope"] = self.land.slope(start, stop, self.places, error=error)
        if self.heights:
            inside = self.places.inside[start:stop]
            found["height_above_stream"] = self.heights[number].rows(start, stop)[inside]
        if "elevation" in columns:
            found["elevation"] = columns["elevation"] + self._error(number, start, stop)
        return found

    def _error(self, number: int, start: int, stop: int) -> Floats:
        rows, cols = np.nonzero(self.places.inside[start:stop])
        return self.error.at(number, rows + start, cols)

    def _gates(self, columns: Mapping[str, Floats], strip: CellStrip) -> Bits:
        index, gates = self.stack.index, self.rules.gates
        bits = gate_bits(
            gates,
            columns,
            cells=strip.cells,
            flagged=self.rules.flagged,
            municipality=np.array(["", *index.municipalities])[strip.unit],
        )
        return bits | strip.opened(self.rules.gate_names, index.opened)

    def _warmth(self, start: int, stop: int) -> dict[str, Floats]:
        """Read the months that draws warm, those of each layer once."""
        calendar, found = self.rules.ruleset.calendar, {}
        names = sorted({each.name for each in self.rules.characteristics if each.name in FROM_MONTHS})
        wanted: dict[str, set[int]] = {}
        for name in names:
            for theme in FROM_MONTHS[name]:
                wanted.setdefault(theme, set()).update(months_of(name, calendar))
        months = {theme: tuple(sorted(each)) for theme, each in wanted.items()}
        read = {theme: self.land.months(theme, start, stop, self.places, each) for theme, each in months.items()}
        for name in names:
            lines = {
                theme: [months[theme].index(each) for each in months_of(name, calendar)] for theme in FROM_MONTHS[name]
            }
            layers = [values[line] for theme, line in lines.items() if (values := read[theme]) is not None]
            if len(layers) == len(lines):
                found[name] = warmth_of(name, layers)
        return found
