"""The demonstration keeps the true facts, hangs together and says everywhere what it is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from gis.atomic import sha256_of
from gis.errors import InputError
from gis.rasters.cog import RasterReader
from gis.rasters.raster import Raster
from gis.relief.terrain import slope_percent
from gis.vectors.rasterise import rasterise_values
from gis.vectors.vector import read_vector
from layers.catalogue.themes import theme
from layers.checking.layer_check import check
from layers.demo.demo_territory import demo_territory, write_demo_mirror
from layers.demo.outlines import demo_outlines
from layers.mirrors.mirror import Mirror
from layers.preparation.fetch import fetch
from layers.workspace import Workspace

LABEL = "datos de demostración"
TRUE_NEIGHBOURS = (
    "Vallegrande–El Trigal", "Vallegrande–Moro Moro", "El Trigal–Moro Moro", "Vallegrande–Postrer Valle",
    "Vallegrande–Pucará", "Postrer Valle–Samaipata", "El Trigal–Pampa Grande", "Samaipata–Mairana",
    "Pampa Grande–Mairana", "Vallegrande–Quirusillas", "Postrer Valle–Quirusillas", "Samaipata–Quirusillas",
    "Pampa Grande–Quirusillas", "Moro Moro–Comarapa", "Pampa Grande–Comarapa", "Comarapa–Saipina",
)  # fmt: skip
TERRITORY = demo_territory()


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo_mirror(tmp_path_factory.mktemp("demo") / "mirror", cell_m=360)


@pytest.fixture(scope="module")
def outlines() -> gpd.GeoDataFrame:
    return demo_outlines(TERRITORY)


def _seats() -> dict[str, tuple[float, float, float]]:
    to_metres = pyproj.Transformer.from_crs(4326, TERRITORY.crs, always_xy=True)
    return {
        each.code: (*to_metres.transform(each.seat.lon, each.seat.lat), each.seat.altitude_m)
        for each in TERRITORY.municipalities
        if each.seat is not None and each.seat.altitude_m is not None
    }


def _grid_of(path: Path) -> tuple[np.ndarray, RasterReader]:
    with RasterReader(path) as reader:
        return reader.read(0, reader.grid.rows), reader


def test_areas_are_the_true_ones_within_one_percent(outlines: gpd.GeoDataFrame) -> None:
    areas = outlines.to_crs(TERRITORY.area_crs).area / 1e6
    true = np.array([each.area_km2 for each in TERRITORY.municipalities])
    assert list(outlines["code"]) == list(TERRITORY.codes)
    assert np.abs(areas / true - 1).max() < 0.01
    assert areas.sum() == pytest.approx(13_837.65, rel=1e-3)


def test_municipalities_tile_without_gap_or_overlap(outlines: gpd.GeoDataFrame) -> None:
    shapes = np.asarray(outlines.geometry.array, dtype=object)
    assert shapely.coverage_is_valid(shapes)
    assert set(outlines.geom_type) == {"Polygon"}
    whole = shapely.union_all(shapes)
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert whole.area == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)


def test_true_neighbours_are_neighbours(outlines: gpd.GeoDataFrame) -> None:
    names = [each.name for each in TERRITORY.municipalities]
    shapes = list(outlines.geometry)
    touching = {
        f"{names[one]}–{names[other]}"
        for one in range(len(names))
        for other in range(one)
        if shapely.intersection(shapes[one], shapes[other]).length > 1_000
    }
    either = touching | {"–".join(reversed(pair.split("–"))) for pair in touching}
    assert [pair for pair in TRUE_NEIGHBOURS if pair not in either] == []
    assert len(touching) <= len(TRUE_NEIGHBOURS) + 6, "and few others"


def test_every_seat_lies_in_its_municipality_on_gentle_ground_near_its_altitude(
    mirror: Path, outlines: gpd.GeoDataFrame
) -> None:
    heights, reader = _grid_of(mirror / "elevation.tif")
    slope = slope_percent(Raster.of(heights[0], unit="m", grid=reader.grid)).filled()
    for (code, (x, y, altitude)), shape in zip(_seats().items(), outlines.geometry, strict=True):
        assert shape.contains(shapely.Point(x, y)), code
        row, col = reader.grid.rowcol(x, y)
        assert abs(heights[0, row, col] - altitude) < 60, code
        assert slope[row, col] < 20, code


def test_the_relief_has_valleys_ranges_and_a_canyon(mirror: Path, outlines: gpd.GeoDataFrame) -> None:
    heights, reader = _grid_of(mirror / "elevation.tif")
    inside = rasterise_values(outlines, range(1, 12), reader.grid) > 0
    low, middle, high = np.percentile(heights[0][inside], [2, 50, 99])
    assert 500 < low < 1_100
    assert 1_400 < middle < 2_100
    assert 2_600 < high < 3_300
    assert not np.isnan(heights).any()


def test_climate_cools_with_height_and_winters_are_dry(mirror: Path) -> None:
    mean, reader = _grid_of(mirror / "temperature_mean.tif")
    rain, _reader = _grid_of(mirror / "precipitation.tif")
    low, _reader = _grid_of(mirror / "temperature_min.tif")
    high, _reader = _grid_of(mirror / "temperature_max.tif")
    assert (low < mean).all()
    assert (mean < high).all()
    assert rain[5:8].sum() < 0.08 * rain.sum()
    year, total = mean.mean(axis=0), rain.sum(axis=0)
    places = {TERRITORY.municipality(code).name: reader.grid.rowcol(x, y) for code, (x, y, _z) in _seats().items()}
    assert 17 < year[places["Samaipata"]] < 20
    assert 15 < year[places["Vallegrande"]] < 18
    assert year[places["Saipina"]] > year[places["Moro Moro"]] + 4
    assert total[places["Saipina"]] < 600 < total[places["Samaipata"]] < 900
    assert 400 <= total.min() < 600
    assert total.max() > 1_300


def test_land_cover_uses_the_codes_of_worldcover_and_holds_every_kind(mirror: Path, outlines: gpd.GeoDataFrame) -> None:
    cover, reader = _grid_of(mirror / "land_cover.tif")
    inside = rasterise_values(outlines, range(1, 12), reader.grid) > 0
    codes, counts = np.unique(cover[0][inside], return_counts=True)
    share = dict(zip(codes.astype(int).tolist(), counts / counts.sum(), strict=True))
    assert set(share) >= {10, 20, 30, 40, 50, 60, 80}
    assert set(share) <= {10, 20, 30, 40, 50, 60, 80, 90}
    assert 0.25 < share[10] < 0.75
    depth, _reader = _grid_of(mirror / "soil_depth.tif")
    assert 8 <= depth.min() < 30
    assert depth.max() > 100
    soil, _reader = _grid_of(mirror / "soil.tif")
    np.testing.assert_allclose(soil[0] + soil[1] + soil[2], 100, atol=0.01)


def test_streams_and_roads_follow_the_ground(mirror: Path) -> None:
    heights, reader = _grid_of(mirror / "elevation.tif")
    streams = read_vector(mirror / "streams.gpkg", crs=TERRITORY.crs)
    roads = read_vector(mirror / "roads.gpkg", crs=TERRITORY.crs)
    assert set(streams["clase"]) == {"river", "stream", "canal"}
    assert set(streams["intermitente"]) == {0, 1}
    ends = [[line.coords[0], line.coords[-1]] for line in streams.geometry]
    falls = [
        heights[0][reader.grid.rowcol(*start[:2])] - heights[0][reader.grid.rowcol(*end[:2])] for start, end in ends
    ]
    assert np.min(falls) >= 0, "streams run downhill"
    settlements = read_vector(mirror / "settlements.geojson", crs=TERRITORY.crs)
    network = shapely.union_all(np.asarray(roads.geometry.array, dtype=object))
    assert settlements.distance(network).quantile(0.9) < 1_000
    seats = [shapely.Point(x, y) for x, y, _z in _seats().values()]
    main = shapely.union_all(list(roads[roads["clase"].isin(["trunk", "primary", "tertiary"])].geometry))
    assert max(seat.distance(main) for seat in seats) < 1_000


def test_settlements_lie_in_their_own_municipality(mirror: Path, outlines: gpd.GeoDataFrame) -> None:
    settlements = read_vector(mirror / "settlements.geojson", crs=TERRITORY.crs)
    owner = gpd.sjoin(settlements, outlines, predicate="within", how="left")["code"]
    assert (owner == settlements["cod_ine"]).all()
    assert len(settlements) > 300
    assert set(settlements["cod_ine"]) == set(TERRITORY.codes)


def test_everything_says_that_it_is_a_demonstration(mirror: Path) -> None:
    assert TERRITORY.demo
    assert "demostración" in TERRITORY.name
    assert "demostración" in TERRITORY.notice
    listed = tomllib.loads((mirror / "mirror.toml").read_text(encoding="utf-8"))["layer"]
    files = {file.name for file in mirror.iterdir()} - {"mirror.toml"}
    assert {entry["file"] for entry in listed} == files
    for entry in listed:
        assert LABEL in entry["source"]
        assert LABEL in entry["licence"]
        assert LABEL in entry["attribution"]
        assert entry["sha256"] == sha256_of(mirror / entry["file"])
        assert theme(entry["theme"]) is not None, entry["theme"]
        path = mirror / entry["file"]
        if path.suffix == ".tif":
            with RasterReader(path) as reader:
                assert reader.tags["notice"] == LABEL
        else:
            assert set(read_vector(path)["fuente"]) == {LABEL}
    made_up = read_vector(mirror / "settlements.geojson")["comunidad"]
    seats = {each.name for each in TERRITORY.municipalities}
    assert all(name in seats or name.endswith("(demo)") for name in made_up)


def test_the_same_code_makes_the_same_bytes(mirror: Path, tmp_path: Path) -> None:
    demo_outlines.cache_clear()
    again = write_demo_mirror(tmp_path / "mirror", cell_m=360)
    assert {file.name: sha256_of(file) for file in mirror.iterdir()} == {
        file.name: sha256_of(file) for file in again.iterdir()
    }


def test_the_ordinary_fetch_prepares_it_and_the_check_finds_no_defect(mirror: Path, tmp_path: Path) -> None:
    workspace = Workspace.init(tmp_path / "ws", TERRITORY.with_cell(360.0))
    report = fetch(workspace, Mirror.read(mirror))
    assert {item.status for item in report.items} == {"prepared"}, report
    needed = ("municipalities", "elevation", "temperature_mean_demo", "precipitation_demo", "soil_depth", "land_cover")
    assert [name for name in needed if not workspace.has_layer(name)] == []
    assert "371 de 371 poblados caen en su municipio" in report.items[0].detail
    checked = check(workspace)
    assert checked.ok, checked


@pytest.mark.parametrize("cell", [0.0, 10.0, 5_000.0, float("nan")])
def test_a_cell_out_of_range_is_refused(tmp_path: Path, cell: float) -> None:
    with pytest.raises(InputError, match="Celda"):
        write_demo_mirror(tmp_path / "mirror", cell_m=cell)
    assert not (tmp_path / "mirror").exists()


@pytest.mark.real_data
def test_the_sketch_resembles_the_territory_from_afar(shared_data: Path, outlines: gpd.GeoDataFrame) -> None:
    real = read_vector(shared_data / "geo" / "municipios_valles_crucenos.geojson", crs=TERRITORY.crs)
    real = real.set_index("cod_ine").loc[list(TERRITORY.codes)]
    shared = [a.intersection(b).area / b.area for a, b in zip(outlines.geometry, real.geometry, strict=True)]
    assert min(shared) > 0.5
    borders = shapely.union_all([shape.boundary for shape in real.geometry])
    copied = (
        outlines.boundary.union_all().intersection(borders.buffer(50)).length / outlines.boundary.union_all().length
    )
    assert copied < 0.1, "schematic, not traced"
