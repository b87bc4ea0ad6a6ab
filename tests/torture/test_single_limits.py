"""Every single limit of climate, relief and access moved by a hair: a map that jumps is a defect.

Limits of the soil are left out: where a source says a round pH or depth all over, that land lies exactly on the limit.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sampled_land import sampled_land

from layers.demo.demo_territory import demo_territory, write_demo_mirror
from layers.mirrors.mirror import Mirror
from layers.preparation.fetch import fetch
from layers.territory import builtin_territory
from layers.workspace import Workspace
from zoning.sensitivity.perturbation import Shift, class_limits, shifted
from zoning.study.run_job import open_job
from zoning.study.study_sensitivity import sampled_rating, study_setting

HAIR = 1e-6
LARGEST_SHARE = 1e-4
"""Of the territory, that a hair may move."""
DEMO_CELL_M, REAL_CELL_M = 360.0, 250.0
CLIMATE = frozenset({"temperature", "rain", "chill", "humidity"})
SOIL = "soil_depth"

pytestmark = [pytest.mark.torture, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("relative", [HAIR, -HAIR], ids=["up", "down"])
def test_no_single_limit_moved_by_a_hair_moves_the_map_of_the_demonstration(
    demo_workspace: Workspace, relative: float
) -> None:
    assert jumps(demo_workspace, relative) == {}


@pytest.mark.real_data
@pytest.mark.parametrize("relative", [HAIR, -HAIR], ids=["up", "down"])
def test_no_single_limit_moved_by_a_hair_moves_the_real_map(shared_workspace: Workspace, relative: float) -> None:
    assert jumps(shared_workspace, relative) == {}


def jumps(workspace: Workspace, relative: float) -> dict[str, float]:
    """Return the limits that move more of the territory than they may, and how much."""
    job = open_job(workspace)
    setting = study_setting(job)
    rating = sampled_rating(job, sampled_land(job), setting)
    before, found = rating.rate(setting).zone, {}
    limits = class_limits(setting)
    numbers = [each for each in limits if (each.owner != "crop" or each.part in CLIMATE) and each.part != SOIL]
    assert len(numbers) > 500
    for number in numbers:
        moved = float((before != rating.rate(shifted(setting, Shift(relative=relative), number)).zone).mean())
        if moved > LARGEST_SHARE:
            found[str(number)] = moved
    return found


@pytest.fixture(scope="module")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = tmp_path_factory.mktemp("limits")
    workspace = Workspace.init(place / "ws", replace(demo_territory(), cell_m=DEMO_CELL_M))
    fetch(workspace, Mirror.read(write_demo_mirror(place / "mirror", cell_m=DEMO_CELL_M)))
    return workspace


@pytest.fixture(scope="module")
def shared_workspace(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = tmp_path_factory.mktemp("limits_real")
    workspace = Workspace.init(place / "ws", replace(builtin_territory("valles_crucenos"), cell_m=REAL_CELL_M))
    fetch(workspace, Mirror.read(shared_data))
    return workspace
