"""A server over layers that are plain to see, without any engine behind them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point, box
from starlette.testclient import TestClient

from api.app import create_app
from api.layer_registry import LayerRegistry, LayerSource
from api.settings import Settings
from layers.map_layer import LayerDescription, LegendEntry, MapLayer, Parameter, Tile
from layers.serving.vector_layer import NO_EXTENT, FrameMapLayer
from layers.territory import builtin_territory
from layers.workspace import Workspace

WELLS = 25


class WellLayer(FrameMapLayer):
    """Points with a choice, a date and tiles of their own."""

    def parameters(self) -> tuple[Parameter, ...]:
        """Offer one choice."""
        return (Parameter(name="depth", title="Hondura", values=("shallow", "deep"), default="shallow"),)

    def tile(self, z: int, x: int, y: int, parameters: object) -> Tile | None:
        """Draw the first three zooms."""
        content = f"{z}/{x}/{y} {parameters}".encode()
        return Tile(content=content, media_type="application/vnd.mapbox-vector-tile") if z < 3 else None


def wells() -> WellLayer:
    """Return 25 wells between 65 and 64 degrees west, dug one a day."""
    frame = gpd.GeoDataFrame(
        {
            "well": [f"pozo/{number}" for number in range(WELLS)],
            "rank": [number % 5 for number in range(WELLS)],
            "name": [f"<b>Ñuflo {number}</b>" for number in range(WELLS)],
            "dug": [f"2026-01-{number + 1:02d}" for number in range(WELLS)],
            "yield": [None if number % 2 else 1.5 for number in range(WELLS)],
        },
        geometry=[Point(-65 + number / WELLS, -18) for number in range(WELLS)],
        crs="EPSG:4326",
    )
    description = LayerDescription(
        id="wells",
        title="Pozos",
        description="Pozos de agua",
        geometry="point",
        extent=NO_EXTENT,
        interval=("2026-01-01", "2026-01-25"),
        attribution="Nadie",
        licence="https://creativecommons.org/licenses/by/4.0/",
        legend=(LegendEntry(value="0", label="Primero", colour="#204060"),),
        demo=True,
    )
    return WellLayer(description, frame, id_column="well", datetime_column="dug")


def parcels(tiles: Path) -> FrameMapLayer:
    """Return two parcels whose archive is ``tiles``."""
    frame = gpd.GeoDataFrame({"kind": ["a", "b"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs="EPSG:4326")
    description = LayerDescription(id="parcels", title="Parcelas", description="", geometry="polygon", extent=NO_EXTENT)
    return FrameMapLayer(description, frame, tiles=tiles)


def shade() -> MapLayer:
    """Return a layer that is a picture."""
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[box(0, 0, 1, 1)], crs="EPSG:4326")
    description = LayerDescription(id="shade", title="Sombra", description="", geometry="raster", extent=NO_EXTENT)
    return FrameMapLayer(description, frame)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a file of 1000 known bytes that stands for an archive."""
    path = tmp_path / "parcels.pmtiles"
    path.write_bytes(bytes(number % 251 for number in range(1000)))
    return path


@pytest.fixture
def client(tmp_path: Path, archive: Path) -> Iterator[TestClient]:
    """Return a client of a server over the three layers."""
    Workspace.init(tmp_path / "ws", builtin_territory("valles_crucenos"))
    app = create_app(Settings(workspace=tmp_path / "ws", page_limit_max=20))
    layers = [wells(), parcels(archive), shade()]
    app.state.service.registry = LayerRegistry([LayerSource(name="t", load=lambda: layers, watched=list)])
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made
