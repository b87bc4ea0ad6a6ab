"""What moves a study and how sure it is, over HTTP: the same as its files say."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.pages.sensitivity_words import sensitivity_rows
from api.settings import Settings
from layers.workspace import Workspace
from zoning.sensitivity.variants import load_variants
from zoning.study.study import Study


@pytest.fixture(scope="module")
def demo(demo_workspace: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(workspace=demo_workspace))) as client:
        yield client


def test_every_variant_is_told_with_a_share_or_the_reason_why_there_is_none(demo: TestClient) -> None:
    document = demo.get("/api/v1/zoning/base/sensitivity").json()
    assert document["study"] == "base"
    assert document["cells"] > 0
    assert [row["variant"] for row in document["variants"]] == [each.id for each in load_variants()]
    for row in document["variants"]:
        assert (row["moved_share"] is None) == bool(row["reason"])
        if row["moved_share"] is not None:
            assert 0 <= row["moved_share"] <= row["reclassed_share"] <= 1
    assert any(row["moved_share"] for row in document["variants"])


def test_the_table_over_http_is_the_file_of_the_study(demo: TestClient, demo_workspace: Path) -> None:
    answer = demo.get("/api/v1/zoning/base/sensitivity", params={"f": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    sent = list(csv.DictReader(io.StringIO(answer.text)))
    kept = (demo_workspace / "studies" / "base" / "sensitivity.csv").read_text(encoding="utf-8")
    written = list(csv.DictReader(io.StringIO(kept)))
    assert [row["variant"] for row in sent] == [row["variant"] for row in written]
    for one, other in zip(sent, written, strict=True):
        assert bool(one["moved_share"]) == bool(other["moved_share"])
        if one["moved_share"]:
            assert float(one["moved_share"]) == pytest.approx(float(other["moved_share"]), abs=1e-6)


def test_the_panel_lists_what_moves_most_first_and_what_cannot_be_told_last(demo_workspace: Path) -> None:
    manifest = Study.open(Workspace.open(demo_workspace)).manifest
    shares = [row["share"] for row in sensitivity_rows(manifest)]
    told = [float(text.removesuffix(" %").replace(",", ".")) for text in shares if text]
    assert told == sorted(told, reverse=True)
    assert shares == [text for text in shares if text] + [""] * shares.count("")
    assert sensitivity_rows({}) == []


@pytest.mark.parametrize("path", ["sensitivity", "sensitivity?f=csv", "summary", "legend"])
def test_a_study_that_does_not_exist_is_a_problem(demo: TestClient, path: str) -> None:
    answer = demo.get(f"/api/v1/zoning/ninguno/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_without_draws_no_hectare_is_called_stable_and_no_layer_is_offered(demo: TestClient) -> None:
    rows = demo.get("/api/v1/zoning/base/summary").json()["rows"]
    assert rows
    assert {row["stable_ha"] for row in rows} == {None}
    assert "estabilidad" not in {each["id"] for each in demo.get("/ogc/collections").json()["collections"]}
    assert demo.get("/tiles/estabilidad/8/82/141.png").status_code == 404
