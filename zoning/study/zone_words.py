"""The words that a territory and its layers lend to the sentences: names of municipalities, crops, protected areas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from zoning.land.land_inventory import OPTIONAL_LAYERS
from zoning.land.scenario_land import protected_areas
from zoning.study.polygon_facts import Names
from zoning.study.polygons import LEGAL_BIT
from zoning.study.run_job import RunJob
from zoning.study.sentences import enumeration, spanish_number

_DECIDING = {
    "URB": {"land_use": "el mapa de uso del suelo", "land_cover": "la cobertura del suelo"},
    "AGUA": {"water": "la capa de aguas", "land_cover": "la cobertura del suelo"},
}


def words_for(job: RunJob, coverage: gpd.GeoDataFrame) -> Names:
    """Gather the words for the polygons of a coverage.

    Parameters
    ----------
    job
        Of the run.
    coverage
        ``code`` and polygons, in the projection of the run.

    Raises
    ------
    gis.errors.InputError
        The layer of protected areas is damaged.
    """
    territory = job.workspace.territory
    return Names(
        municipalities={each.code: each.name for each in territory.municipalities}
        | {str(row.code): str(row.name) for row in job.municipalities.itertuples(index=False)},
        crops={crop.id: crop.name for crop in job.crops.values()},
        protected=_protected(job, coverage),
        missing_layers=tuple(name for name in job.inventory.missing if name not in OPTIONAL_LAYERS),
        decided_by=_decided_by(job),
        legal_slope=spanish_number(job.rules.ruleset.cover.legal_forest_slope, "%"),
    )


def _decided_by(job: RunJob) -> dict[str, str]:
    """Return the layers that say where town and water are, as far as they are there."""
    found: dict[str, str] = {}
    for zone, layers in _DECIDING.items():
        there = tuple(words for layer, words in layers.items() if job.workspace.has_layer(layer))
        if there:
            found[zone] = enumeration(there, joint="o en")
    return found


def _protected(job: RunJob, coverage: gpd.GeoDataFrame) -> dict[int, str]:
    """Return, for each polygon that a protected area made what it is, the area that holds most of it.

    A polygon that the slope makes legal forest may touch a park whose zone is another: the park did not make it.
    """
    codes = coverage["code"].to_numpy()
    legal = np.flatnonzero((codes & LEGAL_BIT) > 0)
    known = protected_areas(job.workspace, job.changes) if legal.size else None
    if known is None:
        return {}
    rules = job.rules.ruleset
    areas = known.to_crs(coverage.crs)
    effects = areas["category"].map(dict(rules.cover.protected))
    deciding = areas[effects.notna() & (effects != "restriction")].reset_index(drop=True)
    polygons = np.asarray(coverage.geometry.array, dtype=object)[legal]
    outlines = np.asarray(deciding.geometry.array, dtype=object)
    if not outlines.size:
        return {}
    mine, theirs = shapely.STRtree(outlines).query(polygons, predicate="intersects")
    made = np.array([rules.zone(rules.cover.protected[each]).number for each in deciding["category"]], dtype=np.uint8)
    zones = (codes[legal] & (0xFF ^ LEGAL_BIT)).astype(np.uint8)
    mine, theirs = mine[zones[mine] == made[theirs]], theirs[zones[mine] == made[theirs]]
    shared = shapely.area(shapely.intersection(polygons[mine], outlines[theirs]))
    # Where slope and protection make the same zone, the area that holds less than half of a polygon did not make it.
    either = zones[mine] == rules.zone(rules.cover.forest_zone).number
    shared = np.where(either & (shared < shapely.area(polygons[mine]) / 2), 0.0, shared)
    found: dict[int, tuple[float, str]] = {}
    for polygon, area, other in zip(mine.tolist(), shared.tolist(), theirs.tolist(), strict=True):
        words = area_name(deciding["designation"][other], deciding["name"][other])
        # Of two equal shares the first in the alphabet, so that a rerun says the same.
        best = found.get(polygon)
        if best is None or (-area, words) < (-best[0], best[1]):
            found[polygon] = (area, words)
    return {int(legal[polygon]): words for polygon, (area, words) in found.items() if area > 0}


def area_name(designation: object, name: object) -> str:
    """Return how a protected area is called: its designation and name, the first once even if the name bears it.

    Examples
    --------
    >>> area_name("Parque Nacional", "Amboró"), area_name("Parque Nacional", "Parque Nacional Amboró (demo)")
    ('Parque Nacional Amboró', 'Parque Nacional Amboró, demo')
    >>> area_name(None, "Iñao")
    'Iñao'
    """
    kind, called = (" ".join(each.split()) if isinstance(each, str) else "" for each in (designation, name))
    words = called if called.casefold().startswith(kind.casefold()) else f"{kind} {called}".strip()
    # The sentence puts the words in brackets, and brackets inside brackets are hard to read.
    return words.replace(" (", ", ").replace("(", "").replace(")", "")
