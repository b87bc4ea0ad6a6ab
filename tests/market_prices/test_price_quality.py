"""Mistakes are told from prices, with figures; a steward decides; nothing is ever deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import VallesError
from market_prices import Book, ObservationError, PriceFileError, UnknownNameError, write_demo_prices
from market_prices.quality.error_detection import find_errors
from market_prices.quality.error_injection import KINDS, inject_errors
from market_prices.quality.error_patterns import pattern
from market_prices.quality.price_table import PriceTable, price_table
from market_prices.quality.quality_rules import quality_rules, read_quality_rules
from market_prices.quality.road_calendar import read_road_calendar
from market_prices.quality.series_health import find_gaps, find_level_changes, find_stale, find_stuck

RULES = quality_rules()
WEEKLY = pd.date_range("2026-01-06", periods=30, freq="7D")
EPOCH = dt.date(1970, 1, 1).toordinal()


def frame(prices: object, *, series: int = 1, market: str = "m1", product: str = "papa", unit: str = "kg",
          first: int = 0, step: str = "7D") -> pd.DataFrame:  # fmt: skip
    values = np.asarray(prices, dtype=float)
    days = pd.date_range(WEEKLY[0] + first * pd.Timedelta(step), periods=len(values), freq=step)
    return pd.DataFrame({
        "series_id": series, "market": market, "product": product, "unit": unit, "quantity": 1.0,
        "date": days.date, "time": "", "price": values,
    })  # fmt: skip


def calm(seed: int = 0, level: float = 20.0, size: int = 30, noise: float = 0.05) -> np.ndarray:
    return np.round(level * np.exp(np.random.default_rng(seed).normal(0.0, noise, size)), 2)


def errors(table: PriceTable, **how: object) -> pd.DataFrame:
    found = find_errors(table, RULES, **how)
    return found[found["severity"] == "error"]


@pytest.mark.parametrize(
    ("wrong", "kind", "suggested"),
    [(2000.0, "power_of_ten", 20.0), (0.2, "power_of_ten", 20.0), (230.0, "unit", 20.0), (1.0, "column", None)],
)
@pytest.mark.parametrize("past_only", [False, True])
def test_a_slip_is_an_error_with_its_mark_and_what_was_meant(
    wrong: float, kind: str, suggested: float | None, *, past_only: bool
) -> None:
    prices = calm()
    prices[15] = wrong
    found = errors(price_table(frame(prices)), past_only=past_only).iloc[0]
    assert (found["row"], found["kind"]) == (15, kind)
    if suggested is not None:
        assert found["suggested"] == pytest.approx(suggested, rel=0.05)


def test_digits_in_the_wrong_order_are_put_back() -> None:
    found = pattern(91.5, np.log(19.2), unit="kg", figures=(), scale=0.06, rules=RULES)
    assert (found.kind, found.suggested) == ("transposed", 19.5)


def test_a_zero_too_many_is_no_exchange_of_digits() -> None:
    found = pattern(50.0, np.log(5.16), unit="kg", figures=(), scale=0.06, rules=RULES)
    assert (found.kind, found.suggested) == ("power_of_ten", 5.0)


def test_a_price_that_rises_over_days_and_falls_again_is_no_error() -> None:
    prices = calm(noise=0.03)
    prices[12:20] = [26.0, 40.0, 62.0, 95.0, 90.0, 55.0, 38.0, 27.0]
    assert errors(price_table(frame(prices))).empty


def test_a_leap_that_others_share_is_no_error_and_alone_it_is() -> None:
    prices = calm(noise=0.03)
    prices[15] = 75.0
    other = calm(1, noise=0.03)
    other[15] = 70.0
    quiet = frame(calm(1, noise=0.03), series=2, market="m2")
    assert len(errors(price_table(pd.concat([frame(prices), quiet])))) == 1
    assert errors(price_table(pd.concat([frame(prices), frame(other, series=2, market="m2")]))).empty


def test_a_rise_in_days_with_road_blocks_is_no_error_but_a_zero_too_many_still_is() -> None:
    prices = calm(noise=0.03)
    prices[15] = 78.0
    day = WEEKLY[15].date().toordinal() - EPOCH - 3
    table = price_table(frame(prices))
    for past_only in (False, True):
        assert len(errors(table, past_only=past_only)) == 1
        assert errors(table, past_only=past_only, blocks={day: 83.0}).empty
        assert len(errors(table, past_only=past_only, blocks={day: 3.0})) == 1
    prices[15] = 200.0
    assert errors(price_table(frame(prices)), blocks={day: 83.0})["kind"].tolist() == ["power_of_ten"]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1000.0), st.randoms(use_true_random=False))
def test_neither_the_currency_nor_the_order_of_the_rows_changes_a_verdict(
    seed: int, scale: float, chance: object
) -> None:
    prices = calm(seed, noise=0.08)
    prices[10], prices[20] = prices[10] * 3.7, prices[20] / 5.2
    told = pd.concat([frame(prices), frame(calm(seed + 1), series=2, market="m2")], ignore_index=True)
    order = list(range(len(told)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    first = find_errors(price_table(told), RULES)
    mixed = find_errors(price_table(told.iloc[order]), RULES)
    pd.testing.assert_frame_equal(first, mixed)
    scaled = find_errors(price_table(told.assign(price=told["price"] * scale)), RULES)
    plain = {"isolated", "unit"}
    kept = first[first["kind"].isin(plain)]["row"].tolist()
    assert set(kept) & {10, 20} <= set(scaled["row"])


def test_a_new_unit_under_the_old_label_is_one_flag_and_inflation_is_none() -> None:
    prices = np.r_[calm(0, 2.2, 15), calm(1, 5.9, 15)]
    found = find_level_changes(price_table(frame(prices, unit="libra")), RULES)
    assert found["row"].tolist() == [15]
    assert found["detail"].tolist() == ["three_libras"]
    assert errors(price_table(frame(prices, unit="libra"))).empty
    both = pd.concat([frame(prices), frame(prices * 1.1, series=2, market="m2")])
    assert find_level_changes(price_table(both), RULES).empty


def test_series_that_stand_still_have_gaps_or_fall_silent_are_said_so() -> None:
    table = price_table(pd.concat([frame([0.5] * 40), frame(calm(), series=2), frame(calm(), series=3, first=60)]))
    assert find_stuck(table, RULES)["row"].tolist() == [39]
    gappy = pd.concat([frame(calm()), frame(calm(), first=60)])
    gap = find_gaps(price_table(gappy), RULES)
    assert gap["count"].tolist() == [31 * 7]
    last = WEEKLY[-1].date()
    assert find_stale(price_table(frame(calm())), RULES, last + dt.timedelta(days=60)).empty
    assert find_stale(price_table(frame(calm())), RULES, last + dt.timedelta(days=61))["count"].tolist() == [61]


def test_too_few_prices_are_not_judged() -> None:
    assert find_errors(price_table(frame([20.0, 2000.0, 20.0])), RULES).empty
    assert find_errors(price_table(frame([])), RULES).empty


def test_the_injected_errors_of_the_demonstration_are_found(tmp_path: Path) -> None:
    with Book.open(tmp_path / "b.db", today=dt.date(2026, 8, 22)) as book:
        for each in write_demo_prices(tmp_path, today=dt.date(2026, 8, 22)):
            book.import_file(each)
        told = pd.concat([book.series(each) for each in sorted(set(book.latest()["product"]))], ignore_index=True)
    keys = ["product", "market", "level", "unit", "source"]
    told["series_id"] = told.groupby(keys, sort=True).ngroup()
    told = told.sort_values(["series_id", "date", "time"], kind="stable", ignore_index=True)
    put = inject_errors(told, count=180, seed=5)
    assert put.errors["kind"].value_counts().to_dict() == dict.fromkeys(KINDS, 30)
    pd.testing.assert_frame_equal(put.frame, inject_errors(told, count=180, seed=5).frame)
    wrong = set(put.errors["row"])
    large = set(put.errors.loc[put.errors["factor"] >= 3, "row"])
    for past_only in (False, True):
        called = set(errors(price_table(put.frame), past_only=past_only)["row"])
        assert len(called & large) >= 0.9 * len(large)
        assert len(called & wrong) >= 0.9 * len(called)


def test_every_threshold_says_where_it_comes_from() -> None:
    assert all("supuesto" in each or any(sign.isdigit() for sign in each) for each in RULES.sources.values())
    with pytest.raises(PriceFileError, match=r"scale.floor.*fuente"):
        read_quality_rules("[scale]\nfloor = { value = 0.1 }\n")
    with pytest.raises(PriceFileError, match="faltan o sobran"):
        read_quality_rules("[scale]\nfloor = { value = 0.1, source = 'supuesto' }\n")
    with pytest.raises(PriceFileError, match="TOML"):
        read_quality_rules("no es toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [("a,b\n1,2\n", "calendario de bloqueos"), ("fecha,bloqueos\n2026-06-06,83\nayer,4\n", "línea 3"),
     ("fecha,bloqueos\n2026-06-06,-1\n", "línea 2")],
)  # fmt: skip
def test_a_calendar_that_cannot_be_read_is_refused_by_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PriceFileError, match=said):
        read_road_calendar(tmp_path / "c.csv")
    with pytest.raises(VallesError, match="No existe"):
        read_road_calendar(tmp_path / "otro.csv")


@pytest.fixture
def doubtful(book: Book, written: Callable[..., Path]) -> Book:
    """Return a book with thirty weeks of potato, the sixteenth with two zeros lost, checked."""
    prices = calm(level=45.0)
    prices[15] = 0.45
    days = [f"{day:%d/%m/%Y}" for day in WEEKLY]
    lines = [f"{day};santa_cruz;papa;arroba;{price}".replace(".", ",") for day, price in zip(days, prices, strict=True)]
    book.import_file(written("fecha;mercado;producto;unidad;precio", *lines))
    report = book.check_quality(author="Ana")
    assert report.found["error"] == 1
    return book


def test_a_flag_explains_itself_with_figures(doubtful: Book) -> None:
    flag = doubtful.flags(severity="error").iloc[0]
    assert flag["price"] == 0.45
    assert flag["suggested"] == pytest.approx(45.0)
    assert "veces menor que la mediana de los" in flag["note"]
    assert "Bs/arroba" in flag["note"]
    assert "faltan dos ceros" in flag["note"]
    assert "45,00" in flag["note"]
    again = doubtful.check_quality()
    assert (again.new, again.lapsed) == (0, 0)


def test_an_undecided_price_stays_with_its_mark_a_confirmed_one_leaves_and_a_dismissed_one_stays(
    doubtful: Book,
) -> None:
    number = int(doubtful.flags(severity="error")["flag"].iloc[0])

    def marks(**how: object) -> dict[float, str]:
        told = doubtful.series("papa", "santa_cruz", **how)
        return {each.price: each.flags for each in told.itertuples() if "price" in each.flags or "error" in each.flags}

    assert "suspected_error" in marks()[0.45]
    doubtful.decide(number, "confirmed", author="Rosa", reason="la planilla dice 45")
    assert len(doubtful.series("papa", "santa_cruz")) == 29
    assert "confirmed_error" in marks(raw=True)[0.45]
    assert len(doubtful.series("papa", "santa_cruz", raw=True)) == 30
    doubtful.decide(number, "dismissed", author="Luis", reason="era otra calidad")
    assert "checked_price" in marks()[0.45]
    last = doubtful.flags(status="dismissed").iloc[0]
    assert (last["decided_by"], last["reason"]) == ("Luis", "era otra calidad")
    assert doubtful.check_quality().lapsed == 0


def test_confirmed_errors_leave_the_last_price_the_change_and_the_indicators(
    book: Book, written: Callable[..., Path]
) -> None:
    prices = calm(level=45.0)
    prices[-1] = 4500.0
    lines = [f"{day:%Y-%m-%d},santa_cruz,papa,arroba,{price}" for day, price in zip(WEEKLY, prices, strict=True)]
    book.import_file(written("fecha,mercado,producto,unidad,precio", *lines))
    flag = book.flags(severity="error").iloc[0]  # found on the day of entry
    assert (flag["price"], flag["mode"]) == (4500.0, "entry")
    assert book.latest("papa")["price"].tolist() == [4500.0]
    assert "suspected_error" in book.latest("papa")["flags"].iloc[0]
    book.decide(int(flag["flag"]), "confirmed", author="Rosa", reason="dos ceros de más")
    last = book.latest("papa").iloc[0]
    assert (last["price"], last["previous_price"]) == (prices[-2], prices[-3])
    assert book.indicators("papa", "santa_cruz")["price"].max() < 100
    assert book.series("papa", "santa_cruz", frequency="monthly")["high"].max() < 100


def test_a_flag_is_seen_as_it_was_known_on_a_date(book_target: Path | str, written: Callable[..., Path]) -> None:
    prices = calm(level=45.0)
    prices[15] = 0.45
    lines = [f"{day:%Y-%m-%d},santa_cruz,papa,arroba,{price}" for day, price in zip(WEEKLY, prices, strict=True)]
    path = written("fecha,mercado,producto,unidad,precio", *lines)
    for day, work in (
        ("2026-08-10", lambda book: book.import_file(path)),
        ("2026-08-12", lambda book: book.check_quality()),
        ("2026-08-14", lambda book: book.decide(1, "confirmed", author="Rosa", reason="faltan ceros")),
    ):
        with Book.open(book_target, today=dt.date.fromisoformat(day), clock=lambda: dt.datetime.now(dt.UTC)) as book:
            work(book)
    with Book.open(book_target, today=dt.date(2026, 8, 20)) as book:
        assert book.flags(as_of="2026-08-09", status="all").empty
        assert book.flags(as_of="2026-08-13", severity="error")["status"].tolist() == ["open"]
        assert book.flags(severity="error", status="all")["status"].tolist() == ["confirmed"]
        known = book.series("papa", "santa_cruz", as_of="2026-08-13")
        assert len(known) == 30
        assert len(book.series("papa", "santa_cruz")) == 29


def test_a_corrected_price_has_its_flag_superseded(doubtful: Book) -> None:
    doubtful.add("papa", "santa_cruz", price=45.0, unit="arroba", date=WEEKLY[15].date(), correction=True)
    assert doubtful.flags(severity="error", status="all")["status"].tolist() == ["superseded"]
    assert set(doubtful.series("papa", "santa_cruz")["flags"]) == {"", "revision"}


def test_a_price_added_is_judged_by_the_past_and_cleared_by_what_follows(doubtful: Book) -> None:
    after = [WEEKLY[-1].date() + dt.timedelta(days=7 * number) for number in range(1, 8)]
    done = doubtful.add("papa", "santa_cruz", price=160.0, unit="arroba", date=after[0])
    assert "suspected_error" in done.flags
    assert "veces mayor" in done.reason
    for day in after[1:]:
        doubtful.add("papa", "santa_cruz", price=158.0, unit="arroba", date=day)
    assert doubtful.check_quality().lapsed >= 1
    lapsed = doubtful.flags(status="lapsed")
    assert 160.0 in lapsed["price"].tolist()
    told = doubtful.series("papa", "santa_cruz")
    assert "suspected_error" not in " ".join(told.loc[told["price"] > 100, "flags"])


def test_a_rehearsal_records_nothing_and_wrong_requests_are_refused(doubtful: Book) -> None:
    prices = doubtful.flags(status="all")
    doubtful.check_quality(dry_run=True, mode="entry")
    pd.testing.assert_frame_equal(doubtful.flags(status="all"), prices)
    with pytest.raises(ObservationError, match="Modo"):
        doubtful.check_quality(mode="both")
    with pytest.raises(UnknownNameError, match="999"):
        doubtful.decide(999, "confirmed", author="A", reason="x")
    with pytest.raises(ObservationError, match="autor y motivo"):
        doubtful.decide(1, "confirmed", author=" ", reason="x")
    with pytest.raises(ObservationError, match="deleted"):
        doubtful.decide(1, "deleted", author="A", reason="x")
    with pytest.raises(ObservationError, match="nuevas"):
        doubtful.flags(status="nuevas")


def test_the_road_calendar_is_kept_and_corrected_by_adding(book: Book, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("fecha,bloqueos\n2026-06-06T12:00:00-04:00,83\n2026-06-07,87\n", encoding="utf-8")
    assert book.check_quality(road_blocks=tmp_path / "c.csv").road_days == 2
    (tmp_path / "c.csv").write_text("fecha,conflicto\n2026-06-06,80\n", encoding="utf-8")
    assert book.check_quality(road_blocks=tmp_path / "c.csv").road_days == 2
    assert book.check_quality().road_days == 2
