"""The demonstration is built once, taken up where it was cut off, and never grows over somebody's folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli.demo_build import STATE_FILE, DemoBuild
from gis.errors import InputError

NEEDED = {
    "mirror": "mirror/mirror.toml",
    "init": "workspace/territory.toml",
    "layers": "workspace/layers/provenance.json",
    "zone": "workspace/studies/base/manifest.json",
    "prices": "workspace/prices.db",
}


class Recorder:
    """Stages that only leave the file by which a stage is known, and may be cut off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done: list[str] = []
        self.cut_at = ""

    def plan(self) -> dict[str, tuple[str, Callable[[], None]]]:
        """Return the stages."""
        return {name: (name, lambda name=name: self._work(name)) for name in NEEDED}  # type: ignore[misc]

    def _work(self, name: str) -> None:
        if name == self.cut_at:
            raise KeyboardInterrupt
        self.done.append(name)
        path = self.folder / NEEDED[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    made = Recorder(tmp_path / "demo")
    monkeypatch.setattr(DemoBuild, "_plan", lambda _build: made.plan())
    return made


def test_a_full_demonstration_adds_stages_to_an_ordinary_one_and_makes_none_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"
    made = Recorder(folder)
    more = {name: (name, lambda name=name: made.done.append(name)) for name in ("stability", "scenario", "comparison")}  # type: ignore[misc]
    plain, whole = DemoBuild(folder), DemoBuild(folder, full=True)
    assert list(whole._plan()) == [*NEEDED, *more]
    monkeypatch.setattr(DemoBuild, "_plan", lambda build: made.plan() | (more if build.full else {}))
    plain.complete(report=lambda _: None)
    assert made.done == list(NEEDED)
    whole.complete(report=lambda _: None)
    assert made.done == [*NEEDED, *more]


def _build(recorder: Recorder) -> list[str]:
    recorder.done = []
    DemoBuild(recorder.folder).complete(report=lambda _: None)
    return recorder.done


def test_a_complete_demonstration_is_taken_as_it_is(recorder: Recorder) -> None:
    assert _build(recorder) == list(NEEDED)
    assert _build(recorder) == []


@pytest.mark.parametrize("cut_at", list(NEEDED))
def test_what_was_cut_off_goes_on_from_there(recorder: Recorder, cut_at: str) -> None:
    recorder.cut_at = cut_at
    with pytest.raises(KeyboardInterrupt):
        _build(recorder)
    recorder.cut_at = ""
    stages = list(NEEDED)
    assert _build(recorder) == stages[stages.index(cut_at) :]


def test_old_simulated_prices_are_made_anew_and_nothing_else(recorder: Recorder) -> None:
    _build(recorder)
    state = recorder.folder / STATE_FILE
    told = json.loads(state.read_text())
    state.write_text(json.dumps({**told, "made_on": "2020-01-01"}))
    assert _build(recorder) == ["prices"]
    assert _build(recorder) == []


def test_another_version_of_the_program_builds_anew(recorder: Recorder) -> None:
    _build(recorder)
    state = recorder.folder / STATE_FILE
    told = json.loads(state.read_text())
    state.write_text(json.dumps({**told, "version": "0.0.0"}))
    assert _build(recorder) == list(NEEDED)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stages": 3}'])
def test_a_damaged_state_builds_anew(recorder: Recorder, text: str) -> None:
    _build(recorder)
    (recorder.folder / STATE_FILE).write_text(text)
    assert _build(recorder) == list(NEEDED)


def test_a_stage_whose_result_was_deleted_is_not_believed(recorder: Recorder) -> None:
    _build(recorder)
    (recorder.folder / NEEDED["zone"]).unlink()
    assert _build(recorder) == list(NEEDED)


def test_a_folder_with_something_else_is_refused_and_left_alone(recorder: Recorder) -> None:
    recorder.folder.mkdir()
    (recorder.folder / "thesis.docx").write_text("years of work")
    with pytest.raises(InputError, match=r"thesis\.docx"):
        _build(recorder)
    assert [path.name for path in recorder.folder.iterdir() if path.name != ".demo.lock"] == ["thesis.docx"]


@pytest.mark.skipif(sys.platform == "win32", reason="the second lock is taken by a thread of the same process there")
def test_two_builds_in_one_folder_do_not_mix(recorder: Recorder) -> None:
    from gis.errors import StorageError  # noqa: PLC0415  only this test
    from layers.workspace_lock import locked  # noqa: PLC0415  only this test

    recorder.folder.mkdir()
    with locked(recorder.folder / ".demo.lock"), pytest.raises(StorageError):
        _build(recorder)
    assert recorder.done == []
