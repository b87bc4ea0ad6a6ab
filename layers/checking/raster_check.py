"""One prepared raster: what it covers, whether its values can be true, and whether its tiles fit together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gis.grid import Grid
from gis.messages import Figure, translator
from gis.rasters.cog import RasterReader
from layers.catalogue.theme_records import Theme
from layers.checking.check_report import LayerCheck
from layers.checking.line_place import line_words
from layers.checking.seams import SeamFinder, void_strips
from layers.preparation.job import STRIP_ROWS

_ = translator("layers")

LEAST_COVERAGE = 0.95
"""Share of the territory that a required raster must cover."""
COARSE_RELIEF_M = 90.0
"""Elevation with coarser cells gives no slope that may decide."""
_COARSE_SOURCE = 4.0
_EVERY = 4
_SENTINELS = (-9999.0, -32768.0, -3.4e38, 9999.0, 32767.0, 65535.0)
_KELVIN = 273.15
_RELIEF_STEP_M, _RELIEF_SHARE = 10.0, 0.003
_SHARE, _COARSE_SHARE = 0.01, 0.02
_MOST_VOIDS = 0.3


@dataclass(eq=False)
class _Scan:
    """What one pass over a raster gathers."""

    covered: int = 0
    low: float = np.inf
    high: float = -np.inf
    lows: NDArray[np.float64] | None = None
    highs: NDArray[np.float64] | None = None
    spread: float = 0.0


def check_raster(
    blank: LayerCheck, reader: RasterReader, inside: NDArray[np.bool_], catalogued: Theme | None
) -> LayerCheck:
    """Check one raster.

    Parameters
    ----------
    blank
        What its provenance says.
    reader
        The open file.
    inside
        Cells of the territory, shape (rows, cols).
    catalogued
        Its theme, ``None`` where the catalogue knows none.

    Raises
    ------
    gis.errors.InputError
        The file turns out damaged.
    """
    if reader.grid.shape != inside.shape:
        return replace(blank, defects=(*blank.defects, _("la cuadrícula no es la del espacio de trabajo")))
    seams = SeamFinder(reader.grid)
    missing = np.zeros(inside.shape, dtype=np.bool_)
    scan = _scan(reader, inside, seams, missing)
    share = scan.covered / max(int(inside.sum()), 1)
    defects, warnings = list(blank.defects), list(blank.warnings)
    impossible = _impossible(scan, catalogued)
    defects += impossible
    if share < LEAST_COVERAGE:
        told = _("cubre {share:.1%} del territorio").format(share=Figure(share))
        (defects if blank.required else warnings).append(told)
    classes = catalogued is not None and catalogued.method in {"nearest", "mode"}
    if not classes and not impossible:
        steps = _step_words(seams, blank, scan, reader.grid)
        (defects if blank.required else warnings).extend(steps)
    if 0 < 1.0 - share < _MOST_VOIDS:
        strips = [
            _("una franja sin dato, {place}").format(place=line_words(each, reader.grid))
            for each in void_strips(missing)[:3]
        ]
        (defects if blank.required else warnings).extend(strips)
    if blank.name == "elevation" and blank.native_cell_m is not None and blank.native_cell_m > COARSE_RELIEF_M:
        warnings.append(
            _("pendiente sin resolución suficiente: celda de origen de {cell:.0f} m").format(cell=blank.native_cell_m)
        )
    return replace(
        blank,
        coverage=share,
        missing=1.0 - share,
        low=scan.low if scan.covered else None,
        high=scan.high if scan.covered else None,
        defects=tuple(defects),
        warnings=tuple(warnings),
    )


def _scan(reader: RasterReader, inside: NDArray[np.bool_], seams: SeamFinder, missing: NDArray[np.bool_]) -> _Scan:
    """Read the first band whole and the others in one strip of four; small rasters whole."""
    scan = _Scan(lows=np.full(reader.bands, np.inf), highs=np.full(reader.bands, -np.inf))
    tenths: list[NDArray[np.float64]] = []
    for number, (start, stop) in enumerate(reader.grid.strips(STRIP_ROWS)):
        mask = inside[start:stop]
        first = reader.read(start, stop, [0])[0]
        seams.add(np.where(mask, first, np.float32(np.nan)))
        missing[start:stop] = mask & ~np.isfinite(first)
        every = number % _EVERY == 0 or reader.grid.rows <= _EVERY * STRIP_ROWS
        for band in range(reader.bands if every and mask.any() else 1):
            values = (first if band == 0 else reader.read(start, stop, [band])[0])[mask]
            present = values[np.isfinite(values)]
            scan.covered += present.size if band == 0 else 0
            if present.size and scan.lows is not None and scan.highs is not None:
                scan.lows[band] = min(scan.lows[band], float(present.min()))
                scan.highs[band] = max(scan.highs[band], float(present.max()))
                if band == 0:
                    tenths.append(np.percentile(present, [5, 95]))
    if tenths and scan.lows is not None and scan.highs is not None:
        scan.low, scan.high = float(scan.lows.min()), float(scan.highs.max())
        scan.spread = float(np.max([each[1] for each in tenths]) - np.min([each[0] for each in tenths]))
    return scan


def _impossible(scan: _Scan, catalogued: Theme | None) -> list[str]:
    """Say which values no place on Earth has, band by band, and what they look like."""
    if catalogued is None or not catalogued.bands or not scan.covered or scan.lows is None or scan.highs is None:
        return []
    bands = catalogued.bands if len(catalogued.bands) == len(scan.lows) else None
    low = scan.lows if bands else np.array([scan.low])
    high = scan.highs if bands else np.array([scan.high])
    least = np.array([each.low for each in bands] if bands else [min(each.low for each in catalogued.bands)])
    most = np.array([each.high for each in bands] if bands else [max(each.high for each in catalogued.bands)])
    wrong = np.isfinite(low) & ((low < least) | (high > most))
    if not wrong.any():
        return []
    found = (float(low[wrong].min()), float(high[wrong].max()))
    told = _("valores de {low:.4g} a {high:.4g}, fuera de lo físicamente posible").format(
        low=Figure(found[0]), high=Figure(found[1])
    )
    return [told + _looks_like(found, (float(least.min()), float(most.max())), catalogued)]


def _looks_like(found: tuple[float, float], possible: tuple[float, float], catalogued: Theme) -> str:
    sentinel = next((each for each in _SENTINELS if each in found), None)
    if sentinel is not None:
        return _(": el «sin dato» {value:g} se leyó como valor").format(value=Figure(sentinel))
    in_kelvin = (found[0] - _KELVIN, found[1] - _KELVIN)
    if catalogued.unit == "degC" and possible[0] <= in_kelvin[0] and in_kelvin[1] <= possible[1]:
        return _(": parecen kelvin, no grados Celsius")
    return ""


def _step_words(seams: SeamFinder, blank: LayerCheck, scan: _Scan, grid: Grid) -> list[str]:
    """Name the seams; a step counts from a share of the layer's own spread on, more where its source is coarse."""
    coarse = blank.native_cell_m is not None and blank.native_cell_m > _COARSE_SOURCE * grid.cell
    relief = blank.name == "elevation"
    share = _RELIEF_SHARE if relief else _COARSE_SHARE if coarse else _SHARE
    floor = max(share * scan.spread, _RELIEF_STEP_M if relief else 0.0)
    if not floor > 0:
        return []
    return [
        _("un escalón de {step:.3g} {unit}, {place}").format(
            step=Figure(abs(each.step)), unit=blank.unit.partition(";")[0], place=line_words(each, grid)
        )
        for each in seams.seams(floor)[:3]
    ]
