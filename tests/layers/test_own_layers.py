"""Layers of one's own: every usual file becomes a map layer, every usual mistake is named and leaves nothing behind."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin
from shapely import Point, box

import layers
from gis.errors import CrsError, InputError, MissingError, VallesError
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_geojson, write_gpkg
from layers.map_layer import FeatureQuery, MapLayer
from layers.mirrors.mirror import Mirror
from layers.own.own_dates import iso_dates
from layers.own.own_layers import add_layer, remove_layer
from layers.own.own_request import OwnRequest
from layers.own.own_theme import add_theme
from layers.preparation.fetch import fetch
from layers.provenance import read_provenance
from layers.serving.territory_layers import territory_map_layers
from layers.territory import Territory
from layers.workspace import Workspace

POINTS = "nombre;cadena;lon;lat;ventas\nUno;frutas;-64,15;-18,50;1.200,5\nDos;lácteos;-64,05;-18,55;\n"
PROGRAM = (
    "cod_ine,fecha,diagnosticos,empresas\n"
    "70801,2026-03,4,12\n70802,2026-03,1,2\n70801,2026-06,7,15\n70802,2026-06,2,5\n"
)


@pytest.fixture(scope="module")
def limited(mirror_template: Path, tmp_path_factory: pytest.TempPathFactory, tiny: Territory) -> Workspace:
    workspace = Workspace.init(tmp_path_factory.mktemp("ws") / "w", tiny)
    found = Mirror.read(mirror_template)
    fetch(workspace, replace(found, layers=tuple(each for each in found.layers if each.theme == "boundaries")))
    return workspace


@pytest.fixture
def workspace(limited: Workspace, tmp_path: Path) -> Workspace:
    """Return a copy that a test may write in."""
    made = Workspace.init(tmp_path / "w", limited.territory)
    for file in limited.layers_dir.iterdir():
        (made.layers_dir / file.name).write_bytes(file.read_bytes())
    return made


def written(tmp_path: Path, text: str, name: str = "empresas.csv", encoding: str = "utf-8") -> OwnRequest:
    file = tmp_path / name
    file.write_text(text, encoding=encoding)
    return OwnRequest(file=file, licence="CC BY 4.0", attribution="Mancomunidad", unit="Bs")


def served(workspace: Workspace, name: str) -> MapLayer:
    return next(each for each in territory_map_layers(workspace) if each.id == name)


def files(workspace: Workspace) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in workspace.layers_dir.iterdir() if each.is_file()}


# What works


def test_enterprises_become_points_with_a_legend_by_chain(workspace: Workspace, tmp_path: Path) -> None:
    record = add_layer(workspace, written(tmp_path, POINTS))
    layer = served(workspace, "empresas")
    described = layer.describe()
    assert (described.geometry, described.unit, described.attribution) == ("point", "Bs", "Mancomunidad")
    assert described.styled_property == "cadena"
    assert [each.value for each in described.legend] == ["frutas", "lácteos"]
    page = layer.features(FeatureQuery(filters={"cadena": "frutas"}))
    assert page.features[0]["properties"]["ventas"] == 1200.5
    assert page.features[0]["geometry"]["coordinates"] == [-64.15, -18.5]
    assert record.sha256 == record.sources[0].sha256 != record.prepared_sha256
    assert workspace.layer("empresas").is_file()


@pytest.mark.parametrize(
    ("titles", "rows", "crs"),
    [
        ("este,norte", ("378606.0,7954061.6", "389165.9,7954128.7"), ""),
        ("X;Y;zona", ("378.606,0;7.954.061,6;20K", "389.165,9;7.954.128,7;20S"), ""),
        ("utm_este,utm_norte", ("1012459.4,7947601.1", "1023046.5,7947313.1"), "EPSG:32719"),
        ("LONGITUD\tLATITUD", ("−64,15\t−18,5", "-64.05\t-18.5"), ""),
    ],
    ids=["utm", "utm with a zone", "another zone", "degrees with tabs"],
)
def test_coordinates_are_recognised_however_they_are_written(
    titles: str, rows: tuple[str, ...], crs: str, workspace: Workspace, tmp_path: Path
) -> None:
    request = written(tmp_path, "\n".join([titles, *rows]) + "\n", encoding="utf-8")
    add_layer(workspace, replace(request, crs=crs))
    points = read_vector(workspace.layer("empresas"), layer="empresas", crs="EPSG:4326").geometry
    assert points.x.to_numpy() == pytest.approx([-64.15, -64.05], abs=0.02)
    assert points.y.to_numpy() == pytest.approx([-18.5, -18.5], abs=0.02)


def test_indicators_by_municipality_and_date_answer_for_a_time(workspace: Workspace, tmp_path: Path) -> None:
    add_layer(workspace, replace(written(tmp_path, PROGRAM, "avance.csv"), unit="empresas", column="empresas"))
    layer = served(workspace, "avance")
    described = layer.describe()
    assert described.geometry == "polygon"
    assert described.interval == ("2026-03-01", "2026-06")
    page = layer.features(FeatureQuery(datetime=("2026-06-01", "2026-06-30")))
    assert {each["properties"]["code"]: each["properties"]["empresas"] for each in page.features} == {
        "070801": 15,
        "070802": 5,
    }
    assert page.features[0]["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert described.legend
    assert page.features[0]["properties"]["legend_class"] in {each.value for each in described.legend}
    assert layer.tile(8, 82, 141, {}) is not None


def test_a_vector_file_is_cut_to_the_territory_and_keeps_its_columns(workspace: Workspace, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"tipo": ["a", "b"], "Superficie (ha)": [3, 4]},
        geometry=[box(-64.2, -18.6, -64.1, -18.5), box(-60, -10, -59, -9)],
        crs="EPSG:4326",
    ).to_crs("EPSG:32720")
    write_gpkg(frame, tmp_path / "parcelas.gpkg", layer="parcelas")
    add_layer(workspace, OwnRequest(file=tmp_path / "parcelas.gpkg"))
    found = read_vector(workspace.layer("parcelas"), layer="parcelas")
    assert list(found["tipo"]) == ["a"]
    assert "superficie_ha" in found.columns
    assert served(workspace, "parcelas").describe().geometry == "polygon"


@pytest.mark.parametrize(("dtype", "unit"), [("uint8", ""), ("float32", "mm")])
def test_a_raster_comes_onto_the_grid_with_the_colours_of_its_legend(
    dtype: str, unit: str, workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "mapa.tif"
    values = (np.arange(100 * 100).reshape(100, 100) % 3 + 1).astype(dtype)
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=100,
        height=100,
        count=1,
        dtype=dtype,
        crs="EPSG:4326",
        transform=from_origin(-64.4, -18.3, 0.005, 0.005),
        nodata=0,
    ) as target:
        target.write(values, 1)
    record = add_layer(workspace, OwnRequest(file=file, unit=unit))
    layer = served(workspace, "mapa")
    assert record.unit == (unit or "class")
    assert layer.describe().geometry == "raster"
    labels = [each.label for each in layer.describe().legend]
    assert labels == ["1", "2", "3"] if dtype == "uint8" else labels[0].startswith("hasta")
    tile = layer.tile(8, 82, 141, {})
    assert tile is not None
    assert tile.content.startswith(b"\x89PNG")


def test_adding_again_replaces_and_removing_takes_everything_away(workspace: Workspace, tmp_path: Path) -> None:
    before = files(workspace)
    add_layer(workspace, written(tmp_path, POINTS))
    table = "municipio,empresas\nPucará,3\n"
    add_layer(workspace, written(tmp_path, table))
    assert not (workspace.layers_dir / "empresas.gpkg").exists()
    assert served(workspace, "empresas").features(FeatureQuery()).matched == 1
    remove_layer(workspace, "empresas")
    assert {name: content for name, content in files(workspace).items() if "own" not in name} == before
    with pytest.raises(MissingError, match="ninguna todavía"):
        remove_layer(workspace, "empresas")


def test_the_same_file_gives_the_same_bytes(workspace: Workspace, tmp_path: Path) -> None:
    add_layer(workspace, written(tmp_path, POINTS))
    first = files(workspace)
    add_layer(workspace, written(tmp_path, POINTS))
    assert files(workspace) == first


def test_the_list_of_layers_has_own_ones_with_their_licence_until_they_are_removed(
    workspace: Workspace, tmp_path: Path
) -> None:
    add_layer(workspace, written(tmp_path, POINTS))
    (mine,) = [each for each in layers.list_layers(workspace) if each.requirement == "own"]
    assert (mine.prepared, mine.title, mine.present, mine.file) == ("empresas", "Empresas", True, "empresas.gpkg")
    assert (mine.unit, mine.licence, mine.attribution) == ("Bs", "CC BY 4.0", "Mancomunidad")
    remove_layer(workspace, "empresas")
    assert not [each for each in layers.list_layers(workspace) if each.requirement == "own"]


def test_columns_about_persons_are_left_out_and_told(workspace: Workspace, tmp_path: Path) -> None:
    text = "nombre,Teléfono,C.I.,correo electrónico,lon,lat\nUno,70000001,123,a@b.c,-64.15,-18.5\n"
    record = add_layer(workspace, written(tmp_path, text))
    assert any("Teléfono, C.I., correo electrónico" in step for step in record.steps)
    assert b"70000001" not in workspace.layer("empresas").read_bytes()


def test_a_theme_of_the_catalogue_is_given_by_a_file_and_kept_by_fetch(
    workspace: Workspace, tmp_path: Path, mirror_template: Path
) -> None:
    text = "nombre,tipo,este,norte\nEl Fuerte,arqueología,378606,7954061\n"
    add_theme(workspace, "tourism_sites", written(tmp_path, text, "sitios.csv"))
    found = read_vector(workspace.layer("tourism_sites"), layer="tourism_sites")
    assert list(found["name"]) == ["El Fuerte"]
    assert list(found["site_class"]) == ["arqueología"]
    assert served(workspace, "tourism_sites").describe().legend[0].value == "arqueología"
    park = gpd.GeoDataFrame(
        {"NAME": ["Mío"], "DESIG_ENG": ["Refuge"], "IUCN_CAT": ["II"]},
        geometry=[box(-64.2, -18.6, -64.1, -18.5)],
        crs="EPSG:4326",
    )
    write_geojson(park, tmp_path / "areas.geojson")
    add_theme(workspace, "protected_areas", OwnRequest(file=tmp_path / "areas.geojson"))
    report = fetch(workspace, Mirror.read(mirror_template))
    kept = next(each for each in report.items if each.prepared == "protected_areas")
    assert kept.status == "kept"
    assert "capa propia" in kept.detail
    areas = read_vector(workspace.layer("protected_areas"), layer="protected_areas")
    assert list(areas["category"]) == ["national_park"]
    remove_layer(workspace, "protected_areas")
    again = fetch(workspace, Mirror.read(mirror_template))
    assert next(each for each in again.items if each.prepared == "protected_areas").status == "prepared"


def test_own_layers_pass_the_check(workspace: Workspace, tmp_path: Path) -> None:
    add_layer(workspace, written(tmp_path, POINTS))
    add_layer(workspace, written(tmp_path, PROGRAM, "avance.csv"))
    found = {each.name: each for each in layers.check(workspace).layers}
    assert found["empresas"].features == 2
    assert not found["empresas"].defects
    assert not found["avance"].defects


# What is refused

REFUSED = {
    "nowhere": ("nombre,valor\nUno,3\n", "no dice dónde"),
    "unknown code": ("cod_ine,valor\n070801,3\n071234,4\n", "línea 3: «071234» no es un municipio"),
    "exchanged axes": ("lon,lat\n-18.5,-64.15\n", "ejes cambiados"),
    "signs lost": ("lon,lat\n64.15,18.5\n", "signo menos"),
    "outside": ("lon,lat\n-64.15,-18.5\n-60.1,-18.5\n", r"1 puntos quedan fuera.*líneas 3"),
    "elsewhere": ("lon,lat\n2.35,48.85\n", "ningún punto cae"),
    "no number": ("lon,lat\n-64.15,-18.5\nallá,-18.5\n", "línea 3, columna «lon»: «allá»"),
    "empty coordinate": ("lon,lat\n-64.15,\n", "línea 2, columna «lat»"),
    "mixed dates": ("municipio,fecha,v\nPoniente,2026-03-31,1\nPucará,31/03/2026,2\n", "línea 3.*escrita dd/mm/aaaa"),
    "no date": ("municipio,fecha,v\nPoniente,ayer,1\n", "«ayer» no es una fecha"),
    "impossible date": ("municipio,fecha,v\nPoniente,31/02/2026,1\n", "no es una fecha"),
    "repeated row": ("municipio,fecha,v\nPoniente,2026,1\nEl Poniente,2026,2\n", "fila repetida"),
    "repeated id": ("id,lon,lat\n1,-64.15,-18.5\n1,-64.1,-18.5\n", r"fila repetida \(id = 1\)"),
    "two titles": ("lon,lat,a,a\n-64.15,-18.5,1,2\n", "dos columnas «a»"),
    "no row": ("lon,lat\n", "ninguna fila"),
    "ragged": ("lon,lat\n-64.15,-18.5,3,4,5\n", "no es una tabla"),
    "bad zone": ("este,norte,zona\n378606,7954061,99\n", "no es una zona UTM"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_mistake_is_named_and_nothing_is_written(case: str, workspace: Workspace, tmp_path: Path) -> None:
    text, words = REFUSED[case]
    before = files(workspace)
    with pytest.raises(VallesError, match=words) as caught:
        add_layer(workspace, written(tmp_path, text))
    assert caught.value.expected or caught.value.remedy
    assert files(workspace) == before


def test_rows_of_other_places_are_left_out_when_asked(workspace: Workspace, tmp_path: Path) -> None:
    request = written(tmp_path, REFUSED["outside"][0])
    record = add_layer(workspace, replace(request, only_inside=True))
    assert any("1 filas fuera" in step for step in record.steps)
    record = add_layer(workspace, replace(written(tmp_path, REFUSED["unknown code"][0]), only_inside=True))
    assert any("071234" in step for step in record.steps)


@pytest.mark.parametrize("name", ["roads", "elevation", "zones", "temperature_mean_chelsa", "Con Mayúscula", "7x", ""])
def test_a_name_that_is_none_or_the_programs_own_is_refused(name: str, workspace: Workspace, tmp_path: Path) -> None:
    request = written(tmp_path, POINTS, "7.csv" if not name else "empresas.csv")
    with pytest.raises(InputError, match="nombre"):
        add_layer(workspace, replace(request, id=name))
    with pytest.raises(InputError, match="capa del programa"):
        add_layer(workspace, replace(request, id="aptitud_frutas"), taken=["aptitud_frutas"])


def test_a_column_that_is_not_there_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="«rubro»"):
        add_layer(workspace, replace(written(tmp_path, POINTS), column="rubro"))


def test_a_raster_without_a_reference_system_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with rasterio.open(
        tmp_path / "sin.tif",
        "w",
        driver="GTiff",
        width=5,
        height=5,
        count=2,
        dtype="uint8",
        transform=from_origin(-64.2, -18.4, 0.02, 0.02),
    ) as target:
        target.write(np.ones((2, 5, 5), np.uint8))
    before = files(workspace)
    with pytest.raises(CrsError):
        add_layer(workspace, OwnRequest(file=tmp_path / "sin.tif"))
    assert files(workspace) == before


def test_a_raster_of_several_bands_asks_which(workspace: Workspace, tmp_path: Path) -> None:
    with rasterio.open(
        tmp_path / "dos.tif",
        "w",
        driver="GTiff",
        width=80,
        height=80,
        count=2,
        dtype="uint8",
        crs="EPSG:4326",
        transform=from_origin(-64.4, -18.3, 0.007, 0.007),
    ) as target:
        target.write(np.ones((2, 80, 80), np.uint8))
    with pytest.raises(InputError, match="2 bandas"):
        add_layer(workspace, OwnRequest(file=tmp_path / "dos.tif"))
    assert add_layer(workspace, OwnRequest(file=tmp_path / "dos.tif", band=2)).name == "dos"


def test_points_are_no_roads_and_no_protected_areas(workspace: Workspace, tmp_path: Path) -> None:
    before = files(workspace)
    for name in ("roads", "streams", "protected_areas"):
        with pytest.raises(InputError, match="trae puntos y"):
            add_theme(workspace, name, written(tmp_path, POINTS))
    assert files(workspace) == before


def test_a_reference_system_that_is_none_is_refused_even_where_degrees_need_none(
    workspace: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(CrsError):
        add_layer(workspace, replace(written(tmp_path, POINTS), crs="EPSG:999999"))
    with pytest.raises(CrsError):
        add_theme(workspace, "tourism_sites", replace(written(tmp_path, POINTS), crs="hola"))


def test_a_vector_with_exchanged_axes_or_of_another_place_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    for point, words in ((Point(-18.5, -64.1), "ejes cambiados"), (Point(2, 48), "otro lugar")):
        frame = gpd.GeoDataFrame({"a": [1]}, geometry=[point], crs="EPSG:4326")
        write_geojson(frame, tmp_path / "lejos.geojson")
        with pytest.raises(InputError, match=words):
            add_layer(workspace, OwnRequest(file=tmp_path / "lejos.geojson"))


def test_limits_and_climate_are_not_given_by_a_file(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("boundaries", "temperature_mean"):
        with pytest.raises(InputError, match="no se da con un archivo"):
            add_theme(workspace, name, written(tmp_path, POINTS))
    with pytest.raises(MissingError, match="El catálogo no tiene"):
        add_theme(workspace, "hadas", written(tmp_path, POINTS))


def test_provenance_tells_the_layer_and_reads_back(workspace: Workspace, tmp_path: Path) -> None:
    record = add_layer(workspace, written(tmp_path, POINTS))
    assert read_provenance(workspace.layers_dir)["empresas"] == record


@settings(deadline=None)
@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2100, 12, 31)))
def test_a_date_is_the_same_however_it_is_written(day: dt.date) -> None:
    texts = (f"{day:%Y-%m-%d}", f"{day:%d/%m/%Y}", f"{day:%d.%m.%Y}")
    assert {iso_dates([text], what="x", column="f")[0] for text in texts} == {f"{day:%Y-%m-%d}"}
