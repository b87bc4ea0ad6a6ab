"""A tile under changed rules shows what the kernel says of the cell under each pixel, and its hectares agree."""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pyproj
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import InputError, MissingError, VallesError
from gis.rasters.cog import write_cog
from gis.rasters.raster import Raster
from gis.rasters.web_level import AREA
from gis.rasters.web_tile import TILE_PIXELS, read_tile, tile_bounds
from layers.workspace import Workspace
from zoning.comparison import posted_changes
from zoning.comparison.posted_changes import keep_change, posted_change
from zoning.comparison.preview import Preview, PreviewTable
from zoning.comparison.what_if import what_if
from zoning.study.study import Study
from zoning.study.study_run import run
from zoning.web_copy.web_build import web_folder
from zoning.web_copy.web_loops import find_kinds
from zoning.web_copy.web_shelf import WebShelf
from zoning.web_copy.web_stack import split
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
    """Return tiles of the territory; beyond the stored zooms those in the middle."""
    tiles = preview.web.index.levels[min(z, preview.web.index.native)]
    if z == tiles.zoom:
        return [(z, tiles.col + col, tiles.row + row) for col in range(tiles.cols) for row in range(tiles.rows)]
    land = preview.stack.land
    rows, cols = np.nonzero(land.unit)
    row, col = rows[len(rows) // 2], cols[len(cols) // 2]
    to_web = pyproj.Transformer.from_crs(land.grid.crs, "EPSG:3857", always_xy=True)
    east, north = to_web.transform(
        land.grid.left + (col + 0.5) * land.grid.cell, land.grid.top - (row + 0.5) * land.grid.cell
    )
    left, _bottom, right, top = tile_bounds(z, 0, 0)
    x, y = int((east - left) // (right - left)), int((top - north) // (right - left))
    return [(z, x + aside, y + down) for aside in (-1, 0, 1) for down in (-1, 0, 1)]


def spread(tiles: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return at most nine tiles, the middle one among them."""
    step = -(-len(tiles) // 9)
    return tiles[len(tiles) // 2 % step :: step]


def cells_at(preview: Preview, z: int, cols: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return exact row and column in cells of places in pixels of the whole world, one by one as a textbook has it."""
    left, _bottom, right, top = tile_bounds(0, 0, 0)
    pixel = (right - left) / TILE_PIXELS / 2**z
    grid = preview.stack.land.grid
    east, north = pyproj.Transformer.from_crs("EPSG:3857", grid.crs, always_xy=True).transform(
        *np.meshgrid(left + cols * pixel, top - rows * pixel)
    )
    # The other side of the world has no place in the reference system.
    rows, cols = (grid.top - north) / grid.cell, (east - grid.left) / grid.cell
    return np.where(np.isfinite(rows), rows, -1e9), np.where(np.isfinite(cols), cols, -1e9)


def centres_shown(preview: Preview, z: int, x: int, y: int) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column in cells of what each pixel of a tile shows: the centre of the stored pixel it takes."""
    deep = preview.web.index.native - z
    stored = []
    for tile in (x, y):
        pixels = tile * TILE_PIXELS + np.arange(TILE_PIXELS)
        stored.append((pixels << deep) + (1 << deep >> 1) if deep > 0 else pixels >> -deep)
    return cells_at(preview, preview.web.index.native, stored[0] + 0.5, stored[1] + 0.5)


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
    colours = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    bits = 4 if len(colours) <= 16 else 8
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (256, 256, bits, 3, 0, 0, 0)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(256, 1 + 32 * bits)
    assert not lines[:, 0].any()
    pixels = lines[:, 1:]
    if bits == 4:
        pixels = np.stack([pixels >> 4, pixels & 15], axis=-1).reshape(256, 256)
    return pixels, np.column_stack([colours, np.frombuffer(chunks[b"tRNS"], np.uint8)])


@pytest.mark.parametrize("z", [0, 3, 5, 9, 10, 11, 12, 14, 20])
@pytest.mark.parametrize("change", [CHANGE, {"order": ["FRU", "HOR", "VID", "ANU"]}])
def test_every_pixel_has_the_zone_of_the_cell_under_it(preview: Preview, z: int, change: dict) -> None:
    table = preview.table(change)
    told = preview.stack.zone(table.rules, maps=True)
    assert told.zone is not None
    height, width = told.zone.shape
    seen = 0
    for tile in spread(tiles_of(preview, z)):
        rows, cols = centres_shown(preview, *tile)
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
    assert seen > 0 or z < 5


@pytest.mark.parametrize("z", [8, 10, 11, 12, 14])
def test_a_picture_lies_where_that_of_the_zones_raster_lies(preview: Preview, tmp_path: Path, z: int) -> None:
    table = preview.table(CHANGE)
    told, grid = preview.stack.zone(table.rules, maps=True).zone, preview.stack.land.grid
    assert told is not None
    write_cog(
        tmp_path / "zones.tif", Raster(told, told > 0, "class", grid), names=["zone"], dtype="uint8", classes=True
    )
    tile = next(each for each in tiles_of(preview, z) if (preview.zones(table, *each) is not None))
    left, bottom, right, top = tile_bounds(*tile)
    rows, cols = cells_at(preview, z, *((np.array(tile[1:])[:, None] * 256 + np.arange(256)) + 0.5))
    height, width = told.shape
    inside = (rows >= 1) & (rows < height - 1) & (cols >= 1) & (cols < width - 1)
    found = preview.zones(table, *tile)
    assert found is not None
    # What a pixel shows lies half a stored pixel from its centre, never more: in its cell or the next one.
    near = np.zeros((256, 256), dtype=bool)
    for down in (-1, 0, 1):
        for aside in (-1, 0, 1):
            at = rows[inside].astype(int) + down, cols[inside].astype(int) + aside
            near[inside] |= told[at] == found[inside]
    assert near[inside].all()
    if z >= 10:  # coarser pictures of a raster show the most frequent zone, not that of the cell
        drawn = read_tile(tmp_path / "zones.tif", *tile, nearest=True)
        assert drawn is not None
        other = np.nan_to_num(drawn[0]).astype(np.uint8)
        assert (found != other).mean() < 0.08
        if z == preview.web.index.native:
            assert (found != other).mean() < 0.01
    assert (right - left) > 0 < (top - bottom)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_is_drawn_as_the_whole_territory_is_zoned(preview: Preview, data: st.DataObject) -> None:
    cuts = preview.stack.index.cuts
    distances = st.sampled_from([float(cut) for cut in cuts["distance_road"]])
    order = st.permutations(["FRU", "HOR", "VID", "ANU"])
    change = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "gates": distances.map(lambda far: {"near_people": {"distance_road": far}}),
                "order": order,
                "minimum": st.dictionaries(
                    st.sampled_from(["VID", "FRU", "HOR"]), st.sampled_from(["S1", "S2", "S3"]), min_size=1
                ),
                "ungated": st.just(["near_people"]),
                "legal_forest_slope": st.sampled_from([30, 45, 60]),
            },
        )
    )
    table = preview.table(change)
    if table.drawn is None:
        return
    told, z = preview.stack.zone(table.rules, maps=True).zone, preview.web.index.native
    assert told is not None
    for tile in spread(tiles_of(preview, z))[:3]:
        rows, cols = centres_shown(preview, *tile)
        inside = (rows >= 0) & (rows < told.shape[0]) & (cols >= 0) & (cols < told.shape[1])
        clear = (np.abs(rows - np.rint(rows)) > 0.02) & (np.abs(cols - np.rint(cols)) > 0.02)
        expected = np.zeros((256, 256), np.uint8)
        expected[inside] = told[rows[inside].astype(int), cols[inside].astype(int)]
        found = preview.zones(table, *tile)
        np.testing.assert_array_equal(
            np.zeros_like(expected)[clear] if found is None else found[clear], expected[clear]
        )


def test_a_copy_is_made_again_only_for_what_changed(make_workspace: Maker, tmp_path: Path) -> None:
    study = run(make_workspace(tmp_path / "ws", cover=True), scale=25_000)
    first = Preview(study)
    names = first.web.index.names
    assert first.made == names
    table, tile = first.table(CHANGE), tiles_of(first, 10)[0]
    drawn = first.tile(table, *tile)
    folder = web_folder(first.stack.land)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    first.close()
    again = Preview(study)
    assert again.made == ()
    again.close()
    # One band of the stack is said to be another: it alone is taken again, and everything comes out the same.
    index = json.loads((folder / "web.json").read_text(encoding="utf-8"))
    index["stack"], index["bands"]["temp_annual"] = "0" * 64, "0" * 64
    (folder / "web.json").write_text(json.dumps(index), encoding="utf-8")
    third = Preview(study)
    assert third.made == ("temp_annual",)
    assert third.tile(third.table(CHANGE), *tile) == drawn
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    third.close()


def test_a_copy_that_is_damaged_or_of_another_version_is_made_anew(make_workspace: Maker, tmp_path: Path) -> None:
    study = run(make_workspace(tmp_path / "ws", cover=True), scale=25_000)
    with closing(Preview(study)) as first:
        folder, names = web_folder(first.stack.land), first.web.index.names
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    old = json.dumps(json.loads(files["web.json"]) | {"format": 1}).encode()
    harms: list[tuple[str, bytes | None]] = [
        ("web.json", b"{"), ("web.json", old), ("web.json", None),
        ("09.kinds", files["09.kinds"][:-1]), ("08.tif", None),
    ]  # fmt: skip
    for name, content in harms:
        (folder / name).unlink()
        if content is not None:
            (folder / name).write_bytes(content)
        with closing(Preview(study)) as again:
            assert again.made == names
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def test_a_copy_with_flipped_bytes_is_refused_in_words(make_workspace: Maker, tmp_path: Path) -> None:
    study = run(make_workspace(tmp_path / "ws", cover=True), scale=25_000)
    with closing(Preview(study)) as first:
        path = web_folder(first.stack.land) / "09.kinds"
        tile = tiles_of(first, 9)[0]
    content = path.read_bytes()
    path.write_bytes(content[:8] + bytes(byte ^ 255 for byte in content[8:-200]) + content[-200:])
    with pytest.raises(InputError, match=r"09\.kinds está dañado"), closing(Preview(study)) as again:
        again.tile(again.table(CHANGE), *tile)


@pytest.mark.parametrize("most", [3, 300, 60_000])
def test_kinds_are_told_apart_exactly(most: int) -> None:
    rng = np.random.default_rng(most)
    pool = rng.integers(0, 256, (6, most), dtype=np.uint8)
    codes = np.ascontiguousarray(pool[:, rng.integers(0, most, AREA)])
    same = np.tile(np.arange(256, dtype=np.uint8), (6, 1)) // np.uint8(3)
    label, first = np.empty(AREA, np.int32), np.empty(AREA, np.int32)
    count = find_kinds(codes, same, np.zeros(AREA, np.uint16), label, first)
    counted = codes // 3
    assert count == len(np.unique(counted, axis=1).T)
    np.testing.assert_array_equal(counted[:, first[:count]][:, label], counted)
    # The same by halves: three bands, then each of the others.
    count = find_kinds(codes[:3], same[:3], np.zeros(AREA, np.uint16), label, first)
    kind = label.astype(np.uint16).reshape(256, 256)
    for band in (3, 4, 5):
        kind, where = split(kind, codes[band], same[band], count)
        count = len(where)
    assert count == len(np.unique(counted, axis=1).T)
    np.testing.assert_array_equal(counted[:, where][:, kind.ravel()], counted)


def test_a_tile_whose_limits_moved_is_drawn_from_the_codes(preview: Preview) -> None:
    for change, moved in (({"minimum": {"VID": "S2"}}, False), (CHANGE, True), ({}, False)):
        drawn = preview.table(change).drawn
        assert drawn is not None
        assert (drawn.moved != ()) == moved


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


def test_what_is_kept_of_tiles_stays_within_its_bound(preview: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    table, tiles = preview.table(CHANGE), [*tiles_of(preview, 10), *tiles_of(preview, 11)]
    drawn = []
    for most in (10**9, 220_000):
        shelf = WebShelf(preview.web, most_bytes=most)
        monkeypatch.setattr(preview._painter, "shelf", shelf)
        drawn.append([preview.tile(table, *tile) for tile in (*tiles, *tiles)])
        held = shelf.held
        assert 0 < held <= most
        assert len(shelf) > 0
        shelf.forget()
        assert (len(shelf), shelf.held) == (0, 0)
        if most == 10**9:
            assert held > 220_000
    assert drawn[0] == drawn[1]


def test_many_threads_draw_the_same(preview: Preview) -> None:
    table, tile = preview.table(CHANGE), tiles_of(preview, 9)[0]
    own = preview.tile(table, *tile)
    for _turn in range(5):
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(lambda _n: preview.tile(table, *tile), range(8))) == {own}


def test_a_limit_that_no_code_knows_says_what_and_how_long(preview: Preview) -> None:
    table: PreviewTable = preview.table(UNCUT)
    assert table.drawn is None
    uncut = {each.limit: each.nearest for each in table.uncut}
    (nearest,) = {uncut[15.037]}
    assert nearest[0] < 15.037 < nearest[1]
    for ask in (lambda: preview.tile(table, 9, 165, 281), lambda: preview.summary(table, "Naciente")):
        with pytest.raises(NewCutsError, match="temperature_mean_prueba") as refused:
            ask()
        assert f"{nearest[0]:g}".replace(".", ",") in refused.value.expected
    moved = preview.table({"limits": {"maiz": {"temperature": {"low.s2": nearest[0]}}}})
    assert moved.drawn is not None


def test_the_nearest_limits_are_told_as_a_person_writes_them(preview: Preview) -> None:
    """The stack cuts just above 0 m, at the least number there is."""
    table = preview.table({"gates": {"near_people": {"distance_road": 1}}})
    (uncut,) = table.uncut
    assert uncut.limit == 1
    assert uncut.nearest[0] == 0
    with pytest.raises(NewCutsError) as refused:
        preview.tile(table, 9, 165, 281)
    assert "distance_road: 0; " in refused.value.expected
    assert "e-" not in refused.value.expected
    for change in ({"limits": {"maiz": {"temperature": {"low.s2": 15.037}}}},):
        with pytest.raises(NewCutsError) as refused:
            preview.tile(preview.table(change), 9, 165, 281)
        assert not re.search(r"\d\.\d", refused.value.expected)


def test_what_is_kept_of_a_change_has_no_empty_parts(preview: Preview) -> None:
    workspace = preview.study.workspace
    posted = keep_change(workspace, "base", {"gates": {"near_people": {}}, "minimum": {"FRU": "S1"}, "order": []})
    assert posted == keep_change(workspace, "base", {"minimum": {"FRU": "S1"}})
    assert posted_change(workspace, posted.hash) == posted


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
    run(workspace, scale=25_000)
    (workspace.root / "ruleset.toml").unlink(missing_ok=True)
    soil = workspace.layer("soil")
    content = bytearray(soil.read_bytes())
    content[-1] ^= 1
    soil.write_bytes(content)
    with pytest.raises(VallesError, match="soil"):
        Preview(Study.open(workspace.root, "base"))
