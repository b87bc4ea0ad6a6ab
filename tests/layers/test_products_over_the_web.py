"""The raster products read by ranges over HTTP: the same bytes as from a folder, and few more than the place needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import product_tiles as tiles
import pytest
import rasterio
from fault_server import Drop, FaultServer, Status
from folder_supply import FolderSupply, place

from gis.errors import VallesError
from layers.mirrors.mirror import MirrorLayer
from layers.sources.product import Place, Product
from layers.sources.registry import catalogue
from layers.sources.web_supply import WebSupply
from layers.territory import builtin_territory
from layers.transfer.web_client import Patience, WebClient

HERE = (-63.02, -18.02, -62.98, -17.98)
NEAR = (-63.06, -18.06, -62.94, -17.94)


@dataclass(frozen=True)
class Way:
    """A product and how its generated files are written."""

    product: str
    write: Callable[[Path], object]


def _relief(folder: Path) -> None:
    for lat, lon in ((-19, -64), (-19, -63), (-18, -64), (-18, -63)):
        tiles.copernicus(folder, lat, lon, NEAR)


def _cover(folder: Path) -> None:
    for lat, lon in ((-21, -66), (-21, -63), (-18, -66), (-18, -63)):
        tiles.worldcover(folder, lat, lon, NEAR)


WAYS = [
    Way("copernicus_glo30", _relief),
    Way("esa_worldcover_2021", _cover),
    Way("mapbiomas_bolivia", lambda folder: tiles.mapbiomas(folder, NEAR)),
    Way("soilgrids2", lambda folder: tiles.soilgrids(folder, [tiles.homolosine_box(NEAR)])),
    Way("chelsa21", lambda folder: tiles.chelsa_normals(folder, NEAR)),
    Way("worldclim21", lambda folder: tiles.worldclim(folder, NEAR)),
]


def _adapter(product_id: str, address: str) -> Product:
    territory = replace(builtin_territory("valles_crucenos"), addresses={product_id: address})
    return catalogue().adapter(product_id, territory, root=Path("/"))


def _from_folder(product_id: str, folder: Path, into: Path) -> list[MirrorLayer]:
    adapter = _adapter(product_id, str(folder))
    into.mkdir()
    return list(adapter.make(place(HERE), FolderSupply(folder, adapter.record.address), into))


def _from_web(product_id: str, server: FaultServer, into: Path, *, where: Place | None = None) -> list[MirrorLayer]:
    adapter = _adapter(product_id, f"{server.address}{product_id}/")
    into.mkdir()
    supply = WebSupply(WebClient(Patience(backoff_s=0.01, backoff_most_s=0.05)), product_id, into / "downloads")
    return list(adapter.make(where or place(HERE), supply, into))


@pytest.mark.network
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.product)
def test_ranges_give_the_same_piece_as_files_even_when_the_line_drops(tmp_path: Path, way: Way) -> None:
    way.write(tmp_path / "web" / way.product)
    wanted = _from_folder(way.product, tmp_path / "web" / way.product, tmp_path / "a")
    with FaultServer(tmp_path / "web") as server:
        server.fault("*", Drop(after=500), times=1)
        server.fault("*", Status(503), times=1)
        found = _from_web(way.product, server, tmp_path / "b")
    assert [(each.theme, each.file, each.sha256) for each in found] == [
        (each.theme, each.file, each.sha256) for each in wanted
    ]


@pytest.mark.network
def test_a_tile_that_the_web_does_not_have_is_open_sea_and_a_month_is_not(tmp_path: Path) -> None:
    _relief(tmp_path / "web" / "copernicus_glo30")
    name = "Copernicus_DSM_COG_10_S18_00_W063_00_DEM"
    (tmp_path / "web" / "copernicus_glo30" / name / f"{name}.tif").unlink()
    tiles.chelsa_normals(tmp_path / "web" / "chelsa21", NEAR)
    (tmp_path / "web" / "chelsa21" / "pr" / "1981-2010" / "CHELSA_pr_04_1981-2010_V.2.1.tif").unlink()
    with FaultServer(tmp_path / "web") as server:
        (entry,) = _from_web("copernicus_glo30", server, tmp_path / "a")
        assert name in entry.steps[0]
        with pytest.raises(VallesError, match="CHELSA_pr_04"):
            _from_web("chelsa21", server, tmp_path / "b")


@pytest.mark.network
@pytest.mark.parametrize("product_id", ["copernicus_glo30", "esa_worldcover_2021"])
def test_little_more_travels_than_the_blocks_that_the_place_touches(tmp_path: Path, product_id: str) -> None:
    wide, here = (-63.6, -18.6, -63.3, -18.3), (-63.52, -18.52, -63.38, -18.38)
    noise = np.random.default_rng(7)
    folder = tmp_path / "web" / product_id
    if product_id == "copernicus_glo30":
        path = tiles.copernicus(folder, -19, -64, wide, lambda x, _y, _b: 1000 + 900 * noise.random(x.shape))
        window = (-63.54, -18.54, -63.36, -18.36)
    else:
        codes = np.array([10, 20, 30, 40, 60, 80])
        path = tiles.worldcover(folder, -21, -66, wide, lambda x, _y, _b: codes[noise.integers(0, 6, x.shape)])
        window = here
    touched = _block_bytes(path, window)
    with FaultServer(tmp_path / "web") as server:
        _from_web(product_id, server, tmp_path / "a", where=place(here))
        travelled = server.body_bytes("*.tif")
    assert touched > 1_000_000
    assert travelled <= 1.5 * touched, (travelled, touched)


def _block_bytes(path: Path, bounds: tiles.Box) -> int:
    """Return the stored bytes of the blocks that a box touches."""
    total = 0
    with rasterio.open(path) as source:
        height, width = source.block_shapes[0]
        first = source.index(bounds[0], bounds[3])
        last = source.index(bounds[2], bounds[1])
        for row in range(first[0] // height, last[0] // height + 1):
            for col in range(first[1] // width, last[1] // width + 1):
                total += int(source.get_tag_item(f"BLOCK_SIZE_{col}_{row}", "TIFF", bidx=1) or 0)
    return total
