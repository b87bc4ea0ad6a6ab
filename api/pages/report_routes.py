"""``/precios/{municipality}/avisar``: a reader tells that a price is wrong, by a plain form without any script.

It is open to everybody, because it changes nothing: what is sent becomes a flag for the steward of the prices. It is
taken only from a page of this very server, in a few words, and from one address only so often.
"""

from __future__ import annotations

import hashlib
from typing import Annotated
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.pages.light_page import light_page, root_of, slug_of
from api.pages.price_pages import PriceLine, price_line
from api.pages.visit_limit import VisitLimit
from api.service import Service, service_of
from gis.errors import InputError
from gis.messages import LANGUAGES, current_language, translator
from layers.territory import Municipality
from market_prices.quality.reader_reports import CONTACT_MOST, TEXT_LEAST, TEXT_MOST
from market_prices.readings.price_cards import MunicipalPrices, PriceCard

_ = translator("api")
router = APIRouter(include_in_schema=False)

BODY_MOST = 16 * 1024
"""Bytes of a form that are read."""
FIELDS_MOST = 8
REPORTS_MOST, REPORTS_SECONDS = 5, 3600.0
"""Reports taken from one address in so many seconds."""

Product = Annotated[str, Query(max_length=80)]


@router.get("/precios/{municipality}/avisar")
def report_form(request: Request, municipality: str, product: Product = "", sent: str = "") -> HTMLResponse:
    """Show the form about the prices of one product."""
    service = service_of(request)
    here = service.territory().municipality(municipality.replace("-", " "))
    return _page(request, service, here, product, sent=sent if sent in {"open", "decided"} else "")


@router.post("/precios/{municipality}/avisar")
async def take_report(request: Request, municipality: str) -> Response:
    """Keep a report."""
    refuse_foreign(request)
    fields = await _fields(request)
    service = service_of(request)
    here = service.territory().municipality(municipality.replace("-", " "))
    product = fields.get("product", "")[:80]
    card = next((each for each in _told(service, here).cards if price_key(each) == fields.get("price", "")), None)
    if card is None:
        trouble = _("Elija el precio que está mal; si lo había elegido, acaba de cambiar.")
        return _page(request, service, here, product, fields=fields, trouble=trouble, status=422)
    if fields.get("web"):  # a field that people do not see: only programs fill it in
        return _answered(request, here, product, "open")
    if not _limit(request).allow(request.client.host if request.client else ""):
        trouble = _("Ya llegaron varios avisos desde esta conexión. Vuelva a intentarlo en una hora.")
        return _page(request, service, here, product, fields=fields, trouble=trouble, status=429)
    try:
        kept = service.book().report_card(card, text=fields.get("text", ""), contact=fields.get("contact", ""))
    except InputError as error:
        trouble = f"{error.found}. {error.expected}."
        return _page(request, service, here, product, fields=fields, trouble=trouble, status=422)
    return _answered(request, here, product, "open" if kept.status == "open" else "decided")


def refuse_foreign(request: Request) -> None:
    """Refuse a form that was not sent from a page of this server.

    A browser states where a form comes from, and no page of another host can state it otherwise.

    Raises
    ------
    starlette.exceptions.HTTPException
        403: from elsewhere, or from nowhere.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin") or request.headers.get("referer", "")
    host = request.headers.get("host", "")
    if site != "same-origin" or not host or urlsplit(origin).netloc.lower() != host.lower():
        raise HTTPException(403, _("El aviso debe enviarse desde la página de este servidor"))


def price_key(card: PriceCard) -> str:
    """Return a short name of one price of one series on one day, for the form."""
    parts = (card.market, card.product, card.variety, card.level, card.unit, card.quantity, card.package, card.source)
    return hashlib.sha256(repr((*parts, card.currency, card.date, card.time, card.price)).encode()).hexdigest()[:16]


async def _fields(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, _("El aviso se envía con el formulario de la página"))
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY_MOST:
            raise HTTPException(413, _("El aviso es demasiado largo"))
    try:
        told = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS_MOST)
    except ValueError as error:
        raise HTTPException(400, _("El formulario no se entiende")) from error
    return {name: values[0] for name, values in told.items()}


def _told(service: Service, here: Municipality) -> MunicipalPrices:
    return service.book().municipal(here.code)


def _limit(request: Request) -> VisitLimit:
    limit = request.app.state.report_limit
    if not isinstance(limit, VisitLimit):
        raise HTTPException(503, _("Este servidor no recibe avisos"))
    return limit


def _answered(request: Request, here: Municipality, product: str, state: str) -> Response:
    query = {"product": product, "sent": state}
    if current_language() != LANGUAGES[0]:
        query["lang"] = current_language()
    return RedirectResponse(f"{root_of(request)}/precios/{slug_of(here)}/avisar?{urlencode(query)}", 303)


def _page(
    request: Request,
    service: Service,
    here: Municipality,
    product: str,
    *,
    fields: dict[str, str] | None = None,
    sent: str = "",
    trouble: str = "",
    status: int = 200,
) -> HTMLResponse:
    told = _told(service, here)
    cards = [each for each in told.cards if each.product == product] or list(told.cards)
    prices: list[tuple[str, str, PriceLine]] = [
        (price_key(each), each.product_name, price_line(each, told.today)) for each in cards
    ]
    territory = service.territory()
    page = light_page(
        "prices_report.html",
        request,
        territory,
        styles=("producer.css", "report.css"),
        status=status,
        here=here,
        slug=slug_of(here),
        product=product,
        prices=prices,
        fields=fields or {},
        sent=sent,
        trouble=trouble,
        limits={"least": TEXT_LEAST, "most": TEXT_MOST, "contact": CONTACT_MOST},
        simulated=territory.demo or told.demo,
    )
    page.headers["Cache-Control"] = "no-store"
    return page
