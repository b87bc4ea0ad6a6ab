"""No part is below the minimum mapping unit but those that nothing may receive; checked apart from the program."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Polygon, box

from zoning.study.mapping_unit import small_parts
from zoning.study.study import Study

SPARED = {"CON", "URB", "AGUA", "SD"}


def neighbours_of(zones: gpd.GeoDataFrame) -> dict[str, set[str]]:
    """Return who shares a side with whom, by taking every ring apart.

    In a valid coverage neighbours share their vertices, so that a side they share is the same side.
    """
    owners: dict[tuple[tuple[float, ...], ...], list[str]] = {}
    for row in zones.itertuples(index=False):
        for ring in (row.geometry.exterior, *row.geometry.interiors):
            places = list(ring.coords)
            for side in itertools.pairwise(places):
                owners.setdefault(tuple(sorted(side)), []).append(row.zone_id)
    around: dict[str, set[str]] = {name: set() for name in zones["zone_id"]}
    for pair in owners.values():
        for one in pair:
            around[one] |= {other for other in pair if other != one}
    return around


def small_by_surroundings(study: Study) -> dict[str, list[str]]:
    """Return the small parts that are not spared by themselves, by what lies around them."""
    zones = study.zones.set_index("zone_id", drop=False)
    spared = zones["zone"].isin(SPARED) | zones["legal"]
    small = zones[(zones["area_ha"] < study.manifest["minimum_mapping_unit_ha"] * (1 - 1e-9)) & ~spared]
    around = neighbours_of(zones)
    found: dict[str, list[str]] = {"enclosed": [], "cut": [], "wrong": []}
    for row in small.itertuples(index=False):
        free = zones.loc[[other for other in around[row.zone_id] if not spared[other]]]
        across = (free["municipality"] != row.municipality).all() and (free["zone"] == row.zone).any()
        found["enclosed" if free.empty else "cut" if across else "wrong"].append(row.zone_id)
    return found


def require_sound(study: Study) -> dict[str, list[str]]:
    found = small_by_surroundings(study)
    told = study.manifest["below_minimum"]
    assert found["wrong"] == []
    assert told["enclosed"]["parts"] == len(found["enclosed"])
    assert told["cut_by_border"]["parts"] == len(found["cut"])
    assert told["with_free_neighbour"]["parts"] == 0
    return found


def test_on_the_demonstration_only_what_nothing_may_receive_is_too_small(demo_workspace: Path) -> None:
    require_sound(Study.open(demo_workspace))


@pytest.mark.real_data
def test_on_the_real_land_nearly_every_small_part_is_wholly_enclosed(real_study: Study) -> None:
    found = require_sound(real_study)
    assert len(found["cut"]) <= 3


def _zones(rows: list[tuple[str, str, bool, Polygon]]) -> gpd.GeoDataFrame:
    names = ("zone", "municipality", "legal")
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    frame = gpd.GeoDataFrame(columns, geometry=[row[3] for row in rows], crs="EPSG:32720")
    return frame.assign(area_ha=frame.area / 1e4)


def test_each_small_part_is_counted_under_its_reason() -> None:
    park = box(0, 0, 2_000, 2_000).difference(box(500, 500, 600, 600)).difference(box(1_900, 0, 2_000, 100))
    zones = _zones(
        [
            ("CON", "a", True, park),
            ("GAF", "a", False, box(500, 500, 600, 600)),
            ("GAF", "a", False, box(1_900, 0, 2_000, 100)),
            ("GAF", "b", False, box(2_000, 0, 4_000, 2_000)),
            ("URB", "b", False, box(4_000, 0, 4_100, 100)),
        ]
    )
    counts = small_parts(zones, 40.0).counts
    assert counts == {"exempt_zone": 1, "enclosed": 1, "cut_by_border": 1, "with_free_neighbour": 0}
