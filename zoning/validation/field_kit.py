"""A kit for checking a map on the ground: stratified points for the receiver, and the sheet to fill in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.crs import CRS84
from gis.errors import InputError
from gis.messages import translator
from gis.vectors.vector_files import write_gpx
from zoning.study.study import Study
from zoning.validation.field_sheet import write_sheet
from zoning.validation.map_areas import mapped_areas, polygons_under, zone_names
from zoning.validation.sample_size import allocate_points, sample_size

_ = translator("zoning")

Floats = npt.NDArray[np.float64]

GPX, SHEET = "field_points.gpx", "field_sheet.xlsx"
"""Names of the files of a kit."""

UNKNOWN = "SD"
"""Zone that says nothing, so that there is nothing to check."""

_DECIMALS = 6
_MOST_DRAWS = 200
_RIM_M = 0.5


@dataclass(frozen=True, kw_only=True)
class SamplePlan:
    """How many points, and why."""

    expected_users: float = 0.75
    """User's accuracy expected of every zone before anybody has looked (supuesto)."""
    standard_error: float = 0.03
    """Standard error wanted of the overall accuracy."""
    minimum: int = 20
    """Fewest points in a zone; Olofsson et al. advise 50 to 100 where a rare class matters (supuesto)."""
    seed: int = 0
    """The same seed on the same study draws the same points."""


@dataclass(frozen=True, eq=False, kw_only=True)
class FieldKit:
    """Points drawn for a study."""

    points: gpd.GeoDataFrame
    """``point, municipality, municipality_name, zone``, points in WGS 84, numbered from place to place."""
    wanted: int
    """Points by the formula, before the minimum of each zone."""
    by_zone: dict[str, int]
    """Points by zone."""
    plan: SamplePlan
    """What was asked for."""
    study: str
    """Name of the study."""
    ruleset_hash: str
    """Rules of the study, 64 hexadecimal digits."""
    names: dict[str, str]
    """Zones that may be observed: code and name."""

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "points": len(self.points),
            "wanted": self.wanted,
            "by_zone": self.by_zone,
            "expected_users": self.plan.expected_users,
            "standard_error": self.plan.standard_error,
            "minimum": self.plan.minimum,
            "seed": self.plan.seed,
        }

    def write(self, folder: Path | str) -> list[Path]:
        """Write the receiver's file and the sheet; the same kit gives the same bytes.

        Raises
        ------
        gis.errors.StorageError
            The folder cannot be written.
        """
        target = Path(folder)
        marks = self.points.assign(name=self.points["point"], desc=self.points["municipality_name"])
        write_gpx(marks, target / GPX)
        about = {
            "Estudio": self.study,
            "Reglas": self.ruleset_hash,
            "Semilla": str(self.plan.seed),
            "Puntos": str(len(self.points)),
            "Puntos por la fórmula": str(self.wanted),
            "Error estándar buscado": str(self.plan.standard_error),
            "Exactitud supuesta": str(self.plan.expected_users),
            "Mínimo por zona": str(self.plan.minimum),
        }
        write_sheet(target / SHEET, self.points, zones=self.names, about=about)
        return [target / GPX, target / SHEET]


def draw_field_kit(study: Study, plan: SamplePlan | None = None) -> FieldKit:
    """Draw stratified random points inside the zones of a study, every place of a zone as likely as any other.

    Parameters
    ----------
    study
        Whose zones are the strata; ``SD`` is none.
    plan
        How many points, and the seed.

    Raises
    ------
    gis.errors.InputError
        The study is damaged or has no zone to check, or the plan asks for the impossible.
    """
    plan = plan or SamplePlan()
    areas = {zone: area for zone, area in mapped_areas(study).items() if zone != UNKNOWN}
    wanted = sample_size(areas, plan.expected_users, standard_error=plan.standard_error)
    counts = allocate_points(wanted, areas, minimum=plan.minimum)
    zones = study.zones.to_crs(study.manifest["area_crs"])
    drawn = [_draw(zones, zone, count, plan.seed) for zone, count in sorted(counts.items()) if count]
    places = np.concatenate(drawn)
    rounded = gpd.GeoSeries(gpd.points_from_xy(places[:, 0], places[:, 1]), crs=zones.crs).to_crs(CRS84)
    geometry = gpd.points_from_xy(rounded.x.round(_DECIMALS), rounded.y.round(_DECIMALS), crs=CRS84)
    points = gpd.GeoDataFrame(geometry=geometry)
    under = zones.iloc[polygons_under(points, zones)].reset_index(drop=True)
    for name in ("municipality", "municipality_name", "zone"):
        points[name] = under[name].astype(str)
    points = points.iloc[np.lexsort((points.geometry.x, -points.geometry.y, points["municipality"]))]
    width = len(str(len(points)))
    points.insert(0, "point", [f"P{number:0{width}d}" for number in range(1, len(points) + 1)])
    return FieldKit(
        points=points.reset_index(drop=True),
        wanted=wanted,
        by_zone=counts,
        plan=plan,
        study=study.name,
        ruleset_hash=str(study.manifest["ruleset_hash"]),
        names={code: name for code, name in zone_names(study).items() if code != UNKNOWN},
    )


def _draw(zones: gpd.GeoDataFrame, zone: str, count: int, seed: int) -> Floats:
    """Draw places in the polygons of a zone, in their equal-area projection: x and y, shape (count, 2)."""
    if seed < 0:
        raise InputError(_("Semilla {seed}").format(seed=seed), expected=_("Se esperaba un número entero desde 0"))
    random = np.random.default_rng([seed, *zone.encode()])
    own = zones[zones["zone"] == zone].sort_values("zone_id")
    polygons = np.asarray(own.geometry.array, dtype=object)
    areas = shapely.area(polygons)
    chosen = np.sort(random.choice(len(polygons), size=count, p=areas / areas.sum()))
    found = [_inside(polygons[which], int(times), random) for which, times in zip(*_runs(chosen), strict=True)]
    return np.concatenate(found)


def _runs(sorted_numbers: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    numbers, times = np.unique(sorted_numbers, return_counts=True)
    return numbers, times


def _inside(polygon: Any, count: int, random: np.random.Generator) -> Floats:  # noqa: ANN401  shapely's base
    """Draw places in a polygon: from its box, until enough have fallen inside."""
    # Half a metre from the line, so that no rounding of a written coordinate carries a point over it.
    inner = shapely.buffer(polygon, -_RIM_M)
    polygon = polygon if inner.is_empty else inner
    west, south, east, north = polygon.bounds
    shapely.prepare(polygon)
    share = max(polygon.area / max((east - west) * (north - south), 1e-9), 1e-3)
    found: list[Floats] = []
    missing = count
    for _attempt in range(_MOST_DRAWS):
        batch = int(2 * missing / share) + 8
        x, y = random.uniform(west, east, batch), random.uniform(south, north, batch)
        hits = np.flatnonzero(shapely.contains_xy(polygon, x, y))[:missing]
        found.append(np.column_stack((x[hits], y[hits])))
        missing -= len(hits)
        if not missing:
            return np.concatenate(found)
    raise InputError(
        _("Un polígono de {area:.3g} ha es demasiado angosto para poner puntos dentro").format(area=polygon.area / 1e4),
        remedy=_("Haga el estudio a una escala con mayor unidad mínima"),
    )
