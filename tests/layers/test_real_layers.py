"""The development data becomes the layers of the Valles Cruceños, and each figure is one its sources state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from gis.rasters.cog import RasterReader
from gis.vectors.vector import read_vector
from layers.checking.layer_check import check
from layers.mirrors.mirror import Mirror
from layers.preparation.fetch import fetch
from layers.preparation.territory_grid import read_municipalities
from layers.provenance import read_provenance
from layers.territory import builtin_territory
from layers.workspace import Workspace

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def valles(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    territory = builtin_territory("valles_crucenos").with_cell(500)
    workspace = Workspace.init(tmp_path_factory.mktemp("valles") / "w", territory)
    report = fetch(workspace, Mirror.read(shared_data))
    assert report.ok, [each.detail for each in report.failed]
    return workspace


def test_eleven_municipalities_tile_and_have_their_stated_areas(valles: Workspace) -> None:
    found = read_municipalities(valles)
    assert shapely.coverage_is_valid(found.geometry.to_numpy())
    for row in found.itertuples():
        stated = valles.territory.municipality(row.code)
        assert row.name == stated.name
        assert row.area_ha / 100 == pytest.approx(stated.area_km2, rel=1e-3)
    notes = read_provenance(valles.layers_dir)["municipalities"].notes or {}
    assert notes["boundary"]["overlap_m2"] == pytest.approx(59_000, rel=0.05)
    assert notes["boundary"]["gaps"] == 7
    assert notes["settlements"]["inside"] >= 377
    assert notes["settlements"]["inside"] / notes["settlements"]["known"] > 0.99


def test_seats_stand_at_their_altitudes(valles: Workspace) -> None:
    report = check(valles)
    assert report.ok, report.to_dict()
    assert not any("sede" in each for each in report.warnings)
    assert (read_provenance(valles.layers_dir)["elevation"].native_cell_m or 0) > 90


def test_the_two_climates_differ_as_their_sources_do(valles: Workspace) -> None:
    means = {}
    for name in ("temperature_mean_chelsa", "temperature_mean_worldclim", "precipitation_chelsa"):
        with RasterReader(valles.layer(name)) as reader:
            means[name] = float(np.nanmean(reader.read(0, reader.grid.rows)))
    with RasterReader(valles.layer("precipitation_worldclim")) as reader:
        rain = float(np.nanmean(reader.read(0, reader.grid.rows)))
    assert means["temperature_mean_worldclim"] - means["temperature_mean_chelsa"] == pytest.approx(1.95, abs=0.15)
    assert means["precipitation_chelsa"] / rain == pytest.approx(1.45, abs=0.05)


def test_parks_and_managed_areas_cover_what_their_sources_say(valles: Workspace) -> None:
    parks = read_vector(valles.layer("protected_areas"), layer="protected_areas")
    inside = read_municipalities(valles).union_all()
    area = {}
    for category in ("national_park", "integrated_management"):
        chosen = parks[(parks["category"] == category) & parks["name"].str.contains("Ambor")]
        area[category] = chosen.union_all().intersection(inside).area / 1e6
    assert area["national_park"] == pytest.approx(2276, rel=0.01)
    assert area["integrated_management"] == pytest.approx(817, rel=0.01)
    great = parks[parks["name"].str.contains("Rio Grande")].union_all().intersection(inside).area / 1e6
    assert great == pytest.approx(5930, rel=0.01)
    assert parks["name"].str.fullmatch("Ambor.").sum() == 2


def test_roads_and_streams_keep_class_and_permanence(valles: Workspace) -> None:
    inside = read_municipalities(valles).union_all()
    roads = read_vector(valles.layer("roads"), layer="roads")
    trunk = roads[roads["road_class"] == "trunk"].intersection(inside).length.sum() / 1000
    assert trunk == pytest.approx(272, rel=0.03)
    streams = read_vector(valles.layer("streams"), layer="streams")
    assert streams["permanent"].notna().all()
    assert 0.3 < streams["permanent"].astype(bool).mean() < 0.8
