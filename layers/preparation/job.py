"""One prepared layer as a job: what goes in, what decides the result, and who makes it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.atomic import sha256_of
from gis.grid import Grid
from gis.rasters.cell_runs import CellRuns
from gis.vectors.vector import rasterise
from layers.catalogue.theme_records import Theme
from layers.map_layer import Bounds
from layers.mirrors.checked_files import Checked
from layers.mirrors.mirror import MirrorLayer
from layers.provenance import LayerRecord, SourceFile
from layers.workspace import Workspace

PREPARATION = 1
"""Version of the preparation; raised when the same sources would give other bytes."""
STRIP_ROWS = 256
"""Rows of the grid that are held in memory at once."""
_NEAR_CELLS = 2
_AROUND_DEG = 0.05


class Progress(Protocol):
    """Told how far a stage has come."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` parts of ``stage`` are finished."""
        ...


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Bench:
    """What every job works on: the workspace, the checked files, the grid and the municipalities."""

    workspace: Workspace
    files: Checked
    grid: Grid
    municipalities: gpd.GeoDataFrame
    """Prepared municipalities in the projection of the grid."""
    progress: Progress = silent
    _made: dict[Hashable, NDArray[np.float64]] = field(default_factory=dict, init=False, repr=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @cached_property
    def inside(self) -> CellRuns:
        """Cells that a municipality touches or nearly does."""
        outline = self.municipalities.geometry.union_all().buffer(_NEAR_CELLS * self.grid.cell)
        frame = gpd.GeoDataFrame(geometry=[outline], crs=self.municipalities.crs)
        strips = (self.grid.rows_window(start, stop) for start, stop in self.grid.strips(STRIP_ROWS))
        return CellRuns(rasterise(frame, each, all_touched=True) for each in strips)

    def once(self, key: Hashable, make: Callable[[], NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return what ``make`` gives, made once for all jobs that name it by the same key."""
        with self._turn:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]

    @cached_property
    def box(self) -> Bounds:
        """West, south, east, north in degrees of the municipalities, with 0.05° (5 km) around them."""
        west, south, east, north = (float(value) for value in self.municipalities.to_crs("EPSG:4326").total_bounds)
        return (west - _AROUND_DEG, south - _AROUND_DEG, east + _AROUND_DEG, north + _AROUND_DEG)


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a job tells about its result."""

    steps: tuple[str, ...]
    native_cell_m: float | None = None
    notes: Mapping[str, Any] | None = None
    companions: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Job:
    """One layer to prepare."""

    prepared: str
    """Name of the layer, its file's without the ending."""
    theme: Theme
    entries: tuple[MirrorLayer, ...]
    """What goes in; the first is the one the provenance is named after."""
    make: Callable[[Bench, Job, Path], Made]
    """Writes the file."""
    ending: str = ".tif"
    options: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else decides the result."""

    @property
    def file(self) -> str:
        """Name of the file in the folder of layers."""
        return f"{self.prepared}{self.ending}"

    def settings(self, bench: Bench) -> str:
        """Return the hash of everything that decides the result.

        Raises
        ------
        gis.errors.MissingError, gis.errors.InputError, gis.errors.StorageError
            A file is absent or not what the mirror announces.
        """
        territory, grid = bench.workspace.territory, bench.grid
        decided = {
            "preparation": PREPARATION,
            "prepared": self.prepared,
            "territory": [territory.id, territory.crs, territory.area_crs, territory.cell_m, territory.demo],
            "grid": [grid.left, grid.top, grid.rows, grid.cols],
            "outline": hashlib.sha256(bench.municipalities.geometry.union_all().wkb).hexdigest(),
            "entries": [
                [each.theme, bench.files.sha256(each), each.layer, list(each.bands), each.unit, each.climate_source]
                for each in self.entries
            ],
            "options": dict(self.options),
        }
        return settings_hash(decided)


def settings_hash(decided: Mapping[str, Any]) -> str:
    """Return the SHA-256 of settings, whatever the order of their keys."""
    text = json.dumps(decided, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def record_of(
    path: Path, made: Made, *, theme: Theme, entries: Sequence[MirrorLayer], files: Checked, settings: str
) -> LayerRecord:
    """Return the provenance of a layer that has just been written to ``path``.

    Raises
    ------
    gis.errors.StorageError
        The file cannot be read back.
    """
    sources = tuple(
        SourceFile(
            file=each.file,
            sha256=files.sha256(each),
            source=each.source,
            licence=each.licence,
            attribution=each.attribution,
            date=each.date,
        )
        for each in entries
    )
    return LayerRecord(
        name=path.stem,
        theme=theme.id,
        file=path.name,
        source=_joined(each.source for each in sources),
        licence=_joined(each.licence for each in sources),
        attribution=_joined(each.attribution for each in sources),
        date=_joined(each.date for each in sources),
        sha256=sources[0].sha256,
        unit=theme.unit,
        steps=(*(step for each in entries for step in each.steps), *made.steps),
        prepared_sha256=sha256_of(path),
        prepared_bytes=path.stat().st_size,
        settings=settings,
        native_cell_m=made.native_cell_m,
        companions=made.companions,
        sources=sources,
        notes=made.notes,
    )


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))
