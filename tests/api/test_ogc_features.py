"""OGC API Features: every feature is reached once, every link leads on, every wrong question is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

ITEMS = "/ogc/collections/wells/items"


def _links(document: dict[str, Any]) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in document["links"]}


def test_the_landing_page_leads_to_everything(client: TestClient) -> None:
    landing = client.get("/ogc").json()
    links = _links(landing)
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= links.keys()
    for address in links.values():
        assert client.get(address).status_code == 200, address


def test_the_conformance_page_names_core_geojson_html_and_openapi(client: TestClient) -> None:
    told = client.get("/ogc/conformance").json()["conformsTo"]
    for part in ("core", "geojson", "html", "oas30"):
        assert f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" in told


def test_collections_are_the_layers_with_features(client: TestClient) -> None:
    document = client.get("/ogc/collections").json()
    assert [one["id"] for one in document["collections"]] == ["wells", "parcels"]
    for one in document["collections"]:
        assert client.get(_links(one)["self"]).json()["id"] == one["id"]
        assert one["extent"]["spatial"]["bbox"][0] == pytest.approx(one["extent"]["spatial"]["bbox"][0])


def test_a_collection_says_whose_it_is_and_that_it_is_a_demonstration(client: TestClient) -> None:
    document = client.get("/ogc/collections/wells").json()
    assert document["attribution"] == "Nadie"
    assert document["demo"] is True
    assert document["extent"]["temporal"]["interval"] == [["2026-01-01T00:00:00Z", "2026-01-25T00:00:00Z"]]
    assert {"license", "items", "tiles"} <= _links(document).keys()
    assert document["legend"][0]["colour"] == "#204060"


@given(limit=st.integers(1, 40))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_following_next_reaches_every_feature_once(client: TestClient, limit: int) -> None:
    address: str | None = f"{ITEMS}?limit={limit}"
    seen: list[str] = []
    while address:
        page = client.get(address).json()
        assert page["numberMatched"] == 25
        assert page["numberReturned"] == len(page["features"]) <= min(limit, 20)
        seen += [feature["id"] for feature in page["features"]]
        address = _links(page).get("next")
    assert seen == [f"pozo/{number}" for number in range(25)]


def test_prev_leads_back_to_the_first_page(client: TestClient) -> None:
    page = client.get(f"{ITEMS}?limit=10&offset=20&rank=1").json()
    back = client.get(_links(page)["prev"]).json()
    assert "offset" not in _links(page)["prev"]
    assert "rank=1" in _links(page)["prev"]
    assert back["numberMatched"] == 5


def test_an_offset_beyond_the_end_is_an_empty_page_with_a_way_back(client: TestClient) -> None:
    page = client.get(f"{ITEMS}?limit=10&offset=1000000").json()
    assert page["features"] == []
    assert "next" not in _links(page)
    assert client.get(_links(page)["prev"]).json()["numberReturned"] == 10


def test_a_box_a_time_and_a_property_select(client: TestClient) -> None:
    assert client.get(f"{ITEMS}?bbox=-65,-19,-64.91,-17").json()["numberMatched"] == 3
    assert client.get(f"{ITEMS}?datetime=2026-01-03").json()["numberMatched"] == 1
    assert client.get(f"{ITEMS}?datetime=2026-01-20/..").json()["numberMatched"] == 6
    assert client.get(f"{ITEMS}?rank=3&datetime=../2026-01-10").json()["numberMatched"] == 2
    assert client.get(f"{ITEMS}?bbox=0,0,1,1").json()["numberMatched"] == 0


def test_a_feature_is_found_by_an_identifier_with_a_slash(client: TestClient) -> None:
    page = client.get(f"{ITEMS}?limit=1&offset=7").json()
    one = client.get(f"{ITEMS}/{page['features'][0]['id']}")
    assert one.json()["properties"]["name"] == "<b>Ñuflo 7</b>"
    assert _links(one.json())["collection"].endswith("/ogc/collections/wells")
    assert client.get(_links(one.json())["self"]).json()["id"] == "pozo/7"


def test_a_missing_value_is_null_and_never_nan(client: TestClient) -> None:
    text = client.get(f"{ITEMS}?limit=20").text
    assert "NaN" not in text
    assert json.loads(text)["features"][1]["properties"]["yield"] is None


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=ten",
        "limit=99999999999999999999999",
        "offset=-1",
        "offset=1.5",
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=1,5,2,4",
        "bbox=nan,0,1,1",
        "bbox-crs=EPSG:4326",
        "datetime=yesterday",
        "datetime=2026-13-01",
        "datetime=2026-02-01/2026-01-01",
        "datetime=..",
        "datetime=2026-01-01/2026-01-02/2026-01-03",
        "depth=bottomless",
        "colour=red",
        "f=shapefile",
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_a_reason(client: TestClient, query: str) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert problem["detail"]
    assert problem["expected"]


@pytest.mark.parametrize("path", ["", "/conformance", "/collections", "/collections/wells"])
def test_unknown_parameters_are_refused_everywhere(client: TestClient, path: str) -> None:
    assert client.get(f"/ogc{path}?unheard=1").status_code == 400


@pytest.mark.parametrize(
    "path", ["/collections/none", "/collections/none/items", "/collections/wells/items/none", "/collections/shade"]
)
def test_what_is_not_there_is_a_404_that_says_where_to_look(client: TestClient, path: str) -> None:
    answer = client.get(f"/ogc{path}")
    assert answer.status_code == 404
    assert answer.json()["remedy"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/conformance",
        "/collections",
        "/collections/wells",
        "/collections/wells/items",
        "/collections/wells/items/pozo/3",
    ],
)
def test_every_document_can_be_read_by_a_person(client: TestClient, path: str) -> None:
    by_parameter = client.get(f"/ogc{path}?f=html")
    by_header = client.get(f"/ogc{path}", headers={"accept": "text/html,*/*;q=0.8"})
    for page in (by_parameter, by_header):
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert '<html lang="es">' in page.text
        assert "<b>Ñuflo" not in page.text


def test_pages_of_demonstration_data_say_so(client: TestClient) -> None:
    for path in ("/collections/wells", "/collections/wells/items", "/collections/wells/items/pozo/3"):
        assert "Datos de demostración" in client.get(f"/ogc{path}?f=html").text


def test_the_openapi_definition_lists_filters_and_the_largest_page(client: TestClient) -> None:
    answer = client.get("/ogc/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    assert document["openapi"].startswith("3.0")
    parameters = {p["name"]: p for p in document["paths"]["/collections/wells/items"]["get"]["parameters"]}
    assert parameters["limit"]["schema"]["maximum"] == 20
    assert parameters["depth"]["schema"]["enum"] == ["shallow", "deep"]
    assert parameters["rank"]["schema"]["type"] == "integer"
    for path in document["paths"]:
        if "{" not in path:
            assert client.get(f"/ogc{path}").status_code == 200, path


def test_features_come_in_the_system_that_is_asked_for(client: TestClient) -> None:
    plain = client.get(f"{ITEMS}?limit=1")
    assert plain.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    assert plain.json()["features"][0]["geometry"]["coordinates"] == [-65, -18]
    swapped = client.get(f"{ITEMS}?limit=1&crs=http://www.opengis.net/def/crs/EPSG/0/4326")
    assert swapped.json()["features"][0]["geometry"]["coordinates"] == [-18, -65]
    metres = client.get(f"{ITEMS}/pozo/0?crs=http://www.opengis.net/def/crs/EPSG/0/32720")
    east, north = metres.json()["geometry"]["coordinates"]
    assert (east, north) == pytest.approx((288_225.8, 8_008_674.4), abs=1_000)
    assert metres.headers["content-crs"].endswith("32720>")
    assert client.get(f"{ITEMS}?crs=http://www.opengis.net/def/crs/EPSG/0/9999").status_code == 400


def test_a_box_may_be_written_in_another_system(client: TestClient) -> None:
    system = "bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326"
    assert client.get(f"{ITEMS}?bbox=-19,-65,-17,-64.91&{system}").json()["numberMatched"] == 3


@pytest.mark.parametrize("moment", ["0001-01-01", "9999-12-31", "../9999-12-31", "0001-01-01/.."])
def test_the_ends_of_the_calendar_are_moments_like_any_other(client: TestClient, moment: str) -> None:
    assert client.get(f"{ITEMS}?datetime={moment}").status_code == 200
