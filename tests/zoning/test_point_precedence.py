"""A point is told what its own cell is: what law and cover decide there, and what takes what no zone takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from layers.workspace import Workspace
from zoning.comparison.study_land import StudyLand, rate_block, reopen_job
from zoning.rules.limits import CLASS_NAMES
from zoning.study.study import Study
from zoning.study.study_run import run

Maker = Callable[..., Workspace]


@pytest.fixture(scope="module", params=[100.0, 200.0], ids=["same_cell", "coarser_cell"])
def study(request: pytest.FixtureRequest, make_workspace: Maker, tmp_path_factory: pytest.TempPathFactory) -> Study:
    workspace = make_workspace(Path(tmp_path_factory.mktemp("cover")) / "ws", cover=True)
    return run(workspace, cell=request.param, scale=500_000)


def test_a_point_is_told_the_zone_and_class_that_the_run_gave_its_cell(study: Study) -> None:
    job = reopen_job(study)
    places = job.frame.places
    with StudyLand(job, places) as land:
        rated = rate_block(land.strip(0, job.grid.rows), job.rules)
    asked = np.unique(rated.zone, return_index=True)[1]
    rows, cols = (axis[asked] for axis in np.nonzero(places.inside))
    points = gpd.GeoSeries.from_xy(job.grid.xs[cols], job.grid.ys[rows], crs=job.grid.crs).to_crs(4326)
    told = [study.explain(point.x, point.y)["cell"] for point in points]
    names = [job.rules.zone(int(rated.zone[place])).code for place in asked]
    assert [each["zone"] for each in told] == names
    assert [each["class"] for each in told] == [CLASS_NAMES[int(rated.cls[place])] for place in asked]
    assert {"GAN", "FOR"} <= set(names)
