"""A server does not look through what it has loaded again and again; a program that only uses the service may."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from api.service import Service
from api.settings import Settings
from layers.territory import builtin_territory
from layers.workspace import Workspace


@pytest.mark.parametrize("alone", [True, False])
def test_only_a_process_that_serves_and_nothing_else_settles_what_it_loads(tmp_path: Path, alone: bool) -> None:
    Workspace.init(tmp_path / "ws", builtin_territory("valles_crucenos"))
    gc.unfreeze()
    try:
        Service(Settings(workspace=tmp_path / "ws"), alone=alone).workspace()
        assert (gc.get_freeze_count() > 0) is alone
    finally:
        gc.unfreeze()
