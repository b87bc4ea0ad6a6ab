"""A tile under changed rules shows what the kernel says of the cell under each pixel, and its hectares agree."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyproj
import pytest

from gis.errors import InputError, MissingError, VallesError
from gis.rasters.web_tile import TILE_PIXELS, tile_bounds
from layers.workspace import Workspace
from zoning.comparison import posted_changes
from zoning.comparison.posted_changes import keep_change, posted_change
from zoning.comparison.preview import Preview, PreviewTable
from zoning.comparison.what_if import what_if
from zoning.study.study import Study
from zoning.study.study_run import run
from zoning.zoning_errors import NewCutsError, RulesError

Maker = Callable[..., Workspace]

CHANGE = {"gates": {"near_people": {"distance_road": 300}}, "minimum": {"VID": "S2"}}
UNCUT = {"limits": {"maiz": {"temperature": {"low.s2": 15.037}}}}


@pytest.fixture(scope="module")
def preview(make_workspace: Maker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    workspace = make_workspace(tmp_path_factory.mktemp("preview") / "ws", cover=True)
    opened = Preview(run(workspace, scale=25_000))
    yield opened
    opened.close()


def tiles_of(preview: Preview, z: int) -> list[tuple[int, int, int]]:
    left, bottom, right, top = preview._sampler.web_bounds
    side = tile_bounds(z, 0, 0)[2] - tile_bounds(z, 0, 0)[0]
    half = tile_bounds(0, 0, 0)[2]
    xs = range(int((left + half) // side), int((right + half) // side) + 1)
    return [(z, x, y) for x in xs for y in range(int((half - top) // side), int((half - bottom) // side) + 1)]


def cells_under(preview: Preview, z: int, x: int, y: int) -> tuple[np.ndarray, np.ndarray]:
    """Return exact row and column of each pixel's centre, one pixel at a time as a textbook has it."""
    left, _bottom, right, top = tile_bounds(z, x, y)
    pixel = (right - left) / TILE_PIXELS
    centres = (np.arange(TILE_PIXELS) + 0.5) * pixel
    grid = preview.stack.land.grid
    east, north = pyproj.Transformer.from_crs("EPSG:3857", grid.crs, always_xy=True).transform(
        *np.meshgrid(left + centres, top - centres)
    )
    return (grid.top - north) / grid.cell, (east - grid.left) / grid.cell


def picture_of(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Read a palette PNG of 256 × 256 by hand."""
    chunks, at = {}, 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        chunks[content[at + 4 : at + 8]] = content[at + 8 : at + 8 + length]
        assert struct.unpack(">I", content[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            content[at + 4 : at + 8 + length]
        )
        at += 12 + length
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (256, 256, 8, 3, 0, 0, 0)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(256, 257)
    assert not lines[:, 0].any()
    colours = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    return lines[:, 1:], np.column_stack([colours, np.frombuffer(chunks[b"tRNS"], np.uint8)])


@pytest.mark.parametrize("z", [5, 9, 10, 11, 12, 14])
def test_every_pixel_has_the_zone_of_the_cell_under_it(preview: Preview, z: int) -> None:
    table = preview.table(CHANGE)
    told = preview.stack.zone(table.rules, maps=True)
    assert told.zone is not None
    height, width = told.zone.shape
    seen = 0
    for tile in tiles_of(preview, z):
        rows, cols = cells_under(preview, *tile)
        inside = (rows >= 0) & (rows < height) & (cols >= 0) & (cols < width)
        # A pixel whose centre lies on the very border of two cells may fall on either side.
        clear = (np.abs(rows - np.rint(rows)) > 0.02) & (np.abs(cols - np.rint(cols)) > 0.02)
        expected = np.zeros((256, 256), np.uint8)
        expected[inside] = told.zone[rows[inside].astype(int), cols[inside].astype(int)]
        found = preview.zones(table, *tile)
        if found is None:
            assert not expected[clear].any()
            continue
        np.testing.assert_array_equal(found[clear], expected[clear])
        content = preview.tile(table, *tile)
        assert content is not None
        pixels, palette = picture_of(content)
        np.testing.assert_array_equal(pixels, found)
        assert palette[0, 3] == 0
        for zone in table.rules.zones:
            assert "#" + bytes(palette[zone.number, :3]).hex() == zone.colour.lower()
        seen += int(np.count_nonzero(found))
    assert seen > 0


def test_pixels_are_placed_within_a_hundredth_of_a_cell(preview: Preview) -> None:
    for tile in (tiles_of(preview, 8)[0], tiles_of(preview, 12)[0]):
        exact = cells_under(preview, *tile)
        found = preview._sampler.places(tile_bounds(*tile), exact=False)
        for one, other in zip(found, exact, strict=True):
            # At zoom 8 a pixel is six cells wide.
            assert np.abs(one - other).max() < 0.01 * (6 if tile[0] == 8 else 1)


def test_a_change_moves_the_picture_and_codes_kept_in_memory_do_not(preview: Preview) -> None:
    (tile,) = tiles_of(preview, 9)[:1]
    before, after = preview.table({}), preview.table(CHANGE)
    first, changed = preview.tile(before, *tile), preview.tile(after, *tile)
    assert first != changed
    preview.forget_codes()
    assert (preview.tile(before, *tile), preview.tile(after, *tile)) == (first, changed)


def test_a_tile_elsewhere_is_nothing_and_one_that_cannot_be_is_refused(preview: Preview) -> None:
    table = preview.table({})
    assert preview.tile(table, 12, 0, 0) is None
    assert preview.tile(table, 24, 0, 0) is None
    z, x, y = tiles_of(preview, 14)[0]
    assert preview.tile(table, z, x - 1, y) is None
    with pytest.raises(InputError):
        preview.tile(table, 3, 8, 0)


def test_the_hectares_are_those_of_what_if(preview: Preview) -> None:
    found = preview.summary(preview.table(CHANGE), "Naciente")
    told = what_if(preview.study, CHANGE, municipality="071302")
    assert found.equals(told)
    assert found["change_ha"].abs().sum() > 0


def test_the_kept_codes_stay_within_their_bound(preview: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoning.comparison.preview.KEPT_BYTES", 1)
    table = preview.table({})
    preview.forget_codes()
    for tile in tiles_of(preview, 13):
        preview.tile(table, *tile)
    assert len(preview._kept) == 1
    assert preview._held == next(iter(preview._kept.values())).nbytes


def test_a_limit_that_no_code_knows_says_what_and_how_long(preview: Preview) -> None:
    table: PreviewTable = preview.table(UNCUT)
    assert table.rows is None
    uncut = {each.limit: each.nearest for each in table.uncut}
    (nearest,) = {uncut[15.037]}
    assert nearest[0] < 15.037 < nearest[1]
    for ask in (lambda: preview.tile(table, 9, 165, 281), lambda: preview.summary(table, "Naciente")):
        with pytest.raises(NewCutsError, match="temperature_mean_prueba") as refused:
            ask()
        assert f"{nearest[0]:g}" in refused.value.expected
    moved = preview.table({"limits": {"maiz": {"temperature": {"low.s2": nearest[0]}}}})
    assert moved.rows is not None


def test_a_posted_change_is_found_by_its_hash_alone(preview: Preview) -> None:
    workspace = preview.study.workspace
    posted = keep_change(workspace, "base", CHANGE)
    assert keep_change(workspace, "base", dict(reversed(CHANGE.items()))).hash == posted.hash
    assert keep_change(workspace, "other", CHANGE).hash != posted.hash
    again = posted_change(Workspace.open(workspace.root), posted.hash)
    assert again == posted


@pytest.mark.parametrize("name", ["", "0" * 32, "../base", "F" * 32, "x" * 500])
def test_a_hash_nobody_posted_says_how_to_post(preview: Preview, name: str) -> None:
    with pytest.raises(MissingError) as refused:
        posted_change(preview.study.workspace, name)
    assert "POST /zoning/preview" in refused.value.remedy


def test_a_damaged_change_counts_as_absent(preview: Preview) -> None:
    workspace = preview.study.workspace
    posted = keep_change(workspace, "base", {"minimum": {"FRU": "S1"}})
    path = posted_changes._path(workspace, posted.hash)
    for text in ("{", "[]", '{"study": "base", "change": {"minimum": {"FRU": "S2"}}}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(MissingError):
            posted_change(workspace, posted.hash)


def test_only_the_newest_changes_are_kept(preview: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posted_changes, "MOST", 3)
    workspace = preview.study.workspace
    names = [keep_change(workspace, "base", {"legal_forest_slope": slope}).hash for slope in range(41, 47)]
    assert posted_change(workspace, names[-1]).change.legal_forest_slope == 46
    with pytest.raises(MissingError):
        posted_change(workspace, names[0])


@pytest.mark.parametrize("change", [{"zonas": {}}, {"weights": {"temperature": 10**400}}, {"order": 5}])
def test_what_is_no_change_is_refused(preview: Preview, change: dict) -> None:
    with pytest.raises(RulesError):
        keep_change(preview.study.workspace, "base", change)


def test_a_study_whose_layers_changed_is_not_opened(make_workspace: Maker, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws")
    study = run(workspace, scale=25_000)
    (workspace.root / "ruleset.toml").unlink(missing_ok=True)
    provenance = workspace.layers_dir / "provenance.json"
    record = next(each["sha256"] for each in study.manifest["layers"] if each["name"] == "soil")
    provenance.write_text(provenance.read_text(encoding="utf-8").replace(record, "0" * 64), encoding="utf-8")
    with pytest.raises(VallesError, match="soil"):
        Preview(Study.open(workspace.root, "base"))
