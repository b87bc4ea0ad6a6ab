"""A layer that does not say which rivers dry up leaves the distance to a permanent one unknown, not far."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

from gis.vectors.vector_files import write_gpkg
from layers.territory import builtin_territory
from layers.workspace import Workspace
from zoning.land.distances import available_distances


@pytest.mark.parametrize(("told", "known"), [((None, None), False), ((True, None), True), ((False, False), True)])
def test_a_flag_that_nobody_says_gives_no_distance(told: tuple[bool | None, ...], known: bool, tmp_path: Path) -> None:
    workspace = Workspace.init(tmp_path / "w", builtin_territory("valles_crucenos"))
    line = LineString([(400_000, 7_950_000), (410_000, 7_950_000)])
    streams = gpd.GeoDataFrame(
        {"stream_class": ["river", "stream"], "permanent": pd.array(told, dtype="boolean")},
        geometry=[line, line],
        crs="EPSG:32720",
    )
    write_gpkg(streams, workspace.layers_dir / "streams.gpkg", layer="streams")
    found = available_distances(workspace)
    assert "distance_stream" in found
    assert ("distance_permanent_stream" in found) is known
