"""Whatever is asked, the answer is an answer or a reasoned refusal, never a fault of the server."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

ANYTHING = st.text(max_size=12)
NUMBERS = st.one_of(st.integers().map(str), st.floats().map(str), ANYTHING)
BOXES = st.lists(NUMBERS, max_size=7).map(",".join)
MOMENTS = st.one_of(
    ANYTHING, st.dates().map(str), st.tuples(st.dates(), st.dates()).map(lambda two: f"{two[0]}/{two[1]}")
)
QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "limit": NUMBERS,
        "offset": NUMBERS,
        "bbox": BOXES,
        "datetime": MOMENTS,
        "rank": ANYTHING,
        "name": ANYTHING,
        "depth": ANYTHING,
        "f": st.sampled_from(["json", "html", "geojson", ""]),
        "lang": ANYTHING,
    },
)
REASONED = {200, 204, 400, 404, 422}
CAREFUL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(question=QUESTIONS)
@CAREFUL
def test_any_query_of_features_is_answered_or_refused(client: TestClient, question: dict[str, str]) -> None:
    answer = client.get("/ogc/collections/wells/items", params=question)
    assert answer.status_code in {200, 400}, answer.text


@given(
    path=st.lists(ANYTHING, max_size=4), base=st.sampled_from(["/ogc", "/tiles", "/api/v1", "/static", "/precios", ""])
)
@CAREFUL
def test_any_address_is_answered_or_refused(client: TestClient, path: list[str], base: str) -> None:
    address = "/".join([base, *(quote(part, safe="") for part in path)]) or "/"
    answer = client.get(address, follow_redirects=False)
    assert answer.status_code in REASONED | {307, 405}, (address, answer.text)


@given(z=NUMBERS, x=NUMBERS, y=NUMBERS, ending=st.sampled_from(["mvt", "png", "pbf"]))
@CAREFUL
def test_any_tile_is_answered_or_refused(client: TestClient, z: str, x: str, y: str, ending: str) -> None:
    address = "/".join(quote(part, safe="") for part in (z, x, y))
    assert client.get(f"/tiles/wells/{address}.{ending}").status_code in REASONED


@given(header=st.one_of(ANYTHING, st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True)))
@CAREFUL
def test_any_range_is_answered_or_refused(client: TestClient, header: str) -> None:
    answer = client.get("/tiles/parcels.pmtiles", headers={"range": header.encode("utf-8")})
    assert answer.status_code in {200, 206, 416}
