"""MapSPAM: the crops of a place from its archive, and their hectares by municipality, sums only."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import product_tiles as tiles
import pytest
import rasterio
import shapely
from fault_server import Drop, FaultServer
from folder_supply import FolderSupply, cells, place, record

from gis.errors import InputError, MissingError
from gis.rasters.areal_sums import areal_sums
from gis.vectors.vector import read_vector
from layers.mirrors.mirror import Mirror
from layers.mirrors.mirror_text import mirror_text
from layers.preparation.fetch import fetch
from layers.serving.territory_layers import territory_map_layers
from layers.sources.mapspam import ARCHIVE, MapSpam, column_of, crop_names
from layers.sources.registry import catalogue
from layers.sources.web_supply import WebSupply
from layers.territory import Territory
from layers.transfer.web_client import Patience, WebClient
from layers.workspace import Workspace

HERE = (-64.4, -18.8, -63.9, -18.3)
INSIDE = "spam2020V2r2_global_physical_area"


def _crop(folder: Path, code: str, hectares: tiles.Field | None, *, cell: float = 1 / 12, suffix: str = "A") -> Path:
    true = tiles.TrueFile(
        crs="EPSG:4326",
        left=-180,
        top=90,
        width=cell,
        height=cell,
        rows=round(180 / cell),
        cols=round(360 / cell),
        dtype="float32",
        nodata=-1.0,
    )
    path = folder / f"spam2020_V2r2_global_A_{code}_{suffix}.tif"
    return true.write(path, HERE, hectares or (lambda x, _y, _b: 0 * x - 1))


def _archive(folder: Path, *crops: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as target:
        for each in crops:
            target.write(each, f"{INSIDE}/{each.name}")
    return folder / ARCHIVE


@pytest.fixture
def adapter(tmp_path: Path) -> MapSpam:
    made = tmp_path / "made"
    potato = _crop(made, "POTA", lambda x, _y, _b: 0 * x + 120.0)
    maize = _crop(made, "MAIZ", lambda x, _y, _b: np.where(x < -64.1, 300.0, -1.0))
    irrigated = _crop(made, "MAIZ", lambda x, _y, _b: 0 * x + 7.0, suffix="I")
    oil_palm = _crop(made, "OILP", None)
    archive = _archive(tmp_path / "web", potato, maize, irrigated, oil_palm)
    return MapSpam(replace(record("mapspam2020"), address=str(archive)))


def _make(adapter: MapSpam, folder: Path) -> Path:
    (entry,) = adapter.make(place(HERE), FolderSupply(Path("/"), "/"), folder)
    (folder / "mirror.toml").write_text(mirror_text([entry], heading="prueba"), encoding="utf-8")
    return folder / entry.file


def test_the_crops_that_are_here_become_a_band_each(adapter: MapSpam, tmp_path: Path) -> None:
    piece = _make(adapter, tmp_path)
    values, x, _y = cells(piece)
    with rasterio.open(piece) as source:
        assert source.descriptions == ("maiz_ha", "papa_ha"), "all farming only, and only crops with any area"
    assert np.nanmax(values[1]) == np.nanmin(values[1]) == 120.0
    assert np.isnan(values[0][x > -64.08]).all(), "what the model does not say is not zero"
    assert not [each for each in tmp_path.iterdir() if each.is_dir() and each.name not in {"made", "web"}]


def test_hectares_are_shared_by_the_part_of_a_cell_that_lies_inside(adapter: MapSpam, tmp_path: Path) -> None:
    piece = _make(adapter, tmp_path)
    cell = 1 / 12
    west, south = -180 + 1388 * cell, 90 - 1302 * cell
    whole = shapely.box(west, south, west + 2 * cell, south + 2 * cell)
    quarter = shapely.box(west, south, west + cell / 2, south + cell / 2)
    sums = areal_sums(piece, [whole, quarter, shapely.box(0, 0, 1, 1)])
    assert sums[0] == pytest.approx([1200.0, 480.0])
    assert sums[1] == pytest.approx([75.0, 30.0])
    assert np.isnan(sums[2]).all()


def test_the_sums_of_municipalities_are_prepared_and_published(
    adapter: MapSpam, tmp_path: Path, tiny: Territory, mirror_folder: Path
) -> None:
    piece = _make(adapter, tmp_path)
    (mirror_folder / piece.name).write_bytes(piece.read_bytes())
    told = (tmp_path / "mirror.toml").read_text(encoding="utf-8")
    index = mirror_folder / "mirror.toml"
    index.write_text(index.read_text(encoding="utf-8") + "\n" + told[told.index("[[layer]]") :], encoding="utf-8")
    workspace = Workspace.init(tmp_path / "w", tiny)
    report = fetch(workspace, Mirror.read(mirror_folder))
    assert report.ok, report.to_dict()
    frame = read_vector(workspace.layer("crop_area"), layer="crop_area")
    assert list(frame["code"]) == ["070801", "070802"]
    share = 0.1 * 0.15 * 144 * 120.0
    assert frame["papa_ha"].to_numpy() == pytest.approx([share, share], rel=0.01)
    assert frame["maiz_ha"][0] == pytest.approx(0.1 * 0.15 * 144 * 300, rel=0.01)
    assert frame["total_ha"][0] == pytest.approx(frame["papa_ha"][0] + frame["maiz_ha"][0], abs=0.2)
    layer = next(each for each in territory_map_layers(workspace) if each.id == "crop_area")
    described = layer.describe()
    assert "IFPRI" in described.attribution
    assert "papa_ha" in described.properties


@pytest.mark.network
def test_the_archive_comes_from_the_web_or_lies_in_a_folder_or_is_named_itself(
    adapter: MapSpam, tmp_path: Path, tiny: Territory, fault_server: FaultServer
) -> None:
    archive = Path(adapter.record.address)
    fault_server.put(ARCHIVE, archive.read_bytes())
    fault_server.fault(ARCHIVE, Drop(after=700))
    made = []
    for number, address in enumerate((fault_server.address, str(archive.parent), str(archive))):
        chosen = replace(tiny, sources={"crop_area": "mapspam2020"}, addresses={"mapspam2020": address})
        assert catalogue().chosen(chosen)["mapspam2020"] == ("crop_area",)
        folder = tmp_path / str(number)
        folder.mkdir()
        found = catalogue().adapter("mapspam2020", chosen, root=tmp_path)
        supply = WebSupply(WebClient(Patience(backoff_s=0.01)), "mapspam2020", folder / "downloads")
        made += [each.sha256 for each in found.make(place(HERE), supply, folder)]
    assert len(made) == 3
    assert len(set(made)) == 1
    assert "mapspam2020" not in catalogue().chosen(tiny), "a large archive for context is not brought unasked"


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    other = MapSpam(replace(record("mapspam2020"), address=str(_archive(tmp_path / "web"))))
    with pytest.raises(InputError, match="no trae superficies físicas"):
        _make(other, tmp_path)
    (tmp_path / "web" / ARCHIVE).write_bytes(b"<html>")
    with pytest.raises(InputError, match="ZIP"):
        _make(other, tmp_path)
    coarse = _crop(tmp_path / "made", "POTA", lambda x, _y, _b: 0 * x + 1, cell=0.5)
    _archive(tmp_path / "web", coarse)
    with pytest.raises(InputError, match="celdas de"):
        _make(other, tmp_path)
    (tmp_path / "web" / ARCHIVE).unlink()
    with pytest.raises(MissingError):
        _make(other, tmp_path)


def test_a_place_where_nothing_grows_is_told_so(adapter: MapSpam, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no tiene cultivos"):
        adapter.make(place((-20.0, 10.0, -19.5, 10.5)), FolderSupply(Path("/"), "/"), tmp_path)


def test_every_crop_of_the_model_has_a_spanish_name_and_a_column_of_its_own() -> None:
    assert len(crop_names()) == 46
    columns = [column_of(code) for code in crop_names()]
    assert len(set(columns)) == 46
    assert all(name.isascii() and name == name.lower() for name in columns)
