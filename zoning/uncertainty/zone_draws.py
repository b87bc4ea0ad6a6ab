"""The zone of every sampled cell in many draws: how often it stays, how mixed it is, and what changes it.

Strips of the study's stack are read once and zoned as often as there are draws, so that memory does not grow with them;
of every cell only the summary is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.atomic import scratch_folder
from gis.errors import InputError
from gis.grid import Grid
from gis.messages import translator
from layers.workspace import Workspace
from zoning.land.cell_places import CellPlaces
from zoning.land.height_above_stream import HeightAboveStream
from zoning.land.land_data import LandData
from zoning.land.land_inventory import LandInventory
from zoning.land.scenario_land import LandChanges
from zoning.rules.compiled_rules import CompiledRules
from zoning.stack.stack_build import Progress
from zoning.stack.stack_cells import StackCells
from zoning.stack.stack_window import BLOCK
from zoning.uncertainty.block_draws import SCORED_DRAWS, BlockSummary, draw_blocks, name_factors
from zoning.uncertainty.draws import make_draws
from zoning.uncertainty.elevation_error import ElevationError, write_heights
from zoning.uncertainty.ready_draws import make_ready, zones_alone
from zoning.uncertainty.sample_cells import SampleCells, sample_cells
from zoning.uncertainty.strip_land import StripReader

_ = translator("zoning")

Floats = npt.NDArray[np.float32]

MOST_DRAWS = 10_000
"""More draws than this say nothing more, and their counts would not fit."""

_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, eq=False, kw_only=True)
class Ground:
    """What is drawn on."""

    workspace: Workspace
    """Of the study."""
    grid: Grid
    """Grid of the study."""
    inventory: LandInventory
    """Which of its layers are there."""
    rules: CompiledRules
    """Rules of the study."""
    unit: npt.NDArray[np.uint16]
    """Number of the municipality of each cell, from 1, 0 outside, shape (rows, cols)."""
    stack: StackCells
    """Stack of the study, cut for its rules."""
    changes: LandChanges | None = None
    """Scenario of the study."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ZoneDraws:
    """What the draws came to in every sampled cell, in row-major order."""

    sample: SampleCells
    """Which cells were drawn."""
    zone: npt.NDArray[np.uint8]
    """Zone number of the cell without any spread."""
    stability: Floats
    """Share of the draws with that zone, 0 to 1."""
    entropy: Floats
    """Entropy of the zones over the draws, bits: 0 always the same zone, 1 two zones equally often."""
    factor: npt.NDArray[np.uint8]
    """Index in :attr:`factors` of the one that changed the zone most often; 255 where it never changed."""
    score_deviation: Floats
    """Deviation of the score over the scored draws that keep the zone; NaN where no zone may claim the cell."""
    factors: tuple[str, ...]
    """Characteristics that a draw may move, in alphabetical order, which decides ties."""
    draws: int
    """Number of draws."""
    scored: int
    """The first draws, from which :attr:`score_deviation` is told."""
    seed: int
    """Of the draws."""


def require_draws(count: int | None, seed: int) -> int:
    """Return a number of draws, 0 for ``None``; refuse one or a seed that cannot be used.

    Raises
    ------
    gis.errors.InputError
        The number is below 1 or above 10 000, or the seed is no whole number from 0.
    """
    if count is None:
        return 0
    if not 1 <= count <= MOST_DRAWS:
        raise InputError(
            _("Se pidieron {count} sorteos de incertidumbre").format(count=count),
            expected=_("Se esperaba entre 1 y {most}").format(most=MOST_DRAWS),
            remedy=_("Pida por ejemplo --uncertainty 200, o quite la opción para no sortear"),
        )
    if not 0 <= seed <= _LARGEST_SEED:
        raise InputError(
            _("La semilla es {seed}").format(seed=seed),
            expected=_("Se esperaba un número entero desde 0"),
            remedy=_("Pida por ejemplo --seed 1"),
        )
    return count


def draw_zones(
    ground: Ground,
    count: int,
    *,
    seed: int = 0,
    workers: int = 2,
    scored: int = SCORED_DRAWS,
    progress: Progress | None = None,
) -> ZoneDraws:
    """Zone the sampled cells ``count`` times.

    Parameters
    ----------
    ground
        What is drawn on.
    count
        Number of draws.
    seed
        The same seed gives the same numbers, whatever ``workers``.
    workers
        Threads.
    scored
        The first draws, from which the deviation of the score is told.
    progress
        Told how far the cells are.

    Raises
    ------
    gis.errors.InputError
        As :func:`require_draws`.
    gis.errors.VallesError
        A layer turns out damaged, or the disk refuses.
    """
    require_draws(count, seed)
    sample = sample_cells(ground.unit > 0, ground.grid, draws=count)
    places = CellPlaces.of(sample.inside)
    naming, zones = name_factors(ground.rules), zones_alone(ground.rules)
    draws = make_ready(make_draws(ground.rules, count, seed=seed), zones)
    kept = BlockSummary.empty(places.size)
    with ExitStack() as stack:
        reader = _reader(ground, places, _elevation_error(ground, count, seed), stack)

        def strip(rows: tuple[int, int]) -> None:
            place = places.rows(*rows)
            if place.stop > place.start:
                kept.put(place, draw_blocks(reader.read(*rows), draws, zones, naming, scored=scored))

        _each(strip, list(ground.grid.strips(BLOCK)), workers=workers, progress=progress)
    return ZoneDraws(
        sample=sample,
        zone=kept.zone,
        stability=kept.stability,
        entropy=kept.entropy,
        factor=kept.factor,
        score_deviation=kept.score_deviation,
        factors=naming.factors,
        draws=count,
        scored=min(scored, count),
        seed=seed,
    )


def _each(
    work: Callable[[tuple[int, int]], None],
    strips: list[tuple[int, int]],
    *,
    workers: int,
    progress: Progress | None,
) -> None:
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for done, _nothing in enumerate(pool.map(work, strips), start=1):
            if progress is not None:
                progress("uncertainty", done / len(strips))


def _elevation_error(ground: Ground, count: int, seed: int) -> ElevationError:
    spread = ground.rules.ruleset.spread
    return ElevationError(
        ground.grid,
        sigma=spread.elevation_m,
        length=spread.elevation_length_m,
        realisations=min(spread.realisations, count),
        seed=seed,
    )


def _reader(ground: Ground, places: CellPlaces, error: ElevationError, stack: ExitStack) -> StripReader:
    ruleset = ground.rules.ruleset
    land = LandData(
        ground.workspace,
        ground.grid,
        ground.inventory,
        frost_offset=ruleset.frost.offset,
        calendar=ruleset.calendar,
        changes=ground.changes,
    )
    return StripReader(
        stack=ground.stack,
        land=stack.enter_context(land),
        rules=ground.rules,
        places=places,
        error=error,
        heights=_heights(ground, error, stack),
    )


def _heights(ground: Ground, error: ElevationError, stack: ExitStack) -> tuple[HeightAboveStream, ...]:
    """Redo the height above the stream for each realisation, where it counts at all."""
    name = "height_above_stream"
    wanted = any(each.name == name for each in ground.rules.inputs)
    if not (wanted and name in ground.inventory.available - ground.inventory.flagged and len(error)):
        return ()
    folder = stack.enter_context(scratch_folder(ground.workspace.root / ".cache" / "uncertainty"))
    opened = []
    for path in write_heights(ground.workspace, ground.grid, error, folder, numbers=range(len(error))):
        opened.append(HeightAboveStream(path, ground.grid))
        stack.callback(opened[-1].close)
    return tuple(opened)
