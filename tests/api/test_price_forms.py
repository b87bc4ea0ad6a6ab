"""The forms of the price pages: only who may, only from our own pages, nothing typed lost, everything escaped."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.pages.price_session import COOKIE, MARK
from api.settings import Settings
from layers.territory import builtin_territory
from layers.workspace import Workspace
from market_prices import Book

FIRST_VIEW = 14_000
NOTE, REVIEW, ENTER = "/precios/saipina/anotar", "/precios/revisar", "/precios/entrar"
TODAY = dt.datetime.now().astimezone().date()
EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace with some weeks of tomato and a price in Santa Cruz."""
    folder = tmp_path / "ws"
    Workspace.init(folder, builtin_territory("valles_crucenos"))
    with Book.open(Workspace.open(folder)) as book:
        for week in range(1, 4):
            date = TODAY - dt.timedelta(weeks=week)
            book.add("tomate", "saipina", price=95.0, unit="caja", date=date, author="Ana")
        book.add("tomate", "santa_cruz", price=5.0, unit="kg", author="Ana")
    return folder


@pytest.fixture
def keys(home: Path) -> dict[str, str]:
    """Return a token of each user."""
    with Book.open(Workspace.open(home)) as book:
        book.add_user("Ana", "collector", municipalities=["saipina"])
        book.add_user("Lejos", "collector", municipalities=["comarapa"])
        book.add_user("Rosa", "steward")
        return {name: book.issue_token(name).text for name in ("Ana", "Lejos", "Rosa")}


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    """Return a browser without a session."""
    with TestClient(create_app(Settings(workspace=home, refresh_seconds=0)), raise_server_exceptions=False) as made:
        made.headers["accept"] = "text/html"
        yield made


def enter(client: TestClient, key: str, forward: str = NOTE) -> Any:  # noqa: ANN401  the client's own answer
    return client.post(ENTER, data={"clave": key, "seguir": forward}, follow_redirects=False)


def mark(text: str) -> str:
    found = re.search(rf'name="{MARK}" value="(\w+)"', text)
    assert found
    return found[1]


def number_of(text: str, product: str) -> str:
    found = re.search(rf'<fieldset id="fila-(\d+)"[^>]*><legend>{product}</legend>', text)
    assert found
    return found[1]


def typed(text: str) -> dict[str, str]:
    return {
        name: unescape(value) for name, value in re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', text)
    }


def prices(client: TestClient, product: str) -> list[float]:
    asked = client.get(
        f"/api/v1/prices/series?product={product}&market=saipina", headers={"accept": "application/json"}
    )
    return [each["price"] for each in asked.json()["series"]]


def test_who_has_not_signed_in_is_led_to_the_door_and_back(client: TestClient, keys: dict[str, str]) -> None:
    for path in (NOTE, REVIEW):
        away = client.get(path, follow_redirects=False)
        assert away.status_code == 303
        assert away.headers["location"].startswith(ENTER)
        assert client.post(path, data={"paso": "anotar"}, follow_redirects=False).status_code == 303
    wrong = enter(client, "nada")
    assert wrong.status_code == 401
    assert "no vale" in wrong.text
    assert COOKIE not in wrong.cookies
    right = enter(client, keys["Ana"])
    assert (right.status_code, right.headers["location"]) == (303, NOTE)
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/precios" in cookie
    assert "secure" not in cookie
    assert keys["Ana"].replace("-", "") not in cookie.replace("-", "")


def test_over_https_the_cookie_never_travels_in_the_clear(home: Path, keys: dict[str, str]) -> None:
    with TestClient(create_app(Settings(workspace=home)), base_url="https://precios.example") as client:
        assert "secure" in enter(client, keys["Ana"]).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "away", ["https://malo.example/", "//malo.example", "/precios//malo.example", "/", "javascript:1"]
)
def test_the_door_leads_nowhere_else(client: TestClient, keys: dict[str, str], away: str) -> None:
    assert enter(client, keys["Ana"], away).headers["location"] == "/precios"


def test_a_form_of_another_page_writes_nothing(client: TestClient, keys: dict[str, str]) -> None:
    enter(client, keys["Ana"])
    row = {"price-1": "90", "unit-1": "caja", "paso": "anotar"}
    for more in ({}, {MARK: "0" * 64}, {MARK: "ñ"}):
        assert client.post(NOTE, data=row | more).status_code == 403
    good = {MARK: mark(client.get(NOTE).text)}
    foreign = client.post(NOTE, data=row | good, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert prices(client, "tomate") == [95.0] * 3


def test_a_day_is_shown_noted_once_and_told(client: TestClient, keys: dict[str, str]) -> None:
    enter(client, keys["Ana"])
    page = client.get(NOTE)
    assert page.headers["cache-control"] == "no-store"
    assert "último: Bs 95 por caja" in page.text
    form = typed(page.text)
    assert form["fecha"] == TODAY.isoformat()
    tomato, papa = number_of(page.text, "Tomate"), number_of(page.text, "Papa")
    assert form[f"unit-{tomato}"] == "caja"
    form |= {f"price-{tomato}": "100,50", f"availability-{papa}": "NA"}
    shown = client.post(NOTE, data=form | {"paso": "ver"})
    assert "Bs 100,50 por caja" in shown.text
    assert "no había" in shown.text
    assert prices(client, "tomate") == [95.0] * 3
    kept = typed(shown.text)
    done = client.post(NOTE, data=kept | {"paso": "anotar"}, follow_redirects=False)
    assert done.status_code == 303, done.text
    assert "anotados=2" in done.headers["location"]
    assert prices(client, "tomate") == [95.0] * 3 + [100.5]
    client.post(NOTE, data=kept | {"paso": "anotar"})
    assert prices(client, "tomate") == [95.0] * 3 + [100.5]
    back = client.post(NOTE, data=kept | {"paso": "corregir"})
    assert typed(back.text)[f"price-{tomato}"] == "100,50"


def test_refused_rows_keep_what_was_typed_and_the_others_wait(client: TestClient, keys: dict[str, str]) -> None:
    enter(client, keys["Ana"])
    page = client.get(NOTE).text
    tomato, papa = number_of(page, "Tomate"), number_of(page, "Papa")
    form = typed(page) | {f"price-{tomato}": "100", f"price-{papa}": EVIL, f"unit-{papa}": "kg"}
    free = max(int(name.partition("-")[2]) for name in form if name.startswith("product-"))
    form |= {f"product-{free}": "tomatillo raro", f"price-{free}": "4"}
    answer = client.post(NOTE, data=form | {"paso": "anotar"})
    assert answer.status_code == 400
    assert "No se anotó nada: hay 2 por corregir" in answer.text
    assert f'href="#fila-{papa}"' in answer.text
    again = typed(answer.text)
    assert (again[f"price-{tomato}"], again[f"price-{papa}"]) == ("100", EVIL)
    assert again[f"product-{free}"] == "tomatillo raro"
    assert "<script" not in answer.text
    assert prices(client, "tomate") == [95.0] * 3
    empty = client.post(NOTE, data=typed(page) | {"paso": "ver"})
    assert empty.status_code == 400
    assert "al menos un producto" in empty.text


def test_ten_times_last_week_is_asked_before_it_is_noted(client: TestClient, keys: dict[str, str]) -> None:
    enter(client, keys["Ana"])
    page = client.get(NOTE).text
    tomato = number_of(page, "Tomate")
    form = typed(page) | {f"price-{tomato}": "950"}
    asked = client.post(NOTE, data=form | {"paso": "anotar"})
    assert "Todavía no se anotó" in asked.text
    assert "95" in asked.text
    assert f'name="si-{tomato}"' in asked.text
    assert prices(client, "tomate") == [95.0] * 3
    sure = client.post(NOTE, data=form | {"paso": "anotar", f"si-{tomato}": "1"}, follow_redirects=False)
    assert sure.status_code == 303
    assert prices(client, "tomate")[-1] == 950


def test_a_role_reaches_its_pages_and_no_other(client: TestClient, keys: dict[str, str]) -> None:
    enter(client, keys["Lejos"])
    assert client.get(NOTE).status_code == 403
    assert client.get("/precios/comarapa/anotar").status_code == 200
    assert client.get(REVIEW).status_code == 403


def test_signing_out_and_revoking_end_the_session(client: TestClient, keys: dict[str, str], home: Path) -> None:
    enter(client, keys["Ana"])
    client.post("/precios/salir", data={MARK: mark(client.get(NOTE).text)})
    assert client.get(NOTE, follow_redirects=False).status_code == 303
    enter(client, keys["Ana"])
    assert client.get(NOTE).status_code == 200
    with Book.open(Workspace.open(home)) as book:
        book.revoke_user("Ana")
    assert client.get(NOTE, follow_redirects=False).status_code == 303


def test_a_steward_decides_with_a_reason(client: TestClient, keys: dict[str, str], home: Path) -> None:
    with Book.open(Workspace.open(home)) as book:
        for week in range(4, 16):
            date = TODAY - dt.timedelta(weeks=week)
            book.add("papa", "saipina", price=600.0 if week == 9 else 60.0 + week % 3, unit="arroba", date=date)
        book.check_quality()
        assert len(book.flags(severity="error")) == 1
    enter(client, keys["Rosa"], REVIEW)
    page = client.get(REVIEW + "?tipo=error").text
    assert "Bs 600" in page
    flag = re.search(r'name="flag" value="(\d+)"', page)
    assert flag
    form = {MARK: mark(page), "flag": flag[1], "tipo": "error", "decision": "error"}
    bare = client.post(REVIEW, data=form | {"motivo": " "})
    assert bare.status_code == 400
    assert "autor y motivo" in bare.text
    assert client.post(REVIEW, data=form | {"motivo": "x", "decision": "quizás"}).status_code == 400
    done = client.post(REVIEW, data=form | {"motivo": "un cero de más"})
    assert f"Marca {flag[1]} decidida" in done.text
    assert 600 not in prices(client, "papa")
    with Book.open(Workspace.open(home)) as book:
        (row,) = book.flags(status="confirmed").to_dict("records")
        assert (row["decided_by"], row["reason"]) == ("Rosa", "un cero de más")


def test_where_to_sell_tells_each_term_and_its_age_in_one_round_trip(client: TestClient) -> None:
    page = client.get("/precios/saipina/vender?producto=tomate&cantidad=1000&unidad=kg")
    for word in ("Flete", "Comisión", "Pérdida en el camino", "Queda", "conviene hasta", "hoy", "Estimado"):
        assert word in page.text, word
    assert len(gzip.compress(page.content, 6)) <= FIRST_VIEW
    assert "<script" not in page.text
    assert 'href="/precios/saipina/vender"' in client.get("/precios/saipina").text
    for query in ("producto=nada", "producto=tomate&cantidad=-1", f"producto={EVIL}", "producto=tomate&unidad=carga"):
        wrong = client.get(f"/precios/saipina/vender?{query}")
        assert wrong.status_code == 400, query
        assert 'role="alert"' in wrong.text
        assert "<script" not in wrong.text


def test_the_directory_says_what_nobody_has_told(client: TestClient) -> None:
    page = client.get("/precios/mercados")
    assert "martes, jueves" in page.text
    assert "sin dato, hay que preguntarlo" in page.text
    assert len(gzip.compress(page.content, 6)) <= FIRST_VIEW


def test_every_page_keeps_the_strict_policy(client: TestClient, keys: dict[str, str]) -> None:
    enter(client, keys["Rosa"])
    for path in (NOTE, REVIEW, ENTER, "/precios/mercados", "/precios/saipina/vender"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"\sstyle=|\son\w+=|<script", answer.text)
        assert len(gzip.compress(answer.content, 6)) <= FIRST_VIEW, path


def test_guessing_at_the_door_is_braked(client: TestClient) -> None:
    states = [enter(client, "abc234-aaaaa-bbbbb-ccccc-ddddd").status_code for _try in range(11)]
    assert states == [401] * 10 + [429]


def test_a_damaged_or_huge_form_is_refused(client: TestClient, keys: dict[str, str]) -> None:
    enter(client, keys["Ana"])
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post(NOTE, content=b"\xff\xfe=%ff", headers=kind).status_code == 400
    assert client.post(NOTE, content=b"&".join(b"a=1" for _n in range(5_000)), headers=kind).status_code == 400
    assert client.post(NOTE, content=b"a=" + b"x" * 300_000, headers=kind).status_code == 413
