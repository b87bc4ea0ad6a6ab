"""The short way of a preview tile: drawn at once, beside the routes, where nothing about it is unusual.

A map asks for hundreds of tiles in a second, and finding the route, checking its parameters and handing it to a thread
cost more than drawing it. So the tiles of a change that this process holds ready are answered here, in the thread that
received them. Everything else takes the route: an unknown or unready change, another method, a parameter too many, a
tile that cannot be, a damaged file, and now and then a tile whose study's files are due to be looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

from starlette.types import Receive, Scope, Send

from api.preview_shelf import PreviewShelf
from api.web_headers import OPEN_DATA, PROTECTION, HttpMiddleware
from gis.errors import VallesError

PREFIX = "/zoning/preview/"
PNG = "image/png"

_TILE = re.compile(rb"/zoning/preview/(\d{1,2})/(\d{1,8})/(\d{1,8})\.png")
_QUERY = re.compile(rb"table=([0-9a-f]{32})")
_DEEPEST = 24

RawHeaders = list[tuple[bytes, bytes]]


def tile_headers(preview: str, name: str, max_age: int) -> dict[str, str]:
    """Return what every answer about a tile carries.

    Parameters
    ----------
    preview
        Hash of the layers and rules that changes are applied to.
    name
        Hash of the change.
    max_age
        Seconds for which it may be kept without asking again.
    """
    return {"Cache-Control": f"public, max-age={max_age}", "ETag": f'"{preview[:16]}-{name}"'}


class PreviewLane(HttpMiddleware):
    """Answer tiles of previews that are ready; let everything else pass."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"].startswith(PREFIX) and scope["method"] == "GET":
            answered = _answer(scope)
            if answered is not None:
                status, headers, body = answered
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": body})
                return
        await self._app(scope, receive, send)


def _answer(scope: Scope) -> tuple[int, RawHeaders, bytes] | None:
    """Return state, headers and body of a tile; ``None`` where the route must answer."""
    tile, query = _TILE.fullmatch(scope["path"].encode()), _QUERY.fullmatch(scope["query_string"])
    if tile is None or query is None:
        return None
    z, x, y = (int(each) for each in tile.groups())
    name, shelf = query[1].decode(), cast("PreviewShelf", scope["app"].state.preview_shelf)
    ready = shelf.ready(name)
    if ready is None or z > _DEEPEST or max(x, y) >= 1 << z:
        return None
    preview, table = ready
    headers, tag = _raw_headers(preview.hash, name, shelf.tile_max_age)
    if any(told == b"if-none-match" and tag in value for told, value in scope["headers"]):
        return 304, [*headers], b""
    try:
        picture = preview.tile(table, z, x, y)
    except VallesError:
        return None
    if picture is None:
        return 204, [*headers], b""
    return 200, [*headers, (b"content-type", PNG.encode()), (b"content-length", b"%d" % len(picture))], picture


@lru_cache(maxsize=512)
def _raw_headers(preview: str, name: str, max_age: int) -> tuple[RawHeaders, bytes]:
    """Return headers as they are sent, with the protection that every open answer carries, and the tag."""
    told = tile_headers(preview, name, max_age)
    carried = {**told, **PROTECTION, **OPEN_DATA}
    return [(key.lower().encode(), value.encode()) for key, value in carried.items()], told["ETag"].encode()
