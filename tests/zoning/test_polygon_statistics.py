from __future__ import annotations

import numpy as np
import pytest

from zoning.land.cell_places import CellPlaces
from zoning.land.precedence import RESTRICTED
from zoning.rules.limits import NR, S1, S2, S3
from zoning.study.cell_results import CellResults
from zoning.study.polygon_statistics import PolygonStatistics, conflict_threshold, polygon_statistics


def cells_of(count: int, **columns: object) -> CellResults:
    cells = CellResults.of(CellPlaces.of(np.ones((1, count), dtype=bool)))
    cells.zone[:] = 1
    cells.cls[:] = S2
    cells.runner_up_class[:] = NR
    cells.margin[:] = np.nan
    for name, values in columns.items():
        getattr(cells, name)[:] = values
    return cells


def one(cells: CellResults, zone: int = 1) -> PolygonStatistics:
    labels = np.ones(cells.zone.size, dtype=np.int32)
    return polygon_statistics(cells, labels, np.array([zone], dtype=np.uint8), uses=4)[0]


def test_the_class_is_that_of_most_cells_and_of_two_equal_the_worse() -> None:
    assert one(cells_of(5, cls=[S1, S1, S2, S2, S2])).cls == S2
    assert one(cells_of(4, cls=[S1, S1, S3, S3])).cls == S3
    assert one(cells_of(4, cls=[S1, S1, S1, S3])).class_share == 0.75


def test_cells_that_came_in_by_merging_do_not_speak() -> None:
    found = one(cells_of(5, zone=[1, 1, 2, 2, 2], cls=[S2, S2, S1, S1, S1], score=[0.7, 0.7, 0.9, 0.9, 0.9]))
    assert found.cls == S2
    assert found.score == pytest.approx(0.7)
    assert found.cells == 5


def test_a_polygon_without_a_cell_of_its_own_is_not_rated() -> None:
    found = one(cells_of(3, zone=2))
    assert found.cls == NR
    assert found.land_use_type == -1
    assert np.isnan(found.score)


def test_percentiles_are_of_the_factor_that_limits_most_of_the_cells() -> None:
    values = np.array([10, 11, 12, 13, 14, 99], dtype=np.float32)
    found = one(cells_of(6, limiting=[3, 3, 3, 3, 3, 5], limiting_value=values, second_limiting=[7, 7, 7, 8, 8, 9]))
    assert found.limiting == 3
    assert found.limiting_values == pytest.approx(tuple(np.quantile(values[:5], [0.1, 0.5, 0.9])))
    assert found.second_limiting == 7
    assert found.also_limiting == (3,)


def test_every_factor_that_limits_a_fifth_gives_its_letter() -> None:
    assert one(cells_of(10, limiting=[3] * 7 + [5] * 2 + [6])).also_limiting == (3, 5)


def test_the_runner_up_is_that_of_most_cells_or_nobody() -> None:
    found = one(cells_of(5, runner_up=[4, 4, 4, 0, 2], runner_up_class=S2, margin=[0.1, 0.2, 0.3, np.nan, 0.9]))
    assert (found.runner_up, found.runner_up_class) == (4, S2)
    assert found.margin == pytest.approx(0.2)
    assert one(cells_of(5, runner_up=[4, 4, 0, 0, 0])).runner_up == 0


def test_shares_count_every_cell_of_the_polygon() -> None:
    found = one(cells_of(4, flags=[RESTRICTED, 0, 0, 0], present_use=[2, 2, 0, 1]))
    assert found.restricted_share == 0.25
    assert found.use_shares == (0.25, 0.25, 0.5, 0.0)


def test_an_optional_factor_is_named_when_half_of_the_cells_lack_it() -> None:
    assert one(cells_of(4, incomplete=[0b101, 0b101, 0b001, 0b000])).incomplete == 0b101


def test_polygons_do_not_mix() -> None:
    cells = cells_of(6, cls=[S1, S1, S1, S3, S3, S3])
    labels = np.array([2, 2, 2, 1, 1, 0], dtype=np.int32)
    found = polygon_statistics(cells, labels, np.array([1, 1], dtype=np.uint8), uses=4)
    assert [each.cls for each in found] == [S3, S1]
    assert [each.cells for each in found] == [2, 3]


def test_the_conflict_threshold_is_a_quantile_of_margins_within_one_class() -> None:
    margins = np.linspace(0, 1, 11, dtype=np.float32)
    cells = cells_of(11, runner_up=2, runner_up_class=S2, margin=margins)
    assert conflict_threshold(cells, 0.1) == pytest.approx(0.1)
    assert conflict_threshold(cells_of(3), 0.1) == float("-inf")
