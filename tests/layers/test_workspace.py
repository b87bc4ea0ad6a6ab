"""A workspace is plain files, opened only by a program that understands them, written by one program at a time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gis.atomic import atomic_folder
from gis.errors import InputError, MissingError, StorageError
from layers.territory import Territory
from layers.workspace import Workspace, default_root


def test_a_new_workspace_opens_with_the_same_territory_and_settings(tmp_path: Path, territory: Territory) -> None:
    made = Workspace.init(tmp_path / "ws", territory, files={"ruleset.toml": "a = 1\n"})
    opened = Workspace.open(tmp_path / "ws")
    assert opened.territory == territory
    assert opened.config("ruleset.toml").read_text() == "a = 1\n"
    assert opened.studies() == ()
    assert made.root == opened.root


def test_a_second_init_does_not_touch_the_first(tmp_path: Path, territory: Territory) -> None:
    Workspace.init(tmp_path, territory, files={"ruleset.toml": "mine"})
    with pytest.raises(InputError, match="ya es un espacio"):
        Workspace.init(tmp_path, territory, files={"ruleset.toml": "theirs"})
    assert (tmp_path / "ruleset.toml").read_text() == "mine"


def test_a_folder_that_is_no_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="valles init"):
        Workspace.open(tmp_path)


def test_an_older_workspace_is_upgraded_and_the_old_file_kept(tmp_path: Path, territory: Territory) -> None:
    Workspace.init(tmp_path, territory)
    file = tmp_path / "territory.toml"
    old = file.read_text().replace("workspace_format = 1\n", "")
    file.write_text(old)
    assert Workspace.open(tmp_path).territory == territory
    assert (tmp_path / "territory.toml.formato-0.bak").read_text() == old
    assert "workspace_format = 1" in file.read_text()


@pytest.mark.parametrize(
    ("stated", "words"), [("99", "más nuevo"), ('"uno"', "workspace_format"), ("-1", "workspace_format")]
)
def test_a_newer_or_nonsensical_version_is_refused_untouched(
    tmp_path: Path, territory: Territory, stated: str, words: str
) -> None:
    Workspace.init(tmp_path, territory)
    file = tmp_path / "territory.toml"
    file.write_text(file.read_text().replace("workspace_format = 1", f"workspace_format = {stated}"))
    before = file.read_text()
    with pytest.raises(InputError, match=words):
        Workspace.open(tmp_path)
    assert file.read_text() == before


def test_a_study_half_written_by_a_killed_program_is_never_listed_and_goes_with_the_next_writer(
    tmp_path: Path, territory: Territory
) -> None:
    made = Workspace.init(tmp_path, territory)
    with atomic_folder(made.study_dir("base")) as draft:
        (draft / "manifest.json").write_text("{}")
        left = draft.with_name(f"{draft.name[:-12]}00000000.tmp")
        shutil.copytree(draft, left)
        assert made.studies() == ()
    assert made.studies() == ("base",)
    with made.writing():
        assert not left.exists()
    assert sorted(path.name for path in made.studies_dir.iterdir()) == ["base"]


def test_two_writers_cannot_mix(tmp_path: Path, territory: Territory) -> None:
    workspace = Workspace.init(tmp_path, territory)
    with workspace.writing(), pytest.raises(StorageError, match="Otro programa"), workspace.writing():
        pytest.fail("the second writer got in")
    with workspace.writing():
        pass


def test_a_folder_that_refuses_is_one_clear_error(tmp_path: Path, territory: Territory) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"disco|escribir"):
        Workspace.init(tmp_path / "file" / "ws", territory)


def test_a_missing_layer_is_named(tmp_path: Path, territory: Territory) -> None:
    workspace = Workspace.init(tmp_path, territory)
    assert not workspace.has_layer("elevation")
    with pytest.raises(MissingError, match=r"elevation.*layers fetch"):
        workspace.layer("elevation")


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a\\b", "a\x00b", "a\nb"])
def test_a_study_name_cannot_leave_its_folder(tmp_path: Path, territory: Territory, name: str) -> None:
    with pytest.raises(InputError, match="nombre de estudio"):
        Workspace.init(tmp_path, territory).study_dir(name)


def test_a_workspace_from_another_keeps_its_comments(tmp_path: Path, territory: Territory) -> None:
    first = Workspace.init(tmp_path / "a", territory, files={"ruleset.toml": "x = 1"})
    file = first.root / "territory.toml"
    file.write_text("# mío\n" + file.read_text())
    second = Workspace.init_from(tmp_path / "b", Workspace.open(first.root))
    assert second.territory == territory
    assert (second.root / "territory.toml").read_text().startswith("# mío")
    assert (second.root / "ruleset.toml").read_text() == "x = 1"


def test_the_environment_names_the_default_workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert default_root() == Path("workspace")
    monkeypatch.setenv("VALLES_WORKSPACE", str(tmp_path))
    assert default_root() == tmp_path
