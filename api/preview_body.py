"""The change of rules that somebody sends: read with care, and refused in words whatever it holds."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from gis.errors import InputError
from gis.messages import translator
from zoning.rules.rule_change import EXAMPLE
from zoning.rules.shown_values import short

_ = translator("api")

CHANGE_LIMIT = 16 * 1024
"""Most bytes of a change of rules."""

DEEPEST = 32
"""Most tables and lists one inside the other; a change has four."""

_OPEN, _SHUT = frozenset("[{"), frozenset("]}")


class LongChangeError(InputError):
    """A change of rules of more bytes than any change has."""


async def sent_change(request: Request) -> object:
    """Read the body of a request as JSON; whether it is a change of rules, the rules decide.

    Raises
    ------
    LongChangeError
        It is too long; it is not read whole.
    gis.errors.InputError
        It is empty, no JSON, or said to be something else.
    """
    kind, told = request.headers.get("content-type", ""), request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > CHANGE_LIMIT:
        raise _too_long()
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > CHANGE_LIMIT:
                raise _too_long()
    except HTTPException as error:  # the limit of everything that is sent to the server, in one part
        raise _too_long() from error
    except ClientDisconnect as error:
        raise _refusal(_("Lo enviado se cortó antes de llegar entero")) from error
    if not _is_json(kind):
        found = _("Lo enviado dice ser «{kind}»").format(kind=short(kind))
        raise _refusal(found if kind else _("Lo enviado no dice qué es: falta Content-Type"))
    return read_json(bytes(body))


def read_json(body: bytes) -> object:
    """Return what a JSON document holds; numbers beyond any measure are infinite.

    Raises
    ------
    gis.errors.InputError
        It is none: what is wrong, and where.

    Examples
    --------
    >>> read_json(b'{"legal_forest_slope": 60}')
    {'legal_forest_slope': 60.0}
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(_("Lo enviado no es texto UTF-8")) from error
    if not text.strip():
        raise _refusal(_("No se envió ningún cambio: el cuerpo está vacío"))
    if _depth(text) > DEEPEST:
        raise _refusal(_("Lo enviado tiene más de {most} niveles, unos dentro de otros").format(most=DEEPEST))
    try:
        data: object = json.loads(text, parse_int=float, object_pairs_hook=_table)
        json.dumps(data, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        place = _("Lo enviado no es JSON: se entiende hasta la línea {line}, columna {column}")
        raise _refusal(place.format(line=error.lineno, column=error.colno)) from error
    except UnicodeEncodeError as error:
        raise _refusal(_("Lo enviado lleva media letra: un sustituto de UTF-16 sin su pareja")) from error
    return data


def _is_json(kind: str) -> bool:
    media = kind.partition(";")[0].strip().lower()
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _depth(text: str) -> int:
    """Return how deep tables and lists lie one inside the other, without descending into them."""
    deepest = depth = 0
    inside = escaped = False
    for letter in text:
        if inside:
            inside = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            inside = True
        elif letter in _OPEN:
            depth += 1
            deepest = max(deepest, depth)
        elif letter in _SHUT:
            depth -= 1
    return deepest


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        whole = short(twice).encode("utf-8", "replace").decode()
        raise _refusal(_("La clave «{key}» está dos veces en la misma tabla").format(key=whole))
    return table


def _refusal(found: str) -> InputError:
    return InputError(
        found,
        expected=_("Se esperaba un cambio de reglas en JSON, con Content-Type: application/json"),
        remedy=_("Envíe por ejemplo {example}").format(example=EXAMPLE),
    )


def _too_long() -> LongChangeError:
    return LongChangeError(
        _("Lo enviado pasa de {most} kB").format(most=CHANGE_LIMIT // 1024),
        expected=_("Se esperaba un cambio de reglas, que ocupa menos de 1 kB"),
        remedy=_("Envíe sólo lo que cambia, por ejemplo {example}").format(example=EXAMPLE),
    )
