"""``/precios/entrar`` and ``/precios/{municipality}/anotar``: signing in, and noting the prices of a market day."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.pages.day_form import DayForm, counted, day_form, with_answer, written_day
from api.pages.light_page import light_page, root_of, slug_of
from api.pages.price_session import (
    MARK,
    form_mark,
    form_of,
    require_mark,
    safe_forward,
    sign_in,
    sign_out,
    signed_in,
    to_sign_in,
)
from api.service import Service, service_of
from gis.errors import VallesError
from gis.messages import LANGUAGES, current_language, translator
from layers.territory import Municipality
from market_prices.access.access_errors import SignInError
from market_prices.access.account_records import CORRECT, DECIDE, RECORD, Account
from market_prices.price_errors import ObservationError

_ = translator("api")
router = APIRouter(include_in_schema=False)

STYLES = ("producer.css", "form.css")
_PRIVATE = {"Cache-Control": "no-store"}
Form = Annotated[dict[str, str], Depends(form_of)]


def place_of(service: Service, municipality: str) -> Municipality:
    """Return the municipality that stands in an address."""
    return service.territory().municipality(municipality.replace("-", " "))


def private_page(template: str, request: Request, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """Return a page that only who signed in may see, which nothing on the way keeps."""
    territory = service_of(request).territory()
    answer = light_page(
        template,
        request,
        territory,
        styles=STYLES,
        status=status,
        simulated=territory.demo,
        mark_name=MARK,
        mark=form_mark(request),
        **values,
    )
    answer.headers.update(_PRIVATE)
    return answer


@router.get("/precios/entrar")
def sign_in_page(request: Request, seguir: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Ask for a token."""
    return _ask(request, seguir, who=signed_in(request))


@router.post("/precios/entrar")
def enter(request: Request, form: Form) -> Response:
    """Sign in."""
    forward = safe_forward(request, form.get("seguir", ""))
    if current_language() != LANGUAGES[0]:
        forward += f"?{urlencode({'lang': current_language()})}"
    try:
        return sign_in(request, service_of(request).book(), form.get("clave", "")[:200], forward)
    except SignInError as error:
        return _ask(request, form.get("seguir", ""), who=None, trouble=error, status=401)


def _ask(
    request: Request, forward: str, *, who: Account | None, trouble: VallesError | None = None, status: int = 200
) -> Response:
    forward = safe_forward(request, forward)
    return private_page(
        "prices_enter.html",
        request,
        status=status,
        forward=forward,
        who=who,
        trouble=trouble,
        pages=_pages(request, who),
    )


def _pages(request: Request, who: Account | None) -> list[tuple[str, str]]:
    """Return where somebody who has signed in may go on."""
    if who is None:
        return []
    towns = service_of(request).territory().municipalities
    reached = [each for each in towns if not who.municipalities or each.code in who.municipalities]
    pages = [
        (f"/precios/{slug_of(each)}/anotar", _("Anotar precios de {name}").format(name=each.name)) for each in reached
    ]
    return [*([("/precios/revisar", _("Revisar las marcas"))] if who.may(DECIDE) else []), *pages]


@router.post("/precios/salir")
def leave(request: Request, form: Form) -> Response:
    """Sign out."""
    require_mark(request, form)
    return sign_out(request, service_of(request).book())


@router.get("/precios/{municipality}/anotar")
def day_page(request: Request, municipality: str, anotados: Annotated[int, Query(ge=0, le=1000)] = 0) -> Response:
    """Show an empty form."""
    service = service_of(request)
    here = place_of(service, municipality)
    who = signed_in(request)
    if who is None:
        return to_sign_in(request)
    book = service.book()
    market = book.vocabulary.municipality_market(here.code)
    who.require(RECORD, market)
    return _shown(request, here, who, day_form(book, market, {}), done=anotados)


@router.post("/precios/{municipality}/anotar")
def note_day(request: Request, municipality: str, form: Form) -> Response:
    """Show what would be recorded, or record it."""
    service = service_of(request)
    here = place_of(service, municipality)
    who = signed_in(request)
    if who is None:
        return to_sign_in(request)
    require_mark(request, form)
    book = service.book()
    market = book.vocabulary.municipality_market(here.code)
    who.require(RECORD, market)
    typed = day_form(book, market, form)
    step = form.get("paso", "ver")
    if step == "corregir":
        return _shown(request, here, who, typed)
    try:
        report = book.record_day(
            market.id,
            typed.typed(),
            author=who.name,
            confirmed=typed.confirmed(),
            corrects_others=who.may(CORRECT),
            dry_run=step != "anotar",
        )
    except ObservationError as error:
        return _shown(request, here, who, typed, trouble=error)
    if report.written:
        fresh = len(report.of("new")) + len(report.of("doubtful"))
        language = {} if current_language() == LANGUAGES[0] else {"lang": current_language()}
        query = urlencode({"anotados": fresh, **language})
        return RedirectResponse(f"{root_of(request)}/precios/{slug_of(here)}/anotar?{query}", 303)
    answered = with_answer(typed, report)
    return _shown(request, here, who, answered, preview=not report.of("rejected"), asked=step == "anotar")


def _shown(
    request: Request,
    here: Municipality,
    who: Account,
    form: DayForm,
    *,
    preview: bool = False,
    asked: bool = False,
    done: int = 0,
    trouble: VallesError | None = None,
) -> Response:
    """Show the form to be filled in or, in a preview, what it would record."""
    refused = form.of("rejected")
    waiting = [each for each in form.of("doubtful") if not each.confirmed]
    return private_page(
        "prices_note.html",
        request,
        status=400 if trouble is not None or refused else 200,
        here=here,
        slug=slug_of(here),
        who=who,
        form=form,
        preview=preview,
        refused=refused,
        unconfirmed=waiting if asked else [],
        recorded=counted(form.of("new", "doubtful")),
        day=written_day(form.date),
        levels=[("wholesale", _("Mayorista")), ("retail", _("Minorista")), ("farm_gate", _("En finca"))],
        units=("kg", "arroba", "quintal", "libra", "caja", "bolsa", "carga", "canasta", "docena", "ciento", "amarro"),
        done=done,
        trouble=trouble,
    )
