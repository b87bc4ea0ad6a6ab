"""The planner's map in a real browser: it draws, says why, counts, prints, and asks nobody else for anything."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

FIRST_LOAD_KB = 550


def _until(page: Page, true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait without evaluating text in the page, which its policy forbids."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        page.wait_for_timeout(100)


def _open(watched, address: str, path: str = "/"):  # noqa: ANN001, ANN202  the fixture's own type
    page = watched.page
    page.goto(address + path)
    expect(page.locator("#table tbody tr").first).to_be_visible()
    if page.locator("#map canvas").count():
        expect(page.locator("#map[data-drawn]")).to_be_attached(timeout=60_000)
    return page


def _figure(text: str) -> float:
    return float(text.replace(".", "").replace(",", ".").replace("ha", "").strip())


def _ask_centre(page: Page) -> None:
    page.locator("#map canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#reason")).to_be_visible()


def _centre_on_a_crop(page: Page) -> None:
    """Choose a municipality whose middle is land of its own."""
    page.locator("#municipality").select_option(label="Saipina")
    expect(page.locator("#place")).to_have_text("Saipina")
    page.wait_for_timeout(1500)


def test_the_map_says_why_a_place_is_in_its_zone_down_to_each_source(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    _centre_on_a_crop(page)
    _ask_centre(page)
    reason = page.locator("#reason")
    expect(reason.locator(".sentence").first).not_to_be_empty()
    expect(reason.locator(".badge")).to_have_text(re.compile(r"^[A-Z]{2,4}$"))
    reason.get_by_role("button", name="Ver toda la cadena").click()
    expect(reason.get_by_role("heading", name="Tipos de uso evaluados")).to_be_visible()
    expect(reason.get_by_role("heading", name="Turismo y artesanía")).to_be_visible()
    types = reason.locator("details.type")
    assert types.count() >= 10
    types.first.locator("summary").click()
    expect(types.first.locator("tbody tr").first).to_be_visible()
    expect(types.first.locator("tbody tr small").first).not_to_be_empty()
    assert desk.complaints == []


def test_the_reason_opens_and_closes_by_keyboard_alone(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    _ask_centre(page)
    page.keyboard.press("Escape")
    expect(page.locator("#reason")).to_be_hidden()


def test_a_click_marks_the_polygon_it_asks_about(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#reason h2")).to_be_visible()


def test_a_chosen_municipality_shows_its_own_hectares(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    page.locator("#municipality").select_option(label="Samaipata")
    expect(page.locator("#place")).to_have_text("Samaipata")
    code = parse_qs(urlparse(page.url).query)["municipio"][0]
    truth = httpx.get(f"{address}/api/v1/zoning/base/summary", params={"municipality": code}).json()
    shown = [_figure(text) for text in page.locator("#table tbody td.total").all_text_contents() if "<" not in text]
    assert abs(sum(shown) - truth["area_ha"]) <= len(shown) + 1
    assert abs(_figure(page.locator("#area").inner_text()) - truth["area_ha"]) <= 1
    expect(page.locator("#prices-here")).to_have_attribute("href", f"/precios/{code}")
    page.goto(page.url)
    expect(page.locator("#place")).to_have_text("Samaipata")


def test_everything_comes_from_the_server_itself_and_zones_come_by_range(desk, address: str) -> None:  # noqa: ANN001
    _open(desk, address)
    outside = [one for one in desk.addresses if not one.startswith((address, "blob:", "data:"))]
    assert outside == []
    archives = {url: status for url, status in desk.statuses.items() if url.endswith("zones.pmtiles")}
    assert archives
    assert set(archives.values()) == {206}
    assert desk.complaints == []


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_the_first_load_keeps_its_budget(screen: str, request: pytest.FixtureRequest, address: str, weighed) -> None:  # noqa: ANN001
    _keeps_budget(request.getfixturevalue(screen), address, weighed)


@pytest.mark.torture
@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_the_demonstration_as_people_make_it_keeps_the_budget(screen: str, request: pytest.FixtureRequest) -> None:
    address, scales = request.getfixturevalue("whole_demonstration")
    _keeps_budget(request.getfixturevalue(screen), address, scales)


def _keeps_budget(watched, address: str, scales) -> None:  # noqa: ANN001  the fixtures' own types
    scales.sent.clear()
    _open(watched, address)
    assert scales.sent["/static/app/map-worker.js"] > 0
    assert any(path.startswith("/tiles/") for path in scales.sent)
    assert sum(scales.sent.values()) / 1000 <= FIRST_LOAD_KB


def test_zones_can_be_told_apart_without_colour(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    plain = page.locator("#legend canvas").first.evaluate("canvas => canvas.toDataURL()")
    page.get_by_label("Tramas").check()
    patterned = page.locator("#legend canvas").first.evaluate("canvas => canvas.toDataURL()")
    assert plain != patterned
    codes = page.locator("#legend .code").all_text_contents()
    assert len(set(codes)) == len(codes) >= 3
    page.wait_for_timeout(500)
    assert desk.complaints == []


def test_one_zone_can_be_seen_alone_and_all_again(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    first = page.locator("#legend button").first
    first.click()
    expect(page.locator("#legend button").first).to_have_attribute("aria-pressed", "true")
    page.locator("#legend button").first.click()
    expect(page.locator("#legend button").first).to_have_attribute("aria-pressed", "false")


def test_the_classes_have_a_legend_of_their_own(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    page.get_by_role("radio", name="Aptitud").check(force=True)
    assert set(page.locator("#legend .code").all_text_contents()) <= {"S1", "S2", "S3", "N", "SD"}


def test_without_webgl_the_hectares_are_still_there(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(
        "const own = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return String(kind).startsWith('webgl') ? null : own.call(this, kind, ...rest); };"
    )
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#no-map")).to_contain_text("WebGL")
    expect(page.locator("#table tbody tr").first).to_be_visible()
    page.locator("#municipality").select_option(label="Comarapa")
    expect(page.locator("#table caption")).to_contain_text("Comarapa")
    context.close()


def test_a_server_that_stops_answering_is_told_in_words(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    page.route("**/api/v1/zoning/**", lambda route: route.abort())
    page.locator("#municipality").select_option(label="Mairana")
    expect(page.locator("#trouble")).to_contain_text("no responde")


def test_the_sheet_is_one_landscape_a4(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    page.evaluate("() => { window.print = () => { window.wasPrinted = true; }; }")
    page.get_by_role("button", name="Imprimir lámina").click()
    _until(page, lambda: bool(page.evaluate("() => window.wasPrinted")))
    assert re.search(r"1:[\d.]+", page.locator("#sheet-scale").text_content() or "")
    assert page.locator("img.sheet-map").evaluate("image => image.naturalWidth") > 1000
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    width, height = (float(text) for text in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", sheet)[0])
    assert (round(width), round(height)) == (842, 595)
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".bar")).to_be_visible()


def test_a_phone_has_a_sheet_to_draw_up_and_nothing_runs_off_its_side(phone, address: str) -> None:  # noqa: ANN001
    page = _open(phone, address)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    panel, handle = page.locator("#panel"), page.locator("#handle")
    expect(panel).to_have_attribute("data-rest", "half")
    handle.tap()
    expect(panel).to_have_attribute("data-rest", "full")
    handle.tap()
    expect(panel).to_have_attribute("data-rest", "peek")
    handle.focus()
    page.keyboard.press("ArrowUp")
    expect(panel).to_have_attribute("data-rest", "half")
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(400)
    small = page.locator("#panel button:visible, #panel select:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).filter(box => box.height < 24 || box.width < 24).length"
    )
    assert small == 0
    sideways = page.locator("#table").evaluate("box => getComputedStyle(box).overflowX")
    assert sideways == "auto"
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    assert phone.complaints == []


def test_a_phone_opens_the_reason_by_touch(phone, address: str) -> None:  # noqa: ANN001
    page = _open(phone, address)
    box = page.locator("#map").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#reason")).to_be_visible()
    page.get_by_role("button", name="Cerrar").tap()
    expect(page.locator("#reason")).to_be_hidden()


def test_the_map_says_that_its_data_are_of_demonstration(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address)
    expect(page.get_by_role("note")).to_contain_text("Datos de demostración")
    expect(page.locator(".credits summary")).not_to_be_empty()
    expect(page.locator("#scale")).to_contain_text("Escala 1:")
    expect(page.locator("#scale")).to_contain_text("celda de")


def test_the_map_speaks_english_when_asked(desk, address: str) -> None:  # noqa: ANN001
    page = _open(desk, address, "/?lang=en")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_title("Español").click()
    assert page.locator("html").get_attribute("lang") == "es"


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_each_chain_shows_its_own_aptitude_and_the_zones_come_back(
    screen: str, request: pytest.FixtureRequest, address: str
) -> None:
    watched = request.getfixturevalue(screen)
    page = _open(watched, address)
    asked = {url for url in watched.addresses if "/tiles/cadena_" in url}
    assert asked == set()  # nothing of a chain is loaded before somebody asks for it
    if screen == "phone":
        page.locator("#handle").click()
    for name, layer in (
        ("Hortifruticultura", "cadena_hortifruticultura"),
        ("Vitivinicultura", "cadena_vitivinicultura"),
        ("Turismo", "cadena_turismo"),
        ("Artesanía", "cadena_artesania"),
    ):
        page.get_by_role("radio", name=name, exact=True).check()
        _until(page, lambda layer=layer: any(f"/tiles/{layer}/" in url for url in watched.statuses))
        expect(page.locator("#legend .code")).to_have_text(["S1", "S2", "S3", "N", "SD"])
        expect(page.locator("#legend .amount").first).to_have_text(re.compile(r"ha · .*%"))
        truth = httpx.get(f"{address}/api/v1/zoning/base/aptitude", params={"code": layer}).json()["rows"]
        best = sum(row["area_ha"] for row in truth if row["class"] == "S1")
        shown = page.locator("#legend .amount").first.inner_text().split("ha")[0]
        assert "<" in shown or abs(_figure(shown) - best) <= 1
        expect(page.locator("#legend")).to_contain_text(name)
    page.get_by_role("radio", name="Zonas", exact=True).check()
    expect(page.locator("#table tbody tr").first).to_be_visible()
    expect(page.locator("#legend .code", has_text="SD")).to_have_count(0)
    assert watched.complaints == []


def _picture(page: Page) -> bytes:
    page.wait_for_timeout(1200)
    return page.locator("#map canvas").screenshot()


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_the_map_says_where_it_is_sure(screen: str, request: pytest.FixtureRequest, address: str) -> None:
    watched = request.getfixturevalue(screen)
    page = _open(watched, address)
    if screen == "phone":
        page.locator("#handle").click()
    by_zone = _picture(page)
    page.get_by_role("radio", name="Estabilidad", exact=True).check(force=True)
    legend = page.locator("#legend li")
    expect(legend).to_have_count(5)
    expect(legend.nth(3)).to_contain_text("80 % o más: estable")
    expect(legend.nth(4)).to_contain_text("sin dato")
    assert _picture(page) != by_zone
    expect(page.locator("#sheet-stability")).to_contain_text("estabilidad de 8 sorteos")
    page.get_by_role("radio", name="Zona", exact=True).check(force=True)
    assert page.locator("#legend .code").count() >= 3
    assert watched.complaints == []


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_a_kept_comparison_is_drawn_when_chosen_and_goes_when_not(
    screen: str, request: pytest.FixtureRequest, address: str
) -> None:
    watched = request.getfixturevalue(screen)
    page = _open(watched, address)
    if screen == "phone":
        page.locator("#handle").click()
    assert not [
        url for url in watched.addresses if "/tiles/changes/" in url
    ]  # nothing is loaded before it is asked for
    truth = httpx.get(f"{address}/api/v1/diff", params={"from": "base", "to": "calor_sequia"}).json()
    choice = page.get_by_label("Comparar con…")
    expect(choice).to_be_visible()
    zones = _picture(page)
    choice.select_option(label="calor_sequia")
    said = page.locator("#compared")
    expect(said).to_contain_text("Con «calor_sequia» cambian")
    hectares = re.search(r"cambian ([\d.]+) ha", said.inner_text())
    assert hectares
    assert abs(_figure(hectares[1]) - truth["changed_ha"]) <= 1
    _until(page, lambda: any("/tiles/changes/" in url and status < 300 for url, status in watched.statuses.items()))
    assert _picture(page) != zones
    choice.select_option(value="")
    expect(said).to_be_hidden()
    assert watched.complaints == []


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_the_panel_says_what_moves_the_map_most_first(
    screen: str, request: pytest.FixtureRequest, address: str
) -> None:
    watched = request.getfixturevalue(screen)
    page = _open(watched, address)
    if screen == "phone":
        page.locator("#handle").click()
    panel = page.locator("details", has=page.get_by_text("Qué mueve este mapa"))
    panel.locator("summary").click()
    lines = panel.locator("li")
    truth = httpx.get(f"{address}/api/v1/zoning/base/sensitivity").json()["variants"]
    alone = [row for row in truth if not row["against"]]
    expect(lines).to_have_count(len(alone))
    told = [float(text.rstrip(" %").replace(",", ".")) for text in panel.locator("li b").all_text_contents()]
    assert told == sorted(told, reverse=True)
    most = max(row["moved_share"] or 0.0 for row in alone)
    assert told[0] == pytest.approx(100 * most, abs=0.051)
    unknown = [row for row in alone if row["moved_share"] is None]
    assert len(panel.locator("li", has_text="sin dato").all()) >= len(unknown)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert watched.complaints == []
