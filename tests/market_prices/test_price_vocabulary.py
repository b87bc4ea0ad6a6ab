"""Names are known as people write them, records are valid, and no weight is guessed."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.territory import Municipality, Seat, builtin_territory
from market_prices import PriceFileError, UnknownNameError, builtin_vocabulary, starter_files
from market_prices.intake.written_values import parse_date, parse_dates, parse_numbers
from market_prices.ledger.book_target import with_local_markets
from market_prices.vocabulary.measures import Sale
from market_prices.vocabulary.vocabulary_files import read_vocabulary

KNOWN = builtin_vocabulary()
MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio"),
    *("agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


@pytest.mark.parametrize(
    ("text", "product", "variety"),
    [
        ("TOMATE", "tomate", ""),
        ("morrón", "pimenton", ""),
        ("Maíz choclo", "choclo", ""),
        ("chaucha", "vainita", ""),
        ("Papa  Imilla", "papa", "imilla"),
        ("Potatoes (Irish, imilla)", "papa", "imilla"),
        ("ciruela", "ciruelo", ""),
        ("caña de azúcar", "cana", ""),
    ],
)
def test_a_product_is_known_by_every_name(text: str, product: str, variety: str) -> None:
    found, implied = KNOWN.product(text)
    assert (found.id, implied) == (product, variety)


def test_every_product_of_the_valleys_is_there() -> None:
    names = (
        "tomate papa cebolla zanahoria pimenton locoto vainita arveja lechuga repollo brocoli zapallo pepino choclo "
        "maiz trigo mani frejol durazno ciruelo manzana frutilla chirimoya uva cana tabaco"
    )
    assert {each.id for each in KNOWN.all_products if each.local} == set(names.split())


def test_ids_are_lower_case_unaccented_and_every_spelling_has_one_meaning() -> None:
    for each in (*KNOWN.all_products, *KNOWN.all_markets, *KNOWN.measures.units.values()):
        assert each.id.isascii()
        assert each.id == each.id.lower()
        assert each.name
    for product in KNOWN.all_products:
        for name in (product.id, product.name, *product.synonyms):
            assert KNOWN.product(name)[0] is product, name
        for variety in product.varieties:
            for name in variety.synonyms:
                assert KNOWN.product(name) == (product, variety.id), name
    for market in KNOWN.all_markets:
        for name in (market.id, market.name, *market.synonyms):
            assert KNOWN.market(name) is market, name
        assert market.source
    for unit in KNOWN.measures.units.values():
        for name in (unit.id, unit.name, unit.plural, *unit.synonyms):
            assert KNOWN.measures.parse(name) == (unit.id, 1.0), name


def test_every_municipality_has_a_market_of_its_own_at_its_seat() -> None:
    territory = builtin_territory("valles_crucenos")
    for each in territory.municipalities:
        market = KNOWN.municipality_market(each.code)
        assert market is KNOWN.municipality_market(each.code.lstrip("0"))
        assert market is KNOWN.municipality_market(each.name)
        assert market is KNOWN.market(each.code)
        assert market.municipality_name == each.name
        assert (market.lon, market.lat) == pytest.approx((each.seat.lon, each.seat.lat), abs=1e-4)
        assert KNOWN.reference_markets(each.code) == ("santa_cruz", "cochabamba")
    with pytest.raises(UnknownNameError, match="samaipata"):
        KNOWN.municipality_market("Samaipta")


def test_another_territory_gets_local_markets_by_its_data_alone() -> None:
    seat = Seat(name="Camiri", lon=-63.52, lat=-20.04, altitude_m=810.0)
    place = Municipality(code="070701", name="Camiri Nuevo", aliases=(), province="Cordillera", seat=seat, area_km2=1.0)
    other = dataclasses.replace(builtin_territory("valles_crucenos"), municipalities=(place,))
    other = dataclasses.replace(other, reference_markets=("tarija",))
    extended = with_local_markets(KNOWN, other)
    assert extended.reference_markets("070701") == ("tarija",)
    assert extended.municipality_market("070701").id == "camiri_nuevo"
    assert extended.market("camiri nuevo").price_kind == "observed"


def test_no_weight_is_guessed() -> None:
    def kg(unit: str, product: str, market: str, date: str = "2026-01-01", **more: str) -> float | None:
        sale = Sale(product=product, variety=more.pop("variety", ""), market=market, unit=unit, **more)
        return KNOWN.measures.weight(sale, date).kg

    assert kg("arroba", "papa", "samaipata") == 11.5
    assert kg("quintal", "maiz", "samaipata") == 46.0
    assert kg("quintal", "harina_trigo", "santa_cruz", variety="importada") == 50.0
    assert kg("caja", "tomate", "santa_cruz") == 20.0
    assert kg("caja", "tomate", "cochabamba") == 23.0
    assert kg("cuartilla", "papa", "oruro") == 2.875
    assert kg("carton", "frutilla", "comarapa") == 24.0
    for unit, product, market in (
        ("caja", "tomate", "samaipata"),
        ("caja", "durazno", "santa_cruz"),
        ("cuartilla", "papa", "cochabamba"),
        ("carga", "papa", "santa_cruz"),
        ("fanega", "maiz", "samaipata"),
        ("bolsa", "zanahoria", "santa_cruz"),
        ("amarro", "lechuga", "santa_cruz"),
        ("unidad", "repollo", "santa_cruz"),
    ):
        assert kg(unit, product, market) is None, (unit, product, market)
    assert kg("libra", "papa", "santa_cruz", "2020-08-15", source="wfp") == 0.46
    assert kg("libra", "papa", "santa_cruz", "2020-09-15", source="wfp") is None
    assert kg("libra", "papa", "santa_cruz", "2026-01-01", source="local") == 0.46


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("products.toml", "[product.x]\nname = 'X'\n", r"products.toml, \[product.x\].*group"),
        ("products.toml", "esto no es toml", "no es TOML"),
        ("markets.toml", "[market.x]\nname='X'\nkind='local'\nlon=-640.0\nlat=-18.0\n", "lon"),
        ("markets.toml", "[reference]\ndefault=['marte']\n", "marte"),
        ("measures.toml", "[unit.kg]\nname='kg'\nkind='mass'\nkg=-1\n", "kg = -1"),
        ("measures.toml", "[[conversion]]\nunit='kg'\nkg=1\nsource='x'\n", "kg"),
    ],
)
def test_a_wrong_record_is_refused_by_file_and_key(file: str, text: str, message: str) -> None:
    with pytest.raises(PriceFileError, match=message):
        read_vocabulary({file: text})


def test_the_starters_are_the_vocabulary_itself() -> None:
    assert read_vocabulary(starter_files()) == KNOWN


@settings(deadline=None)
@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)))
def test_a_date_is_read_in_every_way_people_write_it(day: dt.date) -> None:
    word = MONTHS[day.month - 1]
    ways = (
        day.isoformat(),
        f"{day.day}/{day.month}/{day.year}",
        f"{day:%d-%m-%Y}",
        f"{day:%d.%m.%Y}",
        f"{day.day} de {word} de {day.year}",
        f"{day.day} {word[:3]} {day.year}",
        f"{day.isoformat()}T00:00:00",
    )
    assert {parse_date(each) for each in ways} == {day.isoformat()}


def test_what_is_no_date_is_none() -> None:
    texts = pd.Series(["", "mañana", "31/2/2026", "2026-13-01", "5/8", "32 de enero de 2026"])
    assert parse_dates(texts).tolist() == [""] * 6


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=20))
def test_a_figure_is_the_same_with_comma_and_with_point(cents: list[int]) -> None:
    comma = pd.Series([f"{each // 100:,}".replace(",", ".") + f",{each % 100:02d}" for each in cents])
    point = pd.Series([f"{each // 100:,}.{each % 100:02d}" for each in cents])
    for written in (comma, point):
        numbers, unsure = parse_numbers(written)
        assert numbers.tolist() == [each / 100 for each in cents]
        assert not unsure.any()


@settings(deadline=None)
@given(st.text(max_size=12))
def test_no_text_breaks_the_readers(text: str) -> None:
    assert parse_date(text) == "" or dt.date.fromisoformat(parse_date(text))
    numbers, __ = parse_numbers(pd.Series([text]))
    assert numbers.dtype == "float64"
