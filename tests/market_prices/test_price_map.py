"""The price layers tell the last price and the alert of every municipality, at any moment, for any product."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from layers.map_layer import FeatureQuery, MapLayer
from market_prices import Book
from market_prices.bulletin.alert_level import LEVELS
from market_prices.bulletin.price_map import PROPERTIES
from market_prices.price_errors import ObservationError
from market_prices.price_layers import price_map_layers

TODAY = dt.date(2026, 8, 25)
HEADER = "fecha,producto,mercado,nivel,unidad,precio"


def _locoto(month: int) -> float:
    """Return a price with a season and a slow rise, high in the last month."""
    return 10 + (month % 12) % 5 + month * 0.01 + (6 if month == 67 else 0)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    rows = [
        "2026-08-20,tomate,comarapa,mayorista,kg,6",
        "2026-06-06,tomate,santa_cruz,mayorista,kg,5",
        "2026-08-22,tomate,santa_cruz,mayorista,kg,7",
        "2026-01-10,papa,santa_cruz,mayorista,kg,3",
        *(f"{2021 + n // 12}-{n % 12 + 1:02d}-15,locoto,santa_cruz,mayorista,kg,{_locoto(n)}" for n in range(68)),
    ]
    path = tmp_path / "precios.csv"
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    with Book.open(tmp_path / "prices.db", today=TODAY) as opened:
        assert opened.import_file(path, author="ana").rejected == 0
        yield opened


def _layer(book: Book, name: str = "price_alerts", outlines: gpd.GeoDataFrame | None = None) -> MapLayer:
    return next(each for each in price_map_layers(book, outlines) if each.id == name)


def _rows(layer: MapLayer, **query: object) -> list[dict[str, object]]:
    page = layer.features(FeatureQuery(limit=10_000, **query))  # type: ignore[arg-type]
    return [dict(each["properties"]) for each in page.features]


def _one(layer: MapLayer, municipality: str, product: str, **query: object) -> dict[str, object]:
    (found,) = _rows(layer, filters={"municipality": municipality, "product": product}, **query)
    return found


def test_every_municipality_has_a_row_for_every_product(book: Book) -> None:
    rows = _rows(_layer(book))
    places = {each.municipality for each in book.vocabulary.local_markets()}
    products = {each.id for each in book.products() if each.local}
    assert {each["municipality"] for each in rows} == places
    assert products <= {each["product"] for each in rows}
    assert len(rows) == len(places) * len({each["product"] for each in rows}) == len({each["id"] for each in rows})
    assert all(list(each) == list(PROPERTIES) for each in rows)


def test_its_own_price_comes_before_a_reference_and_is_called_so(book: Book) -> None:
    layer = _layer(book)
    comarapa = book.vocabulary.municipality_market("comarapa").municipality
    mairana = book.vocabulary.municipality_market("mairana").municipality
    own, other = _one(layer, comarapa, "tomate"), _one(layer, mairana, "tomate")
    assert (own["kind"], own["price"], own["market"]) == ("observed", 6.0, "comarapa")
    assert (other["kind"], other["price"], other["market"], other["age_days"]) == ("reference", 7.0, "santa_cruz", 3)


def test_where_nothing_is_known_it_says_so(book: Book) -> None:
    layer = _layer(book)
    none = _one(layer, "071301", "frutilla")
    assert (none["price"], none["date"], none["alert"], none["alert_name"]) == (None, None, "none", "sin dato")
    assert none["alert_note"] == "no hay precios"
    old = _one(layer, "071301", "papa")
    assert (old["price"], old["stale"], old["alert"]) == (3.0, True, "none")
    assert "60 días" in str(old["alert_note"])
    short = _one(layer, "071301", "tomate")
    assert (short["alert"], short["alert_note"]) == ("none", "faltan años de precios para saber qué es normal")


def test_the_alert_is_that_of_the_indicators(book: Book) -> None:
    found = _one(_layer(book), "071301", "locoto")
    expected = book.indicators("locoto", "santa_cruz").iloc[-1]
    assert (found["alert"], found["alert_basis"], found["alert_market"]) == ("crisis", "alps", "santa_cruz")
    assert found["alert_value"] == expected["alps"]
    assert found["alert"] in LEVELS


@pytest.mark.parametrize(
    ("asked", "price", "age"),
    [
        (("2026-06-06", "2026-06-06"), 5.0, 0),
        (("2026-06-10T12:00:00Z", "2026-06-10T12:00:00Z"), 5.0, 4),
        ((None, "2026-06-30"), 5.0, 24),
        (("2026-06-06", None), 7.0, 3),
        (("2030-01-01", "2030-01-01"), 7.0, 3),
        (("2026-06-01", "2026-06-30"), 5.0, 24),
        (("2026-07-01", "2026-07-31"), None, None),
        (("2030-01-01", None), None, None),
        (None, 7.0, 3),
    ],
)
def test_a_moment_gives_the_last_price_up_to_it_and_an_interval_the_last_in_it(
    book: Book, asked: tuple[str | None, str | None] | None, price: float | None, age: int | None
) -> None:
    mairana = book.vocabulary.municipality_market("mairana").municipality
    found = _one(_layer(book), mairana, "tomate", datetime=asked)
    assert (found["price"], found["age_days"]) == (price, age)
    points = _rows(_layer(book, "prices"), datetime=asked, filters={"id": "tomate:santa_cruz"})
    assert [each["price"] for each in points] == ([] if price is None else [price])


def test_as_of_leaves_out_what_was_recorded_later(book: Book) -> None:
    layer = _layer(book)
    known = _rows(layer, parameters={"as_of": "2000-01-01"})
    assert {each["price"] for each in known} == {None}
    with pytest.raises(ObservationError):
        _rows(layer, parameters={"as_of": "ayer o antes"})


def test_a_new_price_shows_without_loading_the_layer_again(book: Book) -> None:
    layer = _layer(book)
    before = _one(layer, "071301", "frutilla")
    book.add("frutilla", "comarapa", price=9, unit="kg", date=TODAY, author="ana")
    after = _one(layer, "071301", "frutilla")
    assert (before["price"], after["price"]) == (None, 9.0)


def test_outlines_are_drawn_where_they_are_known_else_the_market(book: Book) -> None:
    outlines = gpd.GeoDataFrame({"code": ["071301"]}, geometry=[box(-64.6, -18.0, -64.4, -17.8)], crs="EPSG:4326")
    page = _layer(book, outlines=outlines).features(FeatureQuery(limit=10_000))
    kinds = {each["properties"]["municipality"]: each["geometry"]["type"] for each in page.features}
    assert kinds.pop("071301") == "Polygon"
    assert set(kinds.values()) == {"Point"}
    assert _layer(book).describe().geometry == "point"


def test_an_empty_book_has_layers_that_know_nothing(tmp_path: Path) -> None:
    with Book.open(tmp_path / "empty.db", today=TODAY) as empty:
        assert {each["alert"] for each in _rows(_layer(empty))} == {"none"}
        assert _rows(_layer(empty, "prices")) == []
        assert _layer(empty).describe().interval == (None, None)
