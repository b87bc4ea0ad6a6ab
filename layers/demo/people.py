"""Towns, settlements and roads of the demonstration; only the names and places of the seats are true."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gis.crs import CRS84
from gis.grid import Grid
from gis.rasters.raster import Raster
from layers.demo.nature import blob
from layers.demo.noise import generator
from layers.demo.relief import valley_courses
from layers.territory import Territory

_INHABITANTS = {
    "070801": 9000, "070802": 900, "070803": 700, "070804": 600, "070805": 700, "070901": 3500,
    "070902": 1500, "070903": 5200, "070904": 900, "071301": 5500, "071302": 3800,
}  # fmt: skip
"""Invented numbers of inhabitants of the seats, of a plausible order."""
_HA_PER_INHABITANT = 0.022
_SMALLEST_TOWN_HA = 18.0
_SETTLEMENTS = 360
_APART_M = 3_000.0
_VALLEY_M = 1_800.0
_VALLEY_PULL = 0.5
_FROM_EDGE_M = 700.0
_ROAD_CELL_M = 360.0
_HIGHWAYS: tuple[tuple[str, str, str, str], ...] = (
    ("071302", "071301", "trunk", "F7"),
    ("071301", "070902", "trunk", "F7"),
    ("070902", "070903", "trunk", "F7"),
    ("070903", "070901", "trunk", "F7"),
    ("070902", "070802", "primary", "F22"),
    ("070802", "070801", "primary", "F22"),
    ("070801", "070805", "primary", "F22"),
    ("070801", "070803", "tertiary", ""),
    ("070801", "070804", "tertiary", ""),
    ("070903", "070904", "tertiary", ""),
    ("070904", "070801", "tertiary", ""),
    ("070904", "070804", "tertiary", ""),
    ("070803", "070802", "tertiary", ""),
)
"""From seat, to seat, class and route of the main roads."""
_FIRST = (
    "Loma", "Pampa", "Alto", "Bajo", "Cruz", "Agua", "Piedra", "Villa", "Quebrada", "Rincón", "Palmar", "Corral",
    "Punta", "Barranca", "Laguna", "Cañada", "Mesa", "Falda", "Vuelta", "Puerta",
)  # fmt: skip
_SECOND = (
    "del Molle", "Grande", "Blanca", "del Soto", "Larga", "de la Tipa", "Verde", "del Churqui", "Honda", "del Lapacho",
    "Clara", "de las Tunas", "del Cedro", "Redonda", "de los Pinos", "Serena", "del Chañar", "Nueva", "del Sauce",
    "Alta",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class People:
    """Where people live and move, in the projection of the territory."""

    settlements: gpd.GeoDataFrame
    """``codigo``, ``comunidad``, ``poblacion``, ``cod_ine``, ``clase`` and points; the seats first."""
    towns: gpd.GeoDataFrame
    """``clase``, ``nombre`` and built-up polygons."""
    roads: gpd.GeoDataFrame
    """``clase``, ``nombre``, ``referencia`` and lines."""


def demo_people(territory: Territory, outlines: gpd.GeoDataFrame, slope: Raster, elevation: Raster) -> People:
    """Return towns, settlements and roads fitted to the relief.

    Parameters
    ----------
    territory
        Gives seats and projection.
    outlines
        Municipal polygons by ``code``.
    slope
        % on the fine grid.
    elevation
        m on the same grid.
    """
    settlements = _settlements(territory, outlines, slope, elevation)
    return People(settlements=settlements, towns=_towns(settlements), roads=_roads(territory, settlements, slope))


def _seats(territory: Territory) -> tuple[list[str], NDArray[np.float64]]:
    to_metres = pyproj.Transformer.from_crs(CRS84, territory.crs, always_xy=True)
    placed = [each for each in territory.municipalities if each.seat is not None]
    places = [to_metres.transform(each.seat.lon, each.seat.lat) for each in placed if each.seat is not None]
    return [each.code for each in placed], np.array(places)


def _settlements(
    territory: Territory, outlines: gpd.GeoDataFrame, slope: Raster, elevation: Raster
) -> gpd.GeoDataFrame:
    codes, places = _seats(territory)
    names = [territory.municipality(code).name for code in codes]
    inhabitants = [_INHABITANTS[code] for code in codes]
    random = generator("settlements")
    spots, owners = _candidates(territory, outlines, slope, elevation, random)
    chosen, chosen_codes = list(places), list(codes)
    for spot, owner in zip(spots, owners, strict=True):
        if len(chosen) >= _SETTLEMENTS:
            break
        if np.hypot(*(np.array(chosen) - spot).T).min() >= _APART_M:
            chosen.append(spot)
            chosen_codes.append(owner)
    count = len(chosen) - len(codes)
    pairs = [f"{first} {second} (demo)" for first in _FIRST for second in _SECOND]
    names += [pairs[place] for place in random.permutation(len(pairs))[:count]]
    inhabitants += [int(value) for value in np.clip(np.exp(random.normal(4.6, 0.7, count)), 12, 900)]
    ranks = ["town"] * len(codes) + ["village" if value > 150 else "hamlet" for value in inhabitants[len(codes) :]]  # noqa: PLR2004  a hamlet is small
    columns = {
        "codigo": [f"demo-{number:04d}" for number in range(len(names))],
        "comunidad": names,
        "poblacion": inhabitants,
        "cod_ine": chosen_codes,
        "clase": ranks,
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.points(np.round(np.array(chosen), 1)), crs=territory.crs)


def _candidates(
    territory: Territory, outlines: gpd.GeoDataFrame, slope: Raster, elevation: Raster, random: np.random.Generator
) -> tuple[NDArray[np.float64], list[str]]:
    """Return gentle, habitable places well inside a municipality, in a random order that favours gentle valleys."""
    grid = slope.grid
    step = max(int(450.0 / grid.cell), 1)
    gentle = slope.filled()[::step, ::step]
    heights = elevation.filled()[::step, ::step]
    likely = np.exp(-gentle / 13.0) * ((heights > 1_050.0) & (heights < 2_750.0)) + 1e-9  # noqa: PLR2004  habitable belt
    courses = cKDTree(np.vstack([line[:, :2] for _valley, line in valley_courses(territory)]))
    away, _nearest = courses.query(np.dstack(np.meshgrid(grid.xs[::step], grid.ys[::step])))
    likely *= 1.0 + _VALLEY_PULL * np.exp(-((away / _VALLEY_M) ** 2))
    order = np.argsort(-np.log(likely) + random.gumbel(0.0, 0.6, likely.shape), axis=None, kind="stable")[:12_000]
    rows, cols = np.unravel_index(order, likely.shape)
    spots = np.column_stack([grid.xs[cols * step], grid.ys[rows * step]])
    inner = shapely.buffer(np.asarray(outlines.geometry.array, dtype=object), -_FROM_EDGE_M)
    owners = np.full(len(spots), -1)
    for number, shape in enumerate(inner):
        owners[shapely.contains_xy(shape, spots[:, 0], spots[:, 1])] = number
    known = owners >= 0
    codes = outlines["code"].to_numpy()
    return spots[known], [str(codes[owner]) for owner in owners[known]]


def _towns(settlements: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    built = settlements[settlements["clase"].isin(["town", "village"])]
    shapes = [
        blob(point.x, point.y, max(count * _HA_PER_INHABITANT, _SMALLEST_TOWN_HA if rank == "town" else 4.0), name=name)
        for point, count, rank, name in zip(
            built.geometry, built["poblacion"], built["clase"], built["comunidad"], strict=True
        )
    ]
    columns = {"clase": ["residential"] * len(built), "nombre": list(built["comunidad"])}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=settlements.crs)


def _roads(territory: Territory, settlements: gpd.GeoDataFrame, slope: Raster) -> gpd.GeoDataFrame:
    """Return roads along the easiest ground: highways between seats, then a way to every settlement."""
    from skimage.graph import MCP_Geometric  # noqa: PLC0415  heavy, and needed only here

    factor = max(round(_ROAD_CELL_M / slope.grid.cell), 1)
    grid = slope.grid.coarser(factor)
    steep = slope.filled()[::factor, ::factor]
    cost = 1.0 + (np.nan_to_num(steep, nan=60.0) / 12.0) ** 1.4
    places = {code: grid.rowcol(*spot) for code, spot in zip(*_seats(territory), strict=True)}
    rows: list[tuple[str, str, str]] = []
    lines: list[shapely.LineString] = []
    network: list[tuple[int, int]] = []
    for start, end, rank, route in _HIGHWAYS:
        search = MCP_Geometric(cost)
        search.find_costs([places[start]], [places[end]])
        path = search.traceback(places[end])
        for cell in path:
            cost[cell] = 0.6  # a road that exists is the easiest ground for the next one
        network += path
        rows.append(
            (rank, f"Camino {territory.municipality(start).name}–{territory.municipality(end).name} (demo)", route)
        )
        lines.append(_line(path, grid))
    search = MCP_Geometric(cost)
    search.find_costs(list(dict.fromkeys(network)))
    for point, rank in zip(settlements.geometry, settlements["clase"], strict=True):
        path = search.traceback(grid.rowcol(point.x, point.y))
        if len(path) > 1:
            rows.append(("minor" if rank != "hamlet" else "track", "", ""))
            lines.append(_line(path, grid))
    columns = dict(zip(("clase", "nombre", "referencia"), map(list, zip(*rows, strict=True)), strict=True))
    return gpd.GeoDataFrame(columns, geometry=lines, crs=territory.crs)


def _line(path: list[tuple[int, int]], grid: Grid) -> shapely.LineString:
    places = np.array([grid.xy(row, col) for row, col in path])
    smooth = places.copy()
    for _round in range(3):
        smooth[1:-1] = 0.25 * smooth[:-2] + 0.5 * smooth[1:-1] + 0.25 * smooth[2:]
    return shapely.LineString(np.round(smooth, 1))
