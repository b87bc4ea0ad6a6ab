"""A check finds each defect that would falsify a zoning, names it in words, and leaves sound layers alone."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from gis.atomic import sha256_of
from gis.grid import Grid
from gis.rasters.cog import CogWriter, RasterReader
from gis.rasters.raster import Raster, raster_info
from gis.vectors.vector_files import write_gpkg
from layers.checking.alignment_words import stream_findings, water_warnings
from layers.checking.check_page import write_check_page
from layers.checking.check_report import CheckReport
from layers.checking.declared import declared_warnings
from layers.checking.layer_check import check
from layers.checking.months_check import exchanged_rain, month_defects, swapped_months
from layers.checking.seams import SeamFinder, void_strips
from layers.mirrors.mirror import Mirror
from layers.preparation.fetch import fetch
from layers.provenance import read_provenance, write_provenance
from layers.territory import Territory
from layers.workspace import Workspace

from .conftest import centres, elevation_at, write_index, write_tif

Change = Callable[[np.ndarray], np.ndarray]
TODAY = dt.date(2026, 11, 1)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, mirror_template: Path, tiny: Territory) -> Workspace:
    """Return the tiny territory on cells of 100 m, its relief as rough as mountains are; tests copy it."""
    folder = tmp_path_factory.mktemp("sound")
    shutil.copytree(mirror_template, folder / "mirror")
    lon, lat = centres(0.001)
    relief = elevation_at(lon, lat) + 0.3 * (_rough(1)[: lon.shape[0], : lon.shape[1]] - 1500.0)
    write_tif(folder / "mirror" / "dem.tif", relief[np.newaxis], cell=0.001)
    write_index(folder / "mirror")
    workspace = Workspace.init(folder / "w", replace(tiny, cell_m=100.0, climate="chelsa"))
    fetch(workspace, Mirror.read(folder / "mirror"))
    return workspace


@pytest.fixture
def spoilt(sound: Workspace, tmp_path: Path) -> Callable[[str, Change], CheckReport]:
    """Return what changes the values of one layer, keeps its provenance true, and checks the workspace."""

    def spoil(name: str, change: Change) -> CheckReport:
        shutil.copytree(sound.root, tmp_path / "w")
        workspace = Workspace.open(tmp_path / "w")
        _rewrite(workspace, name, change)
        return check(workspace, today=TODAY)

    return spoil


def _rewrite(workspace: Workspace, name: str, change: Change) -> None:
    path = workspace.layer(name)
    info = raster_info(path)
    with RasterReader(path) as reader:
        grid, values = reader.grid, reader.read(0, reader.grid.rows)
    with CogWriter(path, grid, names=info.names, unit=info.units[0], dtype="float32") as writer:
        writer.write(change(values.copy()).astype(np.float32))
    records = read_provenance(workspace.layers_dir)
    records[name] = replace(records[name], prepared_sha256=sha256_of(path), prepared_bytes=path.stat().st_size)
    write_provenance(workspace.layers_dir, records)


def _told(report: CheckReport) -> str:
    return " | ".join([*report.defects, *(text for each in report.layers for text in each.defects)])


def test_sound_layers_have_no_defect(sound: Workspace) -> None:
    report = check(sound, today=TODAY)
    assert report.ok, _told(report)
    elevation = next(each for each in report.layers if each.name == "elevation")
    assert (elevation.coverage, elevation.missing) == (1.0, 0.0)


@pytest.mark.parametrize(("down", "right", "word"), [(0, 5, "500 m al este"), (-4, 3, "400 m al norte")])
def test_an_elevation_that_was_moved_is_found_against_its_temperature(
    spoilt: Callable[[str, Change], CheckReport], down: int, right: int, word: str
) -> None:
    report = spoilt("elevation", lambda values: np.roll(values, (down, right), axis=(1, 2)))
    assert "desplazada" in _told(report)
    assert word in _told(report)


def test_metres_read_as_feet_are_found(spoilt: Callable[[str, Change], CheckReport]) -> None:
    told = _told(spoilt("elevation", lambda values: values * 3.2808))
    assert "pies" in told


def test_a_seam_of_twenty_metres_is_found_and_placed(spoilt: Callable[[str, Change], CheckReport]) -> None:
    def seam(values: np.ndarray) -> np.ndarray:
        values[:, :, values.shape[2] // 2 :] += 20.0
        return values

    told = _told(spoilt("elevation", seam))
    assert "escalón" in told
    assert float(re.search(r"escalón de ([\d,]+)", told)[1].replace(",", ".")) == pytest.approx(20, rel=0.15)  # type: ignore[index]
    assert "de norte a sur" in told
    assert "longitud −64,10" in told


def test_kelvin_left_in_is_named(spoilt: Callable[[str, Change], CheckReport]) -> None:
    assert "kelvin" in _told(spoilt("temperature_mean_chelsa", lambda values: values + 273.15))


def test_a_no_data_number_read_as_a_value_is_named(spoilt: Callable[[str, Change], CheckReport]) -> None:
    def sentinel(values: np.ndarray) -> np.ndarray:
        values[:, 60:64, 80:90] = -9999.0
        return values

    assert "«sin dato» −9999 se leyó como valor" in _told(spoilt("precipitation_chelsa", sentinel))


def test_half_a_territory_without_a_value_is_a_defect_in_a_required_layer_only(
    spoilt: Callable[[str, Change], CheckReport], sound: Workspace, tmp_path: Path
) -> None:
    def half(values: np.ndarray) -> np.ndarray:
        values[:, :, values.shape[2] // 2 :] = np.nan
        return values

    told = _told(spoilt("precipitation_chelsa", half))
    assert re.search(r"cubre (49|50),\d % del territorio|cubre (49|50),\d% del territorio", told), told
    shutil.copytree(sound.root, tmp_path / "v")
    workspace = Workspace.open(tmp_path / "v")
    _rewrite(workspace, "soil", half)
    report = check(workspace, today=TODAY)
    assert report.ok
    assert any("cubre" in text for each in report.layers for text in each.warnings)


def test_a_strip_of_voids_is_found(spoilt: Callable[[str, Change], CheckReport]) -> None:
    def void(values: np.ndarray) -> np.ndarray:
        values[:, 70:72] = np.nan
        return values

    told = _told(spoilt("elevation", void))
    assert "franja sin dato" in told
    assert "de oeste a este" in told


def test_exchanged_months_are_named(spoilt: Callable[[str, Change], CheckReport]) -> None:
    order = [0, 1, 6, 3, 4, 5, 2, 7, 8, 9, 10, 11]
    told = _told(spoilt("temperature_mean_chelsa", lambda values: values[order]))
    assert "marzo y julio parecen cambiados" in told


def test_a_minimum_above_the_mean_and_the_wrong_summer_are_named(spoilt: Callable[[str, Change], CheckReport]) -> None:
    assert "supera a la media" in _told(spoilt("temperature_min_chelsa", lambda values: values + 9.0))


def test_the_summer_of_the_other_hemisphere_is_named() -> None:
    year = (20 + 4 * np.cos(2 * np.pi * np.arange(12) / 12))[:, np.newaxis]
    assert month_defects({"temperature_mean": year}, "x", latitude=-18.0) == []
    (told,) = month_defects({"temperature_mean": year}, "x", latitude=40.0)
    assert "el mes más cálido es enero" in told
    assert month_defects({"temperature_mean": year}, "x", latitude=4.0) == []


def test_no_smooth_year_has_exchanged_months() -> None:
    rng = np.random.default_rng(8)
    for _try in range(200):
        phase, second = rng.uniform(0, 12), rng.uniform(0, 0.3)
        angle = 2 * np.pi * (np.arange(12) - phase) / 12
        year = 18 + rng.uniform(2, 12) * (np.cos(angle) + second * np.cos(2 * angle)) + rng.normal(0, 0.15, 12)
        assert swapped_months(year) is None


def test_a_source_that_ends_at_a_border_is_found(sound: Workspace, tmp_path: Path) -> None:
    shutil.copytree(sound.root, tmp_path / "w")
    workspace = Workspace.open(tmp_path / "w")
    path = workspace.layer("settlements")
    one = gpd.GeoDataFrame(
        {"name": ["A"], "municipality": ["070801"], "population": [3]}, geometry=[Point(-64.15, -18.5)], crs="EPSG:4326"
    )
    write_gpkg(one.to_crs("EPSG:32720"), path, layer="settlements")
    records = read_provenance(workspace.layers_dir)
    records["settlements"] = replace(records["settlements"], prepared_sha256=sha256_of(path))
    write_provenance(workspace.layers_dir, records)
    assert "1 de 2 municipios no tienen ninguno: Pucará" in _told(check(workspace, today=TODAY))


def test_a_file_that_changed_is_said_and_still_examined(sound: Workspace, tmp_path: Path) -> None:
    shutil.copytree(sound.root, tmp_path / "w")
    workspace = Workspace.open(tmp_path / "w")
    records = read_provenance(workspace.layers_dir)
    _rewrite(workspace, "elevation", lambda values: values * 3.2808)
    write_provenance(workspace.layers_dir, records)
    told = _told(check(workspace, today=TODAY))
    assert "cambió después de prepararse" in told
    assert "pies" in told
    workspace.layer("soil").write_bytes(b"II*\0 nada")
    assert not check(workspace, today=TODAY).ok


def test_the_climate_sources_are_compared_in_every_municipality(sound: Workspace) -> None:
    gaps = check(sound, today=TODAY).climate
    assert [each.code for each in gaps] == ["", "070801", "070802"]
    assert all((each.source, each.against) == ("worldclim", "chelsa") for each in gaps)
    assert all(each.temperature_c == pytest.approx(2.7, abs=0.2) for each in gaps)
    assert all(each.rain_share == pytest.approx(500 / 720 - 1, abs=0.02) for each in gaps)


def test_what_ages_is_said_to_be_old_and_what_does_not_is_not(sound: Workspace) -> None:
    record = read_provenance(sound.layers_dir)["elevation"]
    cover = replace(record, theme="land_cover", date="2015")
    assert any("más de 6 años" in each for each in declared_warnings(cover, TODAY))
    assert not any("años" in each for each in declared_warnings(replace(cover, theme="elevation"), TODAY))
    assert not any("años" in each for each in declared_warnings(replace(cover, date="2015; 2021"), TODAY))
    told = declared_warnings(replace(record, licence="", date="", source=""), TODAY)
    assert set(told) == {"sin licencia", "sin fecha", "sin fuente"}


def _scanned(values: np.ndarray, floor: float) -> list[tuple[bool, int, float]]:
    grid = Grid.covering((0, 0, values.shape[1] * 30, values.shape[0] * 30), crs="EPSG:32720", cell=30)
    finder = SeamFinder(grid)
    for start in range(0, len(values), 256):
        finder.add(values[start : start + 256].astype(np.float32))
    return [(each.upright, each.row if not each.upright else each.col, each.step) for each in finder.seams(floor)]


def _rough(seed: int, side: int = 640) -> np.ndarray:
    """Return relief of every wavelength, as mountains have: 400 m about its mean, 15 % steep."""
    rng = np.random.default_rng(seed)
    wave = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.rfftfreq(side), indexing="ij"))
    wave[0, 0] = 1.0
    turned = np.fft.irfft2(np.exp(2j * np.pi * rng.random(wave.shape)) * wave**-2.2, s=(side, side))
    return np.asarray(1500 + turned / turned.std() * 400)


@pytest.mark.parametrize("seed", range(4))
def test_rough_relief_has_no_seam_until_tiles_are_joined_badly(seed: int) -> None:
    relief = _rough(seed)
    assert _scanned(relief, 10.0) == []
    rows, cols = np.indices(relief.shape)
    leaning = 300 + rows // 64
    found = _scanned(relief + 20.0 * (cols >= leaning), 10.0)
    assert len(found) == 1
    upright, place, step = found[0]
    assert upright
    assert abs(place - 305) <= 8
    assert step == pytest.approx(20.0, abs=6.0)
    lying = _scanned(relief - 25.0 * (rows >= 333), 10.0)
    assert [(each[0], abs(each[1] - 333) <= 3) for each in lying] == [(False, True)]


def test_a_ragged_gap_is_no_strip_and_a_leaning_strip_is() -> None:
    rows, cols = np.indices((400, 300))
    blob = np.hypot(rows - 200, cols - 150) < 30
    assert void_strips(blob) == ()
    (strip,) = void_strips(np.abs(cols - 100 - rows // 40) <= 1)
    assert strip.upright
    assert strip.cells == pytest.approx(400, rel=0.05)
    assert np.isnan(strip.step)


def test_the_page_needs_nothing_from_elsewhere_and_shows_every_layer(sound: Workspace, tmp_path: Path) -> None:
    shutil.copytree(sound.root, tmp_path / "w")
    workspace = Workspace.open(tmp_path / "w")
    roads = gpd.GeoDataFrame(
        {"class": ["trunk"], "name": ["<script>"]},
        geometry=[LineString([(-64.2, -18.5), (-64.0, -18.5)])],
        crs="EPSG:4326",
    )
    write_gpkg(roads.to_crs("EPSG:32720"), workspace.layer("roads"), layer="roads")
    report = check(workspace, today=TODAY)
    page = write_check_page(workspace, report)
    text = page.read_text(encoding="utf-8")
    assert text == write_check_page(workspace, report).read_text(encoding="utf-8")
    assert '<html lang="es">' in text
    assert not re.search(r"(?:src|href)=\"(?!data:)", text)
    assert "url(" not in text
    assert text.count("<article>") == len(report.layers)
    assert text.count("data:image/png;base64,") == len(report.layers)
    assert "No zonifique todavía" in text
    assert "worldclim" in text
    json.dumps(report.to_dict())


def test_a_raster_of_another_grid_is_a_defect(sound: Workspace, tmp_path: Path) -> None:
    shutil.copytree(sound.root, tmp_path / "w")
    workspace = Workspace.open(tmp_path / "w")
    other = Grid.covering((400_000, 7_950_000, 401_000, 7_951_000), crs="EPSG:32720", cell=100)
    raster = Raster.of(np.full(other.shape, 7.0, dtype=np.float32), unit="m", grid=other)
    with CogWriter(workspace.layer("elevation"), other, names=["elevation_m"], unit="m", dtype="float32") as writer:
        writer.write(raster.filled()[np.newaxis])
    assert "la cuadrícula no es la del espacio de trabajo" in _told(check(workspace, today=TODAY))


@pytest.mark.real_data
def test_the_real_sources_differ_by_two_degrees_and_almost_half_the_rain(shared_data: Path, tmp_path: Path) -> None:
    from layers.territory import builtin_territory  # noqa: PLC0415  this test alone

    workspace = Workspace.init(tmp_path / "w", builtin_territory("valles_crucenos").with_cell(500))
    fetch(workspace, Mirror.read(shared_data))
    report = check(workspace, today=TODAY)
    assert report.ok, _told(report)
    whole = report.climate[0]
    assert (whole.source, whole.against) == ("chelsa", "worldclim")
    assert whole.temperature_c == pytest.approx(-1.95, abs=0.05)
    assert whole.rain_share == pytest.approx(0.45, abs=0.02)
    assert len(report.climate) == 12
    assert any("solapes" in each for each in report.boundaries)


def _inside(workspace: Workspace) -> tuple[Grid, np.ndarray]:
    with RasterReader(workspace.layer("elevation")) as reader:
        return reader.grid, np.ones(reader.grid.shape, dtype=np.bool_)


def test_streams_beside_their_valleys_are_found_and_those_in_them_are_not(sound: Workspace, tmp_path: Path) -> None:
    shutil.copytree(sound.root, tmp_path / "w")
    workspace = Workspace.open(tmp_path / "w")
    grid, inside = _inside(workspace)
    valleys = 1500 + 300 * np.abs(np.sin(np.pi * (grid.xs - grid.left) / 2050))
    _rewrite(workspace, "elevation", lambda values: np.broadcast_to(valleys, values.shape).copy())
    bottom, top = grid.top - grid.rows * grid.cell, grid.top

    def told(east: float) -> tuple[list[str], list[str]]:
        beds = [LineString([(x + east, bottom), (x + east, top)]) for x in grid.left + 2050 * np.arange(1, 9)]
        streams = gpd.GeoDataFrame({"name": ["Río"] * len(beds)}, geometry=beds, crs=grid.crs)
        write_gpkg(streams, workspace.layer("streams"), layer="streams")
        return stream_findings(workspace, read_provenance(workspace.layers_dir), inside)

    assert told(0.0) == ([], [])
    (defect,), warnings = told(500.0)
    assert warnings == []
    assert "500 m al este" in defect
    assert "los ríos caen en los valles" in defect


def test_water_that_is_none_in_the_land_cover_is_told(sound: Workspace, tmp_path: Path) -> None:
    shutil.copytree(sound.root, tmp_path / "w")
    workspace = Workspace.open(tmp_path / "w")
    grid, inside = _inside(workspace)
    lake = gpd.GeoDataFrame(
        {"water_class": ["lake"]},
        geometry=[box(grid.left + 5000, grid.top - 8000, grid.left + 8000, grid.top - 5000)],
        crs=grid.crs,
    )
    write_gpkg(lake, workspace.layers_dir / "water.gpkg", layer="water")

    def told(moved: int) -> list[str]:
        cover = np.full(grid.shape, 30.0, dtype=np.float32)
        cover[50:80, 50 + moved : 80 + moved] = 80.0
        path = workspace.layers_dir / "land_cover.tif"
        with CogWriter(path, grid, names=["land_cover"], unit="class", classes=True) as writer:
            writer.write(cover[np.newaxis])
        return water_warnings(workspace, inside)

    assert told(0) == []
    (warning,) = told(25)
    assert "del agua cartografiada es agua en la cobertura" in warning


def test_exchanged_months_of_rain_are_told_where_another_source_says_otherwise(
    spoilt: Callable[[str, Change], CheckReport], sound: Workspace
) -> None:
    assert not any("parecen cambiados" in text for text in check(sound, today=TODAY).warnings)
    order = [0, 1, 6, 3, 4, 5, 2, 7, 8, 9, 10, 11]
    (told,) = [
        text
        for text in spoilt("precipitation_chelsa", lambda values: values[order]).warnings
        if "parecen cambiados" in text
    ]
    assert "marzo y julio" in told


def test_two_sources_that_share_out_the_rain_in_their_own_ways_are_not_taken_for_exchanged() -> None:
    rng = np.random.default_rng(3)
    year = 70 + 50 * np.cos(2 * np.pi * np.arange(12) / 12)
    for _each in range(200):
        assert exchanged_rain(year, year * rng.uniform(0.7, 1.4, 12)) is None
