"""A fetch prepares what it can, says what it cannot, and picks up where it was cut off."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely import box

from gis.rasters.cog import RasterReader
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_geojson, write_gpkg
from layers.mirrors.mirror import Mirror
from layers.preparation.fetch import fetch
from layers.provenance import read_provenance
from layers.territory import Territory
from layers.workspace import Workspace

PREPARED = {
    "municipalities",
    "elevation",
    "soil",
    "protected_areas",
    "roads",
    "streams",
    "settlements",
    *(
        f"{variable}_{source}"
        for variable in ("temperature_mean", "temperature_min", "temperature_max", "precipitation")
        for source in ("chelsa", "worldclim")
    ),
}


@pytest.fixture(scope="module")
def fetched(mirror_template: Path, tmp_path_factory: pytest.TempPathFactory, tiny: Territory) -> Workspace:
    workspace = Workspace.init(tmp_path_factory.mktemp("ws") / "w", tiny)
    report = fetch(workspace, Mirror.read(mirror_template))
    assert report.ok, report.to_dict()
    return workspace


def _hashes(workspace: Workspace) -> dict[str, str]:
    return {name: record.prepared_sha256 for name, record in read_provenance(workspace.layers_dir).items()}


def test_everything_the_mirror_brings_is_prepared_on_one_grid(fetched: Workspace) -> None:
    assert set(_hashes(fetched)) == PREPARED
    shapes = set()
    for path in fetched.layers_dir.glob("*.tif"):
        with RasterReader(path) as reader:
            shapes.add((reader.grid.shape, reader.grid.left, reader.grid.top, reader.grid.cell))
    assert len(shapes) == 1


def test_provenance_says_source_licence_attribution_date_hash_unit_and_steps(
    fetched: Workspace, mirror_template: Path
) -> None:
    layers = json.loads((fetched.layers_dir / "provenance.json").read_text())["layers"]
    wanted = {"name", "source", "licence", "attribution", "date", "sha256", "unit", "steps"}
    assert all(wanted <= set(each) for each in layers)
    by_name = {each["name"]: each for each in layers}
    assert by_name["elevation"]["sha256"] == hashlib.sha256((mirror_template / "dem.tif").read_bytes()).hexdigest()
    assert by_name["elevation"]["unit"] == "m"
    assert 350 < by_name["elevation"]["native_cell_m"] < 450
    assert by_name["protected_areas"]["attribution"] == "Casa protected_areas; Casa protected_areas_other"
    assert by_name["temperature_mean_worldclim"]["notes"]["lapse_c_per_km"] == [pytest.approx(-5.5, abs=0.02)]


def test_temperature_falls_with_elevation_as_in_the_source(fetched: Workspace) -> None:
    with RasterReader(fetched.layer("elevation")) as relief:
        z = relief.read(0, relief.grid.rows)[0]
    for source, sea_level in (("chelsa", 27.0), ("worldclim", 29.0)):
        with RasterReader(fetched.layer(f"temperature_mean_{source}")) as reader:
            year = reader.read(0, reader.grid.rows).mean(axis=0)
        inside = np.isfinite(year)
        np.testing.assert_allclose(year[inside], sea_level - 0.0055 * z[inside], atol=0.1)


def test_the_two_sources_share_a_pattern_and_keep_their_own_totals(fetched: Workspace) -> None:
    with (
        RasterReader(fetched.layer("precipitation_worldclim")) as one,
        RasterReader(fetched.layer("precipitation_chelsa")) as other,
    ):
        first, second = one.read(0, one.grid.rows), other.read(0, other.grid.rows)
    np.testing.assert_allclose(np.nanmax(first.sum(axis=0)), 500.0, atol=1.0)
    np.testing.assert_allclose(np.nanmax(second.sum(axis=0)), 720.0, atol=1.0)
    both = np.isfinite(first[0])
    np.testing.assert_allclose(first[0][both] / 500, second[0][both] / 720, atol=2e-3)


def test_cells_outside_the_territory_stay_missing_but_the_relief_is_whole(fetched: Workspace) -> None:
    with RasterReader(fetched.layer("temperature_mean_chelsa")) as reader:
        corner = reader.value_at(0, 0)
    with RasterReader(fetched.layer("elevation")) as reader:
        assert np.isfinite(reader.value_at(0, 0)).all()
    assert np.isnan(corner).all()


def test_vectors_have_the_columns_of_the_catalogue(fetched: Workspace) -> None:
    streams = read_vector(fetched.layer("streams"), layer="streams")
    assert [bool(value) for value in streams["permanent"]] == [True, False]
    assert list(streams["stream_class"]) == ["river", "stream"]
    people = read_vector(fetched.layer("settlements"), layer="settlements")
    assert list(people["municipality"]) == ["070801", "070801", "070802", "070802"]
    assert list(people["population"]) == [10, 20, 30, 40]
    roads = read_vector(fetched.layer("roads"), layer="roads")
    assert roads.crs.to_epsg() == 32720
    assert list(roads["road_class"]) == ["trunk"]


def test_an_area_in_both_sets_of_parks_is_taken_once_from_the_first(fetched: Workspace) -> None:
    parks = read_vector(fetched.layer("protected_areas"), layer="protected_areas")
    assert list(zip(parks["name"], parks["category"], strict=True)) == [
        ("Rio Grande", "integrated_management"),
        ("Amboró", "national_park"),
    ]
    assert parks["source"].iloc[1] == "Casa protected_areas"


def test_a_second_fetch_keeps_everything_and_writes_nothing(fetched: Workspace, mirror_template: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in fetched.layers_dir.iterdir()}
    report = fetch(fetched, Mirror.read(mirror_template))
    assert {each.prepared for each in report.of("kept")} == PREPARED
    after = {path.name: path.stat().st_mtime_ns for path in fetched.layers_dir.iterdir()}
    assert {name for name in before if before[name] != after[name]} <= {"provenance.json"}


def test_the_same_mirror_gives_the_same_bytes(fetched: Workspace, mirror_template: Path, tmp_path: Path) -> None:
    again = Workspace.init(tmp_path / "w", fetched.territory)
    fetch(again, Mirror.read(mirror_template))
    assert _hashes(again) == _hashes(fetched)


def test_a_plan_writes_nothing_and_tells_sizes_and_licences(
    territory: Territory, mirror_folder: Path, tmp_path: Path
) -> None:
    workspace = Workspace.init(tmp_path / "w", territory)
    report = fetch(workspace, Mirror.read(mirror_folder), plan=True)
    assert {each.prepared for each in report.of("planned")} == PREPARED
    assert list(workspace.layers_dir.iterdir()) == []
    elevation = next(each for each in report.items if each.prepared == "elevation")
    assert elevation.bytes == (mirror_folder / "dem.tif").stat().st_size
    assert elevation.licence == "CC0"


def test_what_fails_is_listed_and_what_succeeds_stays(
    territory: Territory, mirror_folder: Path, tmp_path: Path
) -> None:
    with (mirror_folder / "suelo.tif").open("ab") as file:
        file.write(b"tampered")
    (mirror_folder / "caminos.gpkg").unlink()
    workspace = Workspace.init(tmp_path / "w", territory)
    report = fetch(workspace, Mirror.read(mirror_folder))
    failed = {each.prepared: each for each in report.failed}
    assert set(failed) == {"soil", "roads"}
    assert "sha256" in failed["soil"].detail
    assert "caminos.gpkg" in failed["roads"].detail
    assert {each.prepared for each in report.of("prepared")} == PREPARED - {"soil", "roads"}
    ignored = {each.theme: each.detail for each in report.of("ignored")}
    assert "no conoce" in ignored["starlight"]


def test_a_mended_mirror_only_prepares_what_was_missing(
    territory: Territory, mirror_folder: Path, mirror_template: Path, tmp_path: Path
) -> None:
    (mirror_folder / "caminos.gpkg").unlink()
    workspace = Workspace.init(tmp_path / "w", territory)
    fetch(workspace, Mirror.read(mirror_folder))
    (mirror_folder / "caminos.gpkg").write_bytes((mirror_template / "caminos.gpkg").read_bytes())
    report = fetch(workspace, Mirror.read(mirror_folder))
    assert [each.prepared for each in report.of("prepared")] == ["roads"]


def test_another_cell_prepares_everything_again(territory: Territory, mirror_template: Path, tmp_path: Path) -> None:
    workspace = Workspace.init(tmp_path / "w", territory)
    fetch(workspace, Mirror.read(mirror_template))
    finer = replace(workspace, territory=territory.with_cell(400))
    report = fetch(finer, Mirror.read(mirror_template))
    assert {each.prepared for each in report.of("prepared")} == PREPARED - {"municipalities"}


def _spoil(outlines: gpd.GeoDataFrame, how: str) -> gpd.GeoDataFrame:
    if how == "axes":
        shapes = [box(b[1], b[0], b[3], b[2]) for b in outlines.geometry.bounds.to_numpy()]
    elif how == "country":
        shapes = [box(b[0] + 70, b[1] + 60, b[2] + 70, b[3] + 60) for b in outlines.geometry.bounds.to_numpy()]
    else:
        shapes = [box(b[0] + 0.3, b[1] + 0.3, b[2] + 0.3, b[3] + 0.3) for b in outlines.geometry.bounds.to_numpy()]
    return outlines.set_geometry(shapes, crs="EPSG:4326")


@pytest.mark.parametrize(("how", "words"), [("axes", "ejes"), ("country", "otro lugar"), ("shifted", "desplazados")])
def test_a_bad_boundary_stops_the_fetch_with_its_reason(  # noqa: PLR0917  fixtures come by name
    territory: Territory,
    outlines: gpd.GeoDataFrame,
    mirror_folder: Path,
    tmp_path: Path,
    reindex: Callable[..., None],
    how: str,
    words: str,
) -> None:
    write_geojson(_spoil(outlines, how), mirror_folder / "limites.geojson")
    reindex(mirror_folder)
    workspace = Workspace.init(tmp_path / "w", territory)
    report = fetch(workspace, Mirror.read(mirror_folder))
    assert report.failed[0].prepared == "municipalities"
    assert words in report.failed[0].detail
    assert {each.prepared for each in report.failed} == PREPARED
    assert not workspace.has_layer("municipalities")


def test_a_wrong_unit_is_refused_by_what_it_says_and_by_what_it_holds(
    territory: Territory, mirror_folder: Path, tmp_path: Path, reindex: Callable[..., None]
) -> None:
    entries = (
        {"theme": "boundaries", "file": "limites.geojson"},
        {"theme": "elevation", "file": "dem.tif", "unit": "feet"},
        {"theme": "soil", "file": "dem.tif", "unit": "%"},
    )
    reindex(mirror_folder, entries)
    report = fetch(Workspace.init(tmp_path / "w", territory), Mirror.read(mirror_folder))
    failed = {each.theme: each.detail for each in report.failed}
    assert "feet" in failed["elevation"]
    assert "dem.tif" in failed["soil"]
    assert "temperature_mean" in failed


def test_kelvin_called_celsius_is_refused(
    territory: Territory, mirror_folder: Path, tmp_path: Path, reindex: Callable[..., None]
) -> None:
    entries = (
        {"theme": "boundaries", "file": "limites.geojson"},
        {"theme": "elevation", "file": "dem.tif", "unit": "m"},
        {"theme": "temperature_mean", "file": "chelsa_prcp.tif", "bands": "1-12", "unit": "degC", "climate": "chelsa"},
    )
    reindex(mirror_folder, entries)
    report = fetch(Workspace.init(tmp_path / "w", territory), Mirror.read(mirror_folder))
    failed = {each.prepared: each for each in report.failed}
    assert "degC" in failed["temperature_mean_chelsa"].detail
    assert not (tmp_path / "w" / "layers" / "temperature_mean_chelsa.tif").exists()


def test_a_climate_that_territory_asks_for_and_nobody_brings_is_named(
    territory: Territory, mirror_folder: Path, tmp_path: Path
) -> None:
    wanted = Workspace.init(tmp_path / "w", replace(territory, climate="terraclimate"))
    report = fetch(wanted, Mirror.read(mirror_folder), plan=True)
    assert "terraclimate" in report.failed[0].detail
    assert "chelsa, worldclim" in report.failed[0].expected


RUN = """
import sys
from layers.preparation.fetch import fetch
from layers.mirrors.mirror import Mirror
from layers.workspace import Workspace
print("go", flush=True)
fetch(Workspace.open(sys.argv[1]), Mirror.read(sys.argv[2]))
"""


def test_killed_at_random_moments_it_ends_with_the_same_hashes_and_nothing_half_written(
    fetched: Workspace, mirror_template: Path, tmp_path: Path
) -> None:
    workspace = Workspace.init(tmp_path / "w", fetched.territory)
    command = [sys.executable, "-c", RUN, str(workspace.root), str(mirror_template)]
    chance = random.Random(7)  # noqa: S311  a moment to kill, not a secret
    for _attempt in range(3):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
            if run.stdout is not None:
                run.stdout.readline()
            time.sleep(chance.uniform(0.1, 1.5))
            run.send_signal(signal.SIGKILL)
        for path in workspace.layers_dir.glob("[!.]*.tif"):
            with RasterReader(path) as reader:
                reader.value_at(reader.grid.rows - 1, reader.grid.cols - 1)
        read_provenance(workspace.layers_dir)
    report = fetch(workspace, Mirror.read(mirror_template))
    assert report.ok
    assert _hashes(workspace) == _hashes(fetched)
    assert [path.name for path in workspace.layers_dir.glob(".*")] == []


FULL = """
import resource, signal, sys
from layers.preparation.fetch import fetch
from layers.mirrors.mirror import Mirror
from layers.workspace import Workspace
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
report = fetch(Workspace.open(sys.argv[1]), Mirror.read(sys.argv[2]))
print(len(report.failed), len(report.of("prepared")))
print(*{each.detail for each in report.failed}, sep="\\n")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_fails_in_words_and_a_later_fetch_completes(
    fetched: Workspace, mirror_template: Path, tmp_path: Path
) -> None:
    workspace = Workspace.init(tmp_path / "w", fetched.territory)
    command = [sys.executable, "-c", FULL, str(workspace.root), str(mirror_template)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    assert int(run.stdout.split()[0]) > 0
    assert "espacio" in run.stdout or "disco" in run.stdout or "escribir" in run.stdout
    assert [path.name for path in workspace.layers_dir.glob(".*")] == []
    assert fetch(workspace, Mirror.read(mirror_template)).ok
    assert _hashes(workspace) == _hashes(fetched)


def test_an_optional_layer_with_nothing_here_is_told_and_does_not_fail_the_fetch(
    territory: Territory, mirror_folder: Path, tmp_path: Path, reindex: Callable[..., None]
) -> None:
    near = gpd.read_file(mirror_folder / "caminos.gpkg")
    beside = near.set_geometry(near.geometry.translate(0.0, 0.3))
    both = pd.concat([beside, near.set_geometry(near.geometry.translate(0.0, -0.3))])
    write_gpkg(both, mirror_folder / "caminos.gpkg", layer="caminos")
    far = gpd.read_file(mirror_folder / "cursos.gpkg")
    write_gpkg(far.set_geometry(far.geometry.translate(-5.0, 2.0)), mirror_folder / "cursos.gpkg", layer="cursos_agua")
    _move_away(mirror_folder / "suelo.tif")
    reindex(mirror_folder)
    workspace = Workspace.init(tmp_path / "w", territory)
    report = fetch(workspace, Mirror.read(mirror_folder))
    assert report.ok, report.to_dict()
    assert {each.prepared for each in report.of("nothing")} == {"roads", "streams", "soil"}
    assert all(each.detail for each in report.of("nothing"))
    assert not any(workspace.has_layer(name) for name in ("roads", "streams", "soil"))
    _move_away(mirror_folder / "dem.tif")
    reindex(mirror_folder)
    again = fetch(Workspace.init(tmp_path / "v", territory), Mirror.read(mirror_folder))
    assert "elevation" in {each.prepared for each in again.failed}


def _move_away(path: Path) -> None:
    with rasterio.open(path, "r+") as raster:
        raster.transform = raster.transform * raster.transform.translation(200 * raster.width, 0)
