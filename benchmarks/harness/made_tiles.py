"""A mirror of made-up open data with the shapes of the true products, for a territory of any size.

Written as the adapters of the products give it: one file a theme, cut to the place, in the product's own projection
and cell type. Relief is a sum of waves, land cover patches of a few hundred metres with single strange cells, soil and
climate smooth. Nothing here says anything about a real place.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.transform import from_origin
from rasterio.windows import Window

CENTRE = (-64.16, -18.3)
"""Longitude and latitude of the middle."""
SIDES_KM = (138.6, 195.4)
"""Width and height of the box of the true territory."""
AROUND_DEG = 0.05
"""What an adapter fetches around the territory."""
HOMOLOSINE = "+proj=igh +lat_0=0 +lon_0=0 +datum=WGS84 +units=m +no_defs"
CLASSES = np.array([10, 20, 30, 40, 50, 60, 80, 90], dtype=np.uint8)
MONTHS = 12
_STRIP = 512

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Band:
    """What one file of a mirror is made of."""

    theme: str
    unit: str
    dtype: str
    nodata: float
    cell: float
    """Degrees, or metres of the Homolosine projection."""
    crs: str
    names: tuple[str, ...]
    scales: tuple[float, ...]
    climate: str = ""


def outlines(share: float) -> gpd.GeoDataFrame:
    """Return eleven municipalities of a territory ``share`` times as large as the true one, in degrees."""
    turn = np.linspace(0, 2 * np.pi, 1501)[:-1]
    reach = 0.81 + 0.16 * np.cos(5 * turn + 0.4) + 0.03 * np.cos(61 * turn)
    half = [1000 * side * math.sqrt(share) / 2 for side in SIDES_KM]
    plane = pyproj.Transformer.from_crs(
        f"+proj=laea +lat_0={CENTRE[1]} +lon_0={CENTRE[0]} +datum=WGS84", "EPSG:4326", always_xy=True
    )
    whole = shapely.Polygon(np.column_stack([half[0] * reach * np.cos(turn), half[1] * reach * np.sin(turn)]))
    low, high = whole.bounds[1], whole.bounds[3]
    edges = np.linspace(low, high, 12)
    parts = [
        whole.intersection(shapely.box(-2 * half[0], south, 2 * half[0], north))
        for south, north in itertools.pairwise(edges)
    ]
    degrees = shapely.transform(parts, lambda xy: np.column_stack(plane.transform(xy[:, 0], xy[:, 1])))
    codes = [f"0799{number:02d}" for number in range(1, len(parts) + 1)]
    names = [f"Municipio {number}" for number in range(1, len(parts) + 1)]
    return gpd.GeoDataFrame({"code": codes, "name": names}, geometry=list(degrees), crs="EPSG:4326")


def products() -> Iterator[Band]:
    """Yield the raster files of the mirror."""
    second, degrees = 1 / 3600, "EPSG:4326"
    yield Band(
        theme="elevation", unit="m", dtype="float32", nodata=math.nan, cell=second, crs=degrees,
        names=("elevation_m",), scales=(1.0,),
    )  # fmt: skip
    yield Band(
        theme="land_cover", unit="class", dtype="uint8", nodata=0, cell=1 / 12000, crs=degrees,
        names=("land_cover",), scales=(1.0,),
    )  # fmt: skip
    yield Band(
        theme="soil", unit="%; %; %; pH; %; %; kg/dm3", dtype="int16", nodata=-32768, cell=250.0, crs=HOMOLOSINE,
        names=("clay", "sand", "silt_pct", "phh2o", "organic_carbon", "total_nitrogen_pct", "bulk_density_kg_dm3"),
        scales=(0.1, 0.1, 0.1, 0.1, 0.01, 0.001, 0.01),
    )  # fmt: skip
    for climate in ("chelsa", "worldclim"):
        for theme in ("temperature_mean", "temperature_min", "temperature_max", "precipitation"):
            rain = theme == "precipitation"
            yield Band(
                theme=theme, unit="mm/month" if rain else "degC", dtype="int16", nodata=-32768, cell=30 * second,
                crs=degrees, names=tuple(f"b{month}" for month in range(1, MONTHS + 1)),
                scales=((0.1 if rain else 0.01),) * MONTHS, climate=climate,
            )  # fmt: skip


def write_mirror(folder: Path, share: float) -> list[Band]:
    """Write a mirror for a territory, and its municipalities as ``boundaries.gpkg``; return its rasters."""
    folder.mkdir(parents=True)
    towns = outlines(share)
    towns.to_file(folder / "boundaries.gpkg", layer="boundaries", driver="GPKG")
    west, south, east, north = (float(value) for value in towns.total_bounds)
    box = (west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG)
    rasters = list(products())
    entries = []
    for each in rasters:
        _write(folder / file_of(each), each, box)
        entries.append([("theme", each.theme), ("file", file_of(each)), ("unit", each.unit), ("climate", each.climate)])
    for theme, frame in _vectors(box, share).items():
        frame.to_file(folder / f"{theme}.gpkg", layer=theme, driver="GPKG")
        entries.append([("theme", theme), ("file", f"{theme}.gpkg")])
    blocks = ["[[layer]]\n" + "".join(f'{key} = "{value}"\n' for key, value in each if value) for each in entries]
    (folder / "mirror.toml").write_text("\n".join(blocks), encoding="utf-8")
    return rasters


def file_of(each: Band) -> str:
    """Return the name of a raster's file."""
    return f"{each.theme}{'_' * bool(each.climate)}{each.climate}.tif"


def _write(path: Path, each: Band, box: Bounds) -> None:
    corners = pyproj.Transformer.from_crs("EPSG:4326", each.crs, always_xy=True).transform_bounds(*box, densify_pts=40)
    left, bottom, right, top = (
        turn(value / each.cell) * each.cell
        for turn, value in zip((math.floor, math.floor, math.ceil, math.ceil), corners, strict=True)
    )
    rows, cols = round((top - bottom) / each.cell), round((right - left) / each.cell)
    size = 1024 if min(rows, cols) > 1024 else 256  # noqa: PLR2004  blocks as the products have
    options: dict[str, Any] = {"tiled": True, "blockxsize": size, "blockysize": size, "compress": "deflate"}
    options |= {"zlevel": 1, "predictor": {"float32": 3, "int16": 2, "uint8": 1}[each.dtype], "num_threads": 2}
    with rasterio.open(
        path, "w", driver="GTiff", width=cols, height=rows, count=len(each.names), dtype=each.dtype, crs=each.crs,
        transform=from_origin(left, top, each.cell, each.cell), nodata=each.nodata, interleave="band", **options,
    ) as target:  # fmt: skip
        target.descriptions = each.names
        if set(each.scales) != {1.0}:
            target.scales = each.scales
        rng = np.random.default_rng(20_261_122)
        patches = rng.integers(0, len(CLASSES), (rows // 16 + 2, cols // 16 + 2), dtype=np.uint8)
        for start in range(0, rows, _STRIP * 2):
            stop = min(start + _STRIP * 2, rows)
            y = top - (np.arange(start, stop) + 0.5) * each.cell
            x = left + (np.arange(cols) + 0.5) * each.cell
            window = Window(0, start, cols, stop - start)
            if each.theme == "land_cover":
                target.write(_cover(patches, range(start, stop), cols, rng), 1, window=window)
                continue
            for number, scale in enumerate(each.scales):
                values = _FIELDS[each.theme](x[np.newaxis], y[:, np.newaxis], number) / scale
                target.write(values.astype(each.dtype), number + 1, window=window)


def _cover(patches: NDArray[np.uint8], rows: range, cols: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    down = (np.array(rows) // 16)[:, np.newaxis]
    found = patches[down, (np.arange(cols) // 16)[np.newaxis]]
    strange = rng.integers(0, 256, found.shape, dtype=np.uint8)
    return CLASSES[np.where(strange < 20, strange % len(CLASSES), found)]  # noqa: PLR2004  8 % of the cells


def _relief(x: NDArray[np.float64], y: NDArray[np.float64], _number: int) -> NDArray[np.float64]:
    rough = np.sin(610 * x + 3 * np.cos(480 * y)) * np.cos(530 * y + 2 * np.sin(390 * x))
    broad = np.sin(9 * x) * np.cos(7 * y)
    return 1800 + 700 * broad + 260 * np.sin(75 * x) * np.cos(68 * y) + 45 * rough


def _warmth(x: NDArray[np.float64], y: NDArray[np.float64], month: int) -> NDArray[np.float64]:
    return 29 - 0.0052 * _relief(x, y, 0) + 4 * math.cos(2 * math.pi * month / MONTHS) + 0.3 * np.sin(40 * x)


def _rain(x: NDArray[np.float64], y: NDArray[np.float64], month: int) -> NDArray[np.float64]:
    return (1.2 + math.cos(2 * math.pi * month / MONTHS)) * (55 + 20 * np.sin(12 * x) * np.cos(15 * y))


def _soil(x: NDArray[np.float64], y: NDArray[np.float64], number: int) -> NDArray[np.float64]:
    level = (28.0, 42.0, 30.0, 6.2, 1.6, 0.15, 1.3)[number]
    return level * (1 + 0.3 * np.sin(x / 4000 + number) * np.cos(y / 5000) + 0.1 * np.sin(x / 700) * np.cos(y / 600))


_FIELDS: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64], int], NDArray[np.float64]]] = {
    "elevation": _relief,
    "soil": _soil,
    "temperature_mean": _warmth,
    "temperature_min": lambda x, y, month: _warmth(x, y, month) - 6,
    "temperature_max": lambda x, y, month: _warmth(x, y, month) + 6,
    "precipitation": _rain,
}


def _vectors(box: Bounds, share: float) -> dict[str, gpd.GeoDataFrame]:
    """Return as many roads, streams and places as open maps show in such a territory."""
    rng = np.random.default_rng(7)
    west, south, east, north = box

    def places(count: int) -> NDArray[np.float64]:
        return rng.uniform((west, south), (east, north), (max(count, 4), 2))

    def lines(count: int, points: int) -> Sequence[Any]:
        steps = rng.normal(0, 0.002, (max(count, 4), points, 2)).cumsum(axis=1)
        return shapely.linestrings(places(count)[:, np.newaxis] + steps)

    roads, streams, towns = (
        lines(round(12_000 * share), 14),
        lines(round(4_000 * share), 24),
        places(round(700 * share)),
    )
    classes = np.array(["trunk", "primary", "secondary", "tertiary", "unclassified", "track"])
    return {
        "roads": gpd.GeoDataFrame({"clase": classes[np.arange(len(roads)) % 6]}, geometry=roads, crs="EPSG:4326"),
        "streams": gpd.GeoDataFrame(
            {"clase": np.array(["river", "stream"])[np.arange(len(streams)) % 2], "intermitente": 0},
            geometry=streams,
            crs="EPSG:4326",
        ),
        "settlements": gpd.GeoDataFrame(
            {"comunidad": [f"Lugar {number}" for number in range(len(towns))], "poblacion": 100},
            geometry=shapely.points(towns),
            crs="EPSG:4326",
        ),
    }
