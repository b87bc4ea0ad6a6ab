"""Checking prepared layers: what covers how much of the territory, and what would falsify a zoning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.atomic import sha256_of
from gis.errors import VallesError
from gis.messages import Figure, translator
from gis.rasters.cog import RasterReader
from gis.vectors.text_table import read_text_table
from gis.vectors.vector import overlap_area, rasterise, read_vector
from layers.catalogue.theme_records import Theme
from layers.catalogue.themes import theme, themes
from layers.preparation.job import STRIP_ROWS, Progress, silent
from layers.preparation.prepare_climate import RAIN, TEMPERATURES
from layers.preparation.territory_grid import read_municipalities, workspace_grid
from layers.provenance import LayerRecord, read_provenance
from layers.territory import Territory
from layers.workspace import Workspace

_ = translator("layers")

LEAST_COVERAGE = 0.95
"""Share of the territory that a required raster must cover."""
COARSE_RELIEF_M = 90.0
"""Elevation with coarser cells gives no slope that may decide."""
_SEAT_TOLERANCE_M = 400.0
_LEAST_CORRELATION = -0.3
_OVERLAP_M2 = 1.0


@dataclass(frozen=True, kw_only=True)
class LayerCheck:
    """What was found in one prepared layer."""

    name: str
    title: str
    required: bool
    coverage: float | None = None
    """Share of the territory's cells with a value, 0 to 1; ``None`` for vectors."""
    missing: float | None = None
    """Share of the territory's cells without one, 0 to 1."""
    low: float | None = None
    """Lowest value, in ``unit``."""
    high: float | None = None
    """Highest value, in ``unit``."""
    unit: str = ""
    features: int | None = None
    """Number of features; ``None`` for rasters."""
    native_cell_m: float | None = None
    """Side of a cell of the source on the ground, m."""
    date: str = ""
    licence: str = ""
    attribution: str = ""
    defects: tuple[str, ...] = ()
    """What would falsify a zoning."""
    warnings: tuple[str, ...] = ()
    """What a reader should know."""


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """What was found in all layers of a workspace."""

    layers: tuple[LayerCheck, ...]
    defects: tuple[str, ...] = ()
    """What concerns several layers or absent ones."""
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing would falsify a zoning."""
        return not self.defects and not any(each.defects for each in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON can hold it."""
        return {"ok": self.ok, **asdict(self)}


def check(workspace: Workspace, *, progress: Progress | None = None) -> CheckReport:
    """Read every prepared layer and say what is wrong with it.

    Parameters
    ----------
    workspace
        Whose layers are checked.
    progress
        Told ``(stage, done, total)``.

    Raises
    ------
    gis.errors.MissingError
        The municipalities have not been prepared.
    gis.errors.InputError
        ``provenance.json`` is damaged.
    """
    tell = progress or silent
    records = read_provenance(workspace.layers_dir)
    municipalities = read_municipalities(workspace)
    inside = rasterise(municipalities, workspace_grid(workspace))
    found = []
    for number, name in enumerate(sorted(records), start=1):
        found.append(_layer(workspace, records[name], inside))
        tell("check", number, len(records))
    defects = [*_absent(workspace, records), *_boundary(municipalities)]
    warnings: list[str] = []
    if workspace.has_layer("elevation"):
        defects += _correlations(workspace, records, inside)
        warnings += _seats(workspace)
    warnings += _disagreements(workspace, records, inside)
    return CheckReport(layers=tuple(found), defects=tuple(defects), warnings=tuple(warnings))


def _layer(workspace: Workspace, record: LayerRecord, inside: NDArray[np.bool_]) -> LayerCheck:
    catalogued = theme(record.theme)
    blank = LayerCheck(
        name=record.name,
        title=record.name if catalogued is None else catalogued.title,
        required=catalogued is not None and catalogued.requirement == "required",
        unit=record.unit,
        native_cell_m=record.native_cell_m,
        date=record.date,
        licence=record.licence,
        attribution=record.attribution,
        warnings=_undeclared(record),
    )
    path = workspace.layers_dir / record.file
    try:
        if sha256_of(path) != record.prepared_sha256:
            return replace(blank, defects=(_("el archivo cambió después de prepararse"),))
        if path.suffix == ".gpkg":
            return replace(blank, features=len(read_vector(path, layer=record.name)))
        if path.suffix == ".csv":
            return replace(blank, features=len(read_text_table(path)))
        with RasterReader(path) as reader:
            return _raster(blank, reader, inside, catalogued)
    except VallesError as error:
        return replace(blank, defects=(str(error),))


def _raster(blank: LayerCheck, reader: RasterReader, inside: NDArray[np.bool_], catalogued: Theme | None) -> LayerCheck:
    if reader.grid.shape != inside.shape:
        return replace(blank, defects=(_("la cuadrícula no es la del espacio de trabajo"),))
    covered, low, high = 0, np.inf, -np.inf
    for start, stop in reader.grid.strips(STRIP_ROWS):
        mask = inside[start:stop]
        if not mask.any():
            continue
        for band in range(reader.bands if start // STRIP_ROWS % 4 == 0 else 1):
            values = reader.read(start, stop, [band])[0][mask]
            present = values[np.isfinite(values)]
            covered += present.size if band == 0 else 0
            if present.size:
                low, high = min(low, float(present.min())), max(high, float(present.max()))
    share = covered / max(int(inside.sum()), 1)
    defects, warnings = [], list(blank.warnings)
    limits = _limits(catalogued)
    if limits is not None and covered and not (limits[0] <= low and high <= limits[1]):
        defects.append(
            _("valores de {low:.4g} a {high:.4g}, fuera de lo físicamente posible").format(
                low=Figure(low), high=Figure(high)
            )
        )
    if share < LEAST_COVERAGE:
        told = _("cubre {share:.1%} del territorio").format(share=Figure(share))
        (defects if blank.required else warnings).append(told)
    if blank.name == "elevation" and blank.native_cell_m is not None and blank.native_cell_m > COARSE_RELIEF_M:
        warnings.append(
            _("pendiente sin resolución suficiente: celda de origen de {cell:.0f} m").format(cell=blank.native_cell_m)
        )
    return replace(
        blank,
        coverage=share,
        missing=1.0 - share,
        low=low if covered else None,
        high=high if covered else None,
        defects=tuple(defects),
        warnings=tuple(warnings),
    )


def _limits(catalogued: Theme | None) -> tuple[float, float] | None:
    if catalogued is None or not catalogued.bands:
        return None
    return min(band.low for band in catalogued.bands), max(band.high for band in catalogued.bands)


def _undeclared(record: LayerRecord) -> tuple[str, ...]:
    absent = {_("sin licencia"): record.licence, _("sin fecha"): record.date, _("sin fuente"): record.source}
    return tuple(words for words, value in absent.items() if not value)


def _absent(workspace: Workspace, records: dict[str, LayerRecord]) -> list[str]:
    """Name the required layers that are not there, climate under the source that zoning will read."""
    wanted = []
    for each in themes():
        if each.requirement == "required":
            climate = each.id in {*TEMPERATURES, RAIN}
            name = f"{each.prepared}_{workspace.territory.climate}" if climate else each.prepared
            if name not in records or not workspace.has_layer(name):
                wanted.append(_("falta la capa necesaria «{title}» ({name})").format(title=each.title, name=name))
    return wanted


def _boundary(municipalities: gpd.GeoDataFrame) -> list[str]:
    overlap = overlap_area(municipalities)
    return [_("los municipios se solapan {area:.0f} m²").format(area=overlap)] if overlap > _OVERLAP_M2 else []


def _sample(workspace: Workspace, name: str, inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the mean over the bands of a raster in about one strip of four, NaN outside the territory."""
    parts = []
    with RasterReader(workspace.layer(name)) as reader:
        for number, (start, stop) in enumerate(reader.grid.strips(STRIP_ROWS)):
            if number % 4 == 0 or reader.grid.rows <= 4 * STRIP_ROWS:
                total = np.zeros((stop - start, reader.grid.cols), dtype=np.float32)
                for band in range(reader.bands):
                    total += reader.read(start, stop, [band])[0]
                parts.append(np.where(inside[start:stop], total / reader.bands, np.nan)[inside[start:stop]])
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.float32)


def _correlations(workspace: Workspace, records: dict[str, LayerRecord], inside: NDArray[np.bool_]) -> list[str]:
    """Temperature falls with elevation; where it does not, one of the two is in the wrong place."""
    relief = _sample(workspace, "elevation", inside)
    defects = []
    for name in sorted(each for each in records if each.startswith(f"{TEMPERATURES[0]}_")):
        warm = _sample(workspace, name, inside)
        both = np.isfinite(relief) & np.isfinite(warm)
        if both.sum() < 3 or np.ptp(relief[both]) == 0:  # noqa: PLR2004  a correlation needs three places
            continue
        correlation = float(np.corrcoef(relief[both], warm[both])[0, 1])
        if not correlation < _LEAST_CORRELATION:
            defects.append(
                _("{name} no baja con la elevación (correlación {r:.2f}): una de las dos está desplazada").format(
                    name=name, r=Figure(correlation)
                )
            )
    return defects


def _seats(workspace: Workspace) -> list[str]:
    told = []
    with RasterReader(workspace.layer("elevation")) as reader:
        for name, stated, found in _altitudes(workspace.territory, reader):
            if abs(stated - found) > _SEAT_TOLERANCE_M:
                told.append(
                    _("elevación en {name}: {found:.0f} m, y la sede está a {stated:.0f} m").format(
                        name=name, found=found, stated=stated
                    )
                )
    return told


def _altitudes(territory: Territory, reader: RasterReader) -> list[tuple[str, float, float]]:
    seats = [each.seat for each in territory.municipalities if each.seat is not None and each.seat.altitude_m]
    points = gpd.points_from_xy([each.lon for each in seats], [each.lat for each in seats], crs="EPSG:4326")
    found = []
    for seat, point in zip(seats, points.to_crs(reader.grid.crs), strict=True):
        left, bottom, right, top = reader.grid.bounds
        if left <= point.x < right and bottom < point.y <= top:
            place = reader.grid.rowcol(point.x, point.y)
            value = float(reader.value_at(place.row, place.col)[0])
            if np.isfinite(value) and seat.altitude_m is not None:
                found.append((seat.name, seat.altitude_m, value))
    return found


def _disagreements(workspace: Workspace, records: dict[str, LayerRecord], inside: NDArray[np.bool_]) -> list[str]:
    """Say how far the climate sources lie apart: the choice between them moves zones."""
    told = []
    measures: tuple[tuple[str, Callable[[float, float], str]], ...] = (
        (TEMPERATURES[0], lambda one, other: _("{gap:+.2f} °C").format(gap=Figure(other - one))),
        (RAIN, lambda one, other: _("{gap:+.0%} de lluvia").format(gap=Figure(other / one - 1.0 if one else 0.0))),
    )
    for variable, words in measures:
        names = sorted(each for each in records if each.startswith(f"{variable}_") and workspace.has_layer(each))
        means = {name: float(np.nanmean(_sample(workspace, name, inside))) for name in names}
        told += [
            _("{other} frente a {one}: {gap}").format(one=names[0], other=name, gap=words(means[names[0]], means[name]))
            for name in names[1:]
        ]
    return told
