"""A planner moves a rule in a real browser and the map answers; a trial never passes for a study."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import httpx
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

PLACE = "Samaipata"
Pixels = npt.NDArray[np.int64]


def until(page: Page, true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait without evaluating text in the page, which its policy forbids."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        page.wait_for_timeout(100)


def start(watched: Any, address: str, path: str = "/", *, place: str = PLACE) -> Page:  # noqa: ANN401  the fixture's own type
    """Open the map, choose a municipality and open the panel."""
    page: Page = watched.page
    page.goto(address + path)
    expect(page.locator("#map[data-drawn]")).to_be_attached(timeout=60_000)
    if place:
        page.locator("#municipality").select_option(label=place)
        expect(page.locator("#place")).to_have_text(place)
    panel = page.locator("#trial")
    if panel.get_attribute("open") is None:
        panel.locator("summary").click()
    expect(page.locator("#trial-kind")).to_be_visible()
    return page


def choose_roads(page: Page) -> None:
    """Choose the distance to a road that vines, fruit and annual crops need."""
    page.locator("#trial-kind").select_option("gate")
    page.locator("#trial-gate").select_option("near_people")
    page.locator("#trial-condition").select_option("distance_road")


def write(page: Page, text: str) -> None:
    """Write a number into the box as a person does."""
    page.locator("#trial-value").fill(text)
    page.locator("#trial-value").press("Enter")


def settled(page: Page) -> None:
    """Wait until the trial is drawn and its table is that of the last change."""
    expect(page.locator("#trial-result")).to_be_visible(timeout=60_000)
    expect(page.locator("#trial-result:not(.stale) tbody tr").first).to_be_visible(timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1200)


def picture(page: Page) -> Pixels:
    """Return the colours of the map's box, without what lies over it."""
    page.wait_for_timeout(800)
    shot = Image.open(io.BytesIO(page.locator("#map canvas").screenshot()))
    return np.asarray(shot.convert("RGB"), dtype=np.int64)


def bare(page: Page) -> None:
    """Take off what is drawn over the zones, so that a colour is that of a zone."""
    for name in ("Relieve", "Ríos", "Caminos", "Comunidades"):
        box = page.get_by_label(name, exact=True)
        if box.count():
            box.uncheck()


def figure(text: str) -> float:
    """Read a figure as the page writes it."""
    return float(text.replace(".", "").replace(",", ".").replace("−", "-").replace("+", ""))


def hash_of(page: Page) -> str:
    return parse_qs(urlparse(page.url).query)["ensayo"][0]


def zone_at(legend: dict[str, Any], colour: Pixels) -> str:
    """Return the zone whose colour, drawn on the paper at nine tenths, is nearest."""
    paper = np.array([0xF4, 0xF1, 0xEA])
    shades = {
        zone["zone"]: 0.9 * np.array([int(zone["colour"][at : at + 2], 16) for at in (1, 3, 5)]) + 0.1 * paper
        for zone in legend["zones"]
    }
    return min(shades, key=lambda zone: float(np.abs(shades[zone] - colour).sum()))


def test_a_moved_limit_changes_the_colour_of_places_and_taking_it_back_restores_them(
    desk: Any,  # noqa: ANN401  the fixture's own type
    trial_address: str,
) -> None:
    page = start(desk, trial_address)
    bare(page)
    before = picture(page)
    choose_roads(page)
    page.locator("#trial-slider").focus()
    for _step in range(8):
        page.keyboard.press("PageDown")
    settled(page)
    expect(page.locator("#trial-mark")).to_have_text(re.compile("ENSAYO"))
    expect(page.locator("#trial-legend")).to_contain_text("no se ha guardado nada")
    trial = picture(page)
    page.get_by_role("radio", name="Estudio").check(force=True)
    page.wait_for_timeout(2000)
    study = picture(page)
    inner = (slice(80, -60), slice(400, -120))  # what no card or button covers
    changed = np.abs(trial - study).sum(axis=2)[inner] > 60
    whole = np.lib.stride_tricks.sliding_window_view(changed, (5, 5)).all(axis=(2, 3))
    places = np.argwhere(whole)
    assert len(places) > 50
    row, col = places[len(places) // 2] + 2
    legend = httpx.get(f"{trial_address}/api/v1/zoning/base/legend").json()
    was, became = zone_at(legend, study[inner][row, col]), zone_at(legend, trial[inner][row, col])
    assert was in {"VID", "FRU", "ANU"}  # they need the road; nobody else loses land by it
    assert was != became
    lost = page.locator(f'#trial-result tr[data-zone="{was}"] .change').inner_text()
    assert figure(lost) < 0
    page.get_by_role("button", name="Quitar el ensayo").click()
    expect(page.locator("#trial-result")).to_be_hidden()
    expect(page.locator("#trial-mark")).to_be_hidden()
    assert "ensayo" not in page.url
    page.wait_for_timeout(1500)
    assert np.abs(picture(page) - before)[inner].sum(axis=2).mean() < 1
    assert desk.complaints == []


def test_the_table_tells_what_the_summary_route_tells(desk: Any, trial_address: str) -> None:  # noqa: ANN401
    page = start(desk, trial_address)
    choose_roads(page)
    write(page, "500")
    settled(page)
    code = parse_qs(urlparse(page.url).query)["municipio"][0]
    asked = {"table": hash_of(page), "municipality": code}
    truth = httpx.get(f"{trial_address}/zoning/preview/summary", params=asked, timeout=60).json()
    sums: dict[str, list[float]] = {}
    for row in truth["rows"]:
        zone = sums.setdefault(row["zone"], [0.0, 0.0, 0.0])
        for at, name in enumerate(("base_ha", "area_ha", "change_ha")):
            zone[at] += row[name]
    shown = {
        str(row.get_attribute("data-zone")): row.locator("td").all_text_contents()
        for row in page.locator("#trial-result tbody tr").all()
    }
    assert set(shown) == set(sums)
    for zone, texts in shown.items():
        for text, value in zip(texts, sums[zone], strict=True):
            assert "<" in text or abs(figure(text) - value) <= 0.51, (zone, texts, sums[zone])
    said = page.locator("#trial-result .trial-moved").inner_text()
    moved = re.search(r"([\d.]+) ha", said)
    assert moved
    assert abs(figure(moved[1]) - truth["moved_ha"]) <= 0.51
    expect(page.locator("#trial-result caption")).to_contain_text("antes de unirlas en polígonos")
    expect(page.locator("#trial-controls [role=status]")).to_have_text(said)
    page.locator("#municipality").select_option(label="Saipina")
    expect(page.locator("#trial-result caption")).to_contain_text("Saipina")
    page.locator("#municipality").select_option(value="")
    expect(page.locator("#trial-result .trial-moved")).to_contain_text("Elija un municipio")
    assert desk.complaints == []


def test_a_link_brings_a_trial_back_and_an_unknown_one_says_how_to_repeat_it(
    desk: Any,  # noqa: ANN401
    trial_address: str,
) -> None:
    page = start(desk, trial_address)
    page.locator("#trial-kind").select_option("limit")
    page.locator("#trial-crop").select_option("papa")
    page.locator("#trial-factor").select_option("temperature")
    page.locator("#trial-limit").select_option("low.s1")
    write(page, "16")
    settled(page)
    page.locator("#trial-kind").select_option("minimum")
    page.locator("#trial-zone").select_option("VID")
    page.locator("#trial-body, .trial-body").get_by_role("radio", name="S2").check(force=True)
    expect(page.locator("#trial-result .trial-entries li")).to_have_count(2)
    settled(page)
    link = page.url
    entries = page.locator("#trial-result .trial-entries li span").all_text_contents()
    table = page.locator("#trial-result tbody").inner_text()
    assert "S1 → S2" in " ".join(entries)
    page.goto("about:blank")
    page.goto(link)
    settled(page)
    assert page.locator("#trial-result .trial-entries li span").all_text_contents() == entries
    assert page.locator("#trial-result tbody").inner_text() == table
    assert desk.complaints == []
    page.goto(f"{trial_address}/?ensayo={'0' * 32}")
    trouble = page.locator("#trial-controls [role=alert]")
    expect(trouble).to_contain_text("para repetirlo")
    expect(page.locator("#trial-result")).to_be_hidden()
    expect(page.locator("#trial-kind")).to_be_visible()


def problem(status: int, detail: str, **headers: str) -> Callable[[Route], None]:
    """Return what answers a request with a problem."""
    body = json.dumps({"title": "x", "status": status, "detail": detail, "remedy": "Haga otra cosa."})
    told = {"Content-Type": "application/problem+json", **headers}
    return lambda route: route.fulfill(status=status, headers=told, body=body)


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422, 500])
def test_a_refusal_is_told_in_the_servers_words_and_the_panel_lives_on(
    status: int,
    desk: Any,  # noqa: ANN401
    trial_address: str,
) -> None:
    page = start(desk, trial_address)
    choose_roads(page)
    page.route("**/zoning/preview?*", problem(status, f"Así no se puede ({status})"))
    write(page, "600")
    trouble = page.locator("#trial-controls [role=alert]")
    expect(trouble).to_contain_text(f"Así no se puede ({status}). Haga otra cosa.")
    page.unroute("**/zoning/preview?*")
    trouble.get_by_role("button", name="Reintentar").click()
    settled(page)
    expect(trouble).to_be_hidden()


def test_a_server_that_is_gone_or_busy_is_waited_for_or_told(desk: Any, trial_address: str) -> None:  # noqa: ANN401
    page = start(desk, trial_address)
    choose_roads(page)
    page.route("**/zoning/preview?*", lambda route: route.abort())
    write(page, "600")
    expect(page.locator("#trial-controls [role=alert]")).to_contain_text("no responde")
    page.unroute("**/zoning/preview?*")
    busy = problem(503, "El estudio «base» se está preparando para probar reglas: 40 %", **{"Retry-After": "2"})
    page.route("**/zoning/preview?*", busy)
    write(page, "700")
    expect(page.locator("#trial-controls [role=status]")).to_contain_text("preparando")
    expect(page.locator("#trial-controls progress")).to_have_attribute("value", "40")
    page.unroute("**/zoning/preview?*")
    settled(page)
    expect(page.locator("#trial-controls progress")).to_be_hidden()
    many = problem(429, "Demasiadas peticiones", **{"Retry-After": "1"})
    page.route("**/zoning/preview/summary?*", many)
    write(page, "800")
    expect(page.locator("#trial-controls [role=status]")).to_contain_text("Demasiadas peticiones")
    page.unroute("**/zoning/preview/summary?*")
    settled(page)


def test_a_value_that_needs_a_layer_says_which_and_offers_those_that_do_not(
    desk: Any,  # noqa: ANN401
    trial_address: str,
) -> None:
    page = start(desk, trial_address)
    page.locator("#trial-crop").select_option("papa")
    page.locator("#trial-factor").select_option("temperature")
    page.locator("#trial-limit").select_option("low.s1")
    write(page, "16,003")
    trouble = page.locator("#trial-controls [role=alert]")
    expect(trouble).to_contain_text("temperature_mean")
    expect(trouble).to_contain_text(re.compile(r"unos [\d,]+ s"))
    expect(page.locator("#trial-result")).to_be_hidden()
    trouble.get_by_role("button", name="Usar").first.click()
    settled(page)
    expect(trouble).to_be_hidden()
    expect(page.locator("#trial-value")).to_have_value(re.compile(r"^1[56](,\d+)?$"))
    write(page, "mucho")
    expect(trouble).to_contain_text("«mucho» no es un número")
    write(page, "60")  # past the limit of S1 on the other side
    expect(trouble).to_contain_text("cruza")
    assert desk.complaints == [each for each in desk.complaints if "422" in each]


def test_the_printed_sheet_says_that_it_is_a_trial(desk: Any, trial_address: str) -> None:  # noqa: ANN401
    page = start(desk, trial_address)
    choose_roads(page)
    write(page, "500")
    settled(page)
    page.get_by_role("radio", name="Estudio").check(force=True)
    page.wait_for_timeout(1500)
    page.evaluate("() => { window.print = () => { window.wasPrinted = true; }; }")
    page.get_by_role("button", name="Imprimir lámina").click()
    until(page, lambda: bool(page.evaluate("() => window.wasPrinted")))
    expect(page.locator("input[name=trial-seen][value=trial]")).to_be_checked()
    for said in ("#trial-mark .of-trial", "#trial-title", "#sheet-trial"):
        expect(page.locator(said)).to_be_visible()
    expect(page.locator("#sheet-trial")).to_contain_text("NO ES UN ESTUDIO")
    expect(page.locator("#sheet-trial")).to_contain_text("500 m")
    expect(page.locator("#trial-result table")).to_be_visible()
    expect(page.locator("#table")).to_be_hidden()
    foot, last = page.locator(".sheet-foot").bounding_box(), page.locator("#legend li").last.bounding_box()
    assert foot
    assert last
    assert last["y"] + last["height"] <= foot["y"] + 1
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")


def test_a_trial_is_downloaded_as_lines_for_the_rules_and_opened_again(
    desk: Any,  # noqa: ANN401
    trial_address: str,
    tmp_path: Path,
) -> None:
    page = start(desk, trial_address)
    page.locator("#trial-kind").select_option("order")
    page.get_by_role("button", name="Bajar Horticultura").click()
    settled(page)
    with page.expect_download() as lines:
        page.get_by_role("link", name="ruleset.toml").click()
    assert 'order = ["VID", "HOR", "FRU", "ANU"]' in Path(lines.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as change:
        page.get_by_role("link", name="JSON").click()
    kept = tmp_path / "cambio.json"
    change.value.save_as(kept)
    assert json.loads(kept.read_text(encoding="utf-8"))["change"] == {"order": ["VID", "HOR", "FRU", "ANU"]}
    page.get_by_role("button", name="Quitar:").click()  # the only line: nothing changes any more
    expect(page.locator("#trial-result")).to_be_hidden()
    page.locator("#trial-file").set_input_files(kept)
    settled(page)
    expect(page.locator(".trial-entries li")).to_contain_text("VID, HOR, FRU, ANU")
    wrong = tmp_path / "otra.json"
    wrong.write_text("[1]", encoding="utf-8")
    page.locator("#trial-file").set_input_files(wrong)
    expect(page.locator("#trial-controls [role=alert]")).to_contain_text("otra.json")


def test_the_panel_works_by_keyboard_and_tells_what_it_is(desk: Any, trial_address: str) -> None:  # noqa: ANN401
    page = desk.page
    page.goto(trial_address)
    expect(page.locator("#map[data-drawn]")).to_be_attached(timeout=60_000)
    assert not [url for url in desk.addresses if "what_if.js" in url or "/zoning/options" in url]
    page.locator("#municipality").select_option(label=PLACE)
    page.locator("#trial summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#trial-kind")).to_be_visible()
    for _tab in range(5):  # what, crop, characteristic, limit, slider
        page.keyboard.press("Tab")
    slider = page.locator("#trial-slider")
    expect(slider).to_be_focused()
    assert slider.get_attribute("aria-label") == "S1 desde"
    assert re.search(r"[\d.,]+ \S+", slider.get_attribute("aria-valuetext") or "")
    page.keyboard.press("ArrowRight")
    settled(page)
    expect(slider).to_be_focused()
    expect(page.locator("#trial-controls [role=status]")).to_contain_text(PLACE)
    unnamed = page.locator("#trial :is(select, input), #trial-result :is(button, input, a)").evaluate_all(
        "all => all.filter(one => !(one.labels?.length || one.ariaLabel || one.textContent.trim())).length"
    )
    assert unnamed == 0
    assert desk.complaints == []


def test_other_views_take_the_trials_place_and_give_it_back(desk: Any, trial_address: str) -> None:  # noqa: ANN401
    page = start(desk, trial_address)
    choose_roads(page)
    write(page, "400")
    settled(page)
    trial = picture(page)
    page.get_by_role("radio", name="Vitivinicultura", exact=True).check(force=True)
    page.wait_for_timeout(1500)
    assert np.abs(picture(page) - trial).mean() > 1
    expect(page.locator("#trial-mark")).to_be_hidden()
    page.get_by_role("radio", name="Zonas", exact=True).check(force=True)
    page.wait_for_timeout(1500)
    assert np.abs(picture(page) - trial).mean() < 1
    expect(page.locator("#trial-mark")).to_be_visible()
    assert desk.complaints == []


def test_a_phone_moves_a_limit_with_the_map_in_sight(phone: Any, trial_address: str) -> None:  # noqa: ANN401
    page = start(phone, trial_address)
    choose_roads(page)
    slider = page.locator("#trial-slider")
    slider.scroll_into_view_if_needed()
    box, stage = slider.bounding_box(), page.locator("#map").bounding_box()
    assert box
    assert stage
    assert stage["height"] > 250
    assert box["y"] > stage["y"] + stage["height"] - 20  # the panel does not climb over the map
    before = picture(page)
    page.touchscreen.tap(box["x"] + 0.15 * box["width"], box["y"] + box["height"] / 2)
    settled(page)
    assert np.abs(picture(page) - before).mean() > 1
    expect(page.locator("#trial-controls [role=status]")).to_contain_text("Cambian de zona")
    page.locator("#handle").tap()
    page.wait_for_timeout(400)
    page.locator("#trial-result table").scroll_into_view_if_needed()
    expect(page.locator("#trial-result table")).to_be_in_viewport()
    small = page.locator(
        "#trial :is(button, select, input:not([type=file], [type=checkbox])), #trial-result :is(button, a)"
    ).evaluate_all(
        "all => all.filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect())"
        ".filter(box => box.height < 24 || box.width < 18).length"
    )
    assert small == 0
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    assert phone.complaints == []


def test_a_phone_shows_a_refusal_where_it_is_seen_and_in_the_words_of_the_panel(
    phone: Any,  # noqa: ANN401
    trial_address: str,
) -> None:
    page = start(phone, trial_address)
    choose_roads(page)
    write(page, "-5")
    trouble = page.locator("#trial-controls [role=alert]")
    expect(trouble).to_contain_text("El valor −5. Se esperaba un número de 0 a")
    expect(trouble).not_to_contain_text("near_people")
    expect(trouble).to_be_in_viewport()
    write(page, "777,5")
    expect(trouble).to_contain_text("Con estos valores se dibuja")
    expect(trouble).to_be_in_viewport()
