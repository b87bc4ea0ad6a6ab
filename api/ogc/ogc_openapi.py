"""The OpenAPI 3.0 definition of ``/ogc``, made from the collections as they are now.

Clients read from it which filters a collection takes and how large a page may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from api.ogc.ogc_queries import Limits
from gis.messages import translator
from layers.map_layer import LayerDescription, Parameter

_ = translator("api")

Document = dict[str, Any]
_TYPES = {"string", "number", "integer", "boolean"}


def _query(name: str, schema: Document, description: str) -> Document:
    explode = {"style": "form", "explode": False}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema, **explode}


def paging_parameters(limits: Limits) -> list[Document]:
    """Return the definitions of ``limit``, ``offset``, ``bbox`` and ``datetime``."""
    number = {"type": "number"}
    return [
        _query(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": limits.largest, "default": limits.default},
            _("Cuántos objetos por página"),
        ),
        _query("offset", {"type": "integer", "minimum": 0, "default": 0}, _("Cuántos objetos saltar")),
        _query(
            "bbox",
            {"type": "array", "minItems": 4, "maxItems": 6, "items": number},
            _("Recuadro: oeste, sur, este, norte, en grados"),
        ),
        _query("bbox-crs", {"type": "string", "format": "uri"}, _("Sistema de referencia del recuadro")),
        _query("crs", {"type": "string", "format": "uri"}, _("Sistema de referencia de la respuesta")),
        _query("datetime", {"type": "string"}, _("Fecha o intervalo RFC 3339, con .. para un extremo abierto")),
    ]


def format_parameter() -> Document:
    """Return the definition of ``f``."""
    return _query("f", {"type": "string", "enum": ["json", "html"]}, _("Formato de la respuesta"))


def _answers(media_type: str, schema: Document, text: str) -> Document:
    page = {"schema": {"type": "string"}}
    problem = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
    return {
        "200": {"description": text, "content": {media_type: {"schema": schema}, "text/html": page}},
        "400": {"description": _("Un parámetro no sirve"), **problem},
        "404": {"description": _("No existe"), **problem},
        "500": {"description": _("El servidor falló"), **problem},
    }


def _get(operation: str, summary: str, answers: Document, parameters: Sequence[Document] = ()) -> Document:
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "tags": ["OGC API Features"],
            "parameters": [format_parameter(), *parameters],
            "responses": answers,
        }
    }


def definition(
    server: str,
    title: str,
    *,
    layers: Iterable[tuple[LayerDescription, Sequence[Parameter]]],
    limits: Limits,
    version: str,
) -> Document:
    """Return the definition of the whole interface.

    Parameters
    ----------
    server
        Address of ``/ogc``.
    title
        Name of the service.
    layers
        Each collection with what may be chosen about it.
    limits
        How large a page may be.
    version
        Version of the program.
    """
    plain = {"type": "object"}
    paths: Document = {
        "/": _get("landing", _("Portada"), _answers("application/json", plain, _("Portada"))),
        "/conformance": _get("conformance", _("Normas"), _answers("application/json", plain, _("Normas"))),
        "/collections": _get("collections", _("Colecciones"), _answers("application/json", plain, _("Colecciones"))),
    }
    for layer, parameters in layers:
        paths.update(_collection_paths(layer, parameters, limits))
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": version, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": server}],
        "tags": [{"name": "OGC API Features"}],
        "paths": paths,
    }


def _collection_paths(layer: LayerDescription, parameters: Sequence[Parameter], limits: Limits) -> Document:
    base = f"/collections/{layer.id}"
    filters = [
        _query(name, {"type": kind if kind in _TYPES else "string"}, _("Solo objetos con este valor"))
        for name, kind in layer.properties.items()
        if name not in {parameter.name for parameter in parameters}
    ]
    choices = [_query(one.name, _choice_schema(one), one.title) for one in parameters]
    features = {"type": "object", "required": ["type", "features"]}
    place = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    described = _answers("application/json", {"type": "object"}, layer.title)
    page = _answers("application/geo+json", features, layer.title)
    return {
        base: _get(f"{layer.id}.collection", layer.title, described),
        f"{base}/items": _get(f"{layer.id}.items", layer.title, page, [*paging_parameters(limits), *choices, *filters]),
        f"{base}/items/{{featureId}}": _get(
            f"{layer.id}.item",
            layer.title,
            _answers("application/geo+json", {"type": "object"}, layer.title),
            [place, *choices],
        ),
    }


def _choice_schema(parameter: Parameter) -> Document:
    schema: Document = {"type": "string"}
    if parameter.values:
        schema["enum"] = list(parameter.values)
    if parameter.default:
        schema["default"] = parameter.default
    return schema
