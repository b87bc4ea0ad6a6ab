"""A study from its stack is the study of its layers: the same zones, classes and gates, values within a 256th."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from layer_zoning import classified_from_layers

import zoning
from gis.errors import InputError, MissingError, StorageError
from gis.rasters.packed_arrays import ArrayReader, ArrayWriter, Packed
from gis.rasters.raster_reader import RasterReader
from layers.workspace import Workspace
from zoning.rating.interval_codes import encode
from zoning.rules.zone_tables import only_zones
from zoning.stack.positions import POSITION_ERROR, Intervals, decode, encode_strip, positions_of
from zoning.stack.stack_build import stack_folder, update_stack
from zoning.stack.stack_cells import StackCells
from zoning.stack.stack_index import CODES_FILE, EXTRAS_FILE, INDEX_FILE, POSITIONS_FILE, StackIndex
from zoning.stack.stored_stack import StoredStack
from zoning.study.aptitude import rated_zones, stack_job
from zoning.study.cell_results import CellResults, StripResult
from zoning.study.classification import classify_rows, classify_stack
from zoning.study.run_job import RunJob, open_job
from zoning.study.strip_rating import StripCells, listed_gates

Maker = Callable[..., Workspace]

EXACT = ("zone", "cls", "runner_up", "runner_up_class", "flags", "present_use", "aptitude")
FILES = (CODES_FILE, POSITIONS_FILE, EXTRAS_FILE)


def classified(job: RunJob) -> CellResults:
    index = update_stack(job.land, job.rules).index
    with StackCells(stack_folder(job.land), index.hash) as stack:
        return classify_stack(stack_job(job, stack), job.frame)


def assert_as_from_layers(job: RunJob) -> None:
    found, wanted = classified(job), classified_from_layers(job, aptitudes=rated_zones(job))
    for name in EXACT:
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name), err_msg=name)
    rated = np.isfinite(wanted.score)
    np.testing.assert_array_equal(np.isfinite(found.score), rated)
    np.testing.assert_allclose(found.score[rated], wanted.score[rated], atol=2e-3)
    alike = rated & (found.limiting == wanted.limiting) & (found.land_use_type == wanted.land_use_type)
    assert alike.sum() >= 0.999 * rated.sum()
    keys = [each.key for each in job.rules.characteristics]
    for index in np.unique(wanted.limiting[alike]):
        here = alike & (wanted.limiting == index)
        apart = np.abs(found.limiting_value[here] - wanted.limiting_value[here])
        assert apart.max() <= widest(job, keys[index]) * POSITION_ERROR
        np.testing.assert_array_equal(found.incomplete[here], wanted.incomplete[here])


def widest(job: RunJob, key: str) -> float:
    """Return the widest interval of a characteristic in the stack of a run, the open ones by what was seen."""
    index = update_stack(job.land, job.rules).index
    with ArrayReader(stack_folder(job.land) / POSITIONS_FILE) as positions:
        ends = [positions.read(f"{key}/{start}")[1] for start, _stop in job.grid.strips(256)]
    cuts = index.cuts[key]
    low, high = min(low for low, _high in ends), max(high for _low, high in ends)
    return float(np.nanmax(Intervals.of(cuts, low=low, high=high).width))


@pytest.mark.parametrize("options", [{}, {"cover": True}, {"without": ("soil", "roads")}, {"native_cell": 475.0}])
def test_every_cell_is_what_its_layers_make_it(make_workspace: Maker, tmp_path: Path, options: dict) -> None:
    assert_as_from_layers(open_job(make_workspace(tmp_path / "ws", **options)))


@pytest.mark.parametrize("scenario", ["calor_sequia"])
def test_a_scenario_is_classified_from_a_stack_of_its_own(make_workspace: Maker, tmp_path: Path, scenario: str) -> None:
    assert_as_from_layers(open_job(make_workspace(tmp_path / "ws"), scenario=scenario))


@pytest.mark.real_data
def test_the_eleven_municipalities_are_classified_as_from_their_layers(real_workspace: Workspace) -> None:
    assert_as_from_layers(open_job(real_workspace))


def test_a_strip_is_classified_wherever_its_job_is_carried(make_workspace: Maker, tmp_path: Path) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    index = update_stack(job.land, job.rules).index
    with StackCells(stack_folder(job.land), index.hash) as stack:
        shared = stack_job(job, stack)
        whole = classify_stack(shared, job.frame)
        carried = pickle.loads(pickle.dumps(shared))  # noqa: S301  our own bytes
    assert carried.here is None
    rows = next(iter(job.grid.strips(256)))
    strip = pickle.loads(pickle.dumps(classify_rows(carried, rows)))  # noqa: S301  as above
    np.testing.assert_array_equal(strip.zone, whole.zone[job.frame.places.rows(*rows)])
    np.testing.assert_array_equal(strip.score, whole.score[job.frame.places.rows(*rows)])


def test_the_rules_of_two_zones_read_less_and_name_the_same_types(make_workspace: Maker, tmp_path: Path) -> None:
    rules = open_job(make_workspace(tmp_path / "ws")).rules
    few = only_zones(rules, {rules.zone("ANU").number, 0})
    assert [zone.code for zone in few.rules.rated_zones] == ["ANU"]
    assert set(few.read) < {each.key for each in rules.characteristics}
    place = [zone.code for zone in rules.rated_zones].index("ANU")
    wanted = {index for crop in rules.baskets[place] for index in crop}
    assert set(few.types[:-1].tolist()) == wanted
    assert few.types[-1] == -1


VALUES = npst.arrays(
    np.float32, st.integers(1, 60), elements=st.floats(-1e4, 1e4, width=32) | st.sampled_from([np.nan, np.inf, 3.5])
)
CUTS = st.lists(st.floats(-9e3, 9e3, width=32), max_size=12, unique=True)


@settings(deadline=None)  # the first call compiles
@given(VALUES, CUTS)
def test_a_value_comes_back_in_its_own_interval(values: np.ndarray, limits: list[float]) -> None:
    cuts = np.unique(np.array(limits, dtype=np.float32) + np.float32(0))
    places = np.arange(len(values), dtype=np.int32)[::-1].copy()
    codes, out = np.zeros(len(values), dtype=np.uint8), np.empty(len(values), dtype=np.float32)
    packed = encode_strip(values, places, cuts, codes)
    np.testing.assert_array_equal(codes[places], encode(values, cuts))
    intervals = Intervals.of(cuts, low=packed.notes[0], high=packed.notes[1])
    decode(codes, places, positions_of(unpacked(packed)), intervals, out)
    np.testing.assert_array_equal(encode(out, cuts), codes[places])
    finite = np.isfinite(values)
    width = intervals.width[codes[places]][finite].astype(np.float64)
    slack = 4 * np.spacing(np.abs(values[finite]).astype(np.float32))
    assert (np.abs(out[finite].astype(np.float64) - values[finite]) <= width * POSITION_ERROR + slack + 1e-29).all()
    assert (out[np.isin(values, cuts)] == values[np.isin(values, cuts)]).all()


def unpacked(packed: Packed) -> np.ndarray:
    size = int(np.prod(packed.shape))
    content = pa.Codec("lz4_raw").decompress(packed.payload, decompressed_size=size)
    return np.frombuffer(content, dtype=packed.dtype)


def test_what_is_up_to_date_is_not_made_and_a_word_says_why_what_is(make_workspace: Maker, tmp_path: Path) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    first = update_stack(job.land, job.rules)
    assert "no había pila" in first.told
    again = update_stack(job.land, job.rules)
    assert (again.made, again.told, again.index.hash) == ((), "", first.index.hash)
    moved = open_job(job.workspace, ruleset=with_slope_cut(job))
    third = update_stack(moved.land, moved.rules)
    assert third.made == ("slope",)
    assert "las reglas cortan donde la pila no corta: slope" in third.told


def with_slope_cut(job: RunJob) -> object:
    ruleset = job.rules.ruleset
    return replace(ruleset, cover=replace(ruleset.cover, legal_forest_slope=41.37))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["short", "gone"])
def test_a_stack_that_lost_a_file_is_made_anew(make_workspace: Maker, tmp_path: Path, name: str, harm: str) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    first = update_stack(job.land, job.rules)
    path = stack_folder(job.land) / name
    content = path.read_bytes()
    path.unlink()
    if harm == "short":
        path.write_bytes(content[:-100])
    second = update_stack(job.land, job.rules)
    assert set(second.made) == set(first.made)
    assert "dañada" in second.told
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", [POSITIONS_FILE, CODES_FILE])
def test_a_stack_with_flipped_bytes_is_refused_in_words(make_workspace: Maker, tmp_path: Path, name: str) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    update_stack(job.land, job.rules)
    path = stack_folder(job.land) / name
    content = bytearray(path.read_bytes())
    for middle in range(len(content) // 2, len(content) - 500, 1_000):
        content[middle : middle + 100] = bytes(255 - byte for byte in content[middle : middle + 100])
    path.write_bytes(bytes(content))
    with pytest.raises(InputError) as refused:
        classified(job)
    assert name in str(refused.value)


def test_an_index_that_is_no_index_is_made_anew(make_workspace: Maker, tmp_path: Path) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    update_stack(job.land, job.rules)
    path = stack_folder(job.land) / INDEX_FILE
    whole = path.read_bytes()
    for damage in (
        b'{"format": 2, "bands": 7}',
        b"7",
        b"\xff\xfe",
        whole.replace(b'"extras": {', b'"extras": [], "x": {'),
    ):
        path.write_bytes(damage)
        assert "dañada" in update_stack(job.land, job.rules).told
        assert StackIndex.read(path.parent) is not None


def test_another_stack_under_a_reader_is_one_clear_error(make_workspace: Maker, tmp_path: Path) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    index = update_stack(job.land, job.rules).index
    with pytest.raises(InputError, match="cambió o se dañó"):
        StackCells(stack_folder(job.land), "0" * 64)
    assert StackCells(stack_folder(job.land), index.hash).index.hash == index.hash


def test_layers_that_change_while_they_are_read_are_refused_and_the_old_stack_stays(
    make_workspace: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    update_stack(job.land, job.rules)
    before = {name: (stack_folder(job.land) / name).read_bytes() for name in (*FILES, INDEX_FILE)}
    moved = open_job(job.workspace, ruleset=with_slope_cut(job))
    land, seen = moved.land, []
    plain = type(land).fingerprint

    def touched(self: object) -> dict[str, tuple[int, int]]:
        seen.append(1)
        found = plain(self)
        return found | {"elevation.tif": (1, len(seen))}

    monkeypatch.setattr(type(land), "fingerprint", touched)
    with pytest.raises(InputError, match=r"Cambió en el disco mientras se leía: elevation\.tif"):
        update_stack(land, moved.rules)
    assert {name: (stack_folder(job.land) / name).read_bytes() for name in before} == before


def test_a_stack_that_lacks_a_measure_of_its_sample_measures_that_alone(make_workspace: Maker, tmp_path: Path) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    update_stack(job.land, job.rules)
    folder = stack_folder(job.land)
    before = {name: (folder / name).read_bytes() for name in FILES}
    index = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
    del index["extras"]["column/slope"]
    (folder / INDEX_FILE).write_text(json.dumps(index), encoding="utf-8")
    update = update_stack(job.land, job.rules)
    assert (update.made, update.told) == ((), "Pila al día: se miden de nuevo 1 datos de la muestra")
    with StackCells(folder, update.index.hash) as stack:
        assert "slope" in stack.extras("column")
    assert {name: (folder / name).read_bytes() for name in (CODES_FILE, POSITIONS_FILE)} == {
        name: before[name] for name in (CODES_FILE, POSITIONS_FILE)
    }


def test_a_cell_that_two_zones_cannot_settle_is_asked_by_all(make_workspace: Maker, tmp_path: Path) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    index = update_stack(job.land, job.rules).index
    with StackCells(stack_folder(job.land), index.hash) as stack:
        strip = stack.strip(*next(iter(job.grid.strips(256))), tuple(each.key for each in job.rules.inputs))
        decided = strip.decided(job.rules.ruleset, strip.values("slope"))
        one = StripCells(
            strip=strip,
            decided=decided.decided,
            residual=decided.residual,
            allowed=listed_gates(job.rules, index.municipalities)[strip.unit],
            opened=np.zeros(strip.cells, dtype=np.uint32),
            rules=job.rules,
        )
        chosen = np.arange(0, strip.cells, 7, dtype=np.int32)
        whole, gates = one.classify(chosen)
        told = StripResult.empty(strip.cells)
        told.put(chosen, whole)
        found = one.rate(chosen, only_zones(job.rules, {job.rules.rated_zones[0].number}), gates=gates, told=told)
    assert len(np.unique(whole.zone)) > 1
    for name in ("zone", "cls", "runner_up", "runner_up_class", "land_use_type", "limiting", "score", "margin"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name), err_msg=name)


def test_a_stack_whose_folder_is_gone_is_named(make_workspace: Maker, tmp_path: Path) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    with pytest.raises(MissingError, match="No existe la carpeta"):
        StackCells(stack_folder(job.land), "0" * 64)
    index = update_stack(job.land, job.rules).index
    with pytest.raises(InputError, match="La pila cambió en el disco"):
        StoredStack(stack_folder(job.land), expected="0" * 64)
    with StoredStack(stack_folder(job.land), expected=index.hash) as stored:
        assert stored.index.hash == index.hash


def test_a_full_disk_leaves_the_old_stack(
    make_workspace: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = open_job(make_workspace(tmp_path / "ws"))
    update_stack(job.land, job.rules)
    before = {name: (stack_folder(job.land) / name).read_bytes() for name in (*FILES, INDEX_FILE)}
    moved = open_job(job.workspace, ruleset=with_slope_cut(job))

    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ArrayWriter, "write", full)
    with pytest.raises(StorageError, match="espacio"):
        update_stack(moved.land, moved.rules)
    assert {name: (stack_folder(job.land) / name).read_bytes() for name in before} == before
    assert [each.name for each in stack_folder(job.land).parent.iterdir()] == [stack_folder(job.land).name]


def test_a_study_says_whether_its_layers_were_coded(make_workspace: Maker, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws")
    first, second = (zoning.run(workspace, scale=25_000).manifest["run"] for _each in range(2))
    assert "no había pila" in first["encoded"]
    assert second["encoded"] == ""
    stages = set(second["seconds"])
    assert {"rules", "encode", "classify", "merge", "coverage", "polygons", "explain", "files", "tiles"} <= stages
    with RasterReader(next((workspace.root / "stack").iterdir()) / CODES_FILE) as reader:
        assert "slope" in reader.names
