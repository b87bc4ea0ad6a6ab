"""A territory zoned straight from a stack into two rasters, whatever its size: nothing is held but a few blocks.

Stack and rasters may lie on this disk or in an object store; the pieces are done by threads, processes or a cluster.
The bytes of the rasters do not depend on who did them, nor on how the territory is cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.crew.crew import Crew, ThreadCrew
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.cog import CogWriter, written_together
from gis.rasters.raster_place import Place
from zoning.chunks.chunk_zoning import ChunkRules, no_counts, zone_chunk
from zoning.rating.interval_codes import cut_points
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.crop_library import load_crops
from zoning.rules.limits import CLASS_NAMES
from zoning.rules.map_looks import NOT_RATED, MapLook, class_look, zone_look
from zoning.rules.ruleset import Ruleset
from zoning.rules.ruleset_file import load_ruleset
from zoning.stack.stack_build import Progress
from zoning.stack.stack_window import CHUNK_BLOCKS, cut_windows
from zoning.stack.stored_stack import StoredStack
from zoning.zoning_errors import RulesError

_ = translator("zoning")

COLUMNS = ("municipality", "zone", "class", "cells", "area_ha")
"""Columns of the table."""

_OUTSIDE = 255
_NR = 5
_SQUARE_METRES = 10_000.0


@dataclass(frozen=True, eq=False, kw_only=True)
class ZonedRasters:
    """What was written."""

    counts: npt.NDArray[np.int64]
    """Cells by municipality number, zone number and class."""
    table: pd.DataFrame
    """The same by name: :data:`COLUMNS`; ``area_ha`` is cells times their size on the grid, ha."""
    chunks: int
    """Pieces done."""


def zone_stack(
    stack: Place,
    *,
    zones: Place,
    classes: Place,
    ruleset: Ruleset | Path | str | None = None,
    crew: Crew | None = None,
    progress: Progress | None = None,
) -> ZonedRasters:
    """Zone the territory of a stack, wherever it lies, without a workspace.

    The rasters hold the zone of every cell before any are merged into polygons of the minimum mapping unit.

    Parameters
    ----------
    stack
        ``stack.tif`` of a workspace or its folder; or its name in a virtual file system of GDAL, as text:
        ``/vsis3/bucket/stack.tif``, ``/vsicurl/https://…``.
    zones, classes
        Rasters to write, there or here.
    ruleset
        Rules or their file; by default the starter's.
    crew
        Who does the pieces (:func:`gis.crew.crews.open_crew`); by default two threads.
    progress
        Told how far it is.

    Raises
    ------
    zoning.zoning_errors.RulesError
        The rules compare with limits that the stack was not cut at.
    gis.errors.VallesError
        The stack is not there or damaged, it changed on the way, a worker was lost too often, or a raster cannot be
        written.

    Examples
    --------
    >>> zoning.zone_stack("/vsis3/pilas/stack.tif", zones="zonas.tif", classes="clases.tif")  # doctest: +SKIP
    """
    rules = ruleset if isinstance(ruleset, Ruleset) else load_ruleset(None if ruleset is None else Path(ruleset))
    with StoredStack(stack) as stored:
        names = {band.key for band in stored.index.bands}
        compiled = compile_rules(rules, load_crops(), available=names, flagged=stored.index.flagged)
        return zone_rasters(stored, compiled, zones=zones, classes=classes, crew=crew, progress=progress)


def zone_rasters(
    stack: StoredStack,
    rules: CompiledRules,
    *,
    zones: Place,
    classes: Place,
    crew: Crew | None = None,
    progress: Progress | None = None,
    chunk_blocks: int = CHUNK_BLOCKS,
) -> ZonedRasters:
    """Write zone and class of every cell of a stack; parameters as of :func:`zone_stack`.

    Parameters
    ----------
    stack, rules
        Stack, and rules compiled for what it holds.
    zones, classes, crew, progress
        As there.
    chunk_blocks
        Blocks side by side in one piece.

    Raises
    ------
    zoning.zoning_errors.RulesError
        The rules compare with limits that the stack was not cut at.
    gis.errors.VallesError
        As there.
    """
    _require_cuts(stack, rules)
    shared = ChunkRules.of(stack, rules)
    grid = stack.reader.grid
    windows = list(cut_windows(stack.index.blocks, grid.shape, wide=chunk_blocks))
    counts = no_counts(shared)
    looks = zip((zones, classes), (zone_look(rules.zones), class_look()), strict=True)
    writers = [_writer(place, grid, look) for place, look in looks]
    with written_together(*writers):

        def told(done: int, count: int) -> None:
            if progress is not None:
                progress("classify", done / count)

        found = (crew or ThreadCrew(2)).run(zone_chunk, windows, shared=shared, progress=told)
        for number, piece in found:
            counts += piece.counts
            rated = np.where((piece.cls == _OUTSIDE) & (piece.zone > 0), NOT_RATED, piece.cls).astype(np.uint8)
            for writer, cells in zip(writers, (piece.zone, rated), strict=True):
                writer.write(cells, row=windows[number].row_start, col=windows[number].col_start)
        # The lists of the stack's blocks take their room before the rasters are compressed, not beside it.
        stack.close()
    # A file replaced under the same name in a store would be noticed by nobody else.
    StoredStack(stack.address, expected=stack.index.hash).close()
    return ZonedRasters(counts=counts, table=_table(counts, stack, rules), chunks=len(windows))


def _writer(place: Place, grid: Grid, look: MapLook) -> CogWriter:
    return CogWriter(
        place,
        grid,
        names=[look.name],
        unit="class",
        dtype="uint8",
        nodata=look.nodata,
        tags=look.tags,
        colours=look.colours,
        classes=True,
        thinned=True,
    )


def _require_cuts(stack: StoredStack, rules: CompiledRules) -> None:
    """Refuse rules whose limits lie inside an interval of the stack: a code would have two classes."""
    given = {each.key for each in rules.inputs if each.key in stack.index.cuts and each.name not in rules.flagged}
    wanted = {key: cuts for key, cuts in cut_points(rules, spare=False).items() if key in given}
    lacking = stack.index.lacks(wanted)
    if lacking:
        raise RulesError(
            _("La pila {path} no tiene los límites de estas reglas en {names}").format(
                path=stack.address, names=", ".join(lacking)
            ),
            expected=_("Se esperaba una pila hecha con estas reglas, o con otras de los mismos límites"),
            remedy=_("Zonifique con estas reglas donde están las capas, y envíe su pila"),
        )


def _table(counts: npt.NDArray[np.int64], stack: StoredStack, rules: CompiledRules) -> pd.DataFrame:
    """Return counts by name, without the empty ones."""
    codes = {zone.number: zone.code for zone in rules.zones}
    hectares = stack.reader.grid.cell**2 / _SQUARE_METRES
    rows = [
        {
            "municipality": stack.index.municipalities[unit - 1],
            "zone": codes[number],
            "class": None if cls == _NR else CLASS_NAMES[cls],
            "cells": int(counts[unit, number, cls]),
            "area_ha": float(counts[unit, number, cls] * hectares),
        }
        for unit, number, cls in np.argwhere(counts).tolist()
        if unit > 0 and number in codes
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
