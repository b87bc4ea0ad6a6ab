"""The bulletin at the command line and over HTTP, and the readers' reports that come in by a plain form."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.cli.entry import run as run_command
from api.pages.visit_limit import ADDRESSES_MOST, VisitLimit
from api.settings import Settings
from layers.territory import builtin_territory
from layers.workspace import Workspace
from market_prices import Book

FORM = "/precios/comarapa/avisar"
HOME = {"origin": "http://testserver"}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace whose book holds two prices of today's week."""
    made = Workspace.init(tmp_path / "ws", builtin_territory("valles_crucenos"))
    today = dt.datetime.now().astimezone().date()
    with Book.open(made) as book:
        book.add("tomate", "comarapa", price=100, unit="caja", date=today - dt.timedelta(days=8), author="ana")
        book.add("tomate", "comarapa", price=120, unit="caja", date=today - dt.timedelta(days=1), author="ana")
        book.add("papa", "santa_cruz", price=60, unit="arroba", date=today, author="ana")
    return tmp_path / "ws"


@pytest.fixture
def visitor(workspace: Path) -> Iterator[TestClient]:
    """Return a visitor of that workspace."""
    with TestClient(create_app(Settings(workspace=workspace)), follow_redirects=False) as made:
        yield made


@pytest.fixture
def run(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function that runs ``valles prices`` and gives what it prints."""

    def go(*words: str, code: int = 0) -> str:
        capsys.readouterr()
        assert run_command(["prices", *words, "-w", str(workspace)]) == code
        return capsys.readouterr().out

    return go


def _fields(visitor: TestClient, **more: str) -> dict[str, str]:
    page = visitor.get(FORM, params={"product": "tomate"})
    keys = re.findall(r'<option value="(\w+)"', page.text)
    return {"product": "tomate", "price": keys[0], "text": "No era 120, era 12", "contact": "", "web": "", **more}


def _flags(workspace: Path) -> list[dict[str, object]]:
    with Book.open(workspace) as book:
        found = book.flags(status="all")
    return found[found["kind"] == "reported"].to_dict("records")


def test_the_command_tells_sends_and_prints_the_week(run: Callable[..., str], tmp_path: Path) -> None:
    assert "Tomate: Bs 120 por caja, subió 20 % en la semana, de ayer" in run("bulletin", "--municipality", "comarapa")
    assert "120 bolivianos por caja" in run("bulletin", "--municipality", "Comarapa", "--text", "radio")
    document = json.loads(run("bulletin", "--json"))
    assert document["place"] == "region"
    assert {each["kind"] for each in document["lines"]} == {"observed", "reference"}
    for suffix, start in ((".pdf", b"%PDF"), (".csv", b"place,"), (".txt", "Boletín".encode()), (".json", b"{")):
        run("bulletin", "--out", str(tmp_path / f"b{suffix}"))
        assert (tmp_path / f"b{suffix}").read_bytes().startswith(start)


def test_the_command_refuses_what_it_does_not_know(run: Callable[..., str]) -> None:
    run("bulletin", "--lang", "fr", code=2)
    run("bulletin", "--text", "poema", code=2)


def test_every_form_is_served_and_only_once_while_nothing_changes(visitor: TestClient) -> None:
    for form, kind in (
        ("json", "application/json"),
        ("txt", "text/plain"),
        ("csv", "text/csv"),
        ("pdf", "application/pdf"),
    ):
        for place in ("comarapa", "071301", "region"):
            answer = visitor.get(f"/api/v1/prices/bulletin/{place}", params={"f": form})
            assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
            again = visitor.get(
                f"/api/v1/prices/bulletin/{place}",
                params={"f": form},
                headers={"if-none-match": answer.headers["etag"]},
            )
            assert (again.status_code, again.content) == (304, b"")
    assert visitor.get("/api/v1/prices/bulletin/atlantis").status_code == 404
    assert visitor.get("/api/v1/prices/bulletin/region", params={"date": "ayer"}).status_code == 422


def test_the_price_page_leads_to_the_bulletin_and_to_the_form(visitor: TestClient) -> None:
    page = unescape(visitor.get("/precios/comarapa").text)
    for address in ("/api/v1/prices/bulletin/071301?f=pdf", f"{FORM}?product=tomate"):
        assert f'"{address}"' in page
        assert visitor.get(address).status_code == 200


def test_a_report_sent_by_the_form_is_a_flag_and_changes_nothing(visitor: TestClient, workspace: Path) -> None:
    before = visitor.get("/api/v1/prices/latest").json()
    sent = visitor.post(FORM, data=_fields(visitor, contact="7000 1234"), headers=HOME)
    assert sent.status_code == 303
    thanks = visitor.get(sent.headers["location"])
    assert "Su aviso quedó anotado" in thanks.text
    (flag,) = _flags(workspace)
    assert (flag["note"], flag["contact"], flag["price"]) == ("No era 120, era 12", "7000 1234", 120.0)
    assert visitor.get("/api/v1/prices/latest").json() == before
    assert "7000" not in visitor.get("/precios/comarapa").text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
        {"referer": "http://elsewhere.example/testserver"},
    ],
)
def test_a_form_of_another_page_is_refused(visitor: TestClient, workspace: Path, headers: dict[str, str]) -> None:
    answer = visitor.post(FORM, data=_fields(visitor), headers=headers)
    assert answer.status_code == 403
    assert _flags(workspace) == []


def test_only_a_small_form_is_read(visitor: TestClient, workspace: Path) -> None:
    huge = visitor.post(FORM, data=_fields(visitor, text="x" * 20_000), headers=HOME)
    long = visitor.post(FORM, data=_fields(visitor, text="x" * 501), headers=HOME)
    empty = visitor.post(FORM, data=_fields(visitor, text=" "), headers=HOME)
    other = visitor.post(FORM, json=_fields(visitor), headers=HOME)
    body = urlencode([(f"a{n}", "1") for n in range(100)])
    many = visitor.post(FORM, content=body, headers=HOME | {"content-type": "application/x-www-form-urlencoded"})
    states = [each.status_code for each in (huge, long, empty, other, many)]
    assert states == [413, 422, 422, 415, 400]
    assert _flags(workspace) == []


def test_a_price_that_is_not_there_is_asked_for_again_and_words_are_kept(visitor: TestClient, workspace: Path) -> None:
    answer = visitor.post(FORM, data=_fields(visitor, price="0" * 16, text="<b>no & nunca</b>"), headers=HOME)
    assert answer.status_code == 422
    assert "&lt;b&gt;no &amp; nunca&lt;/b&gt;" in answer.text
    assert "<b>no" not in answer.text
    assert _flags(workspace) == []


def test_what_only_programs_fill_in_is_thanked_and_dropped(visitor: TestClient, workspace: Path) -> None:
    assert visitor.post(FORM, data=_fields(visitor, web="http://spam.example"), headers=HOME).status_code == 303
    assert _flags(workspace) == []


def test_one_address_reports_only_so_often(visitor: TestClient) -> None:
    states = [visitor.post(FORM, data=_fields(visitor), headers=HOME).status_code for _turn in range(6)]
    assert states == [303] * 5 + [429]


def test_a_reader_without_script_and_in_english_gets_through(visitor: TestClient) -> None:
    page = visitor.get(FORM, params={"product": "tomate", "lang": "en"})
    assert "<script" not in page.text
    assert f'action="{FORM}?lang=en"' in page.text
    sent = visitor.post(f"{FORM}?lang=en", data=_fields(visitor), headers=HOME)
    assert "lang=en" in sent.headers["location"]


def test_the_command_lists_what_readers_reported(visitor: TestClient, run: Callable[..., str]) -> None:
    visitor.post(FORM, data=_fields(visitor, contact="7000 1234"), headers=HOME)
    text = run("flags")
    assert "avisado por un lector" in text
    assert "No era 120, era 12" in text
    assert "Contacto del lector: 7000 1234" in text


def test_an_address_is_forgotten_in_time_and_a_household_counts_once() -> None:
    now = [0.0]
    limit = VisitLimit(most=1, seconds=60.0, clock=lambda: now[0])
    assert limit.allow("2001:db8::1")
    assert not limit.allow("2001:db8::2")
    now[0] = 61.0
    assert limit.allow("2001:db8::2")
    for number in range(ADDRESSES_MOST + 5):
        limit.allow(f"client {number}")
    assert len(limit._seen) == ADDRESSES_MOST


def test_quechua_may_be_chosen_and_is_spanish_until_it_is_translated(visitor: TestClient) -> None:
    spanish = visitor.get("/api/v1/prices/bulletin/comarapa?f=txt").text
    assert visitor.get("/api/v1/prices/bulletin/comarapa?f=txt&lang=qu").text == spanish
    assert visitor.get("/precios/comarapa?lang=qu").status_code == 200
    assert visitor.get("/?lang=qu").status_code == 200
