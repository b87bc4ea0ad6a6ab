"""Who is writing: the bearer token of a program, the cookie of a browser, and a brake on those who guess."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from api.service import service_of
from gis.messages import translator
from market_prices.access.access_errors import SignInError
from market_prices.access.account_records import DECIDE, Account, TokenRecord
from market_prices.access.token_secrets import VerifiedSecrets, matches, parse_token
from market_prices.book import Book

_ = translator("api")

MOST_FAILURES = 10
"""Wrong tokens that one address may send within :data:`FAILURE_SECONDS`."""
FAILURE_SECONDS = 600.0
_MOST_ADDRESSES = 10_000
_BEARER = HTTPBearer(scheme_name="token", description=_("Clave de `valles users add`"), auto_error=False)


class TokenGate:
    """Verifies tokens; one of a process. A secret is verified slowly once and then known for five minutes.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._verified = VerifiedSecrets()
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def token(self, book: Book, text: str, address: str) -> TokenRecord:
        """Return the token that ``text`` is.

        Parameters
        ----------
        book
            The price book, which knows the tokens.
        text
            As it was sent or typed.
        address
            Where it comes from; too many wrong ones close this address for a while, though never to a token that was
            verified a short while ago.

        Raises
        ------
        SignInError
            It is no good token.
        starlette.exceptions.HTTPException
            429: too many wrong ones came from this address.
        """
        parts = parse_token(text)
        record = book.token_record(parts[0]) if parts is not None else None
        if parts is not None and record is not None and self._verified.knows(record.hash, parts[1]):
            book.good_account(record)
            return record
        self._refuse_guesser(address)
        if parts is None or record is None or not matches(record.hash, parts[1]):
            self._note_failure(address)
            raise SignInError(
                _("La clave no vale"),
                remedy=_("Revise que esté completa, o pida otra a quien administra los precios"),
            )
        self._verified.remember(record.hash, parts[1])
        book.good_account(record)
        return record

    def _recent(self, address: str) -> list[float]:
        start = self._clock() - FAILURE_SECONDS
        return [each for each in self._failures.get(address, ()) if each > start]

    def _refuse_guesser(self, address: str) -> None:
        with self._lock:
            recent = self._recent(address)
        if len(recent) >= MOST_FAILURES:
            wait = int(recent[0] + FAILURE_SECONDS - self._clock()) + 1
            raise HTTPException(
                429,
                _("Demasiadas claves equivocadas desde esta dirección: vuelva a probar en {minutes} minutos").format(
                    minutes=wait // 60 + 1
                ),
                {"Retry-After": str(wait)},
            )

    def _note_failure(self, address: str) -> None:
        with self._lock:
            self._failures[address] = [*self._recent(address), self._clock()][-MOST_FAILURES:]
            self._failures.move_to_end(address)
            while len(self._failures) > _MOST_ADDRESSES:
                self._failures.popitem(last=False)


def gate_of(request: Request) -> TokenGate:
    """Return the gate of the application that answers ``request``."""
    gate = request.app.state.price_gate
    if not isinstance(gate, TokenGate):
        raise SignInError(_("Este servidor no recibe precios"))
    return gate


def address_of(request: Request) -> str:
    """Return where a request comes from."""
    return request.client.host if request.client is not None else ""


def bearer(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None
) -> Account:
    """Return who writes, by the bearer token of the request.

    Raises
    ------
    SignInError
        There is none, or it is not good.
    """
    if given is None:
        raise SignInError(
            _("Para escribir precios hace falta una clave"),
            expected=_("El encabezado Authorization: Bearer CLAVE"),
            remedy=_("Pida una clave a quien administra los precios (valles users add)"),
        )
    book = service_of(request).book()
    return book.good_account(gate_of(request).token(book, given.credentials, address_of(request)))


Writer = Annotated[Account, Depends(bearer)]


def require_flag(book: Book, writer: Account, flag: int) -> None:
    """Refuse a flag on a market that the writer does not reach.

    Raises
    ------
    RightError
        The market belongs to no municipality of the writer.
    """
    if writer.municipalities:
        rows = book.flags(status="all")
        for market in rows["market"][rows["flag"] == flag]:
            writer.require(DECIDE, book.vocabulary.market(market))
