"""The web application: every route of the server, put together around one workspace."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files

from fastapi import FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from api import (
    api_listing,
    bulletin_routes,
    diff_routes,
    health,
    preview_options,
    preview_routes,
    price_routes,
    price_writing,
    problems,
    static_files,
    territory_routes,
    zoning_routes,
)
from api.ogc import ogc_routes
from api.pages import collector_routes, forecast_routes, report_routes, selling_routes, steward_routes
from api.pages import routes as pages
from api.pages.forecast_page import ForecastShelf
from api.pages.visit_limit import VisitLimit
from api.preview_lane import PreviewLane
from api.preview_shelf import PreviewShelf
from api.price_access import TokenGate
from api.service import Service
from api.settings import Settings, read_settings
from api.tiles import routes as tiles
from api.web_headers import BodyLimitMiddleware, HeadMiddleware, LanguageMiddleware, ProtectionMiddleware
from gis.messages import translator

_ = translator("api")
_NEVER_ZIPPED = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    tiles.PMTILES,
    *tiles.ENDINGS.values(),
    "application/octet-stream",
)


def create_app(settings: Settings | None = None, *, alone: bool = False) -> FastAPI:
    """Return the application that serves one workspace.

    Parameters
    ----------
    settings
        Which workspace and how; by default what the environment says (``VALLES_…``).
    alone
        Its process does nothing else.

    Examples
    --------
    >>> create_app(Settings(workspace="nowhere")).title
    'Valles'
    """
    app = FastAPI(
        title="Valles",
        version=version("valles"),
        description=_("Zonificación básica productiva y precios de mercado, en un mapa."),
        docs_url=None,
        redoc_url=None,
        license_info={"name": "Apache-2.0"},
    )
    app.state.service = Service(settings or read_settings(), alone=alone)
    app.state.report_limit = VisitLimit(most=report_routes.REPORTS_MOST, seconds=report_routes.REPORTS_SECONDS)
    app.state.price_gate = TokenGate()
    app.state.forecast_shelf = ForecastShelf()
    app.state.preview_shelf = PreviewShelf(app.state.service)
    app.state.preview_limit = VisitLimit(most=preview_routes.CHANGES_MOST, seconds=preview_routes.CHANGES_SECONDS)
    problems.install(app)
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(GZipMiddleware, compresslevel=6, exclude_content_types=_NEVER_ZIPPED)
    app.add_middleware(LanguageMiddleware)
    app.add_middleware(HeadMiddleware)
    app.add_middleware(ProtectionMiddleware)
    app.add_middleware(PreviewLane)  # the outermost: its answers carry all that the others add
    for part in (
        health,
        territory_routes,
        zoning_routes,
        preview_options,
        preview_routes,
        diff_routes,
        price_routes,
        bulletin_routes,
        price_writing,
        ogc_routes,
        tiles,
        api_listing,
        collector_routes,
        steward_routes,
        selling_routes,
        forecast_routes,
        pages,
        report_routes,
    ):
        app.include_router(part.router)
    app.mount("/static", static_files.RevalidatedFiles(directory=str(files("api") / "static")), name="static")
    return app


def serving_app() -> FastAPI:
    """Return the application of a process of ``valles serve``."""
    return create_app(alone=True)
