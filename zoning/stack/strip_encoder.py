"""Measuring characteristics strip by strip, and turning their values into codes with the positions inside them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import numpy as np

from gis.rasters.packed_arrays import Packed, pack
from zoning.land.land_watcher import LandWatcher
from zoning.rating.interval_codes import Codes, Floats
from zoning.rules.characteristic import Characteristic
from zoning.stack.positions import encode_strip
from zoning.stack.stack_land import StackLand

Groups = dict[tuple[str, ...], tuple[Characteristic, ...]]
"""Prepared layers to the characteristics that are measured from them."""


class StripEncoder:
    """Measures characteristics strip by strip and turns them into codes and positions. Use it as a context.

    Parameters
    ----------
    land
        Whose layers are read.
    cuts
        Characteristic key to the cut points of its codes.
    watcher
        Shown every strip; ``None`` is nobody.
    also
        Characteristics that are measured for the watcher only.
    months
        Monthly themes that are read for the watcher where no characteristic asks for them.
    """

    def __init__(
        self,
        land: StackLand,
        cuts: Mapping[str, Floats],
        *,
        watcher: LandWatcher | None = None,
        also: Sequence[Characteristic] = (),
        months: Sequence[str] = (),
    ) -> None:
        self._land, self._cuts, self._watcher = land, cuts, watcher
        self._groups: Groups = {}
        for each in (*(Characteristic.parse(key) for key in cuts), *also):
            layers = land.layers_of(each)
            self._groups[layers] = (*self._groups.get(layers, ()), each)
        read = {name for layers in self._groups for name in layers}
        self._months = tuple(theme for theme in months if land.monthly(theme) not in read)
        self.seconds: dict[tuple[str, ...], float] = dict.fromkeys(self._groups, 0.0)
        """Layers to the seconds of all threads that reading and coding what comes from them took."""

    def __enter__(self) -> Self:
        self._open = ExitStack()
        self._data = self._open.enter_context(self._land.open(self._watcher))
        for layers, wanted in self._groups.items():
            begin = time.perf_counter()
            self._data.prepare(wanted, self._land.places)
            self.seconds[layers] += time.perf_counter() - begin
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._open.close()

    def fill(self, out: Codes, rows: Mapping[str, int], start: int, stop: int) -> dict[str, Packed]:
        """Write the codes of a strip, and return the positions inside them.

        Parameters
        ----------
        out
            uint8, shape (bands, stop − start, cols); 0 outside.
        rows
            Characteristic key to its row of ``out``.
        start, stop
            First row of the grid and the one after the last.

        Returns
        -------
        dict
            Characteristic key to the positions of the cells inside, row by row (:mod:`zoning.stack.positions`).

        Raises
        ------
        gis.errors.VallesError
            A layer turns out damaged.
        """
        cells = self._land.places
        places = np.flatnonzero(cells.inside[start:stop]).astype(np.int32)
        found = dict.fromkeys(rows, pack(np.zeros(len(places), dtype=np.uint8), (0.0, 0.0)))
        if not len(places):
            return found
        read: dict[Path, Floats] = {}
        for layers, wanted in self._groups.items():
            begin = time.perf_counter()
            columns = self._data.columns(wanted, start, stop, cells, read=read)
            for each in wanted:
                if each.key in columns and each.key in rows:
                    codes = out[rows[each.key]].reshape(-1)
                    found[each.key] = encode_strip(columns[each.key], places, self._cuts[each.key], codes)
            self.seconds[layers] += time.perf_counter() - begin
        for theme in self._months:
            monthly = self._data.months(theme, start, stop, cells)
            if self._watcher is not None and monthly is not None:
                self._watcher.see_months(theme, start, stop, monthly)
        return found
