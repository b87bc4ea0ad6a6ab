"""A zoning against a land-use plan in force: where they agree and where they conflict, in hectares and on a map."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.atomic import storage_errors
from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.vector import area_ha, overlap_area, read_vector
from gis.vectors.vector_files import write_gpkg
from zoning.study.study import Study
from zoning.validation.blanks import known
from zoning.validation.map_areas import zone_names

_ = translator("zoning")

AGREES, CONFLICTS, NOT_COMPARABLE = "coincide", "conflicto", "no comparable"
"""What a place may be; they stand in the map that a planner opens."""

LAYER = "plan"
"""Layer of the map."""

UNKNOWN = "SD"
"""Zone that says nothing: it agrees with nothing and contradicts nothing."""

_SPLINTER_M2 = 1.0
_UNCOMPARED = {"", "-", "–"}
_ANY = "*"


@dataclass(frozen=True, kw_only=True)
class Crosswalk:
    """Which zones each class of a plan allows."""

    column: str
    """Attribute of the plan that holds its class."""
    allowed: Mapping[str, frozenset[str] | None]
    """Class of the plan to the codes of the zones that agree with it; ``None`` is not comparable."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PlanAgreement:
    """A study held against a plan."""

    column: str
    """Attribute of the plan that was compared."""
    pieces: gpd.GeoDataFrame
    """``plan_class, zone, zone_name, class, municipality, zone_id, verdict, area_ha`` and polygons, in the projection
    of the territory: every place that both cover."""
    territory_ha: float
    """Whole territory, ha."""
    overlap_ha: float
    """Land that the plan itself gives to more than one class: counted in each."""

    def by_class(self) -> pd.DataFrame:
        """Return hectares by class of the plan: one column a verdict, and ``agreement``, 0–1, of what compares."""
        table: pd.DataFrame = self.pieces.pivot_table(
            index="plan_class", columns="verdict", values="area_ha", aggfunc="sum", fill_value=0.0
        ).reindex(columns=[AGREES, CONFLICTS, NOT_COMPARABLE], fill_value=0.0)
        compared = table[AGREES] + table[CONFLICTS]
        table["agreement"] = (table[AGREES] / compared).where(compared > 0)
        table.columns.name = None
        return table.reset_index()

    def by_pair(self) -> pd.DataFrame:
        """Return hectares by class of the plan, zone and verdict, the largest first."""
        keys = ["plan_class", "zone", "zone_name", "verdict"]
        table: pd.DataFrame = self.pieces.groupby(keys)["area_ha"].sum().reset_index()
        return table.sort_values(["area_ha", *keys], ascending=[False, True, True, True, True]).reset_index(drop=True)

    def hectares(self) -> dict[str, float]:
        """Return the hectares of each verdict."""
        sums = self.pieces.groupby("verdict")["area_ha"].sum()
        return {name: float(sums.get(name, 0.0)) for name in (AGREES, CONFLICTS, NOT_COMPARABLE)}

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        sums = self.hectares()
        compared = sums[AGREES] + sums[CONFLICTS]
        return {
            "column": self.column,
            "agreement_ha": sums[AGREES],
            "conflict_ha": sums[CONFLICTS],
            "not_comparable_ha": sums[NOT_COMPARABLE],
            "without_plan_ha": max(self.territory_ha - sum(sums.values()) + self.overlap_ha, 0.0),
            "overlap_ha": self.overlap_ha,
            "agreement": sums[AGREES] / compared if compared > 0 else None,
            "classes": [
                {
                    "plan_class": row["plan_class"],
                    "agreement_ha": row[AGREES],
                    "conflict_ha": row[CONFLICTS],
                    "not_comparable_ha": row[NOT_COMPARABLE],
                    "agreement": known(row["agreement"]),
                }
                for row in self.by_class().to_dict(orient="records")
            ],
            "pairs": self.by_pair().to_dict(orient="records"),
        }

    def write(self, path: Path | str) -> None:
        """Write the map of agreement and conflict as a GeoPackage.

        Raises
        ------
        gis.errors.StorageError
            It cannot be written.
        """
        write_gpkg(self.pieces, path, layer=LAYER)


def read_crosswalk(path: Path | str, zones: Mapping[str, str]) -> Crosswalk:
    """Read a crosswalk: a CSV with two columns, a row for each class of the plan.

    The header of the first column is the attribute of the plan that holds its classes. The second says which zones
    agree with the class: codes separated by blanks, ``+``, ``/`` or ``|``; ``*`` is every zone; empty or ``-`` is not
    comparable.

    Parameters
    ----------
    path
        The file.
    zones
        Codes of the zones of the study and their names.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.InputError
        It is no such table, a class stands twice, or a zone is unknown; the line is named.
    """
    file = Path(path)
    if not file.is_file():
        raise MissingError(_("No existe la tabla {path}").format(path=file), remedy=_("Revise el nombre y la carpeta"))
    with storage_errors(file):
        raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    head = text.splitlines()[0] if text.strip() else ""
    separator = max(";\t,", key=head.count)
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=separator)]
    if len(rows) < 2 or len(rows[0]) < 2 or not rows[0][0]:  # noqa: PLR2004  a header, a row; two columns
        raise InputError(
            _("{path} no es una tabla de correspondencia").format(path=file),
            expected=_("Se esperaban dos columnas: la clase del plan (con el nombre de su columna) y las zonas"),
            remedy=_("Por ejemplo: una fila «uso;zonas» y otra «Agrícola intensivo;HOR ANU»"),
        )
    allowed: dict[str, frozenset[str] | None] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        if row[0] in allowed:
            raise InputError(
                _("{path}, línea {line}: la clase «{name}» ya estaba").format(path=file, line=line, name=row[0]),
                expected=_("Se esperaba una fila por clase del plan"),
            )
        allowed[row[0]] = _zones(row[1] if len(row) > 1 else "", zones, file=file, line=line)
    return Crosswalk(column=rows[0][0], allowed=allowed)


def _zones(cell: str, zones: Mapping[str, str], *, file: Path, line: int) -> frozenset[str] | None:
    if cell in _UNCOMPARED:
        return None
    if cell == _ANY:
        return frozenset(zones)
    codes = [code.upper() for code in re.split(r"[\s+/|,;]+", cell) if code]
    for code in codes:
        if code not in zones:
            raise InputError(
                _("{path}, línea {line}: «{code}» no es una zona").format(path=file, line=line, code=code),
                expected=_("Se esperaban códigos de: {codes}").format(codes=", ".join(zones)),
            )
    return frozenset(codes)


def compare_plan(study: Study, plan: Path | str, crosswalk: Path | str, *, layer: str | None = None) -> PlanAgreement:
    """Cut a study by a plan and say where they agree.

    Parameters
    ----------
    study
        The map.
    plan
        Polygons of the plan in any reference system.
    crosswalk
        See :func:`read_crosswalk`.
    layer
        Layer of the plan's file; may be left out where there is one only.

    Returns
    -------
    PlanAgreement
        Hectares are measured in the equal-area projection of the study.

    Raises
    ------
    gis.errors.MissingError
        A file, the layer or the attribute is not there.
    gis.errors.InputError
        The plan is damaged, has a class that the crosswalk does not name, or lies elsewhere.
    """
    names = zone_names(study)
    table = read_crosswalk(crosswalk, names)
    zones = study.zones
    drawn = read_vector(plan, layer=layer, columns=[table.column], crs=zones.crs)
    drawn = drawn[drawn.geom_type.isin(["Polygon", "MultiPolygon"])].reset_index(drop=True)
    classes = drawn[table.column].fillna("").astype(str).str.strip()
    strange = sorted(set(classes) - set(table.allowed))
    if strange:
        raise InputError(
            _("{path}: la tabla no nombra {count} clases del plan: {names}").format(
                path=crosswalk, count=len(strange), names=", ".join(f"«{name}»" for name in strange[:10])
            ),
            expected=_("Se esperaba una fila por clase del plan; «-» es no comparable"),
        )
    pieces = _pieces(drawn.assign(plan_class=classes), zones)
    if pieces.empty:
        raise InputError(
            _("{path} no toca el territorio «{name}»").format(path=plan, name=study.workspace.territory.name),
            expected=_("Se esperaban polígonos dentro del territorio"),
            remedy=_("Revise el sistema de referencia del archivo"),
        )
    pieces["verdict"] = [
        _verdict(table.allowed[plan_class], zone)
        for plan_class, zone in zip(pieces["plan_class"], pieces["zone"], strict=True)
    ]
    pieces["area_ha"] = area_ha(pieces, study.manifest["area_crs"])
    return PlanAgreement(
        column=table.column,
        pieces=pieces,
        territory_ha=float(zones["area_ha"].sum()),
        overlap_ha=overlap_area(pieces[["geometry"]]) / 10_000,
    )


def _verdict(allowed: frozenset[str] | None, zone: str) -> str:
    if allowed is None or zone == UNKNOWN:
        return NOT_COMPARABLE
    return AGREES if zone in allowed else CONFLICTS


def _pieces(plan: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut every zone by every class, in the order of the zones; splinters below a square metre are dropped."""
    theirs = np.asarray(plan.geometry.array, dtype=object)
    mine = np.asarray(zones.geometry.array, dtype=object)
    which, other = shapely.STRtree(theirs).query(mine, predicate="intersects")
    order = np.lexsort((other, which))
    which, other = which[order], other[order]
    shared = shapely.intersection(mine[which], theirs[other])
    polygons = np.array([_only_polygons(each) for each in shared], dtype=object)
    keep = shapely.area(polygons) >= _SPLINTER_M2 if len(polygons) else np.zeros(0, dtype=np.bool_)
    fields = zones.iloc[which[keep]][["zone", "zone_name", "class", "municipality", "zone_id"]].reset_index(drop=True)
    fields.insert(0, "plan_class", plan["plan_class"].to_numpy()[other[keep]])
    return gpd.GeoDataFrame(fields, geometry=polygons[keep], crs=zones.crs)


def _only_polygons(geometry: Any) -> Any:  # noqa: ANN401  shapely's base class says nothing
    """Drop the lines and points that two borders share."""
    parts = shapely.get_parts(geometry)
    if len(parts) and geometry.geom_type == "GeometryCollection":
        parts = np.concatenate([shapely.get_parts(part) for part in parts])
    flat = [part for part in parts if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(flat)
