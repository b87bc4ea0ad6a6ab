"""The pages as the server sends them: light, finished, honest about age, and with a strict policy."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings

FIRST_VIEW = 14_000
WHOLE_PAGE = 60_000


@pytest.fixture(scope="module")
def visitor(demo_workspace: Path) -> Iterator[TestClient]:
    """Return a visitor of the demonstration."""
    with TestClient(create_app(Settings(workspace=demo_workspace))) as made:
        yield made


def _pages(visitor: TestClient) -> list[str]:
    codes = [one["code"] for one in visitor.get("/api/v1/territory").json()["municipalities"]]
    return ["/precios", *(f"/precios/{code}" for code in codes)]


def test_every_price_page_fits_in_one_round_trip(visitor: TestClient) -> None:
    icon = len(visitor.get("/static/icon.svg").content)
    for path in _pages(visitor):
        answer = visitor.get(path, headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        size = len(gzip.compress(answer.content, 6))
        assert size <= FIRST_VIEW, path
        assert size + icon <= WHOLE_PAGE


def test_price_pages_carry_no_script_and_only_the_style_their_policy_names(visitor: TestClient) -> None:
    for path in _pages(visitor)[:3]:
        answer = visitor.get(path)
        policy = answer.headers["content-security-policy"]
        (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "<script" not in answer.text
        assert not re.search(r"\sstyle=|\son\w+=", answer.text)


def test_the_map_carries_its_words_as_data_and_no_inline_script(visitor: TestClient) -> None:
    answer = visitor.get("/")
    assert "unsafe" not in answer.headers["content-security-policy"]
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.DOTALL)
    assert all('type="application/json"' in kind or not text.strip() for kind, text in scripts)
    config = json.loads(next(text for kind, text in scripts if "application/json" in kind))
    assert config["study"] == "base"
    assert {"zones", "municipalities"} <= set(config["layers"])
    assert config["demo"] is True


def test_every_page_says_that_the_data_are_of_demonstration(visitor: TestClient) -> None:
    for path in ["/", *_pages(visitor)]:
        assert "Datos de demostración" in visitor.get(path).text


@pytest.mark.parametrize("name", ["070801", "70801", "vallegrande", "Vallegrande"])
def test_a_municipality_answers_to_code_and_name(visitor: TestClient, name: str) -> None:
    assert "Precios en Vallegrande" in visitor.get(f"/precios/{name}").text


def test_a_slug_of_two_words_is_found_and_listed(visitor: TestClient) -> None:
    assert "Precios en Pampa Grande" in visitor.get("/precios/pampa-grande").text
    assert 'href="/precios/pampa-grande"' in visitor.get("/precios").text


def test_an_unknown_municipality_is_refused_in_words(visitor: TestClient) -> None:
    answer = visitor.get("/precios/atlantida", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "Municipio desconocido" in answer.text


def test_a_search_that_means_a_municipality_leads_to_it(visitor: TestClient) -> None:
    answer = visitor.get("/precios", params={"q": "pucara"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/precios/pucara")
    assert "No hay ningún municipio" in visitor.get("/precios", params={"q": "<b>nada"}).text
    assert "<b>nada" not in visitor.get("/precios", params={"q": "<b>nada"}).text


def test_every_figure_says_its_day_and_age_and_an_old_one_is_never_todays(visitor: TestClient) -> None:
    for path in _pages(visitor)[1:4]:
        text = visitor.get(path).text
        cards = re.findall(r'<li class="card.*?(?=<li class="card|</ul>\s*(?:<h2|<nav))', text, re.DOTALL)
        assert cards
        for card in cards:
            assert re.search(r'<time datetime="\d{4}-\d\d-\d\d">[^<]+</time>, <b>[^<]+</b>', card)
            old = "card old" in card[:40]
            assert old == ("precio antiguo" in card.split("<details>")[0])
            if old:
                assert "hoy</b>" not in card


def test_a_reference_is_never_passed_off_as_observed(visitor: TestClient) -> None:
    told = visitor.get("/api/v1/prices/municipal/070801").json()
    kinds = {card["kind"] for card in told["cards"]}
    for kind in kinds & {"observed", "reference"}:
        text = visitor.get("/precios/070801", params={"kind": kind}).text
        shown = set(re.findall(r'class="kind (\w+)"', text))
        assert shown == {kind}


def test_the_direction_of_a_price_is_written_out(visitor: TestClient) -> None:
    text = visitor.get("/precios/070801").text
    trends = re.findall(r'<p class="trend (\w+)"><span aria-hidden="true">(.)</span> (\w+)', text)
    assert trends
    assert set(trends) <= {("up", "▲", "Subió"), ("down", "▼", "Bajó"), ("same", "=", "Igual")}


def test_pages_follow_each_other_until_every_product_was_shown(visitor: TestClient) -> None:
    told = visitor.get("/api/v1/prices/municipal/070801").json()
    wanted = {card["product"] for card in told["cards"]}
    seen: list[str] = []
    path = "/precios/070801"
    for _turn in range(20):
        text = visitor.get(path).text
        seen += re.findall(r"<h3>(.*?)(?: <small>.*?)?</h3>", text)
        further = re.findall(r'rel="next" href="([^"]+)"', text)
        if not further:
            break
        path = f"/precios/070801{further[0].replace('&amp;', '&')}"
    assert len(seen) == len(wanted)


def test_what_a_page_offers_to_download_is_the_table_it_shows(visitor: TestClient) -> None:
    page = visitor.get("/precios/vallegrande").text
    address = re.search(r'href="([^"]*\?f=csv)"', page)
    assert address
    answer = visitor.get(address[1])
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    told = visitor.get("/api/v1/prices/municipal/070801").json()["cards"]
    assert [row["product"] for row in rows] == [card["product"] for card in told]


def test_the_language_is_kept_from_page_to_page(visitor: TestClient) -> None:
    text = visitor.get("/precios", params={"lang": "en"}).text
    assert '<html lang="en">' in text
    assert 'href="/precios/pampa-grande?lang=en"' in text
    assert 'hreflang="es" lang="es">Español' in text


def test_the_assets_of_the_map_are_built_and_small(visitor: TestClient) -> None:
    total = 0
    for path in sorted(set(re.findall(r'(?:src|href|data-worker)="(/static/[^"]+)"', visitor.get("/").text))):
        answer = visitor.get(path, headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200, path
        total += len(gzip.compress(answer.content, 6))
    assert 100_000 < total < 450_000
