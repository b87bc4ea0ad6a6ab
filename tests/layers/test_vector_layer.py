"""A layer of features answers pages, boxes, moments, filters and ids, in longitude and latitude."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from gis.errors import InputError, MissingError
from gis.vectors.vector_files import write_gpkg, write_pmtiles
from layers.map_layer import FeatureQuery, LayerDescription, MapLayer
from layers.serving.vector_layer import NO_EXTENT, FileMapLayer, FrameMapLayer

ABOUT = LayerDescription(id="puntos", title="Puntos", description="", geometry="point", extent=NO_EXTENT)
COUNT = 25


def points() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": [f"p{number}" for number in range(COUNT)],
            "value": [float(number) if number % 5 else float("nan") for number in range(COUNT)],
            "flag": pd.array([number % 2 == 0 if number else None for number in range(COUNT)], dtype="boolean"),
            "date": [f"2026-08-{number + 1:02d}" for number in range(COUNT)],
        },
        geometry=[Point(-64 + number / 100, -18.123456789) for number in range(COUNT)],
        crs="EPSG:4326",
    )


LAYER = FrameMapLayer(ABOUT, points(), id_column="name", datetime_column="date")


@given(limit=st.integers(1, 30), offset=st.integers(0, 40))
def test_pages_of_any_size_give_every_feature_once(limit: int, offset: int) -> None:
    seen = []
    for start in range(offset, COUNT, limit):
        page = LAYER.features(FeatureQuery(limit=limit, offset=start))
        assert page.matched == COUNT
        seen += [each["id"] for each in page.features]
    assert seen == [f"p{number}" for number in range(offset, COUNT)]


def test_a_feature_is_geojson_with_nothing_that_json_cannot_hold() -> None:
    (feature,) = LAYER.features(FeatureQuery(feature_id="p0")).features
    assert json.loads(json.dumps(feature, allow_nan=False)) == {
        "type": "Feature",
        "id": "p0",
        "geometry": {"type": "Point", "coordinates": [-64.0, -18.1234568]},
        "properties": {"name": "p0", "value": None, "flag": None, "date": "2026-08-01"},
    }


def test_a_box_a_filter_and_a_moment_each_narrow_the_answer() -> None:
    assert LAYER.features(FeatureQuery(bbox=(-63.96, -19, -63.91, -18))).matched == 6
    assert LAYER.features(FeatureQuery(bbox=(170.0, -19, -63.99, -18))).matched == 2
    assert LAYER.features(FeatureQuery(filters={"value": "7"})).matched == 1
    assert LAYER.features(FeatureQuery(filters={"value": "siete"})).matched == 0
    assert LAYER.features(FeatureQuery(filters={"flag": "true"})).matched == 12
    assert LAYER.features(FeatureQuery(datetime=("2026-08-03", "2026-08-05"))).matched == 3
    assert LAYER.features(FeatureQuery(datetime=(None, "2026-08-02T00:00:00Z"))).matched == 2
    assert LAYER.features(FeatureQuery(filters={"name": "p3"}, bbox=(-63, -19, -62, -18))).matched == 0


def test_an_unknown_property_or_moment_is_refused() -> None:
    with pytest.raises(MissingError, match=r"altura.*name"):
        LAYER.features(FeatureQuery(filters={"altura": "1"}))
    with pytest.raises(InputError, match="no es una fecha"):
        LAYER.features(FeatureQuery(datetime=("ayer", None)))
    with pytest.raises(MissingError, match="codigo"):
        FrameMapLayer(ABOUT, points(), id_column="codigo")


def test_description_fills_extent_and_types_from_the_data() -> None:
    described = LAYER.describe()
    assert described.extent == pytest.approx((-64.0, -18.123456789, -63.76, -18.123456789))
    assert described.properties == {"name": "string", "value": "number", "flag": "boolean", "date": "string"}
    assert isinstance(LAYER, MapLayer)


def test_a_file_in_metres_answers_in_degrees_and_follows_its_changes(tmp_path: Path) -> None:
    path = tmp_path / "puntos.gpkg"
    write_gpkg(points().to_crs("EPSG:32720"), path, layer="puntos")
    layer = FileMapLayer(ABOUT, path, layer="puntos")
    (first,) = layer.features(FeatureQuery(limit=1)).features
    assert first["geometry"]["coordinates"] == pytest.approx([-64.0, -18.1234568], abs=1e-6)
    write_gpkg(points().iloc[:3].to_crs("EPSG:32720"), path, layer="puntos")
    assert layer.features(FeatureQuery()).matched == 3
    path.unlink()
    with pytest.raises(MissingError, match="puntos"):
        layer.features(FeatureQuery())


def test_tiles_come_from_the_archive_beside_and_follow_its_changes(tmp_path: Path) -> None:
    tiles = tmp_path / "puntos.pmtiles"
    layer = FrameMapLayer(ABOUT, points(), tiles=tiles)
    assert layer.tile(0, 0, 0, {}) is None
    write_pmtiles(points(), tiles, layer="puntos", min_zoom=0, max_zoom=2)
    tile = layer.tile(0, 0, 0, {})
    assert tile is not None
    assert (tile.media_type, tile.encoding) == ("application/vnd.mapbox-vector-tile", "gzip")
    square = gpd.GeoDataFrame({"name": ["x"]}, geometry=[box(10, 10, 20, 20)], crs="EPSG:4326")
    write_pmtiles(square, tiles, layer="puntos", min_zoom=0, max_zoom=2)
    changed = layer.tile(0, 0, 0, {})
    assert changed is not None
    assert changed.content != tile.content
