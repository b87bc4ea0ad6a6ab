"""The registry always answers with the files as they stand, and one broken source hides no other."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from api.layer_registry import LayerRegistry, LayerSource
from gis.errors import InputError, MissingError
from layers.map_layer import LayerDescription, MapLayer
from layers.serving.vector_layer import FrameMapLayer


def _layer(name: str, rows: int = 1) -> MapLayer:
    frame = gpd.GeoDataFrame({"a": range(rows)}, geometry=[Point(0, 0)] * rows, crs="EPSG:4326")
    return FrameMapLayer(
        LayerDescription(id=name, title=name, description="", geometry="point", extent=(0, 0, 1, 1)), frame
    )


def test_a_layer_is_read_again_only_when_its_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("one")
    loads: list[str] = []

    def load() -> list[MapLayer]:
        loads.append(file.read_text())
        return [_layer(file.read_text())]

    registry = LayerRegistry([LayerSource(name="s", load=load, watched=lambda: [file])], refresh_seconds=0)
    assert list(registry.layers()) == list(registry.layers()) == ["one"]
    file.write_text("second")
    assert list(registry.layers()) == ["second"]
    assert loads == ["one", "second"]


def test_a_source_that_appears_later_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "late"
    source = LayerSource(name="s", load=lambda: [_layer("late")] if file.exists() else [], watched=lambda: [file])
    registry = LayerRegistry([source], refresh_seconds=0)
    assert not registry.layers()
    file.write_text("here")
    assert list(registry.layers()) == ["late"]


def test_a_broken_source_is_named_and_the_others_stay() -> None:
    def broken() -> list[MapLayer]:
        raise InputError("roto")

    registry = LayerRegistry(
        [
            LayerSource(name="bad", load=broken, watched=list),
            LayerSource(name="good", load=lambda: [_layer("fine")], watched=list),
        ]
    )
    assert list(registry.layers()) == ["fine"]
    assert registry.troubles() == {"bad": "roto."}


def test_an_unknown_layer_is_refused_with_the_names_that_exist() -> None:
    registry = LayerRegistry([LayerSource(name="s", load=lambda: [_layer("fine")], watched=list)])
    with pytest.raises(MissingError, match="fine"):
        registry.get("other")
