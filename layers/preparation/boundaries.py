"""Municipal boundaries: every row under its code, one valid coverage, and the displaced set refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from gis.coverage.repair import SLIT_M, repair_coverage
from gis.errors import CoverageError, InputError, MissingError
from gis.messages import translator
from gis.vectors.vector import area_ha
from layers.map_layer import Bounds
from layers.territory import Territory

_ = translator("layers")

LAYER = "municipalities"
"""Name of the prepared layer."""
MAJORITY = 0.5
"""Share of the known settlements that must lie in their own municipality."""
_SEAT_MARGIN_DEG = 1.5


@dataclass(frozen=True, kw_only=True)
class BoundaryReport:
    """What was found and mended in a boundary set."""

    municipalities: int
    unknown_rows: int
    """Rows that are no municipality of the territory and were left out."""
    repaired_rows: int
    """Rows that crossed themselves and were made valid."""
    overlap_m2: float
    """Area covered twice before the repair, m²."""
    gaps: int
    """Holes between neighbours that were closed."""
    gap_m2: float
    """Area of those holes, m²."""
    code_column: str
    """Column by which rows were recognised."""


def expected_box(territory: Territory) -> Bounds | None:
    """Return where the territory lies, in degrees: the box of its seats with a margin; ``None`` without seats."""
    seats = [each.seat for each in territory.municipalities if each.seat is not None]
    if not seats:
        return None
    lon, lat = [each.lon for each in seats], [each.lat for each in seats]
    return (
        min(lon) - _SEAT_MARGIN_DEG,
        min(lat) - _SEAT_MARGIN_DEG,
        max(lon) + _SEAT_MARGIN_DEG,
        max(lat) + _SEAT_MARGIN_DEG,
    )


def code_column(frame: gpd.GeoDataFrame, territory: Territory) -> str:
    """Return the column whose values name most municipalities of the territory, codes before names.

    Raises
    ------
    gis.errors.InputError
        No column names any of them.
    """
    scores: dict[str, tuple[int, int]] = {}
    for column in frame.columns:
        if column == frame.geometry.name:
            continue
        found = [territory.find(value) for value in frame[column] if not _empty(value)]
        codes = {each.code for each in found if each is not None}
        digits = sum(str(value).strip()[:1].isdigit() for value in frame[column])
        scores[str(column)] = (len(codes), digits)
    best = max(scores, key=lambda name: (*scores[name], [-ord(letter) for letter in name]), default="")
    if not best or scores[best][0] == 0:
        raise InputError(
            _("Los límites no traen una columna con los códigos ni los nombres de los municipios"),
            expected=_("Códigos como {codes}; columnas encontradas: {columns}").format(
                codes=", ".join(territory.codes[:3]), columns=", ".join(scores) or "—"
            ),
            remedy=_("Agregue una columna con el código oficial, o sus grafías a `aliases` en territory.toml"),
        )
    return best


def prepare_boundaries(frame: gpd.GeoDataFrame, territory: Territory) -> tuple[gpd.GeoDataFrame, BoundaryReport]:
    """Return the territory's municipalities as one valid coverage in its projection.

    Parameters
    ----------
    frame
        Polygons of any set that holds the municipalities, in any reference system.
    territory
        Whose municipalities are wanted.

    Returns
    -------
    GeoDataFrame
        Columns ``code``, ``name``, ``province``, ``area_ha`` (measured in ``territory.area_crs``) and ``geometry``,
        in the order of the codes.
    BoundaryReport
        What was found and mended.

    Raises
    ------
    gis.errors.InputError
        No column names the municipalities, or rows are not polygons.
    gis.errors.MissingError
        A municipality of the territory is not in the set.
    gis.errors.CoverageError
        They cannot be made into a valid coverage.
    """
    column = code_column(frame, territory)
    found = [None if _empty(value) else territory.find(value) for value in frame[column]]
    known = frame[[each is not None for each in found]]
    codes = [each.code for each in found if each is not None]
    _refuse_absent(territory, codes)
    _refuse_not_polygons(known)
    parts = gpd.GeoDataFrame({"code": codes}, geometry=list(known.geometry), crs=frame.crs).to_crs(territory.crs)
    merged = parts.dissolve(by="code").sort_index().reset_index()
    clean, repair = repair_coverage(merged, snap_m=SLIT_M)
    if not shapely.coverage_is_valid(clean.geometry.to_numpy()):
        raise CoverageError(
            _("Los límites municipales siguen sin encajar después de repararlos"),
            remedy=_("Corrija solapes y huecos en el archivo de límites"),
        )
    named = {each.code: each for each in territory.municipalities}
    clean = clean.assign(
        name=[named[code].name for code in clean["code"]],
        province=[named[code].province for code in clean["code"]],
        area_ha=area_ha(clean, territory.area_crs).to_numpy(),
    )[["code", "name", "province", "area_ha", "geometry"]]
    return clean, BoundaryReport(
        municipalities=len(clean),
        unknown_rows=len(frame) - len(known),
        repaired_rows=int(frame.attrs.get("repaired", 0)),
        overlap_m2=float(repair.overlap_m2),
        gaps=int(repair.gaps),
        gap_m2=float(repair.gap_m2),
        code_column=column,
    )


@dataclass(frozen=True, kw_only=True)
class SettlementCheck:
    """How many known settlements lie in the municipality they belong to."""

    inside: int
    known: int
    strays: tuple[str, ...]
    """Names of the others, at most ten."""


def refuse_displaced(
    boundaries: gpd.GeoDataFrame, settlements: gpd.GeoDataFrame, territory: Territory
) -> SettlementCheck:
    """Refuse a boundary set in which most known settlements do not lie in their own municipality.

    The seats that the territory states count as settlements too.

    Parameters
    ----------
    boundaries
        Prepared municipalities, with ``code``.
    settlements
        Points with ``municipality`` (a code, or missing) and ``name``; may be empty.
    territory
        Whose seats are known.

    Raises
    ------
    gis.errors.InputError
        Half of them or fewer lie where they belong.
    """
    points = gpd.GeoDataFrame(
        pd.concat([_seats(territory), settlements.to_crs("EPSG:4326")[["municipality", "name", "geometry"]]]),
        crs="EPSG:4326",
    )
    points = points[points["municipality"].isin(boundaries["code"])].to_crs(boundaries.crs)
    outlines = dict(zip(boundaries["code"], boundaries.geometry, strict=True))
    home = [
        bool(outlines[code].intersects(point))
        for code, point in zip(points["municipality"], points.geometry, strict=True)
    ]
    strays = tuple(str(name) for name, at_home in zip(points["name"], home, strict=True) if not at_home)
    check = SettlementCheck(inside=sum(home), known=len(home), strays=strays[:10])
    if check.known and check.inside <= MAJORITY * check.known:
        raise InputError(
            _("Los límites están desplazados: solo {inside} de {known} poblados caen en su propio municipio").format(
                inside=check.inside, known=check.known
            ),
            expected=_("Más de la mitad; en los límites buenos casi todos"),
            remedy=_("Revise el sistema de coordenadas y los códigos del archivo de límites"),
        )
    return check


def _seats(territory: Territory) -> gpd.GeoDataFrame:
    seats = [(each.code, each.seat) for each in territory.municipalities if each.seat is not None]
    return gpd.GeoDataFrame(
        {"municipality": [code for code, _seat in seats], "name": [seat.name for _code, seat in seats]},
        geometry=[shapely.Point(seat.lon, seat.lat) for _code, seat in seats],
        crs="EPSG:4326",
    )


def _refuse_absent(territory: Territory, codes: Sequence[str]) -> None:
    absent = [each for each in territory.municipalities if each.code not in set(codes)]
    if absent:
        raise MissingError(
            _("Los límites no traen {names}").format(names=", ".join(f"{each.name} ({each.code})" for each in absent)),
            expected=_("Los {count} municipios de {name}").format(
                count=len(territory.municipalities), name=territory.name
            ),
            remedy=_(
                "Use un archivo de límites que los tenga todos, o agregue la grafía a `aliases` en territory.toml"
            ),
        )


def _refuse_not_polygons(frame: gpd.GeoDataFrame) -> None:
    kinds = sorted(set(frame.geometry.geom_type) - {"Polygon", "MultiPolygon"})
    if kinds:
        raise InputError(
            _("Los límites traen geometrías que no son polígonos: {kinds}").format(kinds=", ".join(kinds)),
            expected=_("Un polígono por municipio"),
        )


def _empty(value: Any) -> bool:  # noqa: ANN401  cells are of any type
    return value is None or (not isinstance(value, str) and bool(pd.isna(value)))
