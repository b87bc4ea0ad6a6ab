"""A territory comes from any boundary file, with columns guessed and the projection chosen."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box

from gis.errors import InputError, MissingError
from gis.vectors.vector_files import write_geojson, write_gpkg
from layers.new_territory import init_from_boundaries, territory_from_boundaries
from layers.preparation.fetch import fetch
from layers.sources.mirror import Mirror
from layers.workspace import Workspace


def _squares(lon: float, lat: float, **columns: list[object]) -> gpd.GeoDataFrame:
    shapes = [box(lon, lat, lon + 0.1, lat + 0.1), box(lon + 0.1, lat, lon + 0.2, lat + 0.1)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"), [(-64.0, -18.5, "EPSG:32720"), (-3.7, 40.4, "EPSG:32630"), (178.9, -17.0, "EPSG:32760")]
)
def test_the_utm_zone_of_the_place_is_chosen(tmp_path: Path, lon: float, lat: float, epsg: str) -> None:
    path = tmp_path / "Límites de prueba.geojson"
    write_geojson(_squares(lon, lat, CODIGO=["01", "02"], Nombre=["Uno", "Dos"]), path)
    new = territory_from_boundaries(path)
    assert new.territory.crs == epsg
    assert (new.code_column, new.name_column) == ("CODIGO", "Nombre")
    assert new.territory.codes == ("01", "02")
    assert new.territory.id == "limites_de_prueba"


def test_columns_that_no_list_knows_are_guessed_by_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    write_gpkg(_squares(10, 45, km2=[1.5, 1.5], clave=["A1", "A2"], lugar=["Alfa", "Beta"]), path, layer="x")
    new = territory_from_boundaries(path)
    assert new.code_column == "clave"


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    write_geojson(_squares(-64, -18.5, zona=["igual", "igual"]), path)
    with pytest.raises(MissingError, match=r"zona.*--code"):
        territory_from_boundaries(path)
    with pytest.raises(MissingError, match="inventada"):
        territory_from_boundaries(path, code="inventada")


def test_one_code_for_two_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    write_geojson(_squares(-64, -18.5, code=["1", "1"], name=["Uno", "Dos"]), path)
    with pytest.raises(InputError, match="varios municipios"):
        territory_from_boundaries(path)


def test_swapped_axes_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    shape = [box(-18.6, -64.2, -18.5, -64.1)]
    write_geojson(gpd.GeoDataFrame({"code": ["1"], "name": ["Uno"]}, geometry=shape, crs="EPSG:4326"), path)
    with pytest.raises(InputError, match="ejes"):
        init_from_boundaries(tmp_path / "w", path)
    assert not (tmp_path / "w").exists()


def test_the_workspace_is_commented_and_fetches_with_its_own_boundary(
    mirror_folder: Path, tmp_path: Path, outlines: gpd.GeoDataFrame
) -> None:
    path = tmp_path / "dos.geojson"
    write_geojson(outlines.iloc[:2], path)
    made, _new = init_from_boundaries(tmp_path / "w", path, files={"ruleset.toml": "x = 1"})
    text = (made.root / "territory.toml").read_text()
    assert text.count("# ") >= 5
    workspace = Workspace.open(tmp_path / "w")
    index = (mirror_folder / "mirror.toml").read_text().split("[[layer]]")
    (mirror_folder / "mirror.toml").write_text("[[layer]]".join(part for part in index if '"boundaries"' not in part))
    coarse = Workspace(workspace.root, workspace.territory.with_cell(500))
    report = fetch(coarse, Mirror.read(mirror_folder))
    assert report.ok, report.to_dict()
    assert coarse.has_layer("municipalities")
    again = Workspace.init_from(tmp_path / "v", workspace)
    assert again.territory == workspace.territory
    assert (again.root / again.territory.boundaries).is_file()
