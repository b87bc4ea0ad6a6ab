"""What overlays are rated by: distances of kilometres and relief, on cells of about 120 m.

A run on finer cells measures them on blocks of its cells, and every cell of a block has the block's value: the limits
are kilometres, and nine distances on thirty million cells would cost more than the zones themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter, minimum_filter

from gis.grid import Grid
from gis.rasters.warp import warp
from layers.workspace import Workspace
from zoning.land.distances import (
    SOURCES,
    MaskOf,
    as_metres,
    distance_field,
    mask_distances,
    nearest_mark,
    point_distances,
)

Floats = npt.NDArray[np.float32]

BLOCK_M = 120.0
"""Side of a block that overlays aim at, m."""

RELIEF_M = 500.0
"""Relief is the range of elevation within this of a block, m."""

FOREST = "distance_forest"
"""Measured to the forest of the cover raster where there is one, else to mapped woods."""


@dataclass(frozen=True, eq=False, kw_only=True)
class OverlayLand:
    """The measures of overlays in a workspace, on blocks of the cells of a run."""

    workspace: Workspace
    grid: Grid
    """Grid of the run."""
    available: frozenset[str]
    """Characteristics that some layer gives (:class:`zoning.land.land_inventory.LandInventory`)."""
    forest_classes: tuple[int, ...]
    """Classes of the cover raster that are natural forest."""

    @cached_property
    def factor(self) -> int:
        """Cells of the run along the side of a block."""
        return max(round(BLOCK_M / self.grid.cell), 1)

    @cached_property
    def blocks(self) -> Grid:
        """The blocks: the grid of the run, coarser; its last row and column may reach beyond it."""
        return Grid(
            self.grid.crs,
            self.grid.cell * self.factor,
            left=self.grid.left,
            top=self.grid.top,
            rows=math.ceil(self.grid.rows / self.factor),
            cols=math.ceil(self.grid.cols / self.factor),
        )

    @cached_property
    def offered(self) -> frozenset[str]:
        """Names that can be measured here."""
        found = set(self.available & set(SOURCES))
        if self.workspace.has_layer("land_cover"):
            found.add(FOREST)
        if self.workspace.has_layer("elevation"):
            found.add("relief")
        return frozenset(found)

    def columns(self, names: tuple[str, ...]) -> dict[str, Floats]:
        """Measure characteristics in all blocks, each with the shape of :attr:`blocks`; absent ones are left out.

        Raises
        ------
        gis.errors.VallesError
            A layer is damaged.
        """
        found: dict[str, Floats] = {}
        for name in sorted(self.offered.intersection(names)):
            if name == "relief":
                found[name] = self._relief(self.blocks)
            elif name == FOREST and self._cover is not None:
                found[name] = as_metres(mask_distances(self._cover, self.blocks))
            else:
                found[name] = as_metres(distance_field(self.workspace, name, self.blocks))
        return found

    def at(self, names: tuple[str, ...], row: int, col: int) -> dict[str, float]:
        """Measure characteristics in the block of one cell of the run, with the values that :meth:`columns` has there.

        Raises
        ------
        gis.errors.VallesError
            A layer is damaged.
        """
        row, col = row // self.factor, col // self.factor
        found: dict[str, float] = {}
        wanted = self.offered.intersection(names)
        if "relief" in wanted:
            found["relief"] = float(self._relief(self.blocks.rows_window(row, row + 1))[0, col])
        if FOREST in wanted and self._cover is not None:
            found[FOREST] = _metres(nearest_mark(self._cover, self.blocks, row=row, col=col))
        plain = tuple(sorted(wanted - {"relief", *found}))
        for name, metres in point_distances(self.workspace, plain, self.blocks, row=row, col=col).items():
            found[name] = _metres(metres)
        return found

    @property
    def _cover(self) -> MaskOf | None:
        if not self.workspace.has_layer("land_cover"):
            return None
        path, classes = self.workspace.layer("land_cover"), self.forest_classes

        def forest(window: Grid) -> npt.NDArray[np.bool_]:
            return np.isin(warp(path, window, unit="class", method="mode").filled(), classes)

        return forest

    def _relief(self, window: Grid) -> Floats:
        """Return the range of elevation around each block, m, NaN where the elevation is missing."""
        reach = max(round(RELIEF_M / window.cell), 1)
        around = Grid(
            window.crs,
            window.cell,
            left=window.left - reach * window.cell,
            top=window.top + reach * window.cell,
            rows=window.rows + 2 * reach,
            cols=window.cols + 2 * reach,
        )
        heights = warp(self.workspace.layer("elevation"), around, unit="m").filled()
        known = ~np.isnan(heights)
        size = 2 * reach + 1
        high = maximum_filter(np.where(known, heights, -np.inf), size=size, mode="nearest")
        low = minimum_filter(np.where(known, heights, np.inf), size=size, mode="nearest")
        spread = np.where(known, high - low, np.nan).astype(np.float32)
        inner: Floats = spread[reach : reach + window.rows, reach : reach + window.cols]
        return inner


def _metres(stored: int) -> float:
    return float(as_metres(np.array([stored], dtype=np.uint16))[0])
