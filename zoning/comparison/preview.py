"""A study kept open to be drawn under changed rules: a tile of the map, and the hectares of a municipality, at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.messages import translator
from gis.rasters.png import encode_palette_png
from gis.rasters.tile_sampler import TileSampler
from gis.rasters.web_tile import TILE_PIXELS
from zoning.comparison.what_if import Change, ChangeCost, Experiment
from zoning.rating.interval_codes import Codes, cut_points
from zoning.rating.row_kernel import place_names, zone_rows
from zoning.rating.row_tables import RowTables
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.rules_toml import content_hash
from zoning.stack.stack_build import Progress
from zoning.study.study import Study
from zoning.zoning_errors import NewCutsError

_ = translator("zoning")
R = TypeVar("R")

KEPT_BYTES = 96 * 2**20
"""Codes of tiles that stay in memory: a table that follows needs no file for them."""

THREADS = 2
"""Threads that draw, each with its own handles on the stack."""

_SHOWN_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class UncutLimit:
    """A limit that the codes of the stack do not know."""

    characteristic: str
    """Characteristic key."""
    limit: float
    """Where the rules cut, in the characteristic's unit."""
    nearest: tuple[float, ...]
    """Nearest cuts of the stack below and above: a limit there needs no layer."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PreviewTable:
    """A change of rules ready to be drawn, or the reason why it is not."""

    rules: CompiledRules
    """The study's rules with the change."""
    cost: ChangeCost
    """What the change asks."""
    uncut: tuple[UncutLimit, ...] = ()
    """Limits that need layers to be coded anew; empty if it can be drawn."""
    rows: RowTables | None = None
    """The rules as rows; ``None`` where layers must be coded anew."""
    bands: tuple[int, ...] = ()
    """Band of the stack that each row of codes comes from."""


class Preview:
    """A study held open for tiles. It may be asked from any number of threads.

    Parameters
    ----------
    study
        Whose rules and layers.
    progress
        Told how far its stack is, where that must be made first.

    Raises
    ------
    gis.errors.VallesError
        As of :class:`zoning.comparison.what_if.Experiment`.

    Examples
    --------
    >>> preview = Preview(Study.open("workspace", "base"))  # doctest: +SKIP
    >>> preview.tile(preview.table({"minimum": {"VID": "S2"}}), 11, 650, 1128)[:4]  # doctest: +SKIP
    """

    def __init__(self, study: Study, *, progress: Progress | None = None) -> None:
        self.study = study
        self._experiment = Experiment(study, workers=THREADS, progress=progress)
        self.stack = self._experiment.stack
        self._sampler = TileSampler(self.stack.path)
        index = self.stack.index
        rules = self._experiment.rules({})
        self.hash: str = content_hash([index.hash, study.manifest["ruleset_hash"], study.manifest["crops_hash"]])
        """Identifies layers, codes and rules that changes are applied to."""
        self._units = len(index.municipalities)
        self._bands = tuple(
            self._sampler.names.index(name) for name in (*(band.key for band in index.bands), *place_names(self._units))
        )
        self._rows = {band.key: row for row, band in enumerate(index.bands)}
        self._palette = _palette(rules)
        self._kept: OrderedDict[tuple[int, int, int], Codes] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="preview")

    def close(self) -> None:
        """Stop drawing and close the stack."""
        self._pool.shutdown()
        self._experiment.__exit__(None, None, None)

    def table(self, change: Change) -> PreviewTable:
        """Make a change of rules ready to be drawn.

        Raises
        ------
        zoning.zoning_errors.RulesError
            The change does not fit the rules.
        """
        rules = self._experiment.rules(change)
        cost = self._experiment.cost_of(rules)
        if cost.encode:
            return PreviewTable(rules=rules, cost=cost, uncut=self._uncut(rules, cost))
        bands = tuple(self._rows[key] for key in self.stack.cuts_for(rules))
        return PreviewTable(rules=rules, cost=cost, rows=self.stack.tables(rules), bands=bands)

    def tile(self, table: PreviewTable, z: int, x: int, y: int) -> bytes | None:
        """Draw a tile in the colours of the zones, as PNG with a palette; ``None`` outside the territory.

        Raises
        ------
        zoning.zoning_errors.NewCutsError
            Layers must be coded anew for the change.
        gis.errors.InputError
            There is no such tile, or the stack turns out damaged.
        """
        zones = self.zones(table, z, x, y)
        return None if zones is None else encode_palette_png(zones, self._palette)

    def zones(self, table: PreviewTable, z: int, x: int, y: int) -> Codes | None:
        """Return the zone number of every pixel of a tile, 0 outside, shape (256, 256); ``None`` where all are 0.

        Raises
        ------
        gis.errors.VallesError
            As of :meth:`tile`.
        """
        rows = _rows_of(table)
        codes = self._codes(z, x, y)
        if codes is None:
            return None
        own, places = codes[: len(self._rows)], codes[len(self._rows) :]
        chosen = own if table.bands == tuple(range(len(own))) else own[list(table.bands)]
        found = zone_rows(chosen, places, table.rules, rows, municipalities=self._units)
        zones: Codes = found.zone.reshape(TILE_PIXELS, TILE_PIXELS)
        return zones if zones.any() else None

    def summary(self, table: PreviewTable, municipality: str) -> pd.DataFrame:
        """Return the hectares of a municipality as :func:`zoning.comparison.what_if.what_if` does.

        Raises
        ------
        zoning.zoning_errors.NewCutsError
            Layers must be coded anew for the change.
        gis.errors.VallesError
            There is no such municipality, or the stack turns out damaged.
        """
        rows = _rows_of(table)
        number = self._experiment.number_of(municipality)
        windows = self.stack.windows(self._experiment.window_of(number))
        counts: list[npt.NDArray[np.int64]] = self._drawn(
            lambda: [self.stack.zone_window(window, table.rules, rows).counts for window in windows]
        )
        return self._experiment.table_of(np.sum(counts, axis=0), number)

    def forget_codes(self) -> None:
        """Drop the codes of tiles that are held in memory."""
        with self._lock:
            self._kept.clear()
            self._held = 0

    def _codes(self, z: int, x: int, y: int) -> Codes | None:
        key = (z, x, y)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        cells = self._sampler.cells(z, x, y)
        if cells is None:
            return None
        codes: Codes = self._drawn(lambda: self._sampler.read(cells, self._bands))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = codes
                self._held += codes.nbytes
            while self._held > KEPT_BYTES and len(self._kept) > 1:
                self._held -= self._kept.popitem(last=False)[1].nbytes
        return codes

    def _drawn(self, work: Callable[[], R]) -> R:
        """Do what reads the stack in a thread that keeps its handles, in the language of the reader."""
        return self._pool.submit(copy_context().run, work).result()

    def _uncut(self, rules: CompiledRules, cost: ChangeCost) -> tuple[UncutLimit, ...]:
        wanted, known = cut_points(rules, spare=False), self.stack.index.cuts
        told = []
        for key in cost.encode:
            cuts = known.get(key, np.empty(0, dtype=np.float32))
            for limit in wanted[key][~np.isin(wanted[key], cuts)]:
                nearest = (*cuts[cuts < limit][-1:], *cuts[cuts > limit][:1])
                told.append(
                    UncutLimit(characteristic=key, limit=_shown(limit), nearest=tuple(_shown(each) for each in nearest))
                )
        return tuple(told)


def _rows_of(table: PreviewTable) -> RowTables:
    if table.rows is None:
        raise NewCutsError(
            str(table.cost),
            expected=_("Se esperaba un límite que la pila ya distingue: {limits}").format(limits=_told(table.uncut)),
            remedy=_("Ponga el límite en uno de esos valores, o pruébelo con zoning.what_if, que lee la capa"),
        )
    return table.rows


def _told(uncut: tuple[UncutLimit, ...]) -> str:
    return "; ".join(f"{each.characteristic}: {', '.join(f'{cut:g}' for cut in each.nearest) or '—'}" for each in uncut)


def _shown(value: Any) -> float:  # noqa: ANN401  a float32 of an array
    return float(f"{float(value):.{_SHOWN_DIGITS}g}")


def _palette(rules: CompiledRules) -> npt.NDArray[np.uint8]:
    """Return the colour of every zone by its number; 0 is clear."""
    palette = np.zeros((max(zone.number for zone in rules.zones) + 1, 4), dtype=np.uint8)
    for zone in rules.zones:
        digits = zone.colour.lstrip("#")
        palette[zone.number] = (*(int(digits[at : at + 2], 16) for at in (0, 2, 4)), 255)
    return palette
