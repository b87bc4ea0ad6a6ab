"""A territory comes from any boundary file, with columns guessed, codes mended and the projection chosen."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point, Polygon, box

from gis.errors import CrsError, InputError, MissingError
from gis.vectors.vector_files import write_geojson, write_gpkg
from layers.founding.cell_choice import CELLS_M, MOST_CELLS, choose_cell
from layers.mirrors.mirror import Mirror
from layers.new_territory import BoundaryRequest, NewTerritory, init_from_boundaries, territory_from_boundaries
from layers.preparation.fetch import fetch
from layers.workspace import Workspace


def _squares(lon: float, lat: float, **columns: Sequence[object]) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    shapes = [box(lon + 0.1 * step, lat, lon + 0.1 * (step + 1), lat + 0.1) for step in range(count)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def _new(path: Path, **request: object) -> NewTerritory:
    return territory_from_boundaries(BoundaryRequest(path=path, **request))  # type: ignore[arg-type]


def _told(new: NewTerritory) -> str:
    return " | ".join(new.remarks)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg", "northern"),
    [
        (-64.0, -18.5, "EPSG:32720", False),
        (-3.7, 40.4, "EPSG:32630", True),
        (178.7, -17.0, "EPSG:32760", False),
        (-90.5, 14.6, "EPSG:32615", True),
    ],
)
def test_the_utm_zone_and_the_hemisphere_of_the_place_are_chosen(
    tmp_path: Path, lon: float, lat: float, epsg: str, *, northern: bool
) -> None:
    path = tmp_path / "Límites de prueba.geojson"
    write_geojson(_squares(lon, lat, CODIGO=["01", "02"], Nombre=["Uno", "Dos"]), path)
    new = _new(path)
    assert new.territory.crs == epsg
    assert new.northern is northern
    assert (new.code_column, new.name_column) == ("CODIGO", "Nombre")
    assert new.territory.codes == ("01", "02")
    assert new.territory.id == "limites_de_prueba"


def test_columns_that_no_list_knows_are_guessed_by_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    write_gpkg(_squares(10, 45, km2=[1.5, 1.5], clave=["A1", "A2"], lugar=["Alfa", "Beta"]), path, layer="x")
    new = _new(path)
    assert (new.code_column, new.name_column) == ("clave", "lugar")
    assert [each.name for each in new.territory.municipalities] == ["Alfa", "Beta"]


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    write_geojson(_squares(-64, -18.5, zona=["igual", "igual"]), path)
    with pytest.raises(MissingError, match=r"zona.*--code"):
        _new(path)
    with pytest.raises(MissingError, match="inventada"):
        _new(path, code="inventada")


def test_one_code_for_two_names_is_refused_and_one_for_two_spellings_is_not(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    write_geojson(_squares(-64, -18.5, code=["1", "1"], name=["Uno", "Dos"]), path)
    with pytest.raises(InputError, match="varios municipios"):
        _new(path)
    write_geojson(_squares(-64, -18.5, code=["1", "1", "2"], name=["Pucará", "PUCARA", "Dos"]), path)
    new = _new(path)
    assert len(new.territory.municipalities) == 2
    assert new.territory.municipality("pucara").code == "1"


def test_swapped_axes_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    shape = [box(-18.6, -64.2, -18.5, -64.1)]
    write_geojson(gpd.GeoDataFrame({"code": ["1"], "name": ["Uno"]}, geometry=shape, crs="EPSG:4326"), path)
    with pytest.raises(InputError, match="ejes"):
        _new(path)


def test_zeros_that_a_spreadsheet_took_are_given_back(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    write_gpkg(_squares(-64.4, -18.5, cod_ine=[70801, 70802], municipio=["A b", "C d"]), path, layer="x")
    new = _new(path)
    assert new.territory.codes == ("070801", "070802")
    assert "070801" in _told(new)
    write_gpkg(_squares(-100.4, 20.0, clave=[1001, 32001, 9002], nombre=["A b", "C d", "E f"]), path, layer="x")
    assert _new(path).territory.codes == ("01001", "09002", "32001")
    # The same ciphers where that institute numbers nothing stay as they are.
    write_gpkg(_squares(5.0, 45.0, code=[70801, 70802], nombre=["A b", "C d"]), path, layer="x")
    assert _new(path).territory.codes == ("70801", "70802")


def test_stray_shapes_with_short_codes_are_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    codes = [f"0101{number:02d}" for number in range(1, 21)] + ["04", "04"]
    write_geojson(_squares(-66, -18.5, municipio=codes), path)
    new = _new(path)
    assert len(new.territory.municipalities) == 20
    assert "2 objetos sin código de municipio, descartados: 04 (×2)" in _told(new)
    assert "20 municipios sin nombre" in _told(new)
    assert new.territory.municipalities[0].name == "Municipio 010101"


def test_municipalities_without_a_code_are_numbered_and_told(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    write_geojson(_squares(-64, -18.5, distrito=["Zeta", "Álamo", "Beta"]), path)
    new = _new(path)
    assert [(each.code, each.name) for each in new.territory.municipalities] == [
        ("001", "Álamo"), ("002", "Beta"), ("003", "Zeta"),
    ]  # fmt: skip
    assert new.code_column == ""
    assert "no trae códigos" in _told(new)


def test_names_in_capitals_become_names_and_repeated_ones_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    names = ["SAN RAMÓN", "SAN RAMON", "EL TRIGAL", "VILLA DE LA ROCA"]
    provinces = ["MAMORÉ", "ÑUFLO DE CHÁVEZ", "VALLEGRANDE", "OTRA"]
    write_geojson(_squares(-64, -18.5, codigo=["01", "02", "03", "04"], nombre=names, provincia=provinces), path)
    new = _new(path)
    assert [each.name for each in new.territory.municipalities] == [
        "San Ramón (Mamoré)", "San Ramon (Ñuflo de Chávez)", "El Trigal", "Villa de la Roca",
    ]  # fmt: skip
    assert "Nombres repetidos" in _told(new)
    assert new.territory.municipality("EL TRIGAL").province == "Vallegrande"


def test_a_country_that_nobody_states_is_among_what_to_fill_in(tmp_path: Path) -> None:
    path = tmp_path / "valle.geojson"
    write_geojson(_squares(-64, -18.5, codigo=["070801"], nombre=["Vallegrande"]), path)
    assert any("`country`" in each for each in _new(path).to_fill_in)
    stated = territory_from_boundaries(BoundaryRequest(path=path), country=" Bolivia ")
    assert stated.territory.country == "Bolivia"
    assert not any("`country`" in each for each in stated.to_fill_in)


def test_only_some_municipalities_make_a_territory(tmp_path: Path) -> None:
    path = tmp_path / "pais.geojson"
    codes = ["010101", "010102", "020101", "030101"]
    write_geojson(_squares(-66, -18.5, codigo=codes, nombre=["A b", "C d", "E f", "G h"]), path)
    assert _new(path, only=("0101", "030101")).territory.codes == ("010101", "010102", "030101")
    with pytest.raises(MissingError, match=r"«99».*01 \(2\)"):
        _new(path, only=("0101", "99"))


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_names_come_from_a_table_beside_the_boundaries(tmp_path: Path, ending: str) -> None:
    path, table = tmp_path / "x.geojson", tmp_path / f"nombres.{ending}"
    write_geojson(_squares(-66, -18.5, codigo=["010101", "010102"]), path)
    table.write_text(
        json.dumps({"10101": "Sucre", "999999": "Otro"}) if ending == "json" else "codigo;nombre\n10101;Sucre\n",
        encoding="utf-8",
    )
    new = _new(path, names=table)
    assert [each.name for each in new.territory.municipalities] == ["Sucre", "Municipio 010102"]
    table.write_text("[1]" if ending == "json" else "nada", encoding="utf-8")
    with pytest.raises(InputError, match="tabla de nombres"):
        _new(path, names=table)


def test_a_file_without_a_reference_system_is_read_as_degrees_only_where_they_fit(tmp_path: Path) -> None:
    frame = _squares(-64.4, -18.5, codigo=["1", "2"], nombre=["Uno", "Dos"])
    path = tmp_path / "sin_crs"
    frame.to_file(path.with_suffix(".shp"))
    path.with_suffix(".prj").unlink()
    new = _new(path.with_suffix(".shp"))
    assert new.territory.crs == "EPSG:32720"
    assert "no dice su sistema de coordenadas" in _told(new)
    metres = tmp_path / "metros.shp"
    frame.to_crs("EPSG:32720").to_file(metres)
    metres.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match="--crs EPSG:32720"):
        _new(metres)
    assert _new(metres, crs="EPSG:32720").outlines.total_bounds == pytest.approx([-64.4, -18.5, -64.2, -18.4])
    declared = tmp_path / "utm.gpkg"
    write_gpkg(frame.to_crs("EPSG:32719"), declared, layer="x")
    assert _new(declared).territory.crs == "EPSG:32720"
    with pytest.raises(CrsError, match="--crs dice"):
        _new(declared, crs="EPSG:32720")


def test_a_zipped_shapefile_is_read_and_an_ambiguous_zip_is_refused(tmp_path: Path) -> None:
    frame = _squares(-64.4, -18.5, codigo=["1", "2"], nombre=["Uno", "Ñandú"])
    frame.to_file(tmp_path / "limites.shp", encoding="UTF-8")
    whole = tmp_path / "limites.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        for part in tmp_path.glob("limites.*"):
            if part != whole:
                archive.write(part, f"carpeta/{part.name}")
        archive.writestr("LEAME.txt", "nada")
    assert _new(whole).territory.municipality("nandu").code == "2"
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr("otro.geojson", "{}")
    with pytest.raises(InputError, match="2 archivos de límites"):
        _new(whole)
    (tmp_path / "roto.zip").write_bytes(whole.read_bytes()[:300])
    with pytest.raises(InputError, match="desempaquetar"):
        _new(tmp_path / "roto.zip")


def test_islands_far_apart_and_empty_rows_are_one_territory(tmp_path: Path) -> None:
    path = tmp_path / "islas.geojson"
    shapes = [box(-18.0, 28.0, -17.5, 28.5), box(-17.9, 28.9, -17.8, 29.0), box(-13.9, 28.9, -13.5, 29.3), None]
    columns = {"codigo": ["01", "01", "02", "03"], "nombre": ["Oeste", "Oeste", "Este", "Nada"]}
    gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_file(path, driver="GeoJSON")
    new = _new(path)
    assert new.territory.codes == ("01", "02")
    assert "1 municipios de varias partes" in _told(new)
    assert "1 filas sin geometría" in _told(new)
    assert new.projection.kind.value == "utm"
    assert new.projection.utm_zones == (28,)


def test_a_territory_on_both_sides_of_the_180th_meridian_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "fiji.geojson"
    shapes = [box(179.0, -17.0, 179.9, -16.0), box(-179.9, -17.0, -179.0, -16.0)]
    frame = gpd.GeoDataFrame({"codigo": ["1", "2"], "nombre": ["A b", "C d"]}, geometry=shapes, crs="EPSG:4326")
    write_geojson(frame, path)
    with pytest.raises(InputError, match="meridiano 180"):
        _new(path)


def test_points_are_no_boundaries_and_stray_ones_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    shapes = [box(-64.1, -18.5, -64.0, -18.4), Point(-64, -18)]
    frame = gpd.GeoDataFrame({"codigo": ["1", "2"], "nombre": ["A b", "C d"]}, geometry=shapes, crs="EPSG:4326")
    write_geojson(frame, path)
    assert _new(path).territory.codes == ("1",)
    write_geojson(frame.iloc[1:], path)
    with pytest.raises(InputError, match="no trae polígonos"):
        _new(path)


def test_a_code_that_no_file_could_be_named_after_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    write_geojson(_squares(-64, -18.5, clave=["a/b", "c d"], nombre=["A b", "C d"]), path)
    with pytest.raises(InputError, match="no sirve como código"):
        _new(path, code="clave")


def test_a_territory_named_like_one_of_the_programs_own_is_not_taken_for_it(tmp_path: Path) -> None:
    path = tmp_path / "demo.geojson"
    write_geojson(_squares(-64, -18.5, codigo=["1"], nombre=["A b"]), path)
    new = _new(path)
    assert (new.territory.id, new.territory.name) == ("demo_propio", "Demo")
    titled = territory_from_boundaries(BoundaryRequest(path=path), title="Valle Alto", cell_m=500)
    assert (titled.territory.id, titled.territory.name, titled.territory.cell_m) == ("valle_alto", "Valle Alto", 500)


def test_three_hundred_and_forty_municipalities_share_one_plane_and_a_cell_that_can_be_computed(tmp_path: Path) -> None:
    path = tmp_path / "pais.geojson"
    cells = [(col, row) for row in range(17) for col in range(20)]
    shapes = [box(-69 + 0.5 * col, -22 + 0.7 * row, -68.5 + 0.5 * col, -21.3 + 0.7 * row) for col, row in cells]
    codes = [f"{1 + place // 40:02d}{1 + place % 40 // 4:02d}{1 + place % 4:02d}" for place in range(340)]
    names = [f"Lugar {'abcdefghij'[place % 10]}{place // 10}" for place in range(340)]
    write_geojson(gpd.GeoDataFrame({"codigo": codes, "nombre": names}, geometry=shapes, crs="EPSG:4326"), path)
    new = _new(path)
    assert len(new.territory.municipalities) == 340
    assert new.projection.kind.value == "equal_area"
    assert new.territory.crs == new.territory.area_crs
    assert new.territory.cell_m > 30
    assert f"Celda de {new.territory.cell_m:g} m" in _told(new)


def test_the_cell_is_the_finest_that_fits() -> None:
    sides = [choose_cell(width, width) for width in np.geomspace(1e3, 3e6, 40)]
    assert sides == sorted(sides)
    assert sides[0] == CELLS_M[0]
    for width, side in zip(np.geomspace(1e3, 3e6, 40), sides, strict=True):
        assert side == CELLS_M[-1] or np.ceil(width / side) ** 2 <= MOST_CELLS


def test_the_workspace_is_commented_and_fetches_with_its_own_boundary(
    mirror_folder: Path, tmp_path: Path, outlines: gpd.GeoDataFrame
) -> None:
    path = tmp_path / "dos.geojson"
    write_geojson(outlines.iloc[:2], path)
    made = init_from_boundaries(tmp_path / "w", _new(path), files={"ruleset.toml": "x = 1"})
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


@pytest.mark.real_data
def test_the_country_without_a_reference_system_loses_its_strays_and_keeps_every_municipality(
    shared_data: Path,
) -> None:
    path, names = (
        shared_data / "geo" / "municipios_bolivia.topo.json",
        shared_data / "geo" / "municipios_bolivia_nombres.json",
    )
    new = _new(path, names=names)
    assert len(new.territory.municipalities) == 343
    assert all(len(code) == 6 for code in new.territory.codes)
    told = _told(new)
    assert "7 objetos sin código de municipio, descartados: 02, 03, 04 (×2), 0406, 0512, 0514" in told
    assert "no dice su sistema de coordenadas" in told
    assert new.projection.kind.value == "equal_area"
    some = _new(path, names=names, only=("0103", "010402"))
    assert some.territory.crs == "EPSG:32720"
    assert some.territory.municipality("mojocoya").code == "010303"
    assert isinstance(some.outlines.geometry.iloc[0], Polygon)
