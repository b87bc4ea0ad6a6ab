"""The producers' pages in a browser without any script, on a small phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def weak_phone(browser: Browser) -> Iterator[Page]:
    """Return a page of a phone that runs no script."""
    context = browser.new_context(
        viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True, java_script_enabled=False
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def test_a_producer_reads_the_last_price_without_any_script(weak_phone: Page, address: str) -> None:
    weak_phone.goto(f"{address}/precios")
    weak_phone.get_by_role("link", name="Pampa Grande").tap()
    expect(weak_phone.get_by_role("heading", level=1)).to_have_text("Precios en Pampa Grande")
    first = weak_phone.locator(".card").first
    expect(first.locator(".price b").first).to_contain_text("Bs")
    expect(first.locator(".age b").first).not_to_be_empty()
    expect(weak_phone.get_by_role("note")).to_contain_text("Datos de demostración")
    box = first.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 360


def test_a_product_is_found_without_accents_and_without_script(weak_phone: Page, address: str) -> None:
    weak_phone.goto(f"{address}/precios/saipina")
    every = weak_phone.locator(".card").count()
    weak_phone.get_by_label("Buscar producto").fill("TOMATE")
    weak_phone.get_by_role("button", name="Ver").tap()
    expect(weak_phone.get_by_text("Ver todos", exact=True)).to_be_visible()
    names = weak_phone.locator(".card h3").all_text_contents()
    assert 1 <= len(names) < every
    assert all("tomate" in name.lower() for name in names)


def test_a_price_page_asks_for_nothing_but_itself_and_its_icon(browser: Browser, address: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.on("console", lambda one: said.append(one.text))
    page.goto(f"{address}/precios/070801")
    assert {url.removeprefix(address) for url in asked} <= {"/precios/070801", "/static/icon.svg", "/favicon.ico"}
    assert said == []
    page.close()
