"""Every row of a file is accepted, flagged, rejected or a duplicate, with its line and its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gis.errors import MissingError
from market_prices import Book, ImportReport, PriceFileError

Write = Callable[..., Path]
WFP_HEADER = (
    "date,admin1,admin2,market,market_id,latitude,longitude,category,commodity,commodity_id,unit,priceflag,pricetype,"
    "currency,price,usdprice"
)
WFP_TAGS = (
    "#date,#adm1+name,#adm2+name,#loc+market+name,#loc+market+code,#geo+lat,#geo+lon,#item+type,#item+name,#item+code,"
    "#item+unit,#item+price+flag,#item+price+type,#currency+code,#value,#value+usd"
)


def wfp_row(
    date: str,
    price: str,
    *,
    usd: str = "",
    unit: str = "KG",
    market: str = "Cochabamba City",
    commodity: str = '"Potatoes (Irish, imilla)"',
    level: str = "Retail",
) -> str:
    """Return one row of a World Food Programme file; without ``usd`` the rate of the day is 6.9."""
    dollars = usd or f"{float(price) / 6.9:.4f}"
    return (
        f"{date},Cochabamba,Cercado,{market},309,-17.39,-66.16,cereals and tubers,{commodity},128,{unit},actual,"
        f"{level},BOB,{price},{dollars}"
    )


LIST = "fecha;mercado;producto;unidad;precio"


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    assert report.accepted + report.flagged + report.rejected + report.duplicates == report.rows
    return report.accepted, report.flagged, report.rejected, report.duplicates


def test_a_list_as_a_spreadsheet_program_saves_it_is_read(book: Book, written: Write) -> None:
    lines = (LIST, "5/8/2026;Samaipata;Pimentón;kg;12,50", "6 de agosto de 2026;Samaipata;morrón;kg;Bs 1.013,25")
    for encoding in ("utf-8-sig", "latin-1", "utf-16"):
        path = written(*lines, encoding=encoding, name=f"{encoding}.csv")
        report = book.import_file(path)
        assert report.format == "lista"
        assert report.rows == 2
    series = book.series("pimenton", "samaipata")
    assert series["price"].tolist() == [12.5, 1013.25]
    assert book.summary().observations == 2


def test_importing_twice_adds_nothing(book: Book, written: Write) -> None:
    path = written(
        LIST, "5/8/2026;Samaipata;papa;kg;5", "6/8/2026;Samaipata;papa;kg;5,5", "6/8/2026;Samaipata;pap;kg;5"
    )
    assert counts(book.import_file(path)) == (2, 0, 1, 0)
    before = book.summary()
    assert counts(book.import_file(path)) == (0, 0, 1, 2)
    assert book.summary() == before
    assert len(book.rejected()) == 1


def test_refused_rows_keep_their_line_their_words_and_the_reason(book: Book, written: Write) -> None:
    path = written(
        LIST,
        "5/8/2026;Samaipata;papa;kg;5,50",
        "5/8/2026;Samaipata;tomte;kg;5,50",
        "",
        "32/8/2026;Samaipata;papa;kg;5,50",
        "5/8/2026;Samaipata;papa;kg",
        "7/8/2026;Samaipata;papa;balde;5,50",
        "8/8/2026;Samaipata;papa;kg;cinco",
        "9/8/2026;Samaipata;papa;kg;0",
        "10/8/2027;Samaipata;papa;kg;6,10",
        "5/8/2026;Samaipata;papa;kg;6,10",
    )
    assert counts(book.import_file(path)) == (1, 0, 8, 0)
    kept = book.rejected(file="precios.csv").set_index("line")
    assert kept.index.tolist() == [3, 5, 6, 7, 8, 9, 10, 11]
    assert kept.loc[3, "raw"] == "5/8/2026;Samaipata;tomte;kg;5,50"
    assert "tomate" in kept.loc[3, "reason"]
    assert kept["code"].tolist() == ["product", "date", "fields", "unit", "number", "price", "future_date", "conflict"]
    assert "línea 2" in kept.loc[11, "reason"]


def test_a_changed_figure_is_a_flagged_revision_and_the_old_file_does_not_undo_it(book: Book, written: Write) -> None:
    old = written(LIST, "5/8/2026;Samaipata;papa;kg;5", name="old.csv")
    new = written(LIST, "5/8/2026;Samaipata;papa;kg;6", name="new.csv")
    assert counts(book.import_file(old)) == (1, 0, 0, 0)
    assert counts(book.import_file(new)) == (0, 1, 0, 0)
    assert counts(book.import_file(old)) == (0, 0, 0, 1)
    assert book.series("papa", "samaipata")["price"].tolist() == [6.0]
    assert book.rejected(status="flagged")["code"].tolist() == ["revision"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "vac"),
        (b"\xef\xbb\xbf\r\n\r\n", "vac"),
        (b"fecha;mercado;producto;unidad;precio\n5/8/2026;Samaipata;papa;kg;5\n6/8/2026;Samai", "cortado"),
        (
            "fecha;mercado;producto;unidad;precio\n5/8/2026;Samaipata;papa;kg;5\n6/8/2026;Samaipata;piment\u00f3".encode()[
                :-1
            ],
            "cortado",
        ),
        (b"PK\x03\x04 not a workbook", "cortado"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no es un archivo de texto"),
        (b"solo una columna\n1\n2\n", "no es una tabla"),
        (b"a,b,c\n1,2,3\n", "No se reconoce el formato"),
        (b'{"a": "' + b"x" * 200_000 + b'", "b": 1}\n', "no es una tabla"),
        (
            b'fecha;mercado;producto;unidad;precio\n5/8/2026;Samaipata;"papa;kg;5\n6/8/2026;Samaipata;papa;kg;5\n',
            "comillas",
        ),
    ],
)
def test_a_file_that_is_no_price_file_is_refused_whole(
    book: Book, tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(PriceFileError, match=message):
        book.import_file(path)
    assert book.summary().observations == 0
    with pytest.raises(MissingError, match="No existe"):
        book.import_file(tmp_path / "nada.csv")


def test_the_separator_that_a_spreadsheet_program_names_is_no_header(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"sep=;\r\nfecha;mercado;producto;unidad;precio\r\n5/8/2026;Samaipata;papa;kg;5\r\n")
    assert counts(book.import_file(path)) == (1, 0, 0, 0)


def test_a_last_line_without_its_end_is_flagged(book: Book, written: Write) -> None:
    path = written(LIST, "5/8/2026;Samaipata;papa;kg;5", "6/8/2026;Samaipata;papa;kg;5", end="")
    assert counts(book.import_file(path)) == (1, 1, 0, 0)
    assert book.rejected(status="flagged")["code"].tolist() == ["unterminated"]


def test_a_figure_that_can_be_read_two_ways_is_refused(book: Book, written: Write) -> None:
    path = written(LIST, "5/8/2026;Samaipata;papa;kg;1.500")
    assert counts(book.import_file(path)) == (0, 0, 1, 0)
    assert "dos maneras" in book.rejected()["reason"].iloc[0]


def test_a_cell_with_a_line_break_keeps_the_numbers_of_the_lines(book: Book, written: Write) -> None:
    path = written(LIST + ";nota", '5/8/2026;Samaipata;papa;kg;5;"dos\nlíneas"', "6/8/2026;Samaipata;pap;kg;5;")
    assert counts(book.import_file(path)) == (1, 0, 1, 0)
    assert book.rejected()["line"].tolist() == [4]


NEWER = [
    WFP_HEADER,
    WFP_TAGS,
    wfp_row("2012-01-15", "2.5"),
    wfp_row("2012-01-15", "28.0", unit="11.5 KG"),
    wfp_row("2012-01-15", "90", unit="46 KG", level="Wholesale"),
]
IMILLA = "Potatoes (Irish, imilla)"
MIDDLE = [
    "date,admin1,admin2,market,latitude,longitude,category,commodity,unit,priceflag,pricetype,currency,price,usdprice",
    *(
        f'2012-01-15,Cochabamba,Cercado,Cochabamba City,-17.39,-66.16,x,"{IMILLA}",{unit},actual,{level},BOB,{price},'
        for unit, level, price in (("KG", "Retail", "2.5"), ("11.5 KG", "Retail", "28.0"), ("46 KG", "Wholesale", "90"))
    ),
]
OLDEST = [
    "date,cmname,unit,category,price,currency,country,admname,adm1id,mktname,mktid,cmid,ptid,umid,catid,sn,default",
    "#date,#item+name,#item+unit,#item+type,#value,#currency,#country+name,#adm1+name,,#name+market,,#item+code,,,,,",
    *(
        f'2012-01-15,"{IMILLA} - {level}",{unit},x,{price},BOB,Bolivia,Cochabamba,1,Cochabamba City,309,128,15,5,1,x,'
        for unit, level, price in (("KG", "Retail", "2.5"), ("11.5 KG", "Retail", "28.0"), ("46 KG", "Wholesale", "90"))
    ),
]


def test_three_generations_of_the_wfp_file_say_the_same(book: Book, written: Write) -> None:
    expected = [(3, 0, 0, 0), (0, 0, 0, 3), (0, 0, 0, 3)]
    for lines, wanted in zip((NEWER, MIDDLE, OLDEST), expected, strict=True):
        report = book.import_file(written(*lines))
        assert report.format == "wfp"
        assert counts(report) == wanted
    latest = book.latest("papa", "cochabamba").sort_values("quantity")
    assert latest["quantity"].tolist() == [1.0, 11.5, 46.0]
    assert latest["price_per_kg"].round(4).tolist() == [2.5, 2.4348, 1.9565]
    assert latest["unit_name"].tolist() == ["kg", "arroba de 11,5 kg", "quintal de 46 kg"]
    assert set(latest["kind"]) == {"reference"}


def test_a_wfp_file_saved_again_by_a_spreadsheet_program_is_still_read(book: Book, written: Write) -> None:
    lines = [each.replace(",", ";").replace(".5", ",5").replace("28.0", "28,0") for each in OLDEST]
    lines = [each.replace("Irish; imilla", "Irish, imilla").replace("2012-01-15", "15/01/2012") for each in lines]
    report = book.import_file(written(*lines, encoding="latin-1"))
    assert (report.format, *counts(report)) == ("wfp", 3, 0, 0, 0)
    assert book.import_file(written(*NEWER)).duplicates == 3


def test_a_market_renamed_by_its_publisher_is_known_by_its_number(book: Book, written: Write) -> None:
    report = book.import_file(written(WFP_HEADER, wfp_row("2012-01-15", "2.5", market="Cbba. Centro")))
    assert counts(report) == (1, 0, 0, 0)


def test_known_dirt_is_flagged_explained_and_kept(book: Book, written: Write) -> None:
    rows = [
        wfp_row(f"2017-{month:02d}-15", price, unit="11.5 KG")
        for month, price in ((7, "49.1"), (8, "51.22"), (9, "0.63"), (10, "47.92"))
    ]
    rows += [wfp_row("2017-07-15", "138.0", unit="46 KG", level="Wholesale", usd="2")]
    rows += [
        wfp_row("2017-07-15", f"{price}", market=market) for market, price in (("Tarija City", 5.1), ("Sucre", 5.2))
    ]
    rows += [
        wfp_row("2019-07-15", "2.30", unit="Libra", market="Santa Cruz City"),
        wfp_row("2019-08-15", "2.72", unit="Libra", market="Santa Cruz City"),
    ]
    rows += [wfp_row(f"2019-{month:02d}-15", "2.72", unit="Pound", market="Santa Cruz City") for month in (8, 9, 10)]
    rows += [wfp_row("2020-09-15", "5.93", unit="Pound", market="Santa Cruz City")]
    report = book.import_file(written(WFP_HEADER, WFP_TAGS, *rows))
    assert report.rejected == report.duplicates == 0
    flags = book.rejected(status="flagged").set_index("line")["code"].to_dict()
    assert flags == {5: "isolated", 7: "usd_price", 10: "unit_name", 11: "unit_name", 12: "repeated", 15: "unit_change"}
    pounds = book.series("papa", "santa_cruz", unit="libra")
    assert len(pounds) == 5
    assert pounds["price_per_kg"].isna().tolist() == [False, False, False, False, True]
    assert book.summary().observations == len(rows)


def test_a_shock_in_every_market_day_is_no_typing_error(book: Book, written: Write) -> None:
    prices = ("10.35", "12.93", "22.93", "36.45", "21.16", "14.11")
    lines = [
        f"2026-06-{2 * n + 1:02d},Cochabamba,tomate tipo perita/llocallito/ovalado,5,{price},kilo(s),1.0"
        for n, price in enumerate(prices)
    ]
    report = book.import_file(written("fecha,departamento,producto,id_producto,precio,unidad,cantidad", *lines))
    assert counts(report) == (6, 0, 0, 0)


def test_the_numbers_of_ine_need_their_dictionary(book: Book, written: Write) -> None:
    daily = written(
        "fecha,departamento,id_producto,precio",
        "2025-08-08,Cochabamba,25,7.050",
        "2025-08-09,Cochabamba,1,20.000",
        "2025-08-09,Cochabamba,99,1.000",
    )
    with pytest.raises(PriceFileError, match="diccionario"):
        book.import_file(daily)
    terms = (
        "producto_id,producto,unidad,cantidad",
        "1,aceite de girasol,litro(s),900.0",
        "25,tomate tipo perita/llocallito/ovalado,kilo(s),1.0",
    )
    assert counts(book.import_file(written(*terms, name="dic.csv"))) == (2, 0, 0, 0)
    assert counts(book.import_file(written(*terms, name="dic.csv"))) == (0, 0, 0, 2)
    assert counts(book.import_file(daily)) == (1, 1, 1, 0)
    assert "99" in book.rejected()["reason"].iloc[0]
    assert book.latest("aceite")["quantity"].tolist() == [0.9]


def test_one_product_number_for_two_products_is_separated_and_bottles_are_one_unit(book: Book, written: Write) -> None:
    lines = (
        "2025-01-08,La Paz,chuleta de res,13,50.0,kilo(s),1.0",
        "2025-01-09,La Paz,chuleta de res,13,51.0,kilo(s),1.0",
        "2025-01-08,Santa Cruz,costilla de res,13,40.0,kilo(s),1.0",
        "2025-01-08,La Paz,aceite de girasol,8,12.0,litro(s),0.9",
        "2025-01-09,La Paz,aceite de girasol,8,12.5,litro(s),900.0",
    )
    report = book.import_file(written("fecha,departamento,producto,id_producto,precio,unidad,cantidad", *lines))
    assert counts(report) == (3, 2, 0, 0)
    assert len(book.series("aceite", "la_paz", unit="0,9 litro")) == 2
    assert set(book.latest("carne_res")["variety"]) == {"chuleta", "costilla"}
