"""The pages people see: the planner's map at ``/`` and the producers' prices under ``/precios``.

The map is drawn by the bundled script; this module gives it its words, its layers and its addresses. The price pages
are finished here: they need no script, carry their own style and fit in the first round trip of a weak connection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.pages.html_pages import render
from api.pages.light_page import asset, light_page, municipality_links, notice_of, other_language, root_of, slug_of
from api.pages.map_words import characteristic_words, map_groups, map_words
from api.pages.own_views import own_layer_ids, own_views
from api.pages.page_numbers import month_names
from api.pages.price_pages import PriceFilter, price_page
from api.pages.sensitivity_words import sensitivity_rows
from api.service import Service, service_of
from gis.errors import MissingError
from gis.messages import current_language, translator
from layers.map_layer import LayerDescription
from layers.territory import Territory
from zoning.comparison.saved_comparisons import saved_comparisons

_ = translator("api")
router = APIRouter(include_in_schema=False)

LOCALES = {"es": "es-BO", "en": "en-GB", "qu": "es-BO"}
"""How the numbers of each language are written."""
_SCRIPTS = ("app/map.js", "app/map-shared.js", "app/map-worker.js", "app/price_view.js", "app/what_if.js")
MAP_ASSETS = (*_SCRIPTS, "app/map.css", "planner.css", "icon.svg")
"""What the map needs below ``api/static``."""
DRAWN = ("zones", "municipalities", "roads", "streams", "settlements", "hillshade")
"""Layers that the map draws where they exist."""
_SHARED_SOURCE = "OpenStreetMap"
"""Its licence asks to be named where the map is seen: it comes first."""


@router.get("/")
def planner_map(request: Request, municipio: str = "") -> HTMLResponse:
    """Show the planner's map."""
    service = service_of(request)
    territory = service.territory()
    chosen = territory.municipality(municipio).code if municipio else None
    described = [layer.describe() for layer in service.layers()]
    own = own_layer_ids(service.workspace()) - {*DRAWN}
    attributions = _credits([one for one in described if one.id in DRAWN or one.id in own])
    text = render(
        "map.html",
        request,
        territory=territory,
        notice=notice_of(territory),
        root=root_of(request),
        version=assets_version(),
        config=_map_config(request, service, territory, chosen) | {"own": own_views(described, own)},
        own=[one for one in described if one.id in own],
        title=_title(territory),
        groups=[(name, title) for name, title in map_groups() if name == "codes" or name in service.registry.layers()],
        sources=described,
        sensitivity=_sensitivity(service),
        credits=" · ".join(attributions),
        other_language=other_language(request),
    )
    return HTMLResponse(text)


def _sensitivity(service: Service) -> list[dict[str, str]]:
    """Return what moves the study that the map shows; nothing before there is one."""
    try:
        return sensitivity_rows(service.study().manifest)
    except MissingError:
        return []


@router.get("/precios")
def price_list(request: Request, q: str = "") -> Response:
    """List the municipalities whose prices may be read; a search that means one of them leads there."""
    territory = service_of(request).territory()
    found = territory.find(q) if q.strip() else None
    if found:
        language = request.query_params.get("lang", "")
        query = f"?{urlencode({'lang': language})}" if language else ""
        return RedirectResponse(f"{root_of(request)}/precios/{slug_of(found)}{query}", 303)
    return light_page(
        "prices_list.html",
        request,
        territory,
        municipalities=municipality_links(territory),
        q=q,
        unknown=bool(q.strip()),
        simulated=territory.demo,
    )


@router.get("/precios/{municipality}")
def municipal_prices(
    request: Request,
    municipality: str,
    q: Annotated[str, Query(max_length=80)] = "",
    kind: Annotated[str, Query(pattern="^(observed|reference|estimated)?$")] = "",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> HTMLResponse:
    """Show what each product fetches, here or in the municipality's reference markets."""
    service = service_of(request)
    territory = service.territory()
    here = territory.municipality(municipality.replace("-", " "))
    shown = price_page(service.book(), here.code, PriceFilter(q=q.strip(), kind=kind, page=page))
    return light_page(
        "prices.html",
        request,
        territory,
        here=here,
        slug=slug_of(here),
        shown=shown,
        municipalities=municipality_links(territory),
        simulated=territory.demo or shown.demo,
    )


def missing_assets() -> tuple[str, ...]:
    """Return the files the map needs that are not there, as when the web sources were never built."""
    return tuple(name for name in MAP_ASSETS if not files("api").joinpath("static", name).is_file())


@cache
def assets_version() -> str:
    """Return a short text that changes when any asset of the map does."""
    digest = hashlib.sha256()
    for name in MAP_ASSETS:
        if files("api").joinpath("static", name).is_file():
            digest.update(asset(name))
    return digest.hexdigest()[:10]


def _map_config(request: Request, service: Service, territory: Territory, chosen: str | None) -> dict[str, Any]:
    studies = service.workspace().studies()
    wanted = service.settings.study
    return {
        "root": root_of(request),
        "language": current_language(),
        "locale": LOCALES[current_language()],
        "name": _title(territory),
        "study": wanted if wanted in studies else next(iter(studies), wanted),
        "zoned": bool(studies),
        "demo": territory.demo,
        "layers": [name for name in service.registry.layers() if name in DRAWN],
        "chains": _chains(service, studies, wanted),
        "comparisons": _comparisons(service, studies, wanted),
        "prices": _prices(service),
        "municipality": chosen,
        "messages": map_words(),
        "characteristics": characteristic_words(),
        "months": month_names(),
    }


def _prices(service: Service) -> dict[str, Any] | None:
    """Return the days with prices and the levels of alert; nothing while no price can be drawn."""
    layer = service.registry.layers().get("price_alerts")
    if layer is None:
        return None
    told = layer.describe()
    first, last = told.interval
    alerts = [{"value": each.value, "label": each.label, "colour": each.colour} for each in told.legend]
    return {"first": first, "last": last, "alerts": alerts}


def _chains(service: Service, studies: Sequence[str], wanted: str) -> list[dict[str, Any]]:
    """Return the value chains of the study that is shown, each with the layer that draws its aptitude."""
    name = wanted if wanted in studies else next(iter(studies), "")
    if not name:
        return []
    bands = service.study(name).manifest.get("aptitude", ())
    titles = {each["code"]: each["title"] for each in bands}
    return [
        {
            "layer": each["code"],
            "title": each["title"],
            "members": [titles[code] for code in each["members"]],
            "incomplete": each["incomplete"],
        }
        for each in bands
        if each["kind"] == "chain"
    ]


def _comparisons(service: Service, studies: Sequence[str], wanted: str) -> list[dict[str, Any]]:
    """Return the kept comparisons that begin with the study that is shown and change something."""
    shown = wanted if wanted in studies else next(iter(studies), "")
    told = ("to", "changed_ha", "changed_share")
    return [
        {"comparison": each.name, **{key: each.document[key] for key in told}}
        for each in saved_comparisons(service.workspace())
        if each.first.name == shown and each.tiles is not None
    ]


def _title(territory: Territory) -> str:
    """Return the territory's name without what it says in brackets, which the notice says more fully."""
    return territory.name.partition(" (")[0]


def _credits(drawn: list[LayerDescription]) -> list[str]:
    """Return everybody to be named for what is drawn, each once."""
    parts = (part.strip() for one in drawn for part in one.attribution.split(";"))
    named = dict.fromkeys(part for part in parts if part)
    return sorted(named, key=lambda part: _SHARED_SOURCE not in part)
