"""The land of a run: every characteristic the rules want, for any strip of rows, with memory that does not grow.

Layers are read from their files strip by strip; only what needs the whole territory at once (distances, height above
the stream) is computed before and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from gis.grid import Grid
from layers.workspace import Workspace
from zoning.land.cell_places import CellPlaces
from zoning.land.climate_columns import climate_columns, monthly_themes
from zoning.land.distances import SOURCES, Distances, as_metres, distance_field, point_distances
from zoning.land.height_above_stream import HeightAboveStream, prepare_height
from zoning.land.land_inventory import CLIMATE_LAYERS, SOIL_BANDS, LandInventory
from zoning.land.land_watcher import LandWatcher
from zoning.land.prepared_raster import ErrorRows, PreparedRaster, aspect_rows, slope_rows
from zoning.land.scenario_land import LandChanges
from zoning.rules.characteristic import Characteristic
from zoning.seasons import Calendar

Floats = npt.NDArray[np.float32]
Wanted = tuple[Characteristic, ...]


class LandData:
    """Open layers of a workspace on the grid of a run. Use it as a context; strips may be read from several threads.

    Parameters
    ----------
    workspace
        Whose prepared layers are read.
    grid
        Grid of the run: the territory's or a coarser one.
    inventory
        What is there (:func:`zoning.land.land_inventory.take_inventory`).
    frost_offset
        From the mean to the extreme of the minima, degC.
    calendar
        Months of the territory's hemisphere.
    changes
        Scenario to apply; ``None`` is the land as it is.
    watcher
        Shown every strip that is read; ``None`` is nobody.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged, or finer cells are asked for than were prepared.
    """

    def __init__(
        self,
        workspace: Workspace,
        grid: Grid,
        inventory: LandInventory,
        *,
        frost_offset: float,
        calendar: Calendar,
        changes: LandChanges | None = None,
        watcher: LandWatcher | None = None,
    ) -> None:
        self.workspace = workspace
        self._watcher = watcher
        self.changes = changes
        self.grid = grid
        self.inventory = inventory
        self._frost_offset, self._calendar = frost_offset, calendar
        self._distances: dict[str, Distances] = {}
        self._irrigated: npt.NDArray[np.bool_] | None = None
        self._height: HeightAboveStream | None = None
        self._rasters: dict[str, PreparedRaster] = {}
        with ExitStack() as stack:
            for theme in CLIMATE_LAYERS:
                self._open(stack, theme, f"{theme}_{inventory.climate}")
            for name in ("elevation", "soil", "soil_depth"):
                self._open(stack, name, name)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._stack.close()

    def prepare(self, wanted: Wanted, places: CellPlaces, *, like: LandData | None = None) -> None:
        """Compute what needs the whole territory at once: distances and height above the stream.

        Parameters
        ----------
        wanted
            Characteristics that will be asked for.
        places
            Cells that will be asked for.
        like
            The same layers prepared for the same cells, whose distances are taken over.

        Raises
        ------
        gis.errors.VallesError
            A layer is damaged.
        """
        known = {} if like is None else like._distances  # noqa: SLF001  another of this class
        names = sorted({each.name for each in wanted} & self.inventory.available)
        distances = [name for name in names if name in SOURCES]
        # One after the other: each uses every core by itself, and two at once would hold two rasters of the whole box.
        for name in distances:
            if name in known:
                self._distances[name] = known[name]
                continue
            self._distances[name] = distance_field(self.workspace, name, self.grid)[places.inside]
        if "height_above_stream" in names and "height_above_stream" not in self.inventory.flagged:
            self._open_height()
        if self.changes is not None and self.changes.irrigated is not None:
            self._irrigated = self.changes.irrigated_mask(self.grid)[places.inside]

    def columns(
        self, wanted: Wanted, start: int, stop: int, places: CellPlaces, *, read: dict[Path, Floats] | None = None
    ) -> dict[str, Floats]:
        """Measure characteristics in the cells of a strip.

        Parameters
        ----------
        wanted
            What to measure. What no layer gives is left out of the answer: it is missing everywhere.
        start, stop
            First row and the one after the last.
        places
            Cells wanted, those that :meth:`prepare` was told of.
        read
            Files to their values in these cells, filled here unless another of this class has done so.

        Returns
        -------
        dict
            Characteristic key to float32 values of the wanted cells of these rows, row by row, NaN where missing.

        Raises
        ------
        gis.errors.VallesError
            A layer turns out damaged.
        """
        inside = places.inside[start:stop]

        def rows(name: str) -> Floats:
            raster, kept = self._rasters[name], {} if read is None else read
            if raster.path not in kept:
                kept[raster.path] = raster.cells(start, stop, inside)
            values = self._changed(name, kept[raster.path])
            if self._watcher is not None and name in CLIMATE_LAYERS:
                self._watcher.see_months(name, start, stop, values)
            return values

        found = self._climate_columns(wanted, rows)
        found |= self._soil_columns(wanted, rows)
        for each in wanted:
            if each.name == "elevation" and "elevation" in self._rasters:
                found[each.key] = rows("elevation")[0]
            elif each.name == "slope" and "elevation" in self._rasters:
                found[each.key] = slope_rows(self._rasters["elevation"], start, stop)[inside]
            elif each.name in self._distances:
                found[each.key] = as_metres(self._distances[each.name][places.rows(start, stop)])
            elif each.name == "height_above_stream" and self._height is not None:
                found[each.key] = self._height.rows(start, stop)[inside]
        if self._watcher is not None:
            self._watcher.see_columns(start, stop, found)
        return found

    def months(
        self, theme: str, start: int, stop: int, places: CellPlaces, months: tuple[int, ...] | None = None
    ) -> Floats | None:
        """Return months of a layer as the scenario has it, shape (months, cells); ``None`` without the layer.

        Parameters
        ----------
        theme
            A key of :data:`zoning.land.land_inventory.CLIMATE_LAYERS`.
        start, stop, places
            As of :meth:`columns`.
        months
            Months wanted, from 1; ``None`` is all.
        """
        if theme not in self._rasters:
            return None
        raster, inside = self._rasters[theme], places.inside[start:stop]
        if months is None:
            return self._changed(theme, raster.cells(start, stop, inside))
        return self._changed(theme, raster.rows(start, stop, [month - 1 for month in months])[:, inside])

    def slope(self, start: int, stop: int, places: CellPlaces, *, error: ErrorRows) -> Floats:
        """Return the slope, %, shape (cells,), that an elevation with an error has; see :meth:`columns`."""
        return slope_rows(self._rasters["elevation"], start, stop, error=error)[places.inside[start:stop]]

    def opened(self, gates: tuple[str, ...], start: int, stop: int, places: CellPlaces) -> npt.NDArray[np.uint32]:
        """Return the gates that the scenario opens in the cells of a strip, as bits; parameters as in :meth:`columns`.

        Parameters
        ----------
        gates
            Names of the gates in bit order.
        """
        place = places.rows(start, stop)
        if self.changes is None or self._irrigated is None:
            return np.zeros(place.stop - place.start, dtype=np.uint32)
        return self.changes.opened_gates(gates, self._irrigated[place])

    def opened_at(self, gates: tuple[str, ...], row: int, col: int) -> npt.NDArray[np.uint32]:
        """Return the gates that the scenario opens in one cell, as bits, shape (1,)."""
        if self.changes is None:
            return np.zeros(1, dtype=np.uint32)
        return self.changes.opened_gates(
            gates, self.changes.irrigated_mask(self.grid.rows_window(row, row + 1))[0, [col]]
        )

    def at(self, wanted: Wanted, row: int, col: int) -> dict[str, Floats]:
        """Measure characteristics in one cell with the values a whole run has there, each of shape (1,).

        Distances are measured around the cell only: :meth:`prepare` is not needed.

        Raises
        ------
        gis.errors.VallesError
            The cell does not exist or a layer is damaged.
        """

        def cell(name: str) -> Floats:
            return self._changed(name, self._rasters[name].cell_values(row, col)[:, np.newaxis])

        found = self._climate_columns(wanted, cell)
        found |= self._soil_columns(wanted, cell)
        names = {each.name for each in wanted}
        if "elevation" in names and "elevation" in self._rasters:
            found["elevation"] = cell("elevation")[0]
        if "slope" in names and "elevation" in self._rasters:
            found["slope"] = slope_rows(self._rasters["elevation"], row, row + 1)[0, col : col + 1]
        if "aspect" in names and "elevation" in self._rasters:
            found["aspect"] = aspect_rows(self._rasters["elevation"], row, row + 1)[0, col : col + 1]
        distances = tuple(sorted(names & self.inventory.available & set(SOURCES)))
        for name, metres in point_distances(self.workspace, distances, self.grid, row=row, col=col).items():
            found[name] = as_metres(np.array([metres], dtype=np.uint16))
        if "height_above_stream" in names & self.inventory.available - self.inventory.flagged:
            self._open_height()
        if self._height is not None and "height_above_stream" in names:
            found["height_above_stream"] = self._height.rows(row, row + 1)[0, col : col + 1]
        return found

    def months_at(self, row: int, col: int) -> dict[str, Floats]:
        """Return the monthly layers of one cell by theme, each of shape (12,), as far as they are prepared.

        Raises
        ------
        gis.errors.VallesError
            The cell does not exist or a layer is damaged.
        """
        themes = [theme for theme in CLIMATE_LAYERS if theme in self._rasters]
        return {
            theme: self._changed(theme, self._rasters[theme].cell_values(row, col)[:, np.newaxis])[:, 0]
            for theme in themes
        }

    def _open(self, stack: ExitStack, name: str, layer: str) -> None:
        if self.workspace.has_layer(layer):
            self._rasters[name] = stack.enter_context(PreparedRaster(self.workspace.layer(layer), self.grid))

    def _changed(self, name: str, values: Floats) -> Floats:
        if self.changes is None or name not in CLIMATE_LAYERS:
            return values
        return self.changes.climate(name, values)

    def _open_height(self) -> None:
        if self._height is None:
            self._height = HeightAboveStream(prepare_height(self.workspace, self.grid), self.grid)
            self._stack.callback(self._height.close)

    def _climate_columns(self, wanted: Wanted, read: Callable[[str], Floats]) -> dict[str, Floats]:
        themes, offset = monthly_themes(wanted, self._rasters), self._frost_offset
        return climate_columns(wanted, themes, read, frost_offset=offset, calendar=self._calendar)

    def _soil_columns(self, wanted: Wanted, rows: Callable[[str], Floats]) -> dict[str, Floats]:
        names = {each.name for each in wanted}
        found: dict[str, Floats] = {}
        if "soil_depth" in names and "soil_depth" in self._rasters:
            found["soil_depth"] = rows("soil_depth")[0]
        asked = sorted(names & set(SOIL_BANDS) & self.inventory.available)
        if asked:
            soil, order = rows("soil"), self._rasters["soil"].names
            found |= {name: np.ascontiguousarray(soil[order.index(SOIL_BANDS[name])]) for name in asked}
        return found
