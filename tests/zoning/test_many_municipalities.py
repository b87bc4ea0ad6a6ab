"""A country has more municipalities than a byte can number: each keeps its own land, zones and gates."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from layer_zoning import classified_from_layers
from sampled_land import sampled_land
from shapely import box

from gis.vectors.vector_files import write_gpkg
from layers.territory import Municipality
from layers.workspace import Workspace
from zoning.comparison.what_if import Experiment
from zoning.stack.stack import Stack
from zoning.stack.stack_build import build_stack
from zoning.study.run_job import open_job
from zoning.study.study import Study
from zoning.study.study_run import run

Maker = Callable[..., Workspace]

ROWS, COLS = 15, 20
GATED = "071302"
"""The municipality that the ruleset's cane is for."""
FIRST = 71_302 - 280
"""Number of the first code: ``GATED`` is the 281st."""


def _renumbered(small: Workspace, root: Path) -> Workspace:
    """Cut the land of a small workspace into 300 municipalities, numbered from the north-west row by row."""
    whole = gpd.read_file(small.layer("municipalities"))
    left, bottom, right, top = whole.total_bounds
    width, height = (right - left) / COLS, (top - bottom) / ROWS
    places = [(row, col) for row in range(ROWS) for col in range(COLS)]
    codes = [f"{FIRST + place:06d}" for place in range(len(places))]
    shapes = [
        box(left + col * width, top - (row + 1) * height, left + (col + 1) * width, top - row * height)
        for row, col in places
    ]
    names = [f"Lugar {code}" for code in codes]
    many = gpd.GeoDataFrame({"code": codes, "name": names}, geometry=shapes, crs=whole.crs)
    municipalities = tuple(Municipality(code=code, name=name) for code, name in zip(codes, names, strict=True))
    workspace = Workspace.init(root, replace(small.territory, municipalities=municipalities))
    for path in small.layers_dir.iterdir():
        (workspace.layers_dir / path.name).write_bytes(path.read_bytes())
    write_gpkg(many, workspace.layer("municipalities"), layer="municipalities")
    return workspace


@pytest.fixture(scope="module")
def study(make_workspace: Maker, tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("many")
    return run(_renumbered(make_workspace(folder / "small"), folder / "ws"), scale=10_000)


def test_every_municipality_is_mapped_where_it_lies_and_whole(study: Study) -> None:
    zones, land = study.zones, gpd.read_file(study.folder.parents[1] / "layers" / "municipalities.gpkg")
    assert zones["municipality"].nunique() == len(land) == ROWS * COLS
    held = zones.dissolve("municipality").geometry.sort_index()
    own = land.set_index("code").geometry.sort_index()
    assert (held.symmetric_difference(own, align=False).area < 1.0).all()
    summed = study.summary().groupby("municipality")["area_ha"].sum()
    assert summed.to_numpy() == pytest.approx(summed.mean(), rel=0.02)
    told = json.loads((study.folder / "manifest.json").read_text(encoding="utf-8"))
    assert len(told["municipalities"]) == ROWS * COLS


def test_the_stack_numbers_every_municipality_and_zones_it_as_the_layers_do(study: Study) -> None:
    job = open_job(Workspace.open(study.folder.parents[1]), scale=10_000)
    assert job.frame.unit.max() == ROWS * COLS
    assert set(sampled_land(job).municipality) == set(job.frame.codes)
    with Experiment(study, workers=1) as experiment:
        stack: Stack = experiment.stack
        found = stack.zone(job.rules, maps=True)
        cells = classified_from_layers(job)
        inside = job.frame.places.inside
        np.testing.assert_array_equal(found.zone[inside], cells.zone)
        held = np.bincount(job.frame.unit[inside], minlength=ROWS * COLS + 1)
        np.testing.assert_array_equal(found.counts.sum(axis=(1, 2)), np.where(np.arange(ROWS * COLS + 1), held, 0))
        opens = stack.tables(job.rules).municipality_open
        gated = job.frame.codes.index(GATED) + 1
        assert gated > 256
        assert opens[gated] != opens[gated - 1] == opens[gated - 256] == opens[gated + 1]
        last = job.frame.codes[-1]
        told = experiment.outcome({}, municipality=last)
        assert set(told.table["municipality"]) == {last}
        assert told.moved_ha == 0.0
        index, made = build_stack(stack.land, job.rules)
        assert (made, index.municipalities[-1]) == ((), last)
