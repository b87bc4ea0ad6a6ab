"""Rasters brought onto the grid: relief, soil, land cover."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError, MissingError, NothingHereError, UnitError
from gis.grid import Grid
from gis.messages import translator
from gis.rasters.cells import CellSteps
from gis.rasters.cog import CogWriter
from gis.rasters.raster import RasterInfo, raster_info
from gis.rasters.stored_field import stored_field
from gis.rasters.warp import warper
from layers.catalogue.raster_themes import raster_themes
from layers.catalogue.theme_records import Band, Theme
from layers.mirrors.mirror import Mirror, MirrorLayer
from layers.preparation.job import STRIP_ROWS, Bench, Job, Made
from layers.spelling import plain_text

_ = translator("layers")

_MONTHS_BESIDE = 24


def _beside_round(step: float) -> CellSteps:
    """Return whole numbers of a step, moved beside the round numbers by half of the finest mean of twelve months.

    The limits of crops are round numbers. Were the stored steps of the climate round too, all cells of one step (up to
    0.016 % of a territory) would lie exactly on such a limit and jump together when it moves by a hair. Stored like
    this no value, and no mean or sum of one to twelve months, meets a round number. Soil is not moved: where its source
    says a round number all over, the value of a limit still belongs to the class.
    """
    return CellSteps(dtype="int16", scale=step, offset=step / _MONTHS_BESIDE)


CELLS: dict[str, CellSteps] = {
    "elevation": CellSteps(),
    "soil": CellSteps(dtype="int32", scale=0.001),
    "soil_depth": CellSteps(dtype="int16", scale=0.1),
    "soil_group": CellSteps(dtype="int16"),
    "land_cover": CellSteps(dtype="uint8"),
    "temperature_mean": _beside_round(0.01),
    "temperature_min": _beside_round(0.01),
    "temperature_max": _beside_round(0.01),
    "precipitation": _beside_round(0.1),
}
"""How the cells of each prepared raster are stored."""
COARSE = 4.0
"""Source cells this many times as large as the grid's are read as a smooth field, exactly, not by a warped window."""
_STRIP_BYTES = 8 * 2**20
"""Bytes of values that a strip may hold."""
_FEWEST_ROWS = 16
_THREADS = 2
"""Strips of one layer that are made at the same time."""
_SAME_UNIT = {
    "degC": ("°c", "c", "celsius", "degc", "grados c"),
    "mm/month": ("mm", "mm/mes", "mm/month"),
    "mm/year": ("mm", "mm/año", "mm/year"),
    "m": ("m", "metros", "metres", "meters"),
    "%": ("%", "pct", "percent"),
    "pH": ("ph", "ph h2o", "-"),
    "kg/dm3": ("kg/dm3", "kg/dm³", "g/cm3", "g/cm³"),
    "cm": ("cm",),
    "class": ("class", "clase"),
}

Strip = Callable[[int, int], NDArray[np.float32]]
"""Gives rows start to stop as (bands, rows, cols) float32, NaN where missing."""


def raster_jobs(mirror: Mirror) -> list[Job]:
    """Return the rasters to prepare, other than climate, that a mirror brings."""
    jobs = []
    for theme in raster_themes():
        entry = mirror.of(theme.id)
        if entry is None or theme.prepared not in {"elevation", "soil", "soil_depth", "soil_group", "land_cover"}:
            continue
        cells = CELLS[theme.prepared]
        bands = [each.name for each in theme.bands]
        options = {"method": theme.method, "dtype": cells.dtype, "scale": cells.scale, "bands": bands}
        jobs.append(Job(prepared=theme.prepared, theme=theme, entries=(entry,), make=_make, options=options))
    return jobs


def source_bands(info: RasterInfo, entry: MirrorLayer, theme: Theme) -> list[tuple[Band, int]]:
    """Say which band of a file is which band of a theme: by name, or by position where no name is known.

    Raises
    ------
    gis.errors.MissingError
        A band that the mirror announces is not in the file.
    gis.errors.UnitError
        The mirror states a unit that is not the one of the theme.
    gis.errors.InputError
        Neither names nor numbers fit.
    """
    listed = entry.bands or tuple(range(1, info.bands + 1))
    if max(listed) > info.bands:
        raise MissingError(
            _("{file} no tiene la banda {band}").format(file=entry.file, band=max(listed)),
            expected=_("Tiene {count} bandas").format(count=info.bands),
        )
    names = {plain_text(info.names[number - 1]): number for number in reversed(listed)}
    found = []
    for band in theme.bands:
        number = next((names[key] for key in map(plain_text, (band.name, *band.aliases)) if key in names), None)
        if number is not None:
            found.append((band, number))
    if not found:
        if len(listed) < len(theme.bands):
            raise InputError(
                _("{file}: {count} bandas para «{theme}»").format(
                    file=entry.file, count=len(listed), theme=theme.title
                ),
                expected=_("Se esperaban {count}: {names}").format(
                    count=len(theme.bands), names=", ".join(each.name for each in theme.bands)
                ),
                remedy=_("Complete las bandas, o póngales nombre"),
            )
        found = list(zip(theme.bands, listed, strict=False))
    units = [each.strip() for each in entry.unit.split(";")] if entry.unit else []
    for band, number in found:
        place = min(listed.index(number), len(units) - 1)
        if units and units[place].casefold() not in {band.unit.casefold(), *_SAME_UNIT.get(band.unit, ())}:
            raise UnitError(
                _("{file}, banda {name}: unidad «{unit}»").format(file=entry.file, name=band.name, unit=units[place]),
                expected=_("Se esperaba {unit}").format(unit=band.unit),
                remedy=_("Convierta los valores, o corrija la unidad en mirror.toml"),
            )
    return found


def write_strips(bench: Bench, path: Path, strip: Strip, *, bands: Sequence[Band], cells: CellSteps) -> None:
    """Write a raster of the grid strip by strip, refusing values that are physically impossible.

    Raises
    ------
    gis.errors.UnitError
        A value lies outside the physical range of its band: the unit is not the stated one.
    gis.errors.InputError
        No cell inside the territory has a value.
    gis.errors.StorageError
        The disk refuses.
    """
    unit = "; ".join(dict.fromkeys(band.unit for band in bands))
    lows, highs = np.full(len(bands), np.inf), np.full(len(bands), -np.inf)
    names = [band.name for band in bands]
    rows = strip_rows(bench.grid, len(bands))
    tags = {"notice": bench.workspace.territory.notice} if bench.workspace.territory.notice else {}
    with CogWriter(
        path,
        bench.grid,
        names=names,
        unit=unit,
        dtype=cells.dtype,
        scale=cells.scale,
        offset=cells.offset,
        tags=tags,
        classes=unit == "class",
        strip_rows=rows,
    ) as writer:
        for start, stop, values in _ahead(strip, bench.grid.strips(rows)):
            for place, layer in enumerate(values):
                lows[place] = min(lows[place], np.fmin.reduce(layer, axis=None, initial=np.inf))
                highs[place] = max(highs[place], np.fmax.reduce(layer, axis=None, initial=-np.inf))
            _refuse_impossible(bands, lows, highs, path)
            writer.write(values, row=start)
            bench.progress(path.stem, stop, bench.grid.rows)
        if not np.isfinite(lows).any():
            raise NothingHereError(
                _("{name}: la fuente no cubre el territorio").format(name=path.stem),
                expected=_("Una capa con datos dentro de los límites municipales"),
            )


def strip_rows(grid: Grid, bands: int) -> int:
    """Return how many rows to hold at once: whatever the width of the grid and the bands, about as many bytes."""
    fitting = _STRIP_BYTES // (grid.cols * bands * np.dtype(np.float32).itemsize)
    return next((rows for rows in (STRIP_ROWS, 128, 64, 32) if rows <= fitting), _FEWEST_ROWS)


def _ahead(strip: Strip, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Yield strips in order while the next ones are made by other threads."""
    with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="valles-strip") as pool:
        waiting: deque[tuple[int, int, Future[NDArray[np.float32]]]] = deque()
        try:
            for start, stop in spans:
                waiting.append((start, stop, pool.submit(strip, start, stop)))
                if len(waiting) >= _THREADS:
                    first, last, made = waiting.popleft()
                    yield first, last, made.result()
            while waiting:
                first, last, made = waiting.popleft()
                yield first, last, made.result()
        finally:
            for _start, _stop, made in waiting:
                made.cancel()


@contextmanager
def strips_of(
    bench: Bench, path: Path, numbers: Sequence[int], *, theme: Theme, info: RasterInfo, masked: bool
) -> Iterator[Strip]:
    """Give what reads bands of a file at the cells of the grid, a strip at a time."""
    if info.cell_m >= COARSE * bench.grid.cell and theme.method == "bilinear":
        with stored_field(path, bands=numbers) as field:
            sampler = field.sampler(bench.grid)
            yield lambda start, stop: sampler.rows(
                start, stop, inside=bench.inside.rows(start, stop) if masked else None
            )
        return
    with warper(path, bench.grid, method=theme.method, bands=numbers) as source:

        def warped(start: int, stop: int) -> NDArray[np.float32]:
            values = source.rows(start, stop)
            values[~np.isfinite(values)] = np.nan
            if masked:
                values[:, ~bench.inside.rows(start, stop)] = np.nan
            return values

        yield warped


def _make(bench: Bench, job: Job, path: Path) -> Made:
    entry, theme = job.entries[0], job.theme
    source = bench.files.path(entry)
    info = raster_info(source)
    found = source_bands(info, entry, theme)
    masked = theme.prepared != "elevation"
    numbers = [number for _band, number in found]
    with strips_of(bench, source, numbers, theme=theme, info=info, masked=masked) as strip:
        write_strips(bench, path, strip, bands=[band for band, _number in found], cells=CELLS[theme.prepared])
    absent = [band.name for band in theme.bands if band not in {each for each, _number in found}]
    how = {
        "bilinear": _("a {cell:g} m por interpolación bilineal; celda de origen de {native:.0f} m"),
        "nearest": _("a {cell:g} m por la celda más cercana; celda de origen de {native:.0f} m"),
        "mode": _("a {cell:g} m por la clase más frecuente; celda de origen de {native:.0f} m"),
    }[theme.method]
    steps = [how.format(cell=bench.grid.cell, native=info.cell_m)]
    if masked:
        steps.append(_("limitado al territorio; fuera de él y de la fuente, sin dato"))
    if absent:
        steps.append(_("la fuente no trae {names}").format(names=", ".join(absent)))
    return Made(steps=tuple(steps), native_cell_m=round(info.cell_m, 1))


def _refuse_impossible(
    bands: Sequence[Band], lows: NDArray[np.float64], highs: NDArray[np.float64], path: Path
) -> None:
    for band, low, high in zip(bands, lows, highs, strict=True):
        if np.isfinite(low) and (low < band.low or high > band.high):
            raise UnitError(
                _("{name}, banda {band}: valores de {low:.4g} a {high:.4g} {unit}").format(
                    name=path.stem, band=band.name, low=low, high=high, unit=band.unit
                ),
                expected=_("Físicamente posibles: de {low:g} a {high:g} {unit}").format(
                    low=band.low, high=band.high, unit=band.unit
                ),
                remedy=_("Revise la unidad, la escala y el valor «sin dato» de la fuente"),
            )
