"""Climate on the grid: every monthly source downscaled by elevation, and annual means given a monthly pattern."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.errors import MissingError
from gis.messages import Figure, translator
from gis.rasters.coarse_field import CoarseField
from gis.rasters.cog import RasterReader
from gis.rasters.raster import raster_info
from layers.catalogue.theme_records import Theme
from layers.catalogue.themes import theme
from layers.mirrors.mirror import Mirror, MirrorLayer
from layers.preparation.climate import SeaLevelField, monthly_anomalies, monthly_shares, reduce_to_sea_level
from layers.preparation.job import Bench, Job, Made
from layers.preparation.prepare_rasters import CELLS, Strip, source_bands, write_strips

_ = translator("layers")

TEMPERATURES = ("temperature_mean", "temperature_min", "temperature_max")
RAIN = "precipitation"
ALTERNATIVE = "climate_annual_alternative"
_ANNUAL = {"elevation_m": 0, "temp_annual": 1, "rain_annual": 2}


def climate_name(entry: MirrorLayer, *, demo: bool) -> str:
    """Return the name that a climate source has in the names of prepared layers."""
    return entry.climate_source or ("demo" if demo else "local")


def climate_jobs(mirror: Mirror, *, demo: bool) -> list[Job]:
    """Return the climate layers that a mirror allows: its monthly sources, and its annual one with their months."""
    elevation, annual = mirror.of("elevation"), mirror.of(ALTERNATIVE)
    mean = mirror.of(TEMPERATURES[0])
    jobs: list[Job] = []
    for name in (*TEMPERATURES, RAIN):
        catalogued = theme(name)
        monthly = {climate_name(each, demo=demo): each for each in reversed(mirror.layers) if each.theme == name}
        if catalogued is None or not monthly:
            continue
        options = {"cells": asdict(CELLS[name])}
        for own, entry in reversed(monthly.items()):
            needs = (entry,) if name == RAIN or elevation is None else (entry, elevation)
            jobs.append(
                Job(prepared=f"{name}_{own}", theme=catalogued, entries=needs, make=_make_monthly, options=options)
            )
        if annual is None or mean is None or climate_name(annual, demo=demo) in monthly:
            continue
        first = next(reversed(monthly.values()))
        pattern = (annual, first) if name in {RAIN, TEMPERATURES[0]} else (annual, first, mean)
        other = f"{name}_{climate_name(annual, demo=demo)}"
        jobs.append(Job(prepared=other, theme=catalogued, entries=pattern, make=_make_patterned, options=options))
    return jobs


def _make_monthly(bench: Bench, job: Job, path: Path) -> Made:
    months = _months(bench, job.entries[0], job.theme)
    native = round(raster_info(bench.files.path(job.entries[0])).cell_m, 1)
    if job.theme.id == RAIN:
        _write(bench, path, job, _sampled(bench, months))
        steps = (
            _("interpolación bilineal de {native:.0f} m a {cell:g} m").format(native=native, cell=bench.grid.cell),
        )
        return Made(steps=(*steps, _outside()), native_cell_m=native)
    if len(job.entries) == 1:
        raise MissingError(
            _("La temperatura necesita la elevación, y no la hay"),
            expected=_("Una capa con el tema «elevation»"),
            remedy=_("Traiga primero la elevación y repita la orden"),
        )
    level = reduce_to_sea_level(months, _mean_relief(bench, months, job.entries[1]))
    del months  # not needed while the strips are written
    with RasterReader(bench.workspace.layer("elevation")) as relief:
        _write(bench, path, job, _raised(bench, level, relief))
    return Made(steps=(_by_elevation(level, native), _outside()), native_cell_m=native, notes=_lapse_notes(level))


def _make_patterned(bench: Bench, job: Job, path: Path) -> Made:
    """Annual means of one source, months of another."""
    annual = _annual(bench, job.entries[0])
    native = round(raster_info(bench.files.path(job.entries[0])).cell_m, 1)
    months = _months(bench, job.entries[1], job.theme)
    pattern = climate_name(job.entries[1], demo=False)
    if job.theme.id == RAIN:
        total = annual.with_values(annual.values[_ANNUAL["rain_annual"]][np.newaxis], unit="mm/year").sampler(
            bench.grid
        )
        shares = monthly_shares(months).sampler(bench.grid)

        def rain(start: int, stop: int) -> NDArray[np.float32]:
            inside = bench.inside.rows(start, stop)
            values = shares.rows(start, stop, inside=inside)
            values *= total.rows(start, stop, inside=inside)
            return values

        _write(bench, path, job, rain)
        told = _("lluvia anual repartida en meses según {pattern}, bilineal").format(pattern=pattern)
        return Made(steps=(told, _outside()), native_cell_m=native)
    mean = months if len(job.entries) == 2 else _months(bench, job.entries[2], job.theme)  # noqa: PLR2004  annual, months
    level = reduce_to_sea_level(_one_band(annual, "temp_annual"), _one_band(annual, "elevation_m").values[0])
    anomalies = monthly_anomalies(months, mean).sampler(bench.grid)

    with RasterReader(bench.workspace.layer("elevation")) as relief:
        year = _raised(bench, level, relief)

        def temperature(start: int, stop: int) -> NDArray[np.float32]:
            values = anomalies.rows(start, stop, inside=bench.inside.rows(start, stop))
            values += year(start, stop)
            return values

        _write(bench, path, job, temperature)
    told = _("más la diferencia de cada mes con la media anual según {pattern}").format(pattern=pattern)
    return Made(steps=(_by_elevation(level, native), told, _outside()), native_cell_m=native, notes=_lapse_notes(level))


def _months(bench: Bench, entry: MirrorLayer, catalogued: Theme) -> CoarseField:
    path = bench.files.path(entry)
    found = source_bands(raster_info(path), entry, catalogued)
    return CoarseField.read(path, unit=catalogued.unit, bands=[number for _band, number in found])


def _mean_relief(bench: Bench, months: CoarseField, elevation: MirrorLayer) -> NDArray[np.float64]:
    """Return the mean elevation of the cells of a source, m; sources with the same cells share it."""
    key = (bench.files.sha256(elevation), months.crs.to_wkt(), tuple(months.transform), months.shape)
    return bench.once(key, lambda: months.average_of(bench.files.path(elevation)))


def _annual(bench: Bench, entry: MirrorLayer) -> CoarseField:
    path, catalogued = bench.files.path(entry), theme(ALTERNATIVE)
    found = [] if catalogued is None else source_bands(raster_info(path), entry, catalogued)
    if len(found) < len(_ANNUAL):
        raise MissingError(
            _("{file}: solo {count} bandas reconocidas").format(file=entry.file, count=len(found)),
            expected=_("Elevación, temperatura media anual y lluvia anual"),
        )
    return CoarseField.read(path, unit="", bands=[number for _band, number in found])


def _one_band(annual: CoarseField, name: str) -> CoarseField:
    return annual.with_values(annual.values[_ANNUAL[name]][np.newaxis])


def _sampled(bench: Bench, field: CoarseField) -> Strip:
    sampler = field.sampler(bench.grid)
    return lambda start, stop: sampler.rows(start, stop, inside=bench.inside.rows(start, stop))


def _raised(bench: Bench, level: SeaLevelField, relief: RasterReader) -> Strip:
    """Bring a field at sea level up to the elevation of the grid."""
    sampler = level.field.sampler(bench.grid)

    def raised(start: int, stop: int) -> NDArray[np.float32]:
        elevation = relief.read(start, stop, [0])[0]
        return sampler.rows(
            start, stop, slopes=level.slopes, covariate=elevation, inside=bench.inside.rows(start, stop)
        )

    return raised


def _write(bench: Bench, path: Path, job: Job, strip: Strip) -> None:
    write_strips(bench, path, strip, bands=job.theme.bands, cells=CELLS[job.theme.id])


def _by_elevation(level: SeaLevelField, native: float) -> str:
    used = [each.used for each in level.lapses]
    return _(
        "de {native:.0f} m, con la elevación: T(z) = Tref + L·(z − zref), L de {low:.2f} a {high:.2f} °C/km"
    ).format(native=native, low=Figure(min(used)), high=Figure(max(used)))


def _outside() -> str:
    return _("limitado al territorio; fuera de él y de la fuente, sin dato")


def _lapse_notes(level: SeaLevelField) -> dict[str, Any]:
    return {
        "lapse_c_per_km": [round(each.used, 3) for each in level.lapses],
        "lapse_fitted_c_per_km": [None if each.fitted is None else round(each.fitted, 3) for each in level.lapses],
        "lapse_cells": [each.cells for each in level.lapses],
    }
