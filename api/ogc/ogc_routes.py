"""``/ogc``: OGC API Features 1.0 over every map layer that has features, whoever made it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api.ogc import ogc_documents as documents
from api.ogc import ogc_openapi
from api.ogc.ogc_crs import chosen_system, feature_in, systems_of
from api.ogc.ogc_queries import Limits, chosen_parameters, feature_query, format_of, refuse_unknown
from api.pages.html_pages import render
from api.service import Service, service_of
from gis.errors import MissingError
from gis.messages import translator
from layers.map_layer import FeatureQuery, LayerDescription, MapLayer, Parameter

_ = translator("api")
router = APIRouter(prefix="/ogc", tags=["OGC API Features"])

_PAGED = {"parameters": ogc_openapi.paging_parameters(Limits(default=10, largest=10_000))}


def _limits(service: Service) -> Limits:
    return Limits(default=service.settings.page_limit, largest=service.settings.page_limit_max)


def _systems(service: Service) -> tuple[str, ...]:
    return systems_of(service.territory().crs)


def _addresses(request: Request) -> documents.Addresses:
    return documents.Addresses(base=str(request.base_url).rstrip("/"))


def _answer(
    request: Request, template: str, document: Mapping[str, Any], media_type: str = documents.JSON, **values: object
) -> Response:
    if format_of(request) == "html":
        return HTMLResponse(render(template, request, document=document, **values))
    body = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body, media_type=media_type, headers={"Vary": "Accept"})


def _feature_layers(service: Service) -> list[tuple[LayerDescription, tuple[Parameter, ...]]]:
    described = [(layer.describe(), layer.parameters()) for layer in service.layers()]
    return [(layer, parameters) for layer, parameters in described if layer.geometry != "raster"]


def _feature_layer(service: Service, layer_id: str) -> tuple[MapLayer, LayerDescription]:
    layer = service.registry.get(layer_id)
    description = layer.describe()
    if description.geometry == "raster":
        raise MissingError(
            _("«{name}» es una imagen y no tiene objetos").format(name=layer_id),
            remedy=_("Use /tiles/{name}/tilejson.json.").format(name=layer_id),
        )
    return layer, description


@router.get("", summary=_("Portada de los datos abiertos"))
@router.get("/", include_in_schema=False)
def landing(request: Request) -> Response:
    """Landing page."""
    refuse_unknown(request.query_params, ())
    territory = service_of(request).territory()
    title = _("Datos abiertos de {name}").format(name=territory.name)
    document = documents.landing(_addresses(request), title, territory.notice, html=format_of(request) == "html")
    return _answer(request, "ogc_landing.html", document, demo=territory.demo)


@router.get("/conformance", summary=_("Partes de la norma que se cumplen"))
def conformance(request: Request) -> Response:
    """Parts of the standard that are kept."""
    refuse_unknown(request.query_params, ())
    return _answer(request, "ogc_conformance.html", documents.conformance())


@router.get("/api", summary=_("Definición OpenAPI 3.0 de las colecciones"))
def definition(request: Request) -> Response:
    """OpenAPI 3.0 definition of the collections."""
    refuse_unknown(request.query_params, ())
    service = service_of(request)
    document = ogc_openapi.definition(
        _addresses(request).ogc(),
        service.territory().name,
        layers=_feature_layers(service),
        limits=_limits(service),
        version=version("valles"),
    )
    return Response(json.dumps(document, ensure_ascii=False), media_type=documents.OPENAPI)


@router.get("/collections", summary=_("Lista de colecciones"))
def collections(request: Request) -> Response:
    """List of collections."""
    refuse_unknown(request.query_params, ())
    layers = _feature_layers(service_of(request))
    document = documents.collections(
        _addresses(request), layers, systems=_systems(service_of(request)), html=format_of(request) == "html"
    )
    return _answer(request, "ogc_collections.html", document)


@router.get("/collections/{collection_id}", summary=_("Descripción de una colección"))
def collection(request: Request, collection_id: str) -> Response:
    """Describe one collection."""
    refuse_unknown(request.query_params, ())
    layer, description = _feature_layer(service_of(request), collection_id)
    document = documents.collection(
        _addresses(request),
        description,
        layer.parameters(),
        systems=_systems(service_of(request)),
        html=format_of(request) == "html",
    )
    return _answer(request, "ogc_collection.html", document)


@router.get("/collections/{collection_id}/items", summary=_("Una página de objetos"), openapi_extra=_PAGED)
def items(request: Request, collection_id: str) -> Response:
    """One page of features."""
    service = service_of(request)
    layer, description = _feature_layer(service, collection_id)
    html = format_of(request) == "html"
    systems = _systems(service)
    query = feature_query(
        request.query_params, description, parameters=layer.parameters(), limits=_limits(service), systems=systems
    )
    system = chosen_system(request.query_params.get("crs"), systems, "crs")
    page = layer.features(query)
    moved = replace(page, features=tuple(feature_in(feature, system) for feature in page.features))
    asked = dict(request.query_params)
    document = documents.items(_addresses(request), description, moved, query=query, asked=asked, html=html)
    answer = _answer(request, "ogc_items.html", document, documents.GEOJSON, layer=description, offset=query.offset)
    answer.headers["Content-Crs"] = f"<{system}>"
    return answer


@router.get("/collections/{collection_id}/items/{feature_id:path}", summary=_("Un objeto"))
def item(request: Request, collection_id: str, feature_id: str) -> Response:
    """One feature."""
    layer, description = _feature_layer(service_of(request), collection_id)
    choices = layer.parameters()
    refuse_unknown(request.query_params, ["crs", *(choice.name for choice in choices)])
    system = chosen_system(request.query_params.get("crs"), _systems(service_of(request)), "crs")
    chosen = chosen_parameters(request.query_params, choices)
    page = layer.features(FeatureQuery(feature_id=feature_id, limit=1, parameters=chosen))
    if not page.features:
        raise MissingError(
            _("La colección «{name}» no tiene el objeto «{id}»").format(name=collection_id, id=feature_id),
            remedy=_("Vea los objetos en /ogc/collections/{name}/items.").format(name=collection_id),
        )
    document = documents.item(
        _addresses(request), description, feature_in(page.features[0], system), html=format_of(request) == "html"
    )
    answer = _answer(request, "ogc_item.html", document, documents.GEOJSON, layer=description)
    answer.headers["Content-Crs"] = f"<{system}>"
    return answer
