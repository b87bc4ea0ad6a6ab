"""Reference points set against a map: the error matrix, and the accuracy it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.crs import CRS84
from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.vector import read_vector
from layers.spelling import plain_text
from zoning.study.study import Study
from zoning.study.summary import CLASS_ORDER
from zoning.validation.accuracy import Accuracy, assess_accuracy
from zoning.validation.blanks import known
from zoning.validation.field_sheet import FieldSheet, read_sheet
from zoning.validation.map_areas import By, mapped_areas, polygons_under, zone_names

_ = translator("zoning")

ZONE_COLUMNS = ("zonaobservada", "zonareferencia", "zona", "zone", "referencezone", "referencia", "reference")
"""Headers of the zone on the ground, without case, accents or blanks."""

CLASS_COLUMNS = ("claseobservada", "clasereferencia", "clase", "class", "referenceclass")
"""Headers of the class on the ground, likewise."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PointAssessment:
    """A map held against reference points."""

    by: By
    """Whether zones or classes were compared."""
    accuracy: Accuracy
    """Over the zones or classes that have points."""
    error_matrix: pd.DataFrame
    """Counts: rows are the map, columns the ground, shape (q, q)."""
    read: int
    """Points in the file."""
    unanswered: int
    """Of them without an observation: left out."""
    outside: int
    """Of them outside the territory: left out."""
    unsampled_ha: Mapping[str, float]
    """Hectares of the zones or classes without a point: nothing is said about them."""
    remarks: tuple[str, ...] = ()
    """What the reader must know, in Spanish."""

    def table(self) -> pd.DataFrame:
        """Return one row per class: mapped and estimated hectares, accuracies and standard errors."""
        found = self.accuracy
        names = ("mapped_area_ha", "samples", "users", "se_users", "producers", "se_producers", "area_ha", "se_area_ha")
        return pd.DataFrame({self.by: found.classes} | {name: getattr(found, name) for name in names})

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it; what the points cannot give is ``None``."""
        rows = [
            {key: known(value) if isinstance(value, float) else value for key, value in row.items()}
            for row in self.table().to_dict(orient="records")
        ]
        return {
            "by": self.by,
            "overall": known(self.accuracy.overall),
            "se_overall": known(self.accuracy.se_overall),
            "classes": rows,
            "error_matrix": {
                "map": list(self.accuracy.classes),
                "reference": list(self.accuracy.classes),
                "counts": self.error_matrix.to_numpy().tolist(),
            },
            "read": self.read,
            "used": int(self.error_matrix.to_numpy().sum()),
            "unanswered": self.unanswered,
            "outside": self.outside,
            "unsampled_ha": dict(self.unsampled_ha),
            "remarks": list(self.remarks),
        }


def read_reference(path: Path | str) -> FieldSheet:
    """Read reference points: a filled sheet (XLSX), a CSV with longitude and latitude, or any layer of points.

    Raises
    ------
    gis.errors.VallesError
        The file is absent, damaged, or has no places.
    """
    file = Path(path)
    if file.suffix.lower() in {".xlsx", ".xlsm"}:
        return read_sheet(file)
    points = read_vector(file, crs=CRS84)
    if set(points.geom_type) != {"Point"}:
        raise InputError(
            _("{path} no es una capa de puntos").format(path=file),
            expected=_("Se esperaban puntos de referencia, uno por fila"),
        )
    return FieldSheet(points=points)


def assess_points(study: Study, path: Path | str) -> PointAssessment:
    """Set the points of a file against a study.

    A zone observed is compared with the zone mapped; where the file has no zones, classes are compared. Points without
    an observation and points outside are left out and counted. Zones without any point are left out of the estimate:
    accuracy and areas are those of the land that was sampled.

    Parameters
    ----------
    study
        The map.
    path
        See :func:`read_reference`.

    Raises
    ------
    gis.errors.MissingError
        The file has no column of zones or classes, or is not there.
    gis.errors.InputError
        A value is no zone or class of the study (it is named with its row), or no point can be used.
    """
    sheet = read_reference(path)
    by, column = _observed_column(sheet.points, path)
    words = _words(study, by)
    answers = sheet.points[column].fillna("").astype(str).str.strip()
    reference = np.array([_word(answer, words, row, path) for row, answer in enumerate(answers, start=1)], dtype=object)
    rows = polygons_under(sheet.points, study.zones)
    used = (rows >= 0) & (reference != "")
    if not used.any():
        raise InputError(
            _("{path}: ningún punto con observación dentro del territorio ({read} leídos)").format(
                path=path, read=len(rows)
            ),
            expected=_("Se esperaba al menos un punto observado dentro de «{name}»").format(
                name=study.workspace.territory.name
            ),
        )
    mapped = study.zones[by].astype(str).to_numpy()[rows[used]]
    areas = mapped_areas(study, by)
    matrix = _matrix(mapped, reference[used], order=list(words.values()))
    sampled = set(mapped.tolist())
    weights = pd.Series({name: areas[name] if name in sampled else 0.0 for name in matrix.index})
    return PointAssessment(
        by=by,
        accuracy=assess_accuracy(matrix, weights),
        error_matrix=matrix,
        read=len(rows),
        unanswered=int((reference == "").sum()),
        outside=int(((rows < 0) & (reference != "")).sum()),
        unsampled_ha={name: area for name, area in areas.items() if name not in sampled},
        remarks=_remarks(study, sheet, matrix),
    )


def _observed_column(points: gpd.GeoDataFrame, path: Path | str) -> tuple[By, str]:
    known_as = {plain_text(name): str(name) for name in points.columns if name != points.geometry.name}
    kinds: tuple[tuple[By, tuple[str, ...]], ...] = (("zone", ZONE_COLUMNS), ("class", CLASS_COLUMNS))
    empty: tuple[By, str] | None = None
    for by, spellings in kinds:
        column = next((known_as[each] for each in spellings if each in known_as), None)
        if column is None:
            continue
        if points[column].fillna("").astype(str).str.strip().ne("").any():
            return by, column
        empty = empty or (by, column)
    if empty is not None:
        return empty
    raise MissingError(
        _("{path} no tiene una columna con la zona observada").format(path=path),
        expected=_("Se esperaba «zona» o «clase»; tiene: {names}").format(names=", ".join(known_as.values())),
    )


def _words(study: Study, by: By) -> dict[str, str]:
    """Return how a zone or class may be written, and what it is."""
    if by == "class":
        return {plain_text(name): name for name in CLASS_ORDER}
    names = zone_names(study)
    return {plain_text(code): code for code in names} | {plain_text(name): code for code, name in names.items()}


def _word(answer: str, words: Mapping[str, str], row: int, path: Path | str) -> str:
    if not answer:
        return ""
    found = words.get(plain_text(answer))
    if found is None:
        of_classes = set(words.values()) <= set(CLASS_ORDER)
        said = _("{path}, punto {row}: «{answer}» no es una clase de aptitud")
        if not of_classes:
            said = _("{path}, punto {row}: «{answer}» no es una zona del estudio")
        raise InputError(
            said.format(path=path, row=row, answer=answer),
            expected=_("Se esperaba una de: {names}").format(names=", ".join(dict.fromkeys(words.values()))),
        )
    return found


def _matrix(mapped: Any, reference: Any, *, order: list[str]) -> pd.DataFrame:  # noqa: ANN401  arrays of names
    present = set(mapped.tolist()) | set(reference.tolist())
    names = [name for name in dict.fromkeys(order) if name in present]
    table = pd.crosstab(pd.Series(mapped), pd.Series(reference)).reindex(index=names, columns=names, fill_value=0)
    return table.rename_axis(index="map", columns="reference").astype(int)


def _remarks(study: Study, sheet: FieldSheet, matrix: pd.DataFrame) -> tuple[str, ...]:
    found = []
    rules = sheet.about.get("Reglas")
    if rules and rules != study.manifest["ruleset_hash"]:
        found.append(
            _("La planilla se hizo para otras reglas (estudio «{name}»): sus estratos no son los de este mapa").format(
                name=sheet.about.get("Estudio", "?")
            )
        )
    if not sheet.about:
        found.append(
            _("Los puntos no salen de un muestreo de este programa: se toman como si fueran al azar en cada zona")
        )
    few = [str(name) for name, count in matrix.sum(axis=1).items() if 0 < count < 20]  # noqa: PLR2004  see below
    if few:
        found.append(_("Menos de 20 puntos en {names}: lea el error estándar").format(names=", ".join(few)))
    return tuple(found)
