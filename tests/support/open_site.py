"""A small web of generated product files, and a workspace whose territory takes them from there."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import product_tiles as tiles
from shapely import LineString, box

from gis.vectors.vector_files import write_geojson
from layers.sources.registry import NONE, catalogue
from layers.territory import Municipality, Territory
from layers.workspace import Workspace

WEST, SOUTH, EAST, NORTH = -64.08, -18.56, -64.00, -18.50
NEAR = (WEST - 0.15, SOUTH - 0.15, EAST + 0.15, NORTH + 0.15)
RIVERS = "hydrorivers"
RASTERS = ("copernicus_glo30", "esa_worldcover_2021", "soilgrids2", "worldclim21", "chelsa21")


def write_site(folder: Path, products: tuple[str, ...] = RASTERS) -> Path:
    """Write the files of some products, each product in its folder, and the limits of the place."""
    if "copernicus_glo30" in products:
        for lon in (-65, -64):
            tiles.copernicus(folder / "copernicus_glo30", -19, lon, NEAR)
    if "esa_worldcover_2021" in products:
        tiles.worldcover(folder / "esa_worldcover_2021", -21, -66, NEAR)
    if "soilgrids2" in products:
        tiles.soilgrids(folder / "soilgrids2", [tiles.homolosine_box(NEAR)])
    if "worldclim21" in products:
        tiles.worldclim(folder / "worldclim21", NEAR)
    if "chelsa21" in products:
        tiles.chelsa_normals(folder / "chelsa21", NEAR)
    if RIVERS in products:
        _rivers(folder / RIVERS)
    middle = (WEST + EAST) / 2
    frame = gpd.GeoDataFrame(
        {"cod_ine": ["070801", "070802"]},
        geometry=[box(WEST, SOUTH, middle, NORTH), box(middle, SOUTH, EAST, NORTH)],
        crs="EPSG:4326",
    )
    write_geojson(frame, folder / "limites.geojson")
    return folder


def _rivers(folder: Path, reaches: int = 12_000) -> None:
    """Write a region of HydroRIVERS, some of it in the place: a file that only comes whole."""
    chance = np.random.default_rng(8)
    start = chance.uniform((-66, -20), (-62, -17), (reaches, 2))
    lines = [
        LineString([one, other]) for one, other in zip(start, start + chance.normal(0, 0.05, (reaches, 2)), strict=True)
    ]
    frame = gpd.GeoDataFrame(
        {"ORD_STRA": chance.integers(1, 7, reaches), "DIS_AV_CMS": chance.gamma(1.0, 4.0, reaches)},
        geometry=lines,
        crs="EPSG:4326",
    )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as loose:
        frame.to_file(Path(loose) / "HydroRIVERS_v10_sa.shp")
        with zipfile.ZipFile(folder / "HydroRIVERS_v10_sa_shp.zip", "w") as packed:
            for each in sorted(Path(loose).iterdir()):
                packed.write(each, f"HydroRIVERS_v10_sa_shp/{each.name}")


def site_workspace(root: Path, site: Path, address: str, products: tuple[str, ...] = RASTERS) -> Workspace:
    """Make a workspace with the limits of the site that takes some products from an address, and nothing else."""
    themes = {theme for each in catalogue().records for theme in each.themes}
    taken = {
        theme: ", ".join(each for each in products if theme in catalogue().record(each).themes) for theme in themes
    }
    territory = Territory(
        id="prueba",
        name="Territorio de prueba",
        country="Bolivia",
        crs="EPSG:32720",
        area_crs="+proj=laea +lat_0=-18.5 +lon_0=-64 +datum=WGS84 +units=m +no_defs",
        cell_m=500.0,
        climate="worldclim",
        boundaries="limites.geojson",
        sources={theme: taken[theme] or NONE for theme in sorted(themes)},
        addresses={each: f"{address}{each}/" for each in products},
        municipalities=(Municipality(code="070801", name="Poniente"), Municipality(code="070802", name="Naciente")),
    )
    workspace = Workspace.init(root, territory)
    (workspace.root / "limites.geojson").write_bytes((site / "limites.geojson").read_bytes())
    return workspace


def fetch_process(workspace: Workspace, *arguments: str) -> subprocess.Popen[bytes]:
    """Start ``valles layers fetch`` as a user does."""
    program = [sys.executable, "-c", "from api.cli import main; main()"]
    command = [*program, "layers", "fetch", *arguments, "-w", str(workspace.root)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"}
    )


def sums(workspace: Workspace) -> dict[str, str]:
    """Return the SHA-256 of every prepared file and every gathered one; the provenance tells times of nothing."""
    return {
        str(path.relative_to(workspace.layers_dir)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(workspace.layers_dir.rglob("*"))
        if path.is_file()
    }
