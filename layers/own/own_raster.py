"""A user's raster on the grid of the territory: classes by the nearest cell, quantities by interpolation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError
from gis.messages import translator
from gis.rasters.cells import CellSteps
from gis.rasters.raster import raster_info
from gis.rasters.raster_reader import RasterReader
from layers.catalogue.theme_records import Band, Theme
from layers.map_layer import LegendEntry
from layers.own.own_request import OwnRequest
from layers.own.own_values import MOST_CATEGORIES, Legend, number_classes
from layers.preparation.job import STRIP_ROWS, Bench
from layers.preparation.prepare_rasters import strips_of, write_strips
from layers.styles import category_legend

_ = translator("layers")

CLASS_UNIT = "class"
"""Unit of cells that are numbers of classes."""
_MOST_SAMPLED = 200_000


@dataclass(frozen=True, kw_only=True)
class OwnRaster:
    """What was written."""

    legend: Legend
    unit: str
    native_cell_m: float
    steps: tuple[str, ...]


def write_own_raster(bench: Bench, request: OwnRequest, path: Path, *, identity: str) -> OwnRaster:
    """Write a band of a raster on the grid, missing outside the territory.

    Whole numbers without a unit are taken for classes.

    Raises
    ------
    gis.errors.InputError
        The file is damaged, has several bands and none was chosen, or does not cover the territory.
    gis.errors.CrsError
        It has no reference system, or contradicts it.
    gis.errors.MissingError
        It is not there.
    """
    info = raster_info(request.file)
    if info.bands > 1 and request.band is None:
        raise InputError(
            _("{file} tiene {count} bandas").format(file=request.file.name, count=info.bands),
            expected=_("Que se diga cuál: {names}").format(
                names=", ".join(f"{number} {name}".strip() for number, name in enumerate(info.names, start=1))
            ),
            remedy=_("Agregue --band N"),
        )
    number = request.band or 1
    if not 1 <= number <= info.bands:
        raise InputError(
            _("{file} no tiene la banda {band}").format(file=request.file.name, band=number),
            expected=_("De 1 a {count}").format(count=info.bands),
        )
    classes = np.issubdtype(np.dtype(info.dtype), np.integer) and request.unit in {"", CLASS_UNIT}
    unit = CLASS_UNIT if classes else request.unit
    theme = Theme(
        id=identity,
        title=request.title,
        kind="raster",
        requirement="context",
        prepared=identity,
        method="nearest" if classes else "bilinear",
        bands=(Band(name=identity, unit=unit, low=-np.inf, high=np.inf),),
    )
    cells = CellSteps(dtype="int32") if classes else CellSteps()
    with strips_of(bench, request.file, [number], theme=theme, info=info, masked=True) as strip:
        write_strips(bench, path, strip, bands=theme.bands, cells=cells)
    values = _sample(path)
    how = (
        _("a {cell:g} m por la celda más cercana; celda de origen de {native:.0f} m")
        if classes
        else _("a {cell:g} m por interpolación bilineal; celda de origen de {native:.0f} m")
    )
    return OwnRaster(
        legend=_legend(values, identity, classes=bool(classes)),
        unit=unit,
        native_cell_m=round(info.cell_m, 1),
        steps=(how.format(cell=bench.grid.cell, native=info.cell_m),),
    )


def _sample(path: Path) -> NDArray[np.float64]:
    """Return at most so many of a raster's values, evenly drawn."""
    parts = []
    with RasterReader(path) as reader:
        every = max(1, reader.grid.rows * reader.grid.cols // _MOST_SAMPLED)
        for start, stop in reader.grid.strips(STRIP_ROWS):
            values = reader.read(start, stop, [0])[0]
            parts.append(values[np.isfinite(values)][::every])
    return np.concatenate(parts).astype(np.float64)


def _legend(values: NDArray[np.float64], name: str, *, classes: bool) -> Legend:
    if not classes:
        entries, limits = number_classes(values)
        return Legend(column=name, entries=entries, limits=limits)
    found, counts = np.unique(values.astype(np.int64), return_counts=True)
    shown = sorted(found[np.argsort(-counts, kind="stable")][:MOST_CATEGORIES].tolist())
    entries = category_legend(*((str(value), str(value)) for value in shown))
    return Legend(column=name, entries=tuple(LegendEntry(**vars(each)) for each in entries))
