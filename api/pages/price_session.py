"""Signing in on the price pages: a cookie that no script reads, and a mark in every form that no other page knows."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from api.pages.light_page import root_of
from api.price_access import address_of, gate_of
from api.service import service_of
from gis.messages import LANGUAGES, current_language, translator
from market_prices.access.access_errors import SignInError
from market_prices.access.account_records import Account
from market_prices.book import Book
from market_prices.facets.book_access import SESSION_HOURS

_ = translator("api")

COOKIE = "valles_precios"
MARK = "marca"
"""Field of every form that proves that it was sent from a page of this session."""
_MOST_FIELDS = 4_000


def cookie_of(request: Request) -> str:
    """Return the secret of the session's cookie; empty for none."""
    return request.cookies.get(COOKIE, "")


def signed_in(request: Request) -> Account | None:
    """Return who has signed in in this browser, if anybody has."""
    secret = cookie_of(request)
    if not secret:
        return None
    try:
        return service_of(request).book().session_account(secret)
    except SignInError:
        return None


def form_mark(request: Request) -> str:
    """Return the mark that forms of this session carry."""
    return hmac.new(cookie_of(request).encode(), b"form", sha256).hexdigest()


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form as they were typed.

    Raises
    ------
    starlette.exceptions.HTTPException
        403: it was sent from a page of another host; 400: it is no form.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise HTTPException(403, _("El formulario viene de otra página: ábralo aquí y vuelva a enviarlo"))
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400, _("El formulario llegó dañado: vuelva a enviarlo")) from error
    return dict(pairs)


def require_mark(request: Request, form: Mapping[str, str]) -> None:
    """Refuse a form that no page of this session made.

    Raises
    ------
    starlette.exceptions.HTTPException
        403.
    """
    given = form.get(MARK, "").encode("utf-8", "replace")
    if not cookie_of(request) or not hmac.compare_digest(given, form_mark(request).encode()):
        raise HTTPException(403, _("El formulario caducó: ábralo otra vez y vuelva a enviarlo"))


def sign_in(request: Request, book: Book, token: str, forward: str) -> Response:
    """Open a session with a token and lead on.

    Raises
    ------
    SignInError
        The token is not good.
    starlette.exceptions.HTTPException
        429: too many wrong ones came from this address.
    """
    secret = book.open_session(gate_of(request).token(book, token, address_of(request)))
    answer = RedirectResponse(forward, 303)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=SESSION_HOURS * 3600,
        path=f"{root_of(request)}/precios",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


def sign_out(request: Request, book: Book) -> Response:
    """End the session and lead to the list of municipalities."""
    if secret := cookie_of(request):
        book.close_session(secret)
    answer = RedirectResponse(f"{root_of(request)}/precios", 303)
    answer.delete_cookie(COOKIE, path=f"{root_of(request)}/precios", httponly=True, samesite="strict")
    return answer


def to_sign_in(request: Request) -> Response:
    """Lead to the page where one signs in, and from there back here."""
    here = request.url.path
    values = {"seguir": here} | ({} if current_language() == LANGUAGES[0] else {"lang": current_language()})
    return RedirectResponse(f"{root_of(request)}/precios/entrar?{urlencode(values)}", 303)


def safe_forward(request: Request, wanted: str) -> str:
    """Return an address of the price pages: the wanted one if it is one, else their first."""
    start = f"{root_of(request)}/precios"
    plain = wanted.isascii() and wanted.isprintable() and not set(wanted) & set("\\:?#") and "//" not in wanted
    return wanted if plain and wanted.startswith(f"{start}/") and ".." not in wanted else start
