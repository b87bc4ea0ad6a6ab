"""``/health``: 200 only when what people and programs ask for is really answered.

The pages are rendered and the data addresses are asked through the application itself, so a missing template, an
unbuilt asset, an unreadable store or a broken study shows here and not first to a reader.
"""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message

from api.pages.routes import missing_assets
from api.problems import problem
from api.service import Service, service_of
from gis.errors import VallesError
from gis.messages import translator

_ = translator("api")
router = APIRouter(tags=["Servicio"])
_OK = 200


@router.get("/health", summary=_("Si el servicio responde de verdad"))
async def health(request: Request) -> Response:
    """Ask every part of the server whether it answers."""
    service = service_of(request)
    checks = await run_sync(_stores, service)
    absent = missing_assets()
    checks["assets"] = _("faltan {names}").format(names=", ".join(absent)) if absent else ""
    for path in await run_sync(_addresses, service):
        status = await _status(request.app, path)
        checks[path] = "" if status == _OK else _("responde {status}").format(status=status)
    document = {name: trouble or "ok" for name, trouble in checks.items()}
    if any(checks.values()):
        detail = "; ".join(f"{name}: {trouble}" for name, trouble in checks.items() if trouble)
        return problem(request, 503, detail, checks=document)
    return JSONResponse({"status": "ok", "checks": document}, headers={"Cache-Control": "no-store"})


def _addresses(service: Service) -> list[str]:
    paths = ["/", "/precios", "/ogc/collections", "/api/v1/territory"]
    try:
        first = next(iter(service.territory().municipalities), None)
    except VallesError:
        return paths
    return [*paths, f"/precios/{first.code}"] if first else paths


def _stores(service: Service) -> dict[str, str]:
    """Return the trouble of each store; empty where there is none."""
    checks = {"workspace": "", "prices": "", **service.registry.troubles()}
    try:
        service.workspace()
    except VallesError as error:
        return {**checks, "workspace": str(error)}
    try:
        service.book().state()
    except VallesError as error:
        checks["prices"] = str(error)
    return checks


async def _status(app: ASGIApp, path: str) -> int:
    """Return the HTTP state with which ``app`` answers GET ``path``."""
    states: list[int] = []
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"accept", b"text/html, application/json")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            states.append(int(message["status"]))

    try:
        await app(scope, receive, send)
    except Exception:  # noqa: BLE001  whatever a page breaks on, its state is a failure and its log has the cause
        return 500
    return states[-1] if states else 500
