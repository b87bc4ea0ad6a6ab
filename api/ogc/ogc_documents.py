"""The documents of OGC API Features 1.0: landing page, conformance, collections, pages of features, one feature.

Plain dictionaries from descriptions and addresses; nothing here knows HTTP or where a layer comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from api.ogc.ogc_crs import CRS84
from gis.messages import translator
from layers.map_layer import FeaturePage, FeatureQuery, LayerDescription, Parameter

_ = translator("api")

Document = dict[str, Any]
GEOJSON = "application/geo+json"
JSON = "application/json"
HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where things are, from the address the reader used."""

    base: str
    """Address of the site without a closing slash."""

    def ogc(self, path: str = "", **params: str | int) -> str:
        """Return an address below ``/ogc``.

        Examples
        --------
        >>> Addresses(base="http://a").ogc("/collections", f="html")
        'http://a/ogc/collections?f=html'
        """
        return f"{self.base}/ogc{path}" + (f"?{urlencode(params)}" if params else "")

    def collection(self, layer_id: str) -> str:
        """Return the path of a collection below ``/ogc``."""
        return f"/collections/{quote(layer_id)}"


def link(href: str, rel: str, kind: str, title: str = "") -> Document:
    """Return one link."""
    made = {"href": href, "rel": rel, "type": kind}
    return {**made, "title": title} if title else made


def _both(at: Addresses, path: str, *, html: bool, kind: str = JSON) -> list[Document]:
    """Return the links of a document to itself and to its other face."""
    return [
        link(at.ogc(path, f="json"), "alternate" if html else "self", kind, _("Este documento, para programas")),
        link(at.ogc(path, f="html"), "self" if html else "alternate", HTML, _("Este documento, para leer")),
    ]


def landing(at: Addresses, title: str, notice: str, *, html: bool) -> Document:
    """Return the landing page."""
    return {
        "title": title,
        "description": notice or _("Límites, zonificación básica productiva, mercados y precios del territorio."),
        "links": [
            *_both(at, "", html=html),
            link(at.ogc("/api"), "service-desc", OPENAPI, _("Definición de la interfaz")),
            link(f"{at.base}/docs", "service-doc", HTML, _("Descripción de la interfaz")),
            link(at.ogc("/conformance"), "conformance", JSON, _("Normas que se cumplen")),
            link(at.ogc("/collections"), "data", JSON, _("Colecciones")),
        ],
    }


def conformance() -> Document:
    """Return which parts of the standard are kept."""
    return {"conformsTo": list(CONFORMANCE)}


def collections(
    at: Addresses,
    layers: Iterable[tuple[LayerDescription, Sequence[Parameter]]],
    *,
    systems: Sequence[str],
    html: bool,
) -> Document:
    """Return the list of collections; ``systems`` are the reference systems of all of them."""
    return {
        "links": _both(at, "/collections", html=html),
        "crs": list(systems),
        "collections": [
            collection(at, description, parameters, systems=systems, html=False) for description, parameters in layers
        ],
    }


def collection(
    at: Addresses,
    layer: LayerDescription,
    parameters: Sequence[Parameter],
    *,
    systems: Sequence[str],
    html: bool,
) -> Document:
    """Return the description of one collection, with what the reader must know to use and cite it."""
    path = at.collection(layer.id)
    links = [
        *_both(at, path, html=html),
        link(at.ogc(f"{path}/items"), "items", GEOJSON, _("Objetos, para programas")),
        link(at.ogc(f"{path}/items", f="html"), "items", HTML, _("Objetos, para leer")),
        link(f"{at.base}/tiles/{quote(layer.id)}/tilejson.json", "tiles", JSON, _("Teselas del mapa")),
    ]
    if layer.licence.startswith(("http://", "https://")):
        links.append(link(layer.licence, "license", HTML, _("Licencia")))
    document: Document = {
        "id": layer.id,
        "title": layer.title,
        "description": layer.description,
        "itemType": "feature",
        "crs": list(systems),
        "storageCrs": CRS84,
        "extent": {"spatial": {"bbox": [list(layer.extent)], "crs": CRS84}},
        "links": links,
        "licence": layer.licence,
        "attribution": layer.attribution,
        "demo": layer.demo,
        "properties": dict(layer.properties),
        "parameters": [
            {"name": one.name, "title": one.title, "values": list(one.values), "default": one.default}
            for one in parameters
        ],
        "legend": [{"value": e.value, "label": e.label, "colour": e.colour} for e in layer.legend],
        "provenance": [dict(entry) for entry in layer.provenance],
    }
    if layer.interval != (None, None):
        document["extent"]["temporal"] = {
            "interval": [[_instant(end) for end in layer.interval]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    return document


def _instant(moment: str | None) -> str | None:
    """Return a moment as the RFC 3339 date-time that the schema of extents wants."""
    return f"{moment}T00:00:00Z" if moment is not None and "T" not in moment else moment


def items(
    at: Addresses,
    layer: LayerDescription,
    page: FeaturePage,
    *,
    query: FeatureQuery,
    asked: Mapping[str, str],
    html: bool,
) -> Document:
    """Return one page of features.

    Parameters
    ----------
    at, layer, page
        Addresses, the layer, and the page it answered.
    query
        The query as it was understood; its limit and offset place the next and the previous page.
    asked
        The parameters as the reader wrote them: they are kept in every link.
    html
        Whether the reader sees the page as HTML.
    """
    path = f"{at.collection(layer.id)}/items"
    kept = {name: value for name, value in asked.items() if name not in {"f", "offset", "limit"}}

    def address(offset: int, face: str) -> str:
        place: dict[str, str | int] = {**kept, "f": face, "limit": query.limit}
        return at.ogc(path, **(place if offset == 0 else {**place, "offset": offset}))

    shown, face, kind = ("html", "json", HTML) if html else ("json", "html", GEOJSON)
    links = [
        link(address(query.offset, shown), "self", kind, _("Esta página")),
        link(address(query.offset, face), "alternate", GEOJSON if html else HTML, _("Esta página en otro formato")),
        link(at.ogc(at.collection(layer.id)), "collection", JSON, layer.title),
    ]
    after = query.offset + len(page.features)
    if page.features and after < page.matched:
        links.append(link(address(after, shown), "next", kind, _("Página siguiente")))
    if query.offset > 0:
        before = max(0, min(query.offset, page.matched) - query.limit)
        links.append(link(address(before, shown), "prev", kind, _("Página anterior")))
    return {
        "type": "FeatureCollection",
        "features": [dict(feature) for feature in page.features],
        "links": links,
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": page.matched,
        "numberReturned": len(page.features),
        "attribution": layer.attribution,
        "demo": layer.demo,
    }


def item(at: Addresses, layer: LayerDescription, feature: Mapping[str, Any], *, html: bool) -> Document:
    """Return one feature with its links."""
    path = f"{at.collection(layer.id)}/items/{quote(str(feature['id']), safe='')}"
    return {
        **feature,
        "links": [
            *_both(at, path, html=html, kind=GEOJSON),
            link(at.ogc(at.collection(layer.id)), "collection", JSON, layer.title),
        ],
    }
