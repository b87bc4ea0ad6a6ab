"""A changed rule sent to a server is drawn at once, by any of its processes, and refused in words."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from math import asinh, pi, radians, tan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from zoning.comparison import preview as preview_module
from zoning.comparison.what_if import what_if
from zoning.study.study import Study

CHANGE = {"ungated": ["near_people"], "minimum": {"VID": "S2"}}
STACK, COPY = "encode", "tiles"
UNCUT = {"limits": {"papa": {"temperature": {"low.s1": 16.003}}}}


@pytest.fixture(scope="module")
def root(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("preview") / "ws"
    shutil.copytree(demo_workspace, root)
    return root


def client_of(root: Path) -> TestClient:
    return TestClient(create_app(Settings(workspace=root, refresh_seconds=0)), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client(root: Path) -> TestClient:
    return client_of(root)


def post(client: TestClient, change: Any, **asked: str) -> Any:  # noqa: ANN401  an answer of httpx
    """Send a change as a patient reader does: again after as long as the server asks for."""
    for _attempt in range(120):
        answer = client.post("/zoning/preview", json=change, params=asked)
        if answer.status_code != 503:
            return answer
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["content-type"].startswith("application/problem+json")
        time.sleep(0.5)
    return answer


@pytest.fixture(scope="module")
def posted(client: TestClient) -> dict[str, Any]:
    answer = post(client, CHANGE)
    assert answer.status_code == 200, answer.text
    return answer.json()


def a_tile(client: TestClient, told: dict[str, Any]) -> str:
    """Return the address of a tile with something on it."""
    document = client.get("/tiles/zones/tilejson.json").json()
    lon, lat = document["center"][:2]
    z = 8
    x, y = int((lon + 180) / 360 * 2**z), int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z)
    return told["tiles"].format(z=z, x=x, y=y)


def test_a_change_is_drawn_and_kept_by_the_browser(client: TestClient, posted: dict[str, Any]) -> None:
    assert posted["ready"]
    assert posted["study"] == "base"
    assert posted["needs"]["encode"] == []
    address = a_tile(client, posted)
    first = client.get(address)
    assert first.status_code == 200
    assert first.headers["content-type"] == "image/png"
    assert first.content.startswith(b"\x89PNG")
    assert "max-age" in first.headers["cache-control"]
    assert first.headers["access-control-allow-origin"] == "*"
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = post(client, {}).json()
    assert other["hash"] != posted["hash"]
    plain = client.get(a_tile(client, other), headers={"If-None-Match": first.headers["etag"]})
    assert plain.status_code == 200
    assert plain.content != first.content


def test_the_short_way_of_a_tile_answers_as_the_route_does(root: Path, posted: dict[str, Any]) -> None:
    quick = TestClient(create_app(Settings(workspace=root, refresh_seconds=3600)), raise_server_exceptions=False)
    slow = client_of(root)
    address = a_tile(quick, posted)
    assert quick.get(address).status_code == 200  # opens the study, by the route
    shelf = quick.app.state.preview_shelf
    assert shelf.ready(posted["hash"]) is None or shelf.ready(posted["hash"])
    quick.get(address)
    assert shelf.ready(posted["hash"]) is not None
    tag = {"If-None-Match": quick.get(address).headers["etag"]}
    outside = posted["tiles"].format(z=8, x=1, y=1)
    for asked in ((address, {}), (address, tag), (outside, {}), (posted["tiles"].format(z=3, x=8, y=0), {})):
        one, other = quick.get(asked[0], headers=asked[1]), slow.get(asked[0], headers=asked[1])
        assert (one.status_code, one.content) == (other.status_code, other.content)
        assert dict(one.headers) == dict(other.headers)
    assert quick.head(address).content == b""
    assert quick.get(address + "&lang=en").content == quick.get(address).content
    assert quick.get(address.replace(posted["hash"], "0" * 32)).status_code == 404


def test_the_short_way_leaves_a_damaged_tile_to_the_route(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "ws")
    quick = TestClient(create_app(Settings(workspace=tmp_path / "ws", refresh_seconds=3600)))
    told = post(quick, CHANGE).json()
    address = a_tile(quick, told)
    assert [quick.get(address).status_code for _turn in range(2)] == [200, 200]
    preview, _table = quick.app.state.preview_shelf.ready(told["hash"])
    preview.forget_codes()
    for path in (tmp_path / "ws" / "stack").glob("*-web/*"):
        path.write_bytes(b"\0" * path.stat().st_size)
    answer = quick.get(address)
    assert answer.status_code == 400
    assert "dañado" in answer.json()["detail"]


def test_many_tiles_are_no_abuse_and_many_changes_are(root: Path, posted: dict[str, Any]) -> None:
    quick = TestClient(create_app(Settings(workspace=root, refresh_seconds=3600)), raise_server_exceptions=False)
    address = a_tile(quick, posted)
    assert {quick.get(address).status_code for _turn in range(500)} == {200}
    states = []
    for turn in range(185):
        answer = quick.post("/zoning/preview", json={"zonas": turn})
        states.append(answer.status_code)
    assert states[:150] == [422] * 150
    assert states[-1] == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert quick.get(address).status_code == 200


def test_the_hectares_of_a_municipality_stand_beside_the_studys(
    client: TestClient, posted: dict[str, Any], root: Path
) -> None:
    told = client.get(posted["summary"] + "samaipata").json()
    frame = what_if(Study.open(root, "base"), CHANGE, municipality="Samaipata")
    assert [(row["zone"], row["class"]) for row in told["rows"]] == list(
        frame[["zone", "class"]].itertuples(index=False, name=None)
    )
    for name in ("area_ha", "base_ha", "change_ha"):
        assert [row[name] for row in told["rows"]] == pytest.approx(list(frame[name]))
    assert told["moved_ha"] > 0
    assert told["municipality"] == frame["municipality"].iloc[0]
    assert client.get(posted["summary"] + "atlantis").status_code == 404
    assert client.get(posted["summary"].partition("&")[0]).status_code == 422


def test_another_process_knows_the_hash(root: Path, client: TestClient, posted: dict[str, Any]) -> None:
    address = a_tile(client, posted)
    there = client_of(root).get(address)
    assert there.status_code == 200
    assert there.content == client.get(address).content
    assert there.headers["etag"] == client.get(address).headers["etag"]


@pytest.mark.parametrize("where", ["/zoning/preview/8/82/141.png", "/zoning/preview/summary"])
def test_a_hash_nobody_posted_is_404_with_how_to_post(client: TestClient, where: str) -> None:
    for name in ("0" * 32, "nada", "../../base"):
        answer = client.get(where, params={"table": name, "municipality": "Samaipata"})
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert "POST /zoning/preview" in answer.json()["remedy"]


def test_a_hash_of_another_study_is_404(client: TestClient, posted: dict[str, Any]) -> None:
    answer = client.get(a_tile(client, posted), params={"table": posted["hash"], "study": "sequia"})
    assert answer.status_code == 404
    assert "study=sequia" in answer.json()["remedy"]
    assert client.get(a_tile(client, posted), params={"table": posted["hash"], "study": "base"}).status_code == 200


def test_a_tile_outside_is_nothing_and_one_that_cannot_be_is_400(client: TestClient, posted: dict[str, Any]) -> None:
    ask = lambda z, x, y: client.get(posted["tiles"].format(z=z, x=x, y=y))  # noqa: E731
    assert ask(8, 1, 1).status_code == 204
    assert ask(24, 5, 5).status_code == 204
    assert ask(3, 8, 0).status_code == 400
    assert ask(25, 0, 0).status_code == 422
    assert ask(3, -1, 0).status_code == 422


REFUSED = [
    ("{}{", 400, "no es JSON"),
    ("", 400, "vacío"),
    (" \n", 400, "vacío"),
    ("{'gates': {}}", 400, "línea 1, columna 2"),
    (b"\xff\xfe{", 400, "UTF-8"),
    ("[" * 4000 + "]" * 4000, 400, "32 niveles"),
    ('{"a": ' * 2000 + "1" + "}" * 2000, 400, "32 niveles"),
    ('{"minimum": {"VID": "S1", "VID": "S2"}}', 400, "«VID» está dos veces"),
    ('{"protected": {"\\ud800": "CON"}}', 400, "media letra"),
    ("[1, 2]", 422, "lo enviado es una lista"),
    ('"abc"', 422, "lo enviado es «abc»"),
    ("null", 422, "lo enviado es null"),
    ("NaN", 422, "lo enviado es NaN"),
    ('{"zonas": {}}', 422, "zonas: clave desconocida"),
    ('{"gates": 5}', 422, "gates: el valor 5"),
    ('{"minimum": "S9"}', 422, "minimum: el valor «S9»"),
    ('{"minimum": {"XYZ": "S2"}}', 422, "minimum.XYZ: nombre desconocido"),
    ('{"minimum": {"GAN": "S2"}}', 422, "minimum.GAN: la zona GAN no compite"),
    ('{"order": "HOR"}', 422, "order: el valor «HOR»"),
    ('{"order": ["HOR"]}', 422, "order: el orden HOR, sin"),
    ('{"order": ["HOR", "VID", "HOR", "ANU"]}', 422, "HOR está dos veces"),
    (
        '{"gates": {"near_people": {"distance_road": "lejos"}}}',
        422,
        "gates.near_people.distance_road: el valor «lejos»",
    ),
    ('{"gates": {"near_people": {"distance_road": "3000"}}}', 422, "«3000»"),
    ('{"gates": {"near_people": {"distance_road": -1}}}', 422, "distance_road: el valor −1"),
    ('{"gates": {"near_people": {"distance_road": NaN}}}', 422, "el valor NaN"),
    ('{"gates": {"near_people": {"distance_road": -Infinity}}}', 422, "el valor −∞"),
    ('{"gates": {"near_people": {"distance_road": true}}}', 422, "el valor true"),
    ('{"weights": {"temperature": 1' + "0" * 400 + "}}", 422, "el valor ∞"),
    ('{"weights": {"temperature": -0.5}}', 422, "weights.temperature: peso −0,5"),
    ('{"protected": {"parque": "CON"}}', 422, "protected.parque: categoría de área protegida desconocida"),
    ('{"legal_forest_slope": -1}', 422, "legal_forest_slope: el valor −1"),
    ('{"limits": {"papa": {"temperature": {"low.s1": 1}}}}', 422, "limits.papa.temperature: Límites que no son"),
    ('{"limits": {"papas": {"temperature": {"low.s1": 1}}}}', 422, "limits.papas: nombre desconocido"),
    ('{"protected": {"' + "x" * 20_000 + '": ""}}', 413, "16 kB"),
]


@pytest.mark.parametrize(("body", "status", "said"), REFUSED, ids=[str(each[2]) for each in REFUSED])
def test_a_bad_change_is_refused_in_words(
    client: TestClient, posted: dict[str, Any], body: str | bytes, status: int, said: str
) -> None:
    answer = client.post("/zoning/preview", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert_told_in_spanish(answer)
    assert said in answer.json()["detail"]
    assert posted["hash"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_does_not_say_that_it_is_json_is_refused(client: TestClient, posted: dict[str, Any], kind: str) -> None:
    answer = client.post("/zoning/preview", content="{}", headers={"content-type": kind})
    assert answer.status_code == 400
    assert_told_in_spanish(answer)
    assert "Content-Type: application/json" in answer.json()["expected"]
    good = client.post("/zoning/preview", content="{}", headers={"content-type": "Application/JSON; charset=utf-8"})
    assert good.status_code == 200
    assert posted["hash"]


def test_the_ends_of_what_is_too_long_are_not_waited_for(client: TestClient) -> None:
    taken = 0

    def parts() -> Iterator[bytes]:
        nonlocal taken
        for _part in range(50):
            taken += 1
            yield b"x" * 2**20

    answer = client.post("/zoning/preview", content=parts(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert_told_in_spanish(answer)
    told = client.post("/zoning/preview", content="{}", headers={"content-length": "50000000"})
    assert told.status_code == 413
    assert_told_in_spanish(told)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/zoning/preview/summary?table=x", "municipality: falta"),
        ("/zoning/preview/25/0/0.png?table=x", "z: el máximo es 24"),
        ("/zoning/preview/a/0/0.png?table=x", "z: se esperaba un número entero"),
        ("/zoning/preview/3/0/-1.png?table=x", "y: el mínimo es 0"),
        (f"/zoning/preview/3/0/0.png?table={'x' * 65}", "table: a lo sumo 64 letras"),
        ("/api/v1/zoning/trial?table=x&f=xml", "f: se esperaba uno de: json, toml"),
    ],
)
def test_a_bad_address_is_refused_in_words(client: TestClient, path: str, said: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert_told_in_spanish(answer)
    assert answer.json()["expected"] == said


_FOREIGN = re.compile(
    r"\b(the|is|be|or|and|not|should|must|valid|invalid|input|expected|expecting|value|field|required|error|type|str|int"
    r"|float|dict|list|bool|None|True|False|object|NoneType|Traceback|nan|inf)\b"
)


def assert_told_in_spanish(answer: Any) -> None:  # noqa: ANN401  an answer of httpx
    """Refuse words of a library, and a refusal that says less than what was found, expected and to be done."""
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    for part in ("detail", "expected", "remedy"):
        assert told[part]
        # The names of what there is are told as they are written in the rules.
        text = re.sub(r"uno de: .*", "", re.sub(r"«[^»]*»|\{.*\}", "", told[part]))
        assert not _FOREIGN.search(text), text


_KEYS = ("near_people", "distance_road", "VID", "papa", "temperature", "low.s1")
_NUMBER = st.one_of(st.floats(allow_nan=False), st.integers(), st.text(max_size=3), st.none())
_PART = st.recursive(
    _NUMBER,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(_KEYS), inner),
    ),
    max_leaves=5,
)
_PARTS = ("order", "minimum", "gates", "ungated", "weights", "limits", "protected", "legal_forest_slope")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(change=st.dictionaries(st.sampled_from(_PARTS), _PART, max_size=3))
def test_nothing_that_is_sent_breaks_the_server(client: TestClient, posted: dict[str, Any], change: dict) -> None:
    try:
        answer = client.post("/zoning/preview", json=change)
    except ValueError:  # infinity is no JSON: the client itself refuses
        return
    assert answer.status_code in {200, 422}, answer.text
    if answer.status_code == 422:
        assert_told_in_spanish(answer)
    if answer.status_code == 200:
        assert client.get(a_tile(client, answer.json())).status_code in {200, 409}
    assert posted["ready"]


def test_a_change_that_needs_a_layer_says_which_and_how_long(client: TestClient, posted: dict[str, Any]) -> None:
    told = post(client, UNCUT).json()
    assert not told["ready"]
    assert told["needs"]["encode"]
    assert told["needs"]["seconds"] >= 0
    assert any("temperature_mean" in layer for layer in told["needs"]["layers"])
    nearest = told["needs"]["uncut"][0]["nearest"]
    refused = client.get(a_tile(client, told))
    assert refused.status_code == 409
    assert "temperature_mean" in refused.json()["detail"]
    assert f"{nearest[0]:g}".replace(".", ",") in refused.json()["expected"]
    assert posted["ready"]


def test_a_study_that_is_being_prepared_says_what_is_made(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, go_on = threading.Event(), threading.Event()
    made = preview_module.Experiment.__init__

    def slow(self: object, *given: object, **named: Any) -> None:  # noqa: ANN401  what it is called with
        for stage, share in ((STACK, 0.0), (STACK, 0.4), (STACK, 1.0), (COPY, 0.25), (COPY, 0.5), (COPY, 1.0)):
            named["progress"](stage, share)
            told.set()
            go_on.wait(30)
            go_on.clear()
        made(self, *given, **named)

    monkeypatch.setattr(preview_module.Experiment, "__init__", slow)
    monkeypatch.setattr("api.preview_routes.POST_WAIT", 0.05)
    fresh, said = client_of(root), []
    for _stage in range(6):
        fresh.post("/zoning/preview", json=CHANGE)
        told.wait(30)
        told.clear()
        answer = fresh.post("/zoning/preview", json=CHANGE)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "preparando" in answer.json()["detail"]
        assert_told_in_spanish(answer)
        said.append((answer.json()["detail"].rpartition(": ")[2], answer.json()["expected"]))
        go_on.set()
    assert [each[0] for each in said] == ["0 %", "40 %", "100 %", "25 %", "50 %", "100 %"]
    assert said[0][1] == "Se hace la pila de sus capas; después, su copia para el mapa"
    assert re.search(r"la pila de sus capas; .* Faltan alrededor de \d+ s", said[1][1])
    assert said[2][1] == "La pila de sus capas ya está; sigue su copia para el mapa"
    assert said[3][1] == "Se hace la copia de la pila para el mapa"  # for how long is not known yet
    assert re.search(r"^Se hace la copia de la pila para el mapa. Faltan alrededor de \d+ s", said[4][1])
    assert said[5][1] == "Ya está todo hecho y se abre"
    assert post(fresh, CHANGE).status_code == 200


def test_a_study_that_is_not_there_is_404(client: TestClient) -> None:
    answer = client.post("/zoning/preview", json={}, params={"study": "ninguno"})
    assert answer.status_code == 404


def test_layers_that_changed_on_disk_say_what_to_run(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "ws")
    own = client_of(tmp_path / "ws")
    told = post(own, CHANGE).json()
    address = a_tile(own, told)
    assert own.get(address).status_code == 200
    # The stack itself was made again, by a zoning on the command line: it is opened anew and draws the same.
    (stack,) = (tmp_path / "ws" / "stack").glob("*/stack.tif")
    os.utime(stack)
    assert own.get(address).status_code == 200
    provenance = tmp_path / "ws" / "layers" / "provenance.json"
    study = Study.open(tmp_path / "ws", "base")
    record = next(each["sha256"] for each in study.manifest["layers"] if each["name"] == "elevation")
    provenance.write_text(provenance.read_text(encoding="utf-8").replace(record, "0" * 64), encoding="utf-8")
    answer = own.get(address)
    assert answer.status_code == 409
    assert "elevation" in answer.json()["detail"]
    assert "valles zone" in answer.json()["remedy"]
