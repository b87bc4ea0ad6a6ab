"""What a stack is made from: the land of a run, which layers each characteristic is measured from, and their hashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.atomic import sha256_of
from gis.errors import InputError
from gis.grid import Grid
from gis.messages import translator
from gis.vectors.vector import rasterise
from layers.workspace import Workspace
from zoning.land.cell_places import CellPlaces
from zoning.land.distances import SOURCES
from zoning.land.land_data import LandData
from zoning.land.land_inventory import CLIMATE_LAYERS, CLIMATIC, SOIL_BANDS, LandInventory
from zoning.land.land_watcher import LandWatcher
from zoning.land.precedence import URBAN_USES, mapped_majority, mapped_use
from zoning.land.prepared_raster import PreparedRaster
from zoning.land.scenario_land import LandChanges, protected_areas
from zoning.rating.land_tables import IRRIGATED_BIT, MOST_CATEGORIES, TOWN_BIT, WATER_BIT
from zoning.rating.row_kernel import place_names
from zoning.rules.characteristic import Characteristic
from zoning.rules.rules_toml import content_hash
from zoning.seasons import Calendar

_ = translator("zoning")

Codes = npt.NDArray[np.uint8]
Units = npt.NDArray[np.uint16]

PLACE_LAYERS = ("municipalities", "protected_areas", "water", "land_use", "land_cover", "cover")
"""Prepared layers that the bands of places are made from."""

USE_SHIFT = 3
"""The code of the mapped present use (``PRESENT_USES`` of :mod:`zoning.land.precedence`) stands above the bits."""

_COVER = "land_cover"
_LARGEST_BYTE = 255


@dataclass(frozen=True, eq=False, kw_only=True)
class StackLand:
    """One territory under one climate source and scenario, as a stack holds it."""

    workspace: Workspace
    """Whose prepared layers are read."""
    inventory: LandInventory
    """Which of them are there."""
    grid: Grid
    """Cells, of the territory or coarser."""
    unit: Units
    """Number of the municipality of each cell, from 1 in the order of ``codes``; 0 outside, shape (rows, cols)."""
    codes: tuple[str, ...]
    """Six-digit codes of the municipalities."""
    places: CellPlaces
    """Cells inside."""
    frost_offset: float
    """From the mean to the extreme of the minima, degC."""
    calendar: Calendar
    """Months of the territory's hemisphere."""
    changes: LandChanges | None = None
    """Scenario; ``None`` is the land as it is."""

    @property
    def name(self) -> str:
        """Folder of its stack: climate source, scenario, cell."""
        scenario = f"-{self.changes.scenario.name}" if self.changes else ""
        return f"{self.inventory.climate}{scenario}-{self.grid.cell:g}m"

    @property
    def opened(self) -> tuple[str, ...]:
        """Gates that the scenario opens where it brings irrigation."""
        return tuple(self.changes.scenario.irrigation_gates) if self.changes else ()

    def open(self, watcher: LandWatcher | None = None) -> LandData:
        """Open the layers to measure characteristics with; ``watcher`` is shown every strip."""
        return LandData(
            self.workspace,
            self.grid,
            self.inventory,
            frost_offset=self.frost_offset,
            calendar=self.calendar,
            changes=self.changes,
            watcher=watcher,
        )

    def monthly(self, theme: str) -> str:
        """Return the prepared layer of a monthly theme under this climate source."""
        return f"{theme}_{self.inventory.climate}"

    def layers_of(self, each: Characteristic) -> tuple[str, ...]:
        """Return the prepared layers that a characteristic is measured from, sorted."""
        themes = [theme for theme, gives in CLIMATE_LAYERS.items() if each.name in gives]
        if each.name == "huglin":
            themes = ["temperature_mean", "temperature_max"]
        names = {self.monthly(theme) for theme in themes}
        if each.name in SOURCES:
            names |= {source.layer for source in SOURCES[each.name].present(self.workspace)}
        if each.name in {"elevation", "slope", "aspect", "relief", "height_above_stream"}:
            names.add("elevation")
        if each.name == "height_above_stream":
            names.add("streams")
        if each.name in SOIL_BANDS:
            names.add("soil")
        if each.name == "soil_depth":
            names.add("soil_depth")
        return tuple(sorted(name for name in names if self.workspace.has_layer(name)))

    def content_of(self, each: Characteristic) -> str:
        """Identify everything that the values of a characteristic depend on."""
        climate = each.name in CLIMATIC
        return content_hash(
            {
                "key": each.key,
                "layers": self._layer_hashes(self.layers_of(each)),
                "cells": self._cells(),
                "frost_offset": self.frost_offset if each.name == "extreme_min" else None,
                "calendar": repr(self.calendar) if climate else None,
                "scenario": self.changes.hash if self.changes and climate else None,
            }
        )

    def months_content(self, theme: str) -> str:
        """Identify everything that the values of a monthly theme depend on."""
        return content_hash(
            {
                "theme": theme,
                "layers": self._layer_hashes([self.monthly(theme)]),
                "cells": self._cells(),
                "scenario": self.changes.hash if self.changes else None,
            }
        )

    def fingerprint(self) -> dict[str, tuple[int, int]]:
        """Return length and time of change of every prepared layer, by its file: what changes under a reader."""
        paths = sorted(self.workspace.layers_dir.glob("*.*"))
        return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in paths if path.is_file()}

    def layer_hash(self, name: str) -> str:
        """Return the hash of the content of a prepared layer."""
        return self._layer_hashes([name])[name]

    def place_content(self) -> str:
        """Identify everything that the bands of places depend on."""
        return content_hash(
            {
                "layers": self._layer_hashes([name for name in PLACE_LAYERS if self.workspace.has_layer(name)]),
                "cells": self._cells(),
                "codes": list(self.codes),
                "scenario": self.changes.hash if self.changes else None,
            }
        )

    def categories(self) -> tuple[str, ...]:
        """Return the categories of the protected areas, sorted.

        Raises
        ------
        gis.errors.InputError
            There are more than a byte holds, or the layer is damaged.
        """
        protected = protected_areas(self.workspace, self.changes)
        found = () if protected is None else tuple(sorted(set(protected["category"].dropna().astype(str))))
        if len(found) > MOST_CATEGORIES:
            raise InputError(
                _("{count} categorías de áreas protegidas").format(count=len(found)),
                expected=_("Se esperaban a lo sumo {most}").format(most=MOST_CATEGORIES),
            )
        return found

    def place_bands(self) -> dict[str, Codes]:
        """Return the bands of places by name, each of shape (rows, cols).

        Raises
        ------
        gis.errors.VallesError
            A layer is damaged, or has a class that no byte holds.
        """
        shape, inside = self.grid.shape, self.unit > 0
        protected, areas = np.zeros(shape, dtype=np.uint8), protected_areas(self.workspace, self.changes)
        for bit, category in enumerate(self.categories()):
            if areas is not None:
                protected[rasterise(areas[areas["category"] == category], self.grid)] |= np.uint8(1 << bit)
        built = np.where(mapped_majority(self.workspace, "water", self.grid), WATER_BIT, 0).astype(np.uint8)
        built[mapped_majority(self.workspace, "land_use", self.grid, URBAN_USES)] |= TOWN_BIT
        if self.changes is not None and self.changes.irrigated is not None:
            built[self.changes.irrigated_mask(self.grid)] |= IRRIGATED_BIT
        built |= mapped_use(self.workspace, self.grid) << USE_SHIFT
        rows = (self.unit & _LARGEST_BYTE, protected, built, self._cover(), self.unit >> 8)
        bands = dict(zip(place_names(len(self.codes)), rows, strict=False))
        return {name: np.where(inside, band, 0).astype(np.uint8) for name, band in bands.items()}

    def _cover(self) -> Codes:
        if not self.workspace.has_layer(_COVER):
            return np.zeros(self.grid.shape, dtype=np.uint8)
        with PreparedRaster(self.workspace.layer(_COVER), self.grid, method="mode") as raster:
            classes = np.nan_to_num(raster.rows(0, self.grid.rows)[0], nan=0.0)
        if classes.min() < 0 or classes.max() > _LARGEST_BYTE:
            raise InputError(
                _("Clases de cobertura de {low:g} a {high:g}").format(low=classes.min(), high=classes.max()),
                expected=_("Se esperaban clases de 1 a 255"),
            )
        found: Codes = classes.astype(np.uint8)
        return found

    def _cells(self) -> dict[str, Any]:
        grid = self.grid
        place = [grid.crs.to_string(), float(grid.cell), grid.left, grid.top, grid.rows, grid.cols]
        return {"grid": place, "municipalities": self._layer_hashes(["municipalities"])}

    def _layer_hashes(self, names: tuple[str, ...] | list[str]) -> dict[str, str]:
        """Return the hash of the content of prepared layers."""
        found: dict[str, str] = {}
        for name in names:
            record = self.inventory.layers.get(name)
            found[name] = sha256_of(self.workspace.layer(name)) if record is None else record.prepared_sha256
        return found
