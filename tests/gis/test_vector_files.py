"""Vector files come back as written, with the same bytes every time; bad ones are refused in words."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from gis.atomic import sha256_of
from gis.errors import CrsError, InputError, MissingError, StorageError, VallesError
from gis.grid import Grid
from gis.vectors.tile_archive import TileArchive
from gis.vectors.vector import (
    area_ha,
    gap_area,
    layers_of,
    majority_mask,
    overlap_area,
    rasterise,
    rasterise_values,
    read_vector,
)
from gis.vectors.vector_files import write_flatgeobuf, write_geojson, write_gpkg, write_parquet, write_pmtiles

ROOT = Path(__file__).resolve().parents[2]
UTM = "EPSG:32720"
NEAR = (-65.0, -19.5, -63.0, -17.0)
WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    "gpkg": lambda frame, path: write_gpkg(frame, path, layer="capa"),
    "geojson": write_geojson,
    "fgb": write_flatgeobuf,
}


def _squares() -> gpd.GeoDataFrame:
    boxes = [shapely.box(400_000 + 1000 * i, 7_950_000, 401_000 + 1000 * i, 7_951_000) for i in range(5)]
    columns = {
        "code": [f"07080{i}" for i in range(5)],
        "área": [1.5, None, 3.0, 4.0, 5.0],
        "ok": [True, False] * 2 + [True],
    }
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=UTM)


def _geojson(path: Path, *rings: list[list[float]], crs: str | None = None) -> Path:
    features = [
        {"type": "Feature", "properties": {"n": n}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for n, ring in enumerate(rings)
    ]
    content: dict[str, object] = {"type": "FeatureCollection", "features": features}
    if crs:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(content))
    return path


RING = [[-64.1, -18.5], [-64.0, -18.5], [-64.0, -18.4], [-64.1, -18.4], [-64.1, -18.5]]


@pytest.mark.parametrize("ending", WRITERS)
def test_a_frame_comes_back_as_written(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"capa.{ending}"
    WRITERS[ending](_squares(), path)
    back = read_vector(path, crs=UTM).sort_values("code", ignore_index=True)
    assert list(back["code"]) == list(_squares()["code"])
    assert back["área"].isna().tolist() == [False, True, False, False, False]
    assert (back.geometry.symmetric_difference(_squares().geometry).area < 50).all(), "of 1,000,000 m²"
    assert layers_of(path) == ("capa",)


def test_the_same_frame_gives_the_same_bytes_at_another_time(tmp_path: Path) -> None:
    sums = []
    for _time in range(2):
        for ending, write in WRITERS.items():
            write(_squares(), tmp_path / f"capa.{ending}")
        write_parquet(_squares(), tmp_path / "capa.parquet")
        write_pmtiles(_squares(), tmp_path / "capa.pmtiles", layer="capa", min_zoom=6, max_zoom=10)
        sums.append({file.name: sha256_of(file) for file in sorted(tmp_path.iterdir())})
        time.sleep(1.1)
    assert sums[0] == sums[1]
    assert len(sums[0]) == 5


def test_columns_and_boxes_choose(tmp_path: Path) -> None:
    write_gpkg(_squares(), tmp_path / "a.gpkg", layer="capa")
    west, south, east, north = _squares().iloc[[2]].buffer(-100).to_crs(4326).total_bounds
    found = read_vector(tmp_path / "a.gpkg", columns=["code"], bbox=(west, south, east, north))
    assert list(found["code"]) == ["070802"]
    assert list(found.columns) == ["code", "geometry"]
    assert len(read_vector(tmp_path / "a.gpkg", bbox=(10, 10, 11, 11))) == 0
    with pytest.raises(MissingError, match="Tiene: code"):
        read_vector(tmp_path / "a.gpkg", columns=["nombre"])
    with pytest.raises(MissingError, match="Tiene: capa"):
        read_vector(tmp_path / "a.gpkg", layer="otra")


def test_swapped_axes_are_recognised_and_said(tmp_path: Path) -> None:
    swapped = _geojson(tmp_path / "s.geojson", [[y, x] for x, y in RING])
    with pytest.raises(InputError, match="ejes cambiados"):
        read_vector(swapped)
    europe = [[43.1, 11.0], [43.2, 11.0], [43.2, 11.1], [43.1, 11.1], [43.1, 11.0]]
    with pytest.raises(InputError, match="ejes cambiados"):
        read_vector(_geojson(tmp_path / "e.geojson", europe), near=(10.5, 42.5, 12.0, 44.0))


def test_another_country_is_refused_where_a_place_is_expected(tmp_path: Path) -> None:
    france = [[x + 66, y + 65] for x, y in RING]
    with pytest.raises(InputError, match="queda en otro lugar"):
        read_vector(_geojson(tmp_path / "f.geojson", france), near=NEAR)
    assert len(read_vector(_geojson(tmp_path / "v.geojson", RING), near=NEAR)) == 1


def test_self_intersections_are_repaired_and_told_or_refused(tmp_path: Path) -> None:
    bow = [[-64.1, -18.5], [-64.0, -18.4], [-64.0, -18.5], [-64.1, -18.4], [-64.1, -18.5]]
    path = _geojson(tmp_path / "bow.geojson", RING, bow)
    mended = read_vector(path)
    assert mended.attrs == {"without_geometry": 0, "repaired": 1}
    assert mended.is_valid.all()
    with pytest.raises(InputError, match=r"el primero en la fila 2: Self-intersection"):
        read_vector(path, invalid="refuse")


def test_bad_vector_files_are_refused_one_clear_error_each(tmp_path: Path) -> None:
    whole = tmp_path / "whole.gpkg"
    write_gpkg(_squares(), whole, layer="capa")
    write_flatgeobuf(_squares(), tmp_path / "whole.fgb")
    write_geojson(_squares(), tmp_path / "whole.geojson")
    for name in ("whole.gpkg", "whole.fgb", "whole.geojson"):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name.replace("whole", "cut")).write_bytes(content[: len(content) // 2])
    (tmp_path / "empty.geojson").write_bytes(b"")
    (tmp_path / "none.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (tmp_path / "text.gpkg").write_text("no soy una capa")
    (tmp_path / "null.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":null}]}'
    )
    metres = [[4e5, 7.95e6], [4.1e5, 7.95e6], [4.1e5, 7.96e6], [4e5, 7.95e6]]
    _geojson(tmp_path / "metres.geojson", metres)
    _geojson(tmp_path / "degrees.geojson", RING, crs="urn:ogc:def:crs:EPSG::32720")
    cases: list[tuple[str, type[VallesError], str]] = [
        ("absent.gpkg", MissingError, "No existe"),
        ("empty.geojson", InputError, "vacío"),
        ("none.geojson", InputError, "ninguna geometría"),
        ("null.geojson", InputError, "ninguna geometría"),
        ("text.gpkg", InputError, "no se puede leer"),
        ("cut.gpkg", InputError, "no se puede leer"),
        ("cut.fgb", InputError, "no se puede leer"),
        ("cut.geojson", InputError, "no se puede leer"),
        ("metres.geojson", CrsError, "declara grados"),
        ("degrees.geojson", CrsError, "parecen grados"),
    ]
    for name, kind, words in cases:
        with pytest.raises(kind, match=words):
            read_vector(tmp_path / name)


def test_a_layer_without_a_reference_system_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.write_dataframe(_squares().set_crs(None, allow_override=True), tmp_path / "a.gpkg")
    with pytest.raises(CrsError, match="no dice en qué sistema"):
        read_vector(tmp_path / "a.gpkg")
    with pytest.raises(CrsError):
        write_gpkg(_squares().set_crs(None, allow_override=True), tmp_path / "b.gpkg", layer="x")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("nombre,lon,lat\nPeña,-64.1,-18.5\nSin lugar,,\n", "utf-8"),
        ("nombre;Longitud;Latitud\nPeña;-64,1;-18,5\nSin lugar;;\n", "latin-1"),
        ("﻿nombre\tx\ty\nPeña\t-64,1\t-18,5\nSin lugar\t\t\n", "utf-8"),
    ],
)
def test_a_table_of_points_is_read_as_people_write_it(tmp_path: Path, content: str, encoding: str) -> None:
    (tmp_path / "p.csv").write_bytes(content.encode(encoding))
    frame = read_vector(tmp_path / "p.csv", crs="EPSG:4326", near=NEAR)
    assert list(frame["nombre"]) == ["Peña"]
    assert (frame.geometry.x[0], frame.geometry.y[0]) == (-64.1, -18.5)
    assert frame.attrs["without_geometry"] == 1


def test_a_table_without_places_or_with_words_for_numbers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("nombre,altura\nx,1\n")
    with pytest.raises(MissingError, match="longitud y latitud"):
        read_vector(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("lon,lat\n-64.1,-18.5\noeste,-18\n")
    with pytest.raises(InputError, match="línea 3: «oeste»"):
        read_vector(tmp_path / "b.csv")


def test_areas_overlaps_and_gaps_are_measured() -> None:
    boxes = [shapely.box(0, 0, 100, 100), shapely.box(90, 0, 200, 100), shapely.box(0, 100, 200, 110)]
    hole = shapely.box(0, 110, 200, 310) - shapely.box(50, 150, 60, 160)
    frame = gpd.GeoDataFrame(geometry=[*boxes, hole], crs=UTM)
    assert overlap_area(frame) == pytest.approx(1000)
    assert gap_area(frame) == pytest.approx(100)
    assert area_ha(frame, UTM).tolist() == pytest.approx([1.0, 1.1, 0.2, 3.99])
    with pytest.raises(CrsError):
        area_ha(frame, "EPSG:4326")


def test_cells_are_burnt_by_centre_by_touch_and_by_majority() -> None:
    grid = Grid.covering((0, 0, 400, 300), crs=UTM, cell=100)
    frame = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 155, 100), shapely.box(200, 145, 400, 300)], crs=UTM)
    assert rasterise(frame, grid).astype(int).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0]]
    assert rasterise(frame, grid, all_touched=True).sum() == 6
    majority = majority_mask(frame, grid, factor=20)
    assert majority.astype(int).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0]]
    thin = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 45), shapely.box(100, 0, 200, 55)], crs=UTM)
    assert majority_mask(thin, grid, factor=20)[2].tolist() == [False, True, False, False]
    assert not majority_mask(thin[:0], grid).any()
    values = rasterise_values(frame, [7, -300], grid)
    assert (values.dtype, set(np.unique(values))) == (np.int32, {-300, 0, 7})
    with pytest.raises(InputError, match="uno por fila"):
        rasterise_values(frame, [1], grid)


def test_majority_equals_the_share_of_samples_over_many_tiles() -> None:
    grid = Grid.covering((0, 0, 20_000, 17_000), crs=UTM, cell=100)
    random = np.random.default_rng(1)
    shapes = shapely.buffer(shapely.points(random.uniform(0, 17_000, (60, 2))), random.uniform(50, 900, 60))
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=UTM)
    fine = rasterise(frame, grid.finer(4)).reshape(grid.rows, 4, grid.cols, 4).sum(axis=(1, 3))
    np.testing.assert_array_equal(majority_mask(frame, grid), fine >= 8)


def test_a_tile_archive_gives_the_tiles_it_was_given(tmp_path: Path) -> None:
    write_pmtiles(_squares(), tmp_path / "a.pmtiles", layer="capa", min_zoom=6, max_zoom=10)
    with TileArchive(tmp_path / "a.pmtiles") as archive:
        assert archive.zooms == (6, 10)
        assert archive.gzipped
        west, south, _east, _north = archive.bounds
        assert (round(west, 2), round(south, 2)) == (-63.95, -18.54)
        assert archive.metadata()["vector_layers"][0]["id"] == "capa"
        x, y = int((west + 0.001 + 180) / 360 * 1024), 565
        tiles = [archive.tile(10, x, row) for row in range(y - 3, y + 4)]
        assert sum(tile is not None for tile in tiles) in {1, 2}
        assert all(tile is None or tile[:2] == b"\x1f\x8b" for tile in tiles)
        assert archive.tile(10, 0, 0) is None
        assert archive.tile(3, 9, 9) is None
        assert archive.tile(-1, 0, 0) is None


def test_bad_tile_archives_are_refused(tmp_path: Path) -> None:
    write_pmtiles(_squares(), tmp_path / "a.pmtiles", layer="capa", min_zoom=6, max_zoom=10)
    content = (tmp_path / "a.pmtiles").read_bytes()
    for name, bytes_ in (("empty", b""), ("text", b"no soy un archivo de teselas" * 9), ("cut", content[:-20])):
        (tmp_path / name).write_bytes(bytes_)
        with pytest.raises(InputError, match="teselas"):
            TileArchive(tmp_path / name)
    with pytest.raises(MissingError):
        TileArchive(tmp_path / "absent")
    with pytest.raises(InputError, match="al menos una"):
        write_pmtiles(_squares()[:0], tmp_path / "none.pmtiles", layer="x", min_zoom=6, max_zoom=7)


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "pmtiles", "parquet"])
def test_a_full_disk_leaves_the_old_file_and_one_clear_error(tmp_path: Path, ending: str) -> None:
    code = (
        "import sys, signal, resource, numpy as np, geopandas as gpd, shapely, gis.vectors.vector_files as v\n"
        "from gis.errors import StorageError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "p = np.random.default_rng(0).uniform((4e5, 7.9e6), (4.4e5, 7.95e6), (20000, 2))\n"
        "f = gpd.GeoDataFrame({'n': range(len(p))}, geometry=shapely.points(p), crs='EPSG:32720')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "path, ending = sys.argv[1:]\n"
        "more = {'gpkg': {'layer': 'a'}, 'pmtiles': {'layer': 'a', 'min_zoom': 10, 'max_zoom': 13}}.get(ending, {})\n"
        "name = {'fgb': 'flatgeobuf'}.get(ending, ending)\n"
        "try: getattr(v, 'write_' + name)(f, path, **more)\n"
        "except StorageError as error: print(error); sys.exit(3)\n"
    )
    target = tmp_path / f"a.{ending}"
    target.write_text("before")
    done = subprocess.run(
        [sys.executable, "-c", code, str(target), ending], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 3, done.stderr[-600:]
    assert target.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == [target.name]


def test_a_read_only_place_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for write in WRITERS.values():
        with pytest.raises(StorageError):
            write(_squares(), tmp_path / "file" / "a.gpkg")
