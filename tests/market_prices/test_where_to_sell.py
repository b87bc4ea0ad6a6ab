"""What a load leaves at the farm gate: each term told, nothing missing taken for zero, the fresh before the old."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_prices import Book, ObservationError, PriceFileError, UnknownNameError, builtin_vocabulary
from market_prices.selling.net_price import Freight, Offer, break_even_km, net_price, usual_freight
from market_prices.selling.road_network import Distance, RoadNetwork
from market_prices.vocabulary.selling_terms import SellingTerms, Share, Vehicle
from market_prices.vocabulary.vocabulary_files import read_vocabulary

KNOWN = builtin_vocabulary()
TODAY = dt.date(2026, 8, 20)
shares = st.floats(0, 0.9)
money = st.floats(0.01, 1000)


def _share(value: float) -> Share:
    return Share(share=value, source="medido", assumed=False)


def _offer(price: float, freight: float, loss: float, commission: float, km: float = 100.0) -> Offer:
    return Offer(
        price_per_kg=price,
        at_farm_gate=False,
        distance=Distance(km, assumed=False),
        freight=Freight(per_kg=freight, assumed=False, note="pagado"),
        loss=_share(loss),
        commission=_share(commission),
    )


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book.open(tmp_path / "b.db", today=TODAY) as opened:
        yield opened


@given(price=money, freight=money, loss=shares, commission=shares)
def test_the_terms_add_up_to_the_price(price: float, freight: float, loss: float, commission: float) -> None:
    told = net_price(_offer(price, freight, loss, commission))
    assert told is not None
    assert told.net + told.freight + told.loss + told.commission == pytest.approx(price, abs=1e-5)
    assert told.net == pytest.approx(price * (1 - loss) * (1 - commission) - freight, abs=1e-5)
    assert not told.estimated


@given(price=money, freight=money, loss=shares, commission=shares, alternative=st.floats(0, 1000))
def test_at_the_break_even_distance_the_net_is_the_alternative(
    price: float, freight: float, loss: float, commission: float, alternative: float
) -> None:
    offer = _offer(price, freight, loss, commission)
    far = break_even_km(offer, alternative)
    assert far is not None
    there = net_price(_offer(price, freight * far / 100.0, loss, commission, far or 1.0))
    assert there is not None
    if far > 0:
        assert there.net == pytest.approx(alternative, abs=max(freight * 0.001, 1e-4))
    else:
        assert price * (1 - loss) * (1 - commission) <= alternative + max(freight * 0.001, 1e-4)


def test_a_term_that_is_not_known_leaves_no_net_price() -> None:
    whole = _offer(5, 0.3, 0.05, 0.1)
    assert net_price(whole) is not None
    for part in (
        dataclasses.replace(whole, freight=None),
        dataclasses.replace(whole, loss=None),
        dataclasses.replace(whole, commission=None),
    ):
        assert net_price(part) is None


def test_a_price_at_the_farm_gate_is_net() -> None:
    told = net_price(dataclasses.replace(_offer(5, 0.3, 0.05, 0.1), at_farm_gate=True))
    assert told is not None
    assert (told.net, told.freight, told.estimated) == (5, 0, False)


def test_a_large_load_takes_a_vehicle_and_a_small_one_travels_with_others() -> None:
    truck = Vehicle(name="camión", capacity_kg=5000, per_km=5.0, source="pagado", assumed=False)
    terms = SellingTerms(shared_per_tonne_km=2.0, shared_source="tarifa", shared_assumed=True, vehicles=(truck,))
    way = Distance(100.0, assumed=False)
    small, large = usual_freight(terms, way, 100), usual_freight(terms, way, 5000)
    assert small is not None
    assert large is not None
    assert small.per_kg == pytest.approx(0.2)
    assert large.per_kg == pytest.approx(0.1)
    assert small.assumed
    assert not large.assumed
    two_trips = usual_freight(terms, way, 5001)
    assert two_trips is not None
    assert two_trips.per_kg == pytest.approx(2 * 5.0 * 100 / 5001)
    assert usual_freight(SellingTerms(), way, 100) is None
    assert usual_freight(terms, None, 100) is None


def test_roads_add_up_and_what_no_road_tells_is_marked() -> None:
    network = RoadNetwork(KNOWN)
    assert network.winding is not None
    assert 1.2 < network.winding < 2.0
    assert network.distance("mairana", "samaipata") == Distance(17.0, assumed=False)
    through = network.distance("samaipata", "cochabamba")
    assert through is not None
    assert (through.km, through.assumed) == (17 + 110 + 260, False)
    guessed = network.distance("pucara", "santa_cruz")
    assert guessed is not None
    assert guessed.assumed
    assert 100 < guessed.km < 400
    # no coordinates and no road: nothing tells how far
    assert network.distance("comarapa", "abasto_sur") is None
    assert network.distance("comarapa", "comarapa") == Distance(0.0, assumed=False)


def test_every_way_is_the_same_there_and_back_and_no_detour_is_shorter() -> None:
    network = RoadNetwork(KNOWN)
    names = [each.id for each in KNOWN.local_markets()]
    for one in names:
        for other in names:
            there, back = network.distance(one, other), network.distance(other, one)
            assert there is not None
            assert there == back
            for third in ("santa_cruz", "mairana"):
                first, second = network.distance(one, third), network.distance(third, other)
                assert first is not None
                assert second is not None
                if there.assumed == first.assumed == second.assumed:
                    assert there.km <= first.km + second.km + 0.2


def test_the_best_market_is_the_one_that_leaves_most_and_old_prices_come_after(book: Book) -> None:
    book.add("tomate", "santa_cruz", price=5.0, unit="kg", date="2026-08-18")
    book.add("tomate", "cochabamba", price=9.0, unit="kg", date="2026-08-19")
    book.add("tomate", "sucre", price=40.0, unit="kg", date="2026-02-01")
    book.add("tomate", "comarapa", price=4.0, unit="kg", date="2026-08-20", level="farm_gate")
    table = book.compare("tomate", "comarapa", quantity=100, unit="kg")
    assert table["market"].tolist() == ["cochabamba", "comarapa", "santa_cruz", "sucre"]
    assert table["best"].tolist() == [True, False, False, False]
    first = table.iloc[0]
    rate = KNOWN.selling.shared_per_tonne_km
    assert rate is not None
    freight = rate * 260 / 1000
    assert first["net_per_kg"] == pytest.approx(9.0 * 0.95 * 0.9 - freight, abs=1e-4)
    assert first["estimated"]
    assert "supuesto" in first["why"]
    here = table.set_index("market").loc["comarapa"]
    assert (here["net_per_kg"], here["freight_per_kg"], here["estimated"]) == (4.0, 0.0, False)
    assert first["net_total"] == pytest.approx(100 * first["net_per_kg"], abs=0.01)
    assert table.attrs["units"]["net_per_kg"] == "Bs per kg"
    assert table["stale"].tolist() == [False, False, False, True]


def test_freight_that_was_paid_takes_the_place_of_the_assumption(book: Book) -> None:
    book.add("tomate", "cochabamba", price=9.0, unit="kg", date="2026-08-19")
    book.add("flete", "comarapa", variety="cochabamba", price=11.5, unit="quintal", date="2026-08-17")
    row = book.compare("tomate", "comarapa").iloc[0]
    assert row["freight_per_kg"] == pytest.approx(11.5 / 46)
    assert "Flete pagado" in row["why"]
    old = book.compare("tomate", "saipina").iloc[0]
    assert "supuesto" in old["why"].split(";")[0]


def test_a_box_of_unknown_weight_is_asked_for_and_never_guessed(book: Book) -> None:
    book.add("durazno", "cochabamba", price=120.0, unit="caja", date="2026-08-19")
    with pytest.raises(ObservationError, match="No se sabe cuánto pesa"):
        book.compare("durazno", "vallegrande", quantity=10, unit="caja")
    unknown = book.compare("durazno", "vallegrande", quantity=10, unit="kg").iloc[0]
    assert unknown["net_per_kg"] != unknown["net_per_kg"]
    assert "no se puede pasar a kg" in unknown["why"]
    told = book.compare("durazno", "vallegrande", quantity=10, unit="caja", unit_kg=20).iloc[0]
    assert told["price_per_kg"] == pytest.approx(6.0)
    assert told["net_total"] == pytest.approx(told["net_per_kg"] * 200, abs=0.1)


def test_a_price_in_another_currency_is_shown_and_not_compared(book: Book) -> None:
    book.add("uva", "santa_cruz", price=2.0, unit="kg", currency="USD", date="2026-08-19")
    row = book.compare("uva", "samaipata").iloc[0]
    assert row["net_per_kg"] != row["net_per_kg"]
    assert "otra moneda" in row["why"]


@pytest.mark.parametrize("quantity", [0.0, -1.0, float("inf"), float("nan")])
def test_an_impossible_quantity_is_refused(book: Book, quantity: float) -> None:
    with pytest.raises(ObservationError):
        book.compare("tomate", "comarapa", quantity=quantity)


def test_unknown_names_are_refused(book: Book) -> None:
    for product, place, unit in (
        ("tomat", "comarapa", "kg"),
        ("tomate", "Lima", "kg"),
        ("tomate", "comarapa", "balde"),
    ):
        with pytest.raises(UnknownNameError):
            book.compare(product, place, unit=unit)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[[road]]\nfrom = "A"\nto = "B"\nkm = [5, 4]', "road 1"),
        ('[[vehicle]]\nname = "x"\ncapacity_kg = 0\nper_km = 1\nsource = "s"', "vehicle 1"),
        ('[[loss]]\nshare = 1.0\nsource = "s"', "loss 1"),
        ('[[loss]]\nproduct = "zzz"\nshare = 0.1\nsource = "s"', "zzz"),
        ('[freight]\nshared_per_tonne_km = "mucho"\nsource = "s"', "freight"),
        ("[[commission]]\nshare = 0.1", "commission 1"),
    ],
)
def test_a_bad_selling_term_is_refused_by_file_and_key(text: str, key: str) -> None:
    with pytest.raises(PriceFileError) as refused:
        read_vocabulary({"markets.toml": text})
    assert "markets.toml" in str(refused.value)
    assert key in str(refused.value)


def test_every_chain_has_something_to_sell_and_inputs_and_freight_have_a_place() -> None:
    kinds = {each.kind for each in KNOWN.all_products}
    assert kinds == {"crop", "product", "service", "input", "transport"}
    chains = {each.chain for each in KNOWN.all_products}
    assert {"hortifruticultura", "vitivinicultura", "turismo", "artesania"} <= chains
    for name, product, variety in (
        ("vino tinto", "vino", "tinto"),
        ("singani", "singani", ""),
        ("miel de abejas", "miel", ""),
        ("queso de cabra", "queso", "cabra"),
        ("durazno al jugo", "conserva", "durazno"),
        ("habitación doble", "hospedaje", "doble"),
        ("almuerzo", "almuerzo", ""),
        ("18-46-0", "fosfato_diamonico", ""),
        ("flete a santa cruz", "flete", "santa_cruz"),
    ):
        found, implied = KNOWN.product(name)
        assert (found.id, implied) == (product, variety)
    assert KNOWN.unit("noche")[0] == "noche"
