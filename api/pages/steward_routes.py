"""``/precios/revisar``: the open flags with their reasons, and what a steward says of each."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from api.pages.collector_routes import private_page
from api.pages.light_page import root_of
from api.pages.page_numbers import day, money
from api.pages.price_session import form_of, require_mark, signed_in, to_sign_in
from api.price_access import require_flag
from api.service import service_of
from gis.errors import VallesError
from gis.messages import LANGUAGES, current_language, translator
from market_prices.access.account_records import DECIDE, Account
from market_prices.book import Book
from market_prices.price_errors import ObservationError

_ = translator("api")
router = APIRouter(include_in_schema=False)

PAGE_SIZE = 10
"""Flags of one page."""
SEVERITIES = ("error", "doubtful", "notice")
_DECISIONS = {"error": "confirmed", "vale": "dismissed"}
Form = Annotated[dict[str, str], Depends(form_of)]
Severity = Annotated[str, Query(pattern="^(error|doubtful|notice)?$")]
Page = Annotated[int, Query(ge=1, le=10_000)]


@router.get("/precios/revisar")
def flags_page(
    request: Request, tipo: Severity = "", pagina: Page = 1, hecha: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """Show the open flags, worst first."""
    who = signed_in(request)
    if who is None:
        return to_sign_in(request)
    who.require(DECIDE)
    return _shown(request, who, severity=tipo, page=pagina, done=hecha)


@router.post("/precios/revisar")
def decide(request: Request, form: Form) -> Response:
    """Keep what the steward says of one flag."""
    who = signed_in(request)
    if who is None:
        return to_sign_in(request)
    require_mark(request, form)
    who.require(DECIDE)
    book = service_of(request).book()
    severity = form.get("tipo", "") if form.get("tipo", "") in SEVERITIES else ""
    number, reason = form.get("flag", ""), " ".join(form.get("motivo", "").split())[:400]
    flag = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0  # noqa: PLR2004  a number
    try:
        require_flag(book, who, flag)
        book.decide(flag, _DECISIONS.get(form.get("decision", ""), ""), author=who.name, reason=reason)
    except ObservationError as error:
        return _shown(request, who, severity=severity, page=1, trouble=(flag, error))
    query = {"hecha": str(flag)} | ({"tipo": severity} if severity else {})
    query |= {} if current_language() == LANGUAGES[0] else {"lang": current_language()}
    return RedirectResponse(f"{root_of(request)}/precios/revisar?{urlencode(query)}", 303)


def _shown(
    request: Request,
    who: Account,
    *,
    severity: str,
    page: int,
    done: int = 0,
    trouble: tuple[int, VallesError] | None = None,
) -> Response:
    book = service_of(request).book()
    frame = _reached(book, who, book.flags(severity=severity or None))
    start = (page - 1) * PAGE_SIZE
    rows = [_told(each, book.today) for each in frame.iloc[start : start + PAGE_SIZE].to_dict("records")]
    return private_page(
        "prices_review.html",
        request,
        status=400 if trouble is not None else 200,
        who=who,
        rows=rows,
        count=len(frame),
        kinds=[("", _("Todas")), ("error", _("Errores")), ("doubtful", _("Dudosas")), ("notice", _("Avisos"))],
        severity=severity,
        previous=_query(severity, page - 1) if page > 1 else "",
        next=_query(severity, page + 1) if start + PAGE_SIZE < len(frame) else "",
        done=done,
        wrong=trouble[0] if trouble else 0,
        trouble=trouble[1] if trouble else None,
    )


def _reached(book: Book, who: Account, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the flags on markets that the steward does not reach."""
    if not who.municipalities:
        return frame
    reached = {each.id for each in book.markets() if who.covers(each)}
    return frame[frame["market"].isin(reached)]


def _query(severity: str, page: int) -> str:
    values = {"tipo": severity, "pagina": str(page) if page > 1 else ""}
    if current_language() != LANGUAGES[0]:
        values["lang"] = current_language()
    return "?" + urlencode({name: value for name, value in values.items() if value})


def _told(row: dict[Any, Any], today: dt.date) -> dict[str, Any]:
    """Return a flag in words."""
    currency = str(row["currency"])
    price = _("sin dato") if pd.isna(row["price"]) else money(float(row["price"]), currency)
    expected = "" if pd.isna(row["expected"]) else money(float(row["expected"]), currency)
    return {
        "flag": int(row["flag"]),
        "severity": row["severity"],
        "severity_name": row["severity_name"],
        "kind_name": row["kind_name"],
        "product": row["product_name"],
        "variety": row["variety"],
        "market": row["market_name"],
        "level": row["level_name"],
        "date": day(row["date"], today),
        "date_iso": row["date"].isoformat(),
        "price": price,
        "unit": _("por {unit}").format(unit=row["unit_name"]),
        "expected": expected,
        "note": row["note"],
        "contact": row.get("contact", ""),
        "source": row["source"],
    }
