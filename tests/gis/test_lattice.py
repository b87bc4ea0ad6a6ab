"""A lattice covers what it is asked to cover, in whole cells; rasters side by side are one; lobes hold every place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin

from gis.crs import CRS84
from gis.errors import GridError, InputError
from gis.rasters.cog import CogWriter
from gis.rasters.homolosine import HOMOLOSINE, homolosine_boxes
from gis.rasters.lattice import Lattice
from gis.rasters.native import filled_window, native_raster
from gis.rasters.raster_source import RasterSource

DEGREES = pyproj.CRS("EPSG:4326")


def _lattice(**changed: float) -> Lattice:
    usual = {"left": -180.0, "top": 84.0, "width": 1 / 120, "height": 1 / 120, "rows": 20_880, "cols": 43_200}
    return Lattice(DEGREES, **{**usual, **changed})  # type: ignore[arg-type]  whole numbers among them


@given(
    west=st.floats(-179, 170),
    south=st.floats(-80, 70),
    width=st.floats(0.001, 9),
    height=st.floats(0.001, 9),
    margin=st.integers(0, 3),
)
def test_a_window_holds_its_box_and_no_whole_cell_more(
    west: float, south: float, width: float, height: float, margin: int
) -> None:
    lattice = _lattice()
    window = lattice.over((west, south, west + width, south + height), margin=margin)
    left, bottom, right, top = window.bounds
    slack, around = 1e-6 / 120 + 1e-9, (margin + 1) / 120 + 1e-9
    assert west - around <= left <= west + slack
    assert south - around <= bottom <= south + slack
    assert west + width - slack <= right <= west + width + around
    assert south + height - slack <= top <= south + height + around
    row, col = window.place_of(lattice, what="mundo")
    assert (row, col) == (round((top - 84.0) * 120), round((-180.0 - left) * 120))


@pytest.mark.parametrize("changed", [{"left": -180.0 + 0.3 / 120}, {"width": 1 / 119}, {"height": 1 / 60}])
def test_cells_that_do_not_fit_are_refused_by_name(changed: dict[str, float]) -> None:
    with pytest.raises(GridError, match=r"a\.tif"):
        _lattice().place_of(_lattice(**changed), what="a.tif")


@pytest.mark.parametrize("changed", [{"width": 0.0}, {"rows": 0}, {"left": float("nan")}])
def test_a_lattice_has_cells(changed: dict[str, float]) -> None:
    with pytest.raises(GridError):
        _lattice(**changed)


def test_rasters_side_by_side_are_one_window_and_the_rest_is_filled(tmp_path: Path) -> None:
    for number, left in enumerate((0.0, 1.0), start=1):
        with rasterio.open(
            tmp_path / f"{number}.tif",
            "w",
            driver="GTiff",
            width=10,
            height=10,
            count=1,
            dtype="int16",
            crs="EPSG:4326",
            transform=from_origin(left, 1.0, 0.1, 0.1),
        ) as target:
            target.write(np.full((1, 10, 10), number, np.int16))
    sources = [RasterSource(str(tmp_path / f"{number}.tif")) for number in (1, 2)]
    with native_raster(sources[0]) as one, native_raster(sources[1]) as two:
        window = one.lattice.over((0.55, 0.35, 2.45, 0.65))
        found = filled_window([one, two], window, fill=-1)
    assert found.shape == (1, 4, 20)
    assert found[0, 0].tolist() == [1] * 5 + [2] * 10 + [-1] * 5


def test_a_file_in_degrees_is_written_and_read_back_cell_by_cell(tmp_path: Path) -> None:
    lattice = _lattice().over((-64.0, -18.0, -63.9, -17.95))
    values = np.arange(lattice.size, dtype=np.float32).reshape(1, *lattice.shape)
    for name in ("a.tif", "b.tif"):
        with CogWriter(tmp_path / name, lattice, names=("x",), unit=["m"], overviews=False) as writer:
            writer.write(values)
    with native_raster(RasterSource(str(tmp_path / "a.tif"))) as raster:
        assert raster.unit == "m"
        assert raster.lattice.bounds == pytest.approx(lattice.bounds)
        assert (filled_window([raster], lattice, fill=np.nan) == values).all()
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_a_turned_raster_is_refused(tmp_path: Path) -> None:
    turned = rasterio.Affine(0.1, 0.02, 0.0, 0.02, -0.1, 1.0)
    with rasterio.open(
        tmp_path / "a.tif",
        "w",
        driver="GTiff",
        width=4,
        height=4,
        count=1,
        dtype="uint8",
        crs="EPSG:4326",
        transform=turned,
    ) as target:
        target.write(np.ones((1, 4, 4), np.uint8))
    with pytest.raises(InputError, match="girado"), native_raster(RasterSource(str(tmp_path / "a.tif"))):
        pass


BOXES = st.tuples(st.floats(-179, 170), st.floats(-55, 70), st.floats(0.01, 8), st.floats(0.01, 8)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


@given(box=BOXES, across=st.floats(0, 1), up=st.floats(0, 1))
def test_every_place_of_a_box_lies_in_one_of_its_lobes(
    box: tuple[float, float, float, float], across: float, up: float
) -> None:
    west, south, east, north = box
    project = pyproj.Transformer.from_crs(CRS84, HOMOLOSINE, always_xy=True)
    x, y = project.transform(west + across * (east - west), south + up * (north - south))
    slack = 500.0  # two cells: curved edges bulge between the places looked at
    assert any(
        left - slack <= x <= right + slack and bottom - slack <= y <= top + slack
        for left, bottom, right, top in homolosine_boxes(box)
    )


def test_a_box_beyond_the_earth_has_no_lobes() -> None:
    with pytest.raises(GridError):
        homolosine_boxes((179.0, 0.0, 181.0, 1.0))
