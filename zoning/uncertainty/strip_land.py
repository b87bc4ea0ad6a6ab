"""One strip of sampled cells read for all draws: what is measured, and what each realisation of the elevation makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from zoning.land.cell_places import CellPlaces
from zoning.land.height_above_stream import HeightAboveStream
from zoning.land.land_data import LandData
from zoning.land.precedence import Precedence
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.gates import gate_bits
from zoning.uncertainty.drawn_land import FROM_MONTHS, BlockLand
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
    land: BlockLand
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
                months={theme: values[:, cells] for theme, values in land.months.items()},
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
    """Reads strips; several threads may read at once."""

    land: LandData
    precedence: Precedence
    rules: CompiledRules
    places: CellPlaces
    """The sampled cells."""
    municipality: npt.NDArray[np.str_]
    """Code of the municipality of each sampled cell."""
    error: ElevationError
    heights: tuple[HeightAboveStream, ...]
    """Height above the stream in each realisation; empty where it does not count."""

    def read(self, start: int, stop: int) -> StripLand:
        """Read rows ``start`` to ``stop`` (not included).

        Raises
        ------
        gis.errors.VallesError
            A layer turns out damaged.
        """
        columns = self.land.columns(self.rules.inputs, start, stop, self.places)
        strip = self.precedence.strip(start, stop, columns.get("slope"))
        numbers = range(len(self.error))
        realised = [self._realised(number, start, stop, columns) for number in numbers]
        moves = any(realised)
        all_columns = [columns, *({**columns, **each} for each in realised if moves)]
        decided = [strip.decided]
        for each in realised if moves else ():
            again = self.precedence.strip(start, stop, each["slope"]) if "slope" in each else strip
            decided.append(again.decided)
        return StripLand(
            rules=self.rules,
            land=BlockLand(
                columns=columns,
                months=self._months(start, stop),
                heights=tuple(self._error(number, start, stop) for number in numbers),
                realised=tuple(realised) if moves else (),
            ),
            decided=tuple(decided),
            gates=tuple(self._gates(each, start, stop) for each in all_columns),
            residual=strip.residual,
        )

    def _realised(self, number: int, start: int, stop: int, columns: Mapping[str, Floats]) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        flagged = self.rules.flagged
        if "slope" in columns and "slope" not in flagged:
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

    def _gates(self, columns: Mapping[str, Floats], start: int, stop: int) -> Bits:
        place = self.places.rows(start, stop)
        bits = gate_bits(
            self.rules.gates,
            columns,
            cells=place.stop - place.start,
            flagged=self.rules.flagged,
            municipality=self.municipality[place],
        )
        return bits | self.land.opened(self.rules.gate_names, start, stop, self.places)

    def _months(self, start: int, stop: int) -> dict[str, Floats]:
        wanted = {theme for each in self.rules.characteristics for theme in FROM_MONTHS.get(each.name, ())}
        found = {theme: self.land.months(theme, start, stop, self.places) for theme in sorted(wanted)}
        return {theme: values for theme, values in found.items() if values is not None}
