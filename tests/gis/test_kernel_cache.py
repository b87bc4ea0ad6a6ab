"""What is kept of compiled kernels is not taken for that of kernels that have changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis import jit


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a package with a kernel, a module that is none, and the instructions that kernels use beside it."""
    monkeypatch.setattr(jit, "__file__", str(tmp_path / "gis" / "jit.py"))
    for name, text in (
        ("gis/wide_bytes.py", "both = 1"),
        ("engine/room/some_loops.py", "from gis.jit import compiled"),
        ("engine/room/words.py", "told = 1"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def state(folder: Path) -> str:
    """Return what the kernels of the package are known by, not as it is remembered."""
    return jit._kernel_state.__wrapped__(folder / "engine")


@pytest.mark.parametrize("name", ["engine/room/some_loops.py", "gis/wide_bytes.py"])
def test_a_change_of_a_kernel_or_of_its_instructions_is_another_state(folder: Path, name: str) -> None:
    before = state(folder)
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8") + "  # moved", encoding="utf-8")
    assert state(folder) != before


def test_a_change_of_what_is_not_compiled_keeps_what_is(folder: Path) -> None:
    before = state(folder)
    (folder / "engine/room/words.py").write_text("told = 2", encoding="utf-8")
    assert state(folder) == before
