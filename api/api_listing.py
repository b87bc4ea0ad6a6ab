"""``/docs``: what the server offers to programs, as one plain page made from its own definition."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from api.pages.html_pages import render

router = APIRouter()
_METHODS = ("get", "post", "put", "patch", "delete")


def listing(definition: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the operations of an OpenAPI definition by their group.

    Examples
    --------
    >>> listing({"paths": {"/a": {"get": {"summary": "A", "tags": ["x"]}}}})["x"][0]["path"]
    '/a'
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in definition.get("paths", {}).items():
        for method in _METHODS:
            operation = methods.get(method)
            if operation is None:
                continue
            group = next(iter(operation.get("tags", ())), "")
            groups.setdefault(group, []).append(
                {
                    "path": path,
                    "method": method.upper(),
                    "text": operation.get("summary", ""),
                    "parameters": [one["name"] for one in operation.get("parameters", ())],
                }
            )
    return groups


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """List what programs may ask for."""
    definition = request.app.openapi()
    version = definition["info"]["version"]
    return HTMLResponse(render("ogc_docs.html", request, groups=listing(definition), version=version))
