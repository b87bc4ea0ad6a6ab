"""The manifest of a study: all that is needed to know what it is, to make it again and to judge it."""

from __future__ import annotations

import math
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import geopandas as gpd

from gis.coverage.partition import CoverageReport
from gis.vectors.vector import area_ha
from zoning.rules.crop_library import library_hash
from zoning.study.mapping_unit import small_parts
from zoning.study.run_job import RunJob

MANIFEST_FORMAT = 1
"""Version of the manifest's shape."""

_PROGRAMS = ("valles", "numpy", "numba", "shapely", "pyproj", "rasterio", "pyogrio", "geopandas")


@dataclass(frozen=True, eq=False, kw_only=True)
class Made:
    """What a run made."""

    zones: gpd.GeoDataFrame
    report: CoverageReport
    name: str
    uncertainty: Mapping[str, Any] | None
    """What the draws came to; ``None`` where nothing was drawn."""
    conflict_below: float
    """Margin under which a runner-up of the same class is a conflict; minus infinity where there is none."""
    aptitude: list[dict[str, Any]]
    """Bands of the aptitude map."""
    sensitivity: dict[str, Any]
    """What each single rule or source moves."""


def manifest_content(job: RunJob, made: Made) -> dict[str, Any]:
    """Return the manifest without the hashes of the files and without how long the run took.

    Parameters
    ----------
    job
        What the run worked with.
    made
        What it made.

    Returns
    -------
    dict
        JSON-ready; the same inputs and programs give the same.

    Raises
    ------
    gis.errors.CrsError
        The territory's area system is not in metres.
    """
    territory = job.workspace.territory
    units = area_ha(job.municipalities, territory.area_crs)
    return {
        "manifest_format": MANIFEST_FORMAT,
        "name": made.name,
        **_territory(job),
        "scale": job.scale,
        "cell_m": job.grid.cell,
        "cell_fits_scale": job.cell_fits_scale,
        "minimum_mapping_unit_ha": round(job.minimum_ha, 6),
        "below_minimum": small_parts(made.zones, job.minimum_ha).record(),
        "joined": {"splinters": made.report.splinters, "merged": made.report.merged, "strips": made.report.strips},
        "conflict_quantile": job.rules.ruleset.map.conflict_quantile,
        "conflict_below": made.conflict_below if math.isfinite(made.conflict_below) else None,
        "honest_scale": job.inventory.honest_scale,
        "honest_scale_layer": job.inventory.honest_layer,
        "crs": territory.crs,
        "area_crs": territory.area_crs,
        "grid": _grid(job),
        **_conditions(job),
        "uncertainty": made.uncertainty,
        **_rules(job),
        **_method(job),
        "aptitude": made.aptitude,
        "sensitivity": made.sensitivity,
        "municipalities": _municipalities(job, units.tolist()),
        "polygons": len(made.zones),
        "vertices": made.report.vertices,
        "area_error": made.report.area_error,
        "layers": _layers(job),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions of the programs that decide a result."""
    found: dict[str, str] = {"python": platform.python_version()}
    for name in _PROGRAMS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def peak_memory_mb() -> int | None:
    """Return the most memory this process has held, MB; ``None`` where the system does not tell."""
    try:
        import resource  # noqa: PLC0415  not on every system
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))


def _municipalities(job: RunJob, areas: list[float]) -> list[Mapping[str, Any]]:
    names = {each.code: each.name for each in job.workspace.territory.municipalities}
    return [
        {"code": str(code), "name": names.get(str(code), str(code)), "area_ha": round(area, 6)}
        for code, area in zip(job.municipalities["code"], areas, strict=True)
    ]


def _territory(job: RunJob) -> dict[str, Any]:
    territory = job.workspace.territory
    return {
        "territory": territory.id,
        "territory_name": territory.name,
        "demo": territory.demo,
        "notice": territory.notice,
    }


def _rules(job: RunJob) -> dict[str, Any]:
    rules = job.rules
    return {
        "ruleset_hash": rules.ruleset.hash,
        "ruleset_title": rules.ruleset.title,
        "ruleset": job.rules_text,
        "crops_hash": library_hash(job.crops),
        "assumptions": list(rules.ruleset.assumptions),
        "flagged": sorted(rules.flagged),
        "absent": list(rules.absent),
        "missing_layers": list(job.inventory.missing),
    }


def _grid(job: RunJob) -> dict[str, float]:
    grid = job.grid
    return {"left": grid.left, "top": grid.top, "rows": grid.rows, "cols": grid.cols, "cell_m": grid.cell}


def _conditions(job: RunJob) -> dict[str, Any]:
    return {
        "climate": job.inventory.climate,
        "scenario": job.changes.record() if job.changes else None,
        "seed": job.seed,
        "draws": job.draws,
    }


def _method(job: RunJob) -> dict[str, Any]:
    return {
        "gate_notes": [
            {"gate": note.gate, "characteristic": note.characteristic, "reason": note.reason}
            for note in job.rules.gate_notes
        ],
        "zones": [
            {"number": zone.number, "zone": zone.code, "name": zone.name, "chain": zone.chain, "colour": zone.colour}
            for zone in job.rules.zones
        ],
        "overlays": [
            {"overlay": each.code, "name": each.name, "chain": each.chain, "colour": each.colour}
            for each in job.rules.ruleset.overlays
        ],
    }


def _layers(job: RunJob) -> list[Mapping[str, Any]]:
    return [
        {
            "name": record.name,
            "theme": record.theme,
            "sha256": record.prepared_sha256,
            "source_sha256": record.sha256,
            "source": record.source,
            "licence": record.licence,
            "attribution": record.attribution,
            "date": record.date,
            "native_cell_m": record.native_cell_m,
        }
        for record in job.inventory.layers.values()
    ]
