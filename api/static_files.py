"""The pages' own assets, kept by browsers but asked for again, so that an update shows at once."""

from __future__ import annotations

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class RevalidatedFiles(StaticFiles):
    """Static files that a browser may keep if it asks whether they changed; 304 costs one short answer."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Send one file."""
        answer = await super().get_response(path, scope)
        answer.headers.setdefault("Cache-Control", "no-cache")
        return answer
