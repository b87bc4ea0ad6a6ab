"""Every error is one document with a reason, whoever asks; nothing inside the server leaks out."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.problems import status_of
from gis.errors import GridError, InputError, MissingError, StorageError, VallesError
from market_prices.access.access_errors import RightError, SignInError


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MissingError("x"), 404),
        (GridError("x"), 404),
        (InputError("x"), 400),
        (StorageError("x"), 503),
        (SignInError("x"), 401),
        (RightError("x"), 403),
        (VallesError("x"), 500),
    ],
)
def test_each_branch_of_the_error_tree_has_its_state(error: VallesError, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize(
    "path", ["/nothing", "/ogc/nothing", "/static/nothing.js", "/api/v1/nothing", "/tiles/nothing"]
)
def test_an_address_that_leads_nowhere_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == path


def test_a_method_that_is_not_allowed_is_a_problem(client: TestClient) -> None:
    answer = client.post("/ogc")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_person_reads_the_problem_as_a_page(client: TestClient) -> None:
    answer = client.get("/nothing", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "No encontrado" in answer.text


def test_a_fault_of_the_server_tells_nothing_of_its_inside(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = client.app.state.service.registry.get("wells")  # type: ignore[attr-defined]  TestClient hides the class

    def broken(*_: object) -> None:
        raise ZeroDivisionError("the secret of the inside")

    monkeypatch.setattr(type(layer), "features", broken)
    answer = client.get("/ogc/collections/wells/items")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert answer.json()["remedy"]


def test_a_missing_workspace_is_said_and_not_hidden(client: TestClient) -> None:
    root = client.app.state.service.root  # type: ignore[attr-defined]  TestClient hides the class
    (root / "territory.toml").unlink()
    answer = client.get("/ogc")
    assert answer.status_code == 503
    assert str(root) not in answer.text
    health = client.get("/health")
    assert health.status_code == 503
    assert "workspace" in health.json()["checks"]


def test_problems_can_be_read_in_english(client: TestClient) -> None:
    assert client.get("/ogc?lang=en&f=html").text.count('lang="en"') == 1


@pytest.mark.parametrize("path", ["/ogc", "/ogc?f=html", "/docs", "/nothing", "/openapi.json"])
def test_every_answer_protects_its_reader(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_text_travels_compressed(client: TestClient) -> None:
    answer = client.get("/ogc/collections", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]


def test_the_list_for_programs_needs_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "/ogc/collections/{collection_id}/items" in page
    assert "/tiles/{layer_id}/{z}/{x}/{y}.{ending}" in page
    assert "<script" not in page
    assert "https://" not in page


@pytest.mark.parametrize("path", ["/", "/ogc", "/ogc/collections/wells/items", "/api/v1/territory", "/health"])
def test_head_answers_as_get_without_its_body(client: TestClient, path: str) -> None:
    told, asked = client.get(path), client.head(path)
    assert (asked.status_code, asked.content) == (told.status_code, b"")
    assert asked.headers["content-type"] == told.headers["content-type"]


def test_pages_may_start_only_workers_of_their_own_host(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "worker-src 'self';" in policy
    assert "child-src 'self';" in policy
