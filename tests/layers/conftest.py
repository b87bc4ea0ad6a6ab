"""A tiny territory of two municipalities, and a mirror with everything the catalogue can prepare for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from gis.vectors.vector_files import write_geojson, write_gpkg
from layers.territory import Municipality, Seat, Territory

WEST, SOUTH, EAST, NORTH = -64.20, -18.60, -64.00, -18.45
MIDDLE = -64.10


@pytest.fixture(scope="session")
def tiny() -> Territory:
    return Territory(
        id="prueba",
        name="Territorio de prueba",
        crs="EPSG:32720",
        area_crs="+proj=laea +lat_0=-18.5 +lon_0=-64.1 +datum=WGS84 +units=m +no_defs",
        cell_m=500.0,
        municipalities=(
            Municipality(
                code="070801",
                name="Poniente",
                aliases=("El Poniente",),
                province="Una",
                seat=Seat(name="Poniente", lon=-64.15, lat=-18.5, altitude_m=1900.0),
            ),
            Municipality(
                code="070802",
                name="Pucará",
                province="Una",
                seat=Seat(name="Pucará", lon=-64.05, lat=-18.5, altitude_m=1700.0),
            ),
        ),
    )


@pytest.fixture
def territory(tiny: Territory) -> Territory:
    return tiny


def elevation_at(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return 1800.0 - 2000.0 * (lon - MIDDLE) + 300.0 * np.sin(25.0 * lon) * np.cos(20.0 * lat)


def write_tif(path: Path, values: np.ndarray, *, cell: float, names: tuple[str, ...] = ()) -> None:
    """Write bands in degrees; the upper left corner lies north-west of the territory."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=values.shape[2],
        height=values.shape[1],
        count=values.shape[0],
        dtype="float32",
        crs="EPSG:4326",
        transform=from_origin(WEST - 0.2, NORTH + 0.2, cell, cell),
        nodata=-9999.0,
    ) as target:
        target.write(values.astype(np.float32))
        target.descriptions = names or tuple(f"b{band}" for band in range(1, values.shape[0] + 1))


def centres(cell: float) -> tuple[np.ndarray, np.ndarray]:
    cols, rows = round(0.6 / cell), round(0.55 / cell)
    lon = WEST - 0.2 + (np.arange(cols) + 0.5) * cell
    lat = NORTH + 0.2 - (np.arange(rows) + 0.5) * cell
    across, down = np.meshgrid(lon, lat)
    return across, down


def frame(geometries: list[BaseGeometry], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometries, crs="EPSG:4326")


def boundary_frame() -> gpd.GeoDataFrame:
    """Return two neighbours that overlap by a sliver, and a third that is no municipality of the territory."""
    return frame(
        [
            box(WEST, SOUTH, MIDDLE + 1e-5, NORTH),
            box(MIDDLE, SOUTH, EAST, NORTH),
            box(EAST, SOUTH, EAST + 0.1, NORTH),
        ],
        cod_ine=["70801", "70802", "70999"],
        municipio=["PONIENTE", "Pucara", "Ajeno"],
    )


def _rasters(folder: Path) -> None:
    lon, lat = centres(0.004)
    write_tif(folder / "dem.tif", elevation_at(lon, lat)[np.newaxis], cell=0.004)
    lon, lat = centres(0.025)
    z, months = elevation_at(lon, lat), np.arange(12)
    season = 4.0 * np.cos(2 * np.pi * months / 12)
    mean = 27.0 - 0.0055 * z + season[:, np.newaxis, np.newaxis]
    for name, offset in (("tavg", 0.0), ("tmin", -6.0), ("tmax", 6.0)):
        write_tif(folder / f"chelsa_{name}.tif", mean + offset, cell=0.025)
    rain = np.broadcast_to(60.0 + 50.0 * np.cos(2 * np.pi * months / 12)[:, np.newaxis, np.newaxis], mean.shape)
    write_tif(folder / "chelsa_prcp.tif", rain, cell=0.025)
    lon, lat = centres(0.05)
    z = elevation_at(lon, lat)
    annual = np.stack([z, 29.0 - 0.0055 * z, 0.0 * z + 500.0])
    names = ("elevacion", "temp_media_anual_bio1", "precip_anual_bio12")
    write_tif(folder / "worldclim.tif", annual, cell=0.05, names=names)
    soil = np.stack([0 * z + 30.0, 0 * z + 6.2])
    write_tif(folder / "suelo.tif", soil, cell=0.05, names=("arcilla_pct", "ph_h2o"))


def _vectors(folder: Path) -> None:
    write_geojson(boundary_frame(), folder / "limites.geojson")
    people = [Point(-64.15, -18.5), Point(-64.12, -18.55), Point(-64.05, -18.5), Point(-64.02, -18.47)]
    write_geojson(
        frame(
            people,
            municipio=["PONIENTE", "PONIENTE", "PUCARA", "PUCARA"],
            comunidad=["A", "B", "C", "D"],
            poblacion=[10, 20, 30, 40],
        ),
        folder / "comunidades.geojson",
    )
    line = LineString([(WEST, -18.5), (EAST, -18.5)])
    write_gpkg(
        frame([line], clase=["trunk"], nombre=["F7"], referencia=["F7"]), folder / "caminos.gpkg", layer="caminos"
    )
    write_gpkg(
        frame([line, LineString([(MIDDLE, SOUTH), (MIDDLE, NORTH)])], clase=["river", "stream"], intermitente=[0, 1]),
        folder / "cursos.gpkg",
        layer="cursos_agua",
    )
    park = box(WEST, SOUTH, WEST + 0.05, SOUTH + 0.05)
    write_geojson(frame([park], nombre=["Amboró"], categoria=["Parque Nacional"]), folder / "parques.geojson")
    write_geojson(
        frame(
            [park.buffer(0.002), box(EAST - 0.05, SOUTH, EAST, NORTH)],
            NAME=["Amboro", "Rio Grande"],
            DESIG_ENG=["National Park", "Natural Integrated Management Area"],
        ),
        folder / "otras.geojson",
    )


ENTRIES: tuple[dict[str, str], ...] = (
    {"theme": "boundaries", "file": "limites.geojson", "date": "2026"},
    {"theme": "elevation", "file": "dem.tif", "unit": "m"},
    {"theme": "temperature_mean", "file": "chelsa_tavg.tif", "bands": "1-12", "unit": "degC"},
    {"theme": "temperature_min", "file": "chelsa_tmin.tif", "bands": "1-12", "unit": "degC"},
    {"theme": "temperature_max", "file": "chelsa_tmax.tif", "bands": "1-12", "unit": "degC"},
    {"theme": "precipitation", "file": "chelsa_prcp.tif", "bands": "1-12", "unit": "mm/month"},
    {"theme": "climate_annual_alternative", "file": "worldclim.tif", "unit": "m; degC; mm/year"},
    {"theme": "soil", "file": "suelo.tif", "unit": "%; pH"},
    {"theme": "protected_areas", "file": "parques.geojson"},
    {"theme": "protected_areas_other", "file": "otras.geojson"},
    {"theme": "roads", "file": "caminos.gpkg", "layer": "caminos"},
    {"theme": "streams", "file": "cursos.gpkg", "layer": "cursos_agua"},
    {"theme": "settlements", "file": "comunidades.geojson"},
    {"theme": "starlight", "file": "parques.geojson"},
)


def write_index(folder: Path, entries: tuple[dict[str, str], ...] = ENTRIES) -> None:
    blocks = []
    for entry in entries:
        file = folder / entry["file"]
        digest = hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else "0" * 64
        told = {
            "source": "fixture",
            "licence": "CC0",
            "attribution": f"Casa {entry['theme']}",
            "sha256": digest,
            **entry,
        }
        blocks.append("[[layer]]\n" + "".join(f'{key} = "{value}"\n' for key, value in told.items()))
    (folder / "mirror.toml").write_text("\n".join(blocks), encoding="utf-8")


@pytest.fixture(scope="session")
def mirror_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mirror")
    _rasters(folder)
    _vectors(folder)
    write_index(folder)
    return folder


@pytest.fixture
def mirror_folder(mirror_template: Path, tmp_path: Path) -> Path:
    """Return a copy that a test may spoil."""
    folder = tmp_path / "espejo"
    folder.mkdir()
    for file in mirror_template.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.fixture
def outlines() -> gpd.GeoDataFrame:
    return boundary_frame()


@pytest.fixture
def reindex() -> Callable[..., None]:
    return write_index
