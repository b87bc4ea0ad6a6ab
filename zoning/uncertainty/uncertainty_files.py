"""The map of the draws and their line in the manifest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gis.rasters.cog import CogWriter
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.uncertainty_rules import STABLE
from zoning.uncertainty.block_draws import NEVER
from zoning.uncertainty.polygon_stability import zone_stability
from zoning.uncertainty.zone_draws import ZoneDraws

UNCERTAINTY = "uncertainty.tif"
"""Name of the file in a study."""

BANDS = ("stability", "entropy", "flip_factor", "score_deviation")
"""Bands of the file."""

LEGEND = {
    "STABILITY": "parte de los sorteos con la misma zona, de 0 a 1",
    "ENTROPY": "entropía de las zonas sorteadas, bits (logaritmo en base 2, sin normalizar): 0 siempre la misma, "
    "1 dos zonas por igual",
    "FLIP_FACTOR": "número del factor que más veces cambió la zona; sin dato donde nunca cambió",
    "SCORE_DEVIATION": "desviación típica del puntaje en los primeros sorteos que conservan la zona, de 0 a 1",
}
"""What each band means, in the file's own metadata."""


def write_uncertainty(folder: Path, draws: ZoneDraws, *, notice: str) -> None:
    """Write ``uncertainty.tif`` with the names of its bands and of the factors.

    Parameters
    ----------
    folder
        Of the study.
    draws
        What the draws came to.
    notice
        A sentence that every file of the territory carries; may be empty.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    tags = LEGEND | {f"FACTOR_{index}": name for index, name in enumerate(draws.factors)}
    tags |= {"DRAWS": str(draws.draws), "SCORED_DRAWS": str(draws.scored), "SEED": str(draws.seed)} | (
        {"NOTICE": notice} if notice else {}
    )
    factor = np.where(draws.factor == NEVER, np.nan, draws.factor).astype(np.float32)
    place = draws.sample.coarse
    # A factor's number has no mean, so overviews take the most frequent cell.
    with CogWriter(folder / UNCERTAINTY, draws.sample.grid, names=BANDS, unit="", tags=tags, classes=True) as writer:
        for band, column in enumerate((draws.stability, draws.entropy, factor, draws.score_deviation)):
            raster = np.full(place.shape, np.nan, dtype=np.float32)
            raster[place] = column
            writer.write(raster, band=band)


def uncertainty_record(
    draws: ZoneDraws, rules: CompiledRules, polygons: Sequence[tuple[str, float, float]]
) -> dict[str, Any]:
    """Return what the manifest says of the draws, JSON-ready.

    Parameters
    ----------
    draws
        What they came to.
    rules
        Of the study.
    polygons
        Zone code, stability (NaN for none) and area in ha of every polygon.
    """
    spread, frost = rules.ruleset.spread, rules.ruleset.frost
    sample = draws.sample
    return {
        "draws": draws.draws,
        "scored_draws": draws.scored,
        "seed": draws.seed,
        "grid_cell_m": sample.grid.cell,
        "sampled_every": sample.step,
        "cells": int(draws.zone.size),
        "stable_from": STABLE,
        "entropy": "bits, log2, not normalised",
        "spread": {
            "temperature_degc": spread.temperature_degc,
            "rain_percent": spread.rain_percent,
            "limit_percent": spread.limit_percent,
            "weight_concentration": spread.weight_concentration if math.isfinite(spread.weight_concentration) else None,
            "frost_offset": list(frost.offset_spread),
            "elevation_m": spread.elevation_m,
            "elevation_length_m": spread.elevation_length_m,
            "lapse_degc_per_km": spread.lapse_degc_per_km,
            "realisations": spread.realisations,
        },
        "not_moved": sorted(rules.flagged & {"slope", "height_above_stream"}),
        "factors": list(draws.factors),
        "zones": [
            _zone(draws, zone.code, zone.number, polygons) for zone in rules.zones if (draws.zone == zone.number).any()
        ],
    }


def _zone(draws: ZoneDraws, code: str, number: int, polygons: Sequence[tuple[str, float, float]]) -> dict[str, Any]:
    cells, mean, stable = zone_stability(draws, number)
    here = [(stability, area) for zone, stability, area in polygons if zone == code]
    return {
        "zone": code,
        "cells": cells,
        "mean_stability": round(mean, 4),
        "stable_share": round(stable, 4),
        "area_ha": round(sum(area for _stability, area in here), 6),
        "stable_ha": round(sum(area for stability, area in here if stability >= STABLE), 6),
    }
