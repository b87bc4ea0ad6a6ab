"""Two studies compared over HTTP: the hectares at once, the reasons and the layer once a comparison is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from layers.workspace import Workspace
from zoning.comparison.diff_document import diff_document
from zoning.comparison.saved_comparisons import save_comparison
from zoning.comparison.study_diff import diff_studies
from zoning.study.study import Study
from zoning.study.study_run import run


@pytest.fixture(scope="module")
def workspace(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("diff") / "ws"
    shutil.copytree(demo_workspace, root)
    opened = Workspace.open(root)
    base = Study.open(opened)
    run(opened, scenario="calor_sequia", scale=base.manifest["scale"], cell=base.manifest["cell_m"])
    return opened


@pytest.fixture
def client(workspace: Workspace) -> TestClient:
    return TestClient(create_app(Settings(workspace=workspace.root, refresh_seconds=0)))


def test_a_comparison_is_measured_at_once_and_drawn_once_it_is_kept(client: TestClient, workspace: Workspace) -> None:
    asked = {"from": "base", "to": "calor_sequia"}
    quick = client.get("/api/v1/diff", params=asked).json()
    assert quick["comparison"] is None
    assert quick["investments"] is None
    assert "valles diff base calor_sequia" in quick["reasons_note"]
    assert client.get("/api/v1/diffs").json() == {"comparisons": []}
    assert client.get("/ogc/collections/changes").status_code == 404
    assert '"comparisons":[]' in client.get("/").text.replace(" ", "")

    found = diff_studies(*(Study.open(workspace, name) for name in asked.values()))
    save_comparison(found, diff_document(found))
    kept = client.get("/api/v1/diff", params=asked).json()
    assert kept["comparison"] == "base--calor_sequia"
    assert kept["changed_ha"] == pytest.approx(quick["changed_ha"])
    assert kept["zones"] == quick["zones"]
    assert {row["reason"] for row in kept["transitions"]} - {"unknown"}
    assert kept["investments"]["rows"]
    (listed,) = client.get("/api/v1/diffs").json()["comparisons"]
    assert (listed["from"], listed["to"]) == ("base", "calor_sequia")
    rows = client.get("/api/v1/diff", params={**asked, "f": "csv"}).text.splitlines()
    assert len(rows) == len(kept["transitions"]) + 1

    items = client.get("/ogc/collections/changes/items", params={"limit": 1}).json()
    assert items["numberMatched"] == len(found.changes)
    document = client.get("/tiles/changes/tilejson.json", params={"comparison": listed["comparison"]}).json()
    assert document["vector_layers"][0]["id"] == "changes"
    archive = client.get("/tiles/changes.pmtiles", params={"comparison": listed["comparison"]})
    assert archive.content.startswith(b"PMTiles")
    assert "base--calor_sequia" in client.get("/").text


def test_a_kept_comparison_in_which_nothing_changes_breaks_no_page(client: TestClient, workspace: Workspace) -> None:
    base = Study.open(workspace)
    found = diff_studies(base, base)
    save_comparison(found, diff_document(found))
    page = client.get("/")
    assert page.status_code == 200
    assert "base--base" not in page.text  # there is nothing to draw
    assert client.get("/ogc/collections").status_code == 200
    empty = client.get("/ogc/collections/changes/items", params={"comparison": "base--base"}).json()
    assert (empty["numberMatched"], empty["features"]) == (0, [])
    assert client.get("/tiles/changes/8/82/141.mvt", params={"comparison": "base--base"}).status_code == 204


def test_studies_that_do_not_exist_or_are_not_named_are_refused_as_problems(client: TestClient) -> None:
    missing = client.get("/api/v1/diff", params={"from": "base", "to": "nada"})
    assert missing.status_code == 404
    assert missing.headers["content-type"].startswith("application/problem+json")
    assert "calor_sequia" in missing.text
    assert client.get("/api/v1/diff", params={"from": "base"}).status_code in {400, 422}
