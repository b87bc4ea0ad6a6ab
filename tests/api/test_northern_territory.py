"""A territory north of the equator, from a boundary file to an explained point, by the orders its user gives."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import product_tiles as tiles
import pytest
from shapely import box

from api.cli.entry import run
from gis.vectors.vector_files import write_geojson
from layers.sources.registry import catalogue

PRODUCTS = ("copernicus_glo30", "esa_worldcover_2021", "soilgrids2", "worldclim21")
SIDE = 0.06


def _web(folder: Path, lon: float, lat: float) -> None:
    """Write the tiles of the products that hold a place."""
    near = (lon - 0.08, lat - 0.08, lon + SIDE + 0.08, lat + SIDE + 0.08)
    whole = {int(x // 1) for x in (near[0], near[2])}, {int(y // 1) for y in (near[1], near[3])}
    for west in whole[0]:
        for south in whole[1]:
            tiles.copernicus(folder / "copernicus_glo30", south, west, near)
    for west in {int(x // 3) * 3 for x in (near[0], near[2])}:
        tiles.worldcover(folder / "esa_worldcover_2021", int(lat // 3) * 3, west, near)
    tiles.soilgrids(folder / "soilgrids2", [tiles.homolosine_box(near)])
    tiles.worldclim(folder / "worldclim21", near, int(lat // 30) * 30, int(lon // 30) * 30)


def _limits(path: Path, lon: float, lat: float) -> None:
    half = SIDE / 2
    shapes = [box(lon, lat, lon + half, lat + SIDE), box(lon + half, lat, lon + SIDE, lat + SIDE)]
    names = {"codigo": ["01001", "01002"], "nombre": ["Poniente", "Naciente"]}
    write_geojson(gpd.GeoDataFrame(names, geometry=shapes, crs="EPSG:4326"), path)


def _chosen(root: Path, web: Path) -> None:
    """Choose the products in ``territory.toml``, as an office does that has them on a disk."""
    path = root / "territory.toml"
    brought = {theme for each in PRODUCTS for theme in catalogue().record(each).themes}
    themes = sorted({theme for each in catalogue().records for theme in each.themes})
    lines = ["[sources]", *(f'{each} = "ninguno"' for each in themes if each not in brought)]
    lines += [f'{each} = "worldclim21"' for each in catalogue().record("worldclim21").themes]
    lines += ['land_cover = "esa_worldcover_2021"', "[addresses]", *(f'{each} = "{web / each}"' for each in PRODUCTS)]
    text = path.read_text(encoding="utf-8")
    assert not {"sources", "addresses"} & set(tomllib.loads(text))
    path.write_text(text + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(("lon", "lat", "crs"), [(-74.08, 5.02, "EPSG:32618"), (-3.72, 40.41, "EPSG:32630")])
def test_the_north_is_begun_fetched_checked_zoned_and_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lon: float, lat: float, crs: str
) -> None:
    def told(line: str, *paths: Path) -> dict[str, Any]:
        capsys.readouterr()
        code = run([*line.split(), *map(str, paths), "--json"])
        out, err = capsys.readouterr()
        assert code == 0, f"{line}: {out[-2000:]}\n{err}"
        return dict(json.loads(out))

    root, limits = tmp_path / "norte", tmp_path / "limites.geojson"
    _web(tmp_path / "web", lon, lat)
    _limits(limits, lon, lat)
    begun = told("init --cell 250 --boundaries", limits, root)
    assert (begun["crs"], begun["hemisphere"]) == (crs, "north")
    _chosen(root, tmp_path / "web")
    told("layers fetch -w", root)
    told("layers check -w", root)
    told("zone --scale 100000 -w", root)
    zones = gpd.read_file(root / "studies" / "base" / "zones.gpkg")
    assert set(zones["municipality"]) == {"01001", "01002"}
    assert not (zones["zone"] == "SD").any()
    at = lon + SIDE / 4, lat + SIDE / 4
    explained = told(f"explain --at={at[0]},{at[1]} -w", root)
    maize = next(each for each in explained["land_use_types"] if each["crop"] == "maiz")
    first, last = map(int, maize["window"].split("-"))
    assert maize["window"] in {"05-11", "06-12"}  # those of the Valles are 11-05 and 12-06
    warmth = next(each for each in maize["factors"] if each["characteristic"].startswith("temp_mean@"))
    months = [float(tiles.temperature_at(*np.array(at), month, above=2.0)) for month in range(first, last + 1)]
    assert warmth["value"] == pytest.approx(np.mean(months), abs=0.6)
    assert tomllib.loads((root / "ruleset.toml").read_text(encoding="utf-8"))["calendar"]["coldest_month"] == 1
