"""The draws of a study: made when they are asked for, told polygon by polygon, kept beside the zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from zoning.rules.characteristic import QUANTITIES
from zoning.stack.stack_build import Progress
from zoning.stack.stack_cells import StackCells
from zoning.study.run_job import RunJob
from zoning.study.sentences import spanish_share
from zoning.uncertainty.polygon_stability import PolygonStability, polygon_stability
from zoning.uncertainty.uncertainty_files import uncertainty_record, write_uncertainty
from zoning.uncertainty.zone_draws import Ground, ZoneDraws, draw_zones

NEVER_WITHOUT = frozenset({"FRU", "VID", "ANU"})
"""Zones whose boundaries are never published without their stability, or without saying that there is none."""

NO_STABILITY = "estabilidad: sin dato"


@dataclass(frozen=True, eq=False, kw_only=True)
class StudyDraws:
    """The draws of one study."""

    draws: ZoneDraws
    """What they came to in every sampled cell."""
    polygons: Sequence[PolygonStability]
    """One per row of the coverage."""

    def write(self, folder: Path, *, notice: str) -> None:
        """Write ``uncertainty.tif``.

        Raises
        ------
        gis.errors.StorageError
            The disk refuses.
        """
        write_uncertainty(folder, self.draws, notice=notice)

    def record(self, job: RunJob, zones: gpd.GeoDataFrame) -> dict[str, Any]:
        """Return what the manifest keeps."""
        rows = zip(zones["zone"], zones["stability"], zones["area_ha"], strict=True)
        polygons = [(str(code), float(stability), float(area)) for code, stability, area in rows]
        return uncertainty_record(self.draws, job.rules, polygons)


def draw_study(
    job: RunJob,
    stack: StackCells,
    coverage: gpd.GeoDataFrame,
    labels: npt.NDArray[np.int32],
    *,
    numbers: npt.NDArray[np.uint8],
    workers: int,
    progress: Progress | None = None,
) -> StudyDraws | None:
    """Draw as often as the job asks; ``None`` where it does not.

    Parameters
    ----------
    job
        What the run works with.
    stack
        Its stack.
    coverage
        Polygons.
    labels
        Number of the polygon of each cell inside, from 1.
    numbers
        Zone number of each polygon.
    workers
        Threads; the result does not depend on them.
    progress
        Told how far the draws are.

    Raises
    ------
    gis.errors.VallesError
        A layer turns out damaged, or the disk refuses.
    """
    if not job.draws:
        return None
    ground = Ground(
        workspace=job.workspace,
        grid=job.grid,
        inventory=job.inventory,
        rules=job.rules,
        unit=job.frame.unit,
        stack=stack,
        changes=job.changes,
    )
    draws = draw_zones(ground, job.draws, seed=job.seed, workers=workers, progress=progress)
    sampled = labels[draws.sample.inside[job.frame.places.inside]]
    return StudyDraws(draws=draws, polygons=polygon_stability(coverage, numbers, sampled, draws, job.grid))


def stability_words(code: str, found: PolygonStability | None, *, decided: bool) -> str:
    """Say how sure a polygon is, a clause without its full stop; empty where it need not be said.

    Parameters
    ----------
    code
        Of its zone.
    found
        What the draws came to; ``None`` without draws.
    decided
        Whether the zone is given by a layer or by law, which no draw changes.

    Examples
    --------
    >>> stability_words("ANU", None, decided=False)
    'estabilidad: sin dato'
    >>> stability_words("VID", PolygonStability(stability=0.38, entropy=1.0, flip_factor="huglin"), decided=False)
    'estabilidad: 38 % de los sorteos; lo que más la cambia es el índice heliotérmico de Huglin'
    """
    if decided:
        return ""
    if found is None or not np.isfinite(found.stability):
        return NO_STABILITY if found is not None or code in NEVER_WITHOUT else ""
    text = f"estabilidad: {spanish_share(found.stability)} de los sorteos"
    if found.flip_factor is None:
        return text
    title = QUANTITIES[found.flip_factor].title
    verb = "son" if title.startswith(("las ", "los ")) else "es"
    return f"{text}; lo que más la cambia {verb} {title}"
