"""Tiles: a PMTiles reader gets just the bytes it asks for, and nothing outside the map is an error."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.tiles.byte_ranges import read_range

ARCHIVE = "/tiles/parcels.pmtiles"


def test_an_archive_is_sent_whole_and_in_part(client: TestClient, archive: Path) -> None:
    content = archive.read_bytes()
    whole = client.get(ARCHIVE)
    assert whole.status_code == 200
    assert whole.content == content
    assert whole.headers["accept-ranges"] == "bytes"
    part = client.get(ARCHIVE, headers={"range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == content[100:200]
    assert part.headers["content-range"] == "bytes 100-199/1000"
    assert client.get(ARCHIVE, headers={"range": "bytes=-10"}).content == content[-10:]
    assert client.get(ARCHIVE, headers={"range": "bytes=990-5000"}).content == content[990:]


def test_an_archive_is_never_compressed_again(client: TestClient) -> None:
    for headers in ({"range": "bytes=0-799"}, {}):
        answer = client.get(ARCHIVE, headers={"accept-encoding": "gzip", **headers})
        assert "content-encoding" not in answer.headers


def test_a_range_outside_the_file_is_refused_with_its_size(client: TestClient) -> None:
    answer = client.get(ARCHIVE, headers={"range": "bytes=1000-1010"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */1000"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("header", ["bytes=5-2", "bytes=a-b", "lines=0-1", "bytes=0-1,5-6", "bytes=-", ""])
def test_a_range_that_is_none_sends_the_whole_file(client: TestClient, header: str) -> None:
    answer = client.get(ARCHIVE, headers={"range": header})
    assert answer.status_code == 200
    assert len(answer.content) == 1000


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 300))
def test_a_range_never_leaves_the_file(first: int, length: int, size: int) -> None:
    found = read_range(f"bytes={first}-{first + length}", size)
    assert found is not None
    assert found.stop <= size
    assert range(size)[found.start : found.stop] == range(size)[first : first + length + 1]


def test_a_range_of_more_digits_than_any_file_has_sends_the_whole_file(client: TestClient, archive: Path) -> None:
    answer = client.get("/tiles/parcels.pmtiles", headers={"Range": f"bytes=0-{'9' * 5000}"})
    assert (answer.status_code, len(answer.content)) == (200, archive.stat().st_size)


def test_head_says_the_size_and_sends_nothing(client: TestClient) -> None:
    answer = client.head(ARCHIVE)
    assert answer.status_code == 200
    assert answer.headers["content-length"] == "1000"
    assert answer.content == b""


def test_a_reader_learns_that_the_archive_changed(client: TestClient, archive: Path) -> None:
    tag = client.get(ARCHIVE).headers["etag"]
    assert client.get(ARCHIVE, headers={"if-none-match": tag}).status_code == 304
    archive.write_bytes(b"another version, longer than one byte")
    assert client.get(ARCHIVE, headers={"if-none-match": tag}).status_code == 200
    resumed = client.get(ARCHIVE, headers={"range": "bytes=5-9", "if-range": tag})
    assert resumed.status_code == 200, "a part of another version would corrupt the reader's copy"


def test_an_archive_that_is_not_there_is_a_404(client: TestClient, archive: Path) -> None:
    assert client.get("/tiles/wells.pmtiles").status_code == 404
    assert client.get("/tiles/unheard.pmtiles").status_code == 404
    assert client.get("/tiles/..%2F..%2Fpyproject.pmtiles").status_code == 404
    archive.unlink()
    assert client.get(ARCHIVE).status_code == 404


def test_tilejson_leads_to_the_tiles(client: TestClient) -> None:
    document = client.get("/tiles/wells/tilejson.json?depth=deep").json()
    assert document["tilejson"] == "3.0.0"
    assert document["vector_layers"][0]["id"] == "wells"
    assert document["bounds"] == pytest.approx([-65, -18, -64.04, -18])
    address = document["tiles"][0].format(z=1, x=0, y=1)
    tile = client.get(address)
    assert tile.content == b"1/0/1 {'depth': 'deep'}"
    assert tile.headers["content-type"] == "application/vnd.mapbox-vector-tile"


def test_where_nothing_is_drawn_the_answer_is_empty(client: TestClient) -> None:
    answer = client.get("/tiles/wells/5/0/0.mvt")
    assert answer.status_code == 204
    assert answer.content == b""


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("wells/1/2/0.mvt", 400),
        ("wells/1/0/-1.mvt", 422),
        ("wells/99/0/0.mvt", 422),
        ("wells/a/0/0.mvt", 422),
        ("wells/1/0/0.png", 404),
        ("shade/1/0/0.mvt", 404),
        ("unheard/1/0/0.mvt", 404),
        ("wells/1/0/0.mvt?depth=none", 400),
    ],
)
def test_a_tile_that_cannot_be_is_a_problem(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"/tiles/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unchanged_tile_is_not_sent_twice(client: TestClient) -> None:
    first = client.get("/tiles/wells/1/0/0.mvt")
    assert "max-age" in first.headers["cache-control"]
    again = client.get("/tiles/wells/1/0/0.mvt", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


def test_a_zipped_tile_is_unpacked_for_who_cannot_read_it(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from layers.map_layer import Tile  # noqa: PLC0415  only this test makes tiles

    zipped = Tile(content=gzip.compress(b"plain"), media_type="application/vnd.mapbox-vector-tile", encoding="gzip")
    layer = client.app.state.service.registry.get("wells")  # type: ignore[attr-defined]  TestClient hides the class
    monkeypatch.setattr(type(layer), "tile", lambda *_: zipped)
    packed = client.get("/tiles/wells/1/0/0.mvt", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == b"plain"
    plain = client.get("/tiles/wells/1/0/0.mvt", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == b"plain"
