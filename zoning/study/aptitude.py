"""The aptitude of every cell for every zone, overlay and chain, whoever won the cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from zoning.land.overlay_land import OverlayLand
from zoning.rating.overlay_rating import missing_criteria, rate_overlay
from zoning.rules.chains import CHAIN, ZONE, AptitudeBand, aptitude_bands
from zoning.rules.limits import SD, N
from zoning.rules.ruleset import Overlay
from zoning.stack.stack_cells import StackCells
from zoning.study.aptitude_table import NOTHING_LIMITS, aptitude_table, words_of
from zoning.study.cell_results import CellResults
from zoning.study.classification import StackJob
from zoning.study.run_job import RunJob

Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_WITHOUT = {
    "distance_site": "sitios turísticos",
    "distance_lodging": "hospedajes",
    "distance_artisans": "comunidades con artesanos",
    "distance_market": "ferias y tiendas de artesanía",
    "distance_protected": "áreas protegidas",
    "distance_forest": "bosque",
    "distance_road": "caminos",
    "distance_main_road": "caminos principales",
    "distance_settlement": "centros poblados",
    "distance_stream": "cursos de agua",
    "distance_permanent_stream": "cursos de agua permanentes",
    "relief": "relieve",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Aptitude:
    """The aptitude map of a study and what it adds up to."""

    bands: tuple[AptitudeBand, ...]
    codes: tuple[Codes, ...]
    """Class code of each stored cell, one array of shape (cells,) a band."""
    table: pd.DataFrame
    """:data:`zoning.study.aptitude_table.COLUMNS`: hectares by municipality, band and class."""
    incomplete: Mapping[str, tuple[str, ...]]
    """Code of each overlay that was rated without some criteria, to these, in Spanish words."""


def rated_zones(job: RunJob) -> tuple[str, ...]:
    """Return the codes of the zones whose aptitude the kernel is asked for."""
    return tuple(band.code for band in aptitude_bands(job.rules.ruleset) if band.kind == ZONE)


def stack_job(job: RunJob, stack: StackCells) -> StackJob:
    """Return what the cells of a run are classified with, from a stack of its land."""
    return StackJob(
        folder=stack.folder,
        stack=stack.index.hash,
        rules=job.rules,
        aptitudes=rated_zones(job),
        here=stack,
    )


def overlay_land(job: RunJob) -> OverlayLand:
    """Return what the overlays of a run are measured on."""
    return OverlayLand(
        workspace=job.workspace,
        grid=job.grid,
        available=job.inventory.available,
        forest_classes=job.rules.ruleset.cover.forest_classes,
    )


def incomplete_words(overlay: Overlay, land: OverlayLand) -> tuple[str, ...]:
    """Return what an overlay was rated without, in Spanish words; part of a study's files, so never translated."""
    return tuple(_WITHOUT[name] for name in missing_criteria(overlay, land.offered))


def chain_class(members: Sequence[Codes]) -> Codes:
    """Return how apt each cell is for a chain: its best member's class, SD where nothing better than N is known of all.

    Examples
    --------
    >>> chain_class([np.array([0, 0, 1], np.uint8), np.array([1, 4, 1], np.uint8)]).tolist()
    [0, 4, 1]
    """
    best = np.maximum.reduce(list(members))
    unknown = np.logical_or.reduce([member == SD for member in members])
    return np.where(unknown & (best <= N), np.uint8(SD), best).astype(np.uint8)


def aptitude_of(job: RunJob, cells: CellResults, measures: Mapping[str, Floats]) -> Aptitude:
    """Rate the overlays, join the chains and add up.

    Parameters
    ----------
    job
        Of the run.
    cells
        Classified with the aptitudes of :func:`rated_zones`.
    measures
        What overlays are rated by, in each block (:class:`zoning.land.overlay_land.OverlayLand`), by name.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged.
    """
    rules, land = job.rules.ruleset, overlay_land(job)
    bands = aptitude_bands(rules)
    found: dict[str, Codes] = dict(zip(rated_zones(job), cells.aptitude, strict=True))
    limiting: dict[str, Codes] = {}
    for overlay in rules.overlays:
        found[overlay.code], limiting[overlay.code] = _overlay(overlay, land, cells, measures)
    for band in bands:
        if band.kind == CHAIN:
            found[band.code] = chain_class([found[member] for member in band.members])
    incomplete = {each.code: words for each in rules.overlays if (words := incomplete_words(each, land))}
    return Aptitude(
        bands=bands,
        codes=tuple(found[band.code] for band in bands),
        table=aptitude_table(job, bands, found, limiting=limiting, incomplete=incomplete),
        incomplete=incomplete,
    )


def _overlay(
    overlay: Overlay, land: OverlayLand, cells: CellResults, measures: Mapping[str, Floats]
) -> tuple[Codes, Codes]:
    """Return class and limiting criterion of an overlay in the stored cells."""
    asked = land.offered.intersection(each.characteristic.name for each in overlay.factors)
    flat = {name: measures[name].ravel() for name in sorted(asked)}
    rated = rate_overlay(overlay, flat, places=land.blocks.size)
    limits = np.where(rated.limiting < 0, NOTHING_LIMITS, rated.limiting).astype(np.uint8)
    inside = cells.places.inside

    def spread(column: Codes) -> Codes:
        blocks = column.reshape(land.blocks.shape)
        fine: Codes = blocks.repeat(land.factor, axis=0).repeat(land.factor, axis=1)
        return fine[: inside.shape[0], : inside.shape[1]][inside]

    return spread(rated.cls), spread(limits)


def bands_record(aptitude: Aptitude) -> list[dict[str, object]]:
    """Return the bands as the manifest names them, in the order of the file, numbered from 1."""
    return [
        {
            "band": number,
            "code": band.code,
            "kind": band.kind,
            "title": band.title,
            "members": list(band.members),
            "incomplete": list(words_of(band, aptitude.incomplete)),
        }
        for number, band in enumerate(aptitude.bands, start=1)
    ]
