"""A study kept open to be drawn under changed rules: a tile of the map, and the hectares of a municipality, at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import VallesError
from gis.messages import translator
from gis.rasters.png import encode_palette_png
from zoning.comparison.what_if import Change, ChangeCost, Experiment
from zoning.rating.interval_codes import Codes, cut_points
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.rules_toml import content_hash
from zoning.rules.shown_values import rounded, shown_numbers
from zoning.stack.stack_build import Progress
from zoning.study.study import Study
from zoning.web_copy.web_build import build_web, web_folder
from zoning.web_copy.web_index import FORMAT
from zoning.web_copy.web_painter import WebPainter, WebTable, web_table
from zoning.web_copy.web_stack import WebStack
from zoning.zoning_errors import NewCutsError

_ = translator("zoning")

KEPT_BYTES = 96 * 2**20
"""Tiles of the stack's copy that stay in memory: a table that follows needs no file for them."""

THREADS = 2
"""Threads that count the cells of a municipality, or make what must be made first."""


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
    drawn: WebTable | None = None
    """The rules as they are drawn; ``None`` where layers must be coded anew."""


class Preview:
    """A study held open for tiles. It may be asked from any number of threads.

    Parameters
    ----------
    study
        Whose rules and layers.
    progress
        Told the stage and how far it is, where something must be made first: the stack, or its copy for viewing, whose
        stage is :data:`zoning.web_copy.web_build.STAGE`.

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
        index, rules = self.stack.index, self._experiment.rules({})
        self.web = self._web(rules, progress=progress)
        self.hash: str = content_hash(
            [index.hash, study.manifest["ruleset_hash"], study.manifest["crops_hash"], FORMAT, self.web.index.native]
        )
        """Identifies layers, codes and rules that changes are applied to."""
        self._palette = _palette(rules)
        self._painter = WebPainter(self.web, most_bytes=KEPT_BYTES)
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="preview")
        drawn = self.table({}).drawn
        if drawn is not None:
            self._painter.warm(drawn)

    def _web(self, rules: CompiledRules, *, progress: Progress | None) -> WebStack:
        try:
            web, self.made = build_web(self.stack, rules, workers=THREADS, progress=progress)
            return WebStack(web_folder(self.stack.land), web)
        except VallesError:
            self.stack.close()
            raise

    def close(self) -> None:
        """Stop drawing and close the stack and its copy."""
        self._pool.shutdown()
        self._experiment.__exit__(None, None, None)
        self.web.close()

    def table(self, change: Change) -> PreviewTable:
        """Make a change of rules ready to be drawn.

        Raises
        ------
        zoning.zoning_errors.ChangeError
            As of :meth:`zoning.comparison.what_if.Experiment.rules`.
        """
        rules = self._experiment.rules(change)
        cost = self._experiment.cost_of(rules)
        if cost.encode:
            return PreviewTable(rules=rules, cost=cost, uncut=self._uncut(rules, cost))
        cuts, rows = self.stack.cuts_for(rules), self.stack.tables(rules)
        return PreviewTable(rules=rules, cost=cost, drawn=web_table(self.web.index, cuts, rules, rows))

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
        return self._painter.zones(_drawn(table), z, x, y)

    def summary(self, table: PreviewTable, municipality: str) -> pd.DataFrame:
        """Return the hectares of a municipality as :func:`zoning.comparison.what_if.what_if` does.

        Raises
        ------
        gis.errors.VallesError
            As of :meth:`tile`; or there is no such municipality.
        """
        rows = _drawn(table).rows
        number = self._experiment.number_of(municipality)
        windows = self.stack.windows(self._experiment.window_of(number))
        count = partial(self.stack.zone_window, rules=table.rules, tables=rows)
        # Each in the language of the reader, should it have to say what is wrong.
        counting = [self._pool.submit(copy_context().run, count, window) for window in windows]
        counts = [each.result().counts for each in counting]
        return self._experiment.table_of(np.sum(counts, axis=0), number)

    def forget_codes(self) -> None:
        """Drop what is held of tiles in memory."""
        self._painter.shelf.forget()

    def _uncut(self, rules: CompiledRules, cost: ChangeCost) -> tuple[UncutLimit, ...]:
        wanted, known = cut_points(rules, spare=False), self.stack.index.cuts
        told = []
        for key in cost.encode:
            cuts = known.get(key, np.empty(0, dtype=np.float32))
            for limit in wanted[key][~np.isin(wanted[key], cuts)]:
                nearest = (*cuts[cuts < limit][-1:], *cuts[cuts > limit][:1])
                told.append(
                    UncutLimit(
                        characteristic=key,
                        limit=rounded(float(limit)),
                        nearest=tuple(rounded(float(each)) for each in nearest),
                    )
                )
        return tuple(told)


def _drawn(table: PreviewTable) -> WebTable:
    if table.drawn is None:
        raise NewCutsError(
            str(table.cost),
            expected=_("Se esperaba un límite que la pila ya distingue: {limits}").format(limits=_told(table.uncut)),
            remedy=_("Ponga el límite en uno de esos valores, o pruébelo con zoning.what_if, que lee la capa"),
        )
    return table.drawn


def _told(uncut: tuple[UncutLimit, ...]) -> str:
    return ", ".join(f"{each.characteristic}: {shown_numbers(each.nearest) or '—'}" for each in uncut)


def _palette(rules: CompiledRules) -> npt.NDArray[np.uint8]:
    """Return the colour of every zone by its number; 0 is clear."""
    palette = np.zeros((max(zone.number for zone in rules.zones) + 1, 4), dtype=np.uint8)
    for zone in rules.zones:
        digits = zone.colour.lstrip("#")
        palette[zone.number] = (*(int(digits[at : at + 2], 16) for at in (0, 2, 4)), 255)
    return palette
