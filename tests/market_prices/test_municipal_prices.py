"""A municipality sees its own prices first, else those of its reference markets; a demonstration says it is one."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from layers.map_layer import FeatureQuery, MapLayer
from market_prices import Book, UnknownNameError, price_map_layers, write_demo_prices

TODAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("demo")
    book = Book.open(folder / "prices.db", today=TODAY)
    for path in write_demo_prices(folder / "files", today=TODAY):
        report = book.import_file(path)
        assert report.accepted + report.flagged == report.rows > 0, path.name
    return book


def test_own_prices_come_first_and_references_are_labelled(book: Book) -> None:
    book.add("papa", "santa_cruz", price=70, unit="arroba", date="2026-11-15")
    assert [each.kind for each in book.municipal("070903").cards] == ["reference"]
    book.add("papa", "mairana", price=60, unit="arroba", date="2026-11-20", level="en finca")
    own, other = book.municipal("070903").cards
    assert (own.kind, own.market, own.primary) == ("observed", "mairana", True)
    assert (other.kind, other.market, other.primary) == ("reference", "santa_cruz", False)
    assert other.kind_name == "precio de referencia de otro mercado"
    # What one municipality sees in its own market is not an observation of another.
    assert [each.market for each in book.municipal("Samaipata").cards] == ["santa_cruz"]
    with pytest.raises(UnknownNameError):
        book.municipal("999999")


def test_an_old_own_price_does_not_hide_a_fresh_reference(book: Book) -> None:
    book.add("papa", "mairana", price=60, unit="arroba", date="2026-06-01", level="en finca")
    book.add("papa", "santa_cruz", price=70, unit="arroba", date="2026-11-15")
    own, other = book.municipal("mairana").cards
    assert (own.stale, other.stale) == (True, False)
    assert own.primary
    assert other.primary


def test_cards_are_json_with_nothing_for_what_is_missing(book: Book) -> None:
    book.add("tomate", "samaipata", price=60, unit="caja", date="2026-11-20")
    told = json.loads(json.dumps(book.municipal("70901").as_dict()))
    card = told["cards"][0]
    assert told["municipality"] == "070901"
    assert (card["price"], card["price_per_kg"], card["previous_price"], card["low"]) == (60.0, None, None, None)
    assert card["date"] == "2026-11-20"
    assert card["flags"] == []


def test_only_the_current_series_of_a_reference_market_is_shown(book: Book) -> None:
    book.add("papa", "santa_cruz", price=130, unit="46 kg", date="2020-02-15")
    book.add("papa", "santa_cruz", price=9, unit="kg", date="2026-11-15", level="minorista")
    book.add("papa", "santa_cruz", price=70, unit="arroba", date="2026-11-12")
    cards = book.municipal("comarapa").cards
    assert [(each.unit, each.level) for each in cards] == [("arroba", "wholesale")]


def test_the_demonstration_is_fresh_labelled_and_has_every_municipality_of_its_own(demo: Book) -> None:
    assert demo.summary().demo
    for code in ("070901", "070903", "070902", "071301", "071302", "070801"):
        prices = demo.municipal(code)
        assert prices.demo
        assert any(each.kind == "observed" and each.primary for each in prices.cards)
        assert all(each.age_days <= 10 for each in prices.cards if each.primary)
        assert all("demostración" in each.source_name for each in prices.cards)
    assert {each.kind for each in demo.municipal("070805").cards} == {"reference"}


def test_the_demonstration_has_season_inflation_gaps_and_a_shock(demo: Book) -> None:
    tomato = demo.series("tomate", "cochabamba", frequency="weekly")
    other = demo.series("tomate", "santa_cruz", frequency="weekly")
    assert tomato["price"].isna().sum() > 5
    ratio = (tomato.set_index("date")["price"] / other.set_index("date")["price"]).dropna()
    assert ratio.max() > 3
    assert ratio.median() == pytest.approx(1.08, abs=0.05)
    yearly = other.groupby([each.year for each in other["date"]])["price"].median()
    assert yearly.loc[2026] > 1.25 * yearly.loc[2021]
    months = np.array([each.month for each in other["date"]])
    season = other["price"].groupby(months).median()
    assert season.max() > 1.3 * season.min()


def test_the_demonstration_is_the_same_bytes_for_the_same_day(tmp_path: Path) -> None:
    first = write_demo_prices(tmp_path / "a", today=TODAY)
    second = write_demo_prices(tmp_path / "b", today=TODAY)
    for one, other in zip(first, second, strict=True):
        if one.suffix == ".xlsx":
            with zipfile.ZipFile(one) as before, zipfile.ZipFile(other) as after:
                assert {name: before.read(name) for name in before.namelist()} == {
                    name: after.read(name) for name in after.namelist()
                }
        assert one.read_bytes() == other.read_bytes(), one.name


def test_markets_and_prices_are_map_layers(demo: Book) -> None:
    markets, prices, alerts = price_map_layers(demo)
    assert isinstance(markets, MapLayer)
    assert (markets.id, prices.id, alerts.id) == ("markets", "prices", "price_alerts")
    assert prices.describe().demo
    assert "demostración" in prices.describe().attribution
    every = prices.features(FeatureQuery(limit=1000))
    assert every.matched == len(every.features) > 50
    ids = [each["id"] for each in every.features]
    assert len(set(ids)) == len(ids)
    assert "tomate:samaipata" in ids
    week = prices.features(FeatureQuery(limit=1000, datetime=("2026-11-18", None)))
    assert 0 < week.matched <= every.matched
    box = markets.features(FeatureQuery(limit=100, bbox=(-65, -19, -63.5, -17.5)))
    assert box.matched == 11
    json.dumps(every.features)


def test_an_empty_book_has_empty_layers(book: Book) -> None:
    markets, prices, _alerts = price_map_layers(book)
    assert prices.features(FeatureQuery()).matched == 0
    assert markets.features(FeatureQuery()).matched > 11
