"""Hectares of each crop by municipality, from a model of where crops are."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np

from gis.errors import NothingHereError
from gis.messages import translator
from gis.rasters.areal_sums import areal_sums
from gis.rasters.raster import raster_info
from gis.vectors.vector_files import write_gpkg
from layers.catalogue.themes import theme
from layers.mirrors.mirror import Mirror
from layers.preparation.job import Bench, Job, Made

_ = translator("layers")

THEME = "crop_area"
_TENTHS = 1


def crop_area_jobs(mirror: Mirror) -> list[Job]:
    """Return the job of the crop areas, if a mirror brings them."""
    entry, catalogued = mirror.of(THEME), theme(THEME)
    if entry is None or catalogued is None:
        return []
    return [Job(prepared=THEME, theme=catalogued, entries=(entry,), make=_make, ending=".gpkg")]


def _make(bench: Bench, job: Job, path: Path) -> Made:
    source = bench.files.path(job.entries[0])
    info = raster_info(source)
    municipalities = bench.municipalities
    hectares = areal_sums(source, list(municipalities.to_crs(info.crs).geometry))
    grown = np.flatnonzero(np.nansum(hectares, axis=0) > 0)
    if not grown.size:
        raise NothingHereError(_("{file}: ningún cultivo dentro del territorio").format(file=source.name))
    columns = {info.names[band]: np.round(hectares[:, band], _TENTHS) for band in grown}
    total = np.where(np.isfinite(hectares).any(axis=1), np.nansum(hectares, axis=1), np.nan)
    frame = gpd.GeoDataFrame(
        {
            "code": list(municipalities["code"]),
            "name": list(municipalities["name"]),
            "total_ha": np.round(total, _TENTHS),
            **columns,
        },
        geometry=list(municipalities.geometry),
        crs=municipalities.crs,
    )
    write_gpkg(frame, path, layer=THEME)
    bench.progress(job.prepared, 1, 1)
    spread = _(
        "hectáreas por municipio: cada celda de {native:.0f} m por su parte dentro (supuesto: repartidas por igual)"
    )
    model = _("es un modelo que reparte estadísticas, no una observación: contexto, no decide ninguna zona")
    return Made(steps=(spread.format(native=info.cell_m), model), native_cell_m=round(info.cell_m, 1))
