"""The files of a study, written into a folder that becomes the study only when all of them stand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis.atomic import sha256_of, write_atomically
from gis.grid import Grid
from gis.rasters.cog import write_cog
from gis.rasters.raster import Raster
from gis.vectors.vector_files import write_gpkg, write_parquet, write_pmtiles
from zoning.rules.map_looks import class_look, zone_look
from zoning.rules.zone_rules import Zone
from zoning.study.summary import closed_summary, summarise_zones, summary_text

Codes = npt.NDArray[np.uint8]

LAYER = "zones"
"""Name of the layer in every vector file of a study."""

TILE_FIELDS = (
    "zone_id", "zone", "zone_name", "class", "subclass", "municipality", "area_ha", "limiting", "runner_up",
    "conflict", "restriction", "stability", "explanation",
)  # fmt: skip
"""Fields that travel in the tiles; the rest is asked for at a point."""

FIRST_ZOOM, LAST_ZOOM = 6, 12
"""Zoom levels of the tiles of a whole territory. A step of a tile of the last one is 2 m on the ground, far below what
a drawn line may leave the cells by: a map shows it larger without losing anything."""
_WIDE_DEG, _WIDE_FIRST_ZOOM = 5.0, 4

MUNICIPAL_BYTES = 1_000_000
"""Largest archive of one municipality, bytes."""

_MUNICIPAL_ZOOMS = (12, 11, 10)
_FIRST_MUNICIPAL_ZOOM = 9
_SIMPLIFY_M = {11: 20.0, 10: 40.0}


@dataclass(frozen=True, eq=False, kw_only=True)
class StudyMaps:
    """The cell maps of a study."""

    grid: Grid
    """Grid of the run."""
    zones: Codes
    """Zone number on the map, 0 outside, shape (rows, cols)."""
    classes: Codes
    """Class code of the cell in that zone, 254 where it is not rated, 255 outside, shape (rows, cols)."""


def write_vectors(folder: Path, zones: gpd.GeoDataFrame, *, areas: Mapping[str, float] | None = None) -> None:
    """Write ``zones.gpkg``, ``zones.parquet`` and ``summary.csv``, whose rounded figures add up.

    Parameters
    ----------
    folder
        Where.
    zones
        Polygons with their fields.
    areas
        ha of each municipality by its code, which its zones partition; by default what they add up to.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    write_gpkg(zones, folder / "zones.gpkg", layer=LAYER)
    write_parquet(zones, folder / "zones.parquet")
    table = closed_summary(summarise_zones(zones), areas)
    text = summary_text(table)
    write_atomically(folder / "summary.csv", text)


def write_tiles(folder: Path, zones: gpd.GeoDataFrame) -> None:
    """Write ``zones.pmtiles`` and one ``zones-<code>.pmtiles`` per municipality, each of at most 1 MB.

    A municipal archive that is too large loses its last zoom levels, then detail.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    light = zones[[*TILE_FIELDS, zones.geometry.name]].copy()
    light["area_ha"] = light["area_ha"].round(1)
    light["stability"] = light["stability"].round(2)
    light = light.to_crs("EPSG:4326")
    west, south, east, north = light.total_bounds
    first = _WIDE_FIRST_ZOOM if max(east - west, north - south) > _WIDE_DEG else FIRST_ZOOM
    write_pmtiles(light, folder / "zones.pmtiles", layer=LAYER, min_zoom=first, max_zoom=LAST_ZOOM)
    for code in sorted(set(light["municipality"])):
        _write_municipal(light[light["municipality"] == code], folder / f"zones-{code}.pmtiles")


def write_maps(folder: Path, maps: StudyMaps, zones: tuple[Zone, ...], *, notice: str) -> None:
    """Write ``zones.tif`` and ``classes.tif``, with colour tables and the names of their values.

    Parameters
    ----------
    folder
        Where.
    maps
        Cells.
    zones
        Names and colours of the zone numbers.
    notice
        A sentence that every file of the territory carries; may be empty.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    notices = {"NOTICE": notice} if notice else {}
    inside = np.ones(maps.classes.shape, np.bool_)
    for file, cells, valid, look in (
        ("zones.tif", maps.zones, maps.zones > 0, zone_look(zones)),
        ("classes.tif", maps.classes, inside, class_look()),
    ):
        write_cog(
            folder / file,
            Raster(cells, valid, "class", maps.grid),
            names=[look.name],
            dtype="uint8",
            nodata=look.nodata,
            tags=look.tags | notices,
            colours=look.colours,
            classes=True,
        )


def write_manifest(folder: Path, content: Mapping[str, Any], *, run: Mapping[str, Any]) -> None:
    """Write ``manifest.json`` last: what the study is, the hashes of its files, and how the run went.

    Parameters
    ----------
    folder
        Where the other files of the study stand already.
    content
        What identifies the study; the same inputs give the same.
    run
        How long this run took; no part of the identity.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.is_file()}
    document = {**content, "files": files, "run": dict(run)}
    write_atomically(folder / "manifest.json", json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def _write_municipal(zones: gpd.GeoDataFrame, path: Path) -> None:
    for last in _MUNICIPAL_ZOOMS:
        tolerance = _SIMPLIFY_M.get(last)
        drawn = zones if tolerance is None else _simplified(zones, tolerance)
        write_pmtiles(drawn, path, layer=LAYER, min_zoom=_FIRST_MUNICIPAL_ZOOM, max_zoom=last)
        if path.stat().st_size <= MUNICIPAL_BYTES:
            return


def _simplified(zones: gpd.GeoDataFrame, tolerance: float) -> gpd.GeoDataFrame:
    metres = zones.to_crs(zones.estimate_utm_crs())
    return metres.set_geometry(metres.geometry.simplify_coverage(tolerance)).to_crs(zones.crs)
