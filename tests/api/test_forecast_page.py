"""The producer's page of forecasts: light, without script, no surer than was measured, silent where it must be."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.pages.page_numbers import money, written
from api.settings import Settings
from layers.territory import builtin_territory
from layers.workspace import Workspace
from market_prices import Book
from market_prices.book import records

FIRST_VIEW = 14_000
PAGE = "/precios/comarapa/pronostico"


@pytest.fixture(scope="module")
def visitor(demo_workspace: Path) -> Iterator[TestClient]:
    """Return a visitor of the demonstration."""
    with TestClient(create_app(Settings(workspace=demo_workspace))) as made:
        yield made


def _cards(text: str) -> dict[str, str]:
    found = re.findall(r'<li class="card.*?</li>', text, re.DOTALL)
    return {re.sub(r"<[^>]+>", "", re.findall(r"<h3>(.*?)</h3>", each)[0]).strip(): each for each in found}


def test_the_page_is_light_and_needs_no_script(visitor: TestClient) -> None:
    answer = visitor.get(PAGE, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert len(gzip.compress(answer.content, 6)) <= FIRST_VIEW
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert f'href="{PAGE}"' in visitor.get("/precios/comarapa").text


def test_every_forecast_shows_its_interval_and_what_was_measured_beside_it(
    visitor: TestClient, demo_workspace: Path
) -> None:
    cards = _cards(visitor.get(PAGE).text)
    with Book.open(demo_workspace) as book:
        rows = [each for each in records(book.forecast(None, "santa_cruz")) if not each["silence"]]
    assert rows
    for row in rows:
        card = cards[row["product_name"]]
        assert money(row["price"]) in card
        assert f"{written(row['low80'], 2)} a {written(row['high80'], 2)}" in card
        assert f"Probado {row['tests']} veces" in card
        assert written(row["mase_naive"], 2) in card
        if row["horizon"] == 1:
            assert f"medido a un mes: {written(row['coverage80'])} % de" in card


def test_what_is_unchanged_since_the_last_visit_is_not_sent_again(visitor: TestClient) -> None:
    first = visitor.get(PAGE)
    again = visitor.get(PAGE, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    english = visitor.get(f"{PAGE}?lang=en", headers={"if-none-match": first.headers["etag"]})
    assert english.status_code == 200
    assert 'lang="en"' in english.text


def test_a_product_is_found_by_its_name(visitor: TestClient) -> None:
    assert set(_cards(visitor.get(f"{PAGE}?q=TOMATE").text)) == {"Tomate"}
    assert "Ningún producto coincide" in visitor.get(f"{PAGE}?q=zzz").text
    assert visitor.get("/precios/atlantis/pronostico").status_code == 404


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a visitor of a book with one series that ended years ago and one of a few days."""
    folder = tmp_path_factory.mktemp("old") / "ws"
    Workspace.init(folder, builtin_territory("valles_crucenos"))
    lines = [
        "fecha,mercado,producto,unidad,precio",
        *(f"{2015 + step // 12}-{step % 12 + 1:02d}-15,santa_cruz,tomate,kg,{5 + step % 3}" for step in range(60)),
        *(f"{dt.date.today() - dt.timedelta(days=each)},santa_cruz,papa,kg,6" for each in (9, 2)),  # noqa: DTZ011
    ]
    (folder.parent / "list.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Book.open(folder) as book:
        book.import_file(folder.parent / "list.csv")
    with TestClient(create_app(Settings(workspace=folder))) as made:
        yield made


def test_where_nothing_beats_the_last_price_the_page_says_so_and_why(old: TestClient) -> None:
    text = old.get(PAGE).text
    assert "De ningún producto se puede decir hoy algo mejor que el último precio." in text
    cards = _cards(text)
    assert set(cards) == {"Tomate", "Papa"}
    assert "que ya es viejo" in cards["Tomate"]
    assert "la serie tiene" in cards["Papa"]
    assert all("No hay nada mejor que el último precio" in each and "Se espera" not in each for each in cards.values())


def test_a_municipality_without_prices_says_so(tmp_path: Path) -> None:
    Workspace.init(tmp_path / "ws", builtin_territory("valles_crucenos"))
    with TestClient(create_app(Settings(workspace=tmp_path / "ws"))) as empty:
        assert "Sin dato: ningún producto tiene una serie" in empty.get(PAGE).text


def test_a_new_price_shows_at_once(tmp_path: Path) -> None:
    Workspace.init(tmp_path / "ws", builtin_territory("valles_crucenos"))
    with Book.open(tmp_path / "ws") as book, TestClient(create_app(Settings(workspace=tmp_path / "ws"))) as site:
        tag = site.get(PAGE).headers["etag"]
        (tmp_path / "one.csv").write_text(
            f"fecha,mercado,producto,unidad,precio\n{book.today},santa_cruz,papa,kg,6\n", encoding="utf-8"
        )
        book.import_file(tmp_path / "one.csv")
        assert set(_cards(site.get(PAGE, headers={"if-none-match": tag}).text)) == {"Papa"}
