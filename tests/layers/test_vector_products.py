"""Vector products: files with the true schema of each become the layers of a territory."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
from osmium.osm.mutable import Node, Way
from shapely import LineString, MultiPolygon, Point, box

from gis.errors import InputError, MissingError
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_geojson
from layers.catalogue.themes import theme, themes
from layers.mirrors.mirror import Mirror, MirrorLayer
from layers.own.own_request import OwnRequest
from layers.own.own_theme import add_theme
from layers.preparation.fetch import fetch
from layers.preparation.protected_areas import merge_protected_areas, unknown_designations
from layers.sources.product import Place, Product, Wanted
from layers.sources.registry import catalogue
from layers.sources.source_columns import with_columns
from layers.territory import Territory
from layers.workspace import Workspace

BOUNDS = (-64.25, -18.65, -63.95, -18.40)


@dataclass(frozen=True)
class Shelf:
    """A supply of files by their name."""

    folder: Path

    def file(self, wanted: Wanted) -> Path:
        return self.folder / wanted.name

    def raster(self, wanted: Wanted) -> None:
        raise AssertionError(wanted)


@pytest.fixture
def bolivian(tiny: Territory) -> Territory:
    return replace(tiny, country="Bolivia")


def adapter(product_id: str, territory: Territory, *, root: Path = Path()) -> Product:
    return catalogue().adapter(product_id, territory, root=root)


def made(product_id: str, territory: Territory, files: Path, into: Path) -> dict[str, MirrorLayer]:
    product = adapter(product_id, territory, root=files)
    into.mkdir(exist_ok=True)
    return {each.theme: each for each in product.make(Place(bounds=BOUNDS, territory=territory), Shelf(files), into)}


def features(folder: Path, entry: MirrorLayer) -> gpd.GeoDataFrame:
    return read_vector(folder / entry.file, layer=entry.layer)


def prepared(folder: Path, entry: MirrorLayer, territory: Territory) -> gpd.GeoDataFrame:
    found = theme(entry.theme)
    assert found is not None
    return with_columns(features(folder, entry), found.columns, territory=territory)


# geoBoundaries


def shapes(names: dict[str, tuple[float, float, float, float]]) -> gpd.GeoDataFrame:
    titles = [name.partition("#")[0] for name in names]
    return gpd.GeoDataFrame(
        {
            "shapeName": titles,
            "shapeISO": "",
            "shapeID": [f"60178{place}B" for place in range(len(names))],
            "shapeGroup": "BOL",
            "shapeType": "ADM3",
        },
        geometry=[box(*each) for each in names.values()],
        crs="EPSG:4326",
    )


WEST_HALF, EAST_HALF = (-64.20, -18.60, -64.10, -18.45), (-64.10, -18.60, -64.00, -18.45)
FAR = (-60.0, -12.0, -59.0, -11.0)


def limits(folder: Path, names: dict[str, tuple[float, float, float, float]]) -> None:
    write_geojson(shapes(names), folder / "geoBoundaries-BOL-ADM3.geojson")


def test_names_of_geoboundaries_become_codes_by_the_territorys_spellings(tmp_path: Path, bolivian: Territory) -> None:
    limits(tmp_path, {"EL PONIENTE": WEST_HALF, "Pucara": EAST_HALF, "Vecino": (-64.0, -18.6, -63.96, -18.45)})
    found = made("geoboundaries", bolivian, tmp_path, tmp_path / "piece")
    own = features(tmp_path / "piece", found["boundaries"])
    assert dict(zip(own["code"], own["source_name"], strict=True)) == {"070801": "EL PONIENTE", "070802": "Pucara"}
    assert list(features(tmp_path / "piece", found["boundaries_context"])["name"]) == ["Vecino"]


def test_geoboundaries_asks_for_the_file_of_the_country(bolivian: Territory, tiny: Territory) -> None:
    (wanted,) = adapter("geoboundaries", bolivian).wanted(Place(bounds=BOUNDS, territory=bolivian))
    assert wanted.address.endswith("gbOpen/BOL/ADM3/geoBoundaries-BOL-ADM3.geojson")
    with pytest.raises(MissingError, match="cuál es el archivo"):
        adapter("geoboundaries", tiny).wanted(Place(bounds=BOUNDS, territory=tiny))


def test_of_two_municipalities_of_one_name_the_one_with_the_seat_counts(tmp_path: Path, bolivian: Territory) -> None:
    limits(tmp_path, {"Poniente": WEST_HALF, "Pucará": EAST_HALF, "Pucará#2": (-64.0, -18.6, -63.96, -18.45)})
    found = made("geoboundaries", bolivian, tmp_path, tmp_path / "piece")
    own = features(tmp_path / "piece", found["boundaries"])
    assert sorted(own["code"]) == ["070801", "070802"]
    assert own.set_index("code").geometry["070802"].covers(Point(-64.05, -18.5))
    assert any("2 municipios «Pucará»" in step for step in found["boundaries"].steps)


def test_a_namesake_elsewhere_in_the_country_is_told(tmp_path: Path, bolivian: Territory) -> None:
    limits(tmp_path, {"Poniente": WEST_HALF, "Pucará": EAST_HALF, "Pucara#lejos": FAR})
    found = made("geoboundaries", bolivian, tmp_path, tmp_path / "piece")
    assert any("2 municipios «Pucará»" in step for step in found["boundaries"].steps)


def test_two_of_one_name_without_a_seat_are_refused(tmp_path: Path, bolivian: Territory) -> None:
    seatless = replace(bolivian, municipalities=tuple(replace(each, seat=None) for each in bolivian.municipalities))
    limits(tmp_path, {"Poniente": WEST_HALF, "Pucará": EAST_HALF, "Pucará#2": (-64.0, -18.6, -63.96, -18.45)})
    with pytest.raises(InputError, match="no se sabe cuál es 070802"):
        made("geoboundaries", seatless, tmp_path, tmp_path / "piece")


def test_an_unknown_spelling_is_refused_with_the_names_most_like_it(tmp_path: Path, bolivian: Territory) -> None:
    limits(tmp_path, {"Poniente": WEST_HALF, "Villa Pucara": EAST_HALF})
    with pytest.raises(MissingError, match=r"Pucará \(070802\) → Villa Pucara"):
        made("geoboundaries", bolivian, tmp_path, tmp_path / "piece")


def test_limits_with_codes_are_passed_on_as_they_are(
    tmp_path: Path, bolivian: Territory, outlines: gpd.GeoDataFrame
) -> None:
    write_geojson(outlines, tmp_path / "limites.geojson")
    stated = replace(bolivian, addresses={"geoboundaries": "limites.geojson"})
    found = made("geoboundaries", stated, tmp_path, tmp_path / "piece")
    assert list(features(tmp_path / "piece", found["boundaries"])["cod_ine"]) == ["70801", "70802", "70999"]


# OpenStreetMap

NODES = {
    1: (-64.20, -18.50, {}),
    2: (-64.10, -18.50, {"place": "village", "name": "Aldea", "population": "1 204"}),
    3: (-64.00, -18.50, {"tourism": "hostel", "name": "Posada"}),
    4: (-64.15, -18.55, {}),
    5: (-64.14, -18.55, {}),
    6: (-64.14, -18.54, {}),
    7: (-64.15, -18.54, {}),
    8: (-60.00, -10.00, {"place": "city", "name": "Lejos"}),
    9: (-60.10, -10.00, {}),
    10: (-64.12, -18.52, {"craft": "pottery", "name": "Taller"}),
    11: (-64.11, -18.53, {"place": "neighbourhood", "name": "Barrio"}),
}
WAYS = (
    ([1, 2, 3], {"highway": "trunk_link", "ref": "F7", "surface": "asphalt"}),
    ([1, 4], {"highway": "track", "tracktype": "grade3"}),
    ([8, 9], {"highway": "primary"}),
    ([1, 4], {"waterway": "stream", "intermittent": "yes"}),
    ([4, 5], {"waterway": "river", "name": "Río Grande"}),
    ([4, 6], {"waterway": "dam"}),
    ([4, 5, 6, 7, 4], {"natural": "water", "water": "reservoir", "name": "Laguna"}),
    ([4, 5, 6, 4], {"landuse": "farmland"}),
    ([5, 6, 7, 5], {"tourism": "hotel", "name": "Hotel de un edificio"}),
)


@pytest.fixture(scope="module", params=["osm.pbf", "osm"])
def extract(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _written(tmp_path_factory.mktemp("osm") / f"bolivia-latest.{request.param}")


def _written(path: Path) -> Path:
    writer = osmium.SimpleWriter(str(path))
    for number, (lon, lat, tags) in NODES.items():
        writer.add_node(Node(id=number, location=(lon, lat), tags=tags))
    for number, (nodes, tags) in enumerate(WAYS, start=1):
        writer.add_way(Way(id=number, nodes=nodes, tags=tags))
    writer.close()
    return path


@pytest.fixture
def mapped(extract: Path, tmp_path: Path, bolivian: Territory) -> dict[str, gpd.GeoDataFrame]:
    stated = replace(bolivian, addresses={"openstreetmap": str(extract)})
    entries = made("openstreetmap", stated, extract.parent, tmp_path / "piece")
    return {name: prepared(tmp_path / "piece", entry, bolivian) for name, entry in entries.items()}


def test_tags_become_classes_of_roads_and_their_surface(mapped: dict[str, gpd.GeoDataFrame]) -> None:
    roads = mapped["roads"]
    assert list(roads["road_class"]) == ["trunk", "track"]
    assert list(roads["surface"]) == ["paved", "unpaved"]
    assert roads["route"][0] == "F7"


def test_tags_become_watercourses_permanent_unless_said(mapped: dict[str, gpd.GeoDataFrame]) -> None:
    streams = mapped["streams"].set_index("stream_class")
    assert dict(streams["permanent"]) == {"stream": False, "river": True}
    assert streams["name"]["river"] == "Río Grande"
    assert list(mapped["water"]["water_class"]) == ["lake"]


def test_tags_become_ranks_of_places_and_settlements(mapped: dict[str, gpd.GeoDataFrame]) -> None:
    assert dict(zip(mapped["places"]["name"], mapped["places"]["rank"], strict=True)) == {
        "Aldea": "village",
        "Barrio": "neighbourhood",
    }
    assert list(mapped["settlements"]["name"]) == ["Aldea"]
    assert list(mapped["settlements"]["population"]) == [1204.0]


def test_tags_become_points_that_tourism_and_crafts_read(mapped: dict[str, gpd.GeoDataFrame]) -> None:
    points = mapped["points_of_interest"].set_index("name")
    assert dict(points["poi_class"]) == {"Posada": "lodging", "Taller": "shop", "Hotel de un edificio": "lodging"}
    assert points["subclass"]["Taller"] == "craft"
    assert set(points.geom_type) == {"Point"}


def test_an_extract_cut_at_any_byte_is_refused(tmp_path: Path, bolivian: Territory) -> None:
    whole = _written(tmp_path / "entero.osm.pbf").read_bytes()
    stated = replace(bolivian, addresses={"openstreetmap": "corto.osm.pbf"})
    for length in (0, 3, 40, len(whole) // 2, len(whole) - 1):
        (tmp_path / "corto.osm.pbf").write_bytes(whole[:length])
        with pytest.raises(InputError, match="entero"):
            made("openstreetmap", stated, tmp_path, tmp_path / "piece")


def test_an_extract_with_a_block_that_cannot_be_read_is_refused(tmp_path: Path, bolivian: Territory) -> None:
    # Thousands of like ways pack so well that the reader takes their block for an attack: it must not end in silence.
    writer = osmium.SimpleWriter(str(tmp_path / "raro.osm.pbf"))
    for number in range(1, 5001):
        writer.add_node(Node(id=number, location=(-64.2 + number * 1e-5, -18.5)))
    for number in range(1, 501):
        nodes = list(range(number * 10 - 9, number * 10 - 1))
        writer.add_way(Way(id=number, nodes=nodes, tags={"highway": "track", "name": f"C{number}"}))
    writer.close()
    stated = replace(bolivian, addresses={"openstreetmap": "raro.osm.pbf"})
    with pytest.raises(InputError, match="no se puede leer"):
        made("openstreetmap", stated, tmp_path, tmp_path / "piece")


def test_the_extract_of_the_country_is_asked_for(bolivian: Territory) -> None:
    (wanted,) = adapter("openstreetmap", bolivian).wanted(Place(bounds=BOUNDS, territory=bolivian))
    assert wanted.address == "https://download.geofabrik.de/south-america/bolivia-latest.osm.pbf"
    assert wanted.whole


# HydroRIVERS


def zipped(folder: Path, frame: gpd.GeoDataFrame, archive: str, stem: str, *, inside: str = "") -> Path:
    shp = folder / f"{stem}.shp"
    frame.to_file(shp)
    with zipfile.ZipFile(folder / archive, "w", zipfile.ZIP_DEFLATED) as target:
        for part in sorted(folder.glob(f"{stem}.*")):
            target.write(part, f"{inside}{part.name}")
            part.unlink()
    return folder / archive


def test_reaches_keep_their_order_and_discharge_and_say_nothing_of_drying(tmp_path: Path, bolivian: Territory) -> None:
    line = LineString([(-64.2, -18.5), (-64.1, -18.5)])
    reaches = gpd.GeoDataFrame(
        {"HYRIV_ID": [1, 2, 3], "ORD_STRA": [5, 1, 6], "DIS_AV_CMS": [12.5, 0.05, 900.0], "LENGTH_KM": 1.0},
        geometry=[line, line, LineString([(-60, -10), (-60.1, -10)])],
        crs="EPSG:4326",
    )
    zipped(tmp_path, reaches, "HydroRIVERS_v10_sa_shp.zip", "HydroRIVERS_v10_sa", inside="HydroRIVERS_v10_sa_shp/")
    found = made("hydrorivers", bolivian, tmp_path, tmp_path / "piece")
    streams = prepared(tmp_path / "piece", found["streams"], bolivian)
    assert list(streams["stream_class"]) == ["river", "stream"]
    assert list(streams["discharge_m3_s"]) == [12.5, 0.05]
    assert streams["permanent"].isna().all()


def test_another_archive_is_refused_as_hydrorivers(tmp_path: Path, bolivian: Territory) -> None:
    line = gpd.GeoDataFrame({"a": [1]}, geometry=[LineString([(-64.2, -18.5), (-64.1, -18.5)])], crs="EPSG:4326")
    zipped(tmp_path, line, "HydroRIVERS_v10_sa_shp.zip", "otros")
    with pytest.raises(InputError, match="ORD_STRA, DIS_AV_CMS"):
        made("hydrorivers", bolivian, tmp_path, tmp_path / "piece")
    (tmp_path / "HydroRIVERS_v10_sa_shp.zip").write_bytes(b"<html>no</html>")
    with pytest.raises(InputError, match="zip entero"):
        made("hydrorivers", bolivian, tmp_path, tmp_path / "piece")


# Protected areas


def wdpa() -> gpd.GeoDataFrame:
    rows = (
        ("Amboró", "Parque Nacional", "National Park", "II", "Designated"),
        ("Río Grande", "ANMI", "Natural Integrated Management Area", "VI", "Designated"),
        ("Reserva X", "Reserva Biológica", "Biological Reserve", "Ia", "Designated"),
        ("Refugio Y", "Refugio", "Wildlife Refuge", "IV", "Designated"),
        ("Sitio Z", "Sitio", "Ramsar Site, Wetland of International Importance", "Not Applicable", "Designated"),
        ("Zona W", "Paisaje", "Landscape", "V", "Designated"),
        ("Futuro", "Parque", "National Park", "II", "Proposed"),
    )
    names, original, english, category, status = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"NAME": names, "DESIG": original, "DESIG_ENG": english, "IUCN_CAT": category, "STATUS": status, "ISO3": "BOL"},
        geometry=[MultiPolygon([box(-64.2, -18.6, -64.1, -18.5)])] * len(rows),
        crs="EPSG:4326",
    )


def test_iucn_categories_become_parks_and_integrated_management_and_unknown_ones_are_named(
    tmp_path: Path, bolivian: Territory
) -> None:
    inner = zipped(tmp_path, wdpa(), "WDPA_shp_0.zip", "WDPA_BOL_shp-polygons")
    with zipfile.ZipFile(tmp_path / "WDPA_Public_BOL_shp.zip", "w") as target:
        target.write(inner, inner.name)
    stated = replace(bolivian, addresses={"wdpa": "WDPA_Public_BOL_shp.zip"})
    found = made("wdpa", stated, tmp_path, tmp_path / "piece")
    assert any("Futuro" in step for step in found["protected_areas_other"].steps)
    catalogued = theme("protected_areas")
    assert catalogued is not None
    read = with_columns(
        features(tmp_path / "piece", found["protected_areas_other"]), catalogued.columns, territory=bolivian
    )
    merged, _doubled = merge_protected_areas(read)
    assert dict(zip(merged["name"], merged["category"], strict=True)) == {
        "Amboró": "national_park",
        "Río Grande": "integrated_management",
        "Reserva X": "strict_reserve",
        "Refugio Y": "municipal",
        "Sitio Z": "municipal",
        "Zona W": "integrated_management",
    }
    assert unknown_designations(merged) == (
        "Ramsar Site, Wetland of International Importance (UICN Not Applicable)",
        "Wildlife Refuge (UICN IV)",
    )


def test_a_file_given_as_a_theme_leaves_out_what_is_only_proposed(
    tmp_path: Path, mirror_folder: Path, bolivian: Territory
) -> None:
    archive = zipped(tmp_path, wdpa(), "WDPA_BOL.zip", "WDPA_BOL-polygons")
    workspace = Workspace.init(tmp_path / "ws", bolivian)
    limits_entry = Mirror.read(mirror_folder).of("boundaries")
    assert limits_entry is not None
    fetch(workspace, Mirror(str(mirror_folder), (limits_entry,)))
    record = add_theme(workspace, "protected_areas", OwnRequest(file=archive))
    areas = read_vector(workspace.layer("protected_areas"), layer="protected_areas").set_index("name")
    assert "Futuro" not in areas.index
    assert areas["category"]["Zona W"] == "integrated_management"
    assert any("Futuro" in step for step in record.steps)
    assert any("Wildlife Refuge (UICN IV)" in step for step in record.steps)
    assert record.sources[0].file == "WDPA_BOL.zip"


def test_protected_areas_are_never_fetched_unasked(bolivian: Territory) -> None:
    assert "wdpa" not in catalogue().chosen(bolivian)
    with pytest.raises(MissingError, match="no permite"):
        adapter("wdpa", bolivian)
    assert not catalogue().record("wdpa").redistributable


# People, farms and indicators


def test_communities_join_their_municipality_by_its_code_without_its_zero(tmp_path: Path, bolivian: Territory) -> None:
    write_geojson(
        gpd.GeoDataFrame(
            {
                "codigo": ["7080100100", "7080200100", "7099900100"],
                "nombre": ["Aldea", "Rancho", "Ajeno"],
                "cod_ine": ["70801", "70802", "70999"],
                "personas": [12, 30, 5],
            },
            geometry=[Point(-64.15, -18.5), Point(-64.05, -18.5), Point(-63.97, -18.5)],
            crs="EPSG:4326",
        ),
        tmp_path / "comunidades.geojson",
    )
    stated = replace(bolivian, addresses={"census_communities": "comunidades.geojson"})
    found = made("census_communities", stated, tmp_path, tmp_path / "piece")
    people = prepared(tmp_path / "piece", found["settlements"], bolivian)
    assert list(people["municipality"]) == ["070801", "070802"]
    assert list(people["name"]) == ["Aldea", "Rancho"]
    assert list(people["code"]) == ["7080100100", "7080200100"]
    assert list(people["population"]) == [12.0, 30.0]
    assert "70999" in found["settlements"].steps[0]


SURVEY = "cod_ine,municipio,id_persona,codigo,cultiv,sup,sup_exp,riego,cum_sup\n" + "\n".join(
    f"70801,Poniente,secreto-{unit},01510,{crop},1,{area},{water},Hectarea(Ha)"
    for unit, crop, area, water in (
        (1, "Papa", "2.5", "1.0"),
        (2, "Papa", "1.5", "2.0"),
        (3, "Papa", "4", "2.0"),
        (4, "Maíz", "9", ""),
        (5, "Maíz", "9", ""),
    )
)


def test_a_survey_leaves_sums_and_no_household(tmp_path: Path, bolivian: Territory) -> None:
    source = tmp_path / "fuera"
    source.mkdir()
    (source / "ena.csv").write_text(SURVEY + "\n70999,Ajeno,secreto-9,01510,Papa,1,7,1,Ha\n", encoding="utf-8")
    stated = replace(bolivian, addresses={"ena2015": str(source / "ena.csv")})
    found = made("ena2015", stated, source, tmp_path / "piece")
    text = (tmp_path / "piece" / found["farm_survey"].file).read_text(encoding="utf-8")
    assert text == "code,name,crop,area_ha,irrigated_ha,units\n070801,Poniente,Papa,8.0,2.5,3\n"
    assert any("1 sumas de menos de 3" in step for step in found["farm_survey"].steps)


def test_a_survey_on_the_web_is_not_fetched(bolivian: Territory, tmp_path: Path) -> None:
    stated = replace(bolivian, addresses={"ena2015": "https://example.org/ena.csv"})
    assert adapter("ena2015", stated).wanted(Place(bounds=BOUNDS, territory=stated)) == ()
    with pytest.raises(MissingError, match="hogares"):
        made("ena2015", stated, tmp_path, tmp_path / "piece")


@pytest.mark.parametrize(
    "text",
    [
        "indicador,cod_ine,municipio,variable,valor\na,70801,X,nbi,43.2\na,070802,Y,nbi,12\nb,70999,Z,nbi,1\n",
        "municipio;nbi\nEL PONIENTE;43,2\nPUCARA;12\nLejos;1\n",
    ],
    ids=["long", "wide"],
)
def test_indicators_join_on_the_code_or_a_spelling_and_list_what_does_not(
    text: str, tmp_path: Path, bolivian: Territory
) -> None:
    (tmp_path / "tabla.csv").write_text(text, encoding="utf-8")
    stated = replace(bolivian, addresses={"municipal_table": "tabla.csv"})
    entry = made("municipal_table", stated, tmp_path, tmp_path / "piece")["municipal_indicators"]
    written = (tmp_path / "piece" / entry.file).read_text(encoding="utf-8")
    assert written == "code,name,variable,value\n070801,Poniente,nbi,43.2\n070802,Pucará,nbi,12.0\n"
    assert "70999" in entry.steps[0] or "Lejos" in entry.steps[0]


# GeoBolivia


def cumat(folder: Path, rows: int = 3) -> None:
    cells = [box(-64.2 + 0.05 * n, -18.6, -64.15 + 0.05 * n, -18.45) for n in range(rows)]
    write_geojson(
        gpd.GeoDataFrame(
            {"CUMAT": ["A1", "C2", "F1"][:rows], "UNIDAD_GRA": range(rows)}, geometry=cells, crs="EPSG:4326"
        ),
        folder / "abt_CUMAT_2001.geojson",
    )


def test_official_layers_are_listed_with_their_address_and_taken_only_when_asked(bolivian: Territory) -> None:
    official = [each for each in catalogue().records if each.id.startswith("geobolivia_")]
    assert len(official) == 32
    assert not {each.id for each in official} & set(catalogue().chosen(bolivian))
    asked = replace(bolivian, sources={"geobolivia_cumat_2001": "geobolivia_cumat_2001"})
    assert catalogue().chosen(asked)["geobolivia_cumat_2001"] == ("geobolivia_cumat_2001",)
    (wanted,) = adapter("geobolivia_cumat_2001", asked).wanted(Place(bounds=BOUNDS, territory=asked))
    assert wanted.address == "https://archive.org/download/abt.CUMAT_2001/abt%3ACUMAT_2001.geojson"


def test_every_official_layer_has_its_theme_and_its_product() -> None:
    references = {each.id for each in themes() if each.requirement == "reference"}
    assert references == {each.id for each in catalogue().records if each.adapter == "geobolivia"}


def test_an_official_layer_is_prepared_with_the_columns_it_came_with(
    tmp_path: Path, mirror_folder: Path, bolivian: Territory
) -> None:
    cumat(mirror_folder)
    entry = made(
        "geobolivia_cumat_2001",
        replace(bolivian, addresses={"geobolivia_cumat_2001": str(mirror_folder)}),
        mirror_folder,
        mirror_folder,
    )["geobolivia_cumat_2001"]
    workspace = Workspace.init(tmp_path / "ws", bolivian)
    limits_entry = Mirror.read(mirror_folder).of("boundaries")
    assert limits_entry is not None
    fetch(workspace, Mirror(str(mirror_folder), (limits_entry, entry)))
    frame = read_vector(workspace.layer("geobolivia_cumat_2001"), layer="geobolivia_cumat_2001")
    assert list(frame["CUMAT"]) == ["A1", "C2", "F1"]
    assert workspace.tiles("geobolivia_cumat_2001") is not None


def test_a_geojson_is_read_for_its_place_only(tmp_path: Path) -> None:
    file = tmp_path / "pais.geojson"
    feature = {"type": "Feature", "properties": {"n": 1}, "geometry": {"type": "Point", "coordinates": [0, 0]}}
    with file.open("w", encoding="utf-8") as target:
        target.write('{"type": "FeatureCollection", "features": [')
        for number in range(2000):
            feature["geometry"] = {"type": "Point", "coordinates": [-70 + number * 0.005, -18.5]}
            target.write(("," if number else "") + json.dumps(feature))
        target.write("]}")
    assert len(read_vector(file, bbox=BOUNDS)) == 61
