"""``/precios/{municipality}/pronostico``: the months to come for a producer, each beside what was measured of it."""

from __future__ import annotations

import hashlib
from typing import Annotated, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.pages.collector_routes import STYLES, place_of
from api.pages.forecast_page import ForecastShelf, forecast_cards
from api.pages.light_page import light_page, root_of, slug_of
from api.pages.price_pages import PAGE_SIZE
from api.service import service_of
from gis.messages import LANGUAGES, current_language
from layers.spelling import plain_text

router = APIRouter(include_in_schema=False)


@router.get("/precios/{municipality}/pronostico")
def forecast_page(
    request: Request,
    municipality: str,
    q: Annotated[str, Query(max_length=80)] = "",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    """Show what is expected of each product; unchanged since the reader's last visit, only that."""
    service = service_of(request)
    territory = service.territory()
    here = place_of(service, municipality)
    book = service.book()
    state = book.state()
    parts = (state, here.code, book.today, q, page, root_of(request), current_language(), request.app.version)
    headers = {
        "ETag": f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"',
        "Cache-Control": "no-cache",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={**headers, "Vary": "Accept-Encoding"})
    told = book.municipal(here.code)
    shelf = cast("ForecastShelf", request.app.state.forecast_shelf)
    markets = sorted({card.market for card in told.cards})
    every = forecast_cards(told, [rows for market in markets for rows in shelf.of(book, market, state)])
    wanted = [card for card in every if plain_text(q.strip()) in plain_text(f"{card.name} {card.id}")]
    start = (page - 1) * PAGE_SIZE
    answer = light_page(
        "prices_forecast.html",
        request,
        territory,
        styles=STYLES,
        here=here,
        slug=slug_of(here),
        q=q,
        cards=wanted[start : start + PAGE_SIZE],
        found=len(wanted),
        any_card=bool(every),
        any_forecast=any(card.speaks for card in every),
        previous=_page(q, page - 1) if page > 1 else "",
        next=_page(q, page + 1) if start + PAGE_SIZE < len(wanted) else "",
        simulated=territory.demo or any(card.demo for card in every),
    )
    answer.headers.update(headers)
    return answer


def _page(q: str, page: int) -> str:
    values = {"q": q, "page": str(page) if page > 1 else ""}
    if current_language() != LANGUAGES[0]:
        values["lang"] = current_language()
    return "?" + urlencode({name: value for name, value in values.items() if value})
