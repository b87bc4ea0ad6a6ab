"""Prices are written over HTTP by those who may, checked as on the command line, with their name as author."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api import price_access
from api.app import create_app
from api.settings import Settings
from layers.territory import builtin_territory
from layers.workspace import Workspace
from market_prices import Book

LIST = "fecha,mercado,producto,unidad,precio\n"
DAYS = 24


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace with weeks of tomato in Saipina, the last with a zero too many."""
    folder = tmp_path / "ws"
    Workspace.init(folder, builtin_territory("valles_crucenos"))
    rows = [
        f"2026-{1 + week // 4:02d}-{1 + 7 * (week % 4):02d},saipina,tomate,caja,{90 + week % 3}" for week in range(DAYS)
    ]
    rows[-1] = rows[-1].rpartition(",")[0] + ",910"
    (tmp_path / "viejos.csv").write_text(LIST + "\n".join(rows) + "\n", encoding="utf-8")
    with Book.open(Workspace.open(folder)) as book:
        book.import_file(tmp_path / "viejos.csv", author="Ana")
        book.check_quality()
    return folder


@pytest.fixture
def keys(home: Path) -> dict[str, str]:
    """Return a token of each role."""
    with Book.open(Workspace.open(home)) as book:
        book.add_user("Ana", "collector", municipalities=["saipina"])
        book.add_user("Rosa", "steward")
        book.add_user("Beto", "steward", municipalities=["comarapa"])
        book.add_user("Jefa", "admin")
        return {name: book.issue_token(name).text for name in ("Ana", "Rosa", "Beto", "Jefa")}


@pytest.fixture
def client(home: Path, keys: dict[str, str]) -> Iterator[TestClient]:
    """Return a client of the server."""
    with TestClient(create_app(Settings(workspace=home, refresh_seconds=0)), raise_server_exceptions=False) as made:
        made.headers["accept"] = "application/json"
        made.keys = keys  # type: ignore[attr-defined]  tests read it through `as_`
        yield made


def as_(client: TestClient, name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {client.keys[name]}"}  # type: ignore[attr-defined]  as above


PRICE: dict[str, Any] = {"product": "papa", "market": "saipina", "unit": "kg", "price": 4.5, "date": "2026-06-30"}
WRITING = ("/api/v1/prices", "/api/v1/prices/import?name=a.csv", "/api/v1/prices/flags/1/decision")


@pytest.mark.parametrize("path", WRITING)
@pytest.mark.parametrize("token", [None, "Bearer nada", "Bearer abc234-aaaaa-bbbbb-ccccc-ddddd", "Basic YTpi"])
def test_a_stranger_is_told_what_to_do(client: TestClient, path: str, token: str | None) -> None:
    answer = client.post(path, json={}, headers={"authorization": token} if token else {})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["remedy"]


def test_a_collector_notes_a_price_under_his_name_and_it_shows_at_once(client: TestClient) -> None:
    answer = client.post("/api/v1/prices", json=PRICE, headers=as_(client, "Ana"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["author"] == "Ana"
    (row,) = client.get("/api/v1/prices/series?product=papa&market=saipina").json()["series"]
    assert (row["price"], row["author"]) == (4.5, "Ana")


def test_a_collector_stays_in_his_municipality_and_corrects_nothing(client: TestClient) -> None:
    away = client.post("/api/v1/prices", json={**PRICE, "market": "comarapa"}, headers=as_(client, "Ana"))
    assert away.status_code == 403
    assert "071302" in away.json()["expected"]
    for path, body in ((WRITING[1], {}), (WRITING[2], {"decision": "confirmed", "reason": "x"})):
        assert client.post(path, json=body, headers=as_(client, "Ana")).status_code == 403
    fixed = client.post("/api/v1/prices", json={**PRICE, "correction": True}, headers=as_(client, "Ana"))
    assert fixed.status_code == 403
    assert client.get("/api/v1/prices/latest?product=papa").json()["prices"] == []


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"product": "tomatillo raro"}, 400, "tomatillo raro"),
        ({"unit": "montoncito"}, 400, "montoncito"),
        ({"price": 0}, 400, "mayor que cero"),
        ({"price": None}, 400, "falta el precio"),
        ({"low": 9, "high": 2}, 400, "columnas cambiadas"),
        ({"date": "31/2/2026"}, 400, "fecha"),
        ({"date": "2031-01-01"}, 400, "todavía no ha llegado"),
        ({"price": "cien"}, 422, "price"),
        ({"precio": 4}, 422, "precio"),
    ],
)
def test_a_wrong_price_is_refused_with_the_reason_of_the_command_line(
    client: TestClient, change: dict[str, Any], status: int, word: str
) -> None:
    answer = client.post("/api/v1/prices", json=PRICE | change, headers=as_(client, "Ana"))
    assert answer.status_code == status, answer.text
    assert word in answer.text
    assert client.get("/api/v1/prices/latest?product=papa").json()["prices"] == []


def test_a_file_is_rehearsed_and_then_written_once(client: TestClient) -> None:
    body = (LIST + "2026-06-30,saipina,papa,kg,4.5\n2026-06-30,saipina,papa,kg,-1\n").encode()
    path = "/api/v1/prices/import?name=día.csv"
    shown = client.post(path + "&dry_run=true", content=body, headers=as_(client, "Rosa"))
    assert shown.status_code == 200, shown.text
    assert (shown.json()["accepted"], shown.json()["rejected"]) == (1, 1)
    assert shown.json()["problems"][0]["line"] == 3
    assert "mayor que cero" in shown.json()["problems"][0]["reason"]
    assert client.get("/api/v1/prices/latest?product=papa").json()["prices"] == []
    done = client.post(path, content=body, headers=as_(client, "Rosa"))
    assert (done.status_code, done.json()["format"]) == (201, "lista")
    again = client.post(path, content=body, headers=as_(client, "Rosa"))
    assert (again.status_code, again.json()["duplicates"]) == (200, 1)
    (row,) = client.get("/api/v1/prices/series?product=papa&market=saipina").json()["series"]
    assert row["author"] == "Rosa"


def test_a_file_that_is_none_is_refused_and_leaves_nothing(client: TestClient) -> None:
    for name, body in (("x.csv", b""), ("../../x.xlsx", b"PK\x03\x04nonsense"), ("x.csv", b"a,b\n1,2\n")):
        answer = client.post("/api/v1/prices/import", params={"name": name}, content=body, headers=as_(client, "Jefa"))
        assert answer.status_code == 400, answer.text
        assert answer.json()["detail"]
        assert str(Path(tempfile.gettempdir())) not in answer.text
    limited = client.post("/api/v1/prices/import?name=x.csv", content=b"", headers=as_(client, "Beto"))
    assert limited.status_code == 403


def test_a_body_that_is_too_large_is_not_read(client: TestClient) -> None:
    answer = client.post("/api/v1/prices", json={**PRICE, "variety": "x" * 300_000}, headers=as_(client, "Ana"))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    chunks = (b"x" * 65_536 for _number in range(600))
    flood = client.post("/api/v1/prices/import?name=x.csv", content=chunks, headers=as_(client, "Rosa"))
    assert flood.status_code == 413


def test_a_steward_decides_and_the_error_leaves_the_series(client: TestClient) -> None:
    rows = client.get("/api/v1/prices/flags?severity=error", headers=as_(client, "Rosa")).json()["flags"]
    (flag,) = [each for each in rows if each["price"] == 910]
    assert client.get("/api/v1/prices/flags", headers=as_(client, "Beto")).json()["flags"] == []
    path = f"/api/v1/prices/flags/{flag['flag']}/decision"
    told = {"decision": "confirmed", "reason": "un cero de más"}
    assert client.post(path, json=told, headers=as_(client, "Beto")).status_code == 403
    assert client.post(path, json={**told, "decision": "quizás"}, headers=as_(client, "Rosa")).status_code == 422
    assert client.post(path, json=told, headers=as_(client, "Rosa")).json()["author"] == "Rosa"
    shown = client.get("/api/v1/prices/series?product=tomate&market=saipina").json()["series"]
    assert 910 not in [each["price"] for each in shown]
    missing = client.post("/api/v1/prices/flags/99999/decision", json=told, headers=as_(client, "Rosa"))
    assert missing.status_code == 404


def test_a_revoked_token_ends_at_once_though_it_was_verified(client: TestClient, home: Path) -> None:
    assert client.get("/api/v1/prices/flags", headers=as_(client, "Rosa")).status_code == 200
    with Book.open(Workspace.open(home)) as book:
        book.revoke_user("Rosa")
    assert client.get("/api/v1/prices/flags", headers=as_(client, "Rosa")).status_code == 401


def test_guessing_is_braked_and_a_known_token_is_not(client: TestClient) -> None:
    assert client.get("/api/v1/prices/flags", headers=as_(client, "Rosa")).status_code == 200
    wrong = {"authorization": "Bearer abc234-aaaaa-bbbbb-ccccc-ddddd"}
    states = [client.get("/api/v1/prices/flags", headers=wrong).status_code for _try in range(12)]
    assert states == [401] * price_access.MOST_FAILURES + [429] * 2
    last = client.get("/api/v1/prices/flags", headers=wrong)
    assert int(last.headers["retry-after"]) > 0
    assert client.get("/api/v1/prices/flags", headers=as_(client, "Rosa")).status_code == 200
    assert client.get("/api/v1/prices/flags", headers=as_(client, "Jefa")).status_code == 429


def test_a_verified_token_is_not_hashed_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    slow: list[str] = []
    true = price_access.matches
    monkeypatch.setattr(price_access, "matches", lambda kept, secret: bool(slow.append(kept)) or true(kept, secret))
    for _time in range(3):
        assert client.get("/api/v1/prices/flags", headers=as_(client, "Rosa")).status_code == 200
    assert len(slow) == 1


def test_the_definition_lists_what_may_go_wrong(client: TestClient) -> None:
    definition = client.get("/openapi.json").json()
    for path, methods in definition["paths"].items():
        if not path.startswith("/api/v1/prices"):
            continue
        for method, operation in methods.items():
            states = set(operation["responses"])
            assert {"400", "422", "503"} <= states, path
            assert {"401", "403", "429"} <= states or method == "get", path
            problem = operation["responses"]["400"]["content"]
            assert "application/problem+json" in problem
    assert "token" in definition["components"]["securitySchemes"]
    assert definition["paths"]["/api/v1/prices"]["post"]["security"]
