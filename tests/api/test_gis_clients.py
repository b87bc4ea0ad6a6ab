"""Other people's programs read everything: GDAL's OAPIF driver (which QGIS uses) and OWSLib."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyogrio
import pytest
from owslib.ogcapi.features import Features

pytestmark = pytest.mark.network
COLLECTIONS = (
    "municipalities",
    "settlements",
    "roads",
    "streams",
    "protected_areas",
    "zones",
    "markets",
    "prices",
    "price_alerts",
)


@pytest.fixture(scope="module")
def site(demo_workspace: Path) -> Iterator[str]:
    """Serve the demonstration in a process of its own, since GDAL holds the interpreter while it waits."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("valles")), "serve", "-w", str(demo_workspace), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        assert "Valles sirve" in server.stderr.readline()
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def _matched(site: str, layer: str) -> int:
    answer = httpx.get(f"{site}/ogc/collections/{layer}/items", params={"limit": 1}, timeout=60)
    return int(answer.json()["numberMatched"])


def test_gdal_lists_every_collection(site: str) -> None:
    listed = {str(name) for name, _geometry in pyogrio.list_layers(f"OAPIF:{site}/ogc")}
    assert set(COLLECTIONS) <= listed


@pytest.mark.parametrize("layer", COLLECTIONS)
def test_gdal_reads_every_collection_whole(site: str, layer: str) -> None:
    expected = _matched(site, layer)
    pages = str(max(2, expected // 3))
    frame = pyogrio.read_dataframe(f"OAPIF:{site}/ogc", layer=layer, PAGE_SIZE=pages)
    assert len(frame) == expected > 0
    assert frame.geometry.notna().all()
    west, south, east, north = frame.total_bounds
    country = layer in {"markets", "prices"}
    box = (-70, -23, -57, -9) if country else (-66, -20, -62, -16)
    assert (box[0], box[1]) < (west, south)
    assert (east, north) < (box[2], box[3])


def test_gdal_pages_through_zones_without_a_loss(site: str) -> None:
    frame = pyogrio.read_dataframe(f"OAPIF:{site}/ogc", layer="zones", PAGE_SIZE="50")
    assert len(frame) == _matched(site, "zones") > 50
    assert frame["zone_id"].is_unique


def test_gdal_filters_by_box_and_property(site: str) -> None:
    box = (-64.2, -18.6, -64.0, -18.4)
    inside = pyogrio.read_dataframe(f"OAPIF:{site}/ogc", layer="zones", bbox=box)
    assert 0 < len(inside) < _matched(site, "zones")
    chosen = pyogrio.read_dataframe(f"OAPIF:{site}/ogc", layer="zones", where="zone = 'CON'")
    assert set(chosen["zone"]) == {"CON"}


def test_gdal_reads_the_alerts_of_one_product_as_a_map(site: str) -> None:
    chosen = pyogrio.read_dataframe(f"OAPIF:{site}/ogc", layer="price_alerts", where="product = 'tomate'")
    assert len(chosen) == _matched(site, "municipalities") == chosen["municipality"].nunique()
    assert set(chosen.geometry.geom_type) <= {"Polygon", "MultiPolygon"}
    assert set(chosen["alert"]) <= {"normal", "stress", "alert", "crisis", "none"}
    assert chosen["price"].notna().all()


def test_gdal_gets_the_territory_own_projection(site: str) -> None:
    own = "http://www.opengis.net/def/crs/EPSG/0/32720"
    frame = pyogrio.read_dataframe(f"OAPIF:{site}/ogc", layer="municipalities", CRS=own)
    assert frame.crs.to_epsg() == 32720
    area_ha = frame.geometry.area.sum() / 10_000
    assert area_ha == pytest.approx(frame["area_ha"].sum(), rel=0.005)


def test_owslib_reads_the_interface_and_pages(site: str) -> None:
    client = Features(f"{site}/ogc")
    assert set(COLLECTIONS) <= set(client.feature_collections())
    assert "openapi" in client.api()
    page = client.collection_items("zones", limit=7, offset=3)
    assert page["numberReturned"] == 7
    one = client.collection_item("zones", page["features"][0]["id"])
    assert one["properties"] == page["features"][0]["properties"]
    assert client.collection("municipalities")["storageCrs"].endswith("CRS84")
