"""A territory's limits, roads and an official layer fetched from the web in one call, over a line that drops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
from fault_server import Drop, FaultServer, Status
from osmium.osm.mutable import Node, Way
from shapely import box

from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_geojson
from layers.gathering.open_fetch import fetch_open_data
from layers.provenance import read_provenance
from layers.serving.territory_layers import territory_map_layers
from layers.sources.registry import catalogue
from layers.territory import Territory
from layers.transfer.web_client import Patience, WebClient
from layers.workspace import Workspace

pytestmark = pytest.mark.network
HASTY = WebClient(Patience(backoff_s=0.01, backoff_most_s=0.05))


def extract(path: Path) -> None:
    path.parent.mkdir(parents=True)
    writer = osmium.SimpleWriter(str(path))
    for number in range(1, 2001):
        tags = {"place": "village", "name": f"Aldea {number}"} if number % 500 == 0 else {}
        writer.add_node(Node(id=number, location=(-64.2 + number * 1e-4, -18.5 - (number % 7) * 1e-3), tags=tags))
    writer.add_way(Way(id=1, nodes=list(range(1, 2001)), tags={"highway": "primary", "ref": "F7"}))
    writer.add_way(Way(id=2, nodes=[1, 2000], tags={"waterway": "river"}))
    writer.close()


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    extract(folder / "osm" / "south-america" / "bolivia-latest.osm.pbf")
    names = {"Poniente": (-64.20, -18.60, -64.10, -18.45), "PUCARA": (-64.10, -18.60, -64.00, -18.45)}
    shapes = gpd.GeoDataFrame(
        {"shapeName": list(names), "shapeID": ["1B", "2B"], "shapeType": "ADM3"},
        geometry=[box(*each) for each in names.values()],
        crs="EPSG:4326",
    )
    limits = folder / "gb" / "BOL" / "ADM3" / "geoBoundaries-BOL-ADM3.geojson"
    limits.parent.mkdir(parents=True)
    write_geojson(shapes, limits)
    cumat = gpd.GeoDataFrame({"CUMAT": ["A1"]}, geometry=[box(-64.2, -18.6, -64.1, -18.5)], crs="EPSG:4326")
    (folder / "cumat").mkdir()
    write_geojson(cumat, folder / "cumat" / "abt_CUMAT_2001.geojson")
    (folder / "cumat" / "abt_CUMAT_2001.geojson").rename(folder / "cumat" / "abt:CUMAT_2001.geojson")
    return folder


def test_limits_roads_and_an_official_layer_come_over_a_line_that_drops(
    web: Path, tmp_path: Path, tiny: Territory
) -> None:
    with FaultServer(web) as server:
        server.fault("*.pbf", Drop(after=3000), times=2)
        server.fault("*.geojson", Status(503), times=1)
        addresses = {"geoboundaries": "gb", "openstreetmap": "osm", "geobolivia_cumat_2001": "cumat"}
        asked = {name: "ninguno" for each in catalogue().records for name in each.themes}
        del asked["boundaries"], asked["roads"], asked["streams"]
        territory = replace(
            tiny,
            country="Bolivia",
            sources={**asked, "settlements": "openstreetmap", "geobolivia_cumat_2001": "geobolivia_cumat_2001"},
            addresses={name: f"{server.address}{path}/" for name, path in addresses.items()},
        )
        workspace = Workspace.init(tmp_path / "ws", territory)
        report = fetch_open_data(workspace, client=HASTY)
        kept = fetch_open_data(workspace, client=HASTY)
    brought = {each.prepared for each in report.items if each.status == "prepared"}
    assert {"municipalities", "roads", "streams", "settlements", "geobolivia_cumat_2001"} <= brought, report.to_dict()
    assert len(read_vector(workspace.layer("roads"), layer="roads")) == 1
    assert len(read_vector(workspace.layer("settlements"), layer="settlements")) == 4
    assert list(read_vector(workspace.layer("geobolivia_cumat_2001"))["CUMAT"]) == ["A1"]
    records = read_provenance(workspace.layers_dir)
    assert records["roads"].licence == "ODbL 1.0"
    assert records["municipalities"].steps[0].startswith("nombres convertidos")
    assert "geobolivia_cumat_2001" in {each.id for each in territory_map_layers(workspace)}
    assert {each.status for each in kept.items if each.prepared in brought} == {"kept"}
