"""A fetched workspace shows its layers, checks them, lists them and draws them without a network."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import box

from gis.errors import InputError, MissingError
from layers import webmap
from layers.checking.layer_check import check
from layers.inventory import list_layers
from layers.map_layer import FeatureQuery, MapLayer
from layers.mirrors.mirror import Mirror
from layers.preparation.fetch import fetch
from layers.serving.territory_layers import territory_map_layers
from layers.styles import class_styles
from layers.territory import Territory
from layers.webmap import web_map
from layers.workspace import Workspace


@pytest.fixture(scope="module")
def fetched(mirror_template: Path, tmp_path_factory: pytest.TempPathFactory, tiny: Territory) -> Workspace:
    workspace = Workspace.init(tmp_path_factory.mktemp("ws") / "w", tiny)
    fetch(workspace, Mirror.read(mirror_template))
    return workspace


def _layer(workspace: Workspace, name: str) -> MapLayer:
    return next(each for each in territory_map_layers(workspace) if each.id == name)


def test_every_layer_describes_itself_with_licence_and_provenance(fetched: Workspace) -> None:
    layers = territory_map_layers(fetched)
    names = ["municipalities", "settlements", "roads", "streams", "protected_areas", "hillshade"]
    assert [each.id for each in layers] == names
    for each in layers:
        described = each.describe()
        assert described.licence == "CC0"
        assert described.attribution.startswith("Casa ")
        assert described.provenance[0]["steps"]
        west, south, east, north = described.extent
        assert -65 < west < east < -63
        assert -19 < south <= north < -18


def test_municipalities_are_features_by_their_code(fetched: Workspace) -> None:
    page = _layer(fetched, "municipalities").features(FeatureQuery(feature_id="070802"))
    assert page.matched == 1
    assert page.features[0]["properties"]["name"] == "Pucará"


def test_vector_tiles_and_a_shaded_relief_are_served(fetched: Workspace) -> None:
    roads = _layer(fetched, "roads").tile(8, 82, 141, {})
    assert roads is not None
    assert roads.content[:2] == b"\x1f\x8b"
    shade = _layer(fetched, "hillshade").tile(8, 82, 141, {})
    assert shade is not None
    assert shade.content.startswith(b"\x89PNG")
    assert _layer(fetched, "hillshade").tile(8, 0, 0, {}) is None
    assert _layer(fetched, "hillshade").features(FeatureQuery()).matched == 0


def test_a_demonstration_says_so_in_every_layer(mirror_folder: Path, tmp_path: Path, tiny: Territory) -> None:
    demo = replace(tiny, demo=True, notice="datos de demostración", climate="chelsa")
    workspace = Workspace.init(tmp_path / "w", demo)
    fetch(workspace, Mirror.read(mirror_folder))
    for each in territory_map_layers(workspace):
        described = each.describe()
        assert described.demo
        assert "datos de demostración" in described.title
    with rasterio.open(workspace.layer("elevation")) as source:
        assert source.tags()["notice"] == "datos de demostración"


def test_sound_layers_pass_the_check_with_the_sources_disagreement_told(fetched: Workspace) -> None:
    report = check(fetched)
    assert report.ok, report.to_dict()
    elevation = next(each for each in report.layers if each.name == "elevation")
    assert elevation.coverage == 1.0
    assert any("pendiente sin resolución suficiente" in each for each in elevation.warnings)
    (whole,) = (each for each in report.climate if not each.code)
    assert (whole.source, whole.against) == ("chelsa", "worldclim")
    assert whole.temperature_c == pytest.approx(-2.0, abs=0.1)
    assert any("−1,99 °C" in each for each in report.warnings)
    assert {each.name for each in report.layers} >= {"municipalities", "soil", "precipitation_chelsa"}


def _spoilt(workspace: Workspace, mirror_template: Path, tmp_path: Path) -> Workspace:
    copy = Workspace.init(tmp_path / "w", workspace.territory)
    fetch(copy, Mirror.read(mirror_template))
    return copy


def test_defects_that_would_falsify_a_zoning_are_found(
    fetched: Workspace, mirror_template: Path, tmp_path: Path
) -> None:
    copy = _spoilt(fetched, mirror_template, tmp_path)
    with rasterio.open(copy.layer("elevation"), "r+", IGNORE_COG_LAYOUT_BREAK="YES") as target:
        values = target.read(1)
        target.write(np.nanmax(values) + np.nanmin(values) - values, 1)
    copy.layer("temperature_max_worldclim").unlink()
    report = check(copy)
    assert not report.ok
    told = " ".join(report.defects)
    assert "desplazada" in told
    assert "temperature_max_worldclim" in told
    elevation = next(each for each in report.layers if each.name == "elevation")
    assert any("cambió" in each for each in elevation.defects)


def test_the_list_tells_what_is_there_and_what_a_mirror_offers(fetched: Workspace, mirror_template: Path) -> None:
    rows = {each.prepared: each for each in list_layers(fetched, Mirror.read(mirror_template))}
    assert rows["elevation"].present
    assert rows["elevation"].requirement == "required"
    assert rows["temperature_mean_chelsa"].present
    assert not rows["land_cover"].present
    assert rows["land_cover"].offered is False


def test_a_notebook_map_asks_nothing_of_the_network(fetched: Workspace) -> None:
    page = web_map([_layer(fetched, name) for name in ("municipalities", "protected_areas", "settlements")])
    text = page.get_root().render()
    assert not re.search(r"""(?:src|href)\s*=\s*["']?https?://(?!leafletjs\.com)""", text)
    assert "L.map" in text
    assert "Pucará" in text or "Pucar\\u00e1" in text
    assert "Casa protected_areas" in text


def test_a_frame_is_drawn_too_and_a_raster_refused(fetched: Workspace) -> None:
    frame = gpd.GeoDataFrame({"zone": ["HOR"]}, geometry=[box(-64.2, -18.6, -64, -18.4)], crs="EPSG:4326")
    text = web_map(frame, colours={"HOR": "#123456"}, styled_property="zone").get_root().render()
    assert "#123456" in text
    with pytest.raises(InputError, match="ráster"):
        web_map(_layer(fetched, "hillshade"))


def test_a_map_tells_only_what_was_asked_for_under_its_readers_names() -> None:
    frame = gpd.GeoDataFrame(
        {"zone": ["HOR"], "secret": ["callado"], "why": ["a" * 900]}, geometry=[box(-64.2, -18.6, -64, -18.4)], crs=4326
    )
    text = web_map(frame, colours={"HOR": "#123456"}, styled_property="zone", shown={"why": "Por qué"})
    page = text.get_root().render()
    assert "Por qu" in page
    assert "callado" not in page
    assert "#123456" in page
    assert "a" * 600 in page
    assert "a" * 601 not in page


def test_without_the_drawing_library_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    webmap._asset.cache_clear()
    monkeypatch.setattr(webmap, "files", lambda _package: tmp_path)
    with pytest.raises(MissingError, match="biblioteca de mapas"):
        webmap._asset("leaflet.js")


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2


def test_classes_are_told_apart_by_lightness_alone() -> None:
    light = [_luminance(style.colour) for style in class_styles()[:3]]
    assert light == sorted(light)
    assert min(b - a for a, b in itertools.pairwise(light)) > 0.1
