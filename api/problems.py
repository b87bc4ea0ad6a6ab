"""Every error as one document: RFC 9457 problem+json for programs, a small page for people in a browser.

The error tree of the house is mapped to HTTP states in one table; what was found, what was expected and what to do
travel as members of the problem.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from api.pages.html_pages import render
from api.preview_body import LongChangeError
from api.preview_shelf import RETRY_SECONDS, NotReadyError, StaleStudyError
from gis.errors import GridError, InputError, MissingError, StorageError, VallesError
from gis.messages import translator
from market_prices.access.access_errors import RightError, SignInError
from market_prices.price_errors import TooManyReportsError
from zoning.zoning_errors import ChangeError, NewCutsError

_ = translator("api")

MEDIA_TYPE = "application/problem+json"

STATUS: tuple[tuple[type[VallesError], int], ...] = (
    (LongChangeError, 413),
    (ChangeError, 422),
    (MissingError, 404),
    (GridError, 404),
    (NewCutsError, 409),
    (StaleStudyError, 409),
    (InputError, 400),
    (StorageError, 503),
    (SignInError, 401),
    (RightError, 403),
    (TooManyReportsError, 429),
    (VallesError, 500),
)
"""HTTP state of each branch of the error tree; the first that fits counts."""


def status_of(error: VallesError) -> int:
    """Return the HTTP state that says what kind of refusal this is.

    Examples
    --------
    >>> status_of(MissingError("x")), status_of(InputError("x"))
    (404, 400)
    """
    return next(status for kind, status in STATUS if isinstance(error, kind))


def title_of(status: int) -> str:
    """Return the short name of an HTTP state in the reader's language."""
    titles = {
        400: _("Petición incorrecta"),
        401: _("Falta autorización"),
        403: _("Acceso denegado"),
        404: _("No encontrado"),
        405: _("Método no permitido"),
        406: _("Formato no disponible"),
        409: _("Conflicto"),
        413: _("Contenido demasiado grande"),
        416: _("Rango fuera del archivo"),
        422: _("Datos no válidos"),
        429: _("Demasiadas peticiones"),
        503: _("Servicio no disponible"),
    }
    return titles.get(status, _("Error interno") if status >= 500 else _("Error"))  # noqa: PLR2004  5xx


def wants_html(request: Request) -> bool:
    """Tell whether the reader is a person in a browser rather than a program."""
    accept = request.headers.get("accept", "")
    return "text/html" in accept and "json" not in accept and request.query_params.get("f", "html") == "html"


def problem(
    request: Request,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,  # noqa: ANN401  extension members of RFC 9457 are any JSON
) -> Response:
    """Return the answer that reports an error.

    Parameters
    ----------
    request
        The request that failed.
    status
        HTTP state.
    detail
        What happened, for a person.
    headers
        Further headers of the answer.
    **members
        Further members of the problem; empty ones stay away.
    """
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **{name: value for name, value in members.items() if value},
    }
    extra = {"Cache-Control": "no-store", **(headers or {})}
    if wants_html(request):
        return HTMLResponse(render("ogc_problem.html", request, problem=document), status, extra)
    return Response(json.dumps(document, ensure_ascii=False), status, extra, MEDIA_TYPE)


def _on_valles_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, VallesError):
        raise error
    told = {"expected": error.expected, "remedy": error.remedy, "kind": type(error).__name__}
    headers: dict[str, str] = {}
    if isinstance(error, SignInError):
        headers["WWW-Authenticate"] = 'Bearer realm="valles"'
    if isinstance(error, NotReadyError):
        headers["Retry-After"] = str(RETRY_SECONDS)
    return problem(request, status_of(error), error.found, headers=headers, **told)


def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 404:  # noqa: PLR2004  not found
        detail = _("Aquí no hay nada: {path}").format(path=request.url.path)
        return problem(request, 404, detail, remedy=_("Las direcciones que existen están en /docs."))
    if error.status_code == 405:  # noqa: PLR2004  method not allowed
        detail = _("{method} no se puede usar aquí").format(method=request.method)
        return problem(request, 405, detail, headers=error.headers)
    return problem(request, error.status_code, str(error.detail), headers=error.headers)


def _plain(errors: Sequence[Any]) -> list[dict[str, str]]:
    return [{"in": ".".join(str(part) for part in each["loc"]), "message": _reason(each)} for each in errors]


def _reason(error: Mapping[str, Any]) -> str:
    """Say what is wrong with one value in the reader's words; the library that checks has its own."""
    kind, bounds = str(error.get("type", "")), error.get("ctx") or {}
    if kind == "missing":
        return _("falta")
    bound = next((str(bounds[name]) for name in _BOUNDS if name in bounds), "").replace("'", "").replace(" or ", ", ")
    for beginning, words in _reasons().items():
        if kind.startswith(beginning):
            return words.format(bound=bound)
    return _("no sirve")


_BOUNDS = ("ge", "gt", "le", "lt", "max_length", "min_length", "expected")


def _reasons() -> dict[str, str]:
    """Return the words for kinds of errors by how their names begin."""
    return {
        "greater_than": _("el mínimo es {bound}"),
        "less_than": _("el máximo es {bound}"),
        "string_too_long": _("a lo sumo {bound} letras"),
        "string_too_short": _("al menos {bound} letras"),
        "literal": _("se esperaba uno de: {bound}"),
        "enum": _("se esperaba uno de: {bound}"),
        "int": _("se esperaba un número entero"),
        "float": _("se esperaba un número"),
        "decimal": _("se esperaba un número"),
        "bool": _("se esperaba true o false"),
        "date": _("se esperaba una fecha como 2024-05-31"),
        "string": _("se esperaba un texto"),
        "dict": _("se esperaba un objeto entre llaves"),
        "model": _("se esperaba un objeto entre llaves"),
        "list": _("se esperaba una lista"),
        "json": _("no es JSON"),
        "extra_forbidden": _("sobra"),
    }


def _on_validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = _plain(error.errors())
    names = ", ".join(sorted({e["in"].rpartition(".")[2] for e in errors}))
    expected = "; ".join(sorted({f"{each['in'].rpartition('.')[2]}: {each['message']}" for each in errors}))
    detail = _("Valor que falta o no sirve: {names}").format(names=names)
    return problem(
        request, 422, detail, expected=expected, remedy=_("Corrija la petición; /docs dice cómo es."), errors=errors
    )


def _on_anything_else(request: Request, _error: Exception) -> Response:
    return problem(
        request,
        500,
        _("El servidor falló al responder; el fallo quedó en su registro"),
        remedy=_("Vuelva a intentarlo; si se repite, avise a quien administra el servidor."),
    )


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error as a problem."""
    app.add_exception_handler(VallesError, _on_valles_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(Exception, _on_anything_else)
