"""Every value chain over HTTP: hectares as features, aptitude as pictures, a legend, a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings

CHAINS = ("cadena_hortifruticultura", "cadena_vitivinicultura", "cadena_turismo", "cadena_artesania")


@pytest.fixture(scope="module")
def demo(demo_workspace: Path) -> Iterator[TestClient]:
    """Return a client of the demonstration."""
    with TestClient(create_app(Settings(workspace=demo_workspace))) as client:
        yield client


@pytest.mark.parametrize("chain", CHAINS)
def test_every_chain_is_a_collection_of_municipalities_with_hectares_by_class(demo: TestClient, chain: str) -> None:
    assert chain in {each["id"] for each in demo.get("/ogc/collections").json()["collections"]}
    page = demo.get(f"/ogc/collections/{chain}/items", params={"limit": 50}).json()
    assert page["numberMatched"] == 11
    true = {
        each["id"]: each["properties"]["area_ha"]
        for each in demo.get("/ogc/collections/municipalities/items", params={"limit": 50}).json()["features"]
    }
    for each in page["features"]:
        told = each["properties"]
        assert sum(told[f"{name}_ha"] for name in ("s1", "s2", "s3", "n", "sd")) == pytest.approx(
            true[each["id"]], rel=1e-4
        )


@pytest.mark.parametrize("chain", CHAINS)
def test_every_chain_is_drawn_as_pictures(demo: TestClient, chain: str) -> None:
    described = demo.get(f"/tiles/{chain}/tilejson.json").json()
    assert described["tiles"][0].endswith(f"/tiles/{chain}/{{z}}/{{x}}/{{y}}.png")
    answer = demo.get(f"/tiles/{chain}/8/82/141.png", params={"study": "base"})
    assert answer.status_code == 200
    assert answer.content.startswith(b"\x89PNG")
    assert demo.get(f"/tiles/{chain}/8/0/0.png").status_code == 204
    assert demo.get(f"/tiles/{chain}/8/82/141.mvt").status_code == 404


def test_the_demonstration_knows_of_sights_inns_and_artisans(demo: TestClient) -> None:
    config = demo.get("/").text
    assert all(chain in config for chain in CHAINS)
    rows = demo.get("/api/v1/zoning/base/aptitude").json()["rows"]
    for code in ("TUR", "ART"):
        assert {row["incomplete"] for row in rows if row["code"] == code} == {""}
        assert {"S2", "S3", "N"} <= {row["class"] for row in rows if row["code"] == code}


def test_the_hectares_of_a_chain_are_a_table_too(demo: TestClient) -> None:
    answer = demo.get(
        "/api/v1/zoning/base/aptitude", params={"code": "cadena_turismo", "municipality": "Samaipata", "f": "csv"}
    )
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["municipality"] for row in rows} == {"070901"}
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1)
