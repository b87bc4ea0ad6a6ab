"""Prices on the planner's map: any product, its price or its alert, on any day; nothing loaded before it is asked."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from layers.territory import builtin_territory
from layers.workspace import Workspace
from market_prices import Book, starter_files


def _open(watched, address: str, path: str = "/") -> Page:  # noqa: ANN001  the fixture's own type
    page: Page = watched.page
    page.goto(address + path)
    expect(page.locator("#map[data-drawn]")).to_be_attached(timeout=60_000)
    if page.viewport_size and page.viewport_size["width"] < 720:
        page.locator("#handle").click()
    return page


def _until(page: Page, true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait without evaluating text in the page, which its policy forbids."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        page.wait_for_timeout(100)


def _rows(address: str, **asked: str) -> dict[str, dict[str, Any]]:
    answer = httpx.get(f"{address}/ogc/collections/price_alerts/items", params={"limit": "1000", "f": "json", **asked})
    return {each["properties"]["municipality_name"]: each["properties"] for each in answer.json()["features"]}


def _said(row: dict[str, Any]) -> str:
    if row["price"] is None:
        return "sin dato"
    return f"Bs {row['price']:,.2f}".translate(str.maketrans(",.", ".,")) + f" / {row['unit_name']}"


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_a_planner_sees_the_last_price_of_a_product_in_every_municipality(
    screen: str, request: pytest.FixtureRequest, address: str
) -> None:
    watched = request.getfixturevalue(screen)
    page = _open(watched, address)
    assert not [url for url in watched.addresses if "price_view" in url or "/ogc/" in url]  # nothing before it is asked
    before = page.locator("#map canvas").screenshot()
    page.get_by_role("radio", name="Precios", exact=True).check()
    lines = page.locator("#legend table tbody tr")
    page.locator("#price-product").select_option(label="Tomate")
    truth = _rows(address, product="tomate")
    expect(lines).to_have_count(len(truth))
    told = {
        line.locator("th").inner_text().strip(): (line.locator("b").inner_text(), line.inner_text())
        for line in lines.all()
    }
    assert {name: text for name, (text, _whole) in told.items()} == {name: _said(row) for name, row in truth.items()}
    assert all(row["age_text"] in told[name][1] for name, row in truth.items() if row["price"] is not None)
    assert all(row["market_name"] in told[name][1] for name, row in truth.items() if row["price"] is not None)
    page.wait_for_timeout(1200)
    assert page.locator("#map canvas").screenshot() != before
    assert page.evaluate("() => document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert watched.complaints == []


def test_a_product_without_price_says_so_and_never_zero(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    page.get_by_role("radio", name="Precios", exact=True).check()
    products = httpx.get(f"{address}/api/v1/prices/products").json()["products"]
    without = next(each for each in products if each["local"] and each["markets"] == 0)
    page.locator("#price-product").select_option(value=without["id"])
    cells = page.locator("#legend table tbody b")
    expect(cells.first).to_have_text("sin dato")
    assert set(cells.all_text_contents()) == {"sin dato"}
    assert "0,00" not in page.locator("#legend").inner_text()


def test_the_alert_has_its_own_legend_and_the_zones_come_back(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    page.get_by_role("radio", name="Precios", exact=True).check()
    page.locator("#price-product").select_option(label="Tomate")
    page.get_by_role("radio", name="Nivel de alerta", exact=True).check()
    levels = page.locator("#legend .entries .name")
    expect(levels).to_have_text(["normal", "tensión", "alerta", "crisis", "sin dato"])
    truth = _rows(address, product="tomate")
    told = {
        line.locator("th").inner_text().strip(): line.locator("b").inner_text()
        for line in page.locator("#legend tbody tr").all()
    }
    assert told == {name: row["alert_name"] for name, row in truth.items()}
    page.get_by_role("radio", name="Zonas", exact=True).check()
    expect(page.locator("#table tbody tr").first).to_be_visible()
    expect(page.locator("#price-choice")).to_be_hidden()
    expect(page.locator("#legend .code").first).to_be_visible()
    assert desk.complaints == []


def test_the_map_goes_back_to_a_day(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    page.get_by_role("radio", name="Precios", exact=True).check()
    page.locator("#price-product").select_option(label="Tomate")
    last = dt.date.fromisoformat(str(page.locator("#price-day").get_attribute("min"))) + dt.timedelta(days=400)
    page.locator("#price-day").fill(last.isoformat())
    truth = _rows(address, product="tomate", datetime=last.isoformat())
    first = page.locator("#legend tbody tr", has_text="Mairana")
    expect(first.locator("b")).to_have_text(_said(truth["Mairana"]))
    expect(first).to_contain_text(str(last.year))
    page.get_by_role("button", name=re.compile("Al último dato")).click()
    expect(first.locator("b")).to_have_text(_said(_rows(address, product="tomate")["Mairana"]))


def test_a_place_that_is_clicked_leads_to_its_line(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    page.get_by_role("radio", name="Precios", exact=True).check()
    expect(page.locator("#legend tbody tr").first).to_be_visible()
    page.wait_for_timeout(1500)
    page.locator("#map canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#legend tr.found")).to_have_count(1)
    expect(page.locator("#reason")).to_be_hidden()


def test_an_answer_that_does_not_come_is_told_in_words(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    page.route("**/ogc/collections/**", lambda route: route.abort())
    page.get_by_role("radio", name="Precios", exact=True).check()
    expect(page.locator("#trouble")).to_contain_text("no responde")


def test_prices_on_the_map_speak_english(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address, "/?lang=en")
    page.locator("input[name=view][value=prices]").check()
    page.locator("#price-product").select_option(value="tomate")
    price = page.locator("#legend tbody b").first
    expect(price).to_have_text(re.compile(r"^Bs \d+\.\d\d / "))
    expect(page.locator("#legend tbody tr a").first).to_have_attribute("href", re.compile(r"^/precios/\d{6}\?lang=en$"))
    _until(page, lambda: any("lang=en" in url for url in desk.addresses if "/ogc/" in url))


def test_without_a_study_the_map_shows_prices_and_says_what_to_do(
    tmp_path: Path,
    serve: Callable[[Path], str],
    desk,  # noqa: ANN001
) -> None:
    home = Workspace.init(tmp_path / "ws", builtin_territory("valles_crucenos"), files=starter_files())
    base = serve(home.root)
    page = _open(desk, base)
    note = page.locator("#not-zoned")
    expect(note).to_contain_text("Tampoco hay precios anotados")
    expect(note).to_contain_text("valles layers fetch")
    with Book.open(home) as book:
        book.add("tomate", "Mairana", price=70.0, unit="caja", author="a")
    page = _open(desk, base)
    expect(note).to_contain_text("El mapa muestra los precios")
    expect(page.locator("#price-product")).to_have_value("tomate")
    expect(page.locator("#legend table tbody tr", has_text="Mairana").locator("b")).to_have_text("Bs 70,00 / caja")
    page.locator("#municipality").select_option(label="Mairana")
    expect(page.locator("#place")).to_have_text("Mairana")
    expect(page.locator("#trouble")).to_be_hidden()
    assert desk.complaints == []
