"""SoilGrids: its projection and steps, the weighting by depth, seams of its tiles, and the cuts of its oceans."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import product_tiles as tiles
import pyproj
import pytest
import rasterio
from folder_supply import cells, place, record, supply

from gis.crs import CRS84
from gis.errors import InputError, MissingError
from gis.grid import Grid
from gis.rasters.coarse_field import CoarseField
from gis.rasters.homolosine import homolosine_boxes
from gis.rasters.mosaic_index import read_mosaic_index
from layers.sources.soilgrids import PROPERTIES, SoilGrids

HERE = (-64.30, -18.60, -64.10, -18.45)
BANDS = ("clay_pct", "sand_pct", "ph_h2o", "organic_carbon_pct", "coarse_fragments_pct")


@pytest.fixture
def adapter() -> SoilGrids:
    return SoilGrids(record("soilgrids2"))


def _expected(prop: str, step: float, x: tiles.Floats, y: tiles.Floats) -> tiles.Floats:
    """The mean of 0–30 cm: layers of 5, 10 and 15 cm."""
    thickness = (5.0, 10.0, 15.0)
    total = sum(part * tiles.soil_steps(prop, depth, x, y) for depth, part in enumerate(thickness))
    return total / 30.0 * step


def test_each_band_is_the_mean_of_thirty_centimetres_in_its_unit(adapter: SoilGrids, tmp_path: Path) -> None:
    tiles.soilgrids(tmp_path / "web", [tiles.homolosine_box(HERE)])
    (entry,) = adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
    assert (entry.theme, entry.unit) == ("soil", "%; %; pH; %; %")
    assert "0–5, 5–15, 15–30" in entry.steps[0]
    values, x, y = cells(tmp_path / entry.file)
    with rasterio.open(tmp_path / entry.file) as source:
        assert source.descriptions == BANDS
        assert source.res == (250.0, 250.0)
    for band, each in zip(values, PROPERTIES, strict=True):
        assert np.abs(band - _expected(each.id, each.step, x, y)).max() < 1e-4, each.id
    assert 5.5 < values[2].mean() < 7.5, "pH, not pH × 10"
    assert 1.0 < values[3].mean() < 3.0, "organic carbon in %, from dg/kg"


def test_a_window_of_the_projection_holds_the_whole_place(adapter: SoilGrids, tmp_path: Path) -> None:
    tiles.soilgrids(tmp_path / "web", [tiles.homolosine_box(HERE)])
    (entry,) = adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
    field = CoarseField.read(tmp_path / entry.file, unit="")
    to_metres = pyproj.Transformer.from_crs(CRS84, "EPSG:32720", always_xy=True)
    left, bottom, right, top = to_metres.transform_bounds(-64.28, -18.58, -64.12, -18.47)
    grid = Grid.covering((left, bottom, right, top), crs="EPSG:32720", cell=100)
    read = field.sampler(grid).rows(0, grid.rows)
    assert np.isfinite(read).all()
    across, down = np.meshgrid(
        grid.left + (np.arange(grid.cols) + 0.5) * 100, grid.top - (np.arange(grid.rows) + 0.5) * 100
    )
    project = pyproj.Transformer.from_crs("EPSG:32720", tiles.HOMOLOSINE, always_xy=True)
    x, y = project.transform(across, down)
    assert np.abs(read[0] - _expected("clay", 0.1, np.asarray(x), np.asarray(y))).max() < 0.1


def test_cells_across_a_seam_of_tiles_are_all_there(adapter: SoilGrids, tmp_path: Path) -> None:
    side = 450 * 250.0
    col = round((-7_150_000 - tiles.SOIL_ORIGIN[0]) / side)
    row = round((tiles.SOIL_ORIGIN[1] + 2_060_000) / side)
    x, y = tiles.SOIL_ORIGIN[0] + col * side, tiles.SOIL_ORIGIN[1] - row * side
    lon, lat = pyproj.Transformer.from_crs(tiles.HOMOLOSINE, CRS84, always_xy=True).transform(x, y)
    here = (lon - 0.03, lat - 0.03, lon + 0.03, lat + 0.03)
    tiles.soilgrids(tmp_path / "web", [tiles.homolosine_box(here)])
    asked = supply(adapter, tmp_path / "web")
    (entry,) = adapter.make(place(here), asked, tmp_path)
    assert len({name for name in asked.asked if name.startswith("clay_0-5cm_tileSG")}) == 4
    values, _x, _y = cells(tmp_path / entry.file)
    assert np.isfinite(values).all()


def test_no_data_of_one_layer_is_no_data_of_the_mean(adapter: SoilGrids, tmp_path: Path) -> None:
    box = tiles.homolosine_box(HERE)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    hole = (middle[0] - 2_000, middle[1] - 2_000, middle[0] + 2_000, middle[1] + 2_000)
    tiles.soilgrids(tmp_path / "web", [box], hole=hole)
    (entry,) = adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
    values, x, y = cells(tmp_path / entry.file)
    inside = (x > hole[0]) & (x < hole[2]) & (y > hole[1]) & (y < hole[3])
    assert inside.sum() > 100
    assert (np.isnan(values) == inside).all()


def test_both_sides_of_a_cut_ocean_are_read_and_nothing_between_them(adapter: SoilGrids, tmp_path: Path) -> None:
    here = (-40.1, 30.0, -39.9, 30.1)
    boxes = homolosine_boxes(here)
    assert len(boxes) == 2
    assert boxes[1][0] - boxes[0][2] > 1_900_000, "1,900 km of nothing lie between the two"
    tiles.soilgrids(tmp_path / "web", boxes)
    asked = supply(adapter, tmp_path / "web")
    (entry,) = adapter.make(place(here), asked, tmp_path)
    assert len({name for name in asked.asked if name.startswith("clay_0-5cm_tileSG")}) < 9
    values, x, y = cells(tmp_path / entry.file)
    project = pyproj.Transformer.from_crs(CRS84, tiles.HOMOLOSINE, always_xy=True)
    for lon in (-40.05, -39.95):
        at_x, at_y = project.transform(lon, 30.05)
        row, col = int((y.max() + 125 - at_y) // 250), int((at_x - (x.min() - 125)) // 250)
        assert values[0, row, col] == pytest.approx(_expected("clay", 0.1, x[row, col], y[row, col]), abs=1e-4)
    between = (x > boxes[0][2] + 300_000) & (x < boxes[1][0] - 300_000)
    assert np.isnan(values[0][between]).all()


def test_a_place_on_the_equator_lies_in_two_lobes_that_touch() -> None:
    north, south = homolosine_boxes((-70.1, -0.1, -69.9, 0.1))
    assert north[1] == pytest.approx(0.0, abs=1e-6)
    assert south[3] == pytest.approx(0.0, abs=1e-6)
    assert north[0] == pytest.approx(south[0], abs=100)


def _spoil(file: Path, **changed: object) -> None:
    true = {
        "crs": tiles.HOMOLOSINE,
        "left": 0.0,
        "top": 0.0,
        "width": 250.0,
        "height": 250.0,
        "rows": 450,
        "cols": 450,
        "dtype": "int16",
        "nodata": -32768,
    }
    with rasterio.open(file) as source:
        true |= {"left": source.transform.c, "top": source.transform.f}
    near = (true["left"], true["top"] - 1000, true["left"] + 1000, true["top"])  # type: ignore[operator]
    spoiled = tiles.TrueFile(**{**true, **changed})  # type: ignore[arg-type]  one of them is another
    spoiled.write(file, near, lambda x, _y, _b: 0 * x + 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"dtype": "float32"}, "float32"),
        ({"nodata": 0}, "sin dato"),
        ({"width": 1000.0, "height": 1000.0}, "celdas de"),
    ],
)
def test_a_tile_that_is_not_soilgrids_is_refused(
    adapter: SoilGrids, tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    tiles.soilgrids(tmp_path / "web", [tiles.homolosine_box(HERE)])
    _spoil(next((tmp_path / "web").rglob("clay_0-5cm_mean/*/*.tif")), **changed)
    with pytest.raises(InputError, match=told):
        adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)


def test_a_tile_that_the_index_names_and_that_is_gone_is_missed(adapter: SoilGrids, tmp_path: Path) -> None:
    tiles.soilgrids(tmp_path / "web", [tiles.homolosine_box(HERE)])
    next((tmp_path / "web").rglob("sand_5-15cm_mean/*/*.tif")).unlink()
    with pytest.raises(MissingError):
        adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "no es xml",
        "<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><VRTDataset rasterXSize='1' rasterYSize='1'>&b;</VRTDataset>",
    ],
)
def test_an_index_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "clay_0-5cm_mean.vrt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no es el índice"):
        read_mosaic_index(file)


@pytest.mark.parametrize("name", ["/etc/passwd", "../../x.tif", "/vsicurl/http://example.org/x.tif", "http://a/x.tif"])
def test_an_index_names_only_files_below_itself(adapter: SoilGrids, tmp_path: Path, name: str) -> None:
    tiles.soilgrids(tmp_path / "web", [tiles.homolosine_box(HERE)], properties=["clay"])
    file = tmp_path / "web" / "clay" / "clay_0-5cm_mean.vrt"
    text = file.read_text(encoding="utf-8")
    start = text.index("./clay_0-5cm")
    file.write_text(text[:start] + name + text[text.index("</SourceFilename>") :], encoding="utf-8")
    with pytest.raises(InputError, match="fuera de su carpeta"):
        adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)


def test_a_tile_with_cells_coarser_than_the_products_is_left_out(adapter: SoilGrids, tmp_path: Path) -> None:
    tiles.soilgrids(tmp_path / "web", [tiles.homolosine_box(HERE)])
    for index in (tmp_path / "web").rglob("clay_*.vrt"):
        text = index.read_text(encoding="utf-8")
        index.write_text(
            text.replace(
                "<SrcRect xOff='0' yOff='0' xSize='450' ySize='450'/>",
                "<SrcRect xOff='0' yOff='0' xSize='8' ySize='8'/>",
            ),
            encoding="utf-8",
        )
    (entry,) = adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
    values, _x, _y = cells(tmp_path / entry.file)
    assert np.isnan(values[0]).all(), "a value spread over kilometres is none of 250 m"
    assert np.isfinite(values[1]).all()
