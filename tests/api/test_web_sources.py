"""The map's script and the server agree on words, elements and addresses, and nothing comes from another host."""

from __future__ import annotations

import json
import re
from pathlib import Path

from api.pages.map_words import map_words
from zoning.study.stability_layer import STEPS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "web" / "src").glob("*.ts")}
SCRIPT = "\n".join(SOURCES.values())
TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "api" / "templates").glob("*.html")}


def test_every_message_the_script_asks_for_exists() -> None:
    asked = set(re.findall(r"speak\(\s*\"(\w+)\"", SCRIPT))
    assert asked <= set(map_words())


def test_every_element_the_script_asks_for_is_in_the_template() -> None:
    asked = set(re.findall(r"byId(?:<\w+>)?\(\"([\w-]+)\"\)", SCRIPT))
    there = set(re.findall(r"id=\"([\w-]+)\"", TEMPLATES["map.html"]))
    assert asked <= there


def test_no_page_script_or_style_names_another_host() -> None:
    styles = [path.read_text(encoding="utf-8") for path in (ROOT / "api" / "static").glob("*.css")]
    for text in (*SOURCES.values(), *TEMPLATES.values(), *styles):
        foreign = [url for url in re.findall(r"https?://[\w.-]+", text) if url != "http://www.w3.org"]
        assert not foreign


def test_no_text_of_the_script_becomes_markup() -> None:
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", SCRIPT)


def test_no_source_file_is_longer_than_a_module() -> None:
    assert {name: text.count("\n") for name, text in SOURCES.items() if text.count("\n") > 300} == {}


def test_script_and_pictures_colour_the_stability_alike() -> None:
    pairs = re.findall(r"\[([\d.]+), \"(#\w{6})\"\]", SOURCES["colouring.ts"])
    assert [(float(begin), colour) for begin, colour in pairs] == list(STEPS)


def test_the_lock_file_names_no_registry_and_pins_every_package() -> None:
    text = (ROOT / "web" / "package-lock.json").read_text(encoding="utf-8")
    assert "://registry" not in text
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert packages
    assert all("integrity" in one and "resolved" not in one for one in packages.values())


def test_what_is_fetched_later_never_fetches_the_page_s_own_script_again() -> None:
    prices = {"price_view.ts", "price_scale.ts", "price_symbols.ts"}
    later = prices | {name for name in SOURCES if name.startswith("what_if")}
    assert 'await import("./price_view")' in SOURCES["map.ts"]
    assert 'import("./what_if").then' in SOURCES["trial_door.ts"]
    for name in later:
        values = re.findall(r"^import (?!type\b).*?from \"\./(\w+)\";", SOURCES[name], flags=re.MULTILINE | re.DOTALL)
        assert {f"{each}.ts" for each in values} <= later
