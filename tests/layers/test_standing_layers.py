"""A layer that somebody changed after it was prepared is known by its content, whatever its size."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from gis.atomic import sha256_of
from layers.provenance import PROVENANCE_FILE, read_provenance, read_standing


def _later(folder: Path, file: Path) -> None:
    noted = (folder / PROVENANCE_FILE).stat().st_mtime_ns
    os.utime(file, ns=(noted + 10**9, noted + 10**9))


def test_a_layer_changed_without_a_change_of_size_has_its_own_hash(demo_workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "layers"
    shutil.copytree(demo_workspace / "layers", folder)
    recorded = read_provenance(folder)
    assert read_standing(folder) == recorded
    file = folder / recorded["roads"].file
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    _later(folder, file)
    standing = read_standing(folder)
    assert standing["roads"].prepared_sha256 == sha256_of(file) != recorded["roads"].prepared_sha256
    assert {name for name in standing if standing[name] != recorded[name]} == {"roads"}


def test_a_layer_only_touched_keeps_its_hash(demo_workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "layers"
    shutil.copytree(demo_workspace / "layers", folder)
    for record in read_provenance(folder).values():
        _later(folder, folder / record.file)
    assert read_standing(folder) == read_provenance(folder)
