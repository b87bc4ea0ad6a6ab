"""Comparing the prepared layers of a workspace with one another, and saying what does not fit."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.grid import Grid
from gis.messages import Figure, translator
from gis.rasters.cog import RasterReader
from gis.vectors.vector import rasterise, read_vector
from layers.checking.alignment import LEAST_SHIFT, Shift, lapse_rate, relief_shift, stream_shift
from layers.preparation.prepare_climate import TEMPERATURES
from layers.provenance import LayerRecord
from layers.territory import Territory
from layers.workspace import Workspace

_ = translator("layers")

Mask = NDArray[np.bool_]

SEAT_TOLERANCE_M = 400.0
"""Metres by which the elevation at a seat may miss its stated altitude: a coarse cell beside a valley town."""
LEAST_CORRELATION = -0.3
"""Elevation and temperature of a territory with relief correlate at least this much."""
_RATES = (-10.0, -2.5)
"""Lapse rates that the atmosphere has on land, °C/km; in feet they are 3.28 times smaller."""
_FOOT = 3.2808
_FOOT_RATIO = (2.8, 3.8)
_WINDOW = 640
_LEAST_RELIEF_M = 150.0
_FEWEST_WATER_CELLS = 50
_LEAST_WATER_SHARE = 0.3
_WATER_CLASS = 80
_SMALL_WATER_M = 3.0
_STREAM_WINDOW = 1500


def relief_defects(workspace: Workspace, records: dict[str, LayerRecord], inside: Mask) -> list[str]:
    """Say where temperature does not fall with elevation, or follows an elevation that lies elsewhere."""
    told = []
    names = sorted(each for each in records if each.startswith(f"{TEMPERATURES[0]}_") and workspace.has_layer(each))
    with RasterReader(workspace.layer("elevation")) as relief:
        if relief.grid.shape != inside.shape:
            return []
        window = _window(inside)
        z = relief.read_window(*window, [0])[0]
        for name in names:
            with RasterReader(workspace.layer(name)) as reader:
                if reader.grid.shape != inside.shape:
                    continue
                warm = reader.read_window(*window, [0])[0]
            told += _against_temperature(z, warm, name, relief.grid.cell)
    return told


def _against_temperature(z: NDArray[np.float32], warm: NDArray[np.float32], name: str, cell: float) -> list[str]:
    both = np.isfinite(z) & np.isfinite(warm)
    if both.sum() < 3 or np.ptp(z[both]) < _LEAST_RELIEF_M:  # noqa: PLR2004  a correlation needs three places
        return []
    correlation = float(np.corrcoef(z[both], warm[both])[0, 1])
    if not correlation < LEAST_CORRELATION:
        return [
            _("{name} no baja con la elevación (correlación {r:.2f}): una de las dos está desplazada").format(
                name=name, r=Figure(correlation)
            )
        ]
    told = []
    shift = relief_shift(z, warm)
    if shift is not None and shift.cells >= LEAST_SHIFT:
        told.append(
            _("la elevación está desplazada {where} respecto de {name}").format(where=_where(shift, cell), name=name)
        )
    rate = lapse_rate(z, warm)
    if rate is not None and (shift is None or shift.cells < LEAST_SHIFT) and not _RATES[0] <= rate <= _RATES[1]:
        words = _("{name} baja {rate:.1f} °C por cada km de elevación, fuera de lo que la atmósfera hace").format(
            name=name, rate=Figure(-rate)
        )
        feet = _RATES[0] <= rate * _FOOT <= _RATES[1] and rate > _RATES[1]
        told.append(words + (_(": la elevación parece estar en pies") if feet else ""))
    return told


def rate_warnings(records: dict[str, LayerRecord]) -> list[str]:
    """Say where the lapse rate fitted at the source is none that the atmosphere has."""
    told = []
    for name, record in sorted(records.items()):
        fitted = [each for each in (record.notes or {}).get("lapse_fitted_c_per_km", []) if each is not None]
        if fitted and not _RATES[0] <= float(np.median(fitted)) <= 0.0:
            told.append(
                _("{name}: en la fuente la temperatura cambia {rate:.1f} °C por km; se usó el límite permitido").format(
                    name=name, rate=Figure(float(np.median(fitted)))
                )
            )
    return told


def stream_findings(workspace: Workspace, records: dict[str, LayerRecord], inside: Mask) -> tuple[list[str], list[str]]:
    """Say where the streams do not run along the valleys: defects, and warnings where the relief is too coarse."""
    if not workspace.has_layer("streams"):
        return [], []
    with RasterReader(workspace.layer("elevation")) as reader:
        grid = reader.grid
        if grid.shape != inside.shape:
            return [], []
        window = _window(inside, side=_STREAM_WINDOW)
        z = reader.read_window(*window, [0])[0]
    native = records["elevation"].native_cell_m if "elevation" in records else None
    blur = max(1.0, (native or grid.cell) / grid.cell)
    reach = int(np.clip(np.ceil(2.5 * blur), 8, 40))
    part = _part(grid, window)
    rows, cols = np.nonzero(rasterise(read_vector(workspace.layer("streams"), layer="streams"), part))
    shift = stream_shift(z, rows, cols, reach=reach)
    if shift is None or shift.cells <= max(LEAST_SHIFT, blur):
        return [], []
    told = [
        _("los ríos caen en los valles solo si la elevación se corre {where}").format(
            where=_where(Shift(rows=-shift.rows, cols=-shift.cols), grid.cell)
        )
    ]
    return (told, []) if shift.cells > 2 * blur else ([], told)


def water_warnings(workspace: Workspace, inside: Mask) -> list[str]:
    """Say where mapped water is not water in the land cover."""
    if not (workspace.has_layer("water") and workspace.has_layer("land_cover")):
        return []
    with RasterReader(workspace.layer("land_cover")) as reader:
        grid = reader.grid
        if grid.shape != inside.shape:
            return []
        water = read_vector(workspace.layer("water"), layer="water").to_crs(grid.crs)
        wide = water[water.area > (_SMALL_WATER_M * grid.cell) ** 2]
        mask = rasterise(gpd.GeoDataFrame(geometry=wide.buffer(-grid.cell), crs=grid.crs), grid) & inside
        rows = [int(row) for row in np.flatnonzero(mask.any(axis=1))]
        if int(mask.sum()) < _FEWEST_WATER_CELLS:
            return []
        hits = sum(np.count_nonzero(reader.read(row, row + 1, [0])[0, 0][mask[row]] == _WATER_CLASS) for row in rows)
    share = hits / int(mask.sum())
    if share >= _LEAST_WATER_SHARE:
        return []
    return [
        _("solo {share:.0%} del agua cartografiada es agua en la cobertura: una de las dos está desplazada").format(
            share=Figure(share)
        )
    ]


def seat_findings(workspace: Workspace) -> tuple[list[str], list[str]]:
    """Say where the elevation misses the altitude of a seat: defects where all of them are in feet, else warnings."""
    with RasterReader(workspace.layer("elevation")) as reader:
        found = _altitudes(workspace.territory, reader)
    ratios = [height / stated for _name, stated, height in found if stated > 0]
    if ratios and all(_FOOT_RATIO[0] <= each <= _FOOT_RATIO[1] for each in ratios):
        return [
            _("la elevación de las {count} sedes es {ratio:.1f} veces su altitud: parece estar en pies").format(
                count=len(ratios), ratio=Figure(float(np.median(ratios)))
            )
        ], []
    told = [
        _("elevación en {name}: {found:.0f} m, y la sede está a {stated:.0f} m").format(
            name=name, found=height, stated=stated
        )
        for name, stated, height in found
        if abs(stated - height) > SEAT_TOLERANCE_M
    ]
    return [], told


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


def _window(inside: Mask, *, side: int = _WINDOW) -> tuple[int, int, int, int]:
    """Return first and last row and column of the square with most of the territory in it, or near it."""
    rows, cols = inside.shape
    if rows <= side and cols <= side:
        return 0, rows, 0, cols
    down = np.flatnonzero(inside.any(axis=1))
    middle = int(np.median(down)) if down.size else rows // 2
    across = np.flatnonzero(inside[middle])
    centre = int(np.median(across)) if across.size else cols // 2
    top, left = np.clip(middle - side // 2, 0, max(rows - side, 0)), np.clip(centre - side // 2, 0, max(cols - side, 0))
    return int(top), int(min(top + side, rows)), int(left), int(min(left + side, cols))


def _part(grid: Grid, window: tuple[int, int, int, int]) -> Grid:
    top, bottom, left, right = window
    return Grid(
        grid.crs,
        grid.cell,
        left=grid.left + left * grid.cell,
        top=grid.top - top * grid.cell,
        rows=bottom - top,
        cols=right - left,
    )


def _where(shift: Shift, cell: float) -> str:
    down, right = shift.rows * cell, shift.cols * cell
    parts = [
        (_("{metres:.0f} m al sur") if down > 0 else _("{metres:.0f} m al norte")).format(metres=abs(down))
        if down
        else "",
        (_("{metres:.0f} m al este") if right > 0 else _("{metres:.0f} m al oeste")).format(metres=abs(right))
        if right
        else "",
    ]
    told = " ".join(part for part in parts if part)
    return _("{cells:.0f} celdas ({where})").format(cells=shift.cells, where=told)
