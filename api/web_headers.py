"""What every answer carries: protection for the reader's browser, and the language the reader chose."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gis.messages import translator, use_language

_ = translator("api")

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self'; child-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
"""Nothing comes from another host and no script is written into a page; a page may set a stricter policy itself."""

PROTECTION = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=()",
}

OPEN_DATA = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Content-Range, Accept-Ranges, Content-Length",
}
"""What open data carries beside: pages of other hosts may read it."""

OWN_HEAD_PATHS = ("/tiles/", "/static/")
"""What may be large and knows its length without reading it."""

OPEN_PATHS = ("/ogc", "/tiles", "/zoning/preview", "/api/v1", "/openapi.json")
"""Where open data begins."""


class HttpMiddleware:
    """Work on requests alone: whatever else reaches a server passes through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await (self.answer if scope["type"] == "http" else self._app)(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; each kind of middleware does its own."""
        await self._app(scope, receive, send)


class ProtectionMiddleware(HttpMiddleware):
    """Add the protecting headers to every answer that does not set its own."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        carried = PROTECTION | OPEN_DATA if scope["path"].startswith(OPEN_PATHS) else PROTECTION

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in carried.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, protected)


BODY_LIMIT = 256 * 1024
"""Most bytes of what is sent to an address."""
FILE_LIMIT = 32 * 1024 * 1024
"""Most bytes of a file of prices."""
FILE_PATHS = ("/api/v1/prices/import",)
"""Where files are sent to."""


class BodyLimitMiddleware(HttpMiddleware):
    """Refuse a request whose body is too large, before it is read whole."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        limit = FILE_LIMIT if scope["path"].endswith(FILE_PATHS) else BODY_LIMIT
        told = dict(scope["headers"]).get(b"content-length", b"")
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit or (told.isdigit() and int(told) > limit):
                raise HTTPException(413, _("Lo enviado pasa de {most} kB").format(most=limit // 1024))
            return message

        await self._app(scope, limited, send)


class HeadMiddleware(HttpMiddleware):
    """Answer HEAD as GET without its body, except where a route answers HEAD itself because its body is large."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "HEAD" or scope["path"].startswith(OWN_HEAD_PATHS):
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


class LanguageMiddleware(HttpMiddleware):
    """Speak the language of ``lang=`` while answering; else that of the server's environment."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        chosen = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [""])[0]
        if not chosen:
            await self._app(scope, receive, send)
            return
        with use_language(chosen):
            await self._app(scope, receive, send)
