"""The pages' own assets, kept by browsers but asked for again, so that an update shows at once."""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_VERSIONED = re.compile(rb"[0-9a-f]{10}")
"""A query that names the content, as the pages' own addresses do."""


class RevalidatedFiles(StaticFiles):
    """Static files: kept for good under an address that names their content, else asked for again each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Send one file."""
        answer = await super().get_response(path, scope)
        named = answer.status_code == HTTPStatus.OK and _VERSIONED.fullmatch(scope.get("query_string", b""))
        answer.headers.setdefault("Cache-Control", "public, max-age=31536000, immutable" if named else "no-cache")
        return answer
