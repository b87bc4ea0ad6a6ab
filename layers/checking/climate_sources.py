"""How far the climate sources of a workspace lie apart, municipality by municipality: the choice moves zones."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.grid import Grid
from gis.messages import Figure, translator
from gis.rasters.overview import coarse_view
from gis.vectors.rasterise import rasterise_values
from layers.checking.check_report import ClimateGap
from layers.preparation.prepare_climate import RAIN, TEMPERATURES
from layers.provenance import LayerRecord
from layers.workspace import Workspace

_ = translator("layers")

Floats = NDArray[np.float64]

_SIDE = 400
_NEVER_FINER_M = 30.0


class ClimateSample:
    """The climate of a workspace seen from afar: about 400 cells a side, each of one municipality.

    Parameters
    ----------
    workspace
        Whose prepared climate is read.
    grid
        The grid of its layers.
    municipalities
        In the projection of the grid, with ``code`` and ``name``.
    """

    def __init__(self, workspace: Workspace, grid: Grid, municipalities: gpd.GeoDataFrame) -> None:
        self._workspace = workspace
        self._municipalities = municipalities
        self._cell = max(grid.cell, max(grid.shape) * grid.cell / _SIDE, _NEVER_FINER_M)
        coarse = Grid.covering(grid.bounds, crs=grid.crs, cell=self._cell)
        unit = rasterise_values(municipalities, np.arange(1, len(municipalities) + 1), coarse)
        self._grid = coarse
        self._row, self._col = (each.astype(np.int32) for each in np.nonzero(unit))
        self._unit = unit[self._row, self._col]
        self._read: dict[str, Floats] = {}

    def sources(self, records: Mapping[str, LayerRecord]) -> tuple[str, ...]:
        """Return the names of the sources that have temperature or rain, sorted."""
        known = {name for name in records if self._workspace.has_layer(name)}
        stems = (f"{TEMPERATURES[0]}_", f"{RAIN}_")
        return tuple(sorted({name.removeprefix(stem) for stem in stems for name in known if name.startswith(stem)}))

    def months(self, layer: str) -> Floats | None:
        """Return the values of a monthly layer at the sample's places, (12, places), ``None`` without one."""
        if layer not in self._read:
            if not self._workspace.has_layer(layer):
                return None
            view = coarse_view(self._workspace.layer(layer), self._cell)
            self._read[layer] = view.at_cells(self._grid, self._row, self._col).astype(np.float64)
        return self._read[layer]

    def gaps(self, records: Mapping[str, LayerRecord], chosen: str) -> tuple[ClimateGap, ...]:
        """Compare every other source with the chosen one: the whole territory, then each municipality.

        Parameters
        ----------
        records
            Prepared layers.
        chosen
            The source that zoning reads; the first by name where it is not there.
        """
        names = self.sources(records)
        against = chosen if chosen in names else names[0] if names else ""
        told: list[ClimateGap] = []
        for source in names:
            if source == against:
                continue
            rows = [("", _("Todo el territorio"), np.ones(self._unit.shape, dtype=np.bool_))]
            for number, each in enumerate(self._municipalities.itertuples(), start=1):
                rows.append((str(each.code), str(each.name), self._unit == number))
            for code, name, mask in rows:
                warm = self._pair(TEMPERATURES[0], source, against, mask)
                rain = self._pair(RAIN, source, against, mask)
                told.append(
                    ClimateGap(
                        code=code,
                        name=name,
                        source=source,
                        against=against,
                        temperature_c=None if warm is None else round(warm[0] - warm[1], 3),
                        rain_share=None if rain is None or not rain[1] else round(rain[0] / rain[1] - 1.0, 4),
                    )
                )
        return tuple(told)

    def _pair(self, theme: str, one: str, other: str, mask: NDArray[np.bool_]) -> tuple[float, float] | None:
        """Return the means of two sources over the places of a mask that both know."""
        first, second = self.months(f"{theme}_{one}"), self.months(f"{theme}_{other}")
        if first is None or second is None:
            return None
        mine, theirs = first[:, mask].mean(axis=0), second[:, mask].mean(axis=0)
        both = np.isfinite(mine) & np.isfinite(theirs)
        return (float(mine[both].mean()), float(theirs[both].mean())) if both.any() else None


def gap_warnings(gaps: tuple[ClimateGap, ...]) -> list[str]:
    """Say in words how far the sources lie apart over the whole territory."""
    told = []
    for each in gaps:
        if each.code:
            continue
        if each.temperature_c is not None:
            told.append(
                _("temperature_mean_{source} frente a temperature_mean_{against}: {gap:+.2f} °C").format(
                    source=each.source, against=each.against, gap=Figure(each.temperature_c)
                )
            )
        if each.rain_share is not None:
            told.append(
                _("precipitation_{source} frente a precipitation_{against}: {gap:+.0%} de lluvia").format(
                    source=each.source, against=each.against, gap=Figure(each.rain_share)
                )
            )
    return told
