"""A collector and a steward on a weak phone without any script."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from layers.workspace import Workspace
from market_prices import Book

WIDTH = 360


@pytest.fixture
def home(demo_workspace: Path, tmp_path: Path) -> Path:
    """Return the demonstration with a book of its own, in which last week's tomato stands."""
    (tmp_path / "ws").mkdir()
    for name in ("territory.toml", "ruleset.toml", "products.toml", "measures.toml", "markets.toml"):
        shutil.copy(demo_workspace / name, tmp_path / "ws" / name)
    with Book.open(Workspace.open(tmp_path / "ws")) as book:
        book.add("tomate", "saipina", price=95.0, unit="caja", date=book.today - dt.timedelta(weeks=1), author="Ana")
    return tmp_path / "ws"


@pytest.fixture
def door(home: Path, serve: Callable[[Path], str]) -> str:
    """Serve the copy and return its address."""
    return serve(home)


@pytest.fixture
def weak_phone(browser: Browser) -> Iterator[Page]:
    """Return a page of a phone that runs no script."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 640}, is_mobile=True, has_touch=True, java_script_enabled=False
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def key_of(home: Path, name: str, role: str, *places: str) -> str:
    with Book.open(Workspace.open(home)) as book:
        book.add_user(name, role, municipalities=places)
        return book.issue_token(name).text


def row(page: Page, product: str) -> Locator:
    return page.locator("fieldset", has=page.locator("legend", has_text=product)).first


def fits(page: Page) -> None:
    for box in (each.bounding_box() for each in page.locator("h1, fieldset, button, input:visible, .card").all()):
        if box is not None:
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= WIDTH


def test_a_collector_notes_a_market_day_on_a_weak_phone(weak_phone: Page, door: str, home: Path) -> None:
    key = key_of(home, "Ana", "collector", "saipina")
    weak_phone.goto(f"{door}/precios/saipina")
    weak_phone.get_by_role("link", name="Anotar precios").tap()
    weak_phone.get_by_label("Clave").fill(key.upper().replace("-", " "))
    weak_phone.get_by_role("button", name="Entrar").tap()
    expect(weak_phone.get_by_role("heading", level=1)).to_have_text("Anotar precios de Saipina")
    fits(weak_phone)
    row(weak_phone, "Tomate").get_by_label("Más común, Bs").fill("950")
    row(weak_phone, "Papa").get_by_label("Más común, Bs").fill("sesenta")
    row(weak_phone, "Papa").get_by_label("Por (medida)").fill("@")
    weak_phone.get_by_role("button", name="Revisar antes de anotar").tap()
    expect(weak_phone.get_by_role("alert").first).to_contain_text("No se anotó nada")
    expect(row(weak_phone, "Tomate").get_by_label("Más común, Bs")).to_have_value("950")
    row(weak_phone, "Papa").get_by_label("Más común, Bs").fill("60,50")
    weak_phone.get_by_role("button", name="Revisar antes de anotar").tap()
    expect(weak_phone.get_by_text("Bs 60,50 por arroba")).to_be_visible()
    weak_phone.get_by_role("button", name="Anotar 2 precios").tap()
    expect(weak_phone.get_by_role("alert")).to_contain_text("Todavía no se anotó")
    fits(weak_phone)
    weak_phone.get_by_role("button", name="Volver y corregir").tap()
    row(weak_phone, "Tomate").get_by_label("Más común, Bs").fill("98")
    weak_phone.get_by_role("button", name="Revisar antes de anotar").tap()
    weak_phone.get_by_role("button", name="Anotar 2 precios").tap()
    expect(weak_phone.get_by_role("status")).to_contain_text("Anotado: 2")
    weak_phone.get_by_role("link", name="Ver los precios").tap()
    expect(weak_phone.locator(".card", has_text="Tomate").first).to_contain_text("Bs 98")


def test_a_steward_confirms_an_error_on_a_weak_phone(weak_phone: Page, door: str, home: Path) -> None:
    key = key_of(home, "Rosa", "steward")
    with Book.open(Workspace.open(home)) as book:
        for back in range(14):
            date = book.today - dt.timedelta(weeks=back)
            book.add("papa", "saipina", price=600.0 if back == 6 else 60.0 + back % 3, unit="arroba", date=date)
        book.check_quality()
    weak_phone.goto(f"{door}/precios/revisar")
    weak_phone.get_by_label("Clave").fill(key)
    weak_phone.get_by_role("button", name="Entrar").tap()
    flag = weak_phone.locator("fieldset", has_text="Bs 600")
    fits(weak_phone)
    flag.get_by_label("Por qué").fill("un cero de más")
    flag.get_by_role("button", name="Es un error").tap()
    expect(weak_phone.get_by_role("status")).to_contain_text("decidida")
    with Book.open(Workspace.open(home)) as book:
        assert book.flags(status="confirmed")["decided_by"].tolist() == ["Rosa"]


def test_a_producer_compares_markets_on_a_weak_phone(weak_phone: Page, door: str, home: Path) -> None:
    with Book.open(Workspace.open(home)) as book:
        book.add("tomate", "santa_cruz", price=5.0, unit="kg")
    weak_phone.goto(f"{door}/precios/saipina")
    weak_phone.get_by_role("link", name="¿Dónde conviene vender?").tap()
    weak_phone.get_by_label("Producto").fill("tomate")
    weak_phone.get_by_label("Cuánto").fill("500")
    weak_phone.get_by_role("button", name="Comparar").tap()
    expect(weak_phone.locator(".card.best")).to_contain_text("Santa Cruz")
    expect(weak_phone.locator(".card.best")).to_contain_text("Flete")
    fits(weak_phone)
