"""CHELSA and WorldClim: twelve months in degrees Celsius and millimetres, whichever way the files store them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import product_tiles as tiles
import pytest
import rasterio
from folder_supply import cells, place, record, supply

from gis.errors import InputError, MissingError
from layers.sources.chelsa import Chelsa
from layers.sources.worldclim import WorldClim

HERE = (-64.10, -18.60, -64.00, -18.52)
THEMES = ["temperature_mean", "temperature_min", "temperature_max", "precipitation"]


@pytest.mark.parametrize("legacy", [False, True])
def test_chelsa_gives_degrees_and_millimetres_from_either_place(tmp_path: Path, legacy: bool) -> None:
    adapter = Chelsa(record("chelsa21"))
    tiles.chelsa_normals(tmp_path / "web", HERE, legacy=legacy)
    entries = adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
    assert [each.theme for each in entries] == THEMES
    assert {each.climate for each in entries} == {"chelsa"}
    assert [each.unit for each in entries] == ["degC", "degC", "degC", "mm/month"]
    for entry, above in zip(entries, (0.0, -6.0, 6.0, None), strict=True):
        values, x, y = cells(tmp_path / entry.file)
        assert values.shape[0] == 12
        for month, found in enumerate(values, start=1):
            wanted = (
                1.4 * tiles.rain_at(x, y, month) if above is None else tiles.temperature_at(x, y, month, above=above)
            )
            assert np.abs(found - wanted).max() <= 0.0501, (entry.theme, month)
        with rasterio.open(tmp_path / entry.file) as source:
            assert source.descriptions[0] == f"{entry.theme}_01"
            assert source.units[0] == entry.unit


def test_chelsa_asks_for_every_month_at_its_address() -> None:
    adapter = Chelsa(record("chelsa21"))
    wanted = adapter.wanted(place(HERE))
    assert len(wanted) == 48
    assert wanted[0].address.endswith("/global/climatologies/tas/1981-2010/CHELSA_tas_01_1981-2010_V.2.1.tif")
    assert wanted[-1].name == "CHELSA_pr_12_1981-2010_V.2.1.tif"
    assert not any(each.whole or each.may_be_absent for each in wanted)


def test_a_month_that_is_absent_is_missed_by_name(tmp_path: Path) -> None:
    adapter = Chelsa(record("chelsa21"))
    tiles.chelsa_normals(tmp_path / "web", HERE)
    (tmp_path / "web" / "tas" / "1981-2010" / "CHELSA_tas_07_1981-2010_V.2.1.tif").unlink()
    with pytest.raises(MissingError, match="CHELSA_tas_07"):
        adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)


def test_missing_cells_of_chelsa_are_missing_and_dry_months_are_zero(tmp_path: Path) -> None:
    adapter = Chelsa(record("chelsa21"))
    tiles.chelsa_normals(tmp_path / "web", HERE)

    def field(x: tiles.Floats, _y: tiles.Floats, _band: int) -> tiles.Floats:
        return np.where(x > -64.05, 6553.5, 0.0)

    tiles.chelsa(tmp_path / "web", "pr", 7, HERE, field)
    entries = adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
    values, x, _y = cells(tmp_path / entries[3].file)
    assert np.isnan(values[6][x > -64.05]).all()
    assert (values[6][x < -64.06] == 0).all()


@pytest.mark.parametrize(
    ("scale", "offset", "unit", "told"),
    [
        (1.0, 0.5, "", "escala 1"),
        (0.1, -100.0, "", "desfase -100"),
        (0.1, -tiles.KELVIN, "K", "unidad «K»"),
        (0.1, 0.0, "degC", "unidad «degC»"),
    ],
)
def test_another_step_offset_or_unit_is_refused(
    tmp_path: Path, scale: float, offset: float, unit: str, told: str
) -> None:
    adapter = Chelsa(record("chelsa21"))
    tiles.chelsa_normals(tmp_path / "web", HERE)
    file = tmp_path / "web" / "tas" / "1981-2010" / "CHELSA_tas_03_1981-2010_V.2.1.tif"
    with rasterio.open(file, "r+") as target:
        target.scales, target.offsets, target.units = (scale,), (offset,), (unit,)
    with pytest.raises(InputError, match=told) as refused:
        adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
    assert "CHELSA_tas_03" in refused.value.found


def test_worldclim_gives_its_months_from_a_tile_of_thirty_degrees(tmp_path: Path) -> None:
    adapter = WorldClim(record("worldclim21"))
    tiles.worldclim(tmp_path / "web", HERE)
    entries = adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
    assert [each.theme for each in entries] == THEMES
    assert {each.climate for each in entries} == {"worldclim"}
    for entry, above in zip(entries, (2.0, -4.0, 8.0, None), strict=True):
        values, x, y = cells(tmp_path / entry.file)
        for month, found in enumerate(values, start=1):
            if above is None:
                assert (found == np.rint(tiles.rain_at(x, y, month))).all()
            else:
                assert np.abs(found - tiles.temperature_at(x, y, month, above=above)).max() < 1e-5


def test_worldclim_tiles_are_counted_from_the_north_west() -> None:
    adapter = WorldClim(record("worldclim21"))
    names = [each.name for each in adapter.wanted(place((-60.05, -0.05, -59.95, 0.05)))[:4]]
    assert names == [f"tile_{number}_wc2.1_30s_tavg.tif" for number in (40, 41, 28, 29)]
    (first, *_rest) = adapter.wanted(place(HERE))
    assert first.address == "https://geodata.ucdavis.edu/climate/worldclim/2_1/tiles/tile/tile_40_wc2.1_30s_tavg.tif"


def test_a_place_over_two_tiles_of_worldclim_is_one_field(tmp_path: Path) -> None:
    adapter = WorldClim(record("worldclim21"))
    here = (-60.05, -18.55, -59.95, -18.5)
    for lon in (-90, -60):
        tiles.worldclim(tmp_path / "web", here, lon=lon)
    entries = adapter.make(place(here), supply(adapter, tmp_path / "web"), tmp_path)
    values, x, y = cells(tmp_path / entries[0].file)
    assert x.min() < -60 < x.max()
    assert np.abs(values[0] - tiles.temperature_at(x, y, 1, above=2.0)).max() < 1e-5


def test_the_mark_of_missing_cells_of_worldclim_is_no_value_even_where_the_file_does_not_declare_it(
    tmp_path: Path,
) -> None:
    adapter = WorldClim(record("worldclim21"))
    tiles.worldclim(tmp_path / "web", HERE, sea=True)
    entries = adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
    for entry in entries:
        with rasterio.open(tmp_path / entry.file) as source:
            assert source.read(masked=True).mask.all() or np.isnan(source.read()).all()


def test_a_worldclim_file_with_other_bands_or_a_scale_is_refused(tmp_path: Path) -> None:
    adapter = WorldClim(record("worldclim21"))
    tiles.worldclim(tmp_path / "web", HERE)
    file = tmp_path / "web" / "tile_40_wc2.1_30s_tavg.tif"
    with rasterio.open(file, "r+") as target:
        target.scales = (0.1,) * 12
    with pytest.raises(InputError, match="escala"):
        adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
    layout = {"left": -90, "top": 0, "width": 1 / 120, "height": 1 / 120, "rows": 3600, "cols": 3600}
    true = tiles.TrueFile(crs="EPSG:4326", dtype="float32", bands=1, **layout)  # type: ignore[arg-type]
    true.write(file, HERE, lambda x, _y, _b: x)
    with pytest.raises(InputError, match="1 bandas"):
        adapter.make(place(HERE), supply(adapter, tmp_path / "web"), tmp_path)
