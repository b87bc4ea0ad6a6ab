"""How apt every cell is for every zone, overlay and chain, whoever won it: never worse than what the winner shows."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

import zoning
from gis.errors import MissingError
from gis.grid import Grid
from gis.rasters.png import encode_png
from gis.rasters.raster_reader import RasterReader
from gis.vectors.vector_files import write_gpkg
from layers.map_layer import FeatureQuery
from layers.workspace import Workspace
from zoning.land.land_inventory import take_inventory
from zoning.land.overlay_land import OverlayLand
from zoning.rating.overlay_rating import missing_criteria, rate_overlay
from zoning.rules.chains import CHAIN, aptitude_bands
from zoning.rules.limits import CLASS_CODES, S1, SD, N
from zoning.rules.ruleset_file import load_ruleset, parse_ruleset, starter_text
from zoning.study.aptitude import chain_class
from zoning.study.chain_layers import chain_map_layers, paint
from zoning.study.study import Study
from zoning.zoning_errors import RulesError

RULES = load_ruleset()
CHAINS = {"cadena_hortifruticultura", "cadena_vitivinicultura", "cadena_turismo", "cadena_artesania"}
CLASSES = st.sampled_from([0, 1, 2, 3, 4])
Maker = Callable[..., Workspace]


@pytest.fixture(scope="module")
def workspace(make_workspace: Maker, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return the small territory with sights and inns along its road, and nobody who knows of artisans."""
    made = make_workspace(tmp_path_factory.mktemp("aptitude") / "ws", cover=True)
    road = made.layers_dir / "roads.gpkg"
    line = gpd.read_file(road)
    line["road_class"] = "primary"
    write_gpkg(line, road, layer="roads")
    places = gpd.GeoDataFrame(
        {"poi_class": ["attraction", "lodging"], "subclass": ["viewpoint", "hotel"], "name": ["Mirador", "Posada"]},
        geometry=[Point(401_000, 7_952_300), Point(402_000, 7_952_300)],
        crs=line.crs,
    )
    write_gpkg(places, made.layers_dir / "points_of_interest.gpkg", layer="points_of_interest")
    return made


@pytest.fixture(scope="module")
def study(workspace: Workspace) -> Study:
    return zoning.run(workspace, scale=25_000)


def _bands(study: Study) -> dict[str, np.ndarray]:
    with RasterReader(study.folder / "aptitude.tif") as reader:
        return dict(zip(reader.names, reader.read(0, reader.grid.rows), strict=True))


def _classes(study: Study, name: str) -> np.ndarray:
    with RasterReader(study.folder / name) as reader:
        return reader.read(0, reader.grid.rows)[0]


def _place(study: Study, x: float, y: float) -> tuple[float, float]:
    lon, lat = gpd.GeoSeries([Point(x, y)], crs=study.zones.crs).to_crs(4326).iloc[0].coords[0]
    return lon, lat


def _tile_of(study: Study, zoom: int) -> tuple[int, int]:
    """Return the tile of the middle of the territory."""
    lon, lat = _place(study, 403_000, 7_952_500)
    north = math.asinh(math.tan(math.radians(lat)))
    return int((lon + 180) / 360 * 2**zoom), int((1 - north / math.pi) / 2 * 2**zoom)


def test_there_is_a_band_for_every_zone_with_a_basket_every_overlay_and_every_chain(study: Study) -> None:
    assert list(_bands(study)) == [
        *("HOR", "VID", "FRU", "ANU", "CAN", "GAN", "TUR", "ART"),
        *(each["code"] for each in study.manifest["aptitude"] if each["kind"] == "chain"),
    ]
    assert set(_bands(study)) >= CHAINS


def test_the_aptitude_of_a_zone_is_the_class_of_every_cell_that_it_won(study: Study) -> None:
    bands, zones, classes = _bands(study), _classes(study, "zones.tif"), _classes(study, "classes.tif")
    checked = 0
    for entry in study.manifest["zones"]:
        won = zones == entry["number"]
        if entry["zone"] in bands and won.any():
            # What joined a neighbour's polygon may be worse than the polygon: it was too small to be drawn.
            assert (bands[entry["zone"]][won] >= classes[won]).mean() > 0.98
            checked += int(won.sum())
    assert checked > 100


def test_irrigated_fruit_shows_where_vegetables_won(study: Study) -> None:
    vegetables = _classes(study, "zones.tif") == 1
    assert vegetables.any()
    assert (_bands(study)["FRU"][vegetables] >= CLASS_CODES["S3"]).any()
    assert (_bands(study)["cadena_hortifruticultura"] >= _bands(study)["HOR"])[vegetables].all()


def test_conservation_land_has_an_aptitude_too(study: Study) -> None:
    park = _classes(study, "zones.tif") == 9
    assert park.any()
    assert np.isfinite(_bands(study)["ANU"][park]).all()


def test_the_hectares_of_every_band_close_on_every_municipality(study: Study) -> None:
    table = study.aptitude()
    true = {each["code"]: each["area_ha"] for each in study.manifest["municipalities"]}
    for (code, _band), area in table.groupby(["municipality", "code"])["area_ha"].sum().items():
        assert area == pytest.approx(true[code], rel=1e-6)
    assert set(study.aptitude("naciente")["municipality"]) == {"071302"}
    with (study.folder / "aptitude.csv").open(encoding="utf-8") as lines:
        assert next(csv.reader(lines))[:6] == ["municipality", "municipality_name", "kind", "code", "title", "class"]


def test_the_bands_carry_the_names_and_colours_of_their_classes_where_gdal_looks_for_them(study: Study) -> None:
    root = ET.parse(study.folder / "aptitude.tif.aux.xml").getroot()  # noqa: S314  written by this program
    assert [each.findtext("Description") for each in root] == list(_bands(study))
    names = [each.text for each in root[0].iter("Category")]
    assert names[CLASS_CODES["SD"]] == "SD: sin dato"
    assert names[S1] == "S1: muy apta"
    assert len(list(root[0].iter("Row"))) == 5


def test_an_overlay_says_its_class_its_limiting_criterion_and_each_source(study: Study) -> None:
    answer = study.explain(*_place(study, 401_050, 7_952_350))
    tourism = next(each for each in answer["overlays"] if each["overlay"] == "TUR")
    assert tourism["class"] in {"S1", "S2", "S3"}
    assert tourism["limiting"] in {factor["name"] for factor in tourism["factors"]}
    assert all("supuesto" in factor["source"] for factor in tourism["factors"])
    assert next(factor for factor in tourism["factors"] if factor["name"] == "sites")["value"] <= 200


def test_a_point_has_the_classes_of_the_raster(study: Study) -> None:
    bands = _bands(study)
    frame = study.manifest["grid"]
    for x, y in ((400_450, 7_952_350), (403_250, 7_954_650), (405_850, 7_950_150)):
        row, col = int((frame["top"] - y) // frame["cell_m"]), int((x - frame["left"]) // frame["cell_m"])
        answer = study.explain(*_place(study, x, y))
        told = {each["overlay"]: each["class"] for each in answer["overlays"]}
        told |= {each["zone"]: each["class"] for each in answer["zones"]}
        for code in ("TUR", "ART", "HOR", "FRU", "ANU", "VID"):
            assert CLASS_CODES[told[code]] == bands[code][row, col], code


def test_an_overlay_without_an_optional_layer_says_so_and_is_rated_without_it(study: Study) -> None:
    crafts = next(each for each in study.manifest["aptitude"] if each["code"] == "ART")
    assert "comunidades con artesanos" in crafts["incomplete"]
    assert (_bands(study)["ART"] >= CLASS_CODES["S3"]).any()
    assert study.aptitude().query("code == 'ART'")["incomplete"].str.contains("artesanos").all()


def test_an_overlay_without_a_required_layer_is_without_data_never_unsuitable(
    make_workspace: Maker, tmp_path: Path
) -> None:
    bare = zoning.run(make_workspace(tmp_path / "ws"), scale=25_000)
    tourism = _bands(bare)["TUR"]
    assert set(np.unique(tourism[np.isfinite(tourism)])) == {SD}
    assert (_bands(bare)["cadena_turismo"][np.isfinite(tourism)] == SD).all()
    assert set(bare.aptitude().query("code == 'TUR'")["class"]) == {"SD"}


def test_a_users_own_artisans_are_picked_up_whatever_the_layer_is_called(make_workspace: Maker, tmp_path: Path) -> None:
    own = make_workspace(tmp_path / "ws")
    place = gpd.GeoDataFrame({"comunidad": ["Una"]}, geometry=[Point(400_500, 7_952_000)], crs="EPSG:32720")
    place.to_crs(4326).to_file(own.layers_dir / "artisan_communities.gpkg", layer="mis artesanos")
    made = zoning.run(own, scale=25_000)
    crafts = next(each for each in made.manifest["aptitude"] if each["code"] == "ART")
    assert "comunidades con artesanos" not in crafts["incomplete"]
    answer = made.explain(*_place(made, 400_550, 7_952_050))
    factor = next(
        each
        for overlay in answer["overlays"]
        if overlay["overlay"] == "ART"
        for each in overlay["factors"]
        if each["name"] == "artisans"
    )
    assert factor["class"] == "S1"


def test_a_point_measures_what_a_whole_run_measures(workspace: Workspace) -> None:
    grid = Grid.covering((400_000, 7_950_000, 406_000, 7_955_000), crs="EPSG:32720", cell=50.0)
    available = take_inventory(workspace).available
    land = OverlayLand(workspace=workspace, grid=grid, available=available, forest_classes=(10,))
    names = tuple(sorted(land.offered))
    assert {"relief", "distance_forest", "distance_site"} <= set(names)
    whole = land.columns(names)
    for row, col in ((0, 0), (33, 71), (99, 119)):
        here = land.at(names, row, col)
        there = {name: whole[name][row // land.factor, col // land.factor] for name in names}
        assert here == pytest.approx(there, nan_ok=True)


def test_the_ruleset_refuses_an_overlay_rated_by_what_no_overlay_measures() -> None:
    text = starter_text().replace('characteristic = "relief"', 'characteristic = "rain_annual"')
    with pytest.raises(RulesError, match="rain_annual"):
        parse_ruleset(text)


@given(st.lists(st.tuples(CLASSES, CLASSES), min_size=1, max_size=40))
def test_a_chain_is_as_apt_as_its_best_member_and_unknown_only_where_nothing_better_than_n_is_known(
    pairs: list[tuple[int, int]],
) -> None:
    one, two = np.array(pairs, dtype=np.uint8).T
    found = chain_class([one, two])
    for first, second, both in zip(one, two, found, strict=True):
        if max(first, second) > N:
            assert both == max(first, second)
        else:
            assert both == (SD if SD in (first, second) else N)


@settings(deadline=None)
@given(st.data())
def test_improving_any_criterion_never_lowers_an_overlay(data: st.DataObject) -> None:
    overlay = data.draw(st.sampled_from(RULES.overlays))
    names = [each.characteristic.name for each in overlay.factors]
    values = {name: data.draw(st.floats(0, 50_000, width=32)) for name in names}
    better = dict(values)
    factor = data.draw(st.sampled_from(overlay.factors))
    name, change = factor.characteristic.name, data.draw(st.floats(0, 5_000, width=32))
    better[name] = values[name] + change if factor.limits.low else max(values[name] - change, 0.0)
    before, after = (
        rate_overlay(overlay, {key: [one] for key, one in each.items()}, places=1) for each in (values, better)
    )
    assert after.cls[0] >= before.cls[0]
    missing = {key: [one] for key, one in values.items() if key != name}
    without = rate_overlay(overlay, missing, places=1)
    assert without.cls[0] == SD if factor.required else without.cls[0] >= before.cls[0]
    assert missing_criteria(overlay, missing) == (name,)


def test_every_chain_of_the_rules_is_a_layer_with_a_legend_and_pictures(study: Study) -> None:
    layers = {each.id: each for each in chain_map_layers(study.workspace, study.name)}
    assert set(layers) == CHAINS == {each.code for each in aptitude_bands(RULES) if each.kind == CHAIN}
    for each in layers.values():
        described = each.describe()
        assert described.picture_tiles
        assert [entry.value for entry in described.legend] == ["S1", "S2", "S3", "N", "SD"]
        page = each.features(FeatureQuery())
        assert {one["id"] for one in page.features} == {"070801", "071302"}
        total = sum(one["properties"][f"{name}_ha"] for one in page.features for name in ("s1", "s2", "s3", "n", "sd"))
        assert total == pytest.approx(study.zones["area_ha"].sum(), rel=1e-4)
        assert each.tile(11, *_tile_of(study, 11), {}) is not None
        assert each.tile(9, 0, 0, {}) is None
    with pytest.raises(MissingError):
        layers["cadena_turismo"].tile(0, 0, 0, {"study": "otro"})


def test_outside_the_territory_nothing_is_painted() -> None:
    pixels = paint(np.array([[[np.nan, 0, 1, 4]]], dtype=np.float32))
    assert pixels[0, :, 3].tolist() == [0, 255, 255, 255]
    assert len({tuple(pixel) for pixel in pixels[0, 1:]}) == 3
    assert encode_png(pixels).startswith(b"\x89PNG")
