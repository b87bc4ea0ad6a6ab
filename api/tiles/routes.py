"""``/tiles``: any map layer as tiles of the WebMercator pyramid, as TileJSON, and as a PMTiles archive by range."""

from __future__ import annotations

import gzip
import hashlib
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse, Response

from api.ogc.ogc_queries import chosen_parameters, refuse_unknown
from api.service import Service, service_of
from api.tiles.byte_ranges import file_response
from api.tiles.tile_archives import archive_of, split_archive_name, zooms_of
from gis.errors import InputError, MissingError
from gis.messages import translator
from layers.map_layer import LayerDescription, MapLayer, Tile

_ = translator("api")
router = APIRouter(prefix="/tiles", tags=["Teselas"])

DEEPEST = 24
ENDINGS = {"mvt": "application/vnd.mapbox-vector-tile", "png": "image/png"}
PMTILES = "application/vnd.pmtiles"


def _ending(description: LayerDescription) -> str:
    return "png" if description.geometry == "raster" or description.picture_tiles else "mvt"


def _chosen(request: Request, layer: MapLayer) -> dict[str, str]:
    choices = layer.parameters()
    refuse_unknown(request.query_params, [choice.name for choice in choices])
    return chosen_parameters(request.query_params, choices)


@router.head("/{archive}.pmtiles", include_in_schema=False)
@router.get("/{archive}.pmtiles", summary=_("Archivo PMTiles de una capa, entero o por rangos"))
def archive(request: Request, archive: str) -> Response:
    """Send the PMTiles archive of a layer, whole or in part; ``zones-070801`` is that of one municipality."""
    service = service_of(request)
    layer, municipality = split_archive_name(service.registry.layers(), archive)
    path = archive_of(layer, _chosen(request, layer), municipality)
    if path is None:
        raise MissingError(
            _("La capa «{name}» no tiene archivo de teselas").format(name=archive),
            remedy=_("Pida sus teselas una a una: /tiles/{name}/tilejson.json.").format(name=layer.id),
        )
    return file_response(request, path, PMTILES, max_age=service.settings.tile_max_age)


@router.get("/{layer_id}/tilejson.json", summary=_("Descripción TileJSON de las teselas de una capa"))
def tilejson(request: Request, layer_id: str) -> Response:
    """Describe the tiles of a layer, as TileJSON 3.0."""
    service = service_of(request)
    layer = service.registry.get(layer_id)
    description = layer.describe()
    chosen = _chosen(request, layer)
    least, most = zooms_of(layer, chosen)
    ending = _ending(description)
    base = str(request.base_url).rstrip("/")
    asked = {name: value for name, value in request.query_params.items() if name in chosen}
    address = f"{base}/tiles/{quote(layer_id)}/{{z}}/{{x}}/{{y}}.{ending}" + (f"?{urlencode(asked)}" if asked else "")
    west, south, east, north = description.extent
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": description.title,
        "description": description.description,
        "attribution": description.attribution,
        "scheme": "xyz",
        "tiles": [address],
        "minzoom": least,
        "maxzoom": most,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, min(max(least, 8), most)],
        "demo": description.demo,
    }
    if ending == "mvt":
        fields = dict(description.properties)
        document["vector_layers"] = [{"id": layer_id, "fields": fields, "minzoom": least, "maxzoom": most}]
    return JSONResponse(document, headers={"Cache-Control": "no-cache"})


@router.get(
    "/{layer_id}/{z}/{x}/{y}.{ending}",
    summary=_("Una tesela; 204 donde no hay nada que dibujar"),
    responses={204: {"description": _("Nada que dibujar")}},
)
def tile(
    request: Request,
    layer_id: str,
    *,
    z: Annotated[int, Path(ge=0, le=DEEPEST)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
    ending: str,
) -> Response:
    """Send one tile; 204 where there is nothing to draw."""
    service = service_of(request)
    layer = service.registry.get(layer_id)
    description = layer.describe()
    if ending != _ending(description):
        raise MissingError(
            _("La capa «{name}» no se dibuja como {ending}").format(name=layer_id, ending=ending),
            expected=_("Una tesela .{ending}").format(ending=_ending(description)),
        )
    if max(x, y) >= 1 << z:
        raise InputError(
            _("No hay tesela {z}/{x}/{y}").format(z=z, x=x, y=y),
            expected=_("x e y menores que {limit}").format(limit=1 << z),
        )
    return _tile_answer(request, layer.tile(z, x, y, _chosen(request, layer)), service)


def _tile_answer(request: Request, found: Tile | None, service: Service) -> Response:
    kept = {"Cache-Control": f"public, max-age={service.settings.tile_max_age}"}
    if found is None or not found.content:
        return Response(status_code=204, headers=kept)
    tag = f'"{hashlib.blake2b(found.content, digest_size=12).hexdigest()}"'
    headers = {**kept, "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    content = found.content
    if found.encoding == "gzip" and "gzip" not in request.headers.get("accept-encoding", ""):
        content = gzip.decompress(content)
    elif found.encoding:
        headers["Content-Encoding"] = found.encoding
    return Response(content, headers=headers, media_type=found.media_type)
