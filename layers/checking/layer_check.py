"""Reading every prepared layer and saying what is wrong with it.

These defects would falsify a zoning, and make the check end with code 1:

* a file that changed after it was prepared, or lies on another grid: nobody knows what it holds;
* a required layer that is absent or covers less than 95 % of the territory: the rest would be without a class;
* values outside what is physically possible (kelvin, a «no data» number read as a value): every class made of them is
  wrong;
* a straight step at the border of tiles, or a straight strip of voids, in a required layer: a zone would end there;
* temperature that does not fall with elevation, or an elevation that fits its temperature only after being moved by
  two cells or more, or is in feet: slope and climate belong to different places;
* streams that run in the valleys only after a shift of more than two source cells: irrigation would be elsewhere;
* two months exchanged, a minimum above the mean, or the summer of the other hemisphere: seasons would be rated by
  other months;
* municipalities that overlap by more than 1 m²: hectares would count twice;
* roads, settlements or streams of which half of the municipalities have none: the source ends at a border, and every
  distance beyond it is wrong.

Everything else is a warning: a soil with gaps, an old land cover, climate sources that differ, a coarse relief.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.atomic import sha256_of
from gis.errors import VallesError
from gis.messages import Figure, translator
from gis.rasters.cog import RasterReader
from gis.vectors.vector import overlap_area, rasterise, read_vector
from layers.catalogue.themes import theme, themes
from layers.checking.alignment_words import (
    rate_warnings,
    relief_defects,
    seat_findings,
    stream_findings,
    water_warnings,
)
from layers.checking.check_report import CheckReport, LayerCheck
from layers.checking.climate_sources import ClimateSample, gap_warnings
from layers.checking.declared import declared_warnings
from layers.checking.months_check import month_defects, rain_warnings
from layers.checking.raster_check import check_raster
from layers.checking.vector_check import check_vector
from layers.preparation.job import Progress, silent
from layers.preparation.prepare_climate import RAIN, TEMPERATURES
from layers.preparation.territory_grid import read_municipalities, workspace_grid
from layers.provenance import LayerRecord, read_provenance
from layers.workspace import Workspace

_ = translator("layers")

_OVERLAP_M2 = 1.0
_SQUARE_KM = 1e6


def check(workspace: Workspace, *, progress: Progress | None = None, today: dt.date | None = None) -> CheckReport:
    """Read every prepared layer and say what is wrong with it.

    Parameters
    ----------
    workspace
        Whose layers are checked.
    progress
        Told ``(stage, done, total)``.
    today
        Day from which the age of a layer counts; by default today.

    Raises
    ------
    gis.errors.MissingError
        The municipalities have not been prepared.
    gis.errors.InputError
        ``provenance.json`` is damaged.
    """
    tell = progress or silent
    records = read_provenance(workspace.layers_dir)
    municipalities = read_municipalities(workspace).sort_values("code").reset_index(drop=True)
    grid = workspace_grid(workspace)
    inside = rasterise(municipalities, grid)
    found = []
    for number, name in enumerate(sorted(records), start=1):
        blank = _blank(records[name], today or dt.datetime.now(tz=dt.UTC).date())
        found.append(_layer(workspace, records[name], blank, inside, municipalities))
        tell("check", number, len(records) + 1)
    defects = [*_absent(workspace, records), *_overlaps(municipalities)]
    warnings: list[str] = []
    sample = ClimateSample(workspace, grid, municipalities)
    sound = {name: records[name] for name in records if workspace.has_layer(name)}
    try:
        for more, less in _comparisons(workspace, sound, sample, inside):
            defects += more
            warnings += less
        gaps = sample.gaps(sound, workspace.territory.climate)
    except VallesError as error:  # a damaged file has its own line; what rests on it cannot be told
        warnings.append(str(error))
        gaps = ()
    tell("check", len(records) + 1, len(records) + 1)
    return CheckReport(
        layers=tuple(found),
        defects=tuple(defects),
        warnings=(*warnings, *gap_warnings(gaps)),
        climate=gaps,
        boundaries=_boundary_words(records, municipalities),
    )


def _blank(record: LayerRecord, today: dt.date) -> LayerCheck:
    catalogued = theme(record.theme)
    return LayerCheck(
        name=record.name,
        title=record.name if catalogued is None else catalogued.title,
        required=catalogued is not None and catalogued.requirement == "required",
        unit=record.unit,
        native_cell_m=record.native_cell_m,
        date=record.date,
        licence=record.licence,
        attribution=record.attribution,
        warnings=declared_warnings(record, today),
    )


def _layer(
    workspace: Workspace,
    record: LayerRecord,
    blank: LayerCheck,
    inside: NDArray[np.bool_],
    municipalities: gpd.GeoDataFrame,
) -> LayerCheck:
    path = workspace.layers_dir / record.file
    try:
        if sha256_of(path) != record.prepared_sha256:
            blank = replace(blank, defects=(_("el archivo cambió después de prepararse"),))
        if path.suffix == ".gpkg":
            return check_vector(blank, read_vector(path, layer=record.name), municipalities)
        if path.suffix != ".tif":
            return blank
        with RasterReader(path) as reader:
            return check_raster(blank, reader, inside, theme(record.theme))
    except VallesError as error:
        return replace(blank, defects=(*blank.defects, str(error)))


def _comparisons(
    workspace: Workspace, records: dict[str, LayerRecord], sample: ClimateSample, inside: NDArray[np.bool_]
) -> list[tuple[list[str], list[str]]]:
    """Return defects and warnings of every comparison between layers."""
    found: list[tuple[list[str], list[str]]] = []
    if workspace.has_layer("elevation"):
        found += [
            (relief_defects(workspace, records, inside), rate_warnings(records)),
            seat_findings(workspace),
            stream_findings(workspace, records, inside),
        ]
    found.append(([], water_warnings(workspace, inside)))
    _west, south, _east, north = read_municipalities(workspace).to_crs("EPSG:4326").total_bounds
    for source in sample.sources(records):
        months = {name: sample.months(f"{name}_{source}") for name in TEMPERATURES}
        known = {name: values for name, values in months.items() if values is not None}
        found.append((month_defects(known, source, latitude=float(south + north) / 2), []))
    rain = {source: sample.months(f"{RAIN}_{source}") for source in sample.sources(records)}
    found.append(([], rain_warnings({source: values for source, values in rain.items() if values is not None})))
    return found


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


def _overlaps(municipalities: gpd.GeoDataFrame) -> list[str]:
    overlap = overlap_area(municipalities)
    return [_("los municipios se solapan {area:.0f} m²").format(area=overlap)] if overlap > _OVERLAP_M2 else []


def _boundary_words(records: dict[str, LayerRecord], municipalities: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Say what the preparation of the boundaries found, from their provenance."""
    record = records.get("municipalities")
    area = _("{count} municipios, {area:.0f} km²").format(
        count=len(municipalities), area=Figure(float(municipalities["area_ha"].sum()) / 100.0)
    )
    return (area, *(record.steps if record is not None else ()))
