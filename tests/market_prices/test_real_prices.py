"""The published files as they really are: every row accounted for, the dirt flagged, the shocks left alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from market_prices import Book

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[tuple[Book, dict[str, object]]]:
    told: dict[str, object] = {}
    with Book.open(tmp_path_factory.mktemp("real") / "prices.db") as book:
        for name in ("wfp_food_prices_bol", "ine_ipc_rapido", "ine_diario"):
            started = time.monotonic()
            told[name] = book.import_file(shared_data / "prices" / f"{name}.csv")
            told[f"{name} s"] = time.monotonic() - started
        yield book, told


def test_each_of_the_18094_wfp_rows_is_accounted_for(real: tuple[Book, dict[str, object]], shared_data: Path) -> None:
    book, told = real
    report = told["wfp_food_prices_bol"]
    assert report.as_dict() == {"accepted": 17853, "flagged": 241, "rejected": 0, "duplicates": 0, "format": "wfp"}
    assert told["wfp_food_prices_bol s"] < 10
    again = book.import_file(shared_data / "prices" / "wfp_food_prices_bol.csv")
    assert (again.duplicates, again.rows, again.batch) == (18_094, 18_094, None)


def test_the_known_dirt_of_the_wfp_file_is_flagged(real: tuple[Book, dict[str, object]]) -> None:
    kept = real[0].rejected(status="flagged", file="wfp_food_prices_bol.csv")
    counts = kept["code"].str.split().explode().value_counts()
    assert counts["usd_price"] == 6
    assert counts["isolated"] == 3
    assert counts["repeated"] == 4
    typed = kept[kept["raw"].str.contains(",0.63,")]
    assert typed["code"].tolist() == ["isolated"]
    assert typed["line"].tolist() == [12_745]
    assert "2020-09-15" in "".join(kept[kept["code"].str.contains("unit_change")]["raw"])


def test_the_series_of_the_wfp_file_do_not_collide(real: tuple[Book, dict[str, object]]) -> None:
    book = real[0]
    quintal = book.series("papa", "santa_cruz", unit="46 KG", level="wholesale")
    assert len(quintal) == 141
    assert book.latest(kind="reference").query("source == 'wfp'").shape[0] == 166  # 169 less three Libra/Pound pairs
    arroba = book.series("papa", "cochabamba", unit="11.5 KG", variety="imilla")
    assert arroba["price_per_kg"].dropna().between(0.04, 12).all()


def test_the_daily_files_overlap_without_doubling(real: tuple[Book, dict[str, object]]) -> None:
    told = real[1]
    quick, daily = told["ine_ipc_rapido"], told["ine_diario"]
    assert (quick.rows, quick.rejected) == (17_500, 1)
    assert (daily.rows, daily.rejected, daily.duplicates) == (13_278, 0, 6_888)
    assert quick.accepted + quick.flagged + quick.duplicates == 17_499


def test_the_blockade_of_2026_is_no_error(real: tuple[Book, dict[str, object]]) -> None:
    book = real[0]
    tomato = book.series("tomate", "cochabamba", start="2026-05-01", end="2026-06-30")
    assert tomato["price"].max() == 36.45
    assert set(tomato["flags"]) == {""}
    calm = book.series("tomate", "santa_cruz", start="2026-05-15", end="2026-06-30")["price"]
    assert calm.between(2, 10).all()
    spring = book.series("papa", "la_paz", start="2026-05-01", end="2026-06-30")
    assert not spring["flags"].str.contains("isolated").any()


def test_a_municipality_is_shown_references_with_their_age(real: tuple[Book, dict[str, object]]) -> None:
    cards = real[0].municipal("070901", as_of=None).cards
    assert {"tomate", "papa", "cebolla", "maiz"} <= {each.product for each in cards}
    assert {each.kind for each in cards} == {"reference"}
    for each in cards:
        assert each.stale == (each.age_days > 60)
        assert "de hoy" not in each.age_text or each.age_days == 0
