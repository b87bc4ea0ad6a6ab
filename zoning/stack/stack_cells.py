"""The cells of a stack as a study wants them: values of every characteristic, and what areas and cover decide."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.rasters.packed_arrays import ArrayReader
from zoning.land.cell_sample import CellSample
from zoning.land.decided_strip import Strip
from zoning.land.precedence import LEGAL, RESTRICTED, decided_strip
from zoning.rating.interval_codes import Codes, Floats
from zoning.rating.land_tables import IRRIGATED_BIT, RESTRICTION, TOWN_BIT, WATER_BIT
from zoning.rating.row_kernel import place_names
from zoning.rules.ruleset import Ruleset
from zoning.stack.positions import Intervals, decode, positions_of, strip_name
from zoning.stack.stack_extras import read_extras
from zoning.stack.stack_index import EXTRAS_FILE, POSITIONS_FILE, StackIndex
from zoning.stack.stack_land import USE_SHIFT
from zoning.stack.stack_window import BLOCK, Window
from zoning.stack.stored_stack import StoredStack

_ = translator("zoning")


@dataclass(frozen=True, eq=False, kw_only=True)
class StripColumn:
    """One characteristic of a strip."""

    codes: Codes
    """Shape (rows · cols,)."""
    positions: Codes
    """Shape (cells,)."""
    intervals: Intervals
    """What its codes and positions mean."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CellStrip:
    """The cells inside the territory of some rows of a stack, in row-major order."""

    index: StackIndex
    """Of the stack."""
    codes: Codes
    """Codes of the bands asked for, outside cells included, shape (bands, rows · cols)."""
    places: Codes
    """Bands of places (:func:`zoning.rating.row_kernel.place_names`), shape (bands, rows · cols)."""
    where: npt.NDArray[np.int32]
    """Where each cell stands in the two, shape (cells,)."""
    columns: dict[str, StripColumn]
    """Characteristic key to its column."""

    @property
    def cells(self) -> int:
        """Number of cells inside."""
        return len(self.where)

    @cached_property
    def unit(self) -> npt.NDArray[np.uint16]:
        """Number of the municipality of each cell, shape (cells,)."""
        unit: npt.NDArray[np.uint16] = self.places[0][self.where].astype(np.uint16)
        for high in self.places[4:]:
            unit |= high[self.where].astype(np.uint16) << np.uint16(8)
        return unit

    def values(self, key: str, chosen: npt.NDArray[np.integer[Any]] | None = None) -> Floats:
        """Return the values of a characteristic that was asked for, of all cells or some; NaN where missing."""
        column = self.columns[key]
        out = np.empty(self.cells if chosen is None else len(chosen), dtype=np.float32)
        wanted = None if chosen is None else chosen.astype(np.int32, copy=False)
        decode(column.codes, self.where, column.positions, column.intervals, out, chosen=wanted)
        return out

    def decided(self, ruleset: Ruleset, slope: Floats | None) -> Strip:
        """Say what is decided before any crop is asked, as :class:`zoning.land.precedence.Precedence` does.

        Parameters
        ----------
        ruleset
            Which categories and classes make which zone.
        slope
            Slope of each cell, %; ``None`` where it decides nothing.
        """
        protected, built, cover = (self.places[row][self.where] for row in (1, 2, 3))
        number = {zone.code: zone.number for zone in ruleset.zones}
        made, flags = _protected(ruleset, self.index.categories)
        zone = made[protected]
        zone[(built & WATER_BIT) > 0] = number["AGUA"]
        zone[(built & TOWN_BIT) > 0] = number["URB"]
        return decided_strip(ruleset, mapped=(zone, flags[protected], built >> USE_SHIFT), cover=cover, slope=slope)

    def opened(self, gates: Sequence[str], opened: Sequence[str]) -> npt.NDArray[np.uint32]:
        """Return the gates that a scenario opens where it brings irrigation, as bits, shape (cells,).

        Parameters
        ----------
        gates
            Gates of the rules in bit order.
        opened
            Those that the scenario opens.
        """
        bits = sum(1 << bit for bit, name in enumerate(gates) if name in opened)
        if not bits:
            return np.zeros(self.cells, dtype=np.uint32)
        irrigated = (self.places[2][self.where] & IRRIGATED_BIT) > 0
        return np.where(irrigated, np.uint32(bits), np.uint32(0))


def _protected(ruleset: Ruleset, categories: Sequence[str]) -> tuple[Codes, Codes]:
    """Return the zone number and the flags that each set of categories of protected areas makes, shapes (256,)."""
    made, flags = np.zeros(256, dtype=np.uint8), np.zeros(256, dtype=np.uint8)
    number = {zone.code: zone.number for zone in ruleset.zones}
    for held in range(1, 1 << len(categories)):
        effects = {ruleset.cover.protected.get(name) for bit, name in enumerate(categories) if held >> bit & 1}
        zones = sorted(
            (code for code in effects if code and code != RESTRICTION), key=lambda code: (code == "CON", code)
        )
        if zones:
            made[held] = number[zones[-1]]
        flags[held] = RESTRICTED * (RESTRICTION in effects) | LEGAL * bool(zones)
    return made, flags


class StackCells:
    """A stack open for reading strips, from any number of threads. Use it as a context, or close it.

    Parameters
    ----------
    folder
        Of the stack.
    expected
        Hash that its index must have (:attr:`zoning.stack.stack_index.StackIndex.hash`).

    Raises
    ------
    gis.errors.VallesError
        It is not there, damaged, or not the one expected.
    """

    def __init__(self, folder: Path, expected: str) -> None:
        if not folder.is_dir():
            raise MissingError(_("No existe la carpeta {folder}").format(folder=folder))
        index = StackIndex.read(folder)
        if index is None or index.hash != expected or not index.whole(folder):
            raise stack_changed(folder)
        self.index, self.folder = index, folder
        with ExitStack() as stack:
            self._codes = stack.enter_context(StoredStack(folder, expected=expected))
            self._positions = stack.enter_context(ArrayReader(folder / POSITIONS_FILE))
            self._extras = stack.enter_context(ArrayReader(folder / EXTRAS_FILE))
            self._open = stack.pop_all()
        self.grid = self._codes.reader.grid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its files in all threads."""
        self._open.close()

    def strip(self, start: int, stop: int, keys: Sequence[str]) -> CellStrip:
        """Read the cells of a strip as it was written.

        Parameters
        ----------
        start, stop
            First row of one of the strips of :meth:`gis.grid.Grid.strips` for blocks of the file, and the one after
            its last.
        keys
            Characteristics wanted; those that the stack does not hold are left out.

        Raises
        ------
        gis.errors.InputError
            A file turns out damaged.
        """
        held = tuple(key for key in keys if key in self.index.cuts)
        codes, places = self._codes.read(self._strip_window(start, stop), held)
        inside = places[0] > 0 if len(places) == len(place_names(0)) else (places[0] > 0) | (places[4] > 0)
        where = np.flatnonzero(inside).astype(np.int32)
        return CellStrip(
            index=self.index,
            codes=codes,
            places=places,
            where=where,
            columns={key: self._column(key, start, row, len(where)) for key, row in zip(held, codes, strict=True)},
        )

    def sampled(self, sample: CellSample) -> CellStrip:
        """Return sampled cells without any characteristic: what areas and cover decide there.

        Raises
        ------
        gis.errors.InputError
            A file turns out damaged.
        """
        found = [
            self._codes.read(self._strip_window(start, stop), ())[1][:, sample.chosen[start:stop].ravel()]
            for start, stop in self.grid.strips(BLOCK)
        ]
        return CellStrip(
            index=self.index,
            codes=np.zeros((0, sample.cells), dtype=np.uint8),
            places=np.concatenate(found, axis=1),
            where=np.arange(sample.cells, dtype=np.int32),
            columns={},
        )

    def extras(self, kind: str) -> dict[str, Floats]:
        """Return what is kept of a kind of :mod:`zoning.stack.stack_extras`, by what follows it in the name.

        Raises
        ------
        gis.errors.InputError
            The file turns out damaged.
        """
        return read_extras(self._extras, tuple(name for name in self.index.extras if name.startswith(f"{kind}/")))

    def _strip_window(self, start: int, stop: int) -> Window:
        return Window(row_start=start, row_stop=stop, col_start=0, col_stop=self.grid.cols)

    def _column(self, key: str, start: int, codes: Codes, cells: int) -> StripColumn:
        differences, ends = self._positions.read(strip_name(key, start))
        if differences.shape != (cells,):
            raise stack_changed(self._positions.path.parent)
        return StripColumn(
            codes=codes,
            positions=positions_of(differences),
            intervals=Intervals.of(self.index.cuts[key], low=ends[0], high=ends[1]),
        )


@lru_cache(maxsize=2)
def open_stack(folder: Path, expected: str) -> StackCells:
    """Return a stack that stays open in this process for whoever asks next; parameters and errors as of the class."""
    return StackCells(folder, expected)


def stack_changed(folder: Path) -> InputError:
    """Return the error that says that a stack is not the one a run began with."""
    return InputError(
        _("La pila {folder} cambió o se dañó mientras se leía").format(folder=folder),
        expected=_("Se esperaba la misma pila de principio a fin"),
        remedy=_("Repita la orden; si vuelve a pasar, borre esa carpeta: se hace de nuevo"),
    )
