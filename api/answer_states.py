"""What a route may answer besides what it is for: the problems that its definition lists."""

from __future__ import annotations

from typing import Any

from gis.messages import translator

_ = translator("api")

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "expected": {"type": "string"},
        "remedy": {"type": "string"},
        "kind": {"type": "string"},
    },
}
"""A problem of RFC 9457, with what was expected and what to do."""


def problems_for(*states: int) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route that may answer these states with a problem.

    Examples
    --------
    >>> sorted(problems_for(404, 400))
    [400, 404]
    """
    words = {
        400: _("Lo pedido no se entiende: un nombre, una fecha, un número o el archivo"),
        401: _("Falta una clave, o no vale"),
        403: _("La clave no alcanza para esto"),
        404: _("No existe lo que se nombra"),
        409: _("Contradice lo que hay"),
        413: _("El contenido es demasiado grande"),
        422: _("Un valor falta o no sirve"),
        429: _("Demasiados intentos: esperar"),
        503: _("El espacio de trabajo o el libro no están disponibles"),
    }
    content = {"application/problem+json": {"schema": PROBLEM_SCHEMA}}
    return {state: {"description": words[state], "content": content} for state in states}
