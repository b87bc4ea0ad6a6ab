"""Sources that a study did not read, at the cells of its sample: the other climate, a coarser elevation."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from gis.grid import Grid
from gis.rasters.overview import coarse_view
from gis.rasters.raster import Raster
from gis.relief.terrain import slope_percent
from layers.workspace import Workspace
from zoning.land.land_inventory import CLIMATE_LAYERS
from zoning.land.prepared_raster import PreparedRaster
from zoning.land.scenario_land import LandChanges
from zoning.sensitivity.land_sample import LandSample

Floats = npt.NDArray[np.float32]

COARSE_M = 240.0
"""Cell at which two climate sources are compared, m: their difference is smooth, the relief is in both."""


def prepared_climates(workspace: Workspace) -> tuple[str, ...]:
    """Return the climate sources of which every monthly layer is prepared, sorted."""
    first, *others = CLIMATE_LAYERS
    found = (path.stem.removeprefix(f"{first}_") for path in workspace.layers_dir.glob(f"{first}_*.tif"))
    return tuple(sorted(name for name in found if all(workspace.has_layer(f"{theme}_{name}") for theme in others)))


class OtherSources:
    """Reads at the cells of a sample what the run did not read.

    Parameters
    ----------
    workspace
        Whose prepared layers are read.
    grid
        Grid of the run.
    sample
        Cells.
    climate
        Climate source of the run.
    changes
        Scenario of the run; ``None`` is the land as it is.
    """

    def __init__(
        self, workspace: Workspace, grid: Grid, sample: LandSample, *, climate: str, changes: LandChanges | None
    ) -> None:
        self._workspace, self._grid, self._sample = workspace, grid, sample
        self._climate, self._changes = climate, changes

    def months(self, climate: str) -> Mapping[str, Floats]:
        """Return the monthly climate of another source.

        It is the climate of the study in each cell plus the difference of the two sources, read at 240 m: both were
        brought down with the same elevation, so that what differs has no relief in it.

        Parameters
        ----------
        climate
            Another source, all of whose layers are prepared.

        Returns
        -------
        dict
            Theme to float32 (12, cells), degC or mm, NaN where either source has none.

        Raises
        ------
        gis.errors.VallesError
            A layer is damaged.
        """
        found: dict[str, Floats] = {}
        for theme, own in self._sample.monthly.items():
            moved = own + (self._seen(theme, climate) - self._seen(theme, self._climate))
            # Rain cannot fall below none, however the two sources differ at a border.
            found[theme] = np.maximum(moved, np.float32(0)) if theme == "precipitation" else moved
        return found

    def slope(self, cell_m: float) -> Floats:
        """Return the slope from the elevation averaged to a coarser cell, %, shape (cells,), NaN where missing.

        Raises
        ------
        gis.errors.VallesError
            The elevation is damaged.
        """
        grid = _coarser(self._grid, cell_m)
        with PreparedRaster(self._workspace.layer("elevation"), grid) as elevation:
            heights = elevation.rows(0, grid.rows)[0]
        slope = slope_percent(Raster.of(heights, unit="m", grid=grid)).filled()
        factor = round(grid.cell / self._grid.cell)
        found: Floats = slope[self._sample.row // factor, self._sample.col // factor]
        return found

    def _seen(self, theme: str, climate: str) -> Floats:
        view = coarse_view(self._workspace.layer(f"{theme}_{climate}"), COARSE_M)
        monthly = view.at_cells(self._grid, self._sample.row, self._sample.col)
        return monthly if self._changes is None else self._changes.climate(theme, monthly)


def _coarser(grid: Grid, cell_m: float) -> Grid:
    """Return a grid with the same corner whose cell is the whole multiple nearest to ``cell_m``, never finer."""
    factor = max(1, round(cell_m / grid.cell))
    rows, cols = (math.ceil(count / factor) for count in grid.shape)
    return Grid(grid.crs, grid.cell * factor, left=grid.left, top=grid.top, rows=rows, cols=cols)
