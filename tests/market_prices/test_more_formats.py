"""Files of other programs, other countries and a survey: read for what they are, nobody's own row shown."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pytest

from layers.territory import builtin_territory
from layers.workspace import Workspace
from market_prices import Book, PriceFileError, UnknownNameError, starter_files
from market_prices.vocabulary.vocabulary_files import read_vocabulary

Write = Callable[..., Path]
TODAY = dt.date(2026, 11, 22)

ODS_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def ods(path: Path, **sheets: list[list[object]]) -> Path:
    """Write a spreadsheet as free office programs do: typed cells, repeated blanks, a tail of empty rows."""

    def cell(value: object) -> str:
        if value is None:
            return '<table:table-cell table:number-columns-repeated="1"/>'
        if isinstance(value, dt.date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'

    tail = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
        + tail
        + "</table:table>"
        for name, rows in sheets.items()
    )
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        parts.writestr("content.xml", f"<office:document-content {ODS_NAMES}>{body}</office:document-content>")
    return path


HEAD = ["Producto", "Unidad", "Precio", "Disponibilidad"]


def test_an_ods_with_one_sheet_per_market_day_is_read(book: Book, tmp_path: Path) -> None:
    first = [
        ["Municipio", "Mairana"],
        ["Fecha", dt.date(2026, 11, 5)],
        ["Recolector", "Rosa & Ana"],
        [],
        HEAD,
        ["Tomate", "caja", 60.5],
        ["Papa", "arroba", "45,50"],
    ]
    second = [["Municipio", "Mairana"], ["Fecha", "12 de noviembre de 2026"], HEAD, ["Tomate", "caja", 62.0]]
    path = ods(tmp_path / "a.ods", Jueves=first, Otro=second, Notas=[["nada"]])
    report = book.import_file(path)
    assert (report.format, report.accepted, report.rows) == ("planilla", 3, 3)
    tomatoes = book.series("tomate", "mairana")
    assert tomatoes["price"].tolist() == [60.5, 62.0]
    assert tomatoes["date"].tolist() == [dt.date(2026, 11, 5), dt.date(2026, 11, 12)]
    assert set(tomatoes["author"]) == {"Rosa & Ana"}
    assert book.import_file(path).duplicates == 3


def test_a_cut_ods_is_refused(book: Book, tmp_path: Path) -> None:
    path = ods(tmp_path / "a.ods", Uno=[HEAD, ["Papa", "kg", 5.0]])
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(PriceFileError, match="cortado"):
        book.import_file(path)


def test_headers_without_rows_are_refused_with_a_message(book: Book, written: Write) -> None:
    with pytest.raises(PriceFileError, match="ninguna fila de datos"):
        book.import_file(written("fecha;mercado;producto;unidad;precio"))
    assert book.summary().batches == 0


def test_absence_needs_no_unit_and_takes_that_of_its_product(book: Book, written: Write) -> None:
    lines = (
        "fecha;mercado;producto;unidad;precio;disponibilidad",
        "5/11/2026;Mairana;papa;arroba;45;",
        "12/11/2026;Mairana;papa;;;NA",
        "12/11/2026;Mairana;tomate;;;no hubo",
        "12/11/2026;Mairana;uva;;9;",
    )
    report = book.import_file(written(*lines))
    assert (report.accepted, report.rejected) == (3, 1)
    assert "falta la unidad" in book.rejected()["reason"].iloc[0]
    assert book.series("papa", "mairana", unit="arroba")["availability"].tolist() == ["", "NA"]
    assert book.series("tomate", "mairana")["availability"].tolist() == ["NA"]
    assert book.add("vainita", "mairana", price=None, unit="", availability="NA").figure["availability"] == "NA"
    with pytest.raises(UnknownNameError, match="medida"):
        book.add("vainita", "mairana", price=5, unit="")


PERU_PRODUCTS = """
[product.papa]
name = "Papa"
group = "tubérculo"
synonyms = ["Potatoes"]
[product.quinua]
name = "Quinua"
group = "grano"
synonyms = ["Quinoa"]
"""
PERU_MARKETS = """
[reference]
default = ["lima"]
[market.lima]
name = "Lima"
kind = "city"
wfp_id = 2501
lon = -77.04
lat = -12.05
[market.cusco]
name = "Cusco"
kind = "city"
wfp_id = 2502
"""


def test_the_file_of_another_country_works_by_its_vocabulary_alone(tmp_path: Path, written: Write) -> None:
    files = starter_files() | {"products.toml": PERU_PRODUCTS, "markets.toml": PERU_MARKETS}
    files.pop("measures.toml")
    builtin = builtin_territory("valles_crucenos")
    places = tuple(dataclasses.replace(each, reference_markets=()) for each in builtin.municipalities)
    territory = dataclasses.replace(builtin, id="otro", municipalities=places, reference_markets=("lima",))
    home = Workspace.init(tmp_path / "ws", territory, files=files)
    (home.root / "measures.toml").unlink(missing_ok=True)
    months = [f"2025-{month:02d}-15" for month in range(1, 7)]
    rows = [
        f"{day},Lima,Lima,{market},{number},-12,-77,cereals,{what},{code},KG,actual,Retail,PEN,{2 + 0.1 * n:.2f},0.6"
        for n, day in enumerate(months)
        for market, number in (("Lima", 2501), ("Mercado renombrado", 2502))
        for what, code in (("Potatoes", 9101), ("Quinoa", 9102))
    ]
    header = (
        "date,admin1,admin2,market,market_id,latitude,longitude,category,commodity,commodity_id,unit,priceflag,"
        "pricetype,currency,price,usdprice"
    )
    with Book.open(home, today=TODAY) as book:
        report = book.import_file(written(header, *rows))
        assert (report.format, report.rows, report.rejected) == ("wfp", 24, 0)
        latest = book.latest("quinua", "cusco")
        assert latest[["price", "currency", "price_per_kg"]].iloc[0].tolist() == [2.5, "PEN", 2.5]


PLACE, TAGS = "date,admin1,admin2,market", "#date,#adm1+name,#adm2+name,#loc+market+name"
KIND = "unit,priceflag,pricetype,currency,price,usdprice"
KIND_TAGS = "#item+unit,#item+price+flag,#item+price+type,#currency,#value,#value+usd"
GENERATIONS = (
    (
        "date,cmname,unit,category,price,currency,country,admname,adm1id,mktname,mktid,cmid,ptid,umid,catid,sn,default",
        "2014-03-15,Potatoes - Retail,KG,vegetables,1.50,PEN,Peru,Lima,1,Lima,2501,9101,15,5,5,1_2_3,",
    ),
    (
        f"{PLACE},latitude,longitude,category,commodity,{KIND}",
        f"{TAGS},#geo+lat,#geo+lon,#item+type,#item+name,{KIND_TAGS}",
        "2022-03-15,Lima,Lima,Lima,-12,-77,vegetables,Potatoes,KG,actual,Retail,PEN,2.10,0.56",
    ),
    (
        f"{PLACE},market_id,latitude,longitude,category,commodity,commodity_id,{KIND}",
        f"{TAGS},#loc+market+code,#geo+lat,#geo+lon,#item+type,#item+name,#item+code,{KIND_TAGS}",
        "2025-07-15,Lima,Lima,Lima,2501,-12,-77,vegetables,Potatoes,9101,KG,actual,Retail,PEN,2.75,0.77",
        "2025-07-15,Lima,Lima,Lima,2501,-12,-77,vegetables,Oca,9199,KG,actual,Retail,PEN,4.55,1.30",
    ),
)


def test_three_generations_of_another_countrys_files_make_one_series_beside_the_starting_measures(
    tmp_path: Path, written: Write
) -> None:
    files = starter_files() | {"products.toml": PERU_PRODUCTS, "markets.toml": PERU_MARKETS}  # measures as they come
    builtin = builtin_territory("valles_crucenos")
    places = tuple(dataclasses.replace(each, reference_markets=()) for each in builtin.municipalities)
    territory = dataclasses.replace(builtin, id="otro", municipalities=places, reference_markets=("lima",))
    home = Workspace.init(tmp_path / "ws", territory, files=files)
    with Book.open(home, today=TODAY) as book:
        reports = [book.import_file(written(*each, name=f"{n}.csv")) for n, each in enumerate(GENERATIONS)]
        assert [(each.format, each.accepted, each.rejected) for each in reports] == [
            ("wfp", 1, 0),
            ("wfp", 1, 0),
            ("wfp", 1, 1),
        ]
        assert book.series("papa", "lima")["price"].tolist() == [1.5, 2.1, 2.75]
        assert book.latest("papa")[["price", "currency"]].iloc[0].tolist() == [2.75, "PEN"]
        assert "Oca" in book.rejected()["reason"].iloc[0]


def test_a_weight_of_a_market_that_is_not_there_is_named_with_what_to_do() -> None:
    files = starter_files() | {"markets.toml": PERU_MARKETS}
    files["measures.toml"] += "\n# mine\n"
    with pytest.raises(PriceFileError, match="que no está en") as caught:
        read_vocabulary(files)
    assert "measures.toml" in str(caught.value.remedy)


ENA = "cod_ine,id_persona,cultiv,cum_prod,mescosecha,pmernal,pprecnal,ponderador"


def ena_row(farm: int, price: float, *, sold: float = 10, product: str = "Papa", month: int = 3) -> str:
    return f"70801,{farm}.0,{product},Quintal,{month}.0,{sold},{price},2.0"


def test_the_farm_survey_enters_as_medians_and_no_farm_can_be_told(book: Book, written: Write) -> None:
    lines = [
        ENA,
        *(ena_row(farm, price) for farm, price in enumerate((60, 70, 80, 90, 1000))),
        ena_row(7, 777.25, month=7),
        ena_row(8, 778.25, month=8),
        ena_row(8, 779.25, month=9),
        ena_row(9, 0, month=3),
        "70801,9999,Papa,Quintal,3.0,10,31337",
    ]
    path = written(*lines)
    report = book.import_file(path)
    assert (report.format, report.accepted, report.flagged, report.rejected) == ("ena_2015", 1, 0, 2)
    row = book.series("papa", "vallegrande").iloc[0]
    assert (row["price"], row["unit"], row["level"], row["kind"]) == (80.0, "quintal", "farm_gate", "observed")
    assert (row["date"], row["flags"]) == (dt.date(2015, 2, 15), "")
    kept = " ".join(book.rejected(status="all")[["raw", "reason"]].to_numpy().ravel())
    for figure in ("777", "778", "779", "31337", "9999"):
        assert figure not in kept
    assert book.import_file(path).duplicates == 1


def test_the_median_of_the_survey_follows_what_was_sold(book: Book, written: Write) -> None:
    rows = [ena_row(1, 60, sold=1), ena_row(2, 80, sold=100), ena_row(3, 200, sold=1)]
    book.import_file(written(ENA, *rows))
    assert book.series("papa", "vallegrande")["price"].tolist() == [80.0]
    assert book.series("papa", "vallegrande")["flags"].tolist() == ["few_farms"]  # of three farms: not yet 80 % sure
    assert np.isnan(book.series("papa", "vallegrande")["low"]).all()


@pytest.mark.real_data
def test_the_real_survey_gives_farm_gate_prices_of_the_eleven(tmp_path: Path, shared_data: Path) -> None:
    with Book.open(tmp_path / "b.db", today=TODAY) as book:
        report = book.import_file(shared_data / "geo" / "ena2015_agricola_valles.csv")
        assert report.format == "ena_2015"
        assert report.accepted + report.flagged > 100
        potatoes = book.series("papa", "vallegrande")
        assert len(potatoes) == 4
        assert potatoes["price_per_kg"].between(1, 3).all()
        assert set(potatoes["level"]) == {"farm_gate"}
